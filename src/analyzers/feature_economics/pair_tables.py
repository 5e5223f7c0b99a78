"""Tables of bundles, of loss-making features that are shared, and of calls of unknown cost."""

from decimal import Decimal

from analyzers.feature_economics.result import Bundle, Feature, FeatureEconomics
from analyzers.feature_economics.tables import NOT_ADDED, Cells
from analyzers.usage.tables import ROWS
from analyzers.words.figures import counted, listed
from reporting.document import Column, Facets, Row, Table, Unit, Value


def bundle_table(result: FeatureEconomics) -> Table:
    """Pairs of features that customers share, the most significant first."""
    columns = (
        Column("first", "Feature"),
        Column("second", "With"),
        Column("both", "Customers using both", Unit.COUNT),
        Column("support", "Of all customers", Unit.SHARE),
        Column("expected", "Expected by chance", Unit.RATIO),
        Column("lift", "Lift", Unit.RATIO),
        Column("p", "p-value"),
        Column("significant", "More than chance"),
    )
    rows = tuple(
        Row(_bundle_cells(bundle), key=f"{bundle.first}+{bundle.second}") for bundle in result.bundles[:ROWS]
    )
    note = "Association, not cause."
    if len(result.bundles) > ROWS:
        note += f" {counted(len(result.bundles) - ROWS, 'weaker pair')} left out."
    return Table(
        "bundle-table", "Features used by the same customers", columns, rows, note=note, method="bundles"
    )


def _bundle_cells(bundle: Bundle) -> Cells:
    return (
        bundle.first,
        bundle.second,
        bundle.both,
        bundle.support,
        bundle.expected,
        bundle.lift,
        "< 0.0001" if bundle.p_value < 0.0001 else f"{bundle.p_value:.4f}",
        "yes" if bundle.significant else "no",
    )


def sharing_table(result: FeatureEconomics) -> Table:
    """Loss-making features, and the profitable customers that use them."""
    columns = (
        Column("feature", "Feature"),
        Column("verdict", "Verdict"),
        Column("loss", "Loss", Unit.USD),
        Column("customers", "Profitable customers using it", Unit.COUNT),
        Column("margin", "Their margin at risk", Unit.USD),
        Column("revenue", "Their revenue", Unit.USD),
        Column("largest", "Largest of them"),
        Column("flag", "Before sunset"),
    )
    rows = [_sharing_row(feature) for feature in result.losing[:ROWS]]
    rest = result.losing[ROWS:]
    if rest:
        loss = sum((feature.loss_usd for feature in rest), Decimal(0))
        unknown = (Value(None, Unit.COUNT, NOT_ADDED), *(Value(None, Unit.USD, NOT_ADDED),) * 2)
        several = "(several)"
        rows.append(Row((f"Other ({len(rest):,})", several, loss, *unknown, several, several), key="other"))
    title = "Loss-making features and who uses them"
    return Table("shared", title, columns, tuple(rows), method="sharing")


def _sharing_row(feature: Feature) -> Row:
    found = feature.sharing
    return Row(
        (
            feature.name,
            feature.standing.verdict.value if feature.standing else "unknown",
            feature.loss_usd,
            found.customers if found else 0,
            found.margin_usd if found else Decimal(0),
            found.revenue_usd if found else Decimal(0),
            listed(found.largest) if found and found.largest else "(none)",
            "ask them first" if feature.shared else "none to ask",
        ),
        key=feature.name,
    )


def unpriced_table(result: FeatureEconomics) -> Table:
    """Calls of unknown cost by model."""
    columns = (
        Column("provider", "Provider"),
        Column("model", "Model"),
        Column("calls", "Calls of unknown cost", Unit.COUNT),
    )
    rows = [
        Row(
            (entry.provider or "(none)", entry.model or "(none)", entry.calls),
            Facets(provider=entry.provider),
        )
        for entry in result.unpriced[:ROWS]
    ]
    rest = result.unpriced[ROWS:]
    if rest:
        rows.append(Row((f"Other ({len(rest):,})", "(several)", sum(entry.calls for entry in rest))))
    return Table("unpriced", "Calls of unknown cost by model", columns, tuple(rows))
