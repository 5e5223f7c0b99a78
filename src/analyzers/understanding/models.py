"""Providers and models: what each costs, and how concentrated the cost is."""

from decimal import Decimal

from analyzers.understanding.cost_chart import cost_chart
from analyzers.understanding.result import Understanding
from analyzers.usage.sums import Breakdown
from analyzers.usage.tables import by_provider, cost_table
from methods.concentration import Concentration, concentration
from reporting.document import Block, Column, Method, Row, Section, Table, Unit, Value

METHOD = Method(
    "concentration",
    "Concentration",
    "Herfindahl index = sum of squared shares of cost; as concentrated as 1 / index equal parts",
    (),
    ("Customers: calls that name none.",),
    "Hirschman, The Paternity of an Index (1964)",
)


def concentration_by(parts: Breakdown, name: str) -> Concentration:
    """Over the groups of a dimension."""
    return concentration([max(group.usage.cost_usd, Decimal(0)) for group in parts.by(name)])


def customer_concentration(parts: Breakdown) -> Concentration | None:
    """Over named customers; None where no call names one."""
    named = [max(group.usage.cost_usd, Decimal(0)) for group in parts.by("customer_id") if group.name]
    return concentration(named) if named else None


def section(result: Understanding) -> Section:
    """Charts and tables of cost by provider and model, and the concentration of it."""
    providers, models = result.by("provider"), result.by("provider", "model")
    blocks: list[Block] = []
    if result.total.cost_usd:
        blocks += [cost_chart("provider", "provider", providers, result)] if len(providers) > 1 else []
        blocks += [cost_chart("model", "model", models, result)] if len(models) > 1 else []
    blocks += [
        cost_table("by-provider", "Cost by provider", "Provider", providers, by_provider),
        cost_table("by-model", "Cost by provider and model", "Model", models, by_provider),
    ]
    if result.total.cost_usd:
        blocks.append(_concentration_table(result))
    return Section("models", "Providers and models", tuple(blocks))


def _concentration_table(result: Understanding) -> Table:
    """How much of the cost sits with few."""
    columns = (
        Column("of", "Among"),
        Column("count", "Number", Unit.COUNT),
        Column("top", "Largest share", Unit.SHARE),
        Column("herfindahl", "Herfindahl index", Unit.RATIO),
        Column("effective", "Equal shares it amounts to", Unit.RATIO),
    )
    entries = [("providers", result.provider_concentration)]
    if result.customer_concentration:
        entries.append(("customers", result.customer_concentration))
    rows = tuple(_concentration_row(name, entry) for name, entry in entries)
    return Table("concentration", "Concentration of cost", columns, rows, method="concentration")


def _concentration_row(name: str, found: Concentration) -> Row:
    reason = "no known cost"
    return Row(
        (
            name,
            found.count,
            Value(found.top_share, Unit.SHARE, reason),
            Value(found.herfindahl, Unit.RATIO, reason),
            Value(found.effective_count, Unit.RATIO, reason),
        ),
        key=name,
    )
