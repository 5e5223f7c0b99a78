"""Rows C26 to C29 of the fault matrix: what was killed half-way is run again; nothing is lost, nothing is there twice."""

import csv
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

import import_usage
import reprice
from calls.engine import open_calls
from calls.file import journal
from calls.file.locking import exclusive
from calls.schema import COLUMN_NAMES
from calls.writing.store import append_rows
from foundation.outcome import ExitCode
from tests.calls.call_files import ids, row, rows, staged, text, write
from tests.faults import killed_runs
from tests.faults.injection import ended, killing, python
from tests.running import run_script

SEED, SAMPLE = 26, 5


@pytest.mark.parametrize("script", killed_runs.SCRIPTS, ids=lambda script: script.name)
def test_c26_a_run_that_is_killed_anywhere_and_repeated(tmp_path: Path, script: killed_runs.Script) -> None:
    """At random system calls that write, flush, cut, link, rename or remove; all of them: `benchmarks/killed_runs.py`."""
    places = killed_runs.places(script, tmp_path / "counted")
    assert places
    for number, place in enumerate(random.Random(SEED).sample(places, min(SAMPLE, len(places)))):
        assert killed_runs.trouble(script, tmp_path / str(number), place) == ""


def test_c26_an_import_killed_before_its_rows_are_flushed_is_not_taken_for_done(tmp_path: Path) -> None:
    """Its rows stand in the file, but do not count: the same import again must bring them."""
    target, export = tmp_path / "x.csv", write(tmp_path / "export.csv", rows(1_000))
    append_rows(target, [row(5_000)])
    order = ("import_usage.py", export, "--out", target, "--quiet")
    code, _ = ended(python(*order, before=killing("fsync", 1, target)))
    assert code != 0
    assert len(ids(target)) == 1_001
    run_script(*order)
    append_rows(target, [row(6_000)])
    assert Counter(ids(target)) == Counter(f"call_{number:06d}" for number in (*range(1_000), 5_000, 6_000))
    assert not list(tmp_path.glob("x.csv.torn-*")) or len(ids(target)) == 1_002


def test_c26_two_imports_of_one_file_at_once_bring_it_once(tmp_path: Path) -> None:
    target, export = tmp_path / "x.csv", write(tmp_path / "export.csv", rows(2_000))
    running = [python("import_usage.py", export, "--out", target, "--quiet") for _ in range(3)]
    assert [ended(process)[0] for process in running] == [0, 0, 0]
    assert sorted(ids(target)) == [f"call_{number:06d}" for number in range(2_000)]


@pytest.mark.slow
def test_c26_a_row_behind_a_stray_quote_is_seen_by_the_next_import(tmp_path: Path) -> None:
    """What is there already is read as the reports read it: one broken line hides no other."""
    target, export = tmp_path / "x.csv", write(tmp_path / "export.csv", rows(50))
    assert import_usage.main([str(export), f"--out={target}", "--quiet"]) == 0
    lines = target.read_text().splitlines(keepends=True)
    lines[3] = lines[3].replace("openai", '"openai')
    target.write_text("".join(lines))
    assert import_usage.main([str(export), f"--out={target}", "--quiet"]) == 0
    with open_calls(target) as calls:
        assert calls.source.used == 50
        assert calls.source.duplicates == 0


def died_before_forgetting(path: Path, count: int) -> bytes:
    """A file with rows whose append died after its last write: they stand there, and a note says that they do not count."""
    append_rows(path, rows(3))
    part = staged(
        path.with_name("part.csv"), [row(100 + number, user_agent="u" * 300) for number in range(count)]
    )
    command = (
        "import sys; from pathlib import Path; from calls.writing.store import append_staged; "
        "append_staged(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    assert ended(python("-c", command, path, part, before=killing("fsync", 1, path)))[0] != 0
    assert journal.journal_path(path).exists()
    return path.read_bytes()


@pytest.mark.parametrize("count", [5, 5_000])
def test_c27_rows_of_another_program_count_whatever_a_note_says(tmp_path: Path, count: int) -> None:
    """A shell appends under the lock, knowing no notes: those rows are no part of what died."""
    path = tmp_path / "x.csv"
    died_before_forgetting(path, count)
    with open_calls(path) as calls:
        assert calls.source.used == 3
    line = text([row(7)], COLUMN_NAMES).splitlines(keepends=True)[1]
    with exclusive(path), path.open("a") as file:
        file.write(line)
    for _ in range(2):
        with open_calls(path) as calls:
            assert calls.source.used == 3 + count + 1
        append_rows(path, [row(8)]) if "call_000008" not in ids(path) else None
        count += 1
    assert not list(tmp_path.glob("x.csv.torn-*"))


@pytest.mark.parametrize("rows_then", [2, 50, 20_000])
def test_c27_a_backup_restored_onto_the_file_counts(tmp_path: Path, rows_then: int) -> None:
    """The file keeps its inode; a note of what died in it is about other bytes."""
    path = tmp_path / "x.csv"
    died_before_forgetting(path, 5_000)
    backup = staged(tmp_path / "backup.csv", rows(rows_then))
    inode = path.stat().st_ino
    shutil.copyfile(backup, path)
    assert path.stat().st_ino == inode
    with open_calls(path) as calls:
        assert calls.source.used == rows_then
    append_rows(path, [row(30_000)])
    assert len(ids(path)) == rows_then + 1
    assert not list(tmp_path.glob("x.csv.torn-*"))


@pytest.mark.parametrize("count", [5, 5_000])
def test_c27_what_died_is_rolled_back_however_far_it_came(tmp_path: Path, count: int) -> None:
    path = tmp_path / "x.csv"
    whole = died_before_forgetting(path, count)
    note = journal.journal_path(path).read_bytes()
    batch = journal.batch_path(path)
    kept = batch.read_bytes() if batch.exists() else None
    start = len(text(rows(3), COLUMN_NAMES))
    for end in (start, start + 1, start + 700, (start + len(whole)) // 2, len(whole) - 1, len(whole)):
        path.write_bytes(whole[:end])
        journal.journal_path(path).write_bytes(note)
        if kept:
            batch.write_bytes(kept)
        with open_calls(path) as calls:
            assert calls.source.used == 3
        append_rows(path, [row(9)])
        assert ids(path) == ["call_000000", "call_000001", "call_000002", "call_000009"]
        for moved in tmp_path.glob("x.csv.torn-*"):
            assert moved.read_bytes() == whole[start:end]
            moved.unlink()
    assert not journal.journal_path(path).exists()
    assert not batch.exists()


def test_c27_without_its_batch_a_note_takes_nothing_away(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    whole = died_before_forgetting(path, 5_000)
    journal.batch_path(path).unlink()
    lines = whole.splitlines(keepends=True)[:40]
    path.write_bytes(b"".join(lines))
    with open_calls(path) as calls:
        assert calls.source.used == 39


def test_c28_repricing_makes_no_row_of_a_torn_one(tmp_path: Path) -> None:
    """The last cost is cut short: it is no cost, and the row stays aside as it was."""
    path = tmp_path / "x.csv"
    whole = text([row(0, cost_usd="", model="gpt-4o-mini"), row(1, cost_usd="0.001500000")]).encode()
    path.write_bytes(whole.removesuffix(whole.split(b"0.001500000")[1])[:-6])
    torn = path.read_bytes().splitlines()[-1]
    said = run_script("reprice.py", "--data", path).stderr
    assert "ends within a line" in said
    assert ids(path) == ["call_000000"]
    (aside,) = tmp_path.glob("x.csv.torn-*")
    assert aside.read_bytes() == torn
    with path.open(newline="") as file:
        assert all(entry["cost_usd"] for entry in csv.DictReader(file))


def test_c28_a_dry_run_of_repricing_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text([row(0, cost_usd="", model="gpt-4o-mini"), row(1)]).encode()[:-9])
    before = path.read_bytes()
    assert reprice.main([f"--data={path}", "--dry-run", "--quiet"]) == 0
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("x.csv.torn-*"))


def test_c28_a_last_line_without_an_end_is_said_by_every_script(tmp_path: Path) -> None:
    path, other = tmp_path / "x.csv", write(tmp_path / "y.csv", rows(200))
    path.write_bytes(text(rows(200)).encode().removesuffix(b"\n"))
    reports = tmp_path / "reports"
    for order in (
        ("run_all_analyzers.py", "--data", path, "--out", reports),
        ("export_data.py", "--data", path, "--format", "csv", "--out", tmp_path / "out.csv"),
        ("compare_scenarios.py", path, other, "--out", tmp_path / "page.html"),
        ("reconcile.py", "--data", path, "--bill", "1"),
    ):
        assert "ends within a line" in run_script(*order, "--quiet").stderr
    assert "the last line does not end and is left out" in (reports / "summary.txt").read_text()
    done = run_script(
        "run_all_analyzers.py", "--data", path, "--out", reports, "--strict", code=ExitCode.BAD_ROWS
    )
    assert "torn_tail 1" in done.stderr


SIMULATE = ("run_all_simulators.py", "--customers", 3, "--days", 3, "--end-date", "2026-11-20", "--quiet")


def test_c29_simulations_at_once_do_not_mix(tmp_path: Path) -> None:
    path, alone = tmp_path / "x.csv", tmp_path / "alone.csv"
    run_script(*SIMULATE, "--out", alone)
    running = [python(*SIMULATE, "--out", path) for _ in range(3)]
    assert [ended(process)[0] for process in running] == [0, 0, 0]
    assert path.read_bytes() == alone.read_bytes()


@pytest.mark.parametrize("when", [1, 2, 3, 4])
def test_c29_a_simulation_killed_in_any_pattern_leaves_the_file_as_it_was(tmp_path: Path, when: int) -> None:
    path = write(tmp_path / "x.csv", rows(3))
    before = path.read_bytes()
    assert ended(python(*SIMULATE, "--out", path, before=killing("sendfile", when)))[0] != 0
    assert path.read_bytes() == before
    run_script(*SIMULATE, "--out", path)
    with open_calls(path) as calls:
        assert calls.source.duplicates == 0
        assert calls.source.used > 100
    assert {entry.name for entry in tmp_path.iterdir()} <= {"x.csv", "x.csv.lock"}
