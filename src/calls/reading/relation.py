"""The relation `calls`: a table of calls with their day and hour by `--timezone`, and whether they are late."""

from collections.abc import Set

import duckdb

from calls.schema import COLUMNS, Column
from foundation.sql_text import identifier

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
    derived = derived_sql(timezone, late_after_ms, dated)
    connection.execute(f"create or replace view calls as select {columns}, {derived} from {table}")


def derived_sql(timezone: str, late_after_ms: int, dated: str | None) -> str:
    """SQL of `DERIVED_COLUMNS`, which DuckDB and Spark share; see `make_relation`."""
    local = '"timestamp"'
    if timezone != "UTC":
        local = f"cast({local} at time zone 'UTC' at time zone '{timezone}' as timestamp)"
    if dated:
        local = f"case when {dated} then {local} end"
    return (
        f"date_trunc('hour', {local}) as local_hour, cast({local} as date) as local_day, "
        f"cast(latency_ms > {int(late_after_ms)} as int) as is_late"
    )


def _column(column: Column, excluded_columns: frozenset[str], present: Set[str]) -> str:
    name = identifier(column.name)
    if column.name in excluded_columns:
        return f"error('column {column.name} was not loaded: a report names it in its `columns`') as {name}"
    return name if column.name in present else f"{column.kind.nothing} as {name}"
