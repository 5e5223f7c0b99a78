"""Calls that DuckDB answers for: one relation, `calls`, in a database of its own."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

from calls.file.engine_paths import path_sql
from calls.protocol import Calls, Reopen, opened_before
from calls.reading.answers import Answer, Fetch, named_columns, named_rows
from calls.reading.rejects import Rejects
from calls.reading.relation import DERIVED_COLUMNS
from calls.rollups import shared as rollups
from calls.rollups.definition import widened
from calls.schema import COLUMNS
from calls.selection import LATE_AFTER_MS
from calls.source import Source
from foundation.engine_interrupt import broken_off
from foundation.outcome import stoppable
from foundation.sql_text import identifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSING_SECONDS = 10.0
"""How long closing waits for those who are still asking."""


class DuckDBCalls:
    """Calls in a database of DuckDB's; see `calls.protocol.Calls`.

    Args:
        connection: holds the relation `calls`; closed together with this.
        source: what was read.
        rejects: lines that are no calls; closed together with this.
        late_after_ms: the latency beyond which a call is late.
        reopen: opens the same file for another period.
        wide: whether sums of counts may leave 64 bits.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Source,
        rejects: Rejects | None = None,
        late_after_ms: int = LATE_AFTER_MS,
        reopen: Reopen | None = None,
        *,
        wide: bool = False,
    ) -> None:
        self._connection = connection
        self._wide = wide
        self._rejects = rejects
        self._reopen = reopen
        self._rollups: set[str] = set()
        self._building = {name: threading.Lock() for name in rollups.ROLLUPS}
        self._asking: set[duckdb.DuckDBPyConnection] = set()
        self._closing = False
        self.source = source
        self.late_after_ms = late_after_ms

    def sql(self, query: str, **values: Any) -> list[Any]:
        """The rows of `query` as named tuples. `$name` in the query takes the value given for it."""
        return self._answered(query, values, named_rows)

    def columns(self, query: str, **values: Any) -> "dict[str, NDArray[Any]]":
        """The columns of `query` by name, for sums with too many rows for a loop over them.

        Numbers are float64, NULL is NaN; anything else is an object. Ask for no exact amounts and no dates.
        """
        return self._answered(query, values, named_columns)

    def _answered(self, query: str, values: Mapping[str, Any], fetch: Fetch[Answer]) -> Answer:
        """The answer to a query, asked by a cursor of its own so that several threads may ask at once."""
        with stoppable():
            self._build_rollups(query)
            with self._cursor() as cursor:
                return fetch(cursor, self._with_room(query), values)

    def _with_room(self, query: str) -> str:
        """A query whose sums of whole numbers have room: those of absurd counts leave 64 bits."""
        return widened(query) if self._wide else query

    def divide_threads(self, askers: int) -> None:
        """Divides the processors among so many threads that ask at the same time.

        A thread computes its own answer: where each has processors enough, the engine's threads would only take
        them from the threads that compute in Python.
        """
        (threads,) = self._connection.execute("select current_setting('threads')").fetchall()[0]
        self._connection.execute(f"set threads = {max(1, threads // askers)}")

    def build(self, *names: str) -> None:
        """Builds rollups, and those that they are made of, before a query names them."""
        self._build_rollups(" ".join(names))

    def interrupt(self) -> None:
        """Breaks off what other threads are asking."""
        for cursor in list(self._asking):
            with suppress(duckdb.Error):  # it may have its answer, and be closed, by now
                cursor.interrupt()

    @cached_property
    def before(self) -> Calls | None:
        """The calls of the equal period before, by the same filters, or None; closed together with this."""
        return opened_before(self.source, self._reopen) if self._reopen else None

    def write_parquet(self, path: Path | str, *, derived: bool = False) -> None:
        """Writes the calls, as filtered, to one Parquet file: the columns of the schema, in its order.

        With `derived` the other columns of `calls` follow, so that another engine has the same relation.
        """
        columns = ", ".join(identifier(name) for name in written_columns(derived=derived))
        self._connection.execute(
            f"copy (select {columns} from calls) to {path_sql(path)} (format parquet, compression zstd)"
        )

    def write_rejects(self, path: Path | str) -> None:
        """Writes every rejected line to a CSV file: line, byte_offset, reason, text."""
        (self._rejects or Rejects()).write(Path(path))

    def close(self) -> None:
        """Interrupts running queries, then frees memory and temporary files; the source stays."""
        if before := vars(self).get("before"):
            before.close()
        self._closing = True
        until = time.monotonic() + CLOSING_SECONDS
        while self._asking and time.monotonic() < until:
            self.interrupt()
            time.sleep(0.01)
        self._connection.close()
        if self._rejects:
            self._rejects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _build_rollups(self, query: str) -> None:
        for name in rollups.named_in(query):
            with self._building[name]:
                if name not in self._rollups:
                    with self._cursor() as cursor:
                        sums = self._with_room(rollups.ROLLUPS[name].sql)
                        cursor.execute(f"create table {name} as {sums}")
                    self._rollups.add(name)

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that `interrupt` reaches, and Ctrl-C."""
        if self._closing:
            raise duckdb.ConnectionException("the connection of these calls is closed")
        with self._connection.cursor() as cursor:
            broken_off(cursor)
            self._asking.add(cursor)
            try:
                yield cursor
            finally:
                self._asking.discard(cursor)


def written_columns(*, derived: bool) -> list[str]:
    """The columns that `write_parquet` writes."""
    return [*(column.name for column in COLUMNS), *(DERIVED_COLUMNS if derived else ())]
