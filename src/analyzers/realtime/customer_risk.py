"""Customers by risk: whose cost jumps, who has an anomaly, who fell silent."""

from datetime import date
from decimal import Decimal
from typing import Any

from analyzers.realtime.anomaly_search import Search
from analyzers.realtime.result import CustomerRisk
from analyzers.usage.earlier_period import Windows, last_weeks
from analyzers.usage.sums import ZERO
from calls.engine import Calls

LAPSE_DAYS = 7
"""Nobody is called lapsed before this many days of silence."""
CHANCE = 0.01
"""Silence less likely than this by past habits is a lapse."""

BANDS = ("high", "medium", "lapsed", "low")

BY_CUSTOMER = """
select customer_id, min(organization_id) as organization, count(distinct organization_id) as organizations,
       min(local_day) as first_day, max(local_day) as last_day,
       count(distinct local_day) as active_days,
       sum(known_cost) as known_cost,
       sum(case when local_day >= cast($later as date) and local_day <= cast($last as date)
                then known_cost else 0 end) as later_cost,
       sum(case when local_day >= cast($earlier as date) and local_day < cast($later as date)
                then known_cost else 0 end) as earlier_cost
from daily_customers
where customer_id <> '' and local_day is not null
group by customer_id
order by customer_id
"""


def customer_risks(calls: Calls, found: Search, floor_usd: Decimal) -> tuple[CustomerRisk, ...]:
    """All customers, the riskiest band first, the most expensive first within it; empty without two full weeks."""
    compared = last_weeks(calls)
    if compared is None:
        return ()
    rows = calls.sql(
        BY_CUSTOMER,
        later=compared.later_first.isoformat(),
        earlier=compared.earlier_first.isoformat(),
        last=compared.later_last.isoformat(),
    )
    strange = {
        entry.name
        for entry in found.ranked
        if entry.kind == "customer" and entry.start.date() >= compared.earlier_first
    }
    risks = [_risk(row, row.customer_id in strange, floor_usd, compared) for row in rows]
    return tuple(sorted(risks, key=lambda r: (BANDS.index(r.band), -r.later_usd, -r.cost_usd, r.customer)))


def _risk(row: Any, strange: bool, floor_usd: Decimal, compared: Windows) -> CustomerRisk:
    earlier, later = row.earlier_cost or ZERO, row.later_cost or ZERO
    band, why = _band(
        row=row, strange=strange, earlier=earlier, later=later, floor_usd=floor_usd, today=compared.later_last
    )
    return CustomerRisk(
        customer=row.customer_id,
        organization=row.organization,
        organizations=row.organizations,
        earlier_usd=earlier,
        later_usd=later,
        cost_usd=row.known_cost or ZERO,
        last_day=row.last_day,
        band=band,
        why=why,
    )


def _band(
    row: Any, strange: bool, earlier: Decimal, later: Decimal, floor_usd: Decimal, today: date
) -> tuple[str, str]:
    if strange:
        return "high", "has an anomaly in the last 14 complete days"
    if later > 2 * earlier and later - earlier >= floor_usd and earlier:
        return "high", "cost more than doubled in a week"
    if later > earlier * Decimal("1.5") and later - earlier >= floor_usd and earlier:
        return "medium", "cost grew by half in a week"
    if is_lapsed(row.first_day, row.last_day, row.active_days, today):
        return "lapsed", f"no call since {row.last_day}, longer than its habits explain"
    return "low", "no jump"


def is_lapsed(first: date, last: date, active_days: int, today: date) -> bool:
    """Whether silence from `last` to `today` is unlikely for someone active on that share of days before.

    The chance that a customer who is active on a share p of days is silent for n days is (1 - p)^n.
    """
    silent, period = (today - last).days, (last - first).days + 1
    return silent >= LAPSE_DAYS and (1 - active_days / (period + 1)) ** silent < CHANCE
