"""Rejected lines: counted by reason, the first thousand kept at hand, all of them kept in a rejects file."""

import csv
import io
import shutil
import tempfile
import weakref
from collections import Counter
from pathlib import Path
from typing import IO

from calls.source import RejectedLine

KEPT_LINES = 1_000
TEXT_LENGTH = 200


class Rejects:
    """Takes rejected lines one by one, in constant memory."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: list[RejectedLine] = []
        self._spill: IO[str] | None = None

    def add(self, line: int, byte_offset: int, reason: str, raw: bytes) -> None:
        """Notes one line: its number (the header is 1), where it starts, why, and how it begins."""
        entry = RejectedLine(line, byte_offset, reason, escaped(raw))
        self.counts[reason] += 1
        if len(self.first) < KEPT_LINES:
            self.first.append(entry)
        csv.writer(self._spilled(), lineterminator="\n").writerow((line, byte_offset, reason, entry.text))

    def write(self, path: Path) -> None:
        """Writes every rejected line to a CSV file: line, byte_offset, reason, text."""
        spill = self._spilled()
        spill.seek(0)
        with path.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerow(("line", "byte_offset", "reason", "text"))
            shutil.copyfileobj(spill, target)
        spill.seek(0, io.SEEK_END)

    def _spilled(self) -> IO[str]:
        """The file of all rejected lines; it has no name and is gone with this object."""
        if self._spill is None:
            self._spill = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115
            weakref.finalize(self, self._spill.close)
        return self._spill

    def close(self) -> None:
        """Gives the disk space back."""
        if self._spill is not None:
            self._spill.close()


def escaped(raw: bytes) -> str:
    """The first 200 characters of a line, with everything that does not print escaped."""
    text = raw[: 4 * TEXT_LENGTH].decode("utf-8", "backslashreplace")[:TEXT_LENGTH]
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
