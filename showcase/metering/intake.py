"""Takes submissions in from many requests at once and stores them before anybody is told "stored".

Requests hand in and wait. One thread takes all that have gathered, stores them in one write with one fsync,
and only then answers them (group commit): what was acknowledged survives a kill at any moment, and a hundred
clients wait for one disk write, not for a hundred.
"""

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from foundation.outcome import UserError
from showcase.metering.ledger import Ledger
from showcase.metering.submission import Kind, Mismatch, Submission, Use, is_repetition

BATCH_LIMIT = 2_000
WAITING_LIMIT = 10_000
"""So many may wait to be stored; beyond it a request is asked to come again (back-pressure)."""


class Busy(Exception):
    """Too many wait already."""


@dataclass(frozen=True)
class Stored:
    """What became of a submission: `repeated` where it had been stored before."""

    id: str
    repeated: bool


@dataclass(frozen=True)
class _Waiting:
    submission: Submission
    answer: "Future[Stored]"


@dataclass
class _Fresh:
    """The submissions of one kind in a batch that are not stored yet, and who waits for them."""

    submissions: dict[str, Submission] = field(default_factory=dict)
    waiting: list[tuple[_Waiting, bool]] = field(default_factory=list)


class Intake:
    """Stores submissions in a ledger, which is this intake's alone."""

    def __init__(self, ledger: Ledger, waiting_limit: int = WAITING_LIMIT) -> None:
        self._ledger = ledger
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(waiting_limit)
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)
        self._thread.start()
        self.trouble = ""
        """Why the last write failed; "" when it did not."""

    @property
    def working(self) -> bool:
        """Whether submissions are still being stored."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """About how many wait to be stored."""
        return self._queue.qsize()

    def submit(self, submission: Submission) -> "Future[Stored]":
        """Hands something in. The future ends when it is on disk, or with what kept it off.

        The future's exceptions: `Mismatch`, `UserError`, `OSError`.

        Raises:
            Busy: too many wait already.
        """
        waiting = _Waiting(submission, Future())
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
        while (batch := self._gather()) is not None:
            fresh = self._sorted(batch)
            self._store(fresh[Kind.CALL], self._ledger.store_calls)
            self._store(fresh[Kind.TOOL_EVENT], self._ledger.store_tool_events)

    def _gather(self) -> list[_Waiting] | None:
        """All that wait, at least one; None when the intake closes."""
        first = self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < BATCH_LIMIT:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            batch.append(following)
        # Who hung up meanwhile was promised nothing; from here on nobody can.
        return [waiting for waiting in batch if waiting.answer.set_running_or_notify_cancel()]

    def _sorted(self, batch: list[_Waiting]) -> dict[Kind, _Fresh]:
        """Answers what was stored before or cannot be, and returns the rest."""
        fresh = {kind: _Fresh() for kind in Kind}
        uses: dict[str, Use] = {}
        for waiting in batch:
            entry, of_kind = waiting.submission, fresh[waiting.submission.kind]
            before = of_kind.submissions.get(entry.id)
            try:
                if self._ledger.has(entry):
                    waiting.answer.set_result(Stored(entry.id, repeated=True))
                    continue
                repeated = is_repetition(entry, uses.get(entry.key), before.content if before else None)
            except Mismatch as mismatch:
                waiting.answer.set_exception(mismatch)
                continue
            of_kind.waiting.append((waiting, repeated))
            if not repeated:
                of_kind.submissions[entry.id] = entry
                if entry.key:
                    uses[entry.key] = Use(entry.kind, entry.id, entry.body)
        return fresh

    def _store(self, fresh: _Fresh, store: Callable[[Iterable[Submission]], None]) -> None:
        if not fresh.submissions:
            return
        try:
            store(fresh.submissions.values())
        except (UserError, OSError) as problem:
            self.trouble = str(problem)
            for waiting, _ in fresh.waiting:
                waiting.answer.set_exception(problem)
            return
        self.trouble = ""
        for waiting, repeated in fresh.waiting:
            waiting.answer.set_result(Stored(waiting.submission.id, repeated))
