"""How concentrated the cost is: among providers, among customers."""

from decimal import Decimal

from analyzers.understanding.result import Understanding
from analyzers.usage.sums import Breakdown
from methods.concentration import Concentration, concentration
from reporting.document import Method, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table

METHOD = Method(
    id="concentration",
    title="Concentration",
    formula="Herfindahl index = sum of squared shares of cost; as concentrated as 1 / index equal parts",
    assumptions=(),
    exclusions=("Customers: calls that name none.",),
    source="Hirschman, The Paternity of an Index (1964)",
)


def concentration_by(parts: Breakdown, name: str) -> Concentration:
    """Over the groups of a dimension."""
    return concentration([max(group.usage.cost_usd, Decimal(0)) for group in parts.by(name)])


def customer_concentration(parts: Breakdown) -> Concentration | None:
    """Over named customers; None where no call names one."""
    named = [max(group.usage.cost_usd, Decimal(0)) for group in parts.by("customer_id") if group.name]
    return concentration(named) if named else None


Judged = tuple[str, Concentration]
"""Among whom, and how concentrated."""


def concentration_table(result: Understanding) -> Table:
    """How much of the cost sits with few."""
    reason = "no known cost"
    fields: Fields[Judged] = (
        field("of", "Among", lambda each: each[0]),
        field("count", "Number", lambda each: each[1].count, Unit.COUNT),
        field(
            "top",
            "Largest share",
            lambda each: Value(each[1].top_share, Unit.SHARE, reason=reason),
            Unit.SHARE,
        ),
        field(
            "herfindahl",
            "Herfindahl index (HHI)",
            lambda each: Value(each[1].herfindahl, Unit.RATIO, reason=reason),
            Unit.RATIO,
        ),
        field(
            "effective",
            "Effective number (1/HHI)",
            lambda each: Value(each[1].effective_count, Unit.RATIO, reason=reason),
            Unit.RATIO,
        ),
    )
    entries = [("providers", result.provider_concentration)]
    if result.customer_concentration:
        entries.append(("customers", result.customer_concentration))
    return filled_table(
        "concentration",
        "Concentration of cost",
        entries,
        fields,
        key=lambda each: each[0],
        method="concentration",
    )
