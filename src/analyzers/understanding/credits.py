"""Section on credits apart from usage: what costs below zero take off, in all and by calendar month."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.ledger.windows import Window
from analyzers.usage.sums import ZERO, Usage
from analyzers.words.figures import usd
from calls.engine import Calls

BY_MONTH = """
select cast(date_trunc('month', local_hour) as date) as month_start, sum(credit_cost) as credit_cost
from hourly_use
group by cast(date_trunc('month', local_hour) as date)
having sum(credit_cost) < 0
order by month_start
"""


@dataclass(frozen=True)
class MonthCredit:
    """What credits, refunds and adjustments below zero come to in a calendar month, in USD, below zero.

    `month` is its first day; None for calls whose time is not plausible.
    """

    month: date | None
    usd: Decimal


@dataclass(frozen=True)
class Credits:
    """The credits of each month that has some."""

    months: tuple[MonthCredit, ...]

    @property
    def total_usd(self) -> Decimal:
        """All credits, in USD; zero where there is none."""
        return sum((each.usd for each in self.months), ZERO)

    def of(self, window: Window | None) -> Decimal:
        """Those of a calendar month."""
        month = window.first if window else None
        return sum((each.usd for each in self.months if each.month == month), ZERO)


def credits_of(calls: Calls) -> Credits:
    """What calls of a cost below zero take off."""
    return Credits(tuple(MonthCredit(row.month_start, row.credit_cost) for row in calls.sql(BY_MONTH)))


def credit_words(found: Credits, total: Usage) -> str:
    """What of a total is usage and what credits: "usage $100.00, credits −$28.00"; '' where there are none."""
    if not found.months:
        return ""
    return f"usage {usd(total.cost_usd - found.total_usd)}, credits {usd(found.total_usd)}"
