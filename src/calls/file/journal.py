"""What an append is about to add to a file: `<csv>.journal`, with `<csv>.batch` beside it where that is long.

A writer notes inode and size of the file, and length and digest of its batch, before it appends, and removes the note
when all is on disk. The next process that holds the lock and finds the note knows that the append died: what stands
after the noted size is rolled back by a writer, and left out by a reader, if it is the beginning of that batch. Where
it is anything else it counts: a program that knows no notes wrote it, or somebody restored a backup.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from calls.file.byte_signs import blocks
from calls.file.locking import beside
from calls.file.regular_files import open_regular, read_regular

SHORT_BYTES = 65_536
"""A batch of up to so many bytes stands in the note itself."""
_LINE_BYTES = 200


@dataclass(frozen=True)
class _Note:
    """A note as it stands on disk; the batch begins at `offset` of its file, or is `content`."""

    inode: int
    size: int
    length: int
    digest: str
    offset: int
    content: bytes


def journal_path(path: Path) -> Path:
    """Where the note about a file stands."""
    return beside(path, ".journal")


def batch_path(path: Path) -> Path:
    """Where a batch stands that is too long for the note."""
    return beside(path, ".batch")


def note(path: Path, status: os.stat_result, batch: IO[bytes], line_end: bytes) -> None:
    """Notes what a file is and what is about to be appended to it: the rest of `batch`, which stays where it is.

    A last row that does not end is taken to end with `line_end`.
    """
    start = batch.tell()
    digest, length, last = hashlib.blake2b(digest_size=16), 0, line_end
    while block := batch.read(1 << 20):
        digest.update(block)
        length, last = length + len(block), block
    if not last.endswith(line_end):
        digest.update(line_end)
        length += len(line_end)
    batch.seek(start)
    content, offset = b"", 0
    if length <= SHORT_BYTES:
        content = batch.read()
        batch.seek(start)
    else:
        offset = _kept(batch_path(path), batch)
    _write(
        path,
        _Note(
            inode=status.st_ino,
            size=status.st_size,
            length=length,
            digest=digest.hexdigest(),
            offset=offset,
            content=content,
        ),
    )


def disown(path: Path, status: os.stat_result, descriptor: int) -> None:
    """Notes that what now stands in an open file after its old size is to be left out, whoever wrote it."""
    end = os.fstat(descriptor).st_size
    digest = _digest(blocks(descriptor, status.st_size, end))
    _write(
        path,
        _Note(
            inode=status.st_ino,
            size=status.st_size,
            length=end - status.st_size,
            digest=digest,
            offset=0,
            content=b"",
        ),
    )
    batch_path(path).unlink(missing_ok=True)


def forget(path: Path) -> None:
    """Removes the note: the append is whole."""
    journal_path(path).unlink(missing_ok=True)
    batch_path(path).unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Removes a batch without a note, whose writer was killed; for who holds the lock."""
    if not journal_path(path).exists():
        batch_path(path).unlink(missing_ok=True)


def committed_size(path: Path, descriptor: int, status: os.stat_result) -> int:
    """How many bytes of an open file count: all of them, or those before an append that died.

    A note about another file (the CSV was replaced since), a torn one (its writer died before it wrote to the CSV)
    and one about other bytes say nothing.
    """
    noted = _read(path)
    if noted and noted.inode == status.st_ino and _begins(path, noted, descriptor, status.st_size):
        return noted.size
    return status.st_size


def _kept(place: Path, batch: IO[bytes]) -> int:
    """Gives a batch a name of its own and returns where in that file it begins; without hard links it is copied."""
    start = batch.tell()
    place.unlink(missing_ok=True)
    try:
        os.link(batch.name, place)
        os.fsync(batch.fileno())
    except (OSError, AttributeError):
        with place.open("xb") as copy:
            shutil.copyfileobj(batch, copy)
            copy.flush()
            os.fsync(copy.fileno())
        batch.seek(start)
        return 0
    return start


def _write(path: Path, noted: _Note) -> None:
    line = f"{noted.inode} {noted.size} {noted.length} {noted.digest} {noted.offset}\n".encode()
    rest = memoryview(line + noted.content)
    descriptor = os.open(journal_path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> _Note | None:
    try:
        line, sign, content = read_regular(journal_path(path), _LINE_BYTES + SHORT_BYTES).partition(b"\n")
        inode, size, length, digest, offset = line.decode("ascii").split(" ")
        noted = _Note(
            inode=int(inode),
            size=int(size),
            length=int(length),
            digest=digest,
            offset=int(offset),
            content=content,
        )
    except (OSError, ValueError):
        return None
    return noted if sign and min(noted.size, noted.length, noted.offset) >= 0 else None


def _begins(path: Path, noted: _Note, descriptor: int, end: int) -> bool:
    """Whether what stands after the noted size is the beginning of the noted batch, or all of it."""
    length = end - noted.size
    if not 0 <= length <= noted.length:
        return False
    tail = blocks(descriptor, noted.size, end)
    if length == noted.length:
        return _digest(tail) == noted.digest
    if noted.content:
        return b"".join(tail) == noted.content[:length]
    with contextlib.suppress(OSError), open_regular(batch_path(path)) as batch:
        found = blocks(batch.fileno(), noted.offset, noted.offset + length)
        return all(mine == theirs for mine, theirs in zip(found, tail, strict=True))
    return False


def _digest(content: Iterator[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for block in content:
        digest.update(block)
    return digest.hexdigest()
