"""How long a file was before an append that may have died: `<csv>.journal`.

A writer notes inode and size before it appends and removes the note when all is on disk. Whoever comes next,
under the lock, and finds the note knows that the append died: a writer rolls it back, a reader reads up to
the noted size. So an append is there whole or not at all.
"""

import os
from pathlib import Path

from calls.file.locking import beside
from calls.file.regular_files import read_regular

_NOTE_BYTES = 100


def journal_path(path: Path) -> Path:
    """Where the note about a file stands."""
    return beside(path, ".journal")


def note(path: Path, status: os.stat_result) -> None:
    """Notes what a file is before an append."""
    target = journal_path(path)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    try:
        os.write(descriptor, f"{status.st_ino} {status.st_size}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def forget(path: Path) -> None:
    """Removes the note: the append is whole."""
    journal_path(path).unlink(missing_ok=True)


def committed_size(path: Path, status: os.stat_result) -> int:
    """How many bytes of a file count: all of them, or those before an append that died.

    A note about another file (the CSV was replaced since) or a torn note (its writer died before it wrote
    to the CSV) says nothing.
    """
    try:
        inode, size = read_regular(journal_path(path), _NOTE_BYTES).decode("ascii").split(" ")
        if not size.endswith("\n") or int(inode) != status.st_ino or int(size) < 0:
            return status.st_size
        return min(int(size), status.st_size)
    except (OSError, ValueError):
        return status.st_size
