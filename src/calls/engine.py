"""How calls are asked: `open_calls` gives one relation, `calls`, and two verbs, `sql` for rows, `columns` for arrays.

Loading, checking and asking are kept apart: `calls.reading.loading` makes the table of accepted calls, this room
narrows it and says what it is, and a query sees only relations, so that another engine can stand behind the
same verbs.
"""

import re
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

from calls import filters
from calls.file.engine_paths import path_sql
from calls.reading import customers_file
from calls.reading.answers import Answer, Fetch, named_columns, named_rows
from calls.reading.loading import load, nothing
from calls.reading.rejects import Rejects
from calls.reading.relation import DERIVED_COLUMNS, LATE_AFTER_MS, make_relation
from calls.reading.tally import tally_of
from calls.reading.used import with_used
from calls.rollups import shared as rollups
from calls.schema import COLUMNS, TERM_NAMES
from calls.source import Source
from calls.values import quoted
from foundation.outcome import Misuse, NoUsableData, TooManyBadRows, stoppable
from foundation.places import existing_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSING_SECONDS = 10.0
"""How long closing waits for those who are still asking."""


class Calls:
    """Calls as an SQL relation.

    The relation `calls` has every column of `calls.schema` (a column the file lacks is NULL if a number, ''
    if a text; an empty text is '', never NULL) and three more: `local_hour` (TIMESTAMP, the hour) and
    `local_day` (DATE) in the reporting time zone, and `is_late` (1 beyond the latency that counts as late, else
    0; NULL where the latency is unknown). Where clocks go back, two hours share one `local_hour`.
    The relations of `calls.rollups.shared` stand beside it.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Source,
        rejects: Rejects | None = None,
        late_after_ms: int = LATE_AFTER_MS,
        reopen: "Callable[..., Calls] | None" = None,
    ) -> None:
        self._connection = connection
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
                return fetch(cursor, query, values)

    def shared_by(self, askers: int) -> None:
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
    def before(self) -> "Calls | None":
        """The calls of the equal span before the period, by the same filters, or None; closed together with this."""
        if self._reopen is None or self.source.span_before is None:
            return None
        since, until = (moment.replace(tzinfo=UTC).isoformat() for moment in self.source.span_before)
        try:
            return self._reopen(since=since, until=until)
        except NoUsableData:
            return None

    def write_parquet(self, path: Path | str, *, derived: bool = False) -> None:
        """Writes the calls, as filtered, to one Parquet file: the columns of the schema, in its order.

        With `derived` the other columns of `calls` follow, so that another engine has the same relation.
        """
        columns = ", ".join(quoted(name) for name in written_columns(derived=derived))
        self._connection.execute(
            f"copy (select {columns} from calls) to {path_sql(path)} (format parquet, compression zstd)"
        )

    def write_rejects(self, path: Path | str) -> None:
        """Writes every rejected line to a CSV file: line, byte_offset, reason, text."""
        (self._rejects or Rejects()).write(Path(path))

    def close(self) -> None:
        """Gives memory and disk space back; the source stays. Who is still asking is broken off first."""
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
                        cursor.execute(f"create table {name} as {rollups.ROLLUPS[name].sql}")
                    self._rollups.add(name)

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that `interrupt` reaches."""
        if self._closing:
            raise duckdb.ConnectionException("the connection of these calls is closed")
        with self._connection.cursor() as cursor:
            self._asking.add(cursor)
            try:
                yield cursor
            finally:
                self._asking.discard(cursor)


def written_columns(*, derived: bool) -> list[str]:
    """The columns that `Calls.write_parquet` writes."""
    return [*(column.name for column in COLUMNS), *(DERIVED_COLUMNS if derived else ())]


def open_calls(  # noqa: PLR0913  each is a flag of its own
    path: Path | str,
    *,
    since: str | None = None,
    until: str | None = None,
    where: Iterable[tuple[str, str]] = (),
    timezone: str = "UTC",
    max_bad_rows: float | None = None,
    allow_credits: bool = False,
    without: Collection[str] = (),
    coded: bool = False,
    meanwhile: Callable[[], object] = nothing,
    memory_limit: str | None = None,
    late_after_ms: int = LATE_AFTER_MS,
    customers: Path | str | None = None,
) -> Calls:
    """Loads the calls of a CSV file; bad lines are kept aside and counted in `source`.

    Args:
        path: The file; a bare name that does not exist here is looked for under data/.
        since: Calls from here on: a date (midnight of the reporting zone), a time (of that zone, unless it
            has an offset) or a span back from the last call, such as 7d.
        until: Calls up to here: a date is let in whole, a time is the first instant left out.
        where: Column and value; the same column again means either, another column means both.
        timezone: IANA name of the reporting zone: where a day begins.
        max_bad_rows: The share of rejected lines (0 to 1) beyond which nothing is opened.
        allow_credits: Keep calls of negative cost instead of rejecting them.
        without: Columns that nobody will ask for; naming one in a query is an error.
        coded: Let text columns of few values be of an ENUM type in `calls`: faster to group by, slower to read.
        meanwhile: Starts what can be done while the file is read; called once, when its long scan begins.
        memory_limit: How much memory the engine may take before it goes to disk, such as 2GB.
        late_after_ms: The latency beyond which a call is late: the service level.
        customers: A customers file, which fills plan, price and organization before the filters look.

    Raises:
        NoUsableData: the file is missing or empty, its header is unusable, or no call is left.
        Misuse: a filter that cannot be understood, or a file that cannot be read or fits no call.
        TooManyBadRows: the share of rejected lines is above `max_bad_rows`.
    """
    wanted = filters.wanted_filters(
        since=since,
        until=until,
        where=where,
        timezone=timezone,
        allow_credits=allow_credits,
        customers=customers,
    )
    conditions = filters.value_conditions(wanted.where)
    connection = connect(memory_limit)
    file = existing_file(str(path))
    needed = customers_file.COLUMNS if wanted.customers else ()
    left_out = frozenset(without).difference(needed)
    may_code = coded and not (wanted.customers or wanted.where)
    loaded = load(
        connection, file, left_out, allow_credits=allow_credits, coded=may_code, meanwhile=meanwhile
    )
    source = tally_of(loaded).source(loaded.snapshot, wanted, torn_tail=loaded.torn_tail)
    refuse_bad(source, max_bad_rows)
    if wanted.customers:
        filled = customers_file.fill_in(connection, Path(wanted.customers))
        source = replace(source, columns=source.columns | filled)
    _narrow(connection, source, conditions)
    make_relation(connection, "used_calls", loaded.left_out, timezone, late_after_ms)
    reopen = partial(
        open_calls,
        file,
        where=wanted.where,
        timezone=timezone,
        allow_credits=allow_credits,
        without=without,
        coded=coded,
        memory_limit=memory_limit,
        late_after_ms=late_after_ms,
        customers=wanted.customers,
    )
    span = filters.span_before(wanted, source.period.first, source.period.last)
    used = replace(with_used(lambda query: connection.execute(query).fetchall(), source), span_before=span)
    return Calls(connection, used, loaded.rejects, late_after_ms, reopen)


def connect(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """An engine of its own, which goes to disk beyond `memory_limit`.

    Raises:
        Misuse: the limit is no size.
    """
    connection = duckdb.connect()
    connection.execute(
        "set preserve_insertion_order=false; set TimeZone='UTC'; "
        "set autoinstall_known_extensions=false; set autoload_known_extensions=false; "
        "set enable_progress_bar=false"
    )
    connection.execute(f"set temp_directory='{tempfile.gettempdir()}'")
    if memory_limit:
        connection.execute(f"set memory_limit='{check_memory(memory_limit)}'")
    return connection


def check_memory(limit: str) -> str:
    """Refuses what is no size of memory.

    Raises:
        Misuse: naming how one is written.
    """
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", limit):
        raise Misuse(f"--memory-limit {limit!r} is not understood; write a size such as 500MB or 2GB.")
    return limit


def refuse_bad(source: Source, max_bad_rows: float | None) -> None:
    """Refuses a file with more rejected lines than allowed.

    Raises:
        TooManyBadRows: with their reasons.
    """
    if max_bad_rows is None or source.rejected_total <= max_bad_rows * source.data_lines:
        return
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in source.rejected.items())
    raise TooManyBadRows(
        f"{source.path}: {source.rejected_total:,} of {source.data_lines:,} lines were rejected ({reasons}), "
        f"more than the share of {max_bad_rows:g} that --max-bad-rows allows."
    )


def _narrow(
    connection: duckdb.DuckDBPyConnection, source: Source, conditions: list[filters.Condition]
) -> None:
    """Makes `used_calls` of the accepted calls that pass the filters."""
    conditions = conditions + filters.period_conditions(source.filters, source.period.last)
    if not conditions:
        connection.execute("alter table accepted_calls rename to used_calls")
        return
    values = {name: value for condition in conditions for name, value in condition.values.items()}
    passed = " and ".join(f"({condition.sql})" for condition in conditions)
    present = {row[0] for row in connection.execute("describe accepted_calls").fetchall()}
    lacking = (column for column in COLUMNS if column.name in TERM_NAMES and column.name not in present)
    empty = "".join(
        f", {column.kind.nothing} as {quoted(column.name)}"
        for column in lacking
        if quoted(column.name) in passed
    )
    connection.execute(
        f"create table used_calls as select * from (select *{empty} from accepted_calls) where {passed}",
        values,
    )
    connection.execute("drop table accepted_calls")
