"""The table of unprofitable customers with the margin after each remedy."""

from decimal import Decimal

from analyzers.ubr.profitability_charts import organization_name
from analyzers.ubr.profitability_result import LossMaker, Profitability, Remedy, RemedyKind
from analyzers.usage import ZERO
from analyzers.wording import percent
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value

LOSSES = 50
"""Rows of the table, the largest losses; the JSON holds all."""


def loss_table(result: Profitability) -> Table:
    """Every unprofitable customer with the margin after each remedy."""
    columns = (
        Column("customer", "Customer"),
        Column("organization", "Organization"),
        Column("plan", "Plan"),
        Column("loss", "Loss of the period", Unit.USD),
        Column("running", "Share of all losses, cumulative", Unit.SHARE),
        Column("margin_month", "Margin a month at the current pace", Unit.USD),
        Column("upgrade", "Upgrade"),
        Column("upgrade_margin", "Margin a month after the upgrade", Unit.USD),
        Column("switch", "Model switch"),
        Column("switch_margin", "Margin a month after the switch", Unit.USD),
        Column("cap", "Cap"),
        Column("cap_margin", "Margin a month after the cap", Unit.USD),
        Column("price", "Price"),
        Column("price_margin", "Margin a month after the price", Unit.USD),
        Column("best", "Recommended"),
    )
    rows = [_loss_row(entry) for entry in result.loss_makers[:LOSSES]]
    rest = result.loss_makers[LOSSES:]
    if rest:
        lost = sum((entry.margin.loss_usd for entry in rest), ZERO)
        padding: tuple[Cell, ...] = ("",) * (len(columns) - 5)
        rows.append(Row((f"Other ({len(rest):,})", "", "", lost, Decimal(1), *padding), key="other"))
    note = f"Upgrades, caps and prices aim at a margin of {percent(result.target_margin)}."
    return Table("losses-table", "Unprofitable customers", columns, tuple(rows), note=note, method="remedies")


def _loss_row(entry: LossMaker) -> Row:
    by_kind = {remedy.kind: remedy for remedy in entry.remedies}
    kinds = (RemedyKind.UPGRADE, RemedyKind.SWITCH, RemedyKind.CAP, RemedyKind.PRICE)
    cells = [cell for kind in kinds for cell in _remedy_cells(by_kind.get(kind), _no_remedy(entry, kind))]
    margin = entry.margin
    return Row(
        (
            margin.customer,
            organization_name(margin.organization),
            margin.plan or "(none)",
            margin.loss_usd,
            entry.loss_share_running,
            entry.margin_usd_month,
            *cells,
            entry.best.kind.value if entry.best else "none of these turns the loss",
        ),
        Facets(organization=margin.organization),
        margin.customer,
    )


def _no_remedy(entry: LossMaker, kind: RemedyKind) -> str:
    if not entry.margin.current:
        return "no longer active"
    if entry.margin_usd_month >= 0:
        return "the current price covers the current pace"
    return {
        RemedyKind.UPGRADE: "no plan of the price list covers the cost",
        RemedyKind.SWITCH: "no cheaper model does the same work often enough",
    }.get(kind, "the plan is free")


def _remedy_cells(remedy: Remedy | None, reason: str) -> tuple[Cell, Cell]:
    if remedy is None:
        return reason, Value(None, Unit.USD, reason)
    return remedy.detail, remedy.margin_after_usd_month
