"""An export appears whole or not at all: written beside its target, then put in its place."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from calls.file.engine_errors import reason_of
from calls.file.engine_paths import is_plain
from calls.file.flushing import flush
from foundation.outcome import UsageError, UserError

_LONGEST_NAME = 200
"""A longer name leaves no room for what is added to it."""


@contextlib.contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """A path to write to; at the end what lies there takes the place of the file `target`.

    Raises:
        UsageError: `target` is no regular file, or its folder does not exist.
        UserError: the disk is full or fails; what was there stays.
    """
    target = target.resolve()
    if target.exists() and not target.is_file():
        raise UsageError(f"{target} is not a regular file; name a file with --out.")
    with _staged(target) as staged:
        yield staged
        flush(staged)
        staged.replace(target)


@contextlib.contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """An empty folder to write to; at the end it takes the place of the folder `target`.

    The old folder is moved aside first and comes back if the new one cannot take its place.

    Raises:
        UsageError: `target` is a file, or the folder around it does not exist.
        UserError: the disk is full or fails; what was there stays.
    """
    target = target.resolve()
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder with --out.")
    with _staged(target) as staged:
        staged.mkdir()
        yield staged
        for file in staged.rglob("*"):
            if file.is_file():
                flush(file)
        _swap(staged, target)


def size_of(path: Path) -> tuple[int, int]:
    """Files and bytes of an export, which is a file or a folder."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return len(files), sum(file.stat().st_size for file in files)


@contextlib.contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """A name beside `target` that is free, and free again at the end; disk trouble becomes one sentence."""
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is not a folder; create it or name another place with --out.")
    _remove_strays(target)
    staged = target.with_name(f"{_prefix(target)}{os.getpid()}")
    try:
        yield staged
    except (OSError, duckdb.Error) as error:
        raise UserError(
            f"{target} could not be written ({reason_of(error)}); what was there stays."
        ) from error
    finally:
        _remove(staged)


def _swap(staged: Path, target: Path) -> None:
    if not target.exists():
        staged.rename(target)
        return
    aside = staged.with_name(f"{staged.name}-old")
    target.rename(aside)
    try:
        staged.rename(target)
    except OSError:
        aside.rename(target)
        raise
    _remove(aside)


def _prefix(target: Path) -> str:
    plain = is_plain(target.name) and len(os.fsencode(target.name)) <= _LONGEST_NAME
    name = target.name if plain else hashlib.sha256(os.fsencode(target.name)).hexdigest()
    return f".{name}.export-"


def _remove_strays(target: Path) -> None:
    """Removes what exports to the same target left that were killed."""
    for stray in target.parent.glob(f"{_glob_text(_prefix(target))}*"):
        writer = stray.name.removeprefix(_prefix(target)).partition("-")
        if writer[2] == "old" and not target.exists():
            stray.rename(target)
        elif not (writer[0].isdecimal() and _runs(int(writer[0]))):
            _remove(stray)


def _glob_text(text: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
