"""A file of calls gets columns that its header lacks (it widens): rewritten whole beside it, then put in its place.

Every row stays as it is, byte for byte, but for the empty fields behind it. Where it cannot be told where rows end,
as after a quote that is never closed, the file stays as it is.
"""

import csv
import io
import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from calls.file.byte_signs import blocks
from calls.file.header import BOM, Header
from calls.file.printing import csv_line
from calls.schema import COLUMN_NAMES, TERM_NAMES, TERMS_NOT_RECORDED
from foundation.outcome import UserError

_LAST_LINE_END = re.compile(rb"(?<=[^\r\n])(\r?\n|\r)\Z")
_RECORD_LINES = 1_000
"""So many lines may share one open quote."""


class _Unsure(Exception):
    """Raised where the end of a row cannot be determined."""


def lacking(header: Header, filled: Collection[str]) -> tuple[str, ...]:
    """The columns that a file needs for values in the columns `filled`, in the order of the schema.

    Terms come together: a file that has one of them must have them all, or an empty field would say nothing.
    """
    wanted = set(filled).union(TERM_NAMES if not set(TERM_NAMES).isdisjoint(filled) else ())
    return tuple(name for name in COLUMN_NAMES if name in wanted and name not in header.names)


def write_widened(descriptor: int, size: int, header: Header, names: Collection[str], copy: Path) -> bool:
    """Writes the first `size` bytes of an open file of calls to `copy`, with further columns `names`.

    False where it cannot be told where rows end; then `copy` is of no use.

    Raises:
        OSError: the disk is full or fails.
        UserError: the file was written to meanwhile.
    """
    status = os.fstat(descriptor)
    line_end = header.line_end.decode()
    values = dict.fromkeys(names, "") | ({"cost_gap": TERMS_NOT_RECORDED} if "cost_gap" in names else {})
    behind = "".join(f",{values[name]}" for name in names).encode()
    head = csv_line([*header.names, *names], line_end).encode()
    try:
        with copy.open("wb") as target:
            os.fchmod(target.fileno(), stat.S_IMODE(status.st_mode))
            target.write(BOM * (os.pread(descriptor, len(BOM), 0) == BOM) + head)
            for block in _widened(blocks(descriptor, header.length, size), header, behind):
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
    except _Unsure:
        return False
    if os.fstat(descriptor).st_size != status.st_size:
        raise UserError("The file was written to without a lock and stays as it is; try again.")
    return True


def _widened(read: Iterable[bytes], header: Header, behind: bytes) -> Iterator[bytes]:
    """Blocks of rows, with something behind each row that is not blank."""
    sign = header.line_end[-1:]
    line_end = re.compile(rb"(?<=[^\r\n])(\r\n?|\n)" if sign == b"\r" else rb"(?<=[^\r\n])(\r?\n)")
    kept = b""
    for block in read:
        kept += block
        end = _end_of_records(kept, sign)
        yield _with_behind(kept[:end], line_end, header, behind)
        kept = kept[end:]
    if kept:
        yield _with_behind(kept, line_end, header, behind)


def _end_of_records(block: bytes, sign: bytes) -> int:
    """Where the last line that ends within a block, and leaves no quote open, ends."""
    end = block.rfind(sign) + 1
    if b'"' not in block:
        return end
    for _ in range(_RECORD_LINES):
        if not end or block.count(b'"', 0, end) % 2 == 0:
            return end
        end = block.rfind(sign, 0, end - 1) + 1
    raise _Unsure


def _with_behind(rows: bytes, line_end: re.Pattern[bytes], header: Header, behind: bytes) -> bytes:
    template = behind + rb"\g<1>"
    if b'"' not in rows:
        return line_end.sub(template, rows)
    records = _records(_lines(rows, header.line_end[-1:]), header)
    return b"".join(_LAST_LINE_END.sub(template, line) if whole else line for line, whole in records)


def _lines(rows: bytes, sign: bytes) -> list[bytes]:
    *lines, rest = rows.split(sign)
    return [line + sign for line in lines] + [rest] * bool(rest)


def _records(lines: list[bytes], header: Header) -> Iterator[tuple[bytes, bool]]:
    """The lines, each with whether a record ends with it.

    Raises:
        _Unsure: a quote is open at the end of a line, and what follows makes no record of it.
    """
    opened: list[bytes] = []
    for line in lines:
        opened.append(line)
        whole = b"".join(opened).count(b'"') % 2 == 0
        if whole and len(opened) > 1 and not _is_record(opened, header):
            raise _Unsure
        if len(opened) > _RECORD_LINES:
            raise _Unsure
        yield line, whole
        if whole:
            opened = []
    if opened:
        raise _Unsure


def _is_record(lines: list[bytes], header: Header) -> bool:
    try:
        text = b"".join(lines).decode()
        rows = list(csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return False
    return len(rows) == 1 and len(rows[0]) == len(header.names)
