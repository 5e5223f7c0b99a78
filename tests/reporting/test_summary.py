"""The ten-line summary: of good data, of poor data, and of a set of reports of which some are behind."""

import csv
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from reporting.document import Level
from reporting.manifest import Manifest, load_manifest
from reporting.manifest_entries import AlertEntry, Status
from reporting.summary import summary_of
from tests.running import run_script

LABELS = [
    "Data", "Spend", "Forecast", "Response time", "Worst anomaly", "Best saving", "Loss-makers", "Best prices",
    "Weakest feature", "Alerts",
]  # fmt: skip
SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="module")
def manifest(small_reports: Path) -> Manifest:
    found = load_manifest(small_reports)
    assert found is not None
    return found


def lines(manifest: Manifest) -> dict[str, str]:
    return {line.label: line.text for line in summary_of(manifest).lines}


def cents(amount: Decimal) -> str:
    return f"${amount.quantize(Decimal('0.01')):,}"


def json_report(reports: Path, name: str) -> dict:
    return json.loads((reports / "json" / f"{name}.json").read_text(encoding="utf-8"))["result"]


def test_it_has_ten_lines_that_a_newcomer_can_read(manifest, small_reports):
    summary = summary_of(manifest)
    assert [line.label for line in summary.lines] == LABELS
    assert summary.text.count("\n") == 10
    assert summary.text == (small_reports / "summary.txt").read_text(encoding="utf-8")


def test_spend_is_the_sum_of_the_file(manifest, small_csv):
    with small_csv.open(newline="") as file:
        rows = list(csv.DictReader(file))
    total = sum((Decimal(row["cost_usd"]) for row in rows), Decimal(0))
    said = lines(manifest)
    assert said["Spend"].startswith(f"{cents(total)} in 16 days; ")
    assert said["Data"] == f"{len(rows):,} calls of small.csv, 5 Nov to 20 Nov 2026"
    week = sum(
        (Decimal(row["cost_usd"]) for row in rows if "2026-11-14" <= row["timestamp"][:10] <= "2026-11-20"),
        Decimal(0),
    )
    before = sum(
        (Decimal(row["cost_usd"]) for row in rows if "2026-11-07" <= row["timestamp"][:10] <= "2026-11-13"),
        Decimal(0),
    )
    moved = abs(week - before) / before * 100
    word = "more" if week > before else "less"
    assert (
        f"{cents(week)} in the last 7 complete days, {moved.quantize(Decimal('0.1'))}% {word}"
        in said["Spend"]
    )


def test_forecast_saving_and_losses_are_those_of_the_reports(manifest, small_reports):
    said = lines(manifest)
    ahead = json_report(small_reports, "finops_understanding")["outlook"][0]
    assert said["Forecast"].startswith(f"${ahead['amount']:,.2f} in the next 30 days")
    losses = json_report(small_reports, "customer_profitability")
    assert said["Loss-makers"].startswith(
        f"{len(losses['loss_makers'])} of {losses['known_customers']} customers {'loses' if len(losses['loss_makers']) == 1 else 'lose'} "
        if losses["loss_makers"]
        else "none of "
    )
    factor = Decimal(30) / 16
    best = max(
        Decimal(entry["usd"]) for entry in json_report(small_reports, "finops_optimization")["savings"]
    )
    assert said["Best saving"].startswith(f"{cents(best * factor)} per month: ")


def test_data_without_customers_and_latency_say_so_in_ten_lines(tmp_path):
    calls = tmp_path / "calls.csv"
    run_script(
        "import_usage.py", SAMPLES / "azure_llm_trace" / "AzureLLMInferenceTrace_conv.csv", "--format", "csv",
        "--map", "timestamp=TIMESTAMP", "--map", "input_tokens=ContextTokens", "--map", "output_tokens=GeneratedTokens",
        "--set", "provider=openai", "--set", "model=gpt-4o", "--out", calls, "--quiet",
    )  # fmt: skip
    run_script("run_all_analyzers.py", "--data", calls, "--out", tmp_path / "reports", "--quiet")
    found = load_manifest(tmp_path / "reports")
    assert found is not None
    said = lines(found)
    assert list(said) == LABELS
    assert said["Response time"] == "not known: no call has a latency"
    assert said["Loss-makers"] == "not known: no call names a customer"
    assert said["Weakest feature"] == "not known: no call names a feature"
    assert said["Best prices"].startswith("not known: ")
    assert said["Worst anomaly"].startswith("not known: ")


def test_alerts_name_the_reports_that_they_are_of(manifest):
    calm = [replace(page, alerts=()) for page in manifest.pages]
    assert lines(replace(manifest, pages=tuple(calm[:1])))["Alerts"] == f"none in 1 report ({calm[0].title})"
    two = f"none in 2 reports ({calm[0].title}, {calm[1].title})"
    assert lines(replace(manifest, pages=tuple(calm[:2])))["Alerts"] == two
    assert lines(replace(manifest, pages=tuple(calm[:3])))["Alerts"] == "none in 3 reports"
    older = [*calm[:1], *(replace(page, run_id="before") for page in calm[1:])]
    said = lines(replace(manifest, pages=tuple(older)))["Alerts"]
    assert said == "none in 8 reports, 7 of them of an earlier run"
    older[1] = replace(older[1], status=Status.FAILED, summary_lines=())
    said = lines(replace(manifest, pages=tuple(older)))["Alerts"]
    assert said == "none in 7 reports, 6 of them of an earlier run"


def test_a_report_that_is_behind_or_failed_says_so(manifest):
    pages = list(manifest.pages)
    pages[0] = replace(pages[0], status=Status.STALE, reason="it broke")
    pages[1] = replace(pages[1], status=Status.FAILED, reason="no such thing", summary_lines=(), alerts=())
    said = lines(replace(manifest, pages=tuple(pages)))
    assert said["Spend"].startswith("(of an earlier run: it broke) $")
    assert said["Performance tracking"] == "not made: no such thing"
    assert "Response time" not in said


def test_alerts_are_counted_and_the_most_urgent_comes_first(manifest):
    calm = [replace(page, alerts=()) for page in manifest.pages]
    none = replace(manifest, pages=tuple(calm))
    assert lines(none)["Alerts"] == "none in 8 reports"
    alerts = (
        AlertEntry("info", "a note", "", "", ""),
        AlertEntry("warning", "a small one", "", "10.5", ""),
        AlertEntry("critical", "without dollars", "", "", ""),
        AlertEntry("critical", "with dollars", "", "9.5", ""),
        AlertEntry("warning", "a larger one", "", "100", ""),
    )
    calm[2] = replace(calm[2], alerts=alerts)
    summary = summary_of(replace(manifest, pages=tuple(calm)))
    assert summary.lines[-1].text == "2 critical, 2 warnings, 1 note in 8 reports; first: with dollars"
    mine, other = {calm[2].id}, {calm[3].id}
    assert [alert.title for alert in summary.alerts_from(Level.WARNING, mine)] == [
        "with dollars", "without dollars", "a larger one", "a small one",
    ]  # fmt: skip
    assert len(summary.alerts_from(Level.CRITICAL, mine)) == 2
    assert summary.alerts_from(Level.INFO, other) == ()


def test_what_two_reports_say_of_one_thing_is_one_alert(manifest):
    pages = [replace(page, alerts=()) for page in manifest.pages]
    pages[0] = replace(pages[0], alerts=(AlertEntry("warning", "the budget", "", "5", "budget/total/"),))
    pages[2] = replace(pages[2], alerts=(AlertEntry("critical", "that budget", "", "5", "budget/total/"),))
    summary = summary_of(replace(manifest, pages=tuple(pages)))
    assert summary.lines[-1].text == "1 critical in 8 reports; first: that budget"
    assert [alert["title"] for alert in summary.as_json()["alerts"]] == ["that budget"]
    everywhere = {page.id for page in pages}
    assert [alert.title for alert in summary.alerts_from(Level.INFO, everywhere)] == ["that budget"]
    assert [alert.title for alert in summary.alerts_from(Level.INFO, {pages[0].id})] == ["the budget"]


def test_unknown_cost_and_rejected_lines_are_named(tmp_path, small_csv):
    header, first, *rest = small_csv.read_text(encoding="utf-8").splitlines()[:2000]
    fields = first.split(",")
    fields[header.split(",").index("cost_usd")] = ""
    path = tmp_path / "calls.csv"
    path.write_text("\n".join([header, ",".join(fields), *rest, "not,a,call"]) + "\n", encoding="utf-8")
    run_script("run_all_analyzers.py", "--data", path, "--out", tmp_path / "reports", "--quiet")
    found = load_manifest(tmp_path / "reports")
    assert found is not None
    assert lines(found)["Data"].endswith("; 1 of unknown cost; 1 line rejected")
    assert lines(found)["Spend"].startswith("at least $")
    assert lines(found)["Forecast"].startswith(("at least $", "not known: "))
    assert "; margin of all at most " in lines(found)["Loss-makers"]
