"""The tables of unprofitable customers: what each loses, and its margin after each remedy."""

from decimal import Decimal

from analyzers.profitability.charts import organization_name
from analyzers.profitability.result import LossMaker, Profitability, Remedy, RemedyKind
from analyzers.usage.sums import ZERO
from analyzers.words.figures import percent
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value

LOSSES = 50
"""Rows of a table, the largest losses; the JSON holds all."""
KINDS = (RemedyKind.UPGRADE, RemedyKind.SWITCH, RemedyKind.CAP, RemedyKind.PRICE)


def loss_table(result: Profitability) -> Table:
    """Every unprofitable customer, what it loses and what is recommended."""
    columns = (
        Column("customer", "Customer"),
        Column("organization", "Organization"),
        Column("plan", "Plan"),
        Column("loss", "Loss of the period", Unit.USD),
        Column("running", "Of all losses, cumulative", Unit.SHARE),
        Column("margin_month", "Margin a month at this pace", Unit.USD),
        Column("best", "Recommended"),
        Column("best_margin", "Margin a month after it", Unit.USD),
    )
    rows = [_loss_row(entry) for entry in result.loss_makers[:LOSSES]]
    rest = result.loss_makers[LOSSES:]
    if rest:
        lost = sum((entry.margin.loss_usd for entry in rest), ZERO)
        padding: tuple[Cell, ...] = ("",) * (len(columns) - 5)
        rows.append(Row((f"Other ({len(rest):,})", "", "", lost, Decimal(1), *padding), key="other"))
    return Table("losses-table", "Unprofitable customers", columns, tuple(rows), method="remedies")


def remedy_table(result: Profitability) -> Table:
    """The margin of every unprofitable customer after each remedy."""
    columns = (
        Column("customer", "Customer"),
        Column("upgrade", "Upgrade"),
        Column("upgrade_margin", "Margin after upgrade", Unit.USD),
        Column("switch", "Model switch"),
        Column("switch_margin", "Margin after switch", Unit.USD),
        Column("cap", "Cap"),
        Column("cap_margin", "Margin after cap", Unit.USD),
        Column("price", "Price"),
        Column("price_margin", "Margin after price", Unit.USD),
    )
    note = (
        f"Margins are those of a month at the current pace. Upgrades, caps and prices aim at a margin of "
        f"{percent(result.target_margin)}."
    )
    rows = tuple(_remedy_row(entry) for entry in result.loss_makers[:LOSSES])
    return Table("remedies-table", "Ways out of each loss", columns, rows, note=note, method="remedies")


def _remedy_row(entry: LossMaker) -> Row:
    by_kind = {remedy.kind: remedy for remedy in entry.remedies}
    cells = [cell for kind in KINDS for cell in _remedy_cells(by_kind.get(kind), _no_remedy(entry, kind))]
    margin = entry.margin
    return Row((margin.customer, *cells), Facets(organization=margin.organization), margin.customer)


def _loss_row(entry: LossMaker) -> Row:
    margin, best, none = entry.margin, entry.best, "none of these turns the loss"
    return Row(
        (
            margin.customer,
            organization_name(margin.organization),
            margin.plan or "(none)",
            margin.loss_usd,
            entry.loss_share_running,
            entry.margin_usd_month,
            best.kind.value if best else none,
            best.margin_after_usd_month if best else Value(None, Unit.USD, none),
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
