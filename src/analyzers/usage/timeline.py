"""Usage over time: by day and hour of the reporting zone, and which days are complete."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from analyzers.usage.sums import MEASURES, Usage, cached_per_calls, total_usage, usage_of
from calls.engine import Calls
from calls.source import LATE_HOUR

WEEK = 7
EARLY_HOUR = 1
"""The first day is complete when a call lies in its first two hours."""

BY_DAY = f"""
select local_day, provider, organization_id,
       {MEASURES}
from daily_organizations
where local_day is not null
group by local_day, provider, organization_id
order by local_day, provider, organization_id
"""

BY_HOUR = f"""
select local_hour,
       {MEASURES}
from hourly_use
where local_hour is not null
group by local_hour
order by local_hour
"""

FIRST_AND_LAST_HOUR = "select min(local_hour) as first_hour, max(local_hour) as last_hour from hourly_use"


@dataclass(frozen=True)
class Cell:
    """What one organization used of one provider on one day; the cost is that of the priced calls."""

    day: date
    provider: str
    organization: str
    calls: int
    tokens: int
    cost_usd: Decimal


@dataclass(frozen=True)
class Day:
    """A day's usage, zero calls included. `complete` says that no part of the day is missing."""

    day: date
    usage: Usage
    complete: bool = True


@dataclass(frozen=True)
class Hour:
    """An hour's usage, by the clock of the reporting zone."""

    hour: datetime
    usage: Usage


@dataclass(frozen=True)
class Timeline:
    """Every day of the period, in order, and the cells the days are made of."""

    days: tuple[Day, ...]
    cells: tuple[Cell, ...]

    @property
    def complete(self) -> tuple[Day, ...]:
        """The days of which no part is missing."""
        return tuple(day for day in self.days if day.complete)

    @property
    def cost_usd(self) -> tuple[Decimal, ...]:
        """The known cost of each day, 0 where none is known: for sums."""
        return tuple(day.usage.cost_usd for day in self.days)

    @property
    def known_cost_usd(self) -> tuple[Decimal | None, ...]:
        """The known cost of each day; None for a day whose calls all have an unknown cost: for charts."""
        return tuple(day.usage.known_cost_usd for day in self.days)


@cached_per_calls
def timeline(calls: Calls) -> Timeline:
    """Usage by day of the reporting zone, days without calls included."""
    rows = calls.sql(BY_DAY)
    period = calls.source.period
    cells, by_day = [], defaultdict(list)
    for row in rows:
        usage = usage_of(row)
        by_day[row.local_day].append(usage)
        cells.append(
            Cell(
                day=row.local_day,
                provider=row.provider,
                organization=row.organization_id,
                calls=usage.calls,
                tokens=usage.tokens,
                cost_usd=usage.cost_usd,
            )
        )
    complete = _complete_days(calls, set(by_day))
    days = (period.first_day + timedelta(number) for number in range(period.days))
    return Timeline(
        tuple(
            Day(day, total_usage(by_day.get(day, ())), day in complete or day not in by_day) for day in days
        ),
        tuple(cells),
    )


@cached_per_calls
def hours(calls: Calls) -> tuple[Hour, ...]:
    """Usage by hour of the reporting zone; hours without calls are left out."""
    return tuple(Hour(row.local_hour, usage_of(row)) for row in calls.sql(BY_HOUR))


def _complete_days(calls: Calls, days: set[date]) -> set[date]:
    """All days with calls, less the first if it starts late and the last if it ends early."""
    period = calls.sql(FIRST_AND_LAST_HOUR)[0]
    late = {period.first_hour.date()} if period.first_hour.hour > EARLY_HOUR else set()
    early = {period.last_hour.date()} if period.last_hour.hour < LATE_HOUR else set()
    return days - late - early


def rolling_mean(values: Sequence[Decimal | None], length: int = WEEK) -> tuple[Decimal | None, ...]:
    """The mean of each value and the `length - 1` before it; None where there are fewer or one is unknown."""
    return tuple(
        _mean_of_known(values[index + 1 - length : index + 1]) if index + 1 >= length else None
        for index in range(len(values))
    )


def _mean_of_known(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) / len(known) if len(known) == len(values) else None
