"""The operational scripts, run as cron runs them: an empty environment, real files, real signals."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.running import SRC

OPS = SRC / "ops"
CRON = {"PATH": "/usr/bin:/bin", "FINOPS_PYTHON": sys.executable}


def shell(
    script: str, *arguments: object, code: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(OPS / script), *map(str, arguments)],
        check=False, capture_output=True, text=True, env=CRON | environment, cwd="/", timeout=120,
    )  # fmt: skip
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done


@pytest.fixture
def places(tmp_path: Path) -> list[object]:
    return ["--reports", tmp_path / "reports", "--archives", tmp_path / "archives"]


def archive_of(tmp_path: Path) -> Path:
    return tmp_path / "archives" / f"reports_{datetime.now(UTC):%Y%m%d}"


def test_shellcheck_finds_nothing():
    scripts = sorted(str(path) for path in OPS.glob("*.sh"))
    subprocess.run(["shellcheck", "-x", "-P", str(SRC.parent), *scripts], check=True, cwd=SRC.parent)


def test_a_day_leaves_its_archive_and_one_line_in_the_log(small_csv, tmp_path, places):
    done = shell("daily_reports.sh", "--data", small_csv, *places)
    assert done.stderr == ""
    archive = archive_of(tmp_path)
    assert (archive / "html" / "manifest.json").read_bytes() == (
        tmp_path / "reports/html/manifest.json"
    ).read_bytes()
    lines = (tmp_path / "archives" / "daily_reports.log").read_text().splitlines()
    assert len(lines) == 1
    assert "exit=0" in lines[0]
    shell("daily_reports.sh", "--data", small_csv, *places)
    assert sorted(path.name for path in (tmp_path / "archives").glob("reports_*")) == [archive.name]


def test_r9_a_first_step_that_fails_leaves_the_archive_and_says_why(small_csv, tmp_path, places):
    shell("daily_reports.sh", "--data", small_csv, *places)
    before = {path: path.read_bytes() for path in archive_of(tmp_path).rglob("*") if path.is_file()}
    done = shell("daily_reports.sh", "--data", tmp_path / "missing.csv", *places, code=3)
    assert "analyze failed with exit code 3" in done.stderr
    assert {path: path.read_bytes() for path in archive_of(tmp_path).rglob("*") if path.is_file()} == before
    assert "exit=3" in (tmp_path / "archives" / "daily_reports.log").read_text().splitlines()[-1]


def test_two_days_never_overlap(small_csv, tmp_path, places):
    (tmp_path / "archives").mkdir()
    with (tmp_path / "archives" / ".daily_reports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shell("daily_reports.sh", "--data", small_csv, *places, code=1)
    assert "another run" in done.stderr
    assert not archive_of(tmp_path).exists()


def test_old_archives_go_and_others_stay(small_csv, tmp_path, places):
    today = datetime.now(UTC).date()
    kept, old = (tmp_path / "archives" / f"reports_{today - timedelta(days=days):%Y%m%d}" for days in (5, 6))
    stranger = tmp_path / "archives" / "reports_of_mine"
    for folder in (kept, old, stranger):
        folder.mkdir(parents=True)
    shell("daily_reports.sh", "--data", small_csv, "--keep", 5, *places)
    assert kept.exists()
    assert stranger.exists()
    assert not old.exists()


def test_a_full_disk_leaves_no_half_archive(small_csv, tmp_path, places):
    shell("daily_reports.sh", "--data", small_csv, *places)
    before = (archive_of(tmp_path) / "html" / "manifest.json").read_bytes()
    limited = f'ulimit -f 100; exec {OPS}/daily_reports.sh "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, "x", "--data", small_csv, *map(str, places)],
        check=False, capture_output=True, text=True, env=CRON, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert "daily_reports.sh: " in done.stderr
    assert "Traceback" not in done.stderr
    assert (archive_of(tmp_path) / "html" / "manifest.json").read_bytes() == before
    assert not list((tmp_path / "archives").glob("*.partial.*"))


@pytest.mark.parametrize(
    ("script", "flags", "says"),
    [
        ("daily_reports.sh", ["--nonsense"], "--help"),
        ("daily_reports.sh", ["--keep", "many"], "number of days"),
        ("daily_reports.sh", ["--data"], "needs a value"),
        ("daily_reports.sh", ["--data", "a.csv", "--import", "b.csv"], "exclude each other"),
        ("watch_and_process.sh", ["0"], "whole number of seconds"),
        ("batch_process.sh", [], "which folder"),
        ("batch_process.sh", ["/no/such/folder"], "not a folder"),
    ],
)
def test_misuse_is_one_sentence_and_exit_2(script, flags, says):
    done = shell(script, *flags, code=2)
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("script", ["daily_reports.sh", "watch_and_process.sh", "batch_process.sh"])
def test_help_says_how(script):
    assert "usage:" in shell(script, "--help").stdout


def test_a_folder_is_processed_file_by_file_and_a_bad_one_is_named(small_csv, tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    shutil.copy(small_csv, folder / "good one.csv")
    (folder / "bad.csv").write_text("not,a,call\n1,2,3\n")
    done = shell("batch_process.sh", folder, "--archives", tmp_path / "archives", code=1)
    assert (tmp_path / "archives" / "good one" / "html" / "index.html").exists()
    assert not (tmp_path / "archives" / "bad").exists()
    assert "bad.csv" in done.stderr
    assert "Processed: 1, failed: 1" in done.stdout


def test_an_empty_folder_is_no_data(tmp_path):
    assert "no CSV" in shell("batch_process.sh", tmp_path, "--archives", tmp_path / "archives", code=3).stderr


def test_watching_runs_the_analyzers_when_the_calls_are_newer_and_stops_on_sigterm(small_csv, tmp_path):
    data = tmp_path / "calls.csv"
    shutil.copy(small_csv, data)
    manifest = tmp_path / "reports" / "html" / "manifest.json"
    watcher = subprocess.Popen(
        [str(OPS / "watch_and_process.sh"), "1", "--data", str(data), "--reports", str(tmp_path / "reports")],
        env=CRON, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        first = wait_for(lambda: manifest.exists() and manifest.read_bytes())
        later = time.time() + 2
        with data.open("ab") as file:
            file.write(data.read_bytes().splitlines(keepends=True)[-1].replace(b"call_", b"call_new_"))
        os.utime(data, (later, later))
        wait_for(lambda: manifest.read_bytes() != first)
    finally:
        watcher.send_signal(signal.SIGTERM)
        said, complaints = watcher.communicate(timeout=20)
    assert watcher.returncode == 0
    assert "Stopped." in said
    assert complaints == ""


def wait_for(condition, seconds: float = 60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")
