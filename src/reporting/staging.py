"""Files of reports that replace others whole: written beside, flushed, then renamed; a full disk is told by name."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

from calls.file.scratch import scratch_folder

_PREFIX = ".staging-"


def staging_folder(reports: Path) -> AbstractContextManager[Path]:
    """A new folder on the same filesystem as `reports`, gone at the end; what killed runs left goes first."""
    return scratch_folder(reports, _PREFIX)


def utf8(text: str) -> bytes:
    """A text as a file holds it; half a sign, which the name of a file may hold, is spelled out."""
    return text.encode("utf-8", "backslashreplace")


def write_flushed(path: Path, content: bytes) -> None:
    """Writes a file so that it survives a power cut once this returns.

    Raises:
        OSError: it names the file, which the system does not where a disk is full.
    """
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def replace_file(path: Path, content: bytes) -> None:
    """Replaces one file atomically: readers see the old one or the new one, even where this process dies."""
    with staging_folder(path.parent) as staging:
        write_flushed(staging / path.name, content)
        (staging / path.name).replace(path)
