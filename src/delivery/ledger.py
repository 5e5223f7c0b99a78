"""Who got which set of pages: so that a run repeated by cron sends nobody the same pages twice."""

import hashlib
import json
import os
from pathlib import Path


class Ledger:
    """A file of one line a delivery: `{"run_id": ..., "recipient": ...}`, the recipient as a digest.

    A torn last line (the machine stopped while it was written) is ignored.
    """

    def __init__(self, path: Path, run_id: str) -> None:
        self._path = path
        self._run_id = run_id

    def has(self, recipient: str) -> bool:
        """Whether the recipient got this run's pages."""
        return _digest(recipient) in self._served()

    def remember(self, recipient: str) -> None:
        """Writes the delivery down before it returns."""
        line = json.dumps({"run_id": self._run_id, "recipient": _digest(recipient)}) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _served(self) -> set[str]:
        if not self._path.exists():
            return set()
        entries = map(_entry, self._path.read_text(encoding="utf-8").splitlines())
        return {str(entry["recipient"]) for entry in entries if entry.get("run_id") == self._run_id}


def _entry(line: str) -> dict[str, str]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _digest(recipient: str) -> str:
    return hashlib.sha256(recipient.casefold().encode()).hexdigest()
