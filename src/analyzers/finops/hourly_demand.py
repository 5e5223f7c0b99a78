"""Tokens and dollars of each hour of a period, the idle ones as zero: what commitments are judged on."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analyzers.usage import ZERO
from calls.engine import Calls

HOURS = 24
PEAK_HOURS = 8

HOURLY = """
select local_hour, provider, model, task_type, sum(known_cost) as known_cost,
       sum(priced_total) as all_tokens
from hourly_use
where priced_calls > 0
group by local_hour, provider, model, task_type
order by local_hour, provider, model, task_type
"""

Vector = NDArray[np.float64]
Source = tuple[str, str, str]
"""Provider, model and task of the calls as they are today."""


class Demand:
    """Tokens and dollars by hour of each source.

    The hours are real ones: one that the clock skips is left out, and one that it repeats counts as two of
    half the demand each, since the calls do not tell which of them they belong to.
    """

    def __init__(self, calls: Calls) -> None:
        period = calls.source.period
        self._start = datetime.combine(period.first_day, time())
        self._clock = clock_hours(period.first_day, period.days, ZoneInfo(calls.source.filters.timezone))
        usd: dict[Source, Vector] = defaultdict(self._zeros)
        tokens: dict[Source, Vector] = defaultdict(self._zeros)
        self._exact: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        self.cost: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in calls.sql(HOURLY):
            source, place = (row.provider, row.model, row.task_type), self._place(row.local_hour)
            usd[source][place] += float(row.known_cost)
            tokens[source][place] += float(row.all_tokens)
            self._exact[row.task_type, row.local_hour.hour] += row.known_cost
            self.cost[row.provider, row.model] += row.known_cost
        self.usd = {source: self._in_real_hours(vector) for source, vector in usd.items()}
        self._tokens = {source: self._in_real_hours(vector) for source, vector in tokens.items()}
        self.peak = self._peak()

    def _zeros(self) -> Vector:
        return np.zeros(self._clock.size)

    def _place(self, hour: datetime) -> int:
        return int((hour - self._start) // timedelta(hours=1))

    def _in_real_hours(self, vector: Vector) -> Vector:
        return np.repeat(vector / np.maximum(self._clock, 1), self._clock)

    def _peak(self) -> frozenset[int]:
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for (_, hour), amount in self._exact.items():
            sums[hour] += amount
        return frozenset(sorted(sums, key=lambda hour: (-sums[hour], hour))[:PEAK_HOURS])

    def cost_of(self, tasks: frozenset[str], hours: frozenset[int] | None = None) -> Decimal:
        """The cost of some tasks, in some hours of the day or in all."""
        chosen = (
            a for (task, hour), a in self._exact.items() if task in tasks and (hours is None or hour in hours)
        )
        return sum(chosen, ZERO)

    def by_model(self) -> Mapping[tuple[str, str], Vector]:
        """Tokens by hour of each model."""
        sums: dict[tuple[str, str], Vector] = {}
        for (provider, model, _), vector in self._tokens.items():
            sums[provider, model] = sums.get((provider, model), 0.0) + vector
        return sums


def clock_hours(first_day: date, days: int, zone: ZoneInfo) -> NDArray[np.int64]:
    """How many real hours show each hour of the clock over whole days: 1; 0 or 2 where the clock changes."""
    first, end = (
        datetime.combine(first_day + timedelta(offset), time(), zone).astimezone(UTC) for offset in (0, days)
    )
    counts = np.zeros(days * HOURS, dtype=np.int64)
    for number in range(round((end - first) / timedelta(hours=1))):
        shown = (first + timedelta(hours=number)).astimezone(zone).replace(tzinfo=None)
        counts[(shown - datetime.combine(first_day, time())) // timedelta(hours=1)] += 1
    return counts
