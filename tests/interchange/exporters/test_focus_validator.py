"""The official FOCUS validator on exports: everything passes that can, and a wrong number is noticed."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from calls.schema import COLUMN_NAMES
from tests.calls import call_files
from tests.focus_validator import check_focus
from tests.interchange.exporters.exporting import exported
from tests.running import run_script


@pytest.fixture(scope="module")
def quick_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FOCUS charges of the quick start's patterns, with fewer customers and days."""
    folder = tmp_path_factory.mktemp("quick-start")
    run_script("run_all_simulators.py", "--customers", "4", "--days", "9", "--end-date", "2026-11-20", "--out",
               folder / "calls.csv", "--quiet")  # fmt: skip
    exported(folder / "calls.csv", folder / "calls.focus.csv", "focus")
    return folder / "calls.focus.csv"


def test_the_quick_start_passes_what_can_pass(quick_start: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_focus.main([str(quick_start)]) == check_focus.OK
    assert capsys.readouterr().out.startswith("as expected: 302 of 578 rules pass")


def test_typed_parquet_passes_too(small_csv: Path, tmp_path: Path) -> None:
    exported(small_csv, tmp_path / "focus.parquet", "focus")
    assert check_focus.validate(tmp_path / "focus.parquet") == check_focus.Verdict(
        check_focus.RULES, check_focus.SKIPPED, check_focus.KNOWN_FAILURES
    )


def test_meters_of_their_own_pass_too(tmp_path: Path) -> None:
    terms = {"cached_input_tokens": "30", "input_audio_tokens": "40", "cached_input_audio_tokens": "20"}
    model = {"provider": "google", "model": "gemini-2.5-flash", "timestamp": "2026-11-20T10:00:00.000000"}
    hour = {
        "cache_write_tokens": "50",
        "cache_write_1h_tokens": "20",
        "service_tier": "batch",
        "inference_geo": "us",
    }
    rows = [
        call_files.row(0) | model | terms | {"cost_usd": "0.001"},
        call_files.row(1)
        | model
        | {"provider": "anthropic", "model": "claude-opus-4-5", "cost_usd": "0.002"}
        | hour,
    ]
    source = call_files.write(tmp_path / "calls.csv", rows, COLUMN_NAMES)
    exported(source, tmp_path / "focus.csv", "focus")
    assert "Cached Input Audio Tokens" in (tmp_path / "focus.csv").read_text()
    verdict = check_focus.validate(tmp_path / "focus.csv")
    assert verdict.failed == check_focus.KNOWN_FAILURES


def test_a_cent_in_one_row_is_noticed(
    quick_start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with quick_start.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[7]["ListCost"] = str(Decimal(rows[7]["ListCost"]) + Decimal("0.01"))
    with (tmp_path / "wrong.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert check_focus.main([str(tmp_path / "wrong.csv")]) == check_focus.DEVIATION
    said = capsys.readouterr().out
    assert "the probe: ListCost-C-009-C fails" in said
    assert "the probe: ListUnitPrice-C-010-C fails" in said


def test_without_a_validator_it_says_so(
    quick_start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_focus.main([str(quick_start), "--venv", str(tmp_path)]) == check_focus.COULD_NOT_RUN
    assert "install.sh" in capsys.readouterr().err
