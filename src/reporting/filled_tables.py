"""Tables whose columns say how they are filled; rows that are too many stand together in a last row "Other"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from reporting.cells import Sum
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value

Entry = TypeVar("Entry")

MOST_ROWS = 500
"""Rows of a table on the page; the JSON holds all."""
SEVERAL = "several"
"""What entries together have as a name."""
NOT_ADDED = "not additive"


@dataclass(frozen=True, kw_only=True)
class Field(Generic[Entry]):
    """A column and what fills it.

    Attributes:
        column: Its heading and unit.
        cell: Fills it for one entry.
        together: Fills it for several entries as one: a sum, or a ratio of sums. None where they have none in common.
    """

    column: Column
    cell: Callable[[Entry], Cell]
    together: Callable[[Sequence[Entry]], Cell] | None = None

    def of_several(self, entries: Sequence[Entry], text: str) -> Cell:
        """The cell of several entries as one; `text` stands where they have no name in common."""
        if self.together is not None:
            return self.together(entries)
        unit = self.column.unit
        return text if unit is Unit.TEXT else Value(None, unit, reason=NOT_ADDED)


Fields = tuple[Field[Entry], ...]


def field(
    key: str,
    label: str,
    cell: Callable[[Entry], Cell],
    unit: Unit = Unit.TEXT,
    *,
    together: Callable[[Sequence[Entry]], Cell] | None = None,
    sparse: bool = False,
) -> Field[Entry]:
    """A column that entries do not add up in, unless `together` says how."""
    return Field(column=Column(key, label, unit=unit, sparse=sparse), cell=cell, together=together)


def summed(
    key: str, label: str, cell: Callable[[Entry], Cell], unit: Unit, *, sparse: bool = False
) -> Field[Entry]:
    """A column of amounts that are summed exactly."""

    def together(entries: Sequence[Entry]) -> Cell:
        return added([cell(entry) for entry in entries], unit)

    return Field(column=Column(key, label, unit=unit, sparse=sparse), cell=cell, together=together)


def over(
    key: str,
    label: str,
    fill: Callable[[Sequence[Entry]], Cell],
    unit: Unit,
    *,
    sparse: bool = False,
    formed: Sum | None = None,
) -> Field[Entry]:
    """A column that is filled for one entry as for several, such as a ratio of sums.

    `formed` says how the browser fills it from the page's cells.
    """
    column = Column(key, label, unit=unit, sparse=sparse, sum=formed)
    return Field(column=column, cell=lambda entry: fill((entry,)), together=fill)


def added(cells: Sequence[Cell], unit: Unit) -> Cell:
    """The exact sum of amounts: "at least" where one of them is unknown, unknown where all are.

    Of bare amounts it is a bare one.

    Raises:
        TypeError: an amount is no whole number and no `Decimal`, so that its sum would not be exact.
    """
    if cells and not any(isinstance(cell, Value) for cell in cells):
        bare = [_exact(cell) for cell in cells]
        return sum(bare[1:], bare[0])
    values = [cell if isinstance(cell, Value) else Value(_exact(cell), unit) for cell in cells]
    known = [_exact(value.amount) for value in values if value.amount is not None]
    unknown = [value for value in values if value.amount is None]
    if not known:
        return Value(None, unit, reason=unknown[0].reason if unknown else NOT_ADDED)
    return Value(
        sum(known[1:], known[0]),
        unit,
        at_least=bool(unknown) or any(value.at_least for value in values),
        at_most=any(value.at_most for value in values),
    )


def _exact(amount: object) -> int | Decimal:
    if isinstance(amount, int | Decimal):
        return amount
    raise TypeError(f"{amount!r} cannot be summed exactly")


def divided(entries: Sequence[Entry], limit: int) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """The first entries, as many as have a row of their own, and the rest."""
    return entries[:limit], entries[limit:]


def filled_table(
    id_: str,
    title: str,
    entries: Sequence[Entry],
    fields: Fields[Entry],
    *,
    facets: Callable[[Entry], Facets | None] = lambda _: None,
    key: Callable[[Entry], str] = lambda _: "",
    limit: int = MOST_ROWS,
    total: str | Row | None = None,
    note: str = "",
    method: str = "",
) -> Table:
    """A table of entries in their order; those beyond `limit` stand together in a last row "Other".

    Args:
        id_: The id of the table.
        title: What it shows.
        entries: What has a row each.
        fields: Its columns; the first names the row.
        facets: What filters can ask of an entry's row.
        key: Names an entry's row for links.
        limit: How many entries have a row of their own.
        total: The name of a row of all entries as one, or that row; None for none.
        note: What is said below.
        method: The id of the method note that explains it.
    """
    shown, rest = divided(entries, limit)
    rows = [Row(tuple(each.cell(entry) for each in fields), facets(entry), key=key(entry)) for entry in shown]
    if rest:
        rows.append(Row(together(other_name(len(rest)), rest, fields, SEVERAL), rest=len(rest)))
    if isinstance(total, str):
        total = Row(together(total, entries, fields))
    columns = tuple(each.column for each in fields)
    return Table(
        id=id_, title=title, columns=columns, rows=tuple(rows), total=total, note=note, method=method
    )


def other_name(count: int) -> str:
    """What a row is called that stands for so many entries."""
    return f"Other ({count:,})"


def together(name: str, entries: Sequence[Entry], fields: Fields[Entry], text: str = "") -> tuple[Cell, ...]:
    """The cells of a row of several entries as one; `text` stands where they have no name in common."""
    return (name, *(each.of_several(entries, text) for each in fields[1:]))
