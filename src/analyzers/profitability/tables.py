"""Tables of customer profitability: margin bands, plans and organizations, what a plan's price pays for."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from analyzers.profitability.charts import organization_name
from analyzers.profitability.result import (
    BandCount,
    MarginGroup,
    PlanEconomics,
    Profitability,
)
from analyzers.usage.sums import ZERO, share, total_usage
from analyzers.usage.tables import known_or, shown_name
from reporting.document import Cell, Facets, Row, Table, Unit, Value
from reporting.filled_tables import Field, Fields, field, filled_table, over, summed, together

NO_BREAK_EVEN = "its calls cost nothing, or their cost is unknown"


def band_table(result: Profitability) -> Table:
    """Customers, revenue and cost by margin band."""
    fields: Fields[BandCount] = (
        field("band", "Margin of revenue", lambda each: each.band.value),
        summed("customers", "Customers", lambda each: each.customers, Unit.COUNT),
        summed("revenue", "Revenue", lambda each: each.revenue_usd, Unit.USD),
        summed("cost", "Cost", lambda each: each.cost_usd, Unit.USD),
        summed(
            "margin",
            "Margin",
            lambda each: known_or(each.margin_usd, Unit.USD, "revenue or cost is unknown"),
            Unit.USD,
        ),
    )
    return filled_table(
        "band-table",
        "Margin bands",
        result.bands,
        fields,
        key=lambda each: each.band.name.lower(),
        method="margin",
    )


def group_table(id_: str, title: str, label: str, groups: Sequence[MarginGroup], unknown: str = "") -> Table:
    """Margins by plan or organization, the largest revenue first; `unknown` says why no margin is known."""
    fields: Fields[MarginGroup] = (
        field("name", label, lambda each: organization_name(each.name)),
        _grouped("customers", "Customers", lambda each: each.customers, Unit.COUNT),
        _grouped("unprofitable", "Unprofitable", lambda each: each.unprofitable, Unit.COUNT),
        *_group_margin_fields(unknown),
        _grouped("loss", "Loss of the unprofitable", lambda each: each.loss_usd, Unit.USD),
        _grouped("calls", "Calls", lambda each: each.use.calls, Unit.COUNT),
        _grouped(
            "unpriced", "Calls of unknown cost", lambda each: each.use.unpriced_calls, Unit.COUNT, sparse=True
        ),
    )
    return filled_table(
        id_,
        title,
        groups,
        fields,
        facets=lambda each: Facets(organization=each.name) if id_ == "by-organization" else None,
        key=lambda each: each.name or "unallocated",
        total=Row(together("All", groups, fields), key="total"),
        method="margin",
    )


def _group_margin_fields(unknown: str) -> Fields[MarginGroup]:
    """Revenue, cost and margin; a revenue is shown only beside a margin, so that the two are of the same customers."""
    reason = unknown or "the price of its customers is unknown"

    def known_margin(group: MarginGroup) -> Decimal | None:
        return None if unknown else group.margin_usd

    def known_revenue(group: MarginGroup) -> Decimal | None:
        return None if known_margin(group) is None else group.revenue_usd

    def revenue(group: MarginGroup) -> Value:
        return Value(known_revenue(group), Unit.USD, reason=reason, at_least=group.unknown > 0)

    def margin(group: MarginGroup) -> Value:
        return Value(known_margin(group), Unit.USD, reason=reason, at_most=group.use.at_least)

    def margin_share(group: MarginGroup) -> Cell:
        ratio = share(known_margin(group), known_revenue(group))
        return known_or(ratio, Unit.SHARE, unknown or "no revenue")

    return (
        _grouped("revenue", "Revenue", revenue, Unit.USD),
        _grouped("cost", "Cost", _group_cost, Unit.USD),
        _grouped("margin", "Margin", margin, Unit.USD),
        _grouped("margin_share", "Margin of revenue", margin_share, Unit.SHARE),
    )


def _grouped(
    key: str, label: str, fill: Callable[[MarginGroup], Cell], unit: Unit, *, sparse: bool = False
) -> Field[MarginGroup]:
    """A column of groups; several are one group."""
    return over(key, label, lambda groups: fill(_as_one(groups)), unit, sparse=sparse)


def _as_one(groups: Sequence[MarginGroup]) -> MarginGroup:
    return MarginGroup(
        name="",
        customers=sum(group.customers for group in groups),
        unprofitable=sum(group.unprofitable for group in groups),
        unknown=sum(group.unknown for group in groups),
        revenue_usd=sum((group.revenue_usd for group in groups), ZERO),
        matched_cost_usd=sum((group.matched_cost_usd for group in groups), ZERO),
        loss_usd=sum((group.loss_usd for group in groups), ZERO),
        use=total_usage(group.use for group in groups),
    )


def _group_cost(group: MarginGroup) -> Value:
    return Value(
        group.use.known_cost_usd,
        Unit.USD,
        reason="no call has a known cost",
        at_least=group.use.at_least,
    )


def break_even_table(result: Profitability) -> Table:
    """What each plan's price pays for."""
    fields: Fields[PlanEconomics] = (
        field("plan", "Plan", lambda each: shown_name(each.plan)),
        field("price", "Price per month", lambda each: each.monthly_usd, Unit.USD),
        summed("customers", "Customers", lambda each: each.customers, Unit.COUNT),
        field("cost_per_call", "Cost per call", _cost_per_call, Unit.USD_RATE),
        field("tokens_per_call", "Tokens per call", _tokens_per_call, Unit.TOKENS),
        field("break_even_calls", "Break-even calls per month", _break_even_calls, Unit.COUNT),
        field("break_even_tokens", "Break-even tokens per month", _break_even_tokens, Unit.TOKENS),
        summed("above", "Customers above it", lambda each: each.above, Unit.COUNT),
        over("above_share", "Share above it", _share_above, Unit.SHARE),
    )
    return filled_table(
        "break-even",
        "Break-even use of each plan",
        result.plans,
        fields,
        key=lambda each: each.plan,
        method="break-even",
    )


def _cost_per_call(plan: PlanEconomics) -> Cell:
    return known_or(plan.cost_per_call_usd, Unit.USD_RATE, "no call has a known cost")


def _tokens_per_call(plan: PlanEconomics) -> Cell:
    return known_or(plan.tokens_per_call, Unit.TOKENS, "no calls")


def _break_even_calls(plan: PlanEconomics) -> Cell:
    return known_or(plan.break_even_calls, Unit.COUNT, NO_BREAK_EVEN)


def _break_even_tokens(plan: PlanEconomics) -> Cell:
    return known_or(plan.break_even_tokens, Unit.TOKENS, NO_BREAK_EVEN)


def _share_above(plans: Sequence[PlanEconomics]) -> Decimal | None:
    return share(sum(plan.above for plan in plans), sum(plan.customers for plan in plans))
