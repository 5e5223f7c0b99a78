"""What a figure is compared with: the last seven complete days against the seven before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from analyzers.timeline import Day, timeline
from analyzers.usage import ZERO, Usage, total_usage
from calls.engine import Calls
from reporting.document import Change, Unit, Value

WEEK = 7
AGAINST = "last 7 complete days against the 7 before"

FigureT = TypeVar("FigureT")


@dataclass(frozen=True)
class Windows:
    """Two spans of whole days, equally long, the later right after the earlier; all days inclusive."""

    earlier_first: date
    later_first: date
    later_last: date

    @property
    def earlier_last(self) -> date:
        """The last day of the earlier span."""
        return self.later_first - timedelta(days=1)

    def earlier(self, day: date) -> bool:
        """Whether a day lies in the earlier span."""
        return self.earlier_first <= day < self.later_first

    def later(self, day: date) -> bool:
        """Whether a day lies in the later span."""
        return self.later_first <= day <= self.later_last


@dataclass(frozen=True)
class Compared(Generic[FigureT]):
    """A figure of the earlier window and of the later."""

    before: FigureT
    now: FigureT
    against: str = AGAINST


def last_weeks(calls: Calls) -> Windows | None:
    """The last two complete weeks; None where the period has fewer than 14 complete days."""
    complete = timeline(calls).complete
    if len(complete) < 2 * WEEK:
        return None
    return Windows(complete[-2 * WEEK].day, complete[-WEEK].day, complete[-1].day)


def daily_sums(windows: Windows | None, amounts: Iterable[tuple[date, Decimal]]) -> Compared[Decimal] | None:
    """Amounts with their days over the two windows; a day without one counts as zero."""
    if windows is None:
        return None
    before = now = ZERO
    for day, amount in amounts:
        before += amount if windows.earlier(day) else ZERO
        now += amount if windows.later(day) else ZERO
    return Compared(before, now)


def usage_sums(windows: Windows | None, days: tuple[Day, ...]) -> Compared[Usage] | None:
    """The usage of the two windows."""
    if windows is None:
        return None
    return Compared(
        total_usage(entry.usage for entry in days if windows.earlier(entry.day)),
        total_usage(entry.usage for entry in days if windows.later(entry.day)),
    )


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
    return Change(Value(moved, Unit.SHARE), compared.against, good)


def points(compared: Compared[Decimal] | None, *, rise_is_good: bool) -> Change | None:
    """The change of a share, in percentage points."""
    if compared is None:
        return None
    moved = compared.now - compared.before
    good = None if not moved else (moved > 0) == rise_is_good
    return Change(Value(moved, Unit.POINTS), compared.against, good)
