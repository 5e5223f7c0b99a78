"""Anomalous hours and days: of the total and of each model, feature and customer, alike findings as one incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from analyzers.realtime.call_series import CallSeries, Key, customers_by_day, customers_by_hour, services
from analyzers.realtime.incidents import Event, Found, bursts, falls
from analyzers.usage.sums import breakdown
from analyzers.usage.timeline import timeline
from calls.engine import Calls
from calls.rollups.shared import HOURLY_CUSTOMERS
from methods.anomaly import Anomalies, Rule, find_anomalies, history_sentence
from methods.event_days import EventDays
from methods.falls import find_falls
from settings.model import Event as NamedEvent
from settings.model import Settings

MOST_Z = 1e6
LOOKBACK_DAYS = 182
"""Nothing older than half a year is looked at."""
CALLS_A_DAY = 24
"""Customers with fewer calls per day are judged by day only."""
CUSTOMERS = HOURLY_CUSTOMERS
"""The customers with the most calls, so many at most, are judged by day; by hour only where there are no more."""


@dataclass(frozen=True)
class LevelShift:
    """A lasting change of a series' calls per day, from `day` on."""

    kind: str
    name: str
    day: date
    before: float
    after: float


@dataclass(frozen=True)
class NewSource:
    """A series without a call in the first days of history."""

    kind: str
    name: str
    day: date


@dataclass(frozen=True)
class NamedDay:
    """A day that the settings name as one of an event: not judged, and in no expectation."""

    name: str
    day: date


@dataclass(frozen=True)
class Search:
    """What was found up to `last_day`. `reason` says why nothing was judged, or is ''."""

    last_day: date
    hours: tuple[Found, ...]
    days: tuple[Found, ...]
    fallen: tuple[Found, ...]
    shifts: tuple[LevelShift, ...]
    new: tuple[NewSource, ...]
    named: tuple[NamedDay, ...]
    judged: int
    series: int
    reason: str

    @property
    def ranked(self) -> tuple[Found, ...]:
        """Hours, and the days that no anomalous hour of the same series explains, by dollars."""
        explained = {(found.kind, found.name, found.start.date()) for found in self.hours}
        rest = [found for found in self.days if (found.kind, found.name, found.start.date()) not in explained]
        return tuple(
            sorted([*self.hours, *rest], key=lambda found: (-found.excess_usd, found.start, found.who))
        )

    @property
    def events(self) -> tuple[Event, ...]:
        """The incidents, bursts and falls; no call is counted twice.

        Current ones first, then earlier ones, of each those of most dollars first.
        """
        found = (*bursts(self.ranked), *falls(self.fallen))
        return tuple(
            sorted(
                found,
                key=lambda event: (
                    not event.is_current(self.last_day),
                    -abs(event.excess_usd),
                    event.lead.start,
                ),
            )
        )

    @property
    def current(self) -> tuple[Event, ...]:
        """The incidents that are current, those of most dollars first."""
        return tuple(event for event in self.events if event.is_current(self.last_day))

    @property
    def bursts(self) -> tuple[Event, ...]:
        """The incidents with too many calls."""
        return tuple(event for event in self.events if not event.is_fall)


def rule_of(settings: Settings) -> Rule:
    """The rule of settings.toml."""
    anomaly = settings.anomaly
    return Rule(
        float(anomaly.modified_z),
        float(anomaly.ratio),
        float(anomaly.floor_usd),
        anomaly.history_days,
        float(anomaly.false_discovery_rate),
    )


def search(calls: Calls, settings: Settings) -> Search:
    """Looks through all series, by hour and by day."""
    period, rule = calls.source.period, rule_of(settings)
    reason = history_sentence(period.days, rule)
    if reason:
        return Search(
            last_day=period.last_day,
            hours=(),
            days=(),
            fallen=(),
            shifts=(),
            new=(),
            named=(),
            judged=0,
            series=0,
            reason=reason,
        )
    first = max(period.first_day, period.last_day - timedelta(days=LOOKBACK_DAYS - 1))
    days = (period.last_day - first).days + 1
    calendar = _calendar(settings.event, first, days)
    hourly = services(calls, first, days)
    daily = hourly.by_day + customers_by_day(calls, first, days, most=CUSTOMERS)
    if len(breakdown(calls).by("customer_id")) <= CUSTOMERS:
        hourly += customers_by_hour(calls, first, days, least=CALLS_A_DAY * days)
    by_hour = find_anomalies(hourly.calls, hourly.usd, rule, calendar)
    by_day = find_anomalies(daily.calls, daily.usd, rule, calendar)
    return Search(
        last_day=period.last_day,
        hours=_found_in(by_hour, hourly.keys, first, timedelta(hours=1), "hour"),
        days=_found_in(by_day, daily.keys, first, timedelta(days=1), "day"),
        fallen=_fallen(calls, daily, rule, calendar),
        shifts=tuple(
            LevelShift(*daily.keys[s.series], first + timedelta(s.shift.day), s.shift.before, s.shift.after)
            for s in by_day.shifts
        ),
        new=tuple(NewSource(*daily.keys[n.series], first + timedelta(n.day)) for n in by_day.new_sources),
        named=_named(settings.event, first, days),
        judged=by_hour.judged + by_day.judged,
        series=len(daily.keys),
        reason="",
    )


def _fallen(calls: Calls, daily: CallSeries, rule: Rule, calendar: EventDays) -> tuple[Found, ...]:
    """What fell, by whole days; the last one counts only where it is whole."""
    whole = len(daily.calls[0]) - (0 if timeline(calls).days[-1].complete else 1)
    start = datetime.combine(calendar.first, time())
    part = EventDays(calendar.first, whole, frozenset(day for day in calendar.named if day < whole))
    found = (
        Found(
            fall.calls,
            fall.expected_calls,
            fall.usd,
            fall.expected_usd,
            *daily.keys[fall.series],
            "day",
            start + timedelta(days=fall.first),
            start + timedelta(days=fall.last + 1),
            fall.least_z,
            stopped=fall.stopped,
        )
        for fall in find_falls(daily.calls[:, :whole, 0], daily.usd[:, :whole, 0], rule, part)
    )
    return tuple(sorted(found, key=lambda each: (round(each.excess_usd, 6), each.start, each.who)))


def _calendar(events: Sequence[NamedEvent], first: date, days: int) -> EventDays:
    named = frozenset((each.day - first).days for each in _named(events, first, days))
    return EventDays(first, days, named)


def _named(events: Sequence[NamedEvent], first: date, days: int) -> tuple[NamedDay, ...]:
    """The days of events, in order, each with the first event that names it."""
    every = (first + timedelta(days=number) for number in range(days))
    found = ((next((each.name for each in events if each.covers(day)), None), day) for day in every)
    return tuple(NamedDay(name, day) for name, day in found if name is not None)


def _found_in(
    anomalies: Anomalies, keys: Sequence[Key], first: date, step: timedelta, by: str
) -> tuple[Found, ...]:
    start = datetime.combine(first, time())
    return tuple(
        Found(
            found.calls,
            found.expected_calls,
            found.usd,
            found.expected_usd,
            *keys[found.series],
            by,
            start + found.first * step,
            start + (found.last + 1) * step,
            # a past without any spread makes the score as large as the count allows
            min(found.peak_z, MOST_Z),
        )
        for found in anomalies.findings
    )
