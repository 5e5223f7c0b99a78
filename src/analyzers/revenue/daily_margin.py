"""Revenue, cost and margin of each day of a period."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analyzers.revenue.paid import Billing, prorated
from analyzers.usage.period import MONTH_DAYS
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
    """Revenue and known cost of one day, in USD. Revenue is a thirtieth of each billed month's price."""

    day: date
    revenue_usd: Decimal
    cost_usd: Decimal

    @property
    def margin_usd(self) -> Decimal:
        """Revenue less cost."""
        return self.revenue_usd - self.cost_usd


def daily_margins(calls: Calls, bill: Billing) -> tuple[DailyMargin, ...]:
    """Every day of the period, days without a call too."""
    cost, monthly = _daily_costs(calls), bill.monthly_usd
    days = (bill.first_day + timedelta(days=offset) for offset in range(bill.period_days))
    return tuple(
        DailyMargin(day, prorated(monthly.get(offset // MONTH_DAYS, ZERO), 1), cost.get(day) or ZERO)
        for offset, day in enumerate(days)
    )


@cached_per_calls
def _daily_costs(calls: Calls) -> dict[date, Decimal | None]:
    """The known cost of each day with a call; None where none is known."""
    return {line.called_on: line.known_cost_usd for line in calls.sql(DAILY)}
