"""Tokens and dollars of each hour of a period, the idle ones as zero: what commitments are judged on."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analyzers.usage.numbered_keys import keys_sql, numbered_sql, same_keys
from analyzers.usage.sums import ZERO
from calls.engine import Calls

HOURS = 24
PEAK_HOURS = 8

SOURCE = ("provider", "model", "task_type")
_CHOSEN = "hourly_use", SOURCE, "priced_calls > 0"

HOURLY = f"""
with sources as ({numbered_sql(*_CHOSEN)})
select sources.place as source_number,
       date_diff('day', cast($first_day as date), cast(local_hour as date)) * 24
         + extract(hour from local_hour) as place,
       cast(sum(known_cost) as double) as usd,
       cast(sum(priced_total) as double) as tokens
from hourly_use as used
join sources on {same_keys(SOURCE, "sources", "used")}
where priced_calls > 0 and local_hour is not null
group by sources.place, local_hour
"""
"""`source_number` counts the sources, `place` the hours of the clock since the first day began."""

BY_HOUR_OF_DAY = """
select task_type, extract(hour from local_hour) as hour_of_day, sum(known_cost) as known_cost
from hourly_use
where priced_calls > 0 and local_hour is not null
group by task_type, extract(hour from local_hour)
"""

BY_MODEL = """
select provider, model, sum(known_cost) as known_cost
from hourly_use
where priced_calls > 0
group by provider, model
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
        self._clock = clock_hours(period.first_day, period.days, ZoneInfo(calls.source.filters.timezone))
        sources = [(row.provider, row.model, row.task_type) for row in calls.sql(keys_sql(*_CHOSEN))]
        asked = calls.columns(HOURLY, first_day=period.first_day.isoformat())
        self.usd, self._tokens = (
            {source: self._in_real_hours(row) for source, row in zip(sources, matrix, strict=True)}
            for matrix in (self._matrix(asked, measure, len(sources)) for measure in ("usd", "tokens"))
        )
        self._exact: dict[tuple[str, int], Decimal] = {
            (row.task_type, int(row.hour_of_day)): row.known_cost for row in calls.sql(BY_HOUR_OF_DAY)
        }
        self.cost = {(row.provider, row.model): row.known_cost for row in calls.sql(BY_MODEL)}
        self.peak = self._peak()

    def _matrix(self, asked: Mapping[str, NDArray[Any]], measure: str, sources: int) -> NDArray[np.float64]:
        """A measure by source and hour of the clock."""
        by_hour = np.zeros((sources, self._clock.size))
        by_hour[asked["source_number"].astype(np.int64), asked["place"].astype(np.int64)] = asked[measure]
        return by_hour

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
