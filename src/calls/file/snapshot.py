"""One version of a file, held still while it is read; what is said of a file that is missing or cannot be read.

The file is opened once, so that replacing it changes nothing here, and it is looked at while no writer of
ours is at work. Appends only add bytes after that; where a file grew while it was read, or ends in a torn
line or an append that died, the bytes that count are copied first (a second for several GB).
"""

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from zlib import crc32

from calls.file import fingerprint
from calls.file.byte_signs import ByteSigns, blocks, byte_signs
from calls.file.header import Header, check_columns, read_header, whole_lines
from calls.file.journal import committed_size
from calls.file.locking import beside, shared
from foundation.outcome import NoUsableData, UsageError, UserError

_COPY_BYTES = 1 << 20
NEXT_STEP = "run `python3 run_all_simulators.py` or `python3 import_usage.py FILE` in src/ first"


@dataclass(frozen=True)
class Snapshot:
    """An open file of calls: what it was when looked at, and how much of it counts.

    `size` ends with the last whole line that was committed; the rest, if any, is torn.
    """

    path: Path
    file: IO[bytes]
    status: os.stat_result
    fingerprint: str
    header: Header
    size: int
    sample: bytes

    @property
    def torn_tail(self) -> bool:
        """Whether something stands after the last whole line."""
        return self.size < self.status.st_size

    @property
    def has_rows(self) -> bool:
        """Whether anything stands after the header."""
        return self.size > self.header.length

    def unchanged(self) -> bool:
        """Whether the open file is still as it was."""
        now = os.fstat(self.file.fileno())
        return (now.st_size, now.st_mtime_ns) == (self.status.st_size, self.status.st_mtime_ns)

    def extended(self) -> bool:
        """Whether the bytes that count still stand, as far as samples show, whatever was appended since."""
        descriptor = self.file.fileno()
        return (
            os.fstat(descriptor).st_size >= self.size
            and fingerprint.sampled_content(descriptor, self.size) == self.sample
        )


@contextmanager
def snapshot(path: Path) -> Iterator[Snapshot]:
    """Opens a file of calls and looks at it.

    Raises:
        NoUsableData: there is no file, nothing in it, or its header cannot be used.
        UsageError: what stands there is no file that can be read.
    """
    with _opened(path) as file:
        status, committed = _looked_at(path, file)
        if not committed:
            raise NoUsableData(f"{path} is empty: {NEXT_STEP}.")
        try:
            header = read_header(file.fileno(), committed)
        except NoUsableData as error:
            raise NoUsableData(f"{path}: {error}") from error
        check_columns(header, str(path))
        size = whole_lines(file.fileno(), committed, header)
        yield Snapshot(
            path=path,
            file=file,
            status=status,
            fingerprint=fingerprint.of_open_file(file.fileno(), status),
            header=header,
            size=size,
            sample=fingerprint.sampled_content(file.fileno(), size),
        )


def has_rows(path: Path) -> bool:
    """Whether a file of calls holds rows that count; false where there is no file or nothing in it.

    Raises:
        NoUsableData: its header cannot be used.
        UsageError: what stands there is no file that can be read.
    """
    if not path.exists():
        return False
    with _opened(path) as file:
        if not _looked_at(path, file)[1]:
            return False
    with snapshot(path) as seen:
        return seen.has_rows


def _looked_at(path: Path, file: IO[bytes]) -> tuple[os.stat_result, int]:
    """The state of a file while nobody appends, and how many of its bytes count."""
    while True:
        with shared(path) as locked:
            status = os.fstat(file.fileno())
            committed = committed_size(path, file.fileno(), status)
        if locked or not _can_be_locked(beside(path, ".lock")):
            return status, committed


def _can_be_locked(lock: Path) -> bool:
    """Whether a writer of ours can hold this: it makes a file, and nobody can open a socket."""
    return lock.is_file() and os.access(lock, os.R_OK)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise NoUsableData(f"There is no file {path}: {NEXT_STEP}.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; name a CSV file of calls.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"{path} is not a regular file; name a CSV file of calls.")
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        yield file


@contextmanager
def copied(file: IO[bytes], size: int) -> Iterator[IO[bytes]]:
    """A private copy of the first `size` bytes of a file, gone afterwards."""
    with tempfile.TemporaryFile() as copy:
        file.seek(0)
        left = size
        while left and (block := file.read(min(_COPY_BYTES, left))):
            copy.write(block)
            left -= len(block)
        copy.flush()
        yield copy


@contextmanager
def chunk(seen: Snapshot, start: int, end: int) -> Iterator[tuple[Snapshot, ByteSigns, int]]:
    """The lines between two offsets as a file of their own, under the same header, gone afterwards.

    Both offsets are where lines begin; offsets and line numbers of the copy begin with the header. The signs and
    the checksum (CRC-32) are those of the lines.

    Raises:
        UserError: the file was cut meanwhile.
    """
    with _scratch_file() as copy:
        for block in blocks(seen.file.fileno(), 0, seen.header.length):
            copy.write(block)
        checksum = 0

        def keep(block: bytes) -> None:
            nonlocal checksum
            copy.write(block)
            checksum = crc32(block, checksum)

        signs = byte_signs(seen.file.fileno(), start, end, keep)
        size = seen.header.length + end - start
        status = os.fstat(copy.fileno())
        if status.st_size < size:
            raise UserError(f"{seen.path} was cut while it was read; try again when its writer has ended.")
        yield replace(seen, file=copy, status=status, size=size), signs, checksum


@contextmanager
def sample(seen: Snapshot, chunks: Iterable[tuple[int, int]]) -> Iterator[IO[bytes]]:
    """Some chunks of whole lines as a file of their own, under the same header, gone afterwards."""
    with _scratch_file() as copy:
        for start, end in ((0, seen.header.length), *chunks):
            for block in blocks(seen.file.fileno(), start, end):
                copy.write(block)
        yield copy


def _scratch_file() -> IO[bytes]:
    """A file without a name: in memory where the system has such files."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("calls"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def readable_name(file: IO[bytes]) -> str:
    """A name under which DuckDB reads an open file, whatever has become of its path since."""
    return f"/dev/fd/{file.fileno()}"
