"""The Python that runs a script: where packages are missing, it goes on with that of the checkout's `.venv`.

A script asks for this before it imports anything else. Written for older versions of Python 3 too, so that one that
is too old gives a sentence and no syntax error. Shell scripts have `ops/environment.sh` for the same.
"""

import os
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from foundation.interrupt import end_by_signal, hold_back

OLDEST = (3, 11)
"""The oldest Python that the project runs on, `requires-python` of pyproject.toml."""
NEEDED = ("duckdb", "numpy", "jinja2", "rich", "filelock", "dateutil", "tzdata")
"""The modules of what pyproject.toml depends on."""
RUNNERS = ("cProfile", "profile", "pydoc", "trace", "pdb")
"""Programs of the standard library that run or import a module and have done nothing else before."""
RESTARTED = "FINOPS_RESTARTED"
"""The variable that holds the id of a process which was restarted, so that it is restarted once."""

SRC = Path(__file__).resolve().parents[1]
PYTHON = SRC.parent / ".venv" / "bin" / "python"


def require() -> None:
    """For scripts: returns where all packages are found, else restarts the same command with the Python of `.venv`.

    Without a `.venv` that helps, the process ends with one sentence.
    """
    _open_standard_streams()
    end_by_signal()
    sys.path[:0] = [str(folder) for folder in (SRC, SRC.parent) if str(folder) not in sys.path]
    reason = lacking()
    if reason:
        _restart()
        sys.stderr.write(reason + "\n")  # cProfile swallows what `sys.exit` would say
        sys.exit(1)


def _open_standard_streams() -> None:
    """Leads closed standard streams to nowhere: else the next file that is opened takes the place of one of them."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is taken, and those below are open by now.
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8"))


@lru_cache(maxsize=None)  # noqa: UP033  `cache` came with Python 3.9
def prefer() -> None:
    """For packages: restarts `python3 -m pydoc calls.engine` and the like; never ends a program of somebody else.

    Raises:
        ImportError: this Python is too old.
    """
    if _runner() and lacking():
        _restart()
    if os.environ.get(RESTARTED) == str(os.getpid()):
        end_by_signal()
    if sys.version_info < OLDEST:
        raise ImportError(lacking())


def missing(name: object) -> str:
    """The sentence about a module that is not installed."""
    return f"{name} is missing here: run `pip install -e .` or `make setup` in the project folder."


def lacking() -> str:
    """What this Python lacks, as a sentence; empty if it is nothing."""
    if sys.version_info < OLDEST:
        wanted, found = (".".join(map(str, version[:2])) for version in (OLDEST, sys.version_info))
        return f"Python {wanted} or newer is needed, this is {found}: run `make setup` in the project folder."
    return next((missing(name) for name in NEEDED if not _found(name)), "")


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _restart() -> None:
    """Replaces this process by the Python of `.venv`; returns where there is none, or where this is it already."""
    arguments = _arguments()
    if not arguments or os.environ.get(RESTARTED) == str(os.getpid()) or not os.access(str(PYTHON), os.X_OK):
        return
    os.environ[RESTARTED] = str(os.getpid())
    hold_back()
    try:
        os.execv(str(PYTHON), [str(PYTHON), *arguments])  # noqa: S606
    except OSError:
        end_by_signal()


def _arguments() -> "list[str]":
    """What stands after the name of Python in this command; empty where it is not known (before Python 3.10)."""
    if hasattr(sys, "orig_argv"):
        return list(sys.orig_argv[1:])
    return [] if _runner() else list(sys.argv)


def _runner() -> bool:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec is not None and spec.name in RUNNERS
