"""Opens calls in Parquet files on the embedded engine, in the place of a CSV."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from calls.duckdb_calls import DuckDBCalls
from calls.engine import connect, refuse_bad
from calls.file.engine_errors import reason_of
from calls.file.engine_paths import reader_sql
from calls.filters import wanted_filters
from calls.parquet.files import ParquetFiles, is_remote, local_files
from calls.parquet.relation import CUSTOMERS, make_calls
from calls.parquet.rows import ROWS
from calls.reading import customers_file
from calls.reading.load_statistics import flags_counts
from calls.selection import ALL_CALLS, Selection
from foundation.outcome import NoUsableData, UsageError, UserError
from foundation.sql_text import literal

_NAME = re.compile(r"\$([a-z_0-9]+)")


class DuckDBFiles:
    """The embedded engine as what `calls.parquet.relation` asks."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, files: ParquetFiles) -> None:
        self._connection, self.files = connection, files
        self.make(ROWS, f"select * from {reader_sql('read_parquet', files.paths, 'union_by_name=true')}")

    def types(self) -> Mapping[str, str]:
        """The columns of the relation `parquet_rows` and their types."""
        return {row[0]: str(row[1]) for row in self.rows(f"describe {ROWS}")}

    def make(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Makes a view; it cannot hold parameters, so values are written into it."""
        known = values or {}
        if known:  # in one go: a value may itself hold what looks like a name
            sql = _NAME.sub(lambda found: literal(known[found[1]]), sql)
        self._connection.execute(f"create view {name} as {sql}")

    def rows(self, sql: str) -> list[Any]:
        """The rows of a query."""
        return self._connection.execute(sql).fetchall()

    def make_customers(self, customers: Iterable[customers_file.Customer]) -> None:
        """Makes the table `listed_customers`."""
        customers_file.load(self._connection, tuple(customers))
        self._connection.execute(f"create table {CUSTOMERS} as select * from customers")


def open_parquet(name: str, selection: Selection = ALL_CALLS) -> DuckDBCalls:
    """The calls of Parquet files: one, a folder or a pattern.

    Raises:
        NoUsableData: there is no file, it cannot be read, its columns are others, or no call is left.
        UsageError: a filter that cannot be understood, or files that lie elsewhere.
        TooManyBadRows: the share of rows that are no calls is above `max_bad_rows`.
    """
    if is_remote(name):
        raise UsageError(f"{name}: object storage is read with --engine spark.")
    wanted = wanted_filters(selection)
    files = local_files(name)
    connection = connect(selection.memory_limit)
    try:
        source, rejects = make_calls(DuckDBFiles(connection, files), wanted, selection.late_after_ms)
    except duckdb.OutOfMemoryException as error:
        raise UserError(f"{name}: not enough memory; narrow the calls or raise --memory-limit.") from error
    except duckdb.Error as error:
        raise NoUsableData(f"{name} cannot be read as Parquet ({reason_of(error)}).") from error
    refuse_bad(source, selection.max_bad_rows)

    def reopen(since: str, until: str) -> DuckDBCalls:
        return open_parquet(name, selection.of_period(since, until))

    wide = flags_counts(source.flagged)
    return DuckDBCalls(connection, source, rejects, selection.late_after_ms, reopen, wide=wide)
