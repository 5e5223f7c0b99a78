"""Columns that are shown only where they say something."""

from dataclasses import replace

from reporting.document import Row, Table, Value


def without_idle_columns(table: Table) -> Table:
    """The table without its sparse columns that hold nothing in any row.

    Raises:
        ValueError: a row has another number of cells than the table has columns.
    """
    _check_cells(table)
    kept = [place for place in range(len(table.columns)) if not _is_idle(table, place)]
    if len(kept) == len(table.columns):
        return table

    def cut(row: Row) -> Row:
        return replace(row, cells=tuple(row.cells[place] for place in kept))

    columns = tuple(table.columns[place] for place in kept)
    total = cut(table.total) if table.total else None
    return replace(table, columns=columns, rows=tuple(map(cut, table.rows)), total=total)


def _is_idle(table: Table, place: int) -> bool:
    cells = (row.cells[place] for row in table.rows)
    return table.columns[place].sparse and not any(
        cell.amount if isinstance(cell, Value) else cell for cell in cells
    )


def _check_cells(table: Table) -> None:
    for row in (*table.rows, *((table.total,) if table.total else ())):
        if len(row.cells) != len(table.columns):
            raise ValueError(f"table {table.id}: {len(row.cells)} cells for {len(table.columns)} columns")
