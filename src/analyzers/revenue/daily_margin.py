"""Revenue, cost and margin of each day of a period."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analyzers.ledger.windows import CALENDAR_MONTHS, ONE_DAY
from analyzers.revenue.paid import Account, Billing
from analyzers.revenue.plan_lines import prorated
from analyzers.usage.sums import ZERO, cached_per_calls
from calls.engine import Calls

DAILY = """
select local_day as called_on, sum(known_cost) as known_cost_usd
from daily_organizations
where local_day is not null
group by local_day
order by local_day
"""


@dataclass(frozen=True)
class DailyMargin:
    """Revenue and known cost of one day, in USD. Revenue is a day's share of the monthly prices that hold on it.

    `cost_known` is False on a day whose calls all have an unknown cost: `cost_usd` is then 0, for sums.
    """

    day: date
    revenue_usd: Decimal
    cost_usd: Decimal
    cost_known: bool

    @property
    def margin_usd(self) -> Decimal:
        """Revenue less cost."""
        return self.revenue_usd - self.cost_usd

    @property
    def known_cost_usd(self) -> Decimal | None:
        """The cost; None where none of it is known."""
        return self.cost_usd if self.cost_known else None

    @property
    def known_margin_usd(self) -> Decimal | None:
        """The margin; None where no cost is known."""
        return self.margin_usd if self.cost_known else None


def daily_margins(calls: Calls, bill: Billing) -> tuple[DailyMargin, ...]:
    """Every day of the period, days without a call too."""
    cost, starts = _daily_costs(calls), _starts(bill.accounts)
    paid, margins = ZERO, []
    for day in (bill.first_day + timedelta(days=offset) for offset in range(bill.period_days)):
        paid += starts.get(day, ZERO)
        revenue = prorated(paid, 1, CALENDAR_MONTHS.around(day).days)
        spent = cost.get(day, ZERO)
        margins.append(DailyMargin(day, revenue, spent or ZERO, cost_known=spent is not None))
    return tuple(margins)


def _starts(accounts: Iterable[Account]) -> Mapping[date, Decimal]:
    """By how much the monthly prices in force change on a day; unknown ones count as 0."""
    changes: dict[date, Decimal] = defaultdict(Decimal)
    for line in (line for account in accounts for month in account.months for line in month.lines):
        if line.monthly_usd:
            changes[line.first] += line.monthly_usd
            changes[line.last + ONE_DAY] -= line.monthly_usd
    return changes


@cached_per_calls
def _daily_costs(calls: Calls) -> dict[date, Decimal | None]:
    """The known cost of each day with a call; None where none is known."""
    return {line.called_on: line.known_cost_usd for line in calls.sql(DAILY)}
