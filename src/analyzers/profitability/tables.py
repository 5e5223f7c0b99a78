"""Tables of customer profitability: at most 500 customers each, the rest added up in a row."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.profitability.charts import organization_name
from analyzers.profitability.customer_margin import CustomerMargin
from analyzers.profitability.result import (
    MarginGroup,
    PlanEconomics,
    Profitability,
)
from analyzers.usage.sums import ZERO, share, total_usage
from analyzers.words.figures import counted
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value

ROWS = 500
"""Rows of a table on the page; the JSON holds all."""

SHORT_HISTORY = "little data: fewer days of history than a range needs"


def band_table(result: Profitability) -> Table:
    """Customers, revenue and cost by margin band."""
    columns = (
        Column("band", "Margin of revenue"),
        Column("customers", "Customers", Unit.COUNT),
        Column("revenue", "Revenue", Unit.USD),
        Column("cost", "Cost", Unit.USD),
        Column("margin", "Margin", Unit.USD),
    )
    rows = tuple(
        Row(
            (
                entry.band.value,
                entry.customers,
                entry.revenue_usd,
                entry.cost_usd,
                known_or(entry.margin_usd, Unit.USD, "revenue or cost is unknown"),
            ),
            key=entry.band.name.lower(),
        )
        for entry in result.bands
    )
    return Table("band-table", "Margin bands", columns, rows, method="margin")


def customer_table(result: Profitability) -> Table:
    """Every customer, the least margin first."""
    columns = (
        Column("customer", "Customer"),
        Column("organization", "Organization"),
        Column("plan", "Plan"),
        Column("revenue", "Revenue", Unit.USD),
        Column("cost", "Cost", Unit.USD),
        Column("margin", "Margin", Unit.USD),
        Column("margin_share", "Margin of revenue", Unit.SHARE),
        Column("band", "Band"),
        Column("calls", "Calls", Unit.COUNT),
        Column("unpriced", "Calls of unknown cost", Unit.COUNT, sparse=True),
        Column("low", "Next month's margin, low", Unit.USD),
        Column("high", "Next month's margin, high", Unit.USD),
        Column("loss_probability", "Probability of a loss next month", Unit.SHARE),
        Column("data", "Data"),
    )
    rows = [_customer_row(entry, result.outlook_days) for entry in result.customers[:ROWS]]
    rest = result.customers[ROWS:]
    if rest:
        rows.append(_other_row(rest))
    return Table(
        "customers",
        "Customers",
        columns,
        tuple(rows),
        total=_total_row(result.customers),
        note="The least profitable first. A margin with calls of unknown cost is an upper bound.",
        method="outlook",
    )


def _customer_row(entry: CustomerMargin, needed_days: int) -> Row:
    outlook = entry.outlook
    missing = Value(None, Unit.USD, _no_outlook(entry, needed_days))
    return Row(
        (
            entry.customer,
            organization_name(entry.organization),
            entry.plan or "(none)",
            known_or(entry.revenue_usd, Unit.USD, "the price of the plan is unknown"),
            _cost(entry),
            _margin(entry),
            known_or(entry.margin_share, Unit.SHARE, "no revenue, or the margin is unknown"),
            entry.band.value,
            entry.use.calls,
            entry.use.unpriced_calls,
            outlook.low_usd if outlook else missing,
            outlook.high_usd if outlook else missing,
            outlook.loss_probability if outlook else Value(None, Unit.SHARE, missing.reason),
            "little data" if entry.pace_days < needed_days else "enough",
        ),
        Facets(organization=entry.organization),
        entry.customer,
    )


def _no_outlook(entry: CustomerMargin, needed_days: int) -> str:
    if not entry.current:
        return "not active in the last month"
    if entry.pace_days < needed_days:
        return f"{counted(entry.pace_days, 'day')} of history; {needed_days} are needed"
    if entry.monthly_usd is None or entry.margin_usd is None:
        return "revenue or cost is unknown"
    return "only the customers with the highest cost are judged"


def _margin(entry: CustomerMargin) -> Value:
    reason = "revenue or cost is unknown"
    return Value(entry.margin_usd, Unit.USD, reason, at_most=entry.use.unpriced_calls > 0)


def _cost(entry: CustomerMargin) -> Value:
    return Value(
        entry.use.known_cost_usd,
        Unit.USD,
        "no call has a known cost",
        at_least=0 < entry.use.unpriced_calls < entry.use.calls,
    )


def _other_row(rest: Sequence[CustomerMargin]) -> Row:
    return Row((f"Other ({counted(len(rest), 'customer')})", *_sums(rest)), key="other")


def _total_row(entries: Sequence[CustomerMargin]) -> Row:
    return Row((f"All {counted(len(entries), 'customer')}", *_sums(entries)), key="total")


def _sums(entries: Sequence[CustomerMargin]) -> tuple[Cell, ...]:
    known = [entry for entry in entries if entry.margin_usd is not None]
    revenue = sum((entry.revenue_usd or ZERO for entry in known), ZERO)
    margin = sum((entry.margin_usd or ZERO for entry in known), ZERO)
    use = total_usage(entry.use for entry in entries)
    return (
        "",
        "",
        revenue,
        Value(use.cost_usd, Unit.USD, at_least=bool(use.unpriced_calls)),
        Value(margin, Unit.USD, at_most=bool(use.unpriced_calls)),
        known_or(share(margin, revenue), Unit.SHARE, "no revenue"),
        "",
        use.calls,
        use.unpriced_calls,
        "",
        "",
        "",
        "",
    )


def group_table(id_: str, title: str, label: str, groups: Sequence[MarginGroup], unknown: str = "") -> Table:
    """Margins by plan or organization, the largest revenue first; `unknown` says why no margin is known."""
    columns = (
        Column("name", label),
        Column("customers", "Customers", Unit.COUNT),
        Column("unprofitable", "Unprofitable", Unit.COUNT),
        Column("revenue", "Revenue", Unit.USD),
        Column("cost", "Cost", Unit.USD),
        Column("margin", "Margin", Unit.USD),
        Column("margin_share", "Margin of revenue", Unit.SHARE),
        Column("loss", "Loss of the unprofitable", Unit.USD),
        Column("calls", "Calls", Unit.COUNT),
        Column("unpriced", "Calls of unknown cost", Unit.COUNT, sparse=True),
    )
    rows = [_group_row(group, id_ == "by-organization", unknown) for group in groups[:ROWS]]
    if len(groups) > ROWS:
        rows.append(_groups_row(f"Other ({len(groups) - ROWS:,})", groups[ROWS:], unknown))
    total = _groups_row("All", groups, unknown)
    return Table(id_, title, columns, tuple(rows), total=total, method="margin")


def _group_row(group: MarginGroup, by_organization: bool, unknown: str) -> Row:
    facets = Facets(organization=group.name) if by_organization else None
    return Row(
        (organization_name(group.name), *_group_cells(group, unknown)), facets, group.name or "unallocated"
    )


def _groups_row(name: str, groups: Sequence[MarginGroup], unknown: str) -> Row:
    together = MarginGroup(
        name,
        sum(group.customers for group in groups),
        sum(group.unprofitable for group in groups),
        sum(group.unknown for group in groups),
        sum((group.revenue_usd for group in groups), ZERO),
        sum((group.matched_cost_usd for group in groups), ZERO),
        sum((group.loss_usd for group in groups), ZERO),
        total_usage(group.use for group in groups),
    )
    return Row((name, *_group_cells(together, unknown)), key="total")


def _group_cells(group: MarginGroup, unknown: str) -> tuple[Cell, ...]:
    reason = unknown or "the price of its customers is unknown"
    margin = None if unknown else group.margin_usd
    revenue = None if margin is None else group.revenue_usd
    return (
        group.customers,
        group.unprofitable,
        Value(revenue, Unit.USD, reason, at_least=group.unknown > 0),
        Value(
            group.use.known_cost_usd,
            Unit.USD,
            "no call has a known cost",
            at_least=group.use.unpriced_calls > 0,
        ),
        Value(margin, Unit.USD, reason, at_most=group.use.unpriced_calls > 0),
        known_or(share(margin, revenue), Unit.SHARE, unknown or "no revenue"),
        group.loss_usd,
        group.use.calls,
        group.use.unpriced_calls,
    )


def break_even_table(result: Profitability) -> Table:
    """What each plan's price pays for."""
    columns = (
        Column("plan", "Plan"),
        Column("price", "Price a month", Unit.USD),
        Column("customers", "Customers", Unit.COUNT),
        Column("cost_per_call", "Cost a call", Unit.USD_RATE),
        Column("tokens_per_call", "Tokens a call", Unit.TOKENS),
        Column("break_even_calls", "Break-even calls a month", Unit.COUNT),
        Column("break_even_tokens", "Break-even tokens a month", Unit.TOKENS),
        Column("above", "Customers above it", Unit.COUNT),
        Column("above_share", "Share above it", Unit.SHARE),
    )
    rows = tuple(_break_even_row(plan) for plan in result.plans)
    return Table("break-even", "Break-even use of each plan", columns, rows, method="break-even")


def _break_even_row(plan: PlanEconomics) -> Row:
    free = "its calls cost nothing, or their cost is unknown"
    return Row(
        (
            plan.plan or "(none)",
            plan.monthly_usd,
            plan.customers,
            known_or(plan.cost_per_call_usd, Unit.USD_RATE, "no call has a known cost"),
            known_or(plan.tokens_per_call, Unit.TOKENS, "no calls"),
            known_or(plan.break_even_calls, Unit.COUNT, free),
            known_or(plan.break_even_tokens, Unit.TOKENS, free),
            plan.above,
            share(plan.above, plan.customers),
        ),
        key=plan.plan,
    )


def unpriced_table(result: Profitability) -> Table:
    """Calls of unknown cost by model."""
    columns = (
        Column("provider", "Provider"),
        Column("model", "Model"),
        Column("calls", "Calls of unknown cost", Unit.COUNT),
    )
    rows = tuple(
        Row(
            (entry.provider or "(none)", entry.model or "(none)", entry.calls),
            Facets(provider=entry.provider),
        )
        for entry in result.unpriced[:ROWS]
    )
    return Table("unpriced", "Calls of unknown cost by model", columns, rows)


def known_or(amount: Decimal | int | float | None, unit: Unit, reason: str) -> Cell:
    """The amount, or an empty value with the reason why there is none."""
    return Value(None, unit, reason) if amount is None else amount
