"""Next month's margin of each customer, from resampled days."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from analyzers.profitability.customer_margin import Outlook
from analyzers.revenue.paid import Account, Billing
from analyzers.usage.period import MONTH_DAYS
from calls.engine import Calls
from methods.bootstrap import LossRisk, loss_risks

OUTLOOK_DAYS = 14
"""Days since its first call that a customer needs before its next month is judged."""
HISTORY_DAYS = 90
"""No day before these last ones is drawn."""
CUSTOMERS = 2_000
"""The customers with the highest cost, so many at most, are judged."""
CHUNK = 500
"""Customers resampled at once, to bound memory."""

RANKED = """
select customer_id, row_number() over (order by total desc nulls last, customer_id) as place
from (select customer_id, sum(known_cost) as total
      from daily_customers
      where customer_id <> ''
      group by customer_id) as totals
"""
JUDGED = f"select customer_id from ({RANKED}) as ranked where place <= $customers order by place"
# Numbers alone: sixty thousand names take longer to bring here than all else.
DAILY_COST = f"""
select place, date_diff('day', cast($since as date), local_day) as day_number,
       cast(coalesce(sum(known_cost), 0) as double) as cost
from daily_customers
join ({RANKED}) as ranked on ranked.customer_id = daily_customers.customer_id
where local_day >= cast($since as date) and place <= $customers
group by place, local_day
"""


def outlooks(calls: Calls, bill: Billing) -> dict[str, Outlook]:
    """The outlook of each customer that is billed on and has enough history, by customer."""
    if bill.period_days < OUTLOOK_DAYS:
        return {}
    start = max(0, bill.period_days - HISTORY_DAYS)
    since = bill.first_day + timedelta(days=start)
    costs = _costs(calls, since, bill.period_days - start)
    found: dict[str, Outlook] = {}
    for first, accounts in _by_first_day(bill, costs, start):
        daily = np.array([costs[account.customer][first:] for account in accounts])
        prices = [float(account.monthly_usd or 0) for account in accounts]
        risks = loss_risks(daily, prices, length=MONTH_DAYS)
        found |= {account.customer: _outlook(risk) for account, risk in zip(accounts, risks, strict=True)}
    return found


def _costs(calls: Calls, since: date, days: int) -> dict[str, NDArray[np.float64]]:
    """Cost by customer and day: a day without a call costs nothing."""
    customers = [row.customer_id for row in calls.sql(JUDGED, customers=CUSTOMERS)]
    asked = calls.columns(DAILY_COST, since=since.isoformat(), customers=CUSTOMERS)
    costs = np.zeros((len(customers), days))
    costs[asked["place"].astype(np.int64) - 1, asked["day_number"].astype(np.int64)] = asked["cost"]
    return dict(zip(customers, costs, strict=True))


def _by_first_day(
    bill: Billing, costs: dict[str, NDArray[np.float64]], start: int
) -> Iterator[tuple[int, Sequence[Account]]]:
    """The customers to judge, a few at a time, by the first of their days that can be drawn."""
    groups: dict[int, list[Account]] = defaultdict(list)
    for account in bill.accounts:
        if account.customer in costs and _can_be_judged(bill, account):
            groups[max(0, bill.period_days - bill.pace_days(account) - start)].append(account)
    for first, accounts in sorted(groups.items()):
        for begin in range(0, len(accounts), CHUNK):
            yield first, accounts[begin : begin + CHUNK]


def _can_be_judged(bill: Billing, account: Account) -> bool:
    known = account.monthly_usd is not None and account.margin_usd is not None
    return known and bill.is_current(account) and bill.pace_days(account) >= OUTLOOK_DAYS


def _outlook(risk: LossRisk) -> Outlook:
    return Outlook(_cents(risk.margin.low), _cents(risk.margin.high), risk.probability_of_loss)


def _cents(amount: float) -> Decimal:
    return Decimal(f"{amount:.2f}")
