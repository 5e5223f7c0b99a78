"""Tables of bundles and of loss-making features that are shared."""

from decimal import Decimal

from analyzers.feature_economics.result import Bundle, Feature, FeatureEconomics
from analyzers.words.figures import listed
from reporting.document import Table, Unit
from reporting.filled_tables import Fields, field, filled_table, summed


def bundle_table(result: FeatureEconomics) -> Table:
    """Pairs of features that customers share, the most significant first."""
    fields: Fields[Bundle] = (
        field("first", "Feature", lambda pair: pair.first),
        field("second", "With", lambda pair: pair.second),
        field("both", "Customers using both", lambda pair: pair.both, Unit.COUNT),
        field("support", "% of all customers", lambda pair: pair.support, Unit.SHARE),
        field("expected", "Expected by chance", lambda pair: pair.expected, Unit.RATIO),
        field("lift", "Lift", lambda pair: pair.lift, Unit.RATIO),
        field("p", "p-value", lambda pair: "< 0.0001" if pair.p_value < 0.0001 else f"{pair.p_value:.4f}"),
        field("significant", "More than chance", lambda pair: "yes" if pair.significant else "no"),
    )
    return filled_table(
        "bundle-table",
        "Features used by the same customers",
        result.bundles,
        fields,
        key=lambda pair: f"{pair.first}+{pair.second}",
        note="Association, not cause.",
        method="bundles",
    )


def sharing_table(result: FeatureEconomics) -> Table:
    """Loss-making features, and the profitable customers that use them."""
    fields: Fields[Feature] = (
        field("feature", "Feature", lambda each: each.name),
        field("verdict", "Verdict", lambda each: each.standing.verdict.value if each.standing else "unknown"),
        summed("loss", "Loss", lambda each: each.loss_usd, Unit.USD),
        field(
            "customers",
            "Profitable customers using it",
            lambda each: each.sharing.customers if each.sharing else 0,
            Unit.COUNT,
        ),
        field(
            "margin",
            "Their margin at risk",
            lambda each: each.sharing.margin_usd if each.sharing else Decimal(0),
            Unit.USD,
        ),
        field(
            "revenue",
            "Their revenue",
            lambda each: each.sharing.revenue_usd if each.sharing else Decimal(0),
            Unit.USD,
        ),
        field("largest", "Largest of them", _largest),
        field("flag", "Before sunset", lambda each: "ask them first" if each.shared else "none to ask"),
    )
    return filled_table(
        "shared",
        "Loss-making features and who uses them",
        result.losing,
        fields,
        key=lambda each: each.name,
        method="sharing",
    )


def _largest(feature: Feature) -> str:
    found = feature.sharing
    return listed(found.largest) if found and found.largest else "(none)"
