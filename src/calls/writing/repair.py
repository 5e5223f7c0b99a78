"""What is put right in a file of calls before anything is written to it: a torn last line, a dead append."""

import logging
import os
import time
from pathlib import Path

from calls.file import journal
from calls.file.byte_signs import blocks
from calls.file.header import Header, read_header, whole_lines
from calls.file.locking import beside
from foundation.outcome import NoUsableData, UsageError

_log = logging.getLogger(__name__)


def repaired(target: Path, descriptor: int) -> Header | None:
    """The header of a file that ends with a whole row; None if it is empty.

    Rolls a dead append back and moves a torn last line aside.

    Raises:
        UsageError: it is no file of calls.
    """
    status = os.fstat(descriptor)
    good = _end_of_last_line(descriptor, journal.committed_size(target, descriptor, status))
    if good < status.st_size:
        _move_aside(target, descriptor, good, status.st_size)
    journal.forget(target)
    if not good:
        return None
    return checked(target, read_header(descriptor, good))


def checked(target: Path, header: Header) -> Header:
    """The header, if calls can be written under it.

    Raises:
        UsageError: it lacks or repeats one of our columns.
    """
    if header.missing or header.repeated:
        column = (header.missing or header.repeated)[0]
        trouble = "lacks" if header.missing else "repeats"
        raise UsageError(
            f"{target}: its header {trouble} column {column!r}, so it is no file of calls; write to another file."
        )
    return header


def _end_of_last_line(descriptor: int, size: int) -> int:
    """Where the last whole line within `size` bytes ends; lines end with LF, or with CR where there is no LF."""
    try:
        header = read_header(descriptor, size)
    except NoUsableData:
        return size
    return whole_lines(descriptor, size, header)


def _move_aside(target: Path, descriptor: int, start: int, end: int) -> None:
    """Copies the bytes from `start` to a file of their own, then cuts them off."""
    aside = beside(
        target, f".torn-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{time.time_ns() % 10**9:09d}"
    )
    with aside.open("xb") as copy:
        for block in blocks(descriptor, start, end):
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
        size = copy.tell()
    os.ftruncate(descriptor, start)
    _log.warning(
        "⚠️  %s ended within a row; its last %s bytes are kept in %s.", target, f"{size:,}", aside.name
    )
