"""What DuckDB answers, as rows or as columns."""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from foundation.sql_text import identifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

Answer = TypeVar("Answer")
Fetch = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, Any]], Answer]


def named_rows(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]) -> list[Any]:
    """The rows of a query as named tuples."""
    cursor = connection.execute(query, values or None)
    row = namedtuple("Row", [entry[0] for entry in cursor.description or ()], rename=True)  # type: ignore[misc]
    return [row(*entry) for entry in cursor.fetchall()]


def named_columns(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]
) -> "dict[str, NDArray[Any]]":
    """The columns of a query by name."""
    found = connection.execute(_uncoded(connection, query, values), values or None).fetchnumpy()
    return {name: _plain_column(column) for name, column in found.items()}


def _plain_column(column: "NDArray[Any]") -> "NDArray[Any]":
    import numpy as np  # noqa: PLC0415  slow to import, and rows do not need it

    kind = object if column.dtype.kind in "OM" else np.float64
    return np.ma.filled(column.astype(kind), None if kind is object else np.nan)


def _uncoded(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]) -> str:
    """A query whose ENUM columns are texts: the engine gives the former to who has pandas only."""
    described = connection.execute(f"describe {query}", values or None).fetchall()
    texts = [
        f"cast({identifier(name)} as varchar) as {identifier(name)}"
        for name, kind, *_ in described
        if kind.startswith("ENUM")
    ]
    return f"select * replace ({', '.join(texts)}) from ({query})" if texts else query
