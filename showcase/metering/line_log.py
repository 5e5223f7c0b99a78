"""A file that grows by whole lines: what was appended is there altogether or not at all, also after a kill."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from foundation.outcome import UsageError

BLOCK_BYTES = 1 << 20


class LineLog:
    """The lines of a file, for one writer.

    A last line without a line end comes from a writer that died before it could say "stored"; it is cut off
    when the file is opened. A link is not followed, lest another file be cut.

    Raises:
        UsageError: what stands there is a link, or no regular file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.is_symlink() or (path.exists() and not stat.S_ISREG(path.stat().st_mode)):
            raise UsageError(f"{path} is not a regular file: remove it, or name another file with --data.")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o644)
        self._size = self._end_of_last_line()
        os.ftruncate(self._descriptor, self._size)

    @property
    def size_bytes(self) -> int:
        """Bytes of all whole lines."""
        return self._size

    def lines(self) -> Iterator[bytes]:
        """Every line from the first on, without its line end."""
        with self.path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")

    def append(self, lines: Iterable[bytes], *, sync: bool = True) -> None:
        """Appends lines, none of which holds a line end. With `sync`, they are on disk when this returns.

        Raises:
            OSError: the disk is full or fails; the file is as it was before.
        """
        rest = memoryview(b"".join(line + b"\n" for line in lines))
        added = len(rest)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            if sync:
                os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += added

    def close(self) -> None:
        """Gives the file back."""
        os.close(self._descriptor)

    def _end_of_last_line(self) -> int:
        end = os.fstat(self._descriptor).st_size
        while end:
            start = max(0, end - BLOCK_BYTES)
            found = os.pread(self._descriptor, end - start, start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
        return 0
