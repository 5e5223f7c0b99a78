"""The first line of a CSV file: which columns it has, in which order, and how its lines end."""

import csv
import os
import re
from dataclasses import dataclass

from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from foundation.outcome import NoUsableData

BOM = b"\xef\xbb\xbf"
HEADER_BYTES_LIMIT = 65_536
_BLOCK_BYTES = 1 << 20
_LINE_END = re.compile(rb"\r\n|\n|\r")
_SAVE_IT = 'open it and save the sheet of the calls as "CSV UTF-8"'
_UTF_16 = "this file is in UTF-16: save it as a CSV in UTF-8."
_OTHER_FORMATS = {
    b"PK\x03\x04": f"this is a workbook (.xlsx, .ods) or a ZIP archive and no CSV: {_SAVE_IT}.",
    b"\xd0\xcf\x11\xe0": f"this is an old Excel workbook and no CSV: {_SAVE_IT}.",
    b"\x1f\x8b": "this file is compressed: unpack it by gunzip.",
    b"PAR1": "this is a Parquet file: give it a name that ends in .parquet.",
    b"\xff\xfe": _UTF_16,
    b"\xfe\xff": _UTF_16,
}
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Header:
    """The header of a CSV file.

    `line_end` is LF, CR LF or CR; `length` counts the bytes of the header line with its line end
    and a byte order mark; `complete` is False when the file ends before the line does.
    """

    names: tuple[str, ...]
    line_end: bytes
    length: int
    complete: bool = True

    @property
    def columns(self) -> frozenset[str]:
        """The schema's columns that the file has."""
        return frozenset(self.names) & frozenset(COLUMN_NAMES)

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that the file lacks, in the order of the schema."""
        return tuple(name for name in REQUIRED_NAMES if name not in self.names)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Names that stand in the header more than once."""
        return tuple(name for name in dict.fromkeys(self.names) if self.names.count(name) > 1)


def read_header(descriptor: int, size: int) -> Header:
    """The header of the first `size` bytes of an open file.

    Raises:
        NoUsableData: the first line is no header in UTF-8, or longer than 64 KiB.
    """
    head = os.pread(descriptor, min(size, HEADER_BYTES_LIMIT), 0)
    _refuse_other_formats(head)
    body = head.removeprefix(BOM)
    line, line_end = _first_line(body)
    if not line_end and size >= HEADER_BYTES_LIMIT:
        raise NoUsableData(
            "the first line is longer than 64 KiB, so it is no header: is this a CSV file of calls?"
        )
    length = len(head) - len(body) + len(line) + len(line_end)
    return Header(_names(line), line_end or b"\n", length, complete=bool(line_end))


def _refuse_other_formats(head: bytes) -> None:
    """Refuses what is plainly no CSV, by how it begins; each sentence names what to do."""
    for sign, said in _OTHER_FORMATS.items():
        if head.startswith(sign):
            raise NoUsableData(said)


def _first_line(body: bytes) -> tuple[bytes, bytes]:
    found = _LINE_END.search(body)
    return (body[: found.start()], found[0]) if found else (body, b"")


def whole_lines(descriptor: int, size: int, header: Header) -> int:
    """Where the last whole line within `size` bytes of an open file ends.

    Lines end with LF, or also with CR where the header does.
    """
    signs = {b"\n", header.line_end[-1:]}
    end = size
    while end > 0:
        start = max(0, end - _BLOCK_BYTES)
        block = os.pread(descriptor, end - start, start)
        found = max(block.rfind(sign) for sign in signs)
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _names(line: bytes) -> tuple[str, ...]:
    try:
        fields = next(csv.reader([line.decode("utf-8")], strict=True), [])
    except UnicodeDecodeError as error:
        raise NoUsableData(
            "the first line is not in UTF-8: `import_usage.py FILE --encoding windows-1252` reads a file of that "
            "encoding, or save it as UTF-8."
        ) from error
    except csv.Error as error:
        raise NoUsableData(
            f"the first line is no CSV header ({error}): is this a CSV file of calls?"
        ) from error
    return tuple(field.strip() for field in fields)


def check_columns(header: Header, shown: str) -> None:
    """Refuses a header that lacks a required column or names one twice; order and extra columns are free.

    Raises:
        NoUsableData: naming the column.
    """
    if header.repeated:
        raise NoUsableData(
            f"{shown}: column {_listed(header.repeated)} stands twice in the header; rename one."
        )
    other = next(
        (sign for sign in (";", "\t", "|") if len(header.names) == 1 and sign in header.names[0]), None
    )
    if other:
        raise NoUsableData(
            f"{shown}: the fields of its header are separated by {_SEPARATORS[other]} instead of commas; "
            "save it as a CSV with commas."
        )
    if header.missing:
        columns, verb = ("column", "is") if len(header.missing) == 1 else ("columns", "are")
        raise NoUsableData(
            f"{shown}: {columns} {_listed(header.missing)} {verb} missing from the header; "
            "docs/data-schema.md lists the columns, import_usage.py converts other files."
        )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)
