"""What each organization, or each customer, adds to the figures of one file of a comparison."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from analyzers.comparison.result import COMPARED
from analyzers.revenue.paid import Billing
from calls.engine import Calls

COLUMNS = tuple(dimension.column for dimension in COMPARED)

SUMS = f"""
select {{cluster}} as cluster, {", ".join(COLUMNS)},
       count(*) as calls,
       count(cost_usd) as priced_calls,
       sum(cost_usd) as known_cost,
       sum(case when cost_usd is null then 0 else input_tokens + output_tokens end) as priced_tokens,
       sum(input_tokens) as input_total,
       sum(output_tokens) as output_total,
       count(latency_ms) as timed_calls,
       sum(latency_ms) as latency_total,
       sum(case when status = 'error' then 1 else 0 end) as errors
from calls
group by grouping sets (({{cluster}}), {{sets}})
"""


@dataclass(frozen=True, order=True)
class Total:
    """The sum of a measure over all calls, such as `calls`, or of the days of the period."""

    measure: str


@dataclass(frozen=True, order=True)
class CostOf:
    """The known cost of one value of a dimension, by its column."""

    column: str
    value: str


@dataclass(frozen=True, order=True)
class MonthsOf:
    """The customer-months of a plan."""

    plan: str


@dataclass(frozen=True, order=True)
class PaidFor:
    """The revenue of a plan."""

    plan: str


Sum = Total | CostOf | MonthsOf | PaidFor
"""What is summed by cluster."""

DAYS, CALLS, KNOWN_COST = Total("days"), Total("calls"), Total("known_cost")
REVENUE, MARGIN = Total("revenue"), Total("margin")


@dataclass
class Sums:
    """Sums by cluster of one file: what is summed, then cluster."""

    days: int
    by_cluster: dict[Sum, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    def total(self, wanted: Sum) -> float:
        """The sum over all clusters."""
        return float(self.days) if wanted == DAYS else math.fsum(self.by_cluster[wanted].values())

    def add(self, wanted: Sum, cluster: str, amount: float) -> None:
        """Adds to the sum of a cluster."""
        found = self.by_cluster[wanted]
        found[cluster] = found.get(cluster, 0.0) + amount


def sums_of(calls: Calls, kind: str, bill: Billing) -> Sums:
    """The sums of one file by `kind`, the column of the clusters."""
    sums = Sums(calls.source.period.days)
    sets = ", ".join(f"({kind}, {name})" for name in COLUMNS)
    for row in calls.sql(SUMS.format(cluster=kind, sets=sets)):
        _take(sums, row)
    _take_revenue(sums, kind, bill)
    return sums


def _take(sums: Sums, row: Any) -> None:
    """A row of one cluster: all its sums, or its cost for one value of a dimension."""
    column = next((name for name in COLUMNS if getattr(row, name) is not None), None)
    if column is not None:
        sums.by_cluster[CostOf(column, getattr(row, column))][row.cluster] = float(row.known_cost or 0)
        return
    for name in row._fields[len(COLUMNS) + 1 :]:
        sums.by_cluster[Total(name)][row.cluster] = float(getattr(row, name) or 0)


def _take_revenue(sums: Sums, kind: str, bill: Billing) -> None:
    revenue: dict[str, Decimal] = defaultdict(Decimal)
    for account in bill.accounts:
        cluster = account.organization if kind == "organization_id" else account.customer
        revenue[cluster] += account.revenue_usd or Decimal(0)
        for plan, months, paid in account.plans_between(bill.first_day, bill.last_day):
            sums.add(MonthsOf(plan), cluster, float(months))
            sums.add(PaidFor(plan), cluster, float(paid))
    for cluster, cost in sums.by_cluster[KNOWN_COST].items():
        sums.by_cluster[REVENUE][cluster] = float(revenue[cluster])
        sums.by_cluster[MARGIN][cluster] = float(revenue[cluster]) - cost
