"""Opens a large file as rollups: from the cache as far as it goes, chunk by chunk for the rest."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from calls.cost_gaps import IN_ROLLUP, Gap
from calls.duckdb_calls import DuckDBCalls
from calls.engine import connect, refuse_bad
from calls.file.snapshot import Snapshot, snapshot
from calls.large_files.chunked_sums import (
    CHUNK_BYTES,
    EMPTY,
    STORED,
    Inseparable,
    Reading,
    Sums,
    add_chunks,
    add_up,
    chunks,
)  # fmt: skip
from calls.large_files.rollup_cache import RollupCache, Saved, parquet_relation
from calls.reading.answers import Answer, Fetch, named_rows
from calls.reading.loading import ATTEMPTS
from calls.reading.relation import make_relation
from calls.reading.vocabulary import known_types
from calls.rollups.shared import ROLLUPS
from calls.schema import COLUMNS
from calls.source import Filters, Period, Source, Unpriced
from foundation.outcome import UserError
from foundation.sql_text import identifier

HASHES = ("ids", "sessions")
"""What is known of earlier calls beside their sums: tables `new_<name>` and `all_<name>`."""
SAMPLED_BYTES = 64 << 20
"""New bytes from which on it pays to look for the values of text columns first."""
_NAMES_CALLS = re.compile(r"\b(from|join)\s+calls\b", re.IGNORECASE)


class UnreadablePartError(Exception):
    """A part that was kept is damaged; all were given up."""


class SummedCalls(DuckDBCalls):
    """Calls as rollups. A query that names `calls` itself loads the whole file.

    Args:
        connection: holds the rollups.
        source: what was read.
        reading: how.
        cache: keeps the parts that the rollups are made of, or None.
        whole: opens the whole file.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Source,
        reading: Reading,
        cache: RollupCache | None,
        whole: Callable[[], DuckDBCalls],
    ) -> None:
        super().__init__(connection, source, late_after_ms=reading.late_after_ms)
        self._rollups = set(STORED)
        self._cache = cache
        self._open_whole = whole
        self._whole: DuckDBCalls | None = None

    @property
    def whole(self) -> DuckDBCalls:
        """All calls, loaded when first asked for."""
        if self._whole is None:
            self._whole = self._open_whole()
        return self._whole

    def _answered(self, query: str, values: Mapping[str, Any], fetch: Fetch[Answer]) -> Answer:
        if _NAMES_CALLS.search(query):
            return self.whole._answered(query, values, fetch)
        return super()._answered(query, values, fetch)

    def write_parquet(self, path: Path | str, *, derived: bool = False) -> None:
        """Writes the calls to one Parquet file; see `Calls.write_parquet`."""
        self.whole.write_parquet(path, derived=derived)

    def write_rejects(self, path: Path | str) -> None:
        """Writes every rejected line to a CSV file; see `Calls.write_rejects`."""
        self.whole.write_rejects(path)

    def close(self) -> None:
        """Gives memory and disk space back; the source stays."""
        super().close()
        if self._cache:
            self._cache.release()
        if self._whole:
            self._whole.close()


def open_summed(
    path: Path,
    reading: Reading,
    *,
    whole: Callable[[], DuckDBCalls],
    max_bad_rows: float | None = None,
    memory_limit: str | None = None,
    cached: bool = True,
    verify: bool = False,
    chunk_bytes: int = CHUNK_BYTES,
) -> DuckDBCalls:
    """The calls of a CSV file as rollups, or what `whole` opens where its chunks cannot be summed by themselves.

    Args:
        path: the file.
        reading: how it is read.
        whole: opens the whole file.
        max_bad_rows: the share of rejected lines (0 to 1) beyond which nothing is opened.
        memory_limit: how much memory the engine may take before it goes to disk, such as 2GB.
        cached: use what was summed before, and keep what is summed now.
        verify: compare every byte with what was summed before, however unchanged the file looks.
        chunk_bytes: how much of the file is held at once.

    Raises:
        NoUsableData: the file is missing or empty, its header is unusable, or no call is left.
        UsageError: the file cannot be read.
        TooManyBadRows: the share of rejected lines is above `max_bad_rows`.
        UserError: the file was rewritten again and again while it was read.
    """
    cache = RollupCache(path, reading) if cached else None
    for _ in range(ATTEMPTS):
        with snapshot(path) as seen:
            connection = connect(memory_limit)
            try:
                source = _summed(connection, seen, reading, cache, verify, chunk_bytes)
            except Inseparable:
                connection.close()
                return whole()
            except UnreadablePartError:
                connection.close()
                continue
            if seen.unchanged() or seen.extended():
                refuse_bad(source, max_bad_rows)
                return SummedCalls(connection, source, reading, cache, whole)
            connection.close()
    raise UserError(f"{path} is being rewritten all the time; try again when its writer has ended.")


def _summed(
    connection: duckdb.DuckDBPyConnection,
    seen: Snapshot,
    reading: Reading,
    cache: RollupCache | None,
    verify: bool,
    chunk_bytes: int,
) -> Source:
    """Makes the rollups of a file relations of the connection, and says what was read."""
    known = cache.load(seen, verify=verify) if cache else None
    try:
        _make_relations(connection, reading, cache, known)
    except (duckdb.Error, LookupError) as error:
        if cache is None or known is None:
            raise
        cache.forget()
        raise UnreadablePartError from error
    sums = Sums(by_customer_hour=known.by_customer_hour if known else True)
    start = known.end if known else seen.header.length
    types = known_types(connection, seen) if seen.size - start > SAMPLED_BYTES else {}
    add_chunks(connection, seen, chunks(seen, start, chunk_bytes), reading, types, sums)
    if len(sums.chunks) > 1:
        add_up(connection, in_order=sums.in_order)
    line_counts = (known.line_counts if known else EMPTY) + sums.line_counts
    if cache and sums.chunks:
        everything = (*(known.chunks if known else ()), *sums.chunks)
        tables = {name: f"new_{name}" for name in (*STORED, *HASHES)}
        cache.save(
            connection, seen, tables, known, Saved(line_counts, everything, sums.by_customer_hour, {}, ())
        )
    filters = Filters(timezone=reading.timezone, allow_credits=reading.allow_credits)
    return _with_applied_filters(connection, line_counts.source(seen, filters, torn_tail=seen.torn_tail))


def _make_relations(
    connection: duckdb.DuckDBPyConnection, reading: Reading, cache: RollupCache | None, known: Saved | None
) -> None:
    """An empty table `new_<name>` for each rollup, and above it the relation that adds what was known."""
    connection.execute(f"create table no_calls ({', '.join(_declared())})")
    make_relation(connection, "no_calls", reading.excluded_columns, reading.timezone, reading.late_after_ms)
    for name in STORED:
        connection.execute(f"create table new_{name} as {ROLLUPS[name].sql}")
        _make_relation_of_parts(connection, name, f"new_{name}", cache, known)
    for name in HASHES:
        connection.execute(f"create table new_{name} (id ubigint)")
        _make_relation_of_parts(connection, name, f"new_{name}", cache, known)


def _declared() -> list[str]:
    return [f"{identifier(column.name)} {column.kind}" for column in COLUMNS]


def _make_relation_of_parts(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    table: str,
    cache: RollupCache | None,
    known: Saved | None,
) -> None:
    relation = f"all_{name}" if name in HASHES else name
    parts = known.parts[name] if known else ()
    before = (
        f"select * from {parquet_relation([cache.part(part) for part in parts])} union all "
        if cache and parts
        else ""
    )
    connection.execute(f"create view {relation} as {before}select * from {table}")


def _with_applied_filters(connection: duckdb.DuckDBPyConnection, source: Source) -> Source:
    """The source with the days of its period in the reporting zone, the models without a price and the gaps."""
    days = "select min(cast(local_hour as date)), max(cast(local_hour as date)) from hourly_use"
    first_day, last_day = connection.execute(days).fetchall()[0]
    unpriced = named_rows(
        connection,
        "select provider, model, cast(sum(calls - priced_calls) as bigint) as calls from hourly_use "
        "group by provider, model having sum(calls - priced_calls) > 0 order by provider, model",
        {},
    )
    period = Period(source.period.first, source.period.last, first_day, last_day)
    gaps = tuple(Gap(*row) for row in connection.execute(IN_ROLLUP).fetchall())
    return replace(source, period=period, unpriced=tuple(Unpriced(*entry) for entry in unpriced), gaps=gaps)
