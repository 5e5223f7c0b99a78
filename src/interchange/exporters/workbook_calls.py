"""The sheet of all calls, where they fit into one."""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from calls.engine import Calls
from calls.schema import Column, Kind
from interchange.exporters.csv_file import write_csv
from interchange.exporters.printed_columns import columns_of
from interchange.exporters.workbook_cells import Cells

SHEET_ROWS = 1_048_576
"""Rows of a sheet, the header's included."""
NUMBER_DIGITS = 15
"""Digits of a number that Excel keeps."""
_FIELD_LIMIT = 1 << 20
_FORMATS: dict[Kind, str] = {
    Kind.TIMESTAMP: "yyyy-mm-dd hh:mm:ss.000",
    Kind.COUNT: "#,##0",
    Kind.DECIMAL: "#,##0.000000000",
    Kind.TEXT: "General",
}
_WIDTHS: dict[Kind, int] = {Kind.TIMESTAMP: 23, Kind.COUNT: 12, Kind.DECIMAL: 15, Kind.TEXT: 20}


def _format(column: Column) -> str:
    return f"{'$' * (column.unit == 'USD')}{_FORMATS[column.kind]}"


def fits(calls: int) -> bool:
    """Whether so many calls fit into one sheet."""
    return calls < SHEET_ROWS


def write_calls(cells: Cells, sheet: Any, calls: Calls, folder: Path) -> None:
    """Fills a sheet with the calls in the order of time, header frozen and filtered.

    They come through a file in `folder`, so that memory stays small however many there are.
    """
    columns = columns_of(calls)
    for place, column in enumerate(columns):
        cells.header(sheet, 0, place, column.name)
        sheet.set_column(place, place, _WIDTHS[column.kind], cells.style(num_format=_format(column)))
    writers = [_writer(cells, sheet, column, place) for place, column in enumerate(columns)]
    for number, fields in enumerate(_rows(calls, folder), start=1):
        for write, field in zip(writers, fields, strict=True):
            if field:
                write(number, field)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, calls.source.used, len(columns) - 1)


def _rows(calls: Calls, folder: Path) -> Iterator[list[str]]:
    path = folder / "calls.csv"
    write_csv(calls, path, plain=True)
    csv.field_size_limit(_FIELD_LIMIT)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows
    path.unlink()


def _writer(cells: Cells, sheet: Any, column: Column, place: int) -> Callable[[int, str], None]:
    """How a field of a column is written; what is empty stays empty."""
    style = cells.style(num_format=_format(column))

    def instant(row: int, field: str) -> None:
        sheet.write_datetime(row, place, datetime.fromisoformat(field.removesuffix("Z")), style)

    def number(row: int, field: str) -> None:
        cells.rounded += len(field.replace(".", "").strip("0")) > NUMBER_DIGITS
        sheet.write_number(row, place, float(field), style)

    def text(row: int, field: str) -> None:
        cells.text(sheet, row, place, field)

    return {Kind.TIMESTAMP: instant, Kind.COUNT: number, Kind.DECIMAL: number, Kind.TEXT: text}[column.kind]
