"""The rows of the CSV: the calls of an import in the order of its files, written piece by piece.

The engine writes a CSV file on one thread, and sorts what it cannot hold in memory on disk. So each piece holds
the calls of a range of records, small enough to be sorted in memory, and a few are written at once.
"""

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

import duckdb

from calls.schema import COLUMNS, Kind
from interchange.importers.sql_text import identifier, literal
from interchange.importers.staging import TEXTS

PIECE_RECORDS = 122_880
"""At most: what the engine stores as one group of rows, and reads without its neighbours."""
PIECE_BYTES = 32 << 20
"""About so much text, which is sorted in several times its bytes."""
WRITERS_MAX = 2
"""All of them sort within one memory limit."""


def write_staged(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Writes the calls of `priced` as a CSV file with all columns.

    The disk gets to work on a piece while the next ones are made: whoever flushes the file hardly waits.

    Raises:
        OSError, duckdb.Error: the disk is full or fails.
    """
    with path.open("wb") as target, _pool(1) as disk:
        flushed = [disk.submit(os.fsync, number) for number in _joined(_pieces(connection, path), target)]
        for each in flushed:
            each.result()


def _joined(pieces: Iterable[Path], target: IO[bytes]) -> Iterator[int]:
    """Writes pieces one after the other; gives the descriptor of the file after each."""
    for piece in pieces:
        with piece.open("rb") as source:
            shutil.copyfileobj(source, target)
        piece.unlink()
        target.flush()
        yield target.fileno()


def _pieces(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[Path]:
    """The files of the pieces in their order, each as soon as it is whole; the first one has the header."""
    records, threads = connection.execute(
        "select (select max(row_id) + 1 from priced), current_setting('threads')"
    ).fetchall()[0]
    size = _piece_records(connection)
    with _pool(min(threads, WRITERS_MAX)) as pool:
        waiting: list[Future[Path]] = [
            pool.submit(_write_piece, connection.cursor(), start, size, path.with_suffix(f".{start}"))
            for start in range(0, records, size)
        ]
        for piece in waiting:
            yield piece.result()


def _piece_records(connection: duckdb.DuckDBPyConnection) -> int:
    """How many records make a piece, judged by the texts of every sixteenth."""
    length = " + ".join(f"strlen({identifier(name)})" for name in TEXTS)
    (mean,) = connection.execute(f"select avg({length}) from records where row_id % 16 = 0").fetchall()[0]
    return min(PIECE_RECORDS, max(1, int(PIECE_BYTES / max(mean or 0, 1))))


@contextlib.contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing new once the block is left."""
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _write_piece(connection: duckdb.DuckDBPyConnection, start: int, size: int, piece: Path) -> Path:
    """Writes the calls among `size` records from `start`."""
    connection.execute(
        f"copy ({_rows_sql(start, size)}) to {literal(str(piece))} "
        f"(format csv, header {str(start == 0).lower()}, delimiter ',', quote '\"', escape '\"')"
    )
    return piece


def _rows_sql(start: int, size: int) -> str:
    """SQL for the columns of the CSV of the calls among `size` records from `start`."""
    columns = ", ".join(f"{_printed(column.name, column.kind)} as {column.name}" for column in COLUMNS)
    within = f"row_id >= {start} and row_id < {start + size}"
    return f"""
        select {columns} from (
            select x.*, p.cost_usd, p.cost_source
            from (select * from parts where {within}) as x
            join (select row_id, cost_usd, cost_source from priced where {within}) as p on x.row_id = p.row_id
        ) order by row_id
    """


def _printed(name: str, kind: Kind) -> str:
    column = identifier(name)
    if kind is Kind.TIMESTAMP:
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind is Kind.MONEY:
        return f"cast({column} as decimal(18,9))"
    if kind is Kind.COUNT:
        return column
    # No reader of the CSV takes NUL.
    readable = (
        f"case when contains({column}, chr(0)) then replace({column}, chr(0), chr(65533)) else {column} end"
    )
    return f"nullif({readable}, '')"
