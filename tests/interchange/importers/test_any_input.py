"""Whatever a file holds, an import ends with every record accounted for, or with one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.outcome import UserError
from tests.faults.hostile_files import RECORDS
from tests.interchange.importers.importing import SAMPLES, assert_one_sentence, import_files, written

QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SOURCES = [
    "litellm/spend_logs_payload.json",
    "langfuse/vercel-aisdk-2025-11-17.trace.json",
    "openrouter/anticharon_openrouter_activity_2026-08-24_excerpt.csv",
    "generated_by_real_software/otlp_trace.jsonl",
    "generated_by_real_software/revenium_0.12.0_captured_direct.json",
    "codex_session/rollout-parent.jsonl",
    "otlp_logs/claude_code.jsonl",
    "otlp_logs/codex_cli.json",
    "copilot_otel/copilot-otel.jsonl",
    "gemini_cli/session-2026-08-05T10-00-g1.jsonl",
    "gemini_cli/telemetry.log",
    "bedrock/log.jsonl",
    "bedrock/cloudwatch_filter_log_events.json",
    "openai_batch/batch_output.jsonl",
    "cursor/usage-events-2026.csv",
    "langsmith/runs.jsonl",
    "langsmith/runs.parquet",
    "phoenix/spans_dataframe.csv",
    "clickhouse_otel/otel_traces.jsonl",
    "mlflow/traces.json",
    "inspect/new_convention.json",
    "inspect/real_log_read_sample.eval",
    "weave/calls.jsonl",
    "posthog/events.jsonl",
    "cline/ui_messages.json",
    "promptfoo/results.json",
    "azure_apim/ApiManagementGatewayLlmLog.csv",
]
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def accounted(folder: Path, content: bytes, **options: Any) -> None:
    source, target = folder / "export", folder / "calls.csv"
    target.unlink(missing_ok=True)
    source.write_bytes(content)
    refused = None
    try:
        report = import_files(target, source, **options)
    except UserError as problem:
        refused = str(problem)
    if refused is not None:
        assert_one_sentence(refused)
        assert not target.exists()
        return
    assert report.rows_read == report.calls + sum(report.skipped.values())
    assert len(written(target) if target.exists() else []) == report.calls


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
@QUICK
@given(data=st.data())
def test_a_damaged_export_is_imported_in_part_or_refused(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    content = bytearray((SAMPLES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    accounted(tmp_path, bytes(content[:cut] if data.draw(st.booleans()) else content))


@QUICK
@given(content=st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    accounted(tmp_path, content)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["litellm/spend_logs_payload.json", "litellm/standard_logging_payload.json"])
@QUICK
@given(data=st.data())
def test_any_value_in_any_field(tmp_path: Path, name: str, data: st.DataObject) -> None:
    record = json.loads((SAMPLES / name).read_text())
    record = record[0] if isinstance(record, list) else record
    for key in data.draw(st.lists(st.sampled_from(sorted(record)), min_size=1, max_size=4)):
        record[key] = data.draw(junk)
    accounted(tmp_path, json.dumps(record).encode(), format="litellm")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["litellm", "langfuse", "otel", "claude-code", "calls"])
@pytest.mark.parametrize("shape", ["lines", "document", "list"])
def test_a_value_nested_too_deep_costs_its_record_or_the_file_in_one_sentence(
    tmp_path: Path, name: str, shape: str
) -> None:
    good = json.dumps(RECORDS[name])
    # How deep is too deep is the same for every format, so the depths in between are tried with one.
    depths = (
        (100, 400, 500, 700, 900, 980, 1_000, 1_100, 20_000) if name == "litellm" else (500, 1_000, 20_000)
    )
    for depth in depths:
        nested = good[:-1] + ', "extra": ' + '{"a": [' * (depth // 2) + "1" + "]}" * (depth // 2) + "}"
        content = {"lines": f"{good}\n{nested}\n{good}\n", "document": nested, "list": f"[{good}, {nested}]"}
        accounted(tmp_path, content[shape].encode())
