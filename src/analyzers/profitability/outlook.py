"""Next month's margin of each customer, predicted from its days and those of all."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from analyzers.profitability.customer_margin import Outlook
from analyzers.profitability.replay import Case, Replay, replay_of
from analyzers.revenue.paid import Account, Billing
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.timeline import timeline
from calls.engine import Calls
from methods.loss_risk import LossRisk, loss_risks

OUTLOOK_DAYS = 14
"""Days since its first call that a customer needs before its next month is judged."""
HISTORY_DAYS = 90
"""No day before these last ones counts."""
Numbers = NDArray[np.float64]

CUSTOMERS = 2_000
"""The customers with the highest cost, so many at most, are judged."""

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


def outlooks(calls: Calls, bill: Billing) -> tuple[dict[str, Outlook], Replay | None]:
    """The outlook of each customer that is billed on and has enough history, and how the month before was foreseen."""
    if bill.period_days < OUTLOOK_DAYS:
        return {}, None
    start, end = _whole_days(calls, bill)
    costs = _costs(calls, bill.first_day + timedelta(days=start), end - start)
    accounts = [each for each in bill.accounts if each.customer in costs and _can_be_judged(bill, each)]
    if not accounts:
        return {}, None
    daily = np.array([costs[each.customer] for each in accounts])
    prices = np.array([float(each.monthly_usd or 0) for each in accounts])
    first = np.array([max(0, bill.period_days - bill.pace_days(each) - start) for each in accounts])
    risks = loss_risks(daily, prices, first, length=MONTH_DAYS)
    found = {each.customer: _outlook(risk) for each, risk in zip(accounts, risks, strict=True)}
    return found, _replay(daily, prices, first)


def _replay(daily: Numbers, prices: Numbers, first: NDArray[np.int64]) -> Replay | None:
    """The last 30 days foreseen from those before, at today's prices; None where 30 days before them are missing."""
    end = daily.shape[1] - MONTH_DAYS
    old = first <= end - OUTLOOK_DAYS
    if end < MONTH_DAYS or not old.any():
        return None
    risks = loss_risks(daily[old, :end], prices[old], first[old], length=MONTH_DAYS)
    margins = (prices[old] - daily[old, end:].sum(axis=1)).tolist()
    return replay_of(
        Case(risk.probability_of_loss, risk.margin.low <= margin <= risk.margin.high, margin < 0)
        for risk, margin in zip(risks, margins, strict=True)
    )


def _whole_days(calls: Calls, bill: Billing) -> tuple[int, int]:
    """The days that count, from and to, by number: the last ones, without an unfinished first and last day."""
    days = timeline(calls).days
    start = max(0 if days[0].complete else 1, bill.period_days - HISTORY_DAYS)
    return start, bill.period_days - (0 if days[-1].complete else 1)


def _costs(calls: Calls, since: date, days: int) -> dict[str, Numbers]:
    """Cost by customer and day: a day without a call costs nothing."""
    customers = [row.customer_id for row in calls.sql(JUDGED, customers=CUSTOMERS)]
    asked = calls.columns(DAILY_COST, since=since.isoformat(), customers=CUSTOMERS)
    place, day = asked["place"].astype(np.int64) - 1, asked["day_number"].astype(np.int64)
    costs = np.zeros((len(customers), days))
    whole = day < days
    costs[place[whole], day[whole]] = asked["cost"][whole]
    return dict(zip(customers, costs, strict=True))


def _can_be_judged(bill: Billing, account: Account) -> bool:
    known = account.monthly_usd is not None and account.margin_usd is not None
    return known and bill.is_current(account) and bill.pace_days(account) >= OUTLOOK_DAYS


def _outlook(risk: LossRisk) -> Outlook:
    return Outlook(_cents(risk.margin.low), _cents(risk.margin.high), risk.probability_of_loss)


def _cents(amount: float) -> Decimal:
    return Decimal(f"{amount:.2f}")
