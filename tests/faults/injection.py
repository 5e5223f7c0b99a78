"""Faults put into real processes: killed at a system call, refused one, or given a disk that is too small."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.running import SRC

KILLED = 137
"""The exit code of strace when the process that it traced was killed."""
RENAMES = "rename,renameat,renameat2"


def python(*arguments: object, before: Sequence[str] = (), **options: object) -> "subprocess.Popen[str]":
    """Python in a process of its own, in src/, with what it says on stderr caught."""
    command = [*before, sys.executable, *map(str, arguments)]
    given = {"cwd": SRC, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **given | options)  # type: ignore[call-overload,no-any-return]


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Exit code and stderr of a process that has ended."""
    _, stderr = process.communicate(timeout=300)
    return process.returncode, stderr


def killing(calls: str, when: int, *paths: Path) -> tuple[str, ...]:
    """A tracer that kills a process at its N-th system call of a kind, on these paths only if any are given."""
    return _tracer(calls, f"signal=KILL:when={when}", paths)


def failing(calls: str, error: str, when: str, *paths: Path) -> tuple[str, ...]:
    """A tracer that lets system calls of a kind fail: `when` is 3 for the third, 3+ from then on."""
    return _tracer(calls, f"error={error}:when={when}", paths)


def _tracer(calls: str, what: str, paths: Sequence[Path]) -> tuple[str, ...]:
    named = [part for path in paths for part in ("-P", str(path))]
    trace = ("-e", f"trace={calls}", "-e", f"inject={calls}:{what}")
    return ("strace", "-f", "-qq", "-o", os.devnull, *named, *trace)


@contextmanager
def small_disk(folder: Path, kibibytes: int) -> Iterator[bool]:
    """Makes `folder` a filesystem of its own of so many KiB; False where the system does not grant one."""
    folder.mkdir(exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(folder)]
    granted = os.getuid() == 0 and subprocess.run(["mount", *options], check=False).returncode == 0
    try:
        yield granted
    finally:
        if granted:
            subprocess.run(["umount", str(folder)], check=True)


def limited(kibibytes: int) -> tuple[str, ...]:
    """A shell in which no file may grow beyond so many KiB: a full disk for who may not mount one."""
    return ("bash", "-c", f'ulimit -f {kibibytes}; exec "$@"', "limited")
