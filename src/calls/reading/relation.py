"""The relation `calls`: a table of calls with what day and hour they fall in and whether they are late."""

from collections.abc import Set

import duckdb

from calls.schema import COLUMNS, Column
from calls.sql_text import identifier

DERIVED_COLUMNS = ("local_hour", "local_day", "is_late")
"""The columns of `calls` beside those of the schema."""


def make_relation(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    excluded_columns: frozenset[str],
    timezone: str,
    late_after_ms: int,
    dated: str | None = None,
) -> None:
    """Makes the view `calls` of a table; columns that were not loaded are errors when they are asked for.

    Where `dated` (SQL) is given and not true, a call has no hour and no day.
    """
    present = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    columns = ", ".join(_column(column, excluded_columns, present) for column in COLUMNS)
    local = '"timestamp"'
    if timezone != "UTC":
        local = f"timezone('{timezone}', timezone('UTC', \"timestamp\"))"
    if dated:
        local = f"case when {dated} then {local} end"
    connection.execute(
        f"create or replace view calls as select {columns}, date_trunc('hour', {local}) as local_hour, "
        f"cast({local} as date) as local_day, cast(latency_ms > {int(late_after_ms)} as int) as is_late "
        f"from {table}"
    )


def _column(column: Column, excluded_columns: frozenset[str], present: Set[str]) -> str:
    name = identifier(column.name)
    if column.name in excluded_columns:
        return f"error('column {column.name} was not loaded: a report names it in its `columns`') as {name}"
    return name if column.name in present else f"{column.kind.nothing} as {name}"
