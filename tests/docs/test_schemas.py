"""The JSON Schemas against what is written: of good data, of poor data, and of a run in which a report failed."""

import json
from pathlib import Path

import jsonschema
import pytest

import run_all_analyzers
from analyzers.instances import analyzers
from analyzers.ubr.profitability import CustomerProfitability
from tests.checkout import ROOT
from tests.running import run_script

SCHEMAS = ROOT / "docs" / "schema"
SAMPLES = ROOT / "tests" / "samples"


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaints(name: str, file: Path) -> list[str]:
    document = json.loads(file.read_text(encoding="utf-8"))
    return [f"{error.json_path}: {error.message}"[:300] for error in validator(name).iter_errors(document)]


def check(reports: Path) -> None:
    """Every JSON file of a set of reports is as its schema says, and every one has a schema."""
    assert complaints("manifest", reports / "html" / "manifest.json") == []
    for file in sorted((reports / "json").glob("*.json")):
        assert complaints(file.stem, file) == [], file.name


def test_every_json_file_of_a_run_is_as_its_schema_says(small_reports: Path):
    check(small_reports)
    assert {file.stem for file in (small_reports / "json").iterdir()} == {
        "data_quality",
        *(analyzer.id for analyzer in analyzers()),
    }


def test_so_it_is_for_data_that_lack_customers_latency_and_good_rows(tmp_path: Path):
    calls = tmp_path / "calls.csv"
    run_script(
        "import_usage.py", SAMPLES / "azure_llm_trace" / "AzureLLMInferenceTrace_conv.csv", "--format", "csv",
        "--map", "timestamp=TIMESTAMP", "--map", "input_tokens=ContextTokens", "--map", "output_tokens=GeneratedTokens",
        "--set", "provider=openai", "--set", "model=a model without a price", "--out", calls, "--quiet",
    )  # fmt: skip
    with calls.open("a") as file:
        file.write("not,a,call\n")
    run_script("run_all_analyzers.py", "--data", calls, "--out", tmp_path / "reports", "--quiet")
    check(tmp_path / "reports")


def test_so_it_is_where_a_report_failed(small_csv, tmp_path, monkeypatch):
    def fails(*_):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(CustomerProfitability, "analyze", fails)
    flags = ["--data", str(small_csv), "--out", str(tmp_path), "--only", "customer_profitability", "--quiet"]
    assert run_all_analyzers.main(flags) == 1
    check(tmp_path)


def test_a_comparison_is_as_its_schema_says(small_csv: Path, tmp_path: Path):
    run_script("compare_scenarios.py", small_csv, small_csv, "--out", tmp_path / "comparison.html", "--quiet")
    assert complaints("comparison", tmp_path / "comparison.json") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 99),
        (("source", "used"), "many"),
        (("result", "margin_floors"), None),
        (("result", "unheard_of"), 1),
        (("result", "use", "cost_usd"), 12.5),
    ],
)
def test_what_is_otherwise_is_refused(small_reports: Path, path: tuple[str, ...], value: object):
    document = json.loads(
        (small_reports / "json" / "customer_profitability.json").read_text(encoding="utf-8")
    )
    *folders, last = path
    place = document
    for name in folders:
        place = place[name]
    place[last] = value
    assert list(validator("customer_profitability").iter_errors(document))
