"""A CSV without the lines that are no records: what can be read of a file that the engine refuses.

Blocks of lines that are all records are copied as they are; only within others each line is looked at.
"""

import csv
import io
import itertools
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from interchange.importers.reading.csv_files import Dialect

LINE_CHARS = 8 << 20
"""A line or a field of more characters is no record."""
RECORD_LINES = 100_000
"""How far the end of an open quote is looked for, beside `LINE_CHARS`."""
BLOCK_LINES = 512
BLOCK_CHARS = 4 << 20
_TOO_LONG = '"\0" too long\n'
"""Stands for a line that is too long; it is no record in any dialect."""


@dataclass
class Repaired:
    """How many records were copied, and how many lines that are none were left out; blank ones are neither."""

    records: int = 0
    bad_lines: int = 0


def write_repaired(source: IO[bytes], target: Path, dialect: Dialect) -> Repaired:
    """Copies a file from its header on, without the lines that are no records.

    A quote that is opened and never closed makes the rest of a file one field: then only its own line is left out.
    """
    # Bytes that are no text must come through until their line is looked at.
    with (
        io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape") as text,
        target.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as out,
        _fields_as_long_as_lines(),
    ):
        lines = _Lines(itertools.islice(_bounded(text), dialect.skipped, None))
        out.write(lines.next())
        copy = _Copy(lines, out, dialect)
        while copy.take_block():
            pass
        return copy.done


@contextmanager
def _fields_as_long_as_lines() -> Iterator[None]:
    before = csv.field_size_limit(LINE_CHARS)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _bounded(text: IO[str]) -> Iterator[str]:
    """The lines of a text; in the place of one that is too long to be a record, one that is none either."""
    while line := text.readline(LINE_CHARS):
        if len(line) < LINE_CHARS:
            yield line
            continue
        while not line.endswith("\n") and (line := text.readline(LINE_CHARS)):
            pass
        yield _TOO_LONG


class _Lines:
    """Lines that can be put back; `waiting` are those that were."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self.waiting: deque[str] = deque()

    def next(self) -> str:
        """The next line, '' at the end."""
        return self.waiting.popleft() if self.waiting else next(self._source, "")

    def block(self) -> list[str]:
        """The next lines, none at the end."""
        taken: list[str] = []
        chars = 0
        while len(taken) < BLOCK_LINES and chars < BLOCK_CHARS and (line := self.next()):
            taken.append(line)
            chars += len(line)
        return taken

    def back(self, lines: list[str]) -> None:
        """Puts lines back, to be read again."""
        self.waiting.extendleft(reversed(lines))


class _Copy:
    def __init__(self, lines: _Lines, out: IO[str], dialect: Dialect) -> None:
        self.done = Repaired()
        self._lines = lines
        self._out = out
        self._delimiter = dialect.delimiter
        self._width = len(dialect.columns)

    def take_block(self) -> bool:
        """Takes the next lines; False at the end."""
        block = self._lines.block()
        if not block:
            return False
        if self._is(block, len(block)):
            self._keep(block, len(block))
            return True
        self._lines.back(block)
        behind = len(self._lines.waiting) - len(block)
        # A record may go on behind the block, and what is put back of one that does is looked at here, too.
        while len(self._lines.waiting) > behind:
            self._take(self._lines.next())
        return True

    def _take(self, line: str) -> None:
        if '"' not in line and line.count(self._delimiter) != self._width - 1:
            self.done.bad_lines += bool(line.strip())
            return
        record = self._record(line)
        if self._is(record, 1):
            self._keep(record, 1)
        else:
            self.done.bad_lines += bool(line.strip())
            self._lines.back(record[1:])

    def _keep(self, lines: list[str], records: int) -> None:
        self._out.writelines(lines)
        self.done.records += records

    def _record(self, line: str) -> list[str]:
        """A line, with the following ones where a quote is open at its end."""
        record, quotes, chars = [line], line.count('"'), len(line)
        while (
            quotes % 2 and chars < LINE_CHARS and len(record) < RECORD_LINES and (more := self._lines.next())
        ):
            record.append(more)
            quotes += more.count('"')
            chars += len(more)
        return record

    def _is(self, lines: list[str], records: int) -> bool:
        """Whether lines are so many records."""
        try:
            rows = list(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return False
        whole = len(rows) == records and all(len(row) == self._width for row in rows)
        return whole and all(line.isascii() or _is_text(line) for line in lines)


def _is_text(line: str) -> bool:
    """Whether a line was UTF-8."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True
