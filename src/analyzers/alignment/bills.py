"""Tables of what each organization is shown and charged: showback, statements, and the split of shared cost."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.alignment.result import Alignment
from analyzers.alignment.statements import Chargeback, Statement
from analyzers.alignment.tables import MOST_LONG, MOST_ROWS
from analyzers.usage.sums import Usage, total_usage
from analyzers.usage.tables import COST_COLUMNS, cost_cells, shown_name, unpriced_note
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value

METHOD_NAMES = {
    "even": "even",
    "proportional": "proportional to direct cost",
    "fixed": "fixed shares",
}
NO_FIXED = "no fixed shares in settings.toml"


def showback_table(result: Alignment) -> Table:
    """What each organization used and what that comes to in a month of 30 days."""
    groups = sorted(result.breakdown.by("organization_id"), key=lambda group: not group.name)
    columns = (Column("name", "Organization"), *COST_COLUMNS, Column("month", "A month of 30 days", Unit.USD))
    rows = [
        _showback_row(result, shown_name(group.name), group.usage, group.name) for group in groups[:MOST_ROWS]
    ]
    if len(groups) > MOST_ROWS:
        other = total_usage(group.usage for group in groups[MOST_ROWS:])
        rows.append(_showback_row(result, f"Other ({len(groups) - MOST_ROWS:,})", other, None))
    return Table(
        "showback", "Showback: what each organization used", columns, tuple(rows),
        _showback_row(result, "Total", result.total, None), unpriced_note(result.total), "showback",
    )  # fmt: skip


def _showback_row(result: Alignment, name: str, usage: Usage, organization: str | None) -> Row:
    cost = usage.known_cost_usd
    month = Value(
        None if cost is None else cost * result.month_factor, Unit.USD, "no call has a known cost", usage.at_least
    )  # fmt: skip
    facets = None if organization is None else Facets(organization=organization)
    return Row((name, *cost_cells(usage, result.total), month), facets, organization or "")


def statement_table(result: Alignment) -> Table:
    """One chargeback statement a row, ready to be invoiced."""
    bill = result.chargeback
    columns = (
        Column("number", "Number"),
        Column("organization", "Organization"),
        Column("from", "From", Unit.DATE),
        Column("to", "To", Unit.DATE),
        Column("method", "Shared cost by"),
        Column("direct", "Direct usage", Unit.USD),
        Column("shared", "Shared cost", Unit.USD),
        Column("markup", "Markup", Unit.USD),
        Column("adjustments", "Adjustments", Unit.USD),
        Column("total", "Total", Unit.USD),
    )
    shown, rest = bill.statements[:MOST_LONG], bill.statements[MOST_LONG:]
    rows = [_statement_row(result, entry) for entry in shown]
    if rest:
        rows.append(_sum_row(result, f"Other ({len(rest):,})", rest))
    return Table(
        "statements", "Chargeback statements", columns, tuple(rows),
        _sum_row(result, "Total", bill.statements), _unbilled(bill), "chargeback",
    )  # fmt: skip


def _unbilled(bill: Chargeback) -> str:
    if not bill.unallocated.calls:
        return "Every call names an organization, so the direct usage adds up to the total cost."
    cost = "an unknown cost" if bill.unallocated.known_cost_usd is None else f"${bill.unallocated_usd:,.2f}"
    return (
        f"{bill.unallocated.calls:,} calls of {cost} name no organization and are charged to nobody; with them "
        "the direct usage adds up to the total cost."
    )


def _statement_row(result: Alignment, entry: Statement) -> Row:
    return Row(
        (
            entry.number,
            entry.organization,
            result.first_day,
            result.last_day,
            METHOD_NAMES[result.chargeback.method],
            *_amounts([entry]),
        ),
        Facets(organization=entry.organization),
        entry.organization,
    )


def _sum_row(result: Alignment, name: str, entries: Sequence[Statement]) -> Row:
    method = METHOD_NAMES[result.chargeback.method]
    return Row((name, "", result.first_day, result.last_day, method, *_amounts(entries)))


def _amounts(entries: Sequence[Statement]) -> tuple[Cell, ...]:
    usage = total_usage(entry.usage for entry in entries)
    direct, shared, markup, adjustments, total = (
        sum((getattr(entry, f"{name}_usd") for entry in entries), Decimal(0))
        for name in ("direct", "shared", "markup", "adjustment", "total")
    )
    known = direct if usage.known_cost_usd is not None else None
    return (
        Value(known, Unit.USD, "no call has a known cost", usage.at_least),
        shared,
        Value(markup, Unit.USD, at_least=usage.at_least and bool(markup)),
        adjustments,
        Value(total, Unit.USD, at_least=usage.at_least),
    )


def split_table(result: Alignment) -> Table:
    """The shared cost by each method, side by side."""
    bill = result.chargeback
    names = ("even", "proportional", "fixed")
    columns = (
        Column("organization", "Organization"),
        *(
            Column(name, METHOD_NAMES[name].capitalize() + (" (chosen)" if name == bill.method else ""), Unit.USD)
            for name in names
        ),
    )  # fmt: skip
    shown, rest = bill.statements[:MOST_ROWS], bill.statements[MOST_ROWS:]
    rows = [
        Row((entry.organization, *_splits([entry])), Facets(organization=entry.organization), entry.organization)
        for entry in shown
    ]  # fmt: skip
    if rest:
        rows.append(Row((f"Other ({len(rest):,})", *_splits(rest))))
    return Table(
        "shared-cost", "The shared cost by each method", columns, tuple(rows),
        Row(("Total", *_splits(bill.statements))), method="chargeback",
    )  # fmt: skip


def _splits(entries: Sequence[Statement]) -> tuple[Cell, ...]:
    fixed = [entry.shared_fixed_usd for entry in entries if entry.shared_fixed_usd is not None]
    return (
        sum((entry.shared_even_usd for entry in entries), Decimal(0)),
        sum((entry.shared_proportional_usd for entry in entries), Decimal(0)),
        Value(sum(fixed, Decimal(0)) if len(fixed) == len(entries) else None, Unit.USD, NO_FIXED),
    )
