"""Anomalies: hours and days with far more calls than expected, what that cost, and what is merely new.

Calls decide, dollars rank: single costly calls make dollars heavy-tailed, while a burst shows in the count. A
slot is anomalous when all hold: its modified z-score is above the limit, it has more than `ratio` times the
calls expected, and it survives the control of false discoveries over everything judged. Neighbouring
anomalous slots of a series are one finding, which must cost `floor_usd` over expectation. A lasting change
of level starts the history anew and is reported as such, and so is a source that appears. Expected dollars
are the calls expected at what the series' calls cost on the days before.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from methods.baseline import Baseline, Cube, baseline, modified_z
from methods.count_tail import upper_tail
from methods.event_days import EventDays
from methods.false_discovery import benjamini_hochberg
from methods.level_shift import LevelShift, level_shift

MOST_MORE = 2.0
"""A day that comes every month may be up to so many times as high as in either month before."""
BRIDGED_SLOTS = 1
"""Findings of one series that lie no further apart than this many usual slots are one."""


@dataclass(frozen=True)
class Rule:
    """When something is called anomalous."""

    modified_z: float = 3.5
    ratio: float = 1.5
    floor_usd: float = 0.0
    history_days: int = 14
    false_discovery_rate: float = 0.01
    shift_ratio: float = 1.5


@dataclass(frozen=True)
class Excess:
    """Calls and dollars of a period of time, and what the past makes of that period."""

    calls: int
    expected_calls: float
    usd: float
    expected_usd: float

    @property
    def excess_usd(self) -> float:
        """Dollars over expectation."""
        return self.usd - self.expected_usd

    @property
    def ratio(self) -> float | None:
        """Calls over calls expected; None where none were expected."""
        return self.calls / self.expected_calls if self.expected_calls else None


@dataclass(frozen=True)
class Finding(Excess):
    """A run of anomalous slots of one series.

    `series` is its row; `first` and `last` are slots counted from the first slot of the first day, both
    inclusive. Sums run over that period; `peak_z` and `p_value` are those of its most extreme slot.
    """

    series: int
    first: int
    last: int
    peak_z: float
    p_value: float


@dataclass(frozen=True)
class Shift:
    """A lasting change of the level of calls per day of one series."""

    series: int
    shift: LevelShift


@dataclass(frozen=True)
class NewSource:
    """A series without a call in the first `history_days`: its row and its first day with calls."""

    series: int
    day: int


@dataclass(frozen=True)
class Anomalies:
    """What was found over all series, findings by dollars over expectation.

    `judged` counts the slots that had enough history: with none, nothing could be said.
    """

    findings: tuple[Finding, ...]
    shifts: tuple[Shift, ...]
    new_sources: tuple[NewSource, ...]
    judged: int


@dataclass(frozen=True)
class _Slots:
    """The candidates for a finding: parallel arrays of series, slot, z and p."""

    series: NDArray[np.int64]
    slot: NDArray[np.int64]
    z: NDArray[np.float64]
    p_value: NDArray[np.float64]


def find_anomalies(
    calls: ArrayLike, usd: ArrayLike, rule: Rule, calendar: EventDays | None = None
) -> Anomalies:
    """Looks for bursts, shifts and new sources in many series at once.

    Args:
        calls: counts of shape (series, days, slots): 24 slots for hours, 1 for days. Whole days of one zone,
            oldest first, empty slots 0.
        usd: dollars, of the same shape; calls of unknown cost count as nothing.
        rule: when something is anomalous.
        calendar: which days these are, and on which of them are events: these are not judged and in no expectation.
            What was as much too high on the same day of both months before is no anomaly either.
    """
    counts, dollars = np.asarray(calls, dtype=float), np.asarray(usd, dtype=float)
    calm = calendar.calm(counts) if calendar else counts
    periods, shifts, new = _histories(calm, rule)
    usual = _usual(calm, periods, rule)
    if calendar:
        usual.expected[:, calendar.mask] = np.nan
    judged = int((~np.isnan(usual.expected)).sum())
    slots = _anomalous(counts, usual, rule, judged, calendar)
    expected_usd = usual.expected * _past_price(counts, dollars)[:, :, None]
    findings = [_finding(run, slots, (counts, usual.expected, dollars, expected_usd)) for run in _runs(slots)]
    worth = [each for each in findings if each.excess_usd >= rule.floor_usd]
    worth.sort(key=lambda each: (-each.excess_usd, each.series, each.first))
    return Anomalies(tuple(worth), tuple(shifts), tuple(new), judged)


Periods = dict[tuple[int, int], list[int]]
"""Series by the first day and the end (exclusive) of a period that is compared with itself alone."""


def _histories(counts: Cube, rule: Rule) -> tuple[Periods, list[Shift], list[NewSource]]:
    """The periods of each series, and why they are not the whole period."""
    daily = counts.sum(axis=2)
    periods: Periods = defaultdict(list)
    shifts, new = [], []
    for series, amounts in enumerate(daily):
        start = int((amounts > 0).argmax())
        if start >= rule.history_days and amounts.any():
            new.append(NewSource(series, start))
        found = level_shift(amounts[start:], ratio=rule.shift_ratio)
        if found is not None:
            day = start + found.day
            shifts.append(Shift(series, replace(found, day=day)))
            periods[start, day].append(series)
            start = day
        periods[start, daily.shape[1]].append(series)
    return periods, shifts, new


def _usual(counts: Cube, periods: Periods, rule: Rule) -> Baseline:
    """The baseline of every series, period by period."""
    expected, scale = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    for (start, end), rows in periods.items():
        part = baseline(counts[rows, start:end], rule.history_days)
        expected[rows, start:end], scale[rows, start:end] = part.expected, part.scale
    return Baseline(expected, scale)


def _past_price(counts: Cube, dollars: Cube) -> NDArray[np.float64]:
    """Dollars per call of each series over all days before each day; 0 before its first call."""
    calls, usd = (np.cumsum(values.sum(axis=2), axis=1) - values.sum(axis=2) for values in (counts, dollars))
    return np.asarray(np.divide(usd, calls, out=np.zeros_like(usd), where=calls > 0))


def _anomalous(counts: Cube, usual: Baseline, rule: Rule, judged: int, calendar: EventDays | None) -> _Slots:
    z = modified_z(counts, usual)
    above = (z > rule.modified_z) & (counts > rule.ratio * usual.expected)
    if calendar:
        _leave_out_monthly(above, counts, rule, calendar)
    series, day, slot = np.nonzero(above)
    tails = [
        upper_tail(int(counts[at]), float(usual.expected[at]), float(usual.scale[at]))
        for at in zip(series, day, slot, strict=True)
    ]
    stands = benjamini_hochberg(tails, rule.false_discovery_rate, judged)
    places = day * counts.shape[2] + slot
    return _Slots(series[stands], places[stands], z[above][stands], np.asarray(tails, dtype=float)[stands])


def _leave_out_monthly(above: NDArray[np.bool_], counts: Cube, rule: Rule, calendar: EventDays) -> None:
    """Takes out days that were as high in both months before: whole days, since hours scatter too much to compare."""
    for series, day in set(zip(*np.nonzero(above)[:2], strict=True)):
        daily = counts[series].sum(axis=1)
        if calendar.comes_monthly(int(day), partial(_rose, float(daily[day]), rule.ratio), daily):
            above[series, day] = False


def _rose(now: float, ratio: float, amount: float, near: float) -> bool:
    """Whether an amount was far above what was near it, and at least half as high as now."""
    return amount * MOST_MORE >= now and amount > ratio * near


def _runs(slots: _Slots) -> list[NDArray[np.int64]]:
    """Positions of candidates that belong together."""
    if not slots.series.size:
        return []
    apart = (np.diff(slots.series) != 0) | (np.diff(slots.slot) > 1 + BRIDGED_SLOTS)
    return np.split(np.arange(slots.series.size), np.flatnonzero(apart) + 1)


def _finding(run: NDArray[np.int64], slots: _Slots, sums: tuple[Cube, Cube, Cube, Cube]) -> Finding:
    """A run as a finding; `sums` are calls, expected calls, dollars and expected dollars by slot."""
    series, first, last = int(slots.series[run[0]]), int(slots.slot[run[0]]), int(slots.slot[run[-1]])
    calls, expected, usd, expected_usd = (
        float(values[series].ravel()[first : last + 1].sum()) for values in sums
    )
    return Finding(
        calls=int(calls),
        expected_calls=expected,
        usd=usd,
        expected_usd=expected_usd,
        series=series,
        first=first,
        last=last,
        peak_z=float(slots.z[run].max()),
        p_value=float(slots.p_value[run].min()),
    )


def history_sentence(days: int, rule: Rule) -> str | None:
    """Why nothing is judged, when history is too short for it."""
    if days > rule.history_days:
        return None
    return f"{days} day{'' if days == 1 else 's'} of history: anomalies need more than {rule.history_days}."
