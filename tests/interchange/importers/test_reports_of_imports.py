"""The eight reports run on an import of every format, and their sums are those of the calls."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from interchange.importers.detection import FORMATS
from tests.interchange.importers.format_samples import SOURCES, mapping_of
from tests.interchange.importers.importing import SAMPLES, import_files, written
from tests.running import run_script

EVERY = {entry.name: entry for entry in FORMATS}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_reports_run_and_their_sums_are_those_of_the_calls(tmp_path: Path, name: str) -> None:
    target, out = tmp_path / "calls.csv", tmp_path / "reports"
    report = import_files(
        target, *(SAMPLES / each for each in SOURCES[name]), mapping=mapping_of(EVERY[name])
    )
    assert report.calls > 0
    run_script("run_all_analyzers.py", "--data", target, "--out", out, "--quiet")
    pages = json.loads((out / "html" / "manifest.json").read_text())["pages"]
    assert [page["status"] for page in pages] == ["ok"] * 8
    totals = json.loads((out / "json" / "finops_understanding.json").read_text())["result"]["total"]
    costs = [row["cost_usd"] for row in written(target)]
    assert Decimal(totals["known_cost_usd"]) == sum(map(Decimal, filter(None, costs)))
    # What is not known is said.
    assert totals["unpriced_calls"] == costs.count("")
