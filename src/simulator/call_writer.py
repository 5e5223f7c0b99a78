"""Batches of calls become lines of the CSV: DuckDB prints them, `calls.writing.store` puts them in place."""

import errno
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count, islice
from pathlib import Path

from calls.file.engine_paths import path_sql
from calls.file.spill import private_engine
from calls.writing.store import append_staged, check_target, overwrite_staged, staging_folder
from foundation.outcome import UserError
from simulator.batch import Batch
from simulator.call_totals import CallTotals, TotalsCounter
from simulator.spelling import Spelling

Draw = Callable[[], Batch]
"""Draws one batch; batches may be drawn in any order and at the same time."""

WORKERS_MAX = 8
"""More would wait for Python and for the disk, and each holds a batch in memory."""
WHOLE_LINES = "FORMAT csv, HEADER false, DELIMITER '\x1f', QUOTE ''"
"""Lines are printed as they are: the one column has no delimiter and nothing to quote."""


def write_calls(
    draws: Iterable[Draw],
    spelling: Spelling,
    path: Path,
    *,
    append: bool,
    advance: Callable[[int], None] | None = None,
) -> CallTotals:
    """Draws batches and writes them to a file: staged beside it, put in place when complete.

    `advance` is told how many calls each batch had.

    Raises:
        UsageError: the file cannot take calls, see `calls.writing.store.check_target`.
        UserError: it cannot be written; what was there is as it was.
    """
    check_target(path, append=append)
    counter = TotalsCounter(spelling.customers)
    with _staging_folder(path) as folder:
        staged = folder / path.name
        for batch in _staged(draws, spelling, staged):
            counter.add(batch)
            if advance:
                advance(batch.size)
        _put_in_place(path, staged, append=append)
    return counter.totals


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write several patterns to; when all are written it takes the place of `path`, whole.

    Raises:
        UsageError: what stands there cannot be replaced, see `calls.writing.store.check_target`.
        UserError: it cannot be written; what was there is as it was.
    """
    check_target(path, append=False)
    with _staging_folder(path) as folder:
        staged = folder / "calls.csv"
        yield staged
        overwrite_staged(path, staged)


@contextmanager
def _staging_folder(path: Path) -> Iterator[Path]:
    """A folder beside a file, gone afterwards; a disk that is full or read-only becomes one sentence."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with staging_folder(path) as folder:
            yield folder
    except OSError as error:
        raise UserError(
            f"{path} could not be written: {error.strerror}; make room or a writable folder, or name another --out."
        ) from error


def _put_in_place(path: Path, staged: Path, *, append: bool) -> None:
    if append:
        append_staged(path, staged)
    else:
        overwrite_staged(path, staged)


def _staged(draws: Iterable[Draw], spelling: Spelling, staged: Path) -> Iterator[Batch]:
    """Writes a file with a header and all batches in their order; yields each when it is written."""
    printer = Printer(staged.parent, spelling.line_sql)
    workers = min(os.cpu_count() or 1, WORKERS_MAX)
    with staged.open("wb", buffering=0) as target, ThreadPoolExecutor(workers) as pool:
        target.write(f"{spelling.header}\n".encode())
        for batch, chunk in _in_order(pool, (partial(printer.drawn, draw) for draw in draws), workers):
            _append_file(target.fileno(), chunk)
            chunk.unlink()
            yield batch


def _in_order(
    pool: ThreadPoolExecutor, tasks: Iterator[Callable[[], tuple[Batch, Path]]], ahead: int
) -> Iterator[tuple[Batch, Path]]:
    """The results of tasks in their order, with no more than `ahead` tasks begun before they are asked for."""
    begun = deque(pool.submit(task) for task in islice(tasks, ahead))
    while begun:
        result = begun.popleft().result()
        begun.extend(pool.submit(task) for task in islice(tasks, 1))
        yield result


class Printer:
    """Prints batches into files of a folder, several at a time."""

    def __init__(self, folder: Path, line_sql: str) -> None:
        import duckdb  # noqa: PLC0415  a tenth of a second that `--help` need not wait

        self._folder, self._query = folder, f"SELECT {line_sql} AS line FROM batch"
        self._numbers = count()
        # Each worker prints its own batch; threads within a batch would only hold more of it in memory.
        self._connection = private_engine(threads=1)
        self._disk_error = duckdb.IOException

    def drawn(self, draw: Draw) -> tuple[Batch, Path]:
        """Draws a batch and prints its lines into a file of its own.

        Raises:
            OSError: the disk is full or fails.
        """
        batch = draw()
        chunk = self._folder / f"{next(self._numbers)}.chunk"
        try:
            self._print(batch, chunk)
        except self._disk_error as error:
            raise _as_system_error(error) from error
        return batch, chunk

    def _print(self, batch: Batch, chunk: Path) -> None:
        columns = dict(vars(batch))
        columns["time_us"] = batch.time_us.astype("datetime64[us]")
        with self._connection.cursor() as cursor:
            # DuckDB's own bar would land in our stdout.
            cursor.execute("SET enable_progress_bar = false")
            cursor.register("batch", columns)
            cursor.execute(f"COPY ({self._query}) TO {path_sql(chunk)} ({WHOLE_LINES})")


def _as_system_error(error: Exception) -> OSError:
    """What the system said, out of DuckDB's words."""
    number = re.search(r'"errno":"(\d+)"', str(error))
    code = int(number[1]) if number else errno.EIO
    return OSError(code, os.strerror(code))


def _append_file(target: int, chunk: Path) -> None:
    """Appends a file to an open one, within the kernel."""
    with chunk.open("rb") as source:
        size, offset = os.fstat(source.fileno()).st_size, 0
        while offset < size:
            offset += os.sendfile(target, source.fileno(), offset, size - offset)
