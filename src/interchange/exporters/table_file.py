"""A table of a report as CSV, with the figures as they are: statements of `--format statements`."""

import csv
from pathlib import Path

from interchange.spreadsheet_text import guarded
from reporting.document import Cell, Table, Value


def write_table_csv(table: Table, path: Path, *, plain: bool) -> None:
    """Writes the rows of a table; an unknown figure is an empty field.

    Plain means LF, no byte order mark and texts as they are; else it is written as spreadsheets want it.
    """
    end = "\n" if plain else "\r\n"
    with path.open("w", encoding="utf-8" if plain else "utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator=end)
        writer.writerow(column.key for column in table.columns)
        writer.writerows([_text(cell, plain=plain) for cell in row.cells] for row in table.rows)


def _text(cell: Cell, *, plain: bool) -> str:
    value = cell.amount if isinstance(cell, Value) else cell
    if value is None:
        return ""
    if isinstance(value, str):
        return value if plain else guarded(value)
    return format(value, "f") if not isinstance(value, int) and hasattr(value, "is_finite") else str(value)
