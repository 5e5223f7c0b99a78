"""The simulators as a user starts them: from src/, as processes."""

import csv
import json
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from calls.engine import open_calls
from tests.running import SRC, run_script

SCRIPTS = {
    "simulator/core.py": "Base Traffic Pattern",
    "simulator/scenarios/seasonal_pattern.py": "Seasonal Pattern",
    "simulator/scenarios/burst_traffic.py": "Burst Traffic",
    "simulator/scenarios/gradual_decline.py": "Gradual Decline",
    "simulator/scenarios/steady_growth.py": "Steady Growth",
    "simulator/scenarios/viral_spike.py": "Viral Spike",
    "simulator/scenarios/weekend_heavy.py": "Weekend-Heavy Traffic",
    "simulator/scenarios/product_launch.py": "Product Launch",
    "simulator/scenarios/month_start.py": "Month Start",
}
SMALL = ("--customers", 10, "--days", 3, "--end-date", "2026-11-20")


def data_lines(path):
    return path.read_text().count("\n") - 1


@pytest.mark.parametrize(("script", "title"), SCRIPTS.items())
def test_each_pattern_runs_alone(tmp_path, script, title):
    path = tmp_path / "calls.csv"
    done = run_script(script, *SMALL, "--out", path)
    assert f"\n📊 Running: {title}\n{70 * '-'}\n" in done.stdout
    assert "   Unique Customers: 10\n" in done.stdout
    assert f"✅ Generated {data_lines(path):,} calls and saved to {path}" in done.stdout
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    first = path.read_bytes()
    again = run_script(script, *SMALL, "--seed", 2, "--out", path)
    if script == "simulator/core.py":
        assert "Generated" in again.stdout
        assert not path.read_bytes().startswith(first)
    else:
        assert "✅ Appended" in again.stdout
        assert path.read_bytes().startswith(first)


def test_all_four_patterns_land_in_one_file_that_the_engine_reads(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("what was here before\n")
    done = run_script("run_all_simulators.py", "--out", path)
    said = done.stdout
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 140_000
    assert f"   Total Calls: {len(rows):,}\n" in said
    assert "   Unique Customers: 220\n" in said
    assert "Churned Customers: 8 (20.0%)" in said
    assert said.count("📊 Running:") == 4
    assert said.count("✅ Appended") == 3
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    assert max(row["timestamp"] for row in rows) < f"{yesterday + timedelta(days=1)}"
    source = open_calls(path).source
    assert (source.accepted, source.rejected_total, source.duplicates) == (len(rows), 0, 0)
    assert source.flagged == {}
    assert source.period.days == 30
    assert source.period.last_day == yesterday


def test_json_says_what_was_written_and_nothing_else(tmp_path):
    path = tmp_path / "calls.csv"
    done = run_script("simulator/scenarios/gradual_decline.py", *SMALL, "--out", path, "--json")
    said = json.loads(done.stdout)
    assert said["calls"] == data_lines(path)
    assert said["customers"] == 10
    assert said["patterns"][0]["findings"] == {"Churned Customers": "2 (20.0%)"}


def test_quiet_says_nothing(tmp_path):
    done = run_script("simulator/core.py", *SMALL, "--out", tmp_path / "calls.csv", "--quiet")
    assert done.stdout == done.stderr == ""


def test_plan_prices_can_be_set(tmp_path):
    path = tmp_path / "calls.csv"
    run_script("simulator/core.py", *SMALL, "--out", path, "--tier", "pro=129.50", "--tier", "starter=0")
    with path.open(newline="") as file:
        prices = {row["subscription_tier"]: row["tier_price_usd"] for row in csv.DictReader(file)}
    assert {plan: float(price) for plan, price in prices.items()} == {
        "starter": 0,
        "pro": 129.5,
        "enterprise": 299,
    }


def test_knobs_are_flags(tmp_path):
    path = tmp_path / "calls.csv"
    done = run_script("simulator/scenarios/gradual_decline.py", *SMALL, "--churn-share", 0.5, "--out", path)
    assert "Churned Customers: 5 (50.0%)" in done.stdout


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--customers", "0"], "--customers"),
        (["--days", "x"], "--days"),
        (["--tier", "gold=1"], "gold"),
        (["--tier", "pro=-1"], "--tier"),
        (["--tier", "pro"], "--tier"),
        (["--tier", "pro=nan"], "--tier"),
        (["--end-date", "2999-01-01"], "--end-date"),
        (["--end-date", "yesterday"], "--end-date"),
        (["--churn-share", "2"], "--churn-share"),
        (["--churn-share", "nan"], "--churn-share"),
        (["--seed", "-1"], "--seed"),
        (["--end-date", "2000-01-02", "--days", "3"], "--end-date"),
        (["--end-date", "0001-01-01"], "--end-date"),
        (["--out", ""], "file"),
        (["--out", "/"], "/"),
    ],
)
def test_a_bad_flag_is_one_sentence_and_leaves_the_file_alone(tmp_path, flags, named):
    path = tmp_path / "calls.csv"
    done = run_script("simulator/scenarios/gradual_decline.py", "--out", path, *flags, code=2)
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
    assert not path.exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    done = run_script("simulator/core.py", *SMALL, "--out", blocker / "calls.csv", code=1)
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_one_of_calls_is_kept(tmp_path):
    passwords = tmp_path / "passwords"
    passwords.write_text("root:x:0\n")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    for script, path in (("simulator/core.py", passwords), ("simulator/scenarios/viral_spike.py", other)):
        before = path.read_text()
        done = run_script(script, "--out", path, code=2)
        assert f"{path}: its header lacks column 'timestamp'" in done.stderr
        assert path.read_text() == before


def test_the_base_pattern_replaces_any_csv_file_and_files_of_calls_of_any_name(tmp_path):
    broken = tmp_path / "calls.csv"
    broken.write_bytes(b"\0\1 no header")
    run_script("simulator/core.py", *SMALL, "--out", broken)
    renamed = broken.rename(tmp_path / "calls.txt")
    run_script("simulator/core.py", *SMALL, "--seed", 5, "--out", renamed)
    assert open_calls(renamed).source.rejected_total == 0


def test_rows_are_appended_as_the_file_has_them(tmp_path):
    path, plain = tmp_path / "calls.csv", tmp_path / "plain.csv"
    run_script("simulator/core.py", *SMALL, "--out", plain)
    with plain.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in reversed(rows[0]) if name != "region"]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    for target in (path, plain):
        run_script("simulator/scenarios/burst_traffic.py", *SMALL, "--out", target)
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")
    with path.open(newline="") as mixed, plain.open(newline="") as straight:
        expected = [{name: row[name] for name in (*names, "region")} for row in csv.DictReader(straight)]
        for row in expected[: len(rows)]:  # the file had no region; what is appended widens it
            row["region"] = ""
        assert list(csv.DictReader(mixed)) == expected
    with open_calls(path) as calls:
        assert (calls.source.accepted, calls.source.rejected_total) == (len(expected), 0)


def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(tmp_path):
    path = tmp_path / "calls.csv"
    run_script("simulator/core.py", *SMALL, "--out", path)
    before = path.read_bytes()
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))}
    for script in ("simulator/core.py", "simulator/scenarios/burst_traffic.py"):
        done = run_script(script, "--out", path, code=1, **limit)
        assert done.stderr.count("\n") == 1
        assert str(path) in done.stderr
        assert "File too large" in done.stderr
    assert path.read_bytes() == before
    assert {entry.name for entry in tmp_path.iterdir()} <= {"calls.csv", "calls.csv.lock"}


def test_a_pattern_that_fails_leaves_those_before_it(tmp_path):
    path = tmp_path / "calls.csv"
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))}
    done = run_script("run_all_simulators.py", "--customers", 5, "--days", 5, "--out", path, code=1, **limit)
    kept = done.stdout.count("✅ Generated") + done.stdout.count("✅ Appended")
    assert 1 <= kept <= 3
    assert done.stderr.count("❌") == 4 - kept
    assert f"❌ Failed: {4 - kept}\n" in done.stdout
    assert f"✅ Successful: {kept}\n" in done.stdout
    assert data_lines(path) == open_calls(path).source.accepted


def test_a_missing_package_is_one_sentence(tmp_path):
    blocked = "import sys; sys.modules['duckdb'] = None; sys.argv = sys.argv[1:]; import runpy; "
    program = f"{blocked}sys.path.insert(0, '.'); runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", program, "simulator/core.py", "--out", str(tmp_path / "calls.csv")]
    done = subprocess.run(command, cwd=SRC, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "duckdb is missing here: run `pip install -e .`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_nothing_is_left_beside_the_file(tmp_path):
    run_script("simulator/core.py", *SMALL, "--out", tmp_path / "calls.csv")
    assert {path.name for path in tmp_path.iterdir()} <= {"calls.csv", "calls.csv.lock"}


def test_profiler_and_documentation_work_from_src(tmp_path):
    profile = tmp_path / "sim.prof"
    command = [sys.executable, "-m", "cProfile", "-o", str(profile), "simulator/core.py", *map(str, SMALL)]
    subprocess.run([*command, "--out", str(tmp_path / "calls.csv")], cwd=SRC, check=True, capture_output=True)
    assert profile.stat().st_size > 1_000
    environment = {"PYTHONPATH": str(SRC), "PATH": "/usr/bin:/bin"}
    pydoc = [sys.executable, "-m", "pydoc", "-w", "simulator.core"]
    subprocess.run(pydoc, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert "AICallSimulator" in (tmp_path / "simulator.core.html").read_text()
