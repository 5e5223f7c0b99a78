"""Tables of feature economics: at most 500 features each, the rest added up in a row."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from analyzers.feature_economics.result import (
    Earning,
    Feature,
    FeatureEconomics,
    Standing,
    features_usage,
    total_earning,
)
from analyzers.usage.compared import Compared, relative
from analyzers.usage.sums import Usage, share
from analyzers.usage.tables import ROWS, UNALLOCATED, cost_value, rate_value, share_value, unpriced_note
from analyzers.words.figures import counted, listed
from reporting.document import Cell, Column, Row, Table, Unit, Value

ENGAGED_DAYS = 7
"""Days of history before stickiness is shown."""
NOT_ADDED = "not additive"
NO_CUSTOMER = "no call of it names a customer"
ALL_PRODUCTS = "(all)"
NO_COST = "no call has a known cost"

Cells = tuple[Cell, ...]


def feature_name(name: str) -> str:
    """The feature, or what stands for none."""
    return name or UNALLOCATED


def use_table(result: FeatureEconomics) -> Table:
    """Cost, calls, tokens and adoption by feature, the dearest first."""
    columns = (
        Column("feature", "Feature"),
        Column("product", "Product"),
        Column("cost", "Cost", Unit.USD),
        Column("share", "Of cost", Unit.SHARE),
        Column("calls", "Calls", Unit.COUNT),
        Column("tokens", "Tokens", Unit.TOKENS),
        Column("cost-per-call", "Cost a call", Unit.USD_RATE),
        Column("customers", "Customers", Unit.COUNT),
        Column("adoption", "Adoption", Unit.SHARE),
        Column("cost-per-customer", "Cost per adopting customer", Unit.USD),
    )
    rows = [
        Row(
            (
                feature_name(feature.name),
                listed(feature.products) or UNALLOCATED,
                *_usage_cells(feature.usage, result.total),
                feature.customers,
                share_value(feature.adoption, "no call names a customer"),
                Value(
                    feature.cost_per_customer_usd,
                    Unit.USD,
                    NO_COST if feature.customers else NO_CUSTOMER,
                    feature.usage.at_least,
                ),
            ),
            key=feature.name or "unallocated",
        )
        for feature in result.features[:ROWS]
    ]

    def summed(features: Sequence[Feature]) -> Cells:
        blank = (
            Value(None, Unit.COUNT, NOT_ADDED),
            Value(None, Unit.SHARE, NOT_ADDED),
            Value(None, Unit.USD, NOT_ADDED),
        )
        return (ALL_PRODUCTS, *_usage_cells(features_usage(features), result.total), *blank)

    return _table(
        "features", "Cost and adoption by feature", columns, rows, result.features, summed,
        unpriced_note(result.total), "use",
    )  # fmt: skip


def _usage_cells(usage: Usage, whole: Usage) -> Cells:
    return (
        cost_value(usage),
        share_value(share(usage.known_cost_usd, whole.cost_usd), "no known cost"),
        usage.calls,
        usage.tokens,
        rate_value(usage.cost_per_call_usd),
    )


def engagement_table(result: FeatureEconomics) -> Table:
    """Power users, stickiness and trend by feature."""
    columns = (
        Column("feature", "Feature"),
        Column("customers", "Customers", Unit.COUNT),
        Column("power", "Power users", Unit.COUNT),
        Column("power-share", "Of its customers", Unit.SHARE),
        Column("top", "Largest customer"),
        Column("top-share", "Its share of calls", Unit.SHARE),
        Column("daily", "Customers a day (DAU)", Unit.RATIO),
        Column("monthly", "Customers in the window (MAU)", Unit.COUNT),
        Column("stickiness", "Stickiness (DAU/MAU)", Unit.SHARE),
        Column("calls-trend", "Calls, change", Unit.SHARE),
        Column("cost-trend", "Cost, change", Unit.SHARE),
    )
    shown = result.features[:ROWS]
    rows = tuple(
        Row(_engagement_cells(feature, result.period_days), key=feature.name or "unallocated")
        for feature in shown
    )
    left = len(result.features) - len(shown)
    note = "Power users: the fewest customers that make half of the calls."
    if left:
        note += f" {counted(left, 'feature')} of less cost are left out: their customers cannot be added up."
    return Table("engagement", "Power users, stickiness and trend", columns, rows, note=note, method="use")


def _engagement_cells(feature: Feature, period_days: int) -> Cells:
    found = feature.engagement
    short = period_days < ENGAGED_DAYS
    reason = f"{counted(period_days, 'day')} of history; {ENGAGED_DAYS} are needed" if short else NO_CUSTOMER
    return (
        feature_name(feature.name),
        feature.customers,
        found.power_users,
        share_value(share(found.power_users, feature.customers), NO_CUSTOMER),
        found.top_customer or "(none)",
        share_value(found.top_share, NO_CUSTOMER),
        Value(None if short else found.daily_customers, Unit.RATIO, reason),
        found.window_customers,
        share_value(None if short else found.stickiness, reason),
        _trend(feature.calls_versus),
        _trend(feature.cost_versus),
    )


def _trend(versus: Compared[Decimal] | None) -> Value:
    reason = "needs 14 complete days" if versus is None else "nothing before"
    return share_value(relative(versus.before, versus.now) if versus else None, reason)


def return_table(result: FeatureEconomics) -> Table:
    """Revenue attributed by both rules, margin and return, the unattributed line with them."""
    columns = (
        Column("feature", "Feature"),
        Column("revenue", "Attributed revenue", Unit.USD),
        Column("cost", "Cost", Unit.USD),
        Column("margin", "Margin", Unit.USD),
        Column("return", "Return on cost", Unit.SHARE),
        Column("equal-revenue", "Revenue, equal split", Unit.USD),
        Column("equal-margin", "Margin, equal split", Unit.USD),
        Column("equal-return", "Return, equal split", Unit.SHARE),
    )
    rows = [
        Row((feature_name(feature.name), *_earning_cells(feature.earning)), key=feature.name or "unallocated")
        for feature in result.features[:ROWS]
    ]

    def summed(features: Sequence[Feature]) -> Cells:
        return _earning_cells(total_earning(features))

    note = f"{UNALLOCATED}: revenue and cost of calls that name no feature." if result.unallocated else ""
    return _table(
        "returns", "Attributed revenue and return by feature", columns, rows, result.features, summed, note,
        "attribution",
    )  # fmt: skip


def _earning_cells(earning: Earning | None) -> Cells:
    if earning is None:
        unknown = "no customer's margin is known"
        units = (Unit.USD, Unit.USD, Unit.USD, Unit.SHARE, Unit.USD, Unit.USD, Unit.SHARE)
        return tuple(Value(None, unit, unknown) for unit in units)
    free = "it costs nothing" if earning.known else NO_COST
    cost = earning.cost_usd if earning.known else None
    return (
        earning.revenue_usd,
        Value(cost, Unit.USD, NO_COST, earning.priced_calls < earning.calls),
        Value(earning.margin_usd, Unit.USD, NO_COST),
        Value(earning.return_ratio, Unit.SHARE, free),
        earning.equal_revenue_usd,
        Value(earning.equal_margin_usd, Unit.USD, NO_COST),
        Value(earning.equal_return_ratio, Unit.SHARE, free),
    )


def quadrant_table(result: FeatureEconomics) -> Table:
    """The verdict on each feature, and how far it is from another one."""
    columns = (
        Column("feature", "Feature"),
        Column("verdict", "Verdict"),
        Column("adoption", "Adoption", Unit.SHARE),
        Column("return", "Return on cost", Unit.SHARE),
        Column("customers", "Customers to spare", Unit.COUNT),
        Column("cost", "Cost to spare", Unit.USD),
        Column("cost-share", "Of its cost", Unit.SHARE),
        Column("equal", "Verdict, equal split"),
        Column("firm", "Firm"),
    )
    rows = tuple(
        Row(_standing_cells(feature, feature.standing), key=feature.name)
        for feature in result.judged[:ROWS]
        if feature.standing
    )
    left = len(result.judged) - len(rows)
    note = "The verdict flips where a figure to spare is used up; a negative one is what it takes to flip it."
    if left:
        note += f" {counted(left, 'feature')} of less cost are left out."
    return Table("quadrant", "Verdict on each feature", columns, rows, note=note, method="quadrant")


def _standing_cells(feature: Feature, standing: Standing) -> Cells:
    earning = feature.earning
    spare = standing.spare_cost_usd
    cost = earning.cost_usd if earning else None
    return (
        feature.name,
        standing.verdict.value,
        share_value(feature.adoption),
        Value(earning.return_ratio if earning else None, Unit.SHARE, "it costs nothing"),
        standing.spare_customers,
        Value(spare, Unit.USD, "any cost leaves the return high"),
        share_value(share(spare, cost), "it costs nothing"),
        standing.equal_verdict.value,
        "yes" if standing.robust else "no",
    )


def _table(
    identity: str,
    title: str,
    columns: tuple[Column, ...],
    rows: list[Row],
    features: Sequence[Feature],
    summed: Callable[[Sequence[Feature]], Cells],
    note: str,
    method: str,
) -> Table:
    """A table of features with what lies beyond 500 rows and the total added up."""
    rest = features[ROWS:]
    if rest:
        rows.append(Row((f"Other ({len(rest):,})", *summed(rest)), key="other"))
    total = Row(("All", *summed(features)), key="total")
    return Table(identity, title, columns, tuple(rows), total, note, method)
