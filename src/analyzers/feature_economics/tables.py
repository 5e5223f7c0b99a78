"""Tables of feature economics: cost and adoption, engagement, return, verdicts."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from analyzers.feature_economics.result import (
    Earning,
    Feature,
    FeatureEconomics,
    Standing,
    features_usage,
    total_earning,
)
from analyzers.usage.earlier_period import Compared, relative
from analyzers.usage.sums import share
from analyzers.usage.tables import cost_fields, share_value, shown_name, unpriced_note
from analyzers.words.figures import counted, listed
from calls.dimensions import UNALLOCATED
from reporting.document import Cell, Facets, Row, Table, Unit, Value
from reporting.filled_tables import Field, Fields, field, filled_table, over, together

ENGAGED_DAYS = 7
"""Days of history before stickiness is shown."""
NO_CUSTOMER = "no call of it names a customer"
ALL_PRODUCTS = "(all)"
NO_COST = "no call has a known cost"
NO_MARGIN = "no customer's margin is known"
FREE = "it costs nothing"


def _key(feature: Feature) -> str:
    return feature.name or "unallocated"


def use_table(result: FeatureEconomics) -> Table:
    """Cost, calls, tokens and adoption by feature, the most expensive first."""
    no_customer = "no call names a customer"
    fields: Fields[Feature] = (
        field("feature", "Feature", lambda each: shown_name(each.name)),
        field(
            "product",
            "Product",
            lambda each: listed(each.products) or UNALLOCATED,
            together=lambda _: ALL_PRODUCTS,
        ),
        *cost_fields(features_usage, result.total)[:-1],
        field("customers", "Customers", lambda each: each.customers, Unit.COUNT),
        field("adoption", "Adoption", lambda each: share_value(each.adoption, no_customer), Unit.SHARE),
        field(
            "cost-per-customer",
            "Cost per adopting customer",
            lambda each: Value(
                each.cost_per_customer_usd,
                Unit.USD,
                reason=NO_COST if each.customers else NO_CUSTOMER,
                at_least=each.usage.at_least,
            ),
            Unit.USD,
        ),
    )
    table = _table(
        identity="features",
        title="Cost and adoption by feature",
        features=result.features,
        fields=fields,
        note=unpriced_note(result.total),
        method="use",
        facets=lambda each: Facets(feature=each.name),
    )
    return replace(table, by=("feature",))


def engagement_table(result: FeatureEconomics) -> Table:
    """Power users, stickiness and trend by feature."""
    fields: Fields[Feature] = (
        field("feature", "Feature", lambda each: shown_name(each.name)),
        field("customers", "Customers", lambda each: each.customers, Unit.COUNT),
        *_largest_fields(),
        *_stickiness_fields(result.period_days),
        field("calls-trend", "Calls, change", lambda each: _trend(each.calls_versus), Unit.SHARE),
        field("cost-trend", "Cost, change", lambda each: _trend(each.cost_versus), Unit.SHARE),
    )
    return filled_table(
        "engagement",
        "Power users, stickiness and trend",
        result.features,
        fields,
        key=_key,
        note="Power users: the fewest customers that make half of the calls.",
        method="use",
    )


def _largest_fields() -> Fields[Feature]:
    """The customers that make most of its calls."""

    def power_share(entry: Feature) -> Cell:
        return share_value(share(entry.engagement.power_users, entry.customers), NO_CUSTOMER)

    def top_share(entry: Feature) -> Cell:
        return share_value(entry.engagement.top_share, NO_CUSTOMER)

    return (
        field("power", "Power users", lambda each: each.engagement.power_users, Unit.COUNT),
        field("power-share", "% of its customers", power_share, Unit.SHARE),
        field("top", "Largest customer", lambda each: each.engagement.top_customer or "(none)"),
        field("top-share", "Its share of calls", top_share, Unit.SHARE),
    )


def _stickiness_fields(period_days: int) -> Fields[Feature]:
    """Customers per day against those of the window; a window of a few days says nothing of habits."""
    short = period_days < ENGAGED_DAYS
    needed = f"{counted(period_days, 'day')} of history; {ENGAGED_DAYS} are needed"
    reason = needed if short else NO_CUSTOMER

    def daily(entry: Feature) -> Value:
        return Value(None if short else entry.engagement.daily_customers, Unit.RATIO, reason=reason)

    def monthly(entry: Feature) -> int:
        return entry.engagement.window_customers

    def stickiness(entry: Feature) -> Cell:
        return share_value(None if short else entry.engagement.stickiness, reason)

    return (
        field("daily", "Customers per day (DAU)", daily, Unit.RATIO),
        field("monthly", "Customers in the window (MAU)", monthly, Unit.COUNT),
        field("stickiness", "Stickiness (DAU/MAU)", stickiness, Unit.SHARE),
    )


def _trend(versus: Compared[Decimal] | None) -> Value:
    reason = "needs 14 complete days" if versus is None else "nothing before"
    return share_value(relative(versus.before, versus.now) if versus else None, reason)


def return_table(result: FeatureEconomics) -> Table:
    """Revenue attributed by both rules, margin and return, the unattributed line with them."""
    fields: Fields[Feature] = (
        field("feature", "Feature", lambda each: shown_name(each.name)),
        _earned("revenue", "Attributed revenue", lambda earning: earning.revenue_usd),
        over("cost", "Cost", _known_cost, Unit.USD),
        _earned("margin", "Margin", lambda earning: Value(earning.margin_usd, Unit.USD, reason=NO_COST)),
        _earned("return", "Return on cost", lambda e: _ratio(e, e.return_ratio), Unit.SHARE),
        _earned("equal-revenue", "Revenue, equal split", lambda earning: earning.equal_revenue_usd),
        _earned(
            "equal-margin",
            "Margin, equal split",
            lambda earning: Value(earning.equal_margin_usd, Unit.USD, reason=NO_COST),
        ),
        _earned("equal-return", "Return, equal split", lambda e: _ratio(e, e.equal_return_ratio), Unit.SHARE),
    )
    note = f"{UNALLOCATED}: revenue and cost of calls that name no feature." if result.unallocated else ""
    return _table(
        identity="returns",
        title="Attributed revenue and return by feature",
        features=result.features,
        fields=fields,
        note=note,
        method="attribution",
    )


def _earned(key: str, label: str, fill: Callable[[Earning], Cell], unit: Unit = Unit.USD) -> Field[Feature]:
    """A column of what features earn, of one as of several."""

    def cell(features: Sequence[Feature]) -> Cell:
        earning = _earning(features)
        return Value(None, unit, reason=NO_MARGIN) if earning is None else fill(earning)

    return over(key, label, cell, unit)


def _earning(features: Sequence[Feature]) -> Earning | None:
    return features[0].earning if len(features) == 1 else total_earning(features)


def _known_cost(features: Sequence[Feature]) -> Value:
    earning = _earning(features)
    if earning is None:
        return Value(None, Unit.USD, reason=NO_MARGIN)
    lacks = earning.priced_calls < earning.calls or any(each.usage.partial_calls for each in features)
    return Value(earning.cost_usd if earning.known else None, Unit.USD, reason=NO_COST, at_least=lacks)


def _ratio(earning: Earning, ratio: Decimal | None) -> Value:
    return Value(ratio, Unit.SHARE, reason=FREE if earning.known else NO_COST)


Judged = tuple[Feature, Standing]


def quadrant_table(result: FeatureEconomics) -> Table:
    """The verdict on each feature, and how far it is from another one."""
    fields: Fields[Judged] = (
        field("feature", "Feature", lambda each: each[0].name),
        field("verdict", "Verdict", lambda each: each[1].verdict.value),
        field("adoption", "Adoption", lambda each: share_value(each[0].adoption), Unit.SHARE),
        field("return", "Return on cost", _return_on_cost, Unit.SHARE),
        field("customers", "Customers to spare", lambda each: each[1].spare_customers, Unit.COUNT),
        field("cost", "Cost to spare", _spare_cost, Unit.USD),
        field("cost-share", "% of its cost", _spare_cost_share, Unit.SHARE),
        field("equal", "Verdict, equal split", lambda each: each[1].equal_verdict.value),
        field("firm", "Firm", lambda each: "yes" if each[1].robust else "no"),
    )
    return filled_table(
        "quadrant",
        "Verdict on each feature",
        [(feature, feature.standing) for feature in result.judged if feature.standing],
        fields,
        key=lambda each: each[0].name,
        note="The verdict flips where a figure to spare is used up; a negative one is what it takes to flip it.",
        method="quadrant",
    )


def _return_on_cost(entry: Judged) -> Value:
    earning = entry[0].earning
    return Value(earning.return_ratio if earning else None, Unit.SHARE, reason=FREE)


def _spare_cost(entry: Judged) -> Value:
    return Value(entry[1].spare_cost_usd, Unit.USD, reason="any cost leaves the return high")


def _spare_cost_share(entry: Judged) -> Cell:
    earning = entry[0].earning
    return share_value(share(entry[1].spare_cost_usd, earning.cost_usd if earning else None), FREE)


def _table(
    identity: str,
    title: str,
    features: Sequence[Feature],
    fields: Fields[Feature],
    note: str,
    method: str,
    facets: Callable[[Feature], Facets | None] = lambda _: None,
) -> Table:
    """A table of features with all of them in a last row."""
    total = Row(together("All", features, fields), key="total")
    return filled_table(
        identity, title, features, fields, facets=facets, key=_key, total=total, note=note, method=method
    )
