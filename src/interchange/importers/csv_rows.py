"""The rows of the CSV: the calls of an import in the order of its files, written piece by piece.

The engine writes a CSV file on one thread, and sorts what it cannot hold in memory on disk. So each piece holds
the calls of a range of records, small enough to be sorted in memory, and as many are written at once as the engine
has threads.
"""

import contextlib
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb

from calls.schema import COLUMNS, Kind
from interchange.importers.sql_text import identifier, literal

PIECE_RECORDS = 122_880
"""What the engine stores as one group of rows, and reads without its neighbours."""


def write_staged(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Writes the calls of `priced` as a CSV file with all columns.

    Raises:
        OSError, duckdb.Error: the disk is full or fails.
    """
    with path.open("wb") as target:
        for piece in _pieces(connection, path):
            with piece.open("rb") as source:
                shutil.copyfileobj(source, target)
            piece.unlink()


def _pieces(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[Path]:
    """The files of the pieces in their order, each as soon as it is whole; the first one has the header."""
    records, threads = connection.execute(
        "select (select max(row_id) + 1 from priced), current_setting('threads')"
    ).fetchall()[0]
    with _pool(threads) as pool:
        waiting: list[Future[Path]] = [
            pool.submit(_write_piece, connection.cursor(), start, path.with_suffix(f".{start}"))
            for start in range(0, records, PIECE_RECORDS)
        ]
        for piece in waiting:
            yield piece.result()


@contextlib.contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing new once the block is left."""
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _write_piece(connection: duckdb.DuckDBPyConnection, start: int, piece: Path) -> Path:
    """Writes the calls among the records from `start`."""
    connection.execute(
        f"copy ({_rows_sql(start)}) to {literal(str(piece))} "
        f"(format csv, header {str(start == 0).lower()}, delimiter ',', quote '\"', escape '\"')"
    )
    return piece


def _rows_sql(start: int) -> str:
    """SQL for the columns of the CSV of the calls among the records from `start`."""
    columns = ", ".join(f"{_printed(column.name, column.kind)} as {column.name}" for column in COLUMNS)
    within = f"row_id >= {start} and row_id < {start + PIECE_RECORDS}"
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
