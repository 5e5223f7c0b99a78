"""Idempotency keys: a client that does not know whether its call arrived sends it again under the same key.

The keys of late are remembered across restarts in a file beside the CSV. A key is written down before its
call is, so that no call can be stored whose key is forgotten; a key whose call is missing says nothing.
"""

import contextlib
import json
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from showcase.metering.line_log import LineLog
from showcase.metering.submission import Kind, Submission, Use

REMEMBERED = 200_000
"""So many of the newest keys are remembered. Beyond them the transaction id still tells a repetition."""


class Keys:
    """The keys in the file at `path`."""

    def __init__(self, path: Path, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._log = LineLog(path)
        self._uses: OrderedDict[str, Use] = OrderedDict()
        self._lines = 0
        for line in self._log.lines():
            self._lines += 1
            # A line that is none of ours says nothing; the transaction id still tells a repetition.
            with contextlib.suppress(ValueError, TypeError):
                key, kind, thing, body = json.loads(line)
                self._keep(key, Use(Kind(kind), thing, body))

    def use(self, key: str) -> Use | None:
        """What a key was used for; None where it is new or long forgotten."""
        return self._uses.get(key)

    def note(self, submissions: Iterable[Submission]) -> None:
        """Writes the keys of submissions down, to disk.

        Raises:
            OSError: the disk is full or fails.
        """
        keyed = [entry for entry in submissions if entry.key]
        if not keyed:
            return
        if self._lines > 2 * self._remembered:
            self._compact()
        self._log.append(_line(entry.key, Use(entry.kind, entry.id, entry.body)) for entry in keyed)
        self._lines += len(keyed)
        for entry in keyed:
            self._keep(entry.key, Use(entry.kind, entry.id, entry.body))

    def close(self) -> None:
        """Gives the file back."""
        self._log.close()

    def _keep(self, key: str, use: Use) -> None:
        self._uses[key] = use
        self._uses.move_to_end(key)
        if len(self._uses) > self._remembered:
            self._uses.popitem(last=False)

    def _compact(self) -> None:
        """Writes the file anew with the keys that are remembered."""
        path = self._log.path
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        log = LineLog(fresh)
        log.append(_line(key, use) for key, use in self._uses.items())
        fresh.replace(path)
        self._log.close()
        log.path = path
        self._log, self._lines = log, len(self._uses)


def _line(key: str, use: Use) -> bytes:
    return json.dumps([key, use.kind, use.id, use.body], separators=(",", ":")).encode()
