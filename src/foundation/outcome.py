"""How a script can end: exit codes, and the exceptions that carry one (UsageError, UserError, NoUsableData)."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class ExitCode(IntEnum):
    """What a script's exit status means, the same in every script."""

    OK = 0
    """Everything asked for was done."""
    FAILED = 1
    """An analyzer or a write failed; what could be done was."""
    USAGE = 2
    """A bad flag, file or setting."""
    NO_DATA = 3
    """No usable data: nothing was published, what was there stays."""
    BAD_ROWS = 4
    """More bad rows than `--max-bad-rows` allows, or unread lines of a bill: nothing was published."""
    THRESHOLD = 5
    """A threshold of `--fail-on` is crossed; the pages are written. Or a bill differs by more than `--tolerance`."""


class UserError(Exception):
    """A failure that one sentence explains: the message names the next step.

    Scripts print the message without a traceback and return `exit_code`.
    """

    exit_code = ExitCode.FAILED


class UsageError(UserError):
    """A bad flag, file or setting."""

    exit_code = ExitCode.USAGE


class NoUsableData(UserError):
    """There is nothing to analyze: no file, an empty file, or not one good row."""

    exit_code = ExitCode.NO_DATA


class TooManyBadRows(UserError):
    """More rows were rejected than the caller allows."""

    exit_code = ExitCode.BAD_ROWS


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C stays what it is: DuckDB raises an error of its own for it where it breaks a query off.

    Raises:
        KeyboardInterrupt: in its place.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise
