"""Takes rows in from many requests at once and stores each exactly once before anybody is told "stored".

Requests hand in a row and wait. One thread takes all that have gathered, appends them in one write with one
fsync, and only then answers them: a call that was acknowledged survives a kill at any moment. A call that
comes again (a retry after a lost answer) is recognised by its `call_id`, also after a restart, since the ids
are read back from the CSV.
"""

import queue
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import duckdb

from calls.store import append_rows
from outcome import Problem

BATCH_ROWS = 2_000
WAITING_ROWS = 10_000
"""Rows that may wait to be stored; beyond it a request is asked to come again (back-pressure)."""


class Busy(Exception):
    """Too many rows wait already."""


@dataclass(frozen=True)
class Stored:
    """What became of a row: `repeated` where the call had been stored before."""

    call_id: str
    repeated: bool


@dataclass(frozen=True)
class _Waiting:
    row: Mapping[str, str]
    answer: "Future[Stored]"


class Intake:
    """Stores rows in the CSV at `path`. One intake a file; other writers may append to it too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = known_call_ids(path)
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(WAITING_ROWS)
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)
        self._thread.start()

    def submit(self, row: Mapping[str, str]) -> "Future[Stored]":
        """Hands a row in. The future ends when the row is on disk, or with the `Problem` that kept it off.

        Raises:
            Busy: too many rows wait already.
        """
        waiting = _Waiting(row, Future())
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            raise Busy from None
        return waiting.answer

    def close(self) -> None:
        """Stores what waits, then ends."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while batch := self._gather():
            self._store(batch)

    def _gather(self) -> list[_Waiting]:
        """All that wait, at least one; none when the intake closes."""
        first = self._queue.get()
        batch = [] if first is None else [first]
        while batch and len(batch) < BATCH_ROWS:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            batch.append(following)
        return batch

    def _store(self, batch: list[_Waiting]) -> None:
        fresh: dict[str, Mapping[str, str]] = {}
        for waiting in batch:
            if waiting.row["call_id"] not in self._known:
                fresh.setdefault(waiting.row["call_id"], waiting.row)
        try:
            if fresh:
                append_rows(self._path, fresh.values())
        except (Problem, OSError) as problem:
            for waiting in batch:
                waiting.answer.set_exception(problem)
            return
        self._known.update(fresh)
        for waiting in batch:
            call_id = waiting.row["call_id"]
            waiting.answer.set_result(Stored(call_id, fresh.pop(call_id, None) is None))


def known_call_ids(path: Path) -> set[str]:
    """The ids of all calls in the file; none where there is no file yet."""
    if not path.exists() or not path.stat().st_size:
        return set()
    rows = duckdb.execute(
        "select distinct call_id from read_csv($path, header=true, all_varchar=true, ignore_errors=true, "
        "null_padding=true)",
        {"path": str(path)},
    ).fetchall()
    return {call_id for (call_id,) in rows}
