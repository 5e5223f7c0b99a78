"""The rows of the CSV: the calls of an import in the order of its files, written chunk by chunk.

The engine writes a CSV file on one thread, and sorts what it cannot hold in memory on disk. So each chunk holds
the calls of a range of records, small enough to be sorted in memory, and a few are written at once. A call is made
one line of text before it is sorted and written, which costs half of what its 27 columns do.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

import duckdb

from calls.file.engine_paths import path_sql
from calls.schema import COLUMNS, RUN_COLUMNS, TERM_COLUMNS, Column, Kind
from foundation.sql_text import identifier
from interchange.importers.field_mapping import mapped_name
from interchange.importers.staging import TEXTS

CHUNK_RECORDS = 122_880
"""At most: what the engine stores as one group of rows, and reads without its neighbours."""
CHUNK_BYTES = 32 << 20
"""About so much text, which is sorted in several times its bytes."""
WRITERS_MAX = 2
"""All of them sort within one memory limit."""
HEADER = ",".join(column.name for column in COLUMNS)
QUOTED = ("','", "'\"'", "chr(10)", "chr(13)", "'#'")
"""SQL for each mark that is quoted in a CSV file; some readers take what follows # for a comment."""
NUL = "chr(0)"
GAP = "cost_gap"
"""A column that pricing fills, not the records."""


def write_staged(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Writes the calls of `priced` as a CSV file with all columns.

    Each chunk is flushed while the next ones are made, so that flushing the file at the end is quick.

    Raises:
        OSError, duckdb.Error: the disk is full or fails.
    """
    with path.open("wb") as target, _pool(1) as disk:
        flushed = [disk.submit(os.fsync, number) for number in _joined(_chunks(connection, path), target)]
        for each in flushed:
            each.result()


def _joined(chunks: Iterable[Path], target: IO[bytes]) -> Iterator[int]:
    """Writes chunks one after the other; gives the descriptor of the file after each."""
    for chunk in chunks:
        with chunk.open("rb") as source:
            shutil.copyfileobj(source, target)
        chunk.unlink()
        target.flush()
        yield target.fileno()


def _chunks(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[Path]:
    """The files of the chunks in their order, each as soon as it is whole; the first one has the header."""
    records, threads = connection.execute(
        "select (select coalesce(max(row_id), 0) + 1 from priced), current_setting('threads')"
    ).fetchall()[0]
    size, empty = _chunk_records(connection), _empty_columns(connection)
    # Each chunk on one thread: to share its work would cost more than it brings, and nothing is left to be done after.
    connection.execute("set threads = 1")
    with _pool(min(threads, WRITERS_MAX)) as pool:
        waiting: list[Future[Path]] = [
            pool.submit(_write_chunk, connection.cursor(), start, size, empty, path.with_suffix(f".{start}"))
            for start in range(0, records, size)
        ]
        for chunk in waiting:
            yield chunk.result()


def _empty_columns(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Columns that a file need not have, of which no record says anything."""
    seldom = [column for column in (*RUN_COLUMNS, *TERM_COLUMNS) if column.name != GAP]
    tests = ", ".join(_is_filled(column) for column in seldom)
    (filled,) = connection.execute(f"select {tests} from staged").fetchall()
    empty = {column.name for column, is_filled in zip(seldom, filled, strict=True) if not is_filled}
    gaps = connection.execute(f"select 1 from priced where {GAP} <> '' limit 1").fetchall()
    return frozenset(empty if gaps else empty | {GAP})


def _is_filled(column: Column) -> str:
    """SQL for whether some record has a value in a column."""
    name = identifier(mapped_name(column.name))
    if column.kind is Kind.TEXT:
        return f"bool_or(labels.{name} <> '')"
    return f"bool_or({'counts' if column.kind is Kind.COUNT else 'amounts'}.{name} is not null)"


def _chunk_records(connection: duckdb.DuckDBPyConnection) -> int:
    """How many records make a chunk, judged by the texts of every sixteenth."""
    length = " + ".join(f"strlen({identifier(name)})" for name in TEXTS)
    (mean,) = connection.execute(f"select avg({length}) from records where row_id % 16 = 0").fetchall()[0]
    return min(CHUNK_RECORDS, max(1, int(CHUNK_BYTES / max(mean or 0, 1))))


@contextlib.contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing new once the block is left."""
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _write_chunk(
    connection: duckdb.DuckDBPyConnection, start: int, size: int, empty: AbstractSet[str], chunk: Path
) -> Path:
    """Writes the calls among `size` records from `start`."""
    # Lines are complete: the engine neither parts them into fields nor quotes any.
    connection.execute(
        f"copy ({_lines_sql(start, size, empty)}) to {path_sql(chunk)} "
        f"(format csv, header {str(start == 0).lower()}, delimiter '', quote '', escape '')"
    )
    return chunk


def _lines_sql(start: int, size: int, empty: AbstractSet[str]) -> str:
    """SQL for the lines of the CSV of the calls among `size` records from `start`, under the header's line.

    Few records hold a mark that must be quoted, and one look at all texts of a record tells which. Columns that are
    `empty` are printed without a look at them.
    """
    within = f"row_id >= {start} and row_id < {start + size}"
    texts = ", ".join(
        identifier(column.name) for column in COLUMNS if column.kind is Kind.TEXT and column.name not in empty
    )
    marked = " or ".join(f"contains(texts, {mark})" for mark in (*QUOTED, NUL))
    return f"""
        select case when {marked} then {_line(_quoted, empty)} else {_line(identifier, empty)} end
            as {identifier(HEADER)} from (
            select x.*, p.cost_usd, p.cost_source, p.cost_gap, concat({texts}) as texts
            from (select * from parts where {within}) as x
            join (select row_id, cost_usd, cost_source, cost_gap from priced where {within}) as p on x.row_id = p.row_id
        ) order by row_id
    """


def _line(text: Callable[[str], str], empty: AbstractSet[str]) -> str:
    """SQL for a line; NULL stands in it as nothing."""
    parts, commas = [], ""
    for column in COLUMNS:
        if column.name not in empty:
            parts += [f"'{commas}'", _printed(column.name, column.kind, text)]
            commas = ""
        commas += ","
    return f"concat({', '.join([*parts[1:], repr(commas[1:])])})"


def _printed(name: str, kind: Kind, text: Callable[[str], str]) -> str:
    column = identifier(name)
    if kind is Kind.TIMESTAMP:
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind is Kind.DECIMAL:
        return f"cast({column} as decimal(18,9))"
    return text(name) if kind is Kind.TEXT else column


def _quoted(name: str) -> str:
    """SQL for a text as a field of CSV, without NUL, which no reader of the CSV takes."""
    readable = f"replace({identifier(name)}, {NUL}, chr(65533))"
    marked = " or ".join(f"contains({identifier(name)}, {mark})" for mark in QUOTED)
    return f"""case when {marked} then '"' || replace({readable}, '"', '""') || '"' else {readable} end"""
