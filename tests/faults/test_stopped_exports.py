"""Row X4 of the fault matrix: an export that is stopped, or whose disk stays full, ends and leaves what was there."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.calls.call_files import rows, write
from tests.faults.injection import ended, python, small_disk

FIRST_REPORT = """
import sys
import export_data
from analyzers.instances import analyzers
from foundation.console import leave
def endless(self, calls, settings):
    print("begins", flush=True)
    return calls.sql("select sum(number.range) as total from range(30000000000) as number")
type(analyzers()[0]).analyze = endless
leave(export_data.main(sys.argv[1:]))
"""
"""An export whose first report asks the engine for more than it can answer today."""
STUCK = """
import sys, threading
import export_data
from calls.duckdb_calls import DuckDBCalls
from foundation.console import leave
from interchange.exporters import engine_copy
engine_copy.STALLED_SECONDS = engine_copy.GRACE_SECONDS = 1
asked = DuckDBCalls.sql
def stuck(self, query, **values):
    if query.startswith("copy"):
        print("begins", flush=True)
        threading.Event().wait()
    return asked(self, query, **values)
DuckDBCalls.sql = stuck
leave(export_data.main(sys.argv[1:]))
"""
"""An export whose engine waits in its writing for ever, and hears no signal."""


def started(program: str, *order: object) -> "subprocess.Popen[str]":
    process = python("-c", program, *order, "--quiet", stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == "begins\n"
    return process


@pytest.mark.parametrize(("program", "format_"), [(FIRST_REPORT, "xlsx"), (STUCK, "csv"), (STUCK, "parquet")])
def test_x4_ctrl_c_ends_an_export_and_leaves_the_old_one(tmp_path: Path, program: str, format_: str) -> None:
    source, target = write(tmp_path / "x.csv", rows(50)), tmp_path / "out"
    target.write_text("old")
    process = started(program, "--data", source, "--format", format_, "--out", target)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (-signal.SIGINT, "Stopped.\n")
    assert target.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"x.csv", "out"}


def test_x4_an_engine_that_waits_for_a_full_disk_is_given_up(tmp_path: Path) -> None:
    source, disk = write(tmp_path / "x.csv", rows(50)), tmp_path / "disk"
    with small_disk(disk, 64) as granted:
        if (
            not granted
        ):  # without a filesystem of its own nothing is full: the other tests of this row stand for it
            return
        target = disk / "out"
        target.write_text("old")
        with pytest.raises(OSError, match="No space left"):
            (disk / "filling").write_bytes(bytes(1 << 20))
        code, said = ended(started(STUCK, "--data", source, "--format", "csv", "--out", target))
        assert code == 1
        assert said == f"❌ {target} could not be written (No space left on device); what was there stays.\n"
        assert target.read_text() == "old"
        assert {path.name for path in disk.iterdir()} == {"out", "filling"}


@pytest.mark.parametrize("format_", ["csv", "json", "parquet", "focus", "xlsx"])
def test_x4_a_full_disk_is_one_sentence_in_the_systems_words(tmp_path: Path, format_: str) -> None:
    source, disk = write(tmp_path / "x.csv", rows(4_000)), tmp_path / "disk"
    with small_disk(disk, 12) as granted:
        if not granted:
            return
        (disk / "out").write_text("old")
        order = ("export_data.py", "--data", source, "--format", format_, "--out", disk / "out", "--quiet")
        code, said = ended(python(*order))
        assert code == 1
        assert (
            said
            == f"❌ {disk / 'out'} could not be written (No space left on device); what was there stays.\n"
        )
        assert [path.name for path in disk.iterdir()] == ["out"]
        assert (disk / "out").read_text() == "old"
