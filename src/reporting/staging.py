"""Files that replace others whole: written beside, flushed, then renamed one by one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".staging-"


@contextmanager
def staging_folder(reports: Path) -> Iterator[Path]:
    """A new folder on the same filesystem as `reports`, gone at the end; what killed runs left goes first."""
    for stray in reports.glob(f"{_PREFIX}*"):
        shutil.rmtree(stray, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=reports))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_flushed(path: Path, content: bytes) -> None:
    """Writes a file so that it survives a power cut once this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)


def flush_folder(folder: Path) -> None:
    """Makes renames within a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
