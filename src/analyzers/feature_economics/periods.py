"""What features cost day by day, and how that and the return of all of them changed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.feature_economics.result import CostCell
from analyzers.revenue.daily_margin import daily_margins
from analyzers.revenue.paid import billing
from analyzers.usage.earlier_period import Compared, over_both_periods
from analyzers.usage.sums import ZERO, cached_per_calls, share
from calls.engine import Calls

BY_DAY = """
select feature_id, cast(local_hour as date) as local_day, provider,
       sum(calls) as calls,
       sum(known_cost) as known_cost_usd
from hourly_features
where local_hour is not null
group by feature_id, cast(local_hour as date), provider
order by feature_id, local_day, provider
"""


@dataclass(frozen=True)
class FeatureSums:
    """Known cost and calls of each feature over some days."""

    cost_usd: Mapping[str, Decimal]
    calls: Mapping[str, int]

    def cost(self, feature: str) -> Decimal:
        """The known cost of one feature."""
        return self.cost_usd[feature]

    def count(self, feature: str) -> Decimal:
        """The calls of one feature."""
        return Decimal(self.calls[feature])


@cached_per_calls
def cost_cells(calls: Calls) -> tuple[CostCell, ...]:
    """Cost and calls by feature, day and provider."""
    return tuple(
        CostCell(row.feature_id, row.local_day, row.provider, int(row.calls), row.known_cost_usd)
        for row in calls.sql(BY_DAY)
    )


def known_by_day(cells: Iterable[CostCell]) -> dict[date, Decimal | None]:
    """The known cost of each day with a call; None for a day of which no cost is known."""
    costs: dict[date, Decimal | None] = {}
    for cell in cells:
        earlier = costs.get(cell.day)
        costs[cell.day] = earlier if cell.cost_usd is None else cell.cost_usd + (earlier or ZERO)
    return costs


def feature_sums(calls: Calls, first: date, last: date) -> FeatureSums:
    """The sums from the first to the last day; a feature without calls has none."""
    cost: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for cell in cost_cells(calls):
        if first <= cell.day <= last:
            cost[cell.feature] += cell.cost_usd or ZERO
            counts[cell.feature] += cell.calls
    return FeatureSums(cost, counts)


def of_feature(
    versus: Compared[FeatureSums] | None, feature: str, figure: Callable[[FeatureSums, str], Decimal]
) -> Compared[Decimal] | None:
    """A figure of one feature in both periods."""
    if versus is None:
        return None
    return Compared(figure(versus.before, feature), figure(versus.now, feature), versus.periods)


def of_all(versus: Compared[FeatureSums] | None) -> Compared[Decimal] | None:
    """The known cost of all features in both periods."""
    if versus is None:
        return None
    before, now = (sum(sums.cost_usd.values(), ZERO) for sums in (versus.before, versus.now))
    return Compared(before, now, versus.periods)


def return_versus(calls: Calls, prices: Mapping[str, Decimal]) -> Compared[Decimal | None] | None:
    """The return of all features, margin over cost, in both periods."""

    def returned(each: Calls, first: date, last: date) -> Decimal | None:
        bill = billing(each, prices)
        if not bill.accounts or any(account.margin_usd is None for account in bill.accounts):
            return None  # revenue and cost are not those of the same customers
        days = [day for day in daily_margins(each, bill) if first <= day.day <= last]
        return share(sum((day.margin_usd for day in days), ZERO), sum((day.cost_usd for day in days), ZERO))

    return over_both_periods(calls, returned)
