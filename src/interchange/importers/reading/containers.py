"""What a file is before it is known whose it is: CSV, JSON, JSON lines or Parquet, packed or not; long lines."""

import hashlib
import io
import json
import shutil
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from calls.schema import REQUIRED_NAMES
from foundation.outcome import NoUsableData, UsageError
from foundation.places import existing_file
from interchange.importers.reading import csv_files, eval_archives, json_answers, json_documents, record_lists
from interchange.importers.reading.csv_repair import Repaired, write_repaired
from interchange.importers.reading.text_encodings import (
    UTF_8,
    in_utf8,
    is_archive,
    means_utf8,
    unpacked,
)

HEAD_BYTES = 1 << 18
LONG_HEAD_BYTES = 8 << 20
"""How far the end of a first line of JSON is looked for."""
SAMPLE_RECORDS = 50
LISTS_NAMED = 6
SAMPLE_CHARS = 4 << 20
_PARQUET, _BOM, _ZIP = b"PAR1", b"\xef\xbb\xbf", b"PK\x03\x04"
_FOREIGN = {
    b"\xff\xfe": "UTF-16; save it as UTF-8, for example with `iconv -f utf-16 -t utf-8`",
    b"\xfe\xff": "UTF-16; save it as UTF-8, for example with `iconv -f utf-16 -t utf-8`",
    _ZIP: "a ZIP archive or a workbook; unpack it, or save the sheet as CSV",
    b"BZh": "packed with bzip2; unpack it, or pack it with gzip",
    b"\xfd7zXZ": "packed with xz; unpack it, or pack it with gzip",
    b"\x28\xb5\x2f\xfd": "packed with zstd; unpack it, or pack it with gzip",
    b"<": "HTML or XML, perhaps a page that asks to log in; export JSON, CSV or Parquet",
    b"SQLite format 3": "a database; export the table as CSV or JSON",
}
"""Files that begin so are of kinds that cannot be read."""


NO_DIALECT = csv_files.Dialect(",", (), 0)


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
    it. `dialect` belongs to CSV, `sample` holds the first records. `marked` says that a byte order
    mark stands before a CSV, as spreadsheets write and want it. `record_chars` is the mean length of a record in
    JSON.
    """

    name: str
    path: Path
    kind: Kind
    compressed: bool = False
    dialect: csv_files.Dialect = NO_DIALECT
    sample: tuple[dict[str, Any], ...] = ()
    marked: bool = False
    record_chars: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names of a CSV file."""
        return self.dialect.columns

    @property
    def for_spreadsheets(self) -> bool:
        """Whether this is a CSV of calls whose texts were made harmless for a spreadsheet."""
        return self.marked and set(REQUIRED_NAMES) <= set(self.columns)

    @property
    def by_line(self) -> bool:
        """Whether each line is JSON by itself."""
        return self.kind in (Kind.JSON_LINES, Kind.JSON_PAGES)

    def digest(self) -> str:
        """SHA-256 of the content, unpacked; so that a file and its .gz are the same file."""
        digest = hashlib.sha256()
        with unpacked(self.path, self.compressed) as source:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()


def open_container(name: str, workdir: Path, encoding: str = UTF_8) -> Container:
    """Finds out what a file is; '-' is standard input, which is copied to disk first.

    Raises:
        UsageError: there is no such file, or it is of a kind that cannot be read, or not in that encoding.
        NoUsableData: the file is empty.
    """
    path = _spooled(workdir) if name == "-" else existing_file(name)
    if not path.is_file():
        raise UsageError(f"{name} is not a file; give the path of an export, or - for standard input.")
    compressed = is_archive(name, path)
    if not means_utf8(encoding):
        path, compressed = in_utf8(name, path, workdir, encoding), False
    head = _head(name, path, compressed)
    if not head.strip():
        raise NoUsableData(f"{name} is empty; export it again.")
    if head[:4] == _PARQUET:
        return Container(name, _plain(path, compressed, workdir), Kind.PARQUET)
    if head[:4] == _ZIP and eval_archives.is_archive(path):
        return _sampled(_samples_of(name, path, workdir), workdir)
    _refuse_foreign(name, head)
    text = head.removeprefix(_BOM).decode("utf-8", errors="replace")
    kind = _kind(text, whole=len(head) < HEAD_BYTES)
    if kind is Kind.CSV:
        dialect = csv_files.dialect_of(name, text)
        sample = csv_files.sample_of(text, dialect.delimiter, SAMPLE_RECORDS)
        return Container(
            name=name,
            path=path,
            kind=kind,
            compressed=compressed,
            dialect=dialect,
            sample=sample,
            marked=head.startswith(_BOM),
        )
    return _sampled(Container(name, path, kind, compressed), workdir)


def _samples_of(name: str, path: Path, workdir: Path) -> Container:
    """The samples of an archive of evaluations."""
    target = workdir / "samples.jsonl"
    eval_archives.write_lines(name, path, target)
    return Container(name, target, Kind.JSON_LINES)


def _refuse_foreign(name: str, head: bytes) -> None:
    """Refuses a file of a kind that cannot be read.

    Raises:
        UsageError: it is one.
    """
    for mark, what in _FOREIGN.items():
        if head.removeprefix(_BOM).lstrip().startswith(mark):
            raise UsageError(f"{name} is {what}.")


def _sampled(container: Container, workdir: Path) -> Container:
    """A container of JSON with its first records."""
    found: list[dict[str, Any]] = []
    chars = 0
    with _text(container) as text:
        for line in json_documents.lines(text, by_line=container.by_line, folder=workdir):
            found += _objects([line])
            chars += len(line)
            if len(found) >= SAMPLE_RECORDS or (found and chars > SAMPLE_CHARS):
                break
    return replace(container, sample=tuple(found), record_chars=chars // max(len(found), 1))


def with_one_line_end(container: Container, workdir: Path) -> Container:
    """The same CSV in a temporary file, with one kind of line end."""
    target = workdir / f"{hashlib.sha256(str(container.path).encode()).hexdigest()[:16]}.csv"
    with unpacked(container.path, container.compressed) as source:
        csv_files.write_with_one_line_end(source, target)
    return replace(container, path=target, compressed=False)


def repaired(container: Container, workdir: Path) -> tuple[Container, Repaired]:
    """The same CSV in a temporary file, without lines that are no records."""
    target = workdir / f"{hashlib.sha256(str(container.path).encode()).hexdigest()[:16]}-repaired.csv"
    with unpacked(container.path, container.compressed) as source:
        done = write_repaired(source, target, container.dialect)
    dialect = container.dialect._replace(skipped=0)
    return replace(container, path=target, compressed=False, dialect=dialect), done


def line_ends(container: Container) -> int:
    """How many lines end in a file, by the sign that ends most."""
    ends = {b"\n": 0, b"\r": 0}
    with unpacked(container.path, container.compressed) as source:
        while chunk := source.read(1 << 20):
            for sign in ends:
                ends[sign] += chunk.count(sign)
    return max(ends.values())


def has_long_line(container: Container) -> bool:
    """Whether a file may have a line of 2 MiB or more: such a line fills a whole block of half as much."""
    with unpacked(container.path, container.compressed) as source:
        while len(block := source.read(1 << 20)) == 1 << 20:
            if b"\n" not in block:
                return True
    return False


def as_lines(container: Container, workdir: Path, *, exact: bool = False) -> Container:
    """The same records as JSON lines, in a temporary file; for documents that the engine cannot stream.

    With `exact`, numbers with decimals are written as text, which the engine does not round.
    """
    target = workdir / f"{hashlib.sha256(str(container.path).encode()).hexdigest()[:16]}.jsonl"
    with _text(container) as text:
        json_documents.write_lines(text, target, by_line=container.by_line, exact=exact)
    return replace(container, path=target, kind=Kind.JSON_LINES, compressed=False)


def at_path(container: Container, workdir: Path, path: str) -> Container:
    """The records at a path of JSON documents, as JSON lines in a temporary file.

    Raises:
        UsageError: it is a table, or has no records there.
    """
    if container.kind in (Kind.CSV, Kind.PARQUET):
        raise UsageError(f"{container.name} is a table; --records names a list in JSON, leave it out.")
    target = workdir / "records.jsonl"
    with _text(container) as text, target.open("w", encoding="utf-8", errors="replace") as out:
        found = False
        for line in record_lists.lines_at(text, path, by_line=container.by_line):
            found = found or line[:1] == "{"
            out.write(line + "\n")
    if not found:
        raise UsageError(
            f"{container.name} has no objects at {path}, which --records names; {_lists_said(container)}."
        )
    unfolded = replace(container, path=target, kind=Kind.JSON_LINES, compressed=False)
    return _sampled(unfolded, workdir)


def lists_in(container: Container) -> list[record_lists.RecordList]:
    """The lists of objects in the first document of a file of JSON."""
    if container.kind in (Kind.CSV, Kind.PARQUET):
        return []
    with _text(container) as text:
        return record_lists.lists_in(text, by_line=container.by_line)


def _lists_said(container: Container) -> str:
    found = ", ".join(f"{each.path} ({each.records:,})" for each in lists_in(container)[:LISTS_NAMED])
    return f"its lists of objects are {found}" if found else "it has no list of objects; leave --records out"


def _text(container: Container) -> IO[str]:
    source = unpacked(container.path, container.compressed)
    return io.TextIOWrapper(source, "utf-8-sig", errors="replace", newline="\n")


def _kind(text: str, *, whole: bool) -> Kind:
    """CSV unless the text begins like JSON; lines if most lines are objects by themselves."""
    stripped = text.lstrip()
    if stripped[:1] not in ("{", "["):
        return Kind.CSV
    lines = [line for line in stripped.split("\n") if line.strip()]
    lines = lines if whole else lines[:-1]
    objects = list(_objects(lines[:SAMPLE_RECORDS]))
    if objects and 2 * len(objects) >= min(len(lines), SAMPLE_RECORDS):
        return Kind.JSON_PAGES if any(map(json_answers.wraps, objects)) else Kind.JSON_LINES
    return Kind.JSON_LIST if _lists_records(stripped) else Kind.JSON_DOCUMENT


def _lists_records(text: str) -> bool:
    """Whether a text begins with a list whose first element is a record; a long one cannot be told."""
    try:
        first, _ = json.JSONDecoder().raw_decode(text.removeprefix("[").lstrip())
    except (ValueError, RecursionError):
        return False
    return text.startswith("[") and isinstance(first, dict) and not json_answers.wraps(first)


def _objects(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects, parsed."""
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _spooled(workdir: Path) -> Path:
    """Standard input as a file: what is read more than once must lie on disk."""
    path = workdir / "stdin"
    with path.open("wb") as target:
        shutil.copyfileobj(sys.stdin.buffer, target, 1 << 20)
    return path


def _head(name: str, path: Path, compressed: bool) -> bytes:
    try:
        with unpacked(path, compressed) as source:
            head = source.read(HEAD_BYTES)
            if head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[") and b"\n" not in head:
                head += source.readline(LONG_HEAD_BYTES)
            return head
    except (EOFError, OSError, zlib.error) as error:
        raise UsageError(f"{name} cannot be read ({error}); export or download it again.") from None


def _plain(path: Path, compressed: bool, workdir: Path) -> Path:
    """A Parquet file uncompressed, since the engine must be able to jump in it."""
    if not compressed:
        return path
    target = workdir / f"{path.name}.parquet"
    with unpacked(path, compressed) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
    return target
