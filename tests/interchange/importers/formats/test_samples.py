"""The sample files import to the numbers that their SOURCE.txt states, and a second time add nothing."""

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from tests.interchange.importers.importing import SAMPLES, build_mapping, import_files, written

AZURE = build_mapping(
    ["timestamp=TIMESTAMP", "input_tokens=ContextTokens", "output_tokens=GeneratedTokens"],
    ["provider=openai", "model=gpt-4o"],
)
REAL = "generated_by_real_software"
# file, calls, input, output, cached, reported or computed dollars
EXPECTED = [
    ("litellm/spend_logs_payload.json", 1, 10, 20, 0, "0.000225"),
    ("litellm/standard_logging_payload.json", 1, 10, 20, 0, "0.000225"),
    ("langfuse/vercel-aisdk-2025-11-17.trace.json", 1, 62, 85, 0, "0.0009275"),
    ("langfuse/langgraph-js-2025-10-30.trace.json", 2, 321, 123, 0, "0.00032625"),
    (
        "openrouter/anticharon_openrouter_activity_2026-08-24_excerpt.csv",
        14,
        1_151_274,
        3_574,
        717_750,
        "0.092741",
    ),
    (f"{REAL}/litellm_1.106.2_spend_logs.json", 3, 2_427, 60, 2_024, "0.00179384"),
    (f"{REAL}/litellm_1.106.2_standard_logging_payloads.json", 4, 2_427, 60, 2_024, "0.00179384"),
    (f"{REAL}/otlp_trace.jsonl", 4, 2_427, 60, 2_024, None),
    (f"{REAL}/otlp_v2old.jsonl", 3, 1_207, 30, 0, None),
    (f"{REAL}/otlp_v2new.jsonl", 3, 1_207, 30, 0, None),
    (f"{REAL}/revenium_0.12.0_captured_openai_anthropic_middleware.json", 3, 1_340, 60, 1_064, None),
    (f"{REAL}/revenium_0.12.0_captured_direct.json", 7, 7_210, 2_045, 500, None),
]


@pytest.mark.parametrize(("name", "calls", "input_", "output", "cached", "usd"), EXPECTED)
def test_a_sample_imports_to_its_numbers_and_only_once(
    tmp_path: Path, name: str, calls: int, input_: int, output: int, cached: int, usd: str | None
) -> None:
    target = tmp_path / "calls.csv"
    report = import_files(target, SAMPLES / name)
    totals = report.totals
    assert (totals.calls, totals.input_tokens, totals.output_tokens) == (calls, input_, output)
    assert totals.cached_input_tokens == cached or name.endswith("direct.json")
    assert report.rows_read == calls + sum(report.skipped.values())
    rows = written(target)
    assert sum(int(row["input_tokens"]) for row in rows) == input_
    if usd is not None:
        assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal(usd)
        assert {row["cost_source"] for row in rows} == {"reported"}
    before = target.read_bytes()
    again = import_files(target, SAMPLES / name)
    assert again.calls == 0
    assert again.skipped["already_imported"] == calls
    assert target.read_bytes() == before


def test_the_azure_trace_imports_with_its_mapping_plain_and_packed(tmp_path: Path) -> None:
    source = next((SAMPLES / "azure_llm_trace").glob("*.csv"))
    packed = tmp_path / "trace.gz"
    packed.write_bytes(gzip.compress(source.read_bytes(), 1))
    target = tmp_path / "calls.csv"
    report = import_files(target, source, mapping=AZURE, format="csv")
    assert (report.totals.calls, report.totals.input_tokens, report.totals.output_tokens) == (
        19_366,
        22_361_870,
        4_088_665,
    )
    # $2.50 and $10 for a million tokens
    assert report.cost.computed_usd == (22_361_870 * Decimal("2.5") + 4_088_665 * Decimal(10)) / 1_000_000
    assert import_files(target, packed, mapping=AZURE).calls == 0


def test_latency_comes_from_start_and_end(tmp_path: Path) -> None:
    import_files(tmp_path / "a.csv", SAMPLES / "litellm/spend_logs_payload.json")
    assert [row["latency_ms"] for row in written(tmp_path / "a.csv")] == ["5"]


@pytest.mark.slow
def test_no_prompt_or_answer_is_copied(tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    for name, *_ in EXPECTED:
        import_files(target, SAMPLES / name)
    text = target.read_text().lower()
    assert "san francisco" not in text
    assert "hello" not in text
    assert "weather" not in text.replace("get_weather", "")


def test_who_and_what_for_is_found_in_tags_and_metadata(tmp_path: Path) -> None:
    import_files(tmp_path / "a.csv", SAMPLES / REAL / "litellm_1.106.2_spend_logs.json")
    row = written(tmp_path / "a.csv")[0]
    found = {
        name: row[name]
        for name in ("customer_id", "organization_id", "product_id", "feature_id", "environment")
    }
    assert found == {
        "customer_id": "cust-9",
        "organization_id": "org-1",
        "product_id": "chat",
        "feature_id": "summaries",
        "environment": "prod",
    }
