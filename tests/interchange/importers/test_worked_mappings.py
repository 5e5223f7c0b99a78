"""The worked mappings of docs/integration.md, run as they stand there: they give the calls and the money that they should."""

import csv
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.docs.pages import blocks

PAGE = ROOT / "docs" / "integration.md"
SECTION = "## Any table, by a mapping"
TEN = (
    "weave",
    "posthog",
    "datadog",
    "opencode",
    "cline",
    "portkey",
    "azure_apim",
    "vertex_logging",
    "kong",
    "promptfoo",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all blocks of the section wrote to, run from a folder beside it."""
    folder = tmp_path_factory.mktemp("worked")
    for name in ("src", "data"):
        (folder / name).mkdir()
    (folder / "tests").symlink_to(ROOT / "tests")
    for text in _blocks():
        here = text.replace("python3 import_usage.py", f"{sys.executable} {ROOT / 'src' / 'import_usage.py'}")
        script = "\n".join(line for line in here.splitlines() if "run_all_analyzers" not in line)
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return folder / "data"


def _blocks() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(SECTION)
    lines = range(text.count("\n", 0, start), text.count("\n", 0, text.index("\n## ", start + 1)))
    return [block.text for block in blocks(PAGE) if block.line in lines and block.kind == "runnable"]


def rows(data: Path, name: str) -> list[defaultdict[str, str]]:
    with (data / f"{name}.csv").open(newline="") as source:
        return [defaultdict(str, row) for row in csv.DictReader(source)]


def told(data: Path, name: str, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in columns) for row in rows(data, name)]


def test_there_are_five_and_the_ten_sources() -> None:
    assert len(_blocks()) == 6


def test_a_table_of_own_columns(data: Path) -> None:
    assert told(data, "mapped", "model", "input_tokens", "cost_usd", "customer_id", "subscription_tier") == [
        ("gpt-4o", "1200", "0.006000000", "acme", "pro"),
        ("gpt-4o", "900", "0.003300000", "acme", "pro"),
        ("gpt-4o-mini", "4000", "0.001100000", "globex", "pro"),
    ]


def test_a_spreadsheet_of_another_country(data: Path) -> None:
    # 01:30 and the first 02:30 are summer time (UTC+2), 09:00 is winter time; 1 EUR is $1.16.
    assert told(data, "from_spreadsheet", "timestamp", "input_tokens", "output_tokens", "cost_usd") == [
        ("2026-10-24T23:30:00.000000Z", "12000", "1250", "0.058000000"),
        ("2026-10-25T00:30:00.000000Z", "2400", "350", "0.011600000"),
        ("2026-10-25T08:00:00.000000Z", "900", "100", "0.004640000"),
    ]


def test_records_under_a_key_with_counts_apart(data: Path) -> None:
    columns = (
        "input_tokens",
        "cached_input_tokens",
        "cache_write_tokens",
        "output_tokens",
        "latency_ms",
        "status",
        "feature_id",
    )
    assert told(data, "from_gateway", *columns) == [
        ("2400", "1800", "400", "60", "1250", "success", "search"),
        ("0", "0", "0", "0", "400", "error", "search"),
    ]
    # claude-sonnet-4-5: 200 x 3 + 1,800 x 0.30 + 400 x 3.75 + 60 x 15, each for a million
    assert rows(data, "from_gateway")[0]["cost_usd"] == "0.003540000"


def test_a_tree_of_runs_counts_once_and_without_tests(data: Path) -> None:
    assert told(data, "from_runs", "call_id", "parent_id", "input_tokens") == [
        ("b", "a", "1000"),
        ("c", "a", "2000"),
    ]
    # 3,000 x 2.50 + 300 x 10 for a million
    assert sum(Decimal(row["cost_usd"]) for row in rows(data, "from_runs")) == Decimal("0.0105")


def test_a_mapping_file_with_tags_and_a_zone(data: Path) -> None:
    (row,) = rows(data, "from_spans")
    told = {
        name: row[name]
        for name in (
            "timestamp",
            "latency_ms",
            "customer_id",
            "agent_name",
            "environment",
            "cached_input_tokens",
        )
    }
    assert told == {
        "timestamp": "2026-11-20T13:00:00.000000Z", "latency_ms": "2000", "customer_id": "acme", "agent_name": "helper",
        "environment": "production", "cached_input_tokens": "400",
    }  # fmt: skip
    # 600 x 2.50 + 400 x 1.25 + 100 x 10 for a million
    assert row["cost_usd"] == "0.003000000"


@pytest.mark.parametrize("source", TEN)
def test_what_needs_no_mapping_is_read_without_one(data: Path, source: str) -> None:
    found = rows(data, f"from_{source}")
    assert found
    assert all(row["timestamp"] for row in found)
    assert any(int(row["input_tokens"]) > 0 for row in found)


def test_a_mapping_says_more_of_a_known_format(data: Path) -> None:
    assert told(data, "by_workspace", "organization_id", "environment")[0] == ("default", "production")
