"""The first sheet of a workbook: what the calls are, their totals, and a link to each sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calls.cost_gaps import gap_sentences
from calls.engine import Calls
from interchange.exporters.workbook_cells import Cells, as_number
from interchange.exporters.workbook_usage import USAGE
from reporting.document import Table, Unit, Value
from reporting.number_format import days_between


@dataclass(frozen=True)
class Entry:
    """A sheet: its name, the report it belongs to, what is on it and, for a table, in how many rows."""

    sheet: str
    report: str
    content: str
    rows: int | None


def write_contents(
    cells: Cells, sheet: Any, calls: Calls, usage: Table, entries: Sequence[Entry], notes: Sequence[str]
) -> None:
    """Fills the sheet; the totals are formulas over the sheet of usage by day."""
    for place, width in enumerate((34, 32, 60, 12)):
        sheet.set_column(place, place, width)
    cells.text(sheet, 0, 0, "AI calls and reports", bold=True, font_size=16)
    row = 1
    for label, text in (*_facts(calls), *(("Note", note) for note in notes)):
        row += 1
        cells.text(sheet, row, 0, label, bold=True)
        cells.text(sheet, row, 1, text)
    row = _write_totals(cells, sheet, row + 2, usage)
    for place, label in enumerate(("Sheet", "Report", "What it holds", "Rows")):
        cells.header(sheet, row, place, label)
    for number, entry in enumerate(entries, start=row + 1):
        target = entry.sheet.replace("'", "''")
        sheet.write_url(number, 0, f"internal:'{target}'!A1", string=entry.sheet)
        cells.text(sheet, number, 1, entry.report)
        cells.text(sheet, number, 2, entry.content)
        if entry.rows is not None:
            sheet.write_number(number, 3, entry.rows, cells.number_style(Unit.COUNT))


def _facts(calls: Calls) -> list[tuple[str, str]]:
    source = calls.source
    period, filters = source.period, source.filters
    facts = [
        ("File", source.path),
        ("Period", f"{days_between(period.first_day, period.last_day)}, days of {filters.timezone}"),
    ]
    narrowed = [
        f"{name} {text}" for name, text in (("since", filters.since), ("until", filters.until)) if text
    ]
    narrowed += [f"{column} = {value}" for column, value in filters.where]
    if narrowed:
        facts.append(("Only calls", ", ".join(narrowed)))
    if source.rejected_total:
        facts.append(("Lines rejected", f"{source.rejected_total:,}, which no figure here includes"))
    if source.unpriced_calls:
        facts.append(("Unknown cost", f"{source.unpriced_calls:,} calls; dollars are of the others"))
    facts += [("Not known", sentence) for sentence in gap_sentences(source.gaps)]
    return facts


def _write_totals(cells: Cells, sheet: Any, row: int, usage: Table) -> int:
    """The sums of the usage sheet, one a row; gives the row after them and a blank one."""
    from xlsxwriter.utility import xl_range_abs  # noqa: PLC0415  an extra

    assert usage.total is not None  # noqa: S101  it always has one; told to mypy
    for place, column in enumerate(usage.columns):
        value = Value(usage.total.cells[place], column.unit)  # type: ignore[arg-type]
        if column.unit in (Unit.COUNT, Unit.TOKENS, Unit.USD):
            cells.text(sheet, row, 0, column.label, bold=True)
            formula = f"=SUM('{USAGE}'!{xl_range_abs(1, place, len(usage.rows), place)})"
            sheet.write_formula(row, 1, formula, cells.number_style(column.unit), as_number(value.amount))  # type: ignore[arg-type]
            row += 1
    return row + 1
