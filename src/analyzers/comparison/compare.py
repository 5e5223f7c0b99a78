"""Two files of calls compared: totals and parts, why cost and margin changed, and who crossed zero."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from analyzers.comparison.chance import chance
from analyzers.comparison.equal_periods import FilePeriod, file_period
from analyzers.comparison.result import Comparison, Crossing, LineKey, Part, Side
from analyzers.revenue.paid import Account, Billing, billing, price_list
from analyzers.usage.sums import Breakdown, Usage, breakdown
from calls.cost_gaps import IS_PARTIAL
from calls.dimensions import BY_ID
from calls.engine import Calls
from methods.cost_bridge import LineUsage, cost_bridge
from methods.margin_bridge import Subscription, margin_bridge
from settings.model import Settings

LINES = f"""
select provider, model, task_type,
       count(cost_usd) as priced_calls,
       sum(case when cost_usd is null then 0 else input_tokens + output_tokens end) as priced_tokens,
       sum(case when cost_usd is null then 1 else 0 end) as unpriced_calls,
       count(case when {IS_PARTIAL} then 1 end) as partial_calls,
       sum(cost_usd) as known_cost
from calls
group by provider, model, task_type
order by provider, model, task_type
"""

SPREAD = """
select count(distinct case when customer_id <> '' then customer_id end) as customers,
       count(distinct case when organization_id <> '' then organization_id end) as organizations,
       count(latency_ms) as timed_calls,
       count(cost_usd) as priced_calls,
       quantile_cont(cast(latency_ms as double), 0.5) as latency_p50,
       quantile_cont(cast(latency_ms as double), 0.95) as latency_p95,
       quantile_cont(cast(latency_ms as double), 0.99) as latency_p99,
       quantile_cont(cast(cost_usd as double), 0.5) as cost_p50,
       quantile_cont(cast(cost_usd as double), 0.95) as cost_p95
from calls
"""


def compare(
    before: Calls, after: Calls, settings: Settings, periods: tuple[FilePeriod, FilePeriod] | None = None
) -> Comparison:
    """What changed from the first file to the second.

    Args:
        before: the calls of the first file.
        after: the calls of the second.
        settings: plan prices for calls that do not bring their own, and samples needed.
        periods: the days of the whole files, where one was cut to the length of the other.
    """
    whole = periods or (file_period(before.source), file_period(after.source))
    prices = price_list(settings)
    bills = billing(before, prices), billing(after, prices)
    reason = _no_margin(bills)
    sides = [
        _side(calls, name, period, bill, settings, priced=not reason)
        for calls, name, period, bill in zip(
            (before, after), _names(before, after), whole, bills, strict=True
        )
    ]
    used, uses = _usages(before), _usages(after)
    paid, pays = _subscriptions(bills[0]), _subscriptions(bills[1])
    parts = breakdown(before), breakdown(after)
    crossings, shared = _crossings(*bills)
    return Comparison(
        before=sides[0],
        after=sides[1],
        cost=cost_bridge(used, uses),
        margin=None if reason else margin_bridge(paid, pays, used, uses),
        margin_reason=reason,
        by_provider=_parts(*parts, "provider"),
        by_model=_parts(*parts, "model"),
        by_plan=_parts(*parts, "plan"),
        by_feature=_parts(*parts, "feature"),
        crossings=crossings,
        customers_in_both=shared,
        customers_won=len(bills[1].accounts) - shared,
        customers_lost=len(bills[0].accounts) - shared,
        chance=chance(before, after, bills),
    )


def _names(before: Calls, after: Calls) -> tuple[str, str]:
    """The names of the files, with A and B in front when they are the same."""
    first, second = Path(before.source.path).name, Path(after.source.path).name
    return (f"A: {first}", f"B: {second}") if first == second else (first, second)


def _no_margin(bills: Sequence[Billing]) -> str:
    if not all(bill.accounts for bill in bills):
        return "a file names no customer, so there is no revenue and no margin to compare"
    unknown = [a.customer for bill in bills for a in bill.accounts if a.revenue_usd is None]
    if unknown:
        return f"{len(unknown)} customers have no known price (the first is {unknown[0]}); --customers FILE gives it"
    return ""


def _side(
    calls: Calls, name: str, file_days: FilePeriod, bill: Billing, settings: Settings, *, priced: bool
) -> Side:
    found, period = calls.sql(SPREAD)[0], calls.source.period
    timed = found.timed_calls >= settings.sample.percentile_calls
    costed = found.priced_calls >= settings.sample.percentile_calls
    return Side(
        name=name,
        path=calls.source.path,
        file_period=file_days,
        data_lines=calls.source.data_lines,
        rejected=calls.source.rejected_total,
        duplicates=calls.source.duplicates,
        gaps=calls.source.gaps,
        first_day=period.first_day,
        last_day=period.last_day,
        usage=breakdown(calls).total,
        customers=found.customers,
        organizations=found.organizations,
        revenue_usd=_revenue(bill) if priced else None,
        latency_p50_ms=found.latency_p50 if timed else None,
        latency_p95_ms=found.latency_p95 if timed else None,
        latency_p99_ms=found.latency_p99 if timed else None,
        cost_p50_usd=found.cost_p50 if costed else None,
        cost_p95_usd=found.cost_p95 if costed else None,
    )


def _revenue(bill: Billing) -> Decimal:
    return sum((account.revenue_usd or Decimal(0) for account in bill.accounts), Decimal(0))


def _usages(calls: Calls) -> list[LineUsage[LineKey]]:
    return [
        LineUsage(
            key=(row.provider, row.model, row.task_type),
            calls=int(row.priced_calls),
            tokens=int(row.priced_tokens),
            cost=row.known_cost or Decimal(0),
            unpriced_calls=int(row.unpriced_calls),
            partial_calls=int(row.partial_calls),
        )
        for row in calls.sql(LINES)
    ]


def _subscriptions(bill: Billing) -> list[Subscription[Any]]:
    """Customer-months by customer and plan, so that only the same customer on the same plan shows a price."""
    return [
        Subscription((account.customer, plan), months, revenue, account.customer)
        for account in bill.accounts
        for plan, months, revenue in account.plans_between(bill.first_day, bill.last_day)
    ]


def _parts(before: Breakdown, after: Breakdown, dimension: str) -> tuple[Part, ...]:
    """Both files' usage by dimension, the largest change of cost first."""
    names = BY_ID[dimension].columns
    old, new = _usage_by_key(before, names), _usage_by_key(after, names)
    parts = [
        Part(" / ".join(key), old.get(key, Usage()), new.get(key, Usage())) for key in sorted({**old, **new})
    ]
    return tuple(sorted(parts, key=lambda part: -abs(part.cost_change_usd)))


def _usage_by_key(found: Breakdown, names: tuple[str, ...]) -> Mapping[tuple[str, ...], Usage]:
    return {group.key: group.usage for group in found.by(*names)}


def _crossings(before: Billing, after: Billing) -> tuple[tuple[Crossing, ...], int]:
    """Customers of both files whose margin is negative in one of them, and how many are in both."""
    old = {account.customer: account for account in before.accounts}
    new = {account.customer: account for account in after.accounts}
    shared = old.keys() & new.keys()
    found = [each for each in (_crossing(old[name], new[name]) for name in sorted(shared)) if each]
    return tuple(sorted(found, key=lambda each: (-abs(each.change_usd), each.customer))), len(shared)


def _crossing(old: Account, new: Account) -> Crossing | None:
    was, now = old.margin_usd, new.margin_usd
    if was is None or now is None or (was < 0) == (now < 0):
        return None
    return Crossing(new.customer, new.plan, was, now)
