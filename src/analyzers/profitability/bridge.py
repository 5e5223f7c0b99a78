"""The margin bridge: what moved the margin from the first half of the period to the second."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from analyzers.ledger.windows import ONE_DAY
from analyzers.profitability.result import BridgeStep, MarginBridge
from analyzers.revenue.paid import Account, Billing
from calls.engine import Calls
from methods.cost_bridge import LineUsage
from methods.margin_bridge import Subscription, margin_bridge

HALVES = """
select case when local_day < cast($second_half as date) then 1 else 2 end as half,
       provider, model,
       sum(priced_calls) as priced_calls,
       sum(priced_total) as priced_tokens,
       sum(calls - priced_calls) as unpriced_calls,
       sum(known_cost) as known_cost_usd
from (select *, cast(local_hour as date) as local_day from hourly_use) as dated
where local_day >= cast($first_half as date)
group by case when local_day < cast($second_half as date) then 1 else 2 end, provider, model
order by half, provider, model
"""

STEP_NAMES = {
    "customers": "Customers won and lost",
    "plan changes": "Changes of plan",
    "days billed": "Days billed",
    "plan price": "Plan price",
    "volume": "Number of calls",
    "model mix": "Model mix",
    "tokens per call": "Tokens per call",
    "price": "Model price",
    "cost coverage": "Cost coverage",
}


def halves_bridge(calls: Calls, billing: Billing) -> tuple[MarginBridge | None, str]:
    """The margin bridge between the two halves, or None and the reason why there is none.

    A period of an odd number of days loses its first day, so that the halves are equally long.
    """
    reason = _reason(billing)
    if reason:
        return None, reason
    days = billing.period_days // 2
    start = billing.period_days % 2
    first, second = _day(billing, start), _day(billing, start + days)
    lines = calls.sql(HALVES, first_half=first.isoformat(), second_half=second.isoformat())
    bridge = margin_bridge(
        _subscriptions(billing.accounts, first, second - ONE_DAY),
        _subscriptions(billing.accounts, second, billing.last_day),
        [_usage(line) for line in lines if line.half == 1],
        [_usage(line) for line in lines if line.half == 2],
    )
    steps = tuple(BridgeStep(STEP_NAMES[name], usd) for name, usd in bridge.steps)
    length = timedelta(days=days - 1)
    return MarginBridge(
        first_start=first,
        first_end=first + length,
        second_start=second,
        second_end=second + length,
        before_usd=bridge.before,
        after_usd=bridge.after,
        steps=steps,
    ), ""


def _reason(billing: Billing) -> str:
    if not billing.accounts:
        return "No call names a customer, so there is no revenue and no margin to explain."
    if billing.period_days < 2:
        return "One day of calls: the margin bridge compares two halves of the period and needs 2 days."
    unknown = sum(1 for account in billing.accounts if account.revenue_usd is None)
    if unknown:
        return (
            f"The price of {unknown} of {len(billing.accounts)} customers is unknown; the bridge needs all."
        )
    return ""


def _day(billing: Billing, offset: int) -> date:
    return billing.first_day + timedelta(days=offset)


def _subscriptions(accounts: Sequence[Account], first: date, last: date) -> list[Subscription[Any]]:
    return [
        Subscription((account.customer, plan), months, revenue, account.customer)
        for account in accounts
        for plan, months, revenue in account.plans_between(first, last)
    ]


def _usage(line: Any) -> LineUsage[tuple[str, str]]:
    return LineUsage(
        (line.provider, line.model),
        int(line.priced_calls),
        int(line.priced_tokens),
        line.known_cost_usd or Decimal(0),
        int(line.unpriced_calls),
    )
