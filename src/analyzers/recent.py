"""The last seven complete days against the seven before: what headlines compare with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from calls.engine import Calls
from reporting.document import Change, Unit, Value

WEEK = 7
LATE_HOUR = 22
"""A day is complete when a call lies in its last two hours, or on a later day."""

LAST_HOUR = "select max(local_hour) as last_hour from calls"


@dataclass(frozen=True)
class RecentWeeks:
    """Two adjoining weeks; all days are inclusive."""

    before_start: date
    start: date
    end: date

    def days(self) -> tuple[date, ...]:
        """The days of the later week."""
        return tuple(self.start + timedelta(days=offset) for offset in range(WEEK))

    def days_before(self) -> tuple[date, ...]:
        """The days of the earlier week."""
        return tuple(self.before_start + timedelta(days=offset) for offset in range(WEEK))


@dataclass(frozen=True)
class WeekOnWeek:
    """A figure summed over the last seven complete days, and over the seven before."""

    current: Decimal
    before: Decimal

    @property
    def relative(self) -> Decimal | None:
        """Change over the earlier week; None where that week is zero or negative."""
        return (self.current - self.before) / self.before if self.before > 0 else None


def recent_weeks(calls: Calls) -> RecentWeeks | None:
    """The last two complete weeks of the period, or None where it has fewer than 14 complete days."""
    period = calls.source.period
    last_hour: Any = calls.sql(LAST_HOUR)[0].last_hour
    complete = last_hour.date() == period.last_day and last_hour.hour >= LATE_HOUR
    end = period.last_day if complete else period.last_day - timedelta(days=1)
    before_start = end - timedelta(days=2 * WEEK - 1)
    if before_start < period.first_day:
        return None
    return RecentWeeks(before_start, before_start + timedelta(days=WEEK), end)


def week_on_week(weeks: RecentWeeks | None, by_day: Mapping[date, Decimal]) -> WeekOnWeek | None:
    """A daily figure over the two weeks; a day without an entry counts as zero."""
    if weeks is None:
        return None
    return WeekOnWeek(
        sum((by_day.get(day, Decimal(0)) for day in weeks.days()), Decimal(0)),
        sum((by_day.get(day, Decimal(0)) for day in weeks.days_before()), Decimal(0)),
    )


def change(compared: WeekOnWeek | None, rise_is_good: bool | None = None) -> Change | None:
    """What a card shows; None where there is nothing to compare with."""
    if compared is None or compared.relative is None:
        return None
    good = None if rise_is_good is None or not compared.relative else (compared.relative > 0) == rise_is_good
    return Change(Value(compared.relative, Unit.SHARE), "last 7 complete days against the 7 before", good)
