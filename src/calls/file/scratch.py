"""Folders beside a file for what is not in place yet, gone when their process is.

A process holds a lock (BSD `flock`) on its folder for as long as it lives. What a killed one left is therefore
a folder that nobody holds, and goes with the next one that is made in the same place; that of a living process
stays, also when it runs in another container.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder in `parent` whose name starts with `prefix`; readable by its owner alone.

    Raises:
        OSError: it cannot be made.
    """
    remove_abandoned(parent, prefix)
    folder, descriptor = _held_folder(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_abandoned(parent: Path, prefix: str) -> None:
    """Removes the folders of processes of this user that are gone."""
    for stray in parent.glob(f"{prefix}*"):
        descriptor = _opened(stray)
        if descriptor is None:
            continue
        try:
            if os.fstat(descriptor).st_uid == os.geteuid() and _held(descriptor):
                shutil.rmtree(stray, ignore_errors=True)
        finally:
            os.close(descriptor)


def _held_folder(parent: Path, prefix: str) -> tuple[Path, int]:
    """A folder and the descriptor that holds it.

    Between making and holding it, another process may take it for abandoned; then a new one is made.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        descriptor = _opened(folder)
        if descriptor is None:
            continue
        if _held(descriptor) is not False and _is_at(descriptor, folder):
            return folder, descriptor
        os.close(descriptor)


def _opened(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None


def _held(descriptor: int) -> bool | None:
    """Whether this process now holds the folder; None where the filesystem has no such locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_at(descriptor: int, folder: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False
