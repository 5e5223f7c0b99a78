"""Anomalous hours and days of the total and of each model, feature and customer."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from analyzers.usage import breakdown
from calls.engine import Calls
from calls.rollups import HOURLY_CUSTOMERS
from methods.anomaly import Anomalies, Excess, Rule, find_anomalies, history_sentence
from settings.model import Settings

HOURS = 24
MOST_Z = 1e6
LOOKBACK_DAYS = 182
"""Nothing older than half a year is looked at."""
CALLS_A_DAY = 24
"""Customers with fewer calls a day are judged by day only."""
CUSTOMERS = HOURLY_CUSTOMERS
"""The customers with the most calls, so many at most, are judged by day; by hour only where there are no more."""

BY_HOUR = """
select local_hour, provider, model, feature_id, sum(calls) as calls, sum(known_cost) as known_cost
from (select local_hour, provider, model, cast(null as varchar) as feature_id, calls, known_cost from hourly_use
      where local_hour >= $since
      union all
      select local_hour, cast(null as varchar) as provider, cast(null as varchar) as model, feature_id, calls,
             known_cost
      from hourly_features
      where local_hour >= $since) as told_apart
group by local_hour, provider, model, feature_id
"""

BY_CUSTOMER_HOUR = """
select local_hour, customer_id, sum(calls) as calls, sum(known_cost) as known_cost
from hourly_customers
where local_hour >= $since and customer_id in (
  select customer_id from daily_customers where local_day >= cast($since as date)
  group by customer_id having sum(calls) >= $least)
group by local_hour, customer_id
"""

BY_CUSTOMER_DAY = """
select local_day, customer_id, sum(calls) as calls, sum(known_cost) as known_cost
from daily_customers
where local_day >= cast($since as date) and customer_id in (
  select customer_id
  from (select customer_id, row_number() over (order by total desc, customer_id) as place
        from (select customer_id, sum(calls) as total
              from daily_customers
              where customer_id <> '' and local_day >= cast($since as date)
              group by customer_id) as totals) as ranked
  where place <= $customers)
group by local_day, customer_id
"""

Key = tuple[str, str]
"""The kind of a series (total, model, feature, customer) and its name."""


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
    """Findings at one time: a burst of all calls shows again in its models, features and customers.

    `lead` is the one of most dollars over expectation, `parts` are the others, dearest first.
    """

    lead: Found
    parts: tuple[Found, ...]

    @property
    def most_in(self) -> tuple[Found, ...]:
        """The dearest part of each kind."""
        first: dict[str, Found] = {}
        for part in self.parts:
            first.setdefault(part.kind, part)
        return tuple(first.values())


@dataclass(frozen=True)
class Moved:
    """A lasting change of a series' calls a day, from `day` on."""

    kind: str
    name: str
    day: date
    before: float
    after: float


@dataclass(frozen=True)
class Appeared:
    """A series without a call in the first days of history."""

    kind: str
    name: str
    day: date


@dataclass(frozen=True)
class Search:
    """What was found. `reason` says why nothing was judged, or is ''."""

    hours: tuple[Found, ...]
    days: tuple[Found, ...]
    shifts: tuple[Moved, ...]
    new: tuple[Appeared, ...]
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
        """The findings by time, so that the dollars of the leads count no call twice; the dearest first."""
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
        return Search((), (), (), (), 0, 0, reason)
    first = max(period.first_day, period.last_day - timedelta(days=LOOKBACK_DAYS - 1))
    days = (period.last_day - first).days + 1
    hourly, daily = _Series(first, days, HOURS), _Series(first, days, 1)
    _add_hours(hourly, calls, first)
    daily.add_days_of(hourly)
    if len(breakdown(calls).by("customer_id")) <= CUSTOMERS:
        for row in calls.sql(
            BY_CUSTOMER_HOUR, since=datetime.combine(first, time()), least=CALLS_A_DAY * days
        ):
            hourly.add(("customer", row.customer_id), row.local_hour, row)
    for row in calls.sql(BY_CUSTOMER_DAY, since=first.isoformat(), customers=CUSTOMERS):
        daily.add(("customer", row.customer_id), datetime.combine(row.local_day, time()), row)
    by_hour, by_day = hourly.find(rule), daily.find(rule)
    return Search(
        _founds(by_hour, hourly, "hour"),
        _founds(by_day, daily, "day"),
        tuple(
            Moved(*daily.keys[s.series], first + timedelta(s.shift.day), s.shift.before, s.shift.after)
            for s in by_day.shifts
        ),
        tuple(Appeared(*daily.keys[n.series], first + timedelta(n.day)) for n in by_day.new_sources),
        by_hour.judged + by_day.judged,
        len(daily.keys),
        "",
    )


def _add_hours(series: "_Series", calls: Calls, first: date) -> None:
    """The hours of all calls, of each model and of each feature."""
    for row in calls.sql(BY_HOUR, since=datetime.combine(first, time())):
        if row.model is None:
            series.add(("feature", row.feature_id), row.local_hour, row)
        else:
            series.add(("model", f"{row.provider} {row.model}".strip()), row.local_hour, row)
            series.add(("total", ""), row.local_hour, row)


class _Series:
    """Counts and dollars of many series over the days of a period."""

    def __init__(self, first: date, days: int, slots: int) -> None:
        self.first, self.days, self.slots = first, days, slots
        self.keys: list[Key] = []
        self._places: dict[Key, int] = {}
        self._entries: list[tuple[int, int, int, float, float]] = []

    def add(self, key: Key, start: datetime, row: Any) -> None:
        """A row's calls and dollars; a series without a name is left out."""
        if key[0] == "total" or key[1]:
            cost = float(row.known_cost) if row.known_cost is not None else 0.0
            slot = start.hour if self.slots == HOURS else 0
            day = (start.date() - self.first).days
            self._entries.append((self._place(key), day, slot, float(row.calls), cost))

    def add_days_of(self, hourly: "_Series") -> None:
        """The hours of all series but customers, added up by day."""
        for place, day, _, calls, usd in hourly._entries:
            key = hourly.keys[place]
            if key[0] != "customer":
                self._entries.append((self._place(key), day, 0, calls, usd))

    def find(self, rule: Rule) -> Anomalies:
        """The anomalies of all series together; the order in which rows came decides nothing."""
        shape = (len(self.keys), self.days, self.slots)
        calls, usd = np.zeros(shape), np.zeros(shape)
        entries = self._in_order()
        places = tuple(entries[:, column].astype(np.int64) for column in range(3))
        np.add.at(calls, places, entries[:, 3])
        np.add.at(usd, places, entries[:, 4])
        return find_anomalies(calls, usd, rule)

    def _in_order(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """The entries by series, day and slot, the series numbered by key.

        A query gives its rows in any order, which ties and sums of floats would otherwise follow.
        """
        order = sorted(range(len(self.keys)), key=self.keys.__getitem__)
        self.keys = [self.keys[place] for place in order]
        entries = np.asarray(self._entries, dtype=np.float64)
        entries[:, 0] = np.argsort(order)[entries[:, 0].astype(np.int64)]
        return entries[np.lexsort(entries.T[::-1])]

    def _place(self, key: Key) -> int:
        if key not in self._places:
            self._places[key] = len(self.keys)
            self.keys.append(key)
        return self._places[key]


def _founds(anomalies: Anomalies, series: _Series, by: str) -> tuple[Found, ...]:
    start, step = datetime.combine(series.first, time()), timedelta(hours=HOURS // series.slots)
    return tuple(
        Found(
            found.calls,
            found.expected_calls,
            found.usd,
            found.expected_usd,
            *series.keys[found.series],
            by,
            start + found.first * step,
            start + (found.last + 1) * step,
            # a past without any spread makes the score as large as the count allows
            min(found.peak_z, MOST_Z),
        )
        for found in anomalies.findings
    )
