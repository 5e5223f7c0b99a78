"""Runs the analyzers in a process of their own that ends with the viewer, whatever ends it."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_GUARD = (sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py")))
"""Ends the command when the viewer has ended, however that came."""
_POLL_SECONDS = 0.05
_TERMINATION_SECONDS = 2.0
_MESSAGE_CHARACTERS = 300
_MESSAGE_BYTES = 8_192


@dataclass(frozen=True)
class Ending:
    """How a run ended. `code` is its exit code, None if it was stopped or took too long."""

    code: int | None
    timed_out: bool
    seconds: float
    message: str
    """The last line it wrote to stderr, in printable characters."""


def run_child(
    command: Sequence[str], environment: Mapping[str, str], *, timeout: float, stop: threading.Event
) -> Ending:
    """Runs `command` to its end, for at most `timeout` seconds, or until `stop` is set.

    It runs in a process group of its own: what it has started is ended with it, and a terminal's Ctrl-C reaches
    the viewer alone. A guard at the head of the group ends it all when the viewer is killed.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                (*_GUARD, *command),
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            return Ending(None, False, 0.0, f"{Path(command[0]).name} cannot be started: {error.strerror}")
        timed_out = not _await_end(process, began + timeout, stop)
        code = process.returncode
        if code is None:
            _terminate(process)
        if process.stdin:
            process.stdin.close()
        return Ending(code, timed_out and not stop.is_set(), time.monotonic() - began, _last_line(errors))


def _await_end(process: "subprocess.Popen[bytes]", deadline: float, stop: threading.Event) -> bool:
    while process.poll() is None:
        if time.monotonic() >= deadline or stop.wait(_POLL_SECONDS):
            return False
    return True


def _terminate(process: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(_TERMINATION_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _last_line(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _MESSAGE_BYTES))
    lines = [line.strip() for line in errors.read().decode("utf-8", "replace").splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return "".join(c for c in last if c.isprintable()).removeprefix("❌ ")[:_MESSAGE_CHARACTERS]
