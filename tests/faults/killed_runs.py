"""Scripts that write, killed at each of their system calls that change a disk, then run again.

A run has so many places at which it can be killed: its N-th write, flush, cut, link, rename or removal below its folder.
After the kill, what was there must be there, whole; after the repetition, what the script brings must be there once.
"""

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calls.engine import open_calls
from tests.calls.call_files import ids, row, rows, write
from tests.faults.injection import KILLED, ended, killing, python
from tests.running import SRC

CALLS = (
    "write", "pwrite64", "sendfile", "fsync", "ftruncate", "link,linkat", "unlink,unlinkat", "rename,renameat,renameat2",
)  # fmt: skip
"""Kinds of system calls that change what is on a disk."""


@dataclass(frozen=True)
class Script:
    """A script that changes a file of calls.

    `arguments` are those of a run in a folder that `prepare` has made; `check` says what is wrong with the folder, after
    the kill (`done` is false) and after the repetition.
    """

    name: str
    arguments: Callable[[Path], list[object]]
    prepare: Callable[[Path], None]
    check: Callable[[Path, bool], str]


@dataclass(frozen=True)
class Place:
    """Where a run is killed: at its N-th call of a kind."""

    calls: str
    when: int


def places(script: Script, folder: Path) -> list[Place]:
    """All places of a script, counted in a run that is traced and not killed.

    Writes to standard output and calls before the first file of the folder is touched are among them: harmless, but cheap.
    """
    script.prepare(folder)
    log = folder.with_name(f"{folder.name}.trace")
    kinds = ",".join(CALLS)
    tracer = ("strace", "-f", "-qq", "-y", "-e", "signal=none", "-e", f"trace={kinds}", "-o", str(log))
    code, said = ended(python(*script.arguments(folder), before=tracer))
    assert code == 0, said
    found: Counter[str] = Counter()
    touching: Counter[str] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        called = re.match(r"\d+ +(\w+)\(", line)
        kind = next((kind for kind in CALLS if called and called[1] in kind.split(",")), None)
        if kind:
            found[kind] += 1
            if str(folder) in line:
                touching[kind] = found[kind]
    return [Place(kind, when) for kind in CALLS for when in range(1, touching[kind] + 1)]


def trouble(script: Script, folder: Path, place: Place) -> str:
    """What is wrong after a kill, or after the repetition; nothing if all is well."""
    script.prepare(folder)
    code, _ = ended(python(*script.arguments(folder), before=killing(place.calls, place.when)))
    if code not in (KILLED, -9, 0):
        return f"{place}: exit {code}"
    if wrong := script.check(folder, code == 0):
        return f"{place}: {wrong}"
    command = [sys.executable, *map(str, script.arguments(folder))]
    done = subprocess.run(command, cwd=SRC, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{place}, repeated: exit {done.returncode} {done.stderr.strip()[-300:]}"
    if wrong := script.check(folder, True):
        return f"{place}, repeated: {wrong}"
    strays = {path.name for path in folder.iterdir() if not _is_rolled_back(path, folder)} - KNOWN
    shutil.rmtree(folder)
    return f"{place}, repeated: {sorted(strays)} are left" if strays else ""


def _is_rolled_back(path: Path, folder: Path) -> bool:
    """Whether a file holds rows of a killed append that were moved aside, all of which are in the CSV again."""
    if not path.name.startswith("x.csv.torn-"):
        return False
    there = set((folder / "x.csv").read_bytes().splitlines())
    return set(path.read_bytes().splitlines()[:-1]) <= there


KNOWN = {"x.csv", "x.csv.lock", "x.csv.import.lock", "export.csv", "out.csv"}
OLD, NEW = 40, 400


def _folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write(folder / "x.csv", [row(number, cost_usd="", model="gpt-4o-mini") for number in range(OLD)])
    write(folder / "export.csv", [row(1_000 + number, user_agent="u" * 300) for number in range(NEW)])
    write(folder / "out.csv", rows(3))


def _used(path: Path) -> list[str]:
    """The ids of the calls that count, in order."""
    with open_calls(path) as calls:
        return sorted(entry.call_id for entry in calls.sql("select call_id from calls"))


def _named(start: int, count: int) -> list[str]:
    return [f"call_{number:06d}" for number in range(start, start + count)]


def _imported(folder: Path, done: bool) -> str:
    found = _used(folder / "x.csv")
    allowed = [_named(0, OLD) + _named(1_000, NEW)] + [_named(0, OLD)] * (not done)
    return "" if found in allowed else f"{len(found)} calls"


def _partial(folder: Path) -> None:
    _folder(folder)
    write(folder / "x.csv", rows(OLD, output_tokens="1"))
    write(folder / "export.csv", [row(number, user_agent="u" * 300) for number in range(OLD // 2, NEW)])


def _replaced(folder: Path, done: bool) -> str:
    with open_calls(folder / "x.csv") as calls:
        found = [
            tuple(entry) for entry in calls.sql("select call_id, output_tokens from calls order by call_id")
        ]
    before = [(name, 1) for name in _named(0, OLD)]
    after = before[: OLD // 2] + [(name, 20) for name in _named(OLD // 2, NEW - OLD // 2)]
    return "" if found in ([after] if done else [before, after]) else f"{len(found)} calls"


def _repriced(folder: Path, done: bool) -> str:
    with open_calls(folder / "x.csv") as calls:
        used, unknown = calls.source.used, calls.source.unpriced_calls
    return (
        ""
        if used == OLD and unknown in ((0,) if done else (0, OLD))
        else f"{used} calls, {unknown} without cost"
    )


def _exported(folder: Path, done: bool) -> str:
    found = len(ids(folder / "out.csv"))
    return "" if found in ((NEW,) if done else (3, NEW)) else f"{found} calls"


def _simulated(folder: Path, done: bool) -> str:
    found = _used(folder / "x.csv")
    old = found == _named(0, OLD)
    with open_calls(folder / "x.csv") as calls:
        patterns = len(calls.sql("select distinct organization_id from calls"))
        twice = calls.source.duplicates
    if twice or len(set(found)) != len(found):
        return f"{twice} duplicates"
    return (
        ""
        if (old and not done) or (not old and patterns == simulated_organizations())
        else f"{len(found)} calls"
    )


_SIMULATE = ["--customers", 2, "--days", 2, "--end-date", "2026-11-20", "--quiet"]
_known: list[int] = []


def simulated_organizations() -> int:
    """How many organizations a whole run has, which tells that no pattern is missing."""
    if not _known:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.csv"
            command = [sys.executable, "run_all_simulators.py", *_SIMULATE, "--out", path]
            subprocess.run([*map(str, command)], cwd=SRC, check=True)
            with open_calls(path) as calls:
                _known.append(len(calls.sql("select distinct organization_id from calls")))
    return _known[0]


SCRIPTS = (
    Script("import", lambda at: ["import_usage.py", at / "export.csv", "--out", at / "x.csv", "--quiet"], _folder, _imported),
    Script("replace", lambda at: ["import_usage.py", at / "export.csv", "--out", at / "x.csv", "--quiet"], _partial, _replaced),
    Script("reprice", lambda at: ["reprice.py", "--data", at / "x.csv", "--quiet"], _folder, _repriced),
    Script("export", lambda at: ["export_data.py", "--data", at / "export.csv", "--format", "csv", "--plain", "--out", at / "out.csv", "--quiet"], _folder, _exported),
    Script("simulate", lambda at: ["run_all_simulators.py", *_SIMULATE, "--out", at / "x.csv"], _folder, _simulated),
)  # fmt: skip
