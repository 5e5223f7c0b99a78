"""A sheet for a table: header frozen and filtered, cells in their units, totals as formulas where they add up."""

from typing import Any

from calls.dimensions import UNALLOCATED
from interchange.exporters.workbook_cells import Cells, as_number
from reporting.document import Column, Row, Table, Unit, Value
from reporting.idle_columns import without_idle_columns
from reporting.number_format import shown
from reporting.tables import table_view

NAME_LIMIT = 31
"""Characters of a sheet's name."""
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_NARROWEST, _WIDEST = 11, 60
_HEADER_POINTS = 32
"""Height of a header: two lines."""
_SUM_OF_VISIBLE = 109
"""The code of SUBTOTAL for a sum that leaves out filtered rows, as Excel's own total rows have it."""


def sheet_name(prefix: str, title: str) -> str:
    """A legal name for a sheet, cut at a word; the prefix makes it unique."""
    cleaned = "".join(sign if sign.isprintable() else " " for sign in title.translate(_NOT_IN_NAMES))
    name = f"{prefix} {' '.join(cleaned.split())}"
    if len(name) > NAME_LIMIT:
        name = name[: NAME_LIMIT + 1].rpartition(" ")[0]
    return name[:NAME_LIMIT].strip(" '")


def write_table(cells: Cells, sheet: Any, table: Table) -> None:
    """Fills a sheet with a table: the header in the first row, then the rows, the total and the note."""
    table = without_idle_columns(table)
    sheet.set_row(0, _HEADER_POINTS)
    for place, column in enumerate(table.columns):
        cells.header(sheet, 0, place, column.label, column.unit)
        sheet.set_column(place, place, _width(table, place))
    for number, row in enumerate(table.rows, start=1):
        _write_row(cells, sheet, number, row, table.columns)
    sheet.freeze_panes(1, 0)
    end = len(table.rows) + 1
    if table.rows:
        sheet.autofilter(0, 0, end - 1, len(table.columns) - 1)
    if table.total:
        _write_total(cells, sheet, end, table, table.total)
        end += 1
    if table.note:
        cells.text(sheet, end + 1, 0, table.note, italic=True)


def _write_row(cells: Cells, sheet: Any, number: int, row: Row, columns: tuple[Column, ...]) -> None:
    for place, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        named = UNALLOCATED if cell == "" and column.unit is Unit.TEXT else cell
        cells.cell(sheet, number, place, named, column.unit)


def _write_total(cells: Cells, sheet: Any, number: int, table: Table, total: Row) -> None:
    """The total row: a formula and its value where the column adds up to it exactly, else the value alone."""
    from xlsxwriter.utility import xl_range  # noqa: PLC0415  an extra

    heads = table_view(table).heads
    for place, (cell, column) in enumerate(zip(total.cells, table.columns, strict=True)):
        value = cell if isinstance(cell, Value) else Value(cell, column.unit)
        if heads[place].additive:
            formula = f"=SUBTOTAL({_SUM_OF_VISIBLE},{xl_range(1, place, number - 1, place)})"
            style = cells.value_style(value, bold=True)
            sheet.write_formula(number, place, formula, style, as_number(value.amount))  # type: ignore[arg-type]
        elif value.amount not in (None, ""):
            cells.cell(sheet, number, place, cell, column.unit, bold=True)


def _width(table: Table, place: int) -> int:
    """Characters that most cells of a column need, within bounds."""
    unit = table.columns[place].unit
    texts = [_text(row.cells[place], unit) for row in table.rows[:200]]
    longest = max([len(text) for text in texts] + [len(table.columns[place].label) // 2])
    return min(max(longest + 2, _NARROWEST), _WIDEST)


def _text(cell: Any, unit: Unit) -> str:
    return shown(cell if isinstance(cell, Value) else Value(cell, unit), prose=False).text
