"""The only code that writes the CSV of calls: whole rows, under a lock, there altogether or not at all.

- Writers hold the lock of `calls.file.locking` while they write, so that any number may append at once.
- An append notes the old size and what it is about to write first (`calls.file.journal`). One that dies, or for which
  the disk is too small, is rolled back: by itself where it can, else by the next writer, and readers never count it.
- A last line without a line end, which other programs may leave, is moved to `<csv>.torn-<time>` before
  anything is appended, so that no row is ever glued to it. So are bytes that a dead append left.
- A row has as many fields as its file's header: rows are projected on the columns that the file has, in its
  order and with its line ends; columns that are not ours stay empty.
- A header that lacks columns for what is appended widens first (`calls.writing.widening`), and with it every row;
  a wide file is never made narrow.
"""

import contextlib
import io
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from calls.file import journal
from calls.file.flushing import flush_folder_of
from calls.file.header import Header, read_header
from calls.file.locking import WAIT_SECONDS, exclusive
from calls.file.printing import csv_line
from calls.file.scratch import scratch_folder
from calls.schema import COLUMN_NAMES
from calls.writing.appending import append_whole
from calls.writing.projection import filled_columns, projected
from calls.writing.repair import checked, repaired
from calls.writing.widening import lacking, write_widened
from foundation.outcome import UsageError, UserError

_NEW_FILE_MODE = 0o644
_STAGING_PREFIX = ".staged-"


@contextlib.contextmanager
def staging_folder(target: Path) -> Iterator[Path]:
    """A folder on the filesystem of `target`, for rows that are not in place yet.

    It is gone at the end; what killed writers left of theirs goes first.

    Raises:
        UserError: it cannot be made.
    """
    with contextlib.ExitStack() as stack:
        with _one_sentence(target):
            _sweep(target)
            parent = Path(os.path.realpath(target)).parent
            folder = stack.enter_context(scratch_folder(parent, _STAGING_PREFIX))
        yield folder


def _sweep(target: Path) -> None:
    """Removes a batch that was killed after all of it was in place; others may be at work with theirs."""
    if journal.batch_path(target).exists():
        with contextlib.suppress(UserError), exclusive(target, 0):
            journal.sweep(target)


def check_target(target: Path, *, append: bool) -> None:
    """Refuses what cannot take calls, before they are made.

    A file that is there must have the header of a file of calls; one that is to be replaced may instead be
    named like a CSV file, whatever it holds.

    Raises:
        UsageError: `target` is no regular file, or not one of calls.
        NoUsableData: its first line is no header.
        UserError: it cannot be read.
    """
    _refuse_other_than_file(target)
    if not target.exists() or (target.suffix.lower() == ".csv" and not append):
        return
    with _one_sentence(target), target.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header = read_header(file.fileno(), size)
    if size and (header.complete or not append):
        checked(target, header)


def append_staged(target: Path, staged: Path, *, wait: float = WAIT_SECONDS) -> tuple[str, ...]:
    """Appends the rows of a staged CSV file (LF, RFC 4180, with header) to `target`, creating it if need be.

    The staged file stays, but must not be written to any more: a target that was not there yet is the same file under
    a second name. When this returns, the rows are on disk; when it raises, none of them is.

    Returns:
        The columns that were dropped: they have values, but the header of `target` lacks them, and cannot be
        widened since its rows cannot be told apart.

    Raises:
        UsageError: `target` is no regular file, or its header is not one of a file of calls.
        UserError: the disk is full or fails, or another writer held the lock for `wait` seconds.
    """
    _refuse_other_than_file(target)
    with _open_staged(staged) as (rows, header), exclusive(target, wait):
        if _linked(target, staged, rows):
            return ()
        _widen(target, lambda found: filled_columns(staged, header, found))
        with _opened(target) as descriptor:
            found = repaired(target, descriptor)
            if found is None:
                append_whole(target, descriptor, rows, found)
                return ()
            with _as_in(found, header, staged, rows) as (body, dropped):
                append_whole(target, descriptor, body, found)
                return dropped


def overwrite_staged(
    target: Path, staged: Path, *, since: os.stat_result | None = None, wait: float = WAIT_SECONDS
) -> None:
    """Puts a staged CSV file (LF, RFC 4180, with header) in the place of `target`; readers see old or new.

    The staged file must lie on the same filesystem (`staging_folder`) and is gone afterwards. Where `target` is a
    symbolic link, what it points to is replaced; who may read it stays the same. With `since`, what `target` was
    when it was read, a file that was written to meanwhile stays as it is, and what stands there after its last whole
    line is moved aside as before an append.

    Raises:
        UsageError: `target` is no regular file, or the staged file has no header of ours.
        UserError: the file was written to since, or another writer held the lock for `wait` seconds.
    """
    _refuse_other_than_file(target)
    with _open_staged(staged) as (rows, _), exclusive(target, wait), _one_sentence(target):
        if since is not None and _version(target.stat()) != _version(since):
            raise UserError(f"{target} was written to meanwhile and stays as it is; try again.")
        if since is not None:
            with _opened(target) as descriptor:
                repaired(target, descriptor)
        if target.exists():
            os.fchmod(rows.fileno(), stat.S_IMODE(target.stat().st_mode))
        os.fsync(rows.fileno())
        staged.replace(os.path.realpath(target))
        journal.forget(target)
        flush_folder_of(target)


def _version(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def append_rows(
    target: Path, rows: Iterable[Mapping[str, str]], *, wait: float = WAIT_SECONDS
) -> tuple[str, ...]:
    """Appends rows given as texts by column name, creating the file with all columns if need be.

    For batches that fit in memory. An unknown column is refused, a column not given stays
    empty. When this returns, the rows are on disk; when it raises, none of them is.

    Raises:
        UsageError: an unknown column, or a target as in `append_staged`.
        UserError: as in `append_staged`.
    """
    taken = list(rows)
    _refuse_unknown(taken)
    if not taken:
        return ()
    _refuse_other_than_file(target)
    filled = {name for row in taken for name, text in row.items() if text}
    with exclusive(target, wait), contextlib.ExitStack() as stack:
        _widen(target, lambda _: filled)
        descriptor = stack.enter_context(_opened(target))
        found = repaired(target, descriptor)
        names = found.names if found else COLUMN_NAMES
        line_end = found.line_end.decode() if found else "\n"
        body = io.BytesIO(_printed(taken, names, line_end, with_header=found is None))
        append_whole(target, descriptor, body, found)
    return tuple(sorted(filled - set(names)))


def _widen(target: Path, filled: Callable[[Header], Collection[str]]) -> None:
    """Gives a file of calls the columns that it lacks for what is to be appended: all of them, or none.

    `filled` tells which columns of ours hold values, by the header that is there. A file whose rows cannot be told
    apart stays as it is.
    """
    if not target.exists():
        return
    with _opened(target) as descriptor, _one_sentence(target):
        found = repaired(target, descriptor)
        names = lacking(found, filled(found)) if found else ()
        if not found or not names:
            return
        with staging_folder(target) as folder:
            copy = folder / target.name
            if write_widened(descriptor, os.fstat(descriptor).st_size, found, names, copy):
                copy.replace(os.path.realpath(target))
                flush_folder_of(target)


def _refuse_unknown(rows: list[Mapping[str, str]]) -> None:
    unknown = {name for row in rows for name in row} - set(COLUMN_NAMES)
    if unknown:
        raise UsageError(
            f"There is no column {sorted(unknown)[0]!r}; the columns are {', '.join(COLUMN_NAMES)}."
        )


def _printed(
    rows: list[Mapping[str, str]], names: Iterable[str], line_end: str, *, with_header: bool
) -> bytes:
    names = list(names)
    lines = [csv_line(names, line_end)] if with_header else []
    lines += [csv_line([row.get(name, "") for name in names], line_end) for row in rows]
    # What no reader takes, NUL and halves of surrogate pairs, must not cost the whole row.
    return "".join(lines).replace("\0", "\ufffd").encode("utf-8", "replace")


def _refuse_other_than_file(target: Path) -> None:
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        raise UsageError(f"{target} is not a regular file; name a CSV file to write calls to.")


@contextlib.contextmanager
def _one_sentence(target: Path) -> Iterator[None]:
    """Turns a failing disk into one sentence."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{target} could not be written: {error.strerror}; nothing was changed.") from error


@contextlib.contextmanager
def _open_staged(staged: Path) -> Iterator[tuple[IO[bytes], Header]]:
    with staged.open("rb") as rows:
        header = read_header(rows.fileno(), os.fstat(rows.fileno()).st_size)
        if header.missing or header.repeated or not header.complete or header.line_end != b"\n":
            raise UsageError(f"{staged} is not a CSV file of calls with LF line ends and a header.")
        yield rows, header


@contextlib.contextmanager
def _opened(target: Path) -> Iterator[int]:
    with _one_sentence(target):
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, _NEW_FILE_MODE)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{target} is not a regular file; name a CSV file to write calls to.")
            yield descriptor
        finally:
            os.close(descriptor)


def _linked(target: Path, staged: Path, rows: IO[bytes]) -> bool:
    """Gives a staged file the name of a target that is not there yet, so that its bytes are not written twice.

    False where that cannot be: the target is there, or the filesystem has no links; then rows are copied.
    """
    if target.exists() or not _ends_with_a_line(rows):
        return False
    try:
        os.fchmod(rows.fileno(), stat.S_IMODE(os.fstat(rows.fileno()).st_mode) & _NEW_FILE_MODE)
        os.fsync(rows.fileno())
        journal.forget(target)
        os.link(staged, os.path.realpath(target))
    except OSError:
        return False
    flush_folder_of(target)
    return True


def _ends_with_a_line(rows: IO[bytes]) -> bool:
    """Whether the last line of a file is whole."""
    size = os.fstat(rows.fileno()).st_size
    return size > 0 and os.pread(rows.fileno(), 1, size - 1) == b"\n"


@contextlib.contextmanager
def _as_in(
    found: Header, header: Header, staged: Path, rows: IO[bytes]
) -> Iterator[tuple[IO[bytes], tuple[str, ...]]]:
    """The staged rows, after their header, as the file has them: its columns, its order, its line ends."""
    if found.names == header.names and found.line_end == b"\n":
        rows.seek(header.length)
        yield rows, ()
        return
    with staging_folder(staged) as folder:
        copy = folder / "rows.csv"
        dropped = projected(staged, header, found, copy)
        with copy.open("rb") as body:
            yield body, dropped
