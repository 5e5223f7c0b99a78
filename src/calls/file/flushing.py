"""Flushes files and folders: the operating system keeps what was written in memory until it is asked to store it."""

import os
from contextlib import suppress
from pathlib import Path


def flush(path: Path) -> None:
    """Makes the content of a file, or the names in a folder, survive a power cut.

    Raises:
        OSError: it cannot be opened, or the filesystem cannot flush folders.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder_of(path: Path) -> None:
    """Makes what was made or removed in the folder of a file survive a power cut, where folders can be flushed."""
    with suppress(OSError):
        flush(Path(os.path.realpath(path)).parent)
