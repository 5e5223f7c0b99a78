"""Sets of reports on a disk, compared byte by byte, and runs that are killed while they write one."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from reporting.manifest import load_manifest
from tests.faults.injection import killing
from tests.running import SRC

MANIFEST = "html/manifest.json"
Contents = Mapping[str, bytes]
"""The files of a set by path under the reports folder, its manifest among them."""


def set_on_disk(reports: Path) -> Contents:
    """The files that the manifest on disk lists, and the manifest itself."""
    manifest = load_manifest(reports)
    assert manifest
    return {name: (reports / name).read_bytes() for name in [*manifest.files(), MANIFEST]}


def put_on_disk(reports: Path, contents: Contents) -> None:
    """Makes the folder hold this set and nothing else, the manifest last; lock files stay."""
    for path in reports.rglob("*"):
        if path.is_file() and str(path.relative_to(reports)) not in contents and path.name != ".publish.lock":
            path.unlink()
    for name in sorted(contents, key=lambda name: name == MANIFEST):
        place = reports / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() or place.read_bytes() != contents[name]:
            place.write_bytes(contents[name])


def assert_every_file_whole(reports: Path, old: Contents, new: Contents) -> None:
    """Each file is the old or the new one; where the manifest is the new one, all are."""
    for name in old.keys() | new.keys():
        found = (reports / name).read_bytes() if (reports / name).exists() else None
        assert found in {old.get(name), new.get(name)}, name
    if (reports / MANIFEST).read_bytes() == new[MANIFEST]:
        assert {name: (reports / name).read_bytes() for name in new} == new
    assert json.loads((reports / MANIFEST).read_bytes())["run_id"]


@dataclass
class PausedRun:
    """A run of the analyzers that has computed everything and written nothing yet; it can be had again and again."""

    process: "subprocess.Popen[str]"

    def end(self, calls: str = "", when: int = 0) -> int:
        """Lets it run to its end, or be killed at its N-th system call of a kind; 0 or minus the signal."""
        child = self._started()
        tracer = None
        if calls:
            tracer = subprocess.Popen([*killing(calls, when), "-p", str(child)], stderr=subprocess.DEVNULL)
            self._until_traced(child, tracer)
        try:
            self._until_told(child)
            ending = int(self._line())
        finally:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        if tracer:
            tracer.wait(60)
        return ending

    def _until_told(self, child: int) -> None:
        """Lets the run go on until its end is told; a signal that meets a tracer just taking hold may be lost."""
        until = time.monotonic() + 120
        told = False
        while not told:
            assert time.monotonic() < until, "the run neither ends nor is killed"
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGCONT)
            told = bool(select.select([self.process.stdout], [], [], 1)[0])

    def _started(self) -> int:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def _until_traced(self, child: int, tracer: "subprocess.Popen[bytes]") -> None:
        while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
            assert tracer.poll() is None, "strace cannot take hold of a process"
            time.sleep(0.005)


@contextmanager
def paused_run(data: Path, reports: Path, epoch: int) -> Iterator[PausedRun]:
    """A run on `data` into `reports` whose pages carry this time."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONPATH": str(SRC)}
    command = [sys.executable, str(Path(__file__).with_name("paused_run.py")), str(data), str(reports)]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield PausedRun(process)
        finally:
            process.kill()


def copied(reports: Path, target: Path) -> Path:
    """A copy of a folder of reports that may be changed."""
    return Path(shutil.copytree(reports, target))
