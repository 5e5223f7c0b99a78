"""The operational scripts, run as cron runs them: an empty environment, real files, real signals."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.checkout import copy_checkout, give_environment
from tests.faults.injection import small_disk
from tests.mail_sink import sinking
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


def test_per_day_leaves_its_archive_and_one_line_in_the_log(small_csv, tmp_path, places):
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


def test_per_day_passes_the_currency_on(small_csv, tmp_path, places):
    rates = tmp_path / "rates.csv"
    rates.write_text("date,currency,usd\n2026-11-20,EUR,2\n")
    shell("daily_reports.sh", "--data", small_csv, *places, "--currency", "EUR", "--currency-rates", rates)
    manifest = json.loads((archive_of(tmp_path) / "html" / "manifest.json").read_text())
    assert (manifest["currency"]["code"], manifest["currency"]["usd_for_one"]) == ("EUR", "2")
    assert "$" not in (archive_of(tmp_path) / "summary.txt").read_text()


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
    assert not list((tmp_path / "archives").glob(".partial.*"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, with an environment, for runs that write into the checkout."""
    copied = copy_checkout(tmp_path_factory.mktemp("checkout") / "a checkout")
    give_environment(copied)
    return copied


def in_checkout(checkout: Path, script: str, *arguments: object, code: int = 0, **environment: str) -> str:
    """Runs a script of a copied checkout as `env -i` does: with nothing in the environment at all."""
    done = subprocess.run(
        [str(checkout / "src" / "ops" / script), *map(str, arguments)],
        check=False, capture_output=True, text=True, env=environment, cwd="/", timeout=300,
    )  # fmt: skip
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_per_day_simulates_analyzes_archives_and_mails_from_an_empty_environment(checkout):
    with sinking() as (sink, port):
        said = in_checkout(
            checkout, "daily_reports.sh", "--mail", "cfo@example.com", "--mail", "cto@example.com",
            SMTP_HOST="127.0.0.1", SMTP_PORT=str(port), SMTP_SECURITY="none", REPORT_FROM="finops@example.com",
        )  # fmt: skip
    assert said == ""
    assert sorted(address for address, _ in sink.received) == ["cfo@example.com", "cto@example.com"]
    (archive,) = (checkout / "archives").glob("reports_*")
    assert (archive / "summary.txt").read_text(encoding="utf-8").startswith("Data ")
    assert (checkout / "data" / "simulated_calls.csv").exists()
    assert len((checkout / "archives" / "daily_reports.log").read_text().splitlines()) == 1


def test_usage_exports_are_imported_once_however_often_per_day_runs(checkout):
    samples = sorted((checkout / "tests" / "samples" / "litellm").glob("spend_logs*.json"))
    flags = ["--reports", checkout / "r2", "--archives", checkout / "a2"]
    in_checkout(checkout, "daily_reports.sh", "--import", *samples, *flags)
    rows = (checkout / "data" / "imported_calls.csv").read_bytes()
    in_checkout(checkout, "daily_reports.sh", "--import", *samples, *flags)
    assert (checkout / "data" / "imported_calls.csv").read_bytes() == rows


def test_r9_a_simulation_that_fails_ends_the_day_and_keeps_the_archive(checkout, tmp_path, small_csv):
    flags = ["--reports", tmp_path / "reports", "--archives", tmp_path / "archives"]
    in_checkout(checkout, "daily_reports.sh", "--data", small_csv, *flags)
    before = {path: path.read_bytes() for path in archive_of(tmp_path).rglob("*") if path.is_file()}
    data, aside = checkout / "data", checkout / "data aside"
    data.rename(aside)
    data.write_text("a file where a folder should be")
    try:
        said = in_checkout(checkout, "daily_reports.sh", *flags, code=1)
    finally:
        data.unlink()
        aside.rename(data)
    assert said.splitlines()[-2:] == [
        f"daily_reports.sh: the log of all runs is {tmp_path / 'archives' / 'daily_reports.log'}",
        "daily_reports.sh: simulate failed with exit code 1; the earlier archive is untouched.",
    ]
    assert "Traceback" not in said
    assert {path: path.read_bytes() for path in archive_of(tmp_path).rglob("*") if path.is_file()} == before


def test_a_mail_server_that_is_down_is_said_and_the_archive_is_there(small_csv, tmp_path, places):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = shell(
            "daily_reports.sh", "--data", small_csv, "--mail", "cfo@example.com", *places, code=1,
            SMTP_HOST="127.0.0.1", SMTP_PORT=str(taken.getsockname()[1]), SMTP_SECURITY="none",
            REPORT_FROM="finops@example.com",
        )  # fmt: skip
    assert "cfo@example.com: no connection" in done.stderr
    assert done.stderr.splitlines()[-1].startswith(
        "daily_reports.sh: mail failed with exit code 1; the pages are in "
    )
    assert (archive_of(tmp_path) / "html" / "index.html").exists()


def test_a_crossed_threshold_is_exit_5_and_the_pages_are_archived(small_csv, tmp_path, places):
    done = shell("daily_reports.sh", "--data", small_csv, "--fail-on", "warning", *places, code=5)
    assert "a threshold of --fail-on is crossed" in done.stderr
    assert (archive_of(tmp_path) / "html" / "index.html").exists()
    assert "exit=5" in (tmp_path / "archives" / "daily_reports.log").read_text()


def test_two_days_started_at_once_make_one_archive(small_csv, tmp_path, places):
    command = [str(OPS / "daily_reports.sh"), "--data", str(small_csv), *map(str, places)]
    both = [
        subprocess.Popen(command, env=CRON, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    complaints = [running.communicate(timeout=300)[1] for running in both]
    assert sorted(running.returncode for running in both) == [0, 1]
    assert sum("another run is still at work" in said for said in complaints) == 1
    assert (archive_of(tmp_path) / "html" / "manifest.json").exists()


def test_sigterm_stops_per_day_and_its_analyzers_and_frees_the_lock(small_csv, tmp_path, places):
    command = [str(OPS / "daily_reports.sh"), "--data", str(small_csv), *map(str, places)]
    running = subprocess.Popen(command, env=CRON, stderr=subprocess.PIPE, text=True)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    analyzers = wait_for(
        lambda: [
            pid
            for pid in children.read_text().split()
            if b"run_all" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
    )
    running.send_signal(signal.SIGTERM)
    said = running.communicate(timeout=30)[1]
    assert running.returncode == 143
    assert said.splitlines()[-1].startswith("daily_reports.sh: stopped by SIGTERM")
    assert not any(Path(f"/proc/{pid}").exists() for pid in analyzers)
    assert not archive_of(tmp_path).exists()
    shell("daily_reports.sh", "--data", small_csv, *places)


def test_what_a_killed_run_left_beside_the_archive_is_healed(small_csv, tmp_path, places):
    shell("daily_reports.sh", "--data", small_csv, *places)
    archive = archive_of(tmp_path)
    archive.rename(archive.with_name(f".old.{archive.name}"))
    archive.with_name(f".partial.{archive.name}").mkdir()
    shell("daily_reports.sh", "--data", tmp_path / "missing.csv", *places, code=3)
    shell("daily_reports.sh", "--data", small_csv, *places)
    assert [path.name for path in sorted((tmp_path / "archives").glob("*reports_*"))] == [archive.name]


def test_no_archive_is_taken_for_what_a_run_left_of_another(small_csv, tmp_path):
    folder, archives = tmp_path / "exports", tmp_path / "archives"
    folder.mkdir()
    shutil.copy(small_csv, folder / "sales.csv")
    others = [archives / name for name in ("sales.old.2025", "sales.partial.may", "sales.csv.old")]
    for other in others:
        other.mkdir(parents=True)
    shell("batch_process.sh", folder, "--archives", archives)
    assert all(other.is_dir() for other in others)
    assert (archives / "sales" / "html" / "index.html").exists()


def test_a_full_file_system_leaves_the_earlier_archive_and_no_half_one(small_csv, tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, 20_000) as granted:
        flags = ["--data", small_csv, "--reports", disk / "reports", "--archives", disk / "archives"]
        shell("daily_reports.sh", *flags)
        archive = disk / "archives" / f"reports_{datetime.now(UTC):%Y%m%d}"
        before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()}
        if granted:  # else the test above has the counterpart of this one, with a limit on files
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
            (disk / "ballast").write_bytes(bytes(max(0, free - 100_000)))
            done = shell("daily_reports.sh", *flags, code=1)
            assert "daily_reports.sh: " in done.stderr
            assert "Traceback" not in done.stderr
            (disk / "ballast").unlink()
        assert {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()} == before
        assert [path.name for path in (disk / "archives").glob("reports_*")] == [archive.name]
        shell("daily_reports.sh", *flags)


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
    assert sorted(path.name for path in folder.iterdir()) == ["bad.csv", "good one.csv"]
    assert "Processed: 1, failed: 1" in done.stdout


def test_a_batch_leaves_the_working_data_and_reports_alone(checkout, small_csv, tmp_path):
    working = [checkout / "data", checkout / "reports"]
    before = {path: path.stat().st_mtime_ns for folder in working for path in folder.rglob("*")}
    folder = tmp_path / "exports"
    folder.mkdir()
    shutil.copy(small_csv, folder / "A.CSV")
    said = in_checkout(checkout, "batch_process.sh", folder, "--archives", tmp_path / "archives")
    assert "Processed: 1, failed: 0" in said
    assert {path: path.stat().st_mtime_ns for folder in working for path in folder.rglob("*")} == before


def test_sigterm_stops_a_batch_and_leaves_nothing_half_done(small_csv, tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    shutil.copy(small_csv, folder / "a.csv")
    running = subprocess.Popen(
        [str(OPS / "batch_process.sh"), str(folder), "--archives", str(tmp_path / "archives")],
        env=CRON | {"TMPDIR": str(tmp_path)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: list(tmp_path.glob("tmp.*")))
    running.send_signal(signal.SIGTERM)
    assert "stopped by SIGTERM after 0 files" in running.communicate(timeout=30)[1]
    assert running.returncode == 143
    assert not list(tmp_path.glob("tmp.*"))
    assert [path.name for path in (tmp_path / "archives").iterdir()] == [".batch_process.lock"]


@pytest.mark.parametrize(
    ("script", "lock"),
    [("batch_process.sh", ".batch_process.lock"), ("daily_reports.sh", ".daily_reports.lock")],
)
def test_ctrl_c_stops_a_script_and_the_loop_around_it(small_csv, tmp_path, script, lock):
    archives = tmp_path / "archives"
    given = (
        f"--data {small_csv} --reports {tmp_path}/reports" if script.startswith("daily") else tmp_path / "in"
    )
    (tmp_path / "in").mkdir()
    shutil.copy(small_csv, tmp_path / "in")
    loop = f"while true; do {OPS / script} {given} --archives {archives}; echo once more; done"
    shell_loop = subprocess.Popen(
        ["bash", "-c", loop], env=CRON, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for((archives / lock).exists)
        time.sleep(0.5)  # the trap is set right after
        os.killpg(shell_loop.pid, signal.SIGINT)
        said, complaints = shell_loop.communicate(timeout=60)
    finally:
        if shell_loop.poll() is None:
            os.killpg(shell_loop.pid, signal.SIGKILL)
    assert (shell_loop.returncode, said) == (-signal.SIGINT, "")
    assert complaints.startswith(f"{script}: stopped by SIGINT")


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


def watching(data: Path, reports: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(OPS / "watch_and_process.sh"), "1", "--data", str(data), "--reports", str(reports)],
        env=CRON, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_r11_watching_sees_an_older_file_and_rows_of_equal_times(small_csv, tmp_path):
    """What the program's fingerprint tells, and the time of a file does not."""
    data, older = tmp_path / "calls.csv", tmp_path / "older.csv"
    lines = small_csv.read_bytes().splitlines(keepends=True)
    data.write_bytes(b"".join(lines))
    older.write_bytes(b"".join(lines[:-1]))
    os.utime(older, (1_000_000_000, 1_000_000_000))
    manifest = tmp_path / "reports" / "html" / "manifest.json"
    watcher = watching(data, tmp_path / "reports")
    try:
        first = wait_for(lambda: manifest.exists() and manifest.read_bytes())
        shutil.copy2(older, data)
        second = wait_for(lambda: manifest.read_bytes() != first and manifest.read_bytes())
        times = data.stat()
        with data.open("ab") as file:
            file.write(lines[-1])
        os.utime(data, ns=(times.st_atime_ns, times.st_mtime_ns))
        wait_for(lambda: manifest.read_bytes() != second)
    finally:
        watcher.send_signal(signal.SIGTERM)
        watcher.communicate(timeout=20)


def test_r11_a_failed_run_is_said_once_until_the_calls_change(tmp_path):
    data = tmp_path / "calls.csv"
    data.write_text("not,a,call\n1,2,3\n")
    watcher = watching(data, tmp_path / "reports")
    time.sleep(8)
    watcher.send_signal(signal.SIGTERM)
    complaints = watcher.communicate(timeout=20)[1]
    assert complaints.count("the analyzers failed") == 1


@pytest.mark.parametrize("days", ["9999999999", "18446744073709551617", "100000"])
def test_r11_archives_are_not_removed_for_a_number_that_is_no_number_of_days(
    small_csv, tmp_path, places, days
):
    old = tmp_path / "archives" / "reports_20200101"
    old.mkdir(parents=True)
    done = shell("daily_reports.sh", "--data", small_csv, *places, "--keep", days, code=2)
    assert "--keep takes up to 99999 days" in done.stderr
    assert old.exists()


def test_r11_a_great_number_of_days_keeps_all(small_csv, tmp_path, places):
    old = tmp_path / "archives" / "reports_20200101"
    old.mkdir(parents=True)
    shell("daily_reports.sh", "--data", small_csv, *places, "--keep", "99999")
    assert old.exists()
    assert archive_of(tmp_path).exists()
