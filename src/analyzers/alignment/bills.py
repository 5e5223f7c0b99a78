"""Tables of showback and chargeback: statements, their lines, and how shared cost is split between organizations."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from analyzers.alignment.result import Alignment
from analyzers.alignment.statement_lines import StatementLine
from analyzers.alignment.statements import Chargeback, Statement
from analyzers.alignment.tables import MOST_LONG, MOST_ROWS
from analyzers.usage.sums import Group, Usage, total_usage
from analyzers.usage.tables import cost_fields, shown_name, unpriced_note, used
from analyzers.words.figures import listed, usd
from reporting.document import Facets, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table, over, summed

METHOD_NAMES = {
    "even": "even",
    "proportional": "proportional to direct cost",
    "fixed": "fixed shares",
}
NO_FIXED = "no fixed shares in settings.toml"


def showback_table(result: Alignment) -> Table:
    """What each organization used and what that comes to in a month of 30 days."""
    fields: Fields[Group] = (
        field("name", "Organization", lambda group: shown_name(group.name)),
        *cost_fields(used, result.total),
        over("month", "A month of 30 days", lambda groups: _month_cost(result, used(groups)), Unit.USD),
    )
    table = filled_table(
        "showback",
        "Showback: what each organization used",
        sorted(result.breakdown.by("organization_id"), key=lambda group: not group.name),
        fields,
        facets=lambda group: Facets(organization=group.name),
        key=lambda group: group.name,
        limit=MOST_ROWS,
        total="Total",
        note=unpriced_note(result.total),
        method="showback",
    )
    return replace(table, by=("organization",))


def _month_cost(result: Alignment, usage: Usage) -> Value:
    cost = usage.known_cost_usd
    month = None if cost is None else cost * result.month_factor
    return Value(month, Unit.USD, reason="no call has a known cost", at_least=usage.at_least)


def statement_table(result: Alignment) -> Table:
    """One chargeback statement a row, ready to be invoiced."""
    bill, method = result.chargeback, METHOD_NAMES[result.chargeback.method]
    fields: Fields[Statement] = (
        field("number", "Number", lambda each: each.number),
        field("organization", "Organization", lambda each: each.organization),
        over(
            "from", "From", lambda some: _day([each.days.first for each in some if each.days], min), Unit.DATE
        ),
        over("to", "To", lambda some: _day([each.days.last for each in some if each.days], max), Unit.DATE),
        over("method", "Shared cost by", lambda _: method, Unit.TEXT),
        over("direct", "Direct usage", _direct, Unit.USD),
        over("shared", "Shared cost", lambda some: _amount(some, "shared"), Unit.USD),
        over("markup", "Markup", _markup, Unit.USD),
        over("adjustments", "Adjustments", lambda some: _amount(some, "adjustment"), Unit.USD),
        over(
            "total",
            "Total",
            lambda some: Value(_amount(some, "total"), Unit.USD, at_least=_usage(some).at_least),
            Unit.USD,
        ),
    )
    return filled_table(
        "statements",
        "Chargeback statements",
        bill.statements,
        fields,
        facets=lambda each: Facets(organization=each.organization),
        key=lambda each: each.number,
        limit=MOST_LONG,
        total="Total",
        note=_unbilled(bill),
        method="chargeback",
    )


def _day(days: Sequence[date], chosen: Callable[[Sequence[date]], date]) -> Value:
    return Value(chosen(days) if days else None, Unit.DATE, reason="times that are not plausible")


def line_table(result: Alignment) -> Table | None:
    """The statements of one month line by line; None where there is none."""
    if not result.statement_lines:
        return None
    return lines_as_table(result.statement_lines, limit=MOST_LONG)


def lines_as_table(lines: Sequence[StatementLine], limit: int) -> Table:
    """Lines of statements as a table; those of a statement follow each other and add up to its total."""
    fields: Fields[StatementLine] = (
        field("number", "Number", lambda line: line.number),
        field("organization", "Organization", lambda line: line.organization),
        field("month", "Month", lambda line: f"{line.month:%Y-%m}"),
        field("kind", "Kind", lambda line: line.kind),
        field("product", "Product", lambda line: _named(line, line.product)),
        field("feature", "Feature", lambda line: _named(line, line.feature)),
        field("model", "Model", lambda line: _named(line, f"{line.provider} {line.model}".strip())),
        summed("calls", "Calls", lambda line: line.usage.calls if line.usage else 0, Unit.COUNT),
        summed("tokens", "Tokens", lambda line: line.usage.tokens if line.usage else 0, Unit.TOKENS),
        summed("amount", "Amount", _line_amount, Unit.USD),
    )
    months = sorted({line.month for line in lines})
    named = listed([f"{month:%B %Y}" for month in months])
    return filled_table(
        "statement-lines",
        f"Statements of {named}, line by line",
        lines,
        fields,
        facets=lambda line: Facets(organization=line.organization),
        limit=limit,
        total="Total",
        note="The lines of a statement add up to its total. export_data.py --format statements writes those of every "
        "month and organization.",
        method="chargeback",
    )


def _named(line: StatementLine, name: str) -> str:
    """A name of a line of usage; what is added has none."""
    return shown_name(name) if line.usage else "-"


def _line_amount(line: StatementLine) -> Value:
    usage = line.usage
    known = usage is None or usage.known_cost_usd is not None
    return Value(
        line.amount_usd if known else None,
        Unit.USD,
        reason="no call has a known cost",
        at_least=bool(usage and usage.at_least),
    )


def _usage(some: Sequence[Statement]) -> Usage:
    return total_usage(entry.usage for entry in some)


def _amount(some: Sequence[Statement], name: str) -> Decimal:
    return sum((getattr(entry, f"{name}_usd") for entry in some), Decimal(0))


def _direct(some: Sequence[Statement]) -> Value:
    usage = _usage(some)
    known = _amount(some, "direct") if usage.known_cost_usd is not None else None
    return Value(known, Unit.USD, reason="no call has a known cost", at_least=usage.at_least)


def _markup(some: Sequence[Statement]) -> Value:
    markup = _amount(some, "markup")
    return Value(markup, Unit.USD, at_least=_usage(some).at_least and bool(markup))


def _unbilled(bill: Chargeback) -> str:
    if not bill.unallocated.calls:
        return "Every call names an organization, so the direct usage adds up to the total cost."
    cost = "an unknown cost" if bill.unallocated.known_cost_usd is None else usd(bill.unallocated_usd)
    return (
        f"{bill.unallocated.calls:,} calls of {cost} name no organization and are charged to nobody; with them "
        "the direct usage adds up to the total cost."
    )


def split_table(result: Alignment) -> Table:
    """The shared cost by each method, side by side."""
    bill = result.chargeback

    def label(name: str) -> str:
        return METHOD_NAMES[name].capitalize() + (" (chosen)" if name == bill.method else "")

    fields: Fields[Statement] = (
        field("number", "Number", lambda each: each.number),
        field("organization", "Organization", lambda each: each.organization),
        over("even", label("even"), lambda some: _amount(some, "shared_even"), Unit.USD),
        over(
            "proportional", label("proportional"), lambda some: _amount(some, "shared_proportional"), Unit.USD
        ),
        over("fixed", label("fixed"), _fixed, Unit.USD),
    )
    return filled_table(
        "shared-cost",
        "The shared cost by each method",
        bill.statements,
        fields,
        facets=lambda each: Facets(organization=each.organization),
        key=lambda each: each.number,
        limit=MOST_ROWS,
        total="Total",
        method="chargeback",
    )


def _fixed(some: Sequence[Statement]) -> Value:
    fixed = [entry.shared_fixed_usd for entry in some if entry.shared_fixed_usd is not None]
    return Value(sum(fixed, Decimal(0)) if len(fixed) == len(some) else None, Unit.USD, reason=NO_FIXED)
