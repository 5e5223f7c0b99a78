"""When calls happen: how many fall into each slot of the period, and which customers make them.

Time is cut into slots of an hour or, where an hour would hold too many calls for one batch, an equal part of
it. All numbers of calls are drawn at once, one an entry a slot, so that a year of a hundred thousand customers needs
little memory; customers and the rest are drawn batch by batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulator.population import active_mass
from simulator.sampling import Floats, Integers

HOURS = 24
HOUR_US = 3_600_000_000
BATCH_CALLS = 125_000
"""About as many calls are drawn and printed at a time, by each processor."""

WORKING_HOURS = range(8, 18)
WORKING_SHARE = 0.85
WEEKEND_RATIO = 0.70
VOLUME_SPREAD = 0.012
VOLUME_SPREAD_MAX = 0.04


@dataclass(frozen=True)
class Calendar:
    """The days of a simulation."""

    first: date
    days: int

    @classmethod
    def ending(cls, last: date, days: int) -> "Calendar":
        """The `days` days of which `last` is the last."""
        return cls(last - timedelta(days=days - 1), days)

    @property
    def dates(self) -> list[date]:
        """Every day."""
        return [self.first + timedelta(days=day) for day in range(self.days)]

    @property
    def weekday(self) -> Integers:
        """Weekday of each day, Monday being 0."""
        return (np.arange(self.days) + self.first.weekday()) % 7

    @property
    def start_us(self) -> int:
        """Microseconds from 1970 to the first day, UTC."""
        return (self.first - date(1970, 1, 1)).days * HOURS * HOUR_US


def working_week(calendar: Calendar) -> Floats:
    """Weight of each hour, shape (days, 24): working hours hold 85 % of a day, a weekend day 70 % of a weekday."""
    hours = np.full(HOURS, (1 - WORKING_SHARE) / (HOURS - len(WORKING_HOURS)))
    bell = 1.0 + 0.35 * np.sin(np.linspace(0.3, np.pi - 0.3, len(WORKING_HOURS)))
    hours[WORKING_HOURS.start : WORKING_HOURS.stop] = WORKING_SHARE * bell / bell.sum()
    days = np.where(calendar.weekday < 5, 1.0, WEEKEND_RATIO)
    weights: Floats = days[:, None] * hours[None, :]
    return weights


@dataclass(frozen=True)
class Activity:
    """The days on which each customer is active: from `first_day` to `end_day`, exclusive, counted from 0."""

    first_day: Integers
    end_day: Integers

    @classmethod
    def throughout(cls, customers: int, days: int) -> "Activity":
        """Everybody, all the time."""
        return cls(np.zeros(customers, dtype=np.int64), np.full(customers, days, dtype=np.int64))


@dataclass(frozen=True)
class Slots:
    """A run of slots that make one batch: `first` is the number of the first call before them."""

    day: Integers
    start_us: Integers
    calls: Integers
    first: int

    @property
    def total(self) -> int:
        """Calls in the batch."""
        return int(self.calls.sum())


class Traffic:
    """All calls of a simulation by time and customer, without anything else about them."""

    def __init__(
        self,
        calendar: Calendar,
        hour_weights: Floats,
        appetite: Floats,
        activity: Activity,
        mean_calls: float,
        rng: np.random.Generator,
    ) -> None:
        self._appetite, self._activity = appetite, activity
        mass = active_mass(appetite, activity.first_day, activity.end_day, calendar.days)
        total = _total(mean_calls, rng)
        hourly = (hour_weights * mass[:, None]).ravel()
        hourly /= hourly.sum()
        parts = 1 + int(2 * total * hourly.max() / BATCH_CALLS)
        self.slot_us = HOUR_US // parts
        self._day = np.repeat(np.arange(calendar.days), HOURS * parts)
        hour_us = np.arange(calendar.days * HOURS, dtype=np.int64) * HOUR_US + calendar.start_us
        self._start_us = (hour_us[:, None] + np.arange(parts) * self.slot_us).ravel()
        self._calls = _shared_out(total, np.repeat(hourly / parts, parts), rng)
        self._reserve(rng)

    @property
    def total(self) -> int:
        """How many calls there are."""
        return int(self._calls.sum())

    def batches(self) -> Iterator[Slots]:
        """Runs of slots, in order, of about `BATCH_CALLS` calls each."""
        before = np.concatenate([[0], np.cumsum(self._calls)])
        cuts = np.flatnonzero(np.diff(before[:-1] // BATCH_CALLS, prepend=-1))
        for low, high in zip(cuts, [*cuts[1:], len(self._calls)], strict=True):
            if before[high] > before[low]:
                part = slice(low, high)
                yield Slots(self._day[part], self._start_us[part], self._calls[part], int(before[low]))

    def customers(self, slots: Slots, rng: np.random.Generator) -> Integers:
        """The customer of each call of a batch, drawn by appetite among those active on its day."""
        days, starts = np.unique(slots.day, return_index=True)
        counts = np.add.reduceat(slots.calls, starts)
        drawn = np.concatenate(
            [self._draw(int(day), int(count), rng) for day, count in zip(days, counts, strict=True)]
        )
        low, high = np.searchsorted(self._reserved_call, [slots.first, slots.first + len(drawn)])
        drawn[self._reserved_call[low:high] - slots.first] = self._reserved_customer[low:high]
        return drawn

    def _draw(self, day: int, count: int, rng: np.random.Generator) -> Integers:
        active = (self._activity.first_day <= day) & (day < self._activity.end_day)
        limits = np.cumsum(np.where(active, self._appetite, 0.0))
        # A hair below the last limit, so that rounding names nobody beyond it.
        points = rng.random(count) * (limits[-1] * (1 - 1e-12))
        drawn: Integers = np.searchsorted(limits, points, side="right")
        return drawn

    def _reserve(self, rng: np.random.Generator) -> None:
        """Gives each customer one call of its first active day, so that nobody goes without."""
        order = rng.permutation(len(self._appetite))
        order = order[np.argsort(self._activity.first_day[order], kind="stable")]
        first_day = self._activity.first_day[order]
        newcomers = np.bincount(first_day, minlength=int(self._day[-1]) + 1)
        self._make_room(newcomers)
        calls = np.bincount(self._day, weights=self._calls).astype(np.int64)
        day_start = np.cumsum(calls) - calls
        rank = np.arange(len(order)) - (np.cumsum(newcomers) - newcomers)[first_day]
        self._reserved_call = day_start[first_day] + rank * calls[first_day] // newcomers[first_day]
        self._reserved_customer = order

    def _make_room(self, newcomers: Integers) -> None:
        """Adds calls at noon to days with fewer calls than newcomers."""
        slots_per_day = len(self._day) // len(newcomers)
        calls = self._calls.reshape(-1, slots_per_day)
        calls[:, slots_per_day // 2] += np.maximum(newcomers - calls.sum(axis=1), 0)


def _total(mean_calls: float, rng: np.random.Generator) -> int:
    """A number of calls near the mean: 1.2 % standard deviation, never more than 4 % off."""
    deviation = np.clip(rng.normal(0.0, VOLUME_SPREAD), -VOLUME_SPREAD_MAX, VOLUME_SPREAD_MAX)
    return max(1, round(mean_calls * (1 + float(deviation))))


def _shared_out(total: int, shares: Floats, rng: np.random.Generator) -> Integers:
    """Draws how many of `total` calls each slot has; a slot without a share has none."""
    calls = np.zeros(len(shares), dtype=np.int64)
    possible = np.flatnonzero(shares)
    calls[possible] = rng.multinomial(total, shares[possible] / shares[possible].sum())
    return calls
