"""The main job: pages, JSON reports, manifest, summary and exit codes of run_all_analyzers.py and of single reports."""

import csv
import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

import run_all_analyzers
from analyzers.instances import analyzers
from analyzers.ubr.profitability import CustomerProfitability
from foundation.outcome import ExitCode
from tests.running import SRC, run_script

IDS = [analyzer.id for analyzer in analyzers()]


def known_cost(path: Path) -> Decimal:
    """An independent sum over the CSV."""
    with path.open(newline="") as file:
        return sum((Decimal(row["cost_usd"]) for row in csv.DictReader(file) if row["cost_usd"]), Decimal(0))


def test_the_registry_holds_the_eight_reports_in_order():
    assert IDS == [
        "finops_understanding",
        "finops_performance",
        "finops_realtime",
        "finops_optimization",
        "finops_alignment",
        "customer_profitability",
        "pricing_strategy",
        "feature_economics",
    ]
    assert [analyzer.order for analyzer in analyzers()] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_every_report_leaves_its_page_its_json_report_and_a_place_in_the_manifest(small_reports: Path):
    manifest = json.loads((small_reports / "html" / "manifest.json").read_text(encoding="utf-8"))
    assert [page["id"] for page in manifest["pages"]] == IDS
    assert {page["status"] for page in manifest["pages"]} == {"ok"}
    for identity in IDS:
        assert (small_reports / "html" / f"{identity}.html").stat().st_size < 900_000
        assert (
            json.loads((small_reports / "json" / f"{identity}.json").read_text(encoding="utf-8"))["id"]
            == identity
        )
    assert (small_reports / "html" / "index.html").exists()


def test_grand_totals_agree_on_all_reports_to_the_last_digit(small_csv: Path, small_reports: Path):
    total = known_cost(small_csv)
    for identity in IDS:
        json_report = json.loads((small_reports / "json" / f"{identity}.json").read_text(encoding="utf-8"))
        assert Decimal(json_report["source"]["total_usd"]) == total, identity


def test_the_console_shows_a_block_a_report_and_the_summary(small_csv: Path, tmp_path: Path):
    said = run_script("run_all_analyzers.py", "--data", small_csv, "--out", tmp_path).stdout
    assert said.count("📊 Running: ") == len(IDS)
    assert f"✅ Successful: {len(IDS)}\n" in said
    assert "Best saving" in said
    summary = (tmp_path / "summary.txt").read_text(encoding="utf-8")
    assert len(summary.splitlines()) == 10
    assert summary.rstrip() in said
    assert "\x1b" not in said


def test_the_same_input_gives_the_same_bytes(small_csv: Path, tmp_path: Path):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1795000000"}
    for name in ("a", "b"):
        run_script(
            "run_all_analyzers.py", "--data", small_csv, "--out", tmp_path / name, "--quiet", env=environment
        )
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(files) >= 2 * len(IDS)
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_quiet_prints_nothing_and_json_one_object(small_csv: Path, tmp_path: Path):
    assert run_script("run_all_analyzers.py", "--data", small_csv, "--out", tmp_path, "--quiet").stdout == ""
    said = json.loads(
        run_script("run_all_analyzers.py", "--data", small_csv, "--out", tmp_path, "--json").stdout
    )
    assert [line["id"] for line in said["reports"]] == IDS
    assert said["failed"] == []
    assert (said["judged"], said["not_judged"]) == (IDS, [])
    lines = {line["label"]: line for line in said["lines"]}
    assert len(lines) == 10
    assert Decimal(lines["Spend"]["figures"]["total_usd"]) == known_cost(small_csv)
    assert {line["report"] for line in said["lines"]} <= {*IDS, ""}
    counted = Counter(alert["level"] for alert in said["alerts"])
    assert {level: counted[level] for level in ("critical", "warning", "info")} == lines["Alerts"]["figures"]


def test_only_makes_one_report_and_leaves_the_others(small_csv: Path, tmp_path: Path):
    run_script("run_all_analyzers.py", "--data", small_csv, "--out", tmp_path, "--quiet")
    before = (tmp_path / "json" / "finops_understanding.json").read_bytes()
    run_script(
        "run_all_analyzers.py", "--data", small_csv, "--out", tmp_path, "--only", "feature_economics", "--where",
        "provider=openai", "--quiet",
    )  # fmt: skip
    assert (tmp_path / "json" / "finops_understanding.json").read_bytes() == before
    json_report = json.loads((tmp_path / "json" / "feature_economics.json").read_text(encoding="utf-8"))
    assert json_report["source"]["used"] < json_report["source"]["accepted"]


def test_only_says_what_was_judged(small_csv: Path, tmp_path: Path):
    flags = ("run_all_analyzers.py", "--data", small_csv, "--out", tmp_path, "--fail-on", "critical")
    only = ("--only", "feature_economics", "--only", "pricing_strategy")
    said = run_script(*flags, *only)
    assert "🚀 REVENIUM FINOPS SHOWCASE - RUNNING 2 OF 8 ANALYZERS\n" in said.stdout
    assert "This run made and judged 2 of 8 reports: pricing_strategy, feature_economics;" in said.stdout
    assert "none in 2 reports (Pricing strategy, Feature economics)\n" in said.stdout
    assert said.stdout.endswith(f"serve.py --data {small_csv} --out {tmp_path}\n")
    found = json.loads(run_script(*flags, *only, "--json").stdout)
    assert found["judged"] == ["pricing_strategy", "feature_economics"]
    assert found["not_judged"] == IDS[:-2]
    alone = run_script("analyzers/ubr/feature_economics.py", *flags[1:]).stdout
    assert "judged 1 of 8 reports: feature_economics;" in alone
    whole = run_script(*flags, "--settings", floors_at(tmp_path, 0, 0))
    assert "This run made" not in whole.stdout
    assert " in 8 reports" in whole.stdout


def test_an_unknown_report_names_those_there_are():
    said = run_script("run_all_analyzers.py", "--only", "nonsense", code=ExitCode.USAGE).stderr
    assert "finops_understanding" in said


def test_a_file_in_the_place_of_the_folder_is_refused_before_any_work(small_csv: Path, tmp_path: Path):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    done = run_script("run_all_analyzers.py", "--data", small_csv, "--out", taken, code=2)
    assert done.stderr == f"❌ --out {taken} is no folder; name one for the pages.\n"
    assert "Running" not in done.stdout


def test_one_failing_analyzer_does_not_stop_the_others(small_csv, tmp_path, monkeypatch, capsys):
    def fails(*_):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(CustomerProfitability, "analyze", fails)
    code = run_all_analyzers.main(["--data", str(small_csv), "--out", str(tmp_path), "--quiet"])
    assert code == ExitCode.FAILED
    assert "RuntimeError: no such thing" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "html" / "manifest.json").read_text(encoding="utf-8"))
    status = {page["id"]: page["status"] for page in manifest["pages"]}
    assert status.pop("customer_profitability") == "failed"
    assert set(status.values()) == {"ok"}


@pytest.mark.parametrize("content", [None, "", "timestamp\n"])
def test_no_usable_data_exits_3_and_leaves_what_was_there(tmp_path, small_reports, content):
    path = tmp_path / "calls.csv"
    if content is not None:
        path.write_text(content)
    out = tmp_path / "reports"
    said = run_script("run_all_analyzers.py", "--data", path, "--out", out, code=ExitCode.NO_DATA)
    assert "Traceback" not in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1
    assert not out.exists()


def floors_at(tmp_path: Path, warning: object, critical: object) -> Path:
    """Settings under which nothing but the margin can raise an alert."""
    settings = tmp_path / "settings.toml"
    settings.write_text(
        "budget = []\n[service_levels]\nlatency_ms = 3600000\nerror_rate_max = 1\n"
        f"[alerts]\nmargin_floor_warning = {warning}\nmargin_floor_critical = {critical}\n"
    )
    return settings


def test_a_margin_floor_gives_exit_code_5_only_when_asked_and_only_below_it(
    small_csv: Path, small_reports: Path, tmp_path: Path
):
    json_report = json.loads(
        (small_reports / "json" / "customer_profitability.json").read_text(encoding="utf-8")
    )
    margin = Decimal(json_report["result"]["margin_share"])
    low, high = (
        margin.quantize(Decimal("0.000001"), rounding) for rounding in ("ROUND_FLOOR", "ROUND_CEILING")
    )
    flags = [
        "--data",
        small_csv,
        "--out",
        tmp_path / "reports",
        "--only",
        "customer_profitability",
        "--quiet",
    ]
    warned = floors_at(tmp_path, high, low)
    run_script("run_all_analyzers.py", *flags, "--settings", warned)
    run_script("run_all_analyzers.py", *flags, "--settings", warned, "--fail-on", "critical")
    said = run_script("run_all_analyzers.py", *flags, "--settings", warned, "--fail-on", "warning", code=5)
    assert said.stderr.startswith("⚠️  warning: The margin is ")
    assert (tmp_path / "reports" / "html" / "manifest.json").exists()
    critical = floors_at(tmp_path, high, high)
    run_script("run_all_analyzers.py", *flags, "--settings", critical, "--fail-on", "critical", code=5)
    run_script(
        "run_all_analyzers.py", *flags, "--settings", floors_at(tmp_path, low, low), "--fail-on", "warning"
    )


@pytest.mark.parametrize("analyzer", analyzers(), ids=IDS)
def test_each_analyzer_runs_alone_by_its_path(analyzer, small_csv: Path, tmp_path: Path):
    module = type(analyzer).__module__.replace(".", "/") + ".py"
    said = run_script(module, "--data", small_csv, "--out", tmp_path).stdout
    assert (tmp_path / "html" / analyzer.filename).exists()
    assert analyzer.filename in said


def test_a_script_without_its_packages_says_what_helps(tmp_path: Path):
    import subprocess
    import sys

    bare = subprocess.run(
        [sys.executable, "-I", "-S", str(SRC / "analyzers" / "ubr" / "profitability.py")],
        check=False, capture_output=True, text=True, cwd=SRC,
    )  # fmt: skip
    assert bare.returncode == 1
    assert "pip install -e ." in bare.stderr
    assert "Traceback" not in bare.stderr
