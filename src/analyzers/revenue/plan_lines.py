"""The plans of a customer as dated lines, each within one calendar month, and what they come to by day.

A line pays its monthly price for a whole calendar month, and its share of the month's days for a part of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property, lru_cache
from itertools import groupby

from analyzers.ledger.windows import CALENDAR_MONTHS, Window

NINE_DECIMALS = Decimal("0.000000001")


def prorated(monthly_usd: Decimal, days: int, month_days: int) -> Decimal:
    """The price of `days` days of a month, in USD rounded once, half-even, to nine decimals."""
    return (monthly_usd * days / month_days).quantize(NINE_DECIMALS, ROUND_HALF_EVEN)


def total_if_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where any of the amounts is unknown."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


@dataclass(frozen=True)
class Span:
    """A plan at a monthly price in USD (None where it is unknown), from a first to a last day, both counted."""

    plan: str
    monthly_usd: Decimal | None
    first: date
    last: date


@dataclass(frozen=True)
class PlanLine:
    """The part of a span that lies within one calendar month of `month_days` days."""

    plan: str
    monthly_usd: Decimal | None
    first: date
    last: date
    month_days: int

    @property
    def days(self) -> int:
        """Days of the line."""
        return (self.last - self.first).days + 1

    @cached_property
    def revenue_usd(self) -> Decimal | None:
        """The prorated price; None where the price is unknown."""
        return None if self.monthly_usd is None else prorated(self.monthly_usd, self.days, self.month_days)

    def between(self, first: date, last: date) -> tuple[int, Decimal]:
        """Days of the line from `first` to `last`, and their revenue, where an unknown price counts as 0.

        It is the difference of two rounded running totals, so that adjoining parts add up to `revenue_usd`.
        """
        low = min(self.days, max(0, (first - self.first).days))
        high = min(self.days, max(0, (last - self.first).days + 1))
        if high <= low:
            return 0, Decimal(0)
        price = self.monthly_usd or Decimal(0)
        upto = prorated(price, high, self.month_days)
        return high - low, upto - prorated(price, low, self.month_days)


@dataclass(frozen=True)
class Month:
    """What a customer pays in one calendar month: the lines that lie in it, oldest first."""

    window: Window
    lines: tuple[PlanLine, ...]

    @property
    def first(self) -> date:
        """The first day that is paid."""
        return min(line.first for line in self.lines)

    @property
    def last(self) -> date:
        """The last day that is paid."""
        return max(line.last for line in self.lines)

    @property
    def days(self) -> int:
        """Days from the first to the last that is paid."""
        return (self.last - self.first).days + 1

    @property
    def at_its_end(self) -> tuple[PlanLine, ...]:
        """The lines that hold on the last paid day."""
        return tuple(line for line in self.lines if line.last == self.last)

    @property
    def plan(self) -> str:
        """The plan of the last paid day, the most expensive of several; '' where no call names one."""
        return max(self.at_its_end, key=lambda line: (line.monthly_usd or Decimal(-1), line.plan)).plan

    @property
    def monthly_usd(self) -> Decimal | None:
        """The monthly prices of the last paid day together; None where one is unknown."""
        return total_if_known(line.monthly_usd for line in self.at_its_end)

    @cached_property
    def revenue_usd(self) -> Decimal | None:
        """What the lines come to; None where a price is unknown."""
        return total_if_known(line.revenue_usd for line in self.lines)

    def prorated(self, monthly_usd: Decimal) -> Decimal:
        """What another monthly price comes to for the days that are paid."""
        return prorated(monthly_usd, self.days, self.window.days)


def months_of(spans: Sequence[Span]) -> tuple[Month, ...]:
    """The calendar months of some spans, in order."""
    lines = [line for span in spans for line in _lines(span)]
    if len(spans) > 1:
        lines.sort(key=lambda line: (line[0].first, line[1].first))
    return tuple(
        Month(window, tuple(line for _, line in group)) for window, group in groupby(lines, key=_window)
    )


def _window(entry: tuple[Window, PlanLine]) -> Window:
    return entry[0]


def _lines(span: Span) -> Iterator[tuple[Window, PlanLine]]:
    for month, first, last, days in _month_parts(span.first, span.last):
        yield month, PlanLine(span.plan, span.monthly_usd, first, last, days)


@lru_cache(maxsize=100_000)
def _month_parts(first: date, last: date) -> tuple[tuple[Window, date, date, int], ...]:
    """Each calendar month of some days, the part of it that they hold, and its length: asked for every customer."""
    return tuple(
        (month, max(first, month.first), min(last, month.last), month.days)
        for month in CALENDAR_MONTHS.between(first, last)
    )
