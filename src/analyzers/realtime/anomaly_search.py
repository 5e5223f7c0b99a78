"""Anomalous hours and days: of the total and of each model, feature and customer, alike findings as one incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from analyzers.realtime.call_series import Key, customers_by_day, customers_by_hour, services
from analyzers.usage.sums import breakdown
from calls.engine import Calls
from calls.rollups.shared import HOURLY_CUSTOMERS
from methods.anomaly import Anomalies, Excess, Rule, find_anomalies, history_sentence
from settings.model import Settings

MOST_Z = 1e6
LOOKBACK_DAYS = 182
"""Nothing older than half a year is looked at."""
CALLS_A_DAY = 24
"""Customers with fewer calls per day are judged by day only."""
CUSTOMERS = HOURLY_CUSTOMERS
"""The customers with the most calls, so many at most, are judged by day; by hour only where there are no more."""


@dataclass(frozen=True)
class Found(Excess):
    """A run of hours, or of days, of one series with far more calls than the past explains.

    `start` is its first hour and `end` the end of its last, by the clock of the reporting zone.
    """

    kind: str
    name: str
    by: str
    start: datetime
    end: datetime
    peak_z: float

    @property
    def who(self) -> str:
        """What it is about, in words."""
        return "all calls" if self.kind == "total" else f"{self.kind} {self.name}"

    def meets(self, other: "Found") -> bool:
        """Whether the two share any time."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Event:
    """An incident: findings at one time, since a burst of all calls shows again in its models, features, customers.

    `lead` is the one of most dollars over expectation, `parts` are the others, most expensive first.
    """

    lead: Found
    parts: tuple[Found, ...]

    @property
    def most_in(self) -> tuple[Found, ...]:
        """The most expensive part of each kind."""
        first: dict[str, Found] = {}
        for part in self.parts:
            first.setdefault(part.kind, part)
        return tuple(first.values())


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
class Search:
    """What was found. `reason` says why nothing was judged, or is ''."""

    hours: tuple[Found, ...]
    days: tuple[Found, ...]
    shifts: tuple[LevelShift, ...]
    new: tuple[NewSource, ...]
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
        """The incidents: findings by time, so that the leads' dollars count no call twice; the most expensive first."""
        parts: dict[Found, list[Found]] = {}
        for found in self.ranked:
            lead = next((lead for lead in parts if lead.meets(found)), None)
            if lead is None:
                parts[found] = []
            else:
                parts[lead].append(found)
        return tuple(Event(lead, tuple(others)) for lead, others in parts.items())


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
        return Search(hours=(), days=(), shifts=(), new=(), judged=0, series=0, reason=reason)
    first = max(period.first_day, period.last_day - timedelta(days=LOOKBACK_DAYS - 1))
    days = (period.last_day - first).days + 1
    hourly = services(calls, first, days)
    daily = hourly.by_day + customers_by_day(calls, first, days, most=CUSTOMERS)
    if len(breakdown(calls).by("customer_id")) <= CUSTOMERS:
        hourly += customers_by_hour(calls, first, days, least=CALLS_A_DAY * days)
    by_hour = find_anomalies(hourly.calls, hourly.usd, rule)
    by_day = find_anomalies(daily.calls, daily.usd, rule)
    return Search(
        hours=_found_in(by_hour, hourly.keys, first, timedelta(hours=1), "hour"),
        days=_found_in(by_day, daily.keys, first, timedelta(days=1), "day"),
        shifts=tuple(
            LevelShift(*daily.keys[s.series], first + timedelta(s.shift.day), s.shift.before, s.shift.after)
            for s in by_day.shifts
        ),
        new=tuple(NewSource(*daily.keys[n.series], first + timedelta(n.day)) for n in by_day.new_sources),
        judged=by_hour.judged + by_day.judged,
        series=len(daily.keys),
        reason="",
    )


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
