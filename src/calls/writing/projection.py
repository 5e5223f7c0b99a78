"""Rows of one header printed under another: the other's columns, order and line ends."""

from pathlib import Path
from typing import TYPE_CHECKING

from calls.file.engine_paths import path_sql, reader_sql
from calls.file.header import Header
from calls.file.spill import private_engine
from calls.schema import COLUMN_BY_NAME
from foundation.outcome import UserError
from foundation.sql_text import identifier

if TYPE_CHECKING:
    import duckdb


def projected(source: Path, header: Header, wanted: Header, target: Path) -> tuple[str, ...]:
    """Prints the rows of `source` (LF, RFC 4180) to `target`, without header, as `wanted` has them.

    A column that `source` lacks stays empty.

    Returns:
        The columns of `source` that hold values and have no place in `wanted`.

    Raises:
        UserError: the disk is full or fails.
    """
    import duckdb  # noqa: PLC0415  who appends to a file of its own header need not pay for it

    from calls.file.engine_errors import reason_of  # noqa: PLC0415

    rows = _scan(source, header)
    columns = ", ".join(_column(name, place, header) for place, name in enumerate(wanted.names))
    line_end = {b"\n": "\\n", b"\r\n": "\\r\\n", b"\r": "\\r"}[wanted.line_end]
    connection = private_engine()
    connection.execute("set preserve_insertion_order=true")
    try:
        connection.execute(
            f"copy (select {columns} from {rows}) to {path_sql(target)} "
            f"(format csv, header false, new_line '{line_end}')"
        )
    except duckdb.IOException as error:
        raise UserError(f"{target} could not be written: {reason_of(error)}; nothing was changed.") from error
    homeless = [name for name in header.names if name not in wanted.names]
    return tuple(name for name in homeless if _holds_values(connection, rows, name))


def filled_columns(source: Path, header: Header, wanted: Header) -> tuple[str, ...]:
    """The columns of calls in `source` (LF, RFC 4180) that hold values and that `wanted` lacks."""
    homeless = [name for name in header.names if name not in wanted.names and name in COLUMN_BY_NAME]
    if not homeless:
        return ()
    tests = ", ".join(f"bool_or({identifier(name)} is not null)" for name in homeless)
    with private_engine() as connection:
        (found,) = connection.execute(f"select {tests} from {_scan(source, header)}").fetchall()
    return tuple(name for name, holds in zip(homeless, found, strict=True) if holds)


def _scan(source: Path, header: Header) -> str:
    names = ", ".join(f"{identifier(name)}: 'varchar'" for name in header.names)
    return reader_sql(
        "read_csv",
        [source],
        "auto_detect=false, header=true, delim=',', quote='\"', escape='\"', strict_mode=true, "
        f"compression='none', columns={{{names}}}",
    )


def _column(name: str, place: int, header: Header) -> str:
    value = identifier(name) if name in header.names else "null"
    return f"{value} as column_{place}"


def _holds_values(connection: "duckdb.DuckDBPyConnection", rows: str, name: str) -> bool:
    query = (
        f"select count(*) from (select 1 from {rows} where {identifier(name)} is not null limit 1) as found"
    )
    return bool(connection.execute(query).fetchall()[0][0])
