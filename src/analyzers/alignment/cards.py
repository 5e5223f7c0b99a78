"""The cards of organizational alignment: cost with an organization, charged, unallocated, non-production share."""

from analyzers.alignment.result import Alignment
from analyzers.usage.cells import COST
from analyzers.usage.earlier_period import Compared, change, points
from analyzers.usage.tables import cost_value
from analyzers.words.figures import counted
from reporting.document import Change, MetricCard, Unit, Value

NO_COST = "no call has a known cost"


def cards(result: Alignment) -> tuple[MetricCard, ...]:
    """All cards, the headline first."""
    entry, bill = result.organization_coverage, result.chargeback
    priced = bool(result.total.priced_calls)
    charged = bill.total_usd if bill.statements and priced else None
    why = NO_COST if result.knows_organizations else "no call names an organization"
    grade = f"FinOps maturity: {entry.grade.value}" if entry.grade else ""
    unallocated = entry.unallocated_usd if priced else None
    least = entry.unnamed_at_least
    return (
        MetricCard(
            id="coverage",
            label="Cost with an organization",
            value=Value(entry.cost_share, Unit.SHARE, reason=NO_COST),
            note=grade,
            change=points(result.coverage_versus, rise_is_good=True),
        ),
        MetricCard(
            id="cost",
            label="Total cost",
            value=cost_value(result.total),
            change=_cost_change(result),
            sum=COST,
        ),
        MetricCard(
            id="charged",
            label="Charged to organizations",
            value=Value(charged, Unit.USD, reason=why, at_least=bill.at_least),
            note=counted(len(bill.statements), "statement"),
        ),
        MetricCard(
            id="unallocated",
            label="Unallocated cost",
            value=Value(unallocated, Unit.USD, reason=NO_COST, at_least=least),
        ),
        MetricCard(id="organizations", label="Organizations", value=Value(result.organizations, Unit.COUNT)),
        MetricCard(
            id="non-production",
            label="Non-production share",
            value=Value(
                result.non_production_share, Unit.SHARE, reason="no cost with a named environment is known"
            ),
        ),
    )


def _cost_change(result: Alignment) -> Change | None:
    versus = result.versus
    if versus is None:
        return None
    return change(Compared(versus.before.cost_usd, versus.now.cost_usd, versus.periods), rise_is_good=False)
