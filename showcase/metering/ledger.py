"""What has been stored, so that each call is stored once however often it is sent.

Three files: the CSV of calls, which other programs may append to as well; `<csv>.tool_events.jsonl`, a line
an event of a tool; `<csv>.keys.jsonl`, the idempotency keys. The CSV decides: what is not in it was never
stored, whatever the other two say.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from calls.engine import open_calls
from calls.file.locking import beside
from calls.file.snapshot import has_rows
from calls.writing.store import append_rows
from foundation.outcome import UsageError
from showcase.metering.keys import Keys
from showcase.metering.line_log import LineLog
from showcase.metering.submission import SEPARATOR, Kind, Submission, is_repetition, stored_event

STORED = f"""
    select call_id,
        md5(concat_ws('{SEPARATOR}',
            strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%fZ'), provider, model,
            cast(input_tokens as varchar), cast(output_tokens as varchar),
            coalesce(cast(latency_ms as varchar), ''), customer_id, organization_id, product_id, feature_id,
            task_type, environment)) as content
    from calls
"""


class Ledger:
    """The stored calls and tool events of one CSV; one ledger a file at a time.

    Raises:
        UsageError: there is no such folder, or another metering server has the file.
        NoUsableData: what stands there is no file of calls.
    """

    def __init__(self, path: Path) -> None:
        if not path.resolve().parent.is_dir():
            raise UsageError(f"{path.parent} is not a folder; create it or name another file with --data.")
        self._path = path
        self._lock = FileLock(beside(path, ".metering.lock"), timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise UsageError(
                f"Another metering server writes to {path}: stop it, or name another file with --data."
            ) from None
        self._known = {Kind.CALL: stored_calls(path)}
        self._events = LineLog(beside(path, ".tool_events.jsonl"))
        self._known[Kind.TOOL_EVENT] = {
            event.id: event.content for event in map(stored_event, self._events.lines())
        }
        self._keys = Keys(beside(path, ".keys.jsonl"))

    def count(self, kind: Kind) -> int:
        """How many different calls or events are stored."""
        return len(self._known[kind])

    def has(self, submission: Submission) -> bool:
        """Whether a submission was stored before.

        Raises:
            Mismatch: its key or its id stands for something else.
        """
        use = self._keys.use(submission.key) if submission.key else None
        if use is not None and use.id not in self._known[use.kind]:
            use = None
        return is_repetition(submission, use, self._known[submission.kind].get(submission.id))

    def store_calls(self, submissions: Iterable[Submission]) -> None:
        """Appends calls to the CSV; when this returns they are on disk.

        Raises:
            UserError, OSError: none of them is stored.
        """
        taken = list(submissions)
        self._keys.note(taken)
        append_rows(self._path, [entry.row for entry in taken if entry.row is not None])
        self._known[Kind.CALL].update((entry.id, entry.content) for entry in taken)

    def store_tool_events(self, submissions: Iterable[Submission]) -> None:
        """Appends tool events to their file; when this returns they are on disk.

        Raises:
            OSError: none of them is stored.
        """
        taken = list(submissions)
        self._keys.note(taken)
        self._events.append(entry.line for entry in taken)
        self._known[Kind.TOOL_EVENT].update((entry.id, entry.content) for entry in taken)

    def close(self) -> None:
        """Gives the files back."""
        self._keys.close()
        self._events.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def stored_calls(path: Path) -> dict[str, str]:
    """What each call in the file says, by call id; nothing where there is no file yet.

    Rows of an append that died are not among them: the next append takes them away.

    Raises:
        NoUsableData: what stands there is no file of calls.
    """
    if not has_rows(path):
        return {}
    with open_calls(path) as calls:
        return {row.call_id: row.content for row in calls.sql(STORED)}
