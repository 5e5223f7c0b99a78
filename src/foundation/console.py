"""What the console says: lines, tables, warnings, `--quiet`, `--json`, and how a script ends with its exit code.

A `Console` prints a run's banner, blocks and summary; `run` maps problems to one sentence on stderr and an
exit code. Everything printed here is plain text: colour appears only on a terminal and never with NO_COLOR, and
what names, files and arguments hold of control signs is shown, not sent to the terminal.
"""

import argparse
import atexit
import errno
import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from foundation import environment
from foundation.interrupt import end_by_signal
from foundation.outcome import ExitCode, UsageError, UserError, stoppable
from foundation.progress import Advance, Bar, Line, unseen

WIDTH = 70
_NO_ACCESS = "let this user read and write there, or name another place"
_NO_ROOM = "make room, or name another place"
_NO_PLACE = "name a file or folder that can be there"
_WHAT_HELPS = {
    errno.EACCES: _NO_ACCESS,
    errno.EPERM: _NO_ACCESS,
    errno.EROFS: _NO_ACCESS,
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.ENOENT: _NO_PLACE,
    errno.ENOTDIR: _NO_PLACE,
    errno.EISDIR: _NO_PLACE,
    errno.ENAMETOOLONG: _NO_PLACE,
    errno.ELOOP: _NO_PLACE,
}


class Console:
    """Prints lines for people, or, with `json_output`, one JSON object for machines and nothing else."""

    def __init__(self, *, quiet: bool = False, json_output: bool = False) -> None:
        self.quiet = quiet or json_output
        self.json_output = json_output

    def say(self, text: str = "") -> None:
        """One line, unless quiet."""
        if not self.quiet:
            print(printable(text), flush=True)  # noqa: T201  printing is what this room is for

    def banner(self, title: str, *, framed: bool = True) -> None:
        """The head of a run: a title over a rule, and with `framed` under one too."""
        if framed:
            self.rule()
        self._headline(title)
        self.rule()

    def block(self, title: str) -> None:
        """The head of one part of a run: a pattern, an analyzer."""
        self.say()
        self._headline(f"📊 Running: {title}")
        self.say("-" * WIDTH)

    def closing(self, title: str) -> None:
        """The head of what a run says in the end."""
        self.say()
        self.banner(title)
        self.say()

    def rule(self) -> None:
        """A line across."""
        self.say("=" * WIDTH)

    def paragraph(self, text: str, *, hanging: int = 0) -> None:
        """A line of any length: on a terminal it is wrapped at words, further lines `hanging` signs further in."""
        if self.quiet or not sys.stdout.isatty():
            self.say(text)
            return
        columns = max(shutil.get_terminal_size().columns, 40)
        indent = " " * (len(text) - len(text.lstrip()) + hanging)
        for line in textwrap.wrap(
            text, columns, subsequent_indent=indent, drop_whitespace=True, break_on_hyphens=False
        ) or [""]:
            self.say(line)

    def success(self, text: str) -> None:
        """Something was done."""
        self.say(f"✅ {text}")

    def failure(self, text: str) -> None:
        """Something was not done; said on stderr even when quiet."""
        print(printable(f"❌ {text}"), file=sys.stderr, flush=True)  # noqa: T201

    def warning(self, text: str) -> None:
        """Something a reader should know; on stderr even when quiet."""
        print(printable(f"⚠️  {text}"), file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def progress(self, doing: str, total: int | None = None) -> Iterator[Advance]:
        """Shows that work goes on until the block ends; what it yields may be called from any thread.

        On a terminal a bar appears once the work takes a while, and goes when it is done; in a pipe one line says what
        takes so long. A quiet console shows nothing.

        Args:
            doing: what is done, such as "Reading the calls".
            total: how much there is to do; None where nobody knows: then something turns.
        """
        if self.quiet:
            yield unseen
            return
        shown = Bar(doing, total) if sys.stdout.isatty() else Line(doing, self.say)
        shown.start()
        try:
            yield shown.advance
        finally:
            shown.stop()

    def _headline(self, text: str) -> None:
        if not self.quiet:
            print(_bold(printable(text)), flush=True)  # noqa: T201

    def result(self, payload: dict[str, Any]) -> None:
        """The JSON object of `--json`; nothing otherwise."""
        if self.json_output:
            print(json.dumps(payload, default=str, allow_nan=False, ensure_ascii=False))  # noqa: T201


def printable(text: str) -> str:
    """Text for a terminal: a sign that would move the cursor, ring or turn the line around stands as its escape."""
    return "".join(sign.encode("unicode_escape").decode() if _commands(sign) else sign for sign in text)


def _commands(sign: str) -> bool:
    """Whether a sign does something instead of showing something; joiners belong to some languages' letters."""
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and sign not in "\n\u200c\u200d"


def coloured() -> bool:
    """Whether stdout is a terminal whose user did not ask for plain text."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if coloured() else text


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `--quiet` and `--json`."""
    parser.add_argument("--quiet", action="store_true", help="print problems only, for cron")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object for machines and nothing else"
    )


def add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `--settings` and `--pricing`."""
    parser.add_argument(
        "--settings", metavar="FILE", help="settings to use instead of src/settings/settings.toml"
    )
    parser.add_argument(
        "--pricing", metavar="FILE", help="prices and plans instead of src/settings/pricing.toml"
    )


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one sentence with the next step; no abbreviated flags."""

    def __init__(self, *, description: str, epilog: str | None = None, prog: str | None = None) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, allow_abbrev=False)

    def error(self, message: str) -> Any:
        """Raises `UsageError` with argparse's complaint."""
        raise UsageError(f"{self.prog}: {message}; `{self.prog} --help` lists what is allowed.")


def run(main: Callable[[], int]) -> int:
    """Calls `main` and returns its exit code; a `UserError` becomes one line on stderr and its own code.

    Raises:
        KeyboardInterrupt: as it came; where it reaches the end of the process, that is by the signal.
    """
    end_by_signal()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a sign shows "?"
    try:
        with stoppable():
            return int(main())
    except UserError as problem:
        return _ended(f"❌ {problem}", problem.exit_code)
    except ModuleNotFoundError as missing:
        return _ended(environment.missing(missing.name), ExitCode.FAILED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)
    except OSError as error:
        return _ended(f"❌ {_said_of(error)}", ExitCode.FAILED)


def _ended(sentence: str, code: ExitCode) -> int:
    """Says why a run ends: on stderr, and to who asked for JSON as an object on stdout, too."""
    print(printable(sentence), file=sys.stderr)  # noqa: T201
    if "--json" in sys.argv[1:]:
        Console(json_output=True).result({"error": sentence.removeprefix("❌ "), "exit_code": int(code)})
    return int(code)


def leave(code: int) -> NoReturn:
    """Ends the process as `sys.exit` does, but leaves its memory to the system.

    Looking for cycles among all that a run holds, just to free it, takes a fifth of a second. Profilers and
    debuggers write what they saw after `sys.exit`, so they get it.
    """
    if sys.getprofile() or sys.gettrace():
        sys.exit(code)
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):  # who listened has gone
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _said_of(error: OSError) -> str:
    """What the system said, and what helps where that is plain."""
    said = f"{error.filename or 'a file'}: {error.strerror or error}"
    help_ = _WHAT_HELPS.get(error.errno or 0)
    return f"{said}; {help_}." if help_ else said
