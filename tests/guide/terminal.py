"""A terminal on a checkout whose `.venv` is there and not activated; its `python3` has no packages."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.checkout import copy_checkout, give_environment
from tests.mail_sink import free_port

PATIENCE_SECONDS = 120
STAND_INS = {
    "open": 'for page; do test -f "$page" || exit 1; done; echo "$@" >> "$STAND_INS/open.log"',
    "mail": '{ echo "$@"; cat; } >> "$STAND_INS/mail.log"',
    "lsof": 'cat "$STAND_INS/listening"',
    "sleep": "exec /bin/sleep 0.2",
}
"""Programs of the guide that a machine may lack, or that would wait for minutes."""


class Terminal:
    """Runs the guide's lines in a copy of the checkout, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.root = copy_checkout(folder / "revenium-flow")
        give_environment(self.root)
        self.src = self.root / "src"
        self.data = self.root / "data" / "simulated_calls.csv"
        self.reports = self.root / "reports"
        self.elsewhere = folder / "elsewhere"
        self.programs = folder / "programs"
        self.elsewhere.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "python")], check=True)
        self.python = folder / "python" / "bin" / "python3"
        self.programs.mkdir()
        (self.programs / "python3").write_text(f'#!/bin/sh\nexec {self.python} "$@"\n')
        for name, does in STAND_INS.items():
            (self.programs / name).write_text(f"#!/bin/sh\n{does}\n")
        for program in self.programs.iterdir():
            program.chmod(0o755)
        self.variables = {
            "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "STAND_INS": str(folder),
            "LC_ALL": "C.UTF-8",
        }

    def run(self, text: str, folder: Path | None = None, code: int = 0, stdin: str = "") -> str:
        """Runs lines of shell, in src/ if no folder is named, and returns what they said."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=folder or self.src, env=self.variables,
            check=False, capture_output=True, text=True, input=stdin, timeout=500,
        )  # fmt: skip
        assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr if code else done.stdout

    @contextmanager
    def running(
        self, text: str, folder: Path, **variables: str
    ) -> Iterator[tuple[subprocess.Popen[str], Path]]:
        """Starts lines of shell that do not end by themselves; they are stopped as Ctrl-C does. Yields also their log."""
        log = self.elsewhere / f"log_{time.monotonic_ns()}.txt"
        with log.open("w") as written:
            process = subprocess.Popen(
                ["bash", "-euc", text], cwd=folder, env=self.variables | variables, text=True,
                stdout=written, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        try:
            yield process, log
        finally:
            for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.killpg(process.pid, sent)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=10)

    @contextmanager
    def serving(self, text: str, folder: Path, **variables: str) -> Iterator[tuple[int, Path]]:
        """Runs a block whose last command is the viewer, on a free port; yields the port and what is said."""
        port = free_port()
        start, viewer, end = text.rstrip().rpartition("python3 serve.py")
        assert viewer
        assert not end
        text = f"{start}exec {viewer}"
        with self.running(text, folder, **{"VIEWER_PORT": str(port), **variables}) as (process, log):
            (Path(self.variables["STAND_INS"]) / "listening").write_text(str(process.pid))
            wait_until(lambda: "Press Ctrl+C" in log.read_text() or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield port, log

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """One place of a file changed, for a while."""
        file = self.root / path
        before = file.read_text(encoding="utf-8")
        after, times = re.subn(old, lambda _: new, before, flags=re.DOTALL)
        assert times == 1, f"{path}: {old} stands there {times} times"
        file.write_text(after, encoding="utf-8")
        try:
            yield
        finally:
            file.write_text(before, encoding="utf-8")

    def keep(self, folder: Path) -> Path:
        """Copies the calls and their reports to a folder, from which `put` brings them back."""
        shutil.copytree(self.reports, folder / "reports")
        shutil.copy2(self.data, folder)
        return folder

    def put(self, folder: Path) -> None:
        """The calls and reports of the checkout are those that were kept, with their times."""
        shutil.rmtree(self.reports)
        shutil.copytree(folder / "reports", self.reports)
        shutil.copy2(folder / self.data.name, self.data)


def wait_until(true: Callable[[], bool]) -> None:
    """Waits for something that must come."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)
