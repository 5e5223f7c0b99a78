"""The dialect of a CSV file: its delimiter, its column names, where its header stands."""

import csv
import io
import itertools
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from foundation.outcome import UsageError

DELIMITERS = (",", ";", "\t", "|")
RECORD_CHARS = 1 << 20
"""How far the end of an open quote is looked for."""
LINE_CHARS = 8 << 20
"""A line of more characters is no record."""
_CHUNK = 1 << 20
_TOO_LONG = '"\0" too long\n'
"""Stands for a line that is too long; it is no record in any dialect."""


class Dialect(NamedTuple):
    """How to read a file: `skipped` lines, blank ones, stand before the header."""

    delimiter: str
    columns: tuple[str, ...]
    skipped: int


def dialect_of(name: str, text: str) -> Dialect:
    """The dialect of a file that begins with `text`; a column name that stands twice gets a number.

    Raises:
        UsageError: it has no header line that can be read.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    skipped = next((number for number, line in enumerate(lines) if line.strip()), 0)
    delimiter = max(DELIMITERS, key=lines[skipped].count)
    try:
        names = [field.strip() for field in next(csv.reader([lines[skipped]], delimiter=delimiter), [])]
    except csv.Error as error:
        raise UsageError(
            f"{name} has no readable header line ({error}); export it as CSV with a header."
        ) from None
    return Dialect(delimiter, _unique(names), skipped)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    unique: list[str] = []
    for number, field in enumerate(names, start=1):
        base = field or f"column{number}"
        unique.append(base if base.lower() not in (known.lower() for known in unique) else f"{base}_{number}")
    return tuple(unique)


def sample_of(text: str, delimiter: str, records: int) -> tuple[dict[str, Any], ...]:
    """The first records of a file that begins with `text`."""
    try:
        rows = csv.DictReader(io.StringIO(text.replace("\0", "").lstrip()), delimiter=delimiter)
        return tuple(
            {key: value for key, value in row.items() if key is not None}
            for row in itertools.islice(rows, records)
        )
    except csv.Error:
        return ()


def write_with_one_line_end(source: IO[bytes], target: Path) -> None:
    """Copies a file whose line ends differ, so that the engine finds one kind only."""
    with target.open("wb") as out:
        held = b""
        while chunk := source.read(_CHUNK):
            chunk = held + chunk
            # A carriage return may have its line feed in the next chunk.
            held = b"\r" if chunk.endswith(b"\r") else b""
            out.write(chunk.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        out.write(held.replace(b"\r", b"\n"))


def write_repaired(source: IO[bytes], target: Path, dialect: Dialect) -> "array[int]":
    """Copies a file without the lines that are no records, and returns their numbers.

    A quote that is opened and never closed makes the rest of a file one field: then only its own line is left out.
    """
    # Bytes that are no text are copied as they are, for the engine to reject their line.
    with (
        io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape") as text,
        target.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as out,
    ):
        lines = _Lines(itertools.islice(_bounded(text), dialect.skipped, None))
        out.write(lines.next() or "")
        bad = array("q")
        while line := lines.next():
            first = lines.number
            record = _record(line, lines)
            if _is_record(record, dialect):
                out.write("".join(record))
                continue
            if line.strip():
                bad.append(dialect.skipped + first)
            lines.back(record[1:])
        return bad


def _bounded(text: IO[str]) -> Iterator[str]:
    """The lines of a text; of one that is too long to be a record, its beginning, which is none either."""
    while line := text.readline(LINE_CHARS):
        if len(line) < LINE_CHARS:
            yield line
            continue
        while (rest := text.readline(LINE_CHARS)) and not rest.endswith("\n"):
            pass
        yield _TOO_LONG


class _Lines:
    """Lines that can be put back, counted from 1."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._waiting: deque[str] = deque()
        self.number = 0

    def next(self) -> str:
        """The next line, '' at the end."""
        self.number += 1
        return self._waiting.popleft() if self._waiting else next(self._source, "")

    def back(self, lines: list[str]) -> None:
        """Puts lines back, to be read again."""
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)


def _record(line: str, lines: _Lines) -> list[str]:
    """A line, with the following ones where a quote is open at its end."""
    record, quotes, chars = [line], line.count('"'), len(line)
    while quotes % 2 and chars < RECORD_CHARS and (more := lines.next()):
        record.append(more)
        quotes += more.count('"')
        chars += len(more)
    return record


def _is_record(lines: list[str], dialect: Dialect) -> bool:
    try:
        rows = list(csv.reader(lines, delimiter=dialect.delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == len(dialect.columns)
