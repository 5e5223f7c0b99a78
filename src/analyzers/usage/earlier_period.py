"""What a figure is compared with: the equal period before, or the last seven complete days with the seven before.

The period before counts where the file holds one, that is where `--since` begins the period within the file.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from analyzers.usage.sums import ZERO, Usage, total_usage
from analyzers.usage.timeline import timeline
from calls.engine import Calls
from reporting.document import Change, Unit, Value

WEEK = 7

FigureT = TypeVar("FigureT")


@dataclass(frozen=True)
class Windows:
    """Two periods of whole days, equally long, the later right after the earlier; all days inclusive."""

    earlier_first: date
    later_first: date
    later_last: date

    @property
    def earlier_last(self) -> date:
        """The last day of the earlier period."""
        return self.later_first - timedelta(days=1)


@dataclass(frozen=True)
class Periods:
    """What is compared, in words: `now` against `before`: "these 3 days", "the 3 before"."""

    now: str
    before: str

    @property
    def previous(self) -> str:
        """What a change is told against: "previous 3 days", "previous day"."""
        count, unit = self.before.removeprefix("the ").removesuffix(" before"), self.now.rpartition(" ")[2]
        return f"previous {unit}" if count == unit else f"previous {count} {unit}"

    @property
    def against(self) -> str:
        """The comparison in words."""
        return f"{self.now} against {self.before}"


LAST_WEEKS = Periods("the last 7 complete days", "the 7 before")


@dataclass(frozen=True)
class Compared(Generic[FigureT]):
    """A figure of the earlier period and of the later."""

    before: FigureT
    now: FigureT
    periods: Periods = LAST_WEEKS


def last_weeks(calls: Calls) -> Windows | None:
    """The last two complete weeks; None where the period has fewer than 14 complete days."""
    complete = timeline(calls).complete
    if len(complete) < 2 * WEEK:
        return None
    return Windows(complete[-2 * WEEK].day, complete[-WEEK].day, complete[-1].day)


def periods_of(calls: Calls) -> Periods | None:
    """What figures of these calls are compared with; None where there is nothing."""
    if calls.before is None or calls.source.period_before is None:
        return LAST_WEEKS if last_weeks(calls) else None
    begin, end = calls.source.period_before
    days = max(round((end - begin) / timedelta(days=1)), 1)
    return (
        Periods("this day", "the day before")
        if days == 1
        else Periods(f"these {days} days", f"the {days} before")
    )


def over_both_periods(
    calls: Calls, figure: Callable[[Calls, date, date], FigureT]
) -> Compared[FigureT] | None:
    """A figure of both periods; None where there is nothing to compare with.

    Args:
        calls: the calls of the period.
        figure: takes calls and the first and the last of their days that count, and gives the figure of these.
    """
    periods, before, windows = periods_of(calls), calls.before, last_weeks(calls)
    if periods is None:
        return None
    if before is not None:
        was, now = before.source.period, calls.source.period
        return Compared(
            figure(before, was.first_day, was.last_day), figure(calls, now.first_day, now.last_day), periods
        )
    if windows is None:
        return None
    return Compared(
        figure(calls, windows.earlier_first, windows.earlier_last),
        figure(calls, windows.later_first, windows.later_last),
        periods,
    )


def daily_sums(
    calls: Calls, amounts: Callable[[Calls], Iterable[tuple[date, Decimal]]]
) -> Compared[Decimal] | None:
    """Amounts with their days, added up over both periods; a day without one counts as zero."""

    def added(each: Calls, first: date, last: date) -> Decimal:
        return sum((amount for day, amount in amounts(each) if first <= day <= last), ZERO)

    return over_both_periods(calls, added)


def usage_sums(calls: Calls) -> Compared[Usage] | None:
    """The usage of both periods."""

    def added(each: Calls, first: date, last: date) -> Usage:
        return total_usage(entry.usage for entry in timeline(each).days if first <= entry.day <= last)

    return over_both_periods(calls, added)


def relative(before: Decimal | int | None, now: Decimal | int | None) -> Decimal | None:
    """The relative change; None where there is nothing above zero to compare with."""
    if before is None or now is None or before <= 0:
        return None
    return (Decimal(now) - before) / before


def change(
    compared: Compared[Decimal | None] | Compared[Decimal] | Compared[int] | None,
    *,
    rise_is_good: bool | None = None,
) -> Change | None:
    """The relative change as a card shows it; None where there is nothing to compare with."""
    moved = relative(compared.before, compared.now) if compared else None
    if compared is None or moved is None:
        return None
    good = None if rise_is_good is None or not moved else (moved > 0) == rise_is_good
    return Change(value=Value(moved, Unit.SHARE), against=f"vs {compared.periods.previous}", good=good)


def points(compared: Compared[Decimal | None] | None, *, rise_is_good: bool) -> Change | None:
    """The change of a share, in percentage points; None where either share is unknown."""
    if compared is None or compared.now is None or compared.before is None:
        return None
    moved = compared.now - compared.before
    good = None if not moved else (moved > 0) == rise_is_good
    return Change(value=Value(moved, Unit.POINTS), against=f"vs {compared.periods.previous}", good=good)
