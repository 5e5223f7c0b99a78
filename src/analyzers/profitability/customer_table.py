"""The table of customers: revenue, cost and margin of each, and how likely it is that next month loses money."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from analyzers.profitability.charts import organization_name
from analyzers.profitability.customer_margin import CustomerMargin, Outlook
from analyzers.profitability.result import Profitability
from analyzers.usage.sums import ZERO, share, total_usage
from analyzers.usage.tables import known_or, shown_name
from analyzers.words.figures import counted
from reporting.document import Cell, Row, Table, Unit, Value
from reporting.facets import one_organization
from reporting.filled_tables import Field, Fields, field, filled_table, summed, together


def customer_table(result: Profitability) -> Table:
    """Every customer, the least margin first."""
    fields: Fields[CustomerMargin] = (
        field("customer", "Customer", lambda each: each.customer),
        field("organization", "Organization", lambda each: organization_name(each.organization)),
        field("plan", "Plan", lambda each: shown_name(each.plan)),
        *_margin_fields(),
        *_call_fields(),
        *_outlook_fields(result.outlook_days),
    )
    everyone = f"All {counted(len(result.customers), 'customer')}"
    return filled_table(
        "customers",
        "Customers",
        result.customers,
        fields,
        facets=lambda each: one_organization(each.organization, each.organizations),
        key=lambda each: each.customer,
        total=Row(together(everyone, result.customers, fields), key="total"),
        note="The least profitable first. A margin with calls of unknown cost is an upper bound.",
        method="outlook",
    )


def _margin_fields() -> Fields[CustomerMargin]:
    """Revenue, cost and margin; several customers have those of the ones whose margin is known."""
    return (
        field("revenue", "Revenue", _revenue, Unit.USD, together=_known_revenue),
        field("cost", "Cost", _cost, Unit.USD, together=_cost_of_all),
        field("margin", "Margin", _margin, Unit.USD, together=_known_margin),
        field("margin_share", "Margin of revenue", _margin_share, Unit.SHARE, together=_known_margin_share),
        field("band", "Band", lambda each: each.band.value),
    )


def _call_fields() -> Fields[CustomerMargin]:
    def unpriced(entry: CustomerMargin) -> int:
        return entry.use.unpriced_calls

    return (
        summed("calls", "Calls", lambda each: each.use.calls, Unit.COUNT),
        summed("unpriced", "Calls of unknown cost", unpriced, Unit.COUNT, sparse=True),
    )


def _outlook_fields(needed_days: int) -> Fields[CustomerMargin]:
    """The range of next month's margin, and whether there is history enough to tell."""

    def judged(key: str, label: str, unit: Unit, amount: Callable[[Outlook], Cell]) -> Field[CustomerMargin]:
        def cell(entry: CustomerMargin) -> Cell:
            if entry.outlook is None:
                return Value(None, unit, reason=_no_outlook(entry, needed_days))
            return amount(entry.outlook)

        return field(key, label, cell, unit, together=_none)

    def data(entry: CustomerMargin) -> str:
        return "little data" if entry.pace_days < needed_days else "enough"

    return (
        judged("low", "Next month's margin, low", Unit.USD, lambda found: found.low_usd),
        judged("high", "Next month's margin, high", Unit.USD, lambda found: found.high_usd),
        judged(
            "loss_probability",
            "Probability of a loss next month",
            Unit.SHARE,
            lambda found: found.loss_probability,
        ),
        field("data", "Data", data),
    )


def _none(_: Sequence[CustomerMargin]) -> Cell:
    """Nothing that several customers have in common."""
    return ""


def _no_outlook(entry: CustomerMargin, needed_days: int) -> str:
    if not entry.current:
        return "not active in the last month"
    if entry.pace_days < needed_days:
        return f"{counted(entry.pace_days, 'day')} of history; {needed_days} are needed"
    if entry.monthly_usd is None or entry.margin_usd is None:
        return "revenue or cost is unknown"
    return "only the customers with the highest cost are judged"


def _revenue(entry: CustomerMargin) -> Cell:
    return known_or(entry.revenue_usd, Unit.USD, "the price of the plan is unknown")


def _margin_share(entry: CustomerMargin) -> Cell:
    return known_or(entry.margin_share, Unit.SHARE, "no revenue, or the margin is unknown")


def _margin(entry: CustomerMargin) -> Value:
    reason = "revenue or cost is unknown"
    return Value(entry.margin_usd, Unit.USD, reason=reason, at_most=entry.use.at_least)


def _cost(entry: CustomerMargin) -> Value:
    return Value(
        entry.use.known_cost_usd,
        Unit.USD,
        reason="no call has a known cost",
        at_least=entry.use.at_least and entry.use.priced_calls > 0,
    )


def _known_revenue(entries: Sequence[CustomerMargin]) -> Decimal:
    """The revenue of those whose margin is known."""
    return sum((each.revenue_usd or ZERO for each in entries if each.margin_usd is not None), ZERO)


def _usd_margin(entries: Sequence[CustomerMargin]) -> Decimal:
    return sum((each.margin_usd or ZERO for each in entries), ZERO)


def _known_margin(entries: Sequence[CustomerMargin]) -> Value:
    least = any(each.use.at_least for each in entries)
    return Value(_usd_margin(entries), Unit.USD, at_most=least)


def _known_margin_share(entries: Sequence[CustomerMargin]) -> Cell:
    return known_or(share(_usd_margin(entries), _known_revenue(entries)), Unit.SHARE, "no revenue")


def _cost_of_all(entries: Sequence[CustomerMargin]) -> Value:
    use = total_usage(entry.use for entry in entries)
    return Value(use.cost_usd, Unit.USD, at_least=use.at_least)
