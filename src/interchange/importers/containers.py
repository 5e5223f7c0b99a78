"""What a file is before it is known whose it is: CSV, JSON, JSON lines or Parquet, compressed or not."""

import csv
import gzip
import hashlib
import io
import itertools
import json
import shutil
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, cast

from calls.schema import REQUIRED_NAMES
from interchange.importers import json_documents
from outcome import Misuse, NoUsableData
from places import existing_file

HEAD_BYTES = 1 << 18
SAMPLE_RECORDS = 50
DELIMITERS = (",", ";", "\t", "|")
_GZIP, _PARQUET, _BOM = b"\x1f\x8b", b"PAR1", b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Kind(StrEnum):
    """How records stand in a file."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    JSON_PAGES = "json lines of answers"
    """Each line wraps records."""
    JSON_LIST = "json list"
    JSON_DOCUMENT = "json document"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Container:
    """A file that the engine can read.

    `path` is what is read (a temporary copy where the file had to be unpacked), `name` what the user called
    it. `columns` and `delimiter` belong to CSV and Parquet, `sample` holds the first records. `marked` says that a
    byte order mark stands before a CSV, as spreadsheets write and want it.
    """

    name: str
    path: Path
    kind: Kind
    compressed: bool = False
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    sample: tuple[dict[str, Any], ...] = ()
    marked: bool = False

    @property
    def for_spreadsheets(self) -> bool:
        """Whether this is a CSV of calls whose texts were made harmless for a spreadsheet."""
        return self.marked and set(REQUIRED_NAMES) <= set(self.columns)

    def digest(self) -> str:
        """SHA-256 of the content, unpacked; so that a file and its .gz are the same file."""
        digest = hashlib.sha256()
        with unpacked(self.path, self.compressed) as source:
            while piece := source.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()


def open_container(name: str, workdir: Path) -> Container:
    """Finds out what a file is; '-' is standard input, which is copied to disk first.

    Raises:
        Misuse: there is no such file, or it is of a kind that cannot be read.
        NoUsableData: the file is empty.
    """
    path = _spooled(workdir) if name == "-" else existing_file(name)
    if not path.is_file():
        raise Misuse(f"{name} is not a file; give the path of an export, or - for standard input.")
    with path.open("rb") as source:
        compressed = source.read(2) == _GZIP
    head = _head(name, path, compressed)
    if not head.strip():
        raise NoUsableData(f"{name} is empty; export it again.")
    if head[:4] == _PARQUET:
        return Container(name, _plain(path, compressed, workdir), Kind.PARQUET)
    if head[:2] in _UTF16:
        raise Misuse(f"{name} is UTF-16; save it as UTF-8, for example with `iconv -f utf-16 -t utf-8`.")
    text = head.removeprefix(_BOM).decode("utf-8", errors="replace")
    whole = len(head) < HEAD_BYTES
    kind = _kind(text, whole=whole)
    if kind is Kind.CSV:
        columns, delimiter = _header(name, text)
        sample = _csv_sample(text, delimiter)
        return Container(name, path, kind, compressed, columns, delimiter, sample, head.startswith(_BOM))
    lines = text.split("\n") if kind is Kind.JSON_LINES else json_documents.lines(io.StringIO(text))
    return Container(name, path, kind, compressed, sample=tuple(_objects(lines)))


def as_lines(container: Container, workdir: Path) -> Container:
    """The same records as JSON lines, in a temporary file; for documents that the engine cannot stream."""
    target = workdir / f"{hashlib.sha256(str(container.path).encode()).hexdigest()[:16]}.jsonl"
    with (
        unpacked(container.path, container.compressed) as source,
        io.TextIOWrapper(source, "utf-8-sig", errors="replace") as text,
    ):
        json_documents.write_lines(text, target, by_line=container.kind in (Kind.JSON_LINES, Kind.JSON_PAGES))
    return replace(container, path=target, kind=Kind.JSON_LINES, compressed=False)


def _kind(text: str, *, whole: bool) -> Kind:
    """CSV unless the text begins like JSON; lines if most lines are objects by themselves."""
    stripped = text.lstrip()
    if stripped[:1] not in ("{", "["):
        return Kind.CSV
    lines = [line for line in stripped.split("\n") if line.strip()]
    lines = lines if whole else lines[:-1]
    objects = list(_objects(lines[:SAMPLE_RECORDS]))
    if objects and 2 * len(objects) >= min(len(lines), SAMPLE_RECORDS):
        return Kind.JSON_PAGES if any(map(json_documents.wraps, objects)) else Kind.JSON_LINES
    return Kind.JSON_LIST if stripped.startswith("[") else Kind.JSON_DOCUMENT


def _objects(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The first lines that are JSON objects, parsed."""
    found = 0
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found += 1
            yield value
        if found >= SAMPLE_RECORDS:
            return


def _header(name: str, text: str) -> tuple[tuple[str, ...], str]:
    """Column names and delimiter of a CSV file; a name that stands twice gets a number."""
    line = next((line for line in text.replace("\r", "\n").split("\n") if line.strip()), "")
    delimiter = max(DELIMITERS, key=line.count)
    try:
        names = [field.strip() for field in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error as error:
        raise Misuse(
            f"{name} has no readable header line ({error}); export it as CSV with a header."
        ) from None
    unique: list[str] = []
    for number, field in enumerate(names, start=1):
        base = field or f"column{number}"
        unique.append(base if base.lower() not in (known.lower() for known in unique) else f"{base}_{number}")
    return tuple(unique), delimiter


def _csv_sample(text: str, delimiter: str) -> tuple[dict[str, Any], ...]:
    try:
        rows = csv.DictReader(io.StringIO(text.replace("\0", "")), delimiter=delimiter)
        return tuple(
            {key: value for key, value in row.items() if key is not None}
            for row in itertools.islice(rows, SAMPLE_RECORDS)
        )
    except csv.Error:
        return ()


def _spooled(workdir: Path) -> Path:
    """Standard input as a file: what is read more than once must lie on disk."""
    path = workdir / "stdin"
    with path.open("wb") as target:
        shutil.copyfileobj(sys.stdin.buffer, target, 1 << 20)
    return path


def _head(name: str, path: Path, compressed: bool) -> bytes:
    try:
        with unpacked(path, compressed) as source:
            return source.read(HEAD_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        raise Misuse(f"{name} cannot be read ({error}); export or download it again.") from None


def _plain(path: Path, compressed: bool, workdir: Path) -> Path:
    """A Parquet file uncompressed, since the engine must be able to jump in it."""
    if not compressed:
        return path
    target = workdir / f"{path.name}.parquet"
    with unpacked(path, compressed) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
    return target


def unpacked(path: Path, compressed: bool) -> IO[bytes]:
    """The bytes of a file, unpacked if it is compressed."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if compressed else path.open("rb")
