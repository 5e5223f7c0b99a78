"""The dialect of a CSV file: its delimiter, its column names, where its header stands."""

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from foundation.outcome import UsageError

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 2_000
"""Of a table, whoever made it: the engine takes memory for each, and the time that a header takes grows faster."""
_CHUNK = 1 << 20


class Dialect(NamedTuple):
    """How to read a file: `skipped` lines, blank ones, stand before the header."""

    delimiter: str
    columns: tuple[str, ...]
    skipped: int


def dialect_of(name: str, text: str) -> Dialect:
    """The dialect of a file that begins with `text`; a column name that stands twice gets a number.

    Raises:
        UsageError: it has no header line that can be read, or too many columns.
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
    check_width(name, len(names))
    return Dialect(delimiter, _unique(names), skipped)


def check_width(name: str, columns: int) -> None:
    """Refuses a table of so many columns that no tool can have meant it.

    Raises:
        UsageError: it has more than can be read.
    """
    if columns > MOST_COLUMNS:
        raise UsageError(
            f"{name} has {columns:,} columns, more than the {MOST_COLUMNS:,} that can be read; "
            "export the columns of calls alone."
        )


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    unique: dict[str, str] = {}
    for number, field in enumerate(names, start=1):
        base = field or f"column{number}"
        name = f"{base}_{number}" if base.lower() in unique else base
        unique[name.lower()] = name
    return tuple(unique.values())


def sample_of(text: str, delimiter: str, records: int) -> tuple[dict[str, Any], ...]:
    """The first records of a file that begins with `text`, without those that cannot be read."""
    rows = csv.DictReader(io.StringIO(text.replace("\0", "").lstrip()), delimiter=delimiter)
    return tuple(
        {key: value for key, value in row.items() if key is not None}
        for row in itertools.islice(_readable(rows), records)
    )


def _readable(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What can be read: one field that is longer than any hides none of the records around it."""
    while True:
        try:
            yield next(rows)
        except csv.Error:
            continue
        except StopIteration:
            return


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
