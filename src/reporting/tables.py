"""A table as its template shows it: every cell formatted, with the plain form that sorting and CSV need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from calls.dimensions import UNALLOCATED
from reporting.cells import Sum
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value
from reporting.facets import DIMENSIONS
from reporting.idle_columns import without_idle_columns
from reporting.number_format import TEXT_UNITS, Shown, decimal, header_unit, shown

FIRST_ROWS = 10
"""Rows that a longer table shows before "show all"."""
_SPARE_ROWS = 2
"""Rows that are shown rather than hidden behind a button."""
_NARROW = 74
"""Letters of a row that fit half of a page's width."""


@dataclass(frozen=True)
class Head:
    """A column's header.

    `additive` says that its cells add up to the total row, so that a filtered total can be formed;
    `by_position` that it sorts by the order in which the rows were given; `mixed` that each of its cells brings
    a number with a unit of its own; `sum` how the browser forms its cells from the page's cells.
    """

    key: str
    label: str
    unit: Unit
    additive: bool = False
    by_position: bool = False
    mixed: bool = False
    sum: Sum | None = None

    @property
    def is_whole(self) -> bool:
        """Whether its cells are shares that make up one whole."""
        return self.unit is Unit.SHARE and (self.additive or bool(self.sum and self.sum.whole))

    @property
    def kind(self) -> str:
        """The unit as the browser gets it."""
        return "mixed" if self.mixed else self.unit.value

    @property
    def unit_text(self) -> str:
        """The unit beside the label, "" if it needs none or the label says it."""
        unit = header_unit(self.unit)
        return "" if unit in self.label.lower().split() else unit

    @property
    def numeric(self) -> bool:
        """Whether the column is right-aligned."""
        return self.mixed or self.unit not in TEXT_UNITS


@dataclass(frozen=True)
class RowView:
    """A row: its formatted cells and what filters can ask of it; `rest` is how many entries it stands for."""

    id: str
    cells: tuple[Shown, ...]
    names: dict[str, str] = field(default_factory=dict)
    rest: int = 0


@dataclass(frozen=True)
class TableView:
    """A table ready to be written. `dimensions` are the filters that its rows follow.

    `by` are the dimensions whose names make its rows, where the page's cells can fill them anew.
    """

    id: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[RowView, ...]
    total: RowView | None
    note: str
    method: str
    dimensions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    @property
    def row_header(self) -> bool:
        """Whether the first column names its row."""
        return bool(self.heads) and not self.heads[0].numeric

    @property
    def is_long(self) -> bool:
        """Whether it needs a box to find rows."""
        return len(self.rows) > FIRST_ROWS

    @property
    def first_rows(self) -> int:
        """Rows shown at first: all, where the table is only a little longer."""
        count = len(self.rows)
        return count if count <= FIRST_ROWS + _SPARE_ROWS else FIRST_ROWS

    @property
    def is_narrow(self) -> bool:
        """Whether half of a page's width is enough for it."""
        return sum(_letters(self, place) for place in range(len(self.heads))) <= _NARROW


def _letters(table: TableView, place: int) -> int:
    """The letters that a column is wide: its longest cell, or its heading on two lines."""
    head = table.heads[place]
    heading = max(len(head.label + head.unit_text) // 2, *(len(word) for word in head.label.split()), 0)
    cells = (len(row.cells[place].text) for row in table.rows)
    return _GAP + max(heading, *cells, 0)


_GAP = 3


def row_id(table_id: str, position: int) -> str:
    """The id of a row: links point to it."""
    return f"{table_id}-row-{position + 1}"


def table_view(table: Table, *, by_position: bool = False) -> TableView:
    """The table with every cell formatted, without sparse columns that hold nothing.

    `by_position` says that the first column is an ordered axis.

    Raises:
        ValueError: a row has another number of cells than the table has columns, or a cell is not finite.
    """
    table = without_idle_columns(table)
    rows = tuple(
        _row_view(table, row, row_id(table.id, place) if row.key else "")
        for place, row in enumerate(table.rows)
    )
    total = _row_view(table, table.total, "", blank="") if table.total else None
    heads = tuple(
        Head(
            key=column.key,
            label=column.label,
            unit=column.unit,
            additive=_adds_up(table, place),
            by_position=by_position and place == 0,
            mixed=_is_mixed(table, place),
            sum=column.sum,
        )
        for place, column in enumerate(table.columns)
    )
    facets = [row.facets for row in table.rows if row.facets]
    return TableView(
        id=table.id,
        title=table.title,
        heads=heads,
        rows=rows,
        total=total,
        note=table.note,
        method=table.method,
        dimensions=filtered_dimensions(facets),
        by=table.by,
    )


def filtered_dimensions(facets: Iterable[Facets]) -> tuple[str, ...]:
    """The filters that something with these facets reacts to."""
    held = {name for entry in facets for name in entry.named()}
    return tuple(name for name in DIMENSIONS if name in held)


def sliced_dimensions(runs: Iterable[Sequence[Facets]]) -> tuple[str, ...]:
    """The filters that a figure follows: those that every part of one of its runs of parts can answer."""
    common = [set.intersection(*(set(part.named()) for part in run)) for run in runs if run]
    held = set[str]().union(*common)
    return tuple(name for name in DIMENSIONS if name in held)


def _row_view(table: Table, row: Row, identity: str, blank: str = UNALLOCATED) -> RowView:
    cells = tuple(_cell(cell, column, blank) for cell, column in zip(row.cells, table.columns, strict=True))
    return RowView(identity, cells, row.facets.named() if row.facets else {}, row.rest)


def _cell(cell: Cell, column: Column, blank: str) -> Shown:
    if isinstance(cell, Value):
        return shown(cell, prose=cell.unit is not column.unit)
    if isinstance(cell, str) and column.unit is Unit.TEXT and not cell:
        return Shown(blank)
    return shown(Value(cell, column.unit), prose=False)


def _is_mixed(table: Table, place: int) -> bool:
    cells = [row.cells[place] for row in table.rows]
    if table.columns[place].unit is not Unit.TEXT or not cells:
        return False
    return all(isinstance(cell, Value) and cell.unit not in TEXT_UNITS for cell in cells)


def _adds_up(table: Table, place: int) -> bool:
    """Whether the column's cells add up exactly to its cell in the total row."""
    if table.total is None or not table.rows or table.columns[place].unit in TEXT_UNITS:
        return False
    parts = [_plain_number(row.cells[place]) for row in table.rows]
    total = _plain_number(table.total.cells[place])
    whole = _sum(parts)
    if total is None or whole is None:
        return False
    return abs(whole - total) < _ROUNDING if table.columns[place].unit is Unit.SHARE else whole == total


_ROUNDING = Decimal("1e-9")
"""What quotients that are rounded may miss of their sum."""


def _sum(parts: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in parts else sum((part for part in parts if part is not None), Decimal(0))


def _plain_number(cell: Cell) -> Decimal | None:
    amount = cell.amount if isinstance(cell, Value) else cell
    if amount is None or isinstance(amount, str | date):
        return None
    return decimal(amount)
