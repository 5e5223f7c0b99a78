"""The tables of unprofitable customers: what each loses, and its margin after each remedy."""

from analyzers.profitability.charts import organization_name
from analyzers.profitability.result import LossMaker, Profitability, Remedy, RemedyKind
from analyzers.usage.tables import shown_name
from analyzers.words.figures import percent
from reporting.document import Cell, Facets, Table, Unit, Value
from reporting.facets import one_organization
from reporting.filled_tables import Fields, field, filled_table, summed

LOSSES = 50
"""Rows of a table, the largest losses; the JSON holds all."""


def loss_table(result: Profitability) -> Table:
    """Every unprofitable customer, what it loses and what is recommended."""
    none = "none of these turns the loss"
    fields: Fields[LossMaker] = (
        field("customer", "Customer", _customer),
        field("organization", "Organization", lambda each: organization_name(each.margin.organization)),
        field("plan", "Plan", lambda each: shown_name(each.margin.plan)),
        summed("loss", "Loss of the period", lambda each: each.margin.loss_usd, Unit.USD),
        field(
            "running",
            "% of all losses, cumulative",
            lambda each: each.loss_share_running,
            Unit.SHARE,
            together=lambda some: some[-1].loss_share_running,
        ),
        field("margin_month", "Margin per month at this pace", lambda each: each.margin_usd_month, Unit.USD),
        field("best", "Recommended", lambda each: each.best.kind.value if each.best else none),
        field(
            "best_margin",
            "Margin per month after it",
            lambda each: (
                each.best.margin_after_usd_month if each.best else Value(None, Unit.USD, reason=none)
            ),
            Unit.USD,
        ),
    )
    return filled_table(
        "losses-table",
        "Unprofitable customers",
        result.loss_makers,
        fields,
        facets=_facets,
        key=_customer,
        limit=LOSSES,
        method="remedies",
    )


def remedy_table(result: Profitability) -> Table:
    """The margin of every unprofitable customer after each remedy."""
    labels = {
        RemedyKind.UPGRADE: ("upgrade", "Upgrade"),
        RemedyKind.SWITCH: ("switch", "Model switch"),
        RemedyKind.CAP: ("cap", "Cap"),
        RemedyKind.PRICE: ("price", "Price"),
    }
    fields: Fields[LossMaker] = (
        field("customer", "Customer", _customer),
        *(column for kind, (key, label) in labels.items() for column in _remedy_fields(kind, key, label)),
    )
    return filled_table(
        "remedies-table",
        "Ways out of each loss",
        result.loss_makers,
        fields,
        facets=_facets,
        key=_customer,
        limit=LOSSES,
        note="Margins are those of a month at the current pace. Upgrades, caps and prices aim at a margin of "
        f"{percent(result.target_margin)}.",
        method="remedies",
    )


def _remedy_fields(kind: RemedyKind, key: str, label: str) -> Fields[LossMaker]:
    """A remedy in words, and the margin after it."""

    def remedy(entry: LossMaker) -> Remedy | None:
        return next((each for each in reversed(entry.remedies) if each.kind is kind), None)

    def words(entry: LossMaker) -> str:
        found = remedy(entry)
        return found.detail if found else _no_remedy(entry, kind)

    def margin(entry: LossMaker) -> Cell:
        found = remedy(entry)
        return (
            found.margin_after_usd_month if found else Value(None, Unit.USD, reason=_no_remedy(entry, kind))
        )

    return (
        field(key, label, words),
        field(
            f"{key}_margin",
            f"Margin after {'switch' if key == 'switch' else label.lower()}",
            margin,
            Unit.USD,
        ),
    )


def _customer(entry: LossMaker) -> str:
    return entry.margin.customer


def _facets(entry: LossMaker) -> Facets:
    return one_organization(entry.margin.organization, entry.margin.organizations)


def _no_remedy(entry: LossMaker, kind: RemedyKind) -> str:
    if not entry.margin.current:
        return "no longer active"
    if entry.margin_usd_month >= 0:
        return "the current price covers the current pace"
    return {
        RemedyKind.UPGRADE: "no plan of the price list covers the cost",
        RemedyKind.SWITCH: "no cheaper model does the same work often enough",
    }.get(kind, "the plan is free")
