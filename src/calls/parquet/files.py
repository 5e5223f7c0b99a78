"""Which Parquet files a name means: one file, a folder with all below it, a pattern, or object storage.

Files and folders whose names begin with `_` or `.` are not read as data: Spark does the same.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from calls.file import fingerprint
from foundation.outcome import NoUsableData
from foundation.places import existing_file, is_pattern, matching

SUFFIX = ".parquet"
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True)
class ParquetFiles:
    """Files of calls: as the user named them, and each of them; sizes in bytes, changes in nanoseconds."""

    shown: str
    paths: tuple[str, ...]
    size_bytes: int
    mtime_ns: int
    fingerprint: str


def is_remote(name: str) -> bool:
    """Whether a name is an address of object storage or of another file system, such as s3a://bucket/calls."""
    return bool(_REMOTE.match(name))


def means_parquet(name: str) -> bool:
    """Whether a name means Parquet rather than a CSV file."""
    path = existing_file(name)
    if is_remote(name) or path.is_dir():
        return True
    return path.suffix.lower() == SUFFIX or is_pattern(name)


def local_files(name: str) -> ParquetFiles:
    """The files on this machine that a name means.

    Raises:
        NoUsableData: there is no such file.
    """
    paths = _found(name)
    if not paths:
        raise NoUsableData(
            f"{name}: there is no Parquet file; `export_data.py --format parquet` writes some."
        )
    try:
        states = [Path(path).stat() for path in paths]
    except OSError as error:
        raise NoUsableData(
            f"{error.filename}: {error.strerror}; run again when the files are all there."
        ) from error
    return ParquetFiles(
        str(existing_file(name)),
        tuple(paths),
        sum(state.st_size for state in states),
        max(state.st_mtime_ns for state in states),
        fingerprint_of(name) or "",
    )


def fingerprint_of(name: str) -> str | None:
    """What a name's files are known by: one file by its bytes, several by their names, sizes and times.

    None where there is no file.
    """
    path = existing_file(name)
    if path.is_file():
        return fingerprint.of_file(path)
    listing = hashlib.sha256()
    paths = _found(name)
    for each in paths:
        try:
            state = Path(each).stat()
        except OSError:
            continue  # it is just being replaced: the next look sees another listing
        listing.update(
            f"{each}\0{state.st_size}\0{state.st_mtime_ns}\0{state.st_ino}\n".encode(errors="surrogateescape")
        )
    return f"sha256:{listing.hexdigest()}" if paths else None


def _found(name: str) -> list[str]:
    path = existing_file(name)
    if path.is_file():
        return [str(path)]
    if path.is_dir():
        return sorted(
            str(each) for each in path.rglob("*" + SUFFIX) if each.is_file() and not _is_hidden(each, path)
        )
    base, found = matching(name)
    return [str(each) for each in found if each.is_file() and not _is_hidden(each, base)]


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
