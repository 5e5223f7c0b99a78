"""Appends rows to an open file of calls, all or none: noted in the journal first, cut off where the disk is full."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from calls.file import journal
from calls.file.flushing import flush_folder_of
from calls.file.header import Header

BLOCK_BYTES = 1 << 20


def append_whole(target: Path, descriptor: int, body: IO[bytes], found: Header | None) -> None:
    """Writes whole rows after what is there: all of them, or none.

    Args:
        target: the file of calls, whose lock is held.
        descriptor: the same file, opened to append.
        body: the rows, with a header where none was found.
        found: the header of the file; None for a new one.

    Raises:
        OSError: the disk is full or fails; what was written is cut off again.
    """
    before, written = os.fstat(descriptor), 0
    sign = found.line_end[-1:] if found else b"\n"
    try:
        journal.note(target, before, body, sign)
        for block in _blocks_of_rows(body, sign):
            for size in _writes(descriptor, block):
                written += size
        os.fsync(descriptor)
    except BaseException:
        _roll_back(target, descriptor, before, written)
        raise
    journal.forget(target)
    # A new file's name must last, and the note must not come back after a power cut and take the rows away.
    flush_folder_of(target)


def _writes(descriptor: int, block: bytes) -> Iterator[int]:
    """Writes a block and yields the size of each write; a short write is repeated, so that its cause raises."""
    rest = memoryview(block)
    while rest:
        size = os.write(descriptor, rest)
        rest = rest[size:]
        yield size


def _roll_back(target: Path, descriptor: int, before: os.stat_result, written: int) -> None:
    """Cuts off what an append wrote to a file that was as `before`.

    Rows that others wrote beside it without a lock are not cut off: then a note says so, so that readers stop
    there, and the next writer moves all that follows aside.
    """
    if os.fstat(descriptor).st_size == before.st_size + written:
        os.ftruncate(descriptor, before.st_size)
        journal.forget(target)
    else:
        with contextlib.suppress(OSError):  # what failed before is what is told
            journal.disown(target, before, descriptor)


def _blocks_of_rows(body: IO[bytes], sign: bytes) -> Iterator[bytes]:
    """The rest of a file in blocks that end with a row: who writes beside us without a lock cuts no row."""
    kept = b""
    while block := body.read(BLOCK_BYTES):
        kept += block
        end = _end_of_rows(kept, sign)
        if end:
            yield kept[:end]
            kept = kept[end:]
    if kept:
        yield kept if kept.endswith(sign) else kept + sign


def _end_of_rows(block: bytes, sign: bytes) -> int:
    """Where the last row that ends within a block ends: a line end outside quotes."""
    end = block.rfind(sign) + 1
    if b'"' not in block:
        return end
    while end and block.count(b'"', 0, end) % 2:
        end = block.rfind(sign, 0, end - 1) + 1
    return end
