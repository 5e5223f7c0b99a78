"""The eight reports run on an import of every format, and their sums are those of the calls."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from interchange.importers.detection import FORMATS
from tests.interchange.importers.importing import SAMPLES, build_mapping, import_files, written
from tests.running import run_script

NOON = build_mapping([], ["timestamp=2026-08-05T12:00:00Z"])
SOURCES = {
    "anthropic-batch": ["anthropic_batch/results.jsonl"],
    "azure-apim": ["azure_apim/ApiManagementGatewayLlmLog.csv"],
    "bedrock": ["bedrock/log.jsonl", "bedrock/cloudwatch_filter_log_events.json"],
    "cline": ["cline/ui_messages.json"],
    "cloudflare": ["cloudflare_gateway/logs.json"],
    "codex": ["codex_session/rollout-parent.jsonl", "codex_session/rollout-fork.jsonl"],
    "cursor": ["cursor/usage-events-2026.csv", "cursor/real_usage-events-2025-09-07.csv"],
    "datadog": ["datadog/export.json"],
    "gemini-chats": ["gemini_cli/session-2026-08-05T10-00-g1.jsonl"],
    "inspect": ["inspect/new_convention.json", "inspect/real_log_read_sample.eval"],
    "kong": ["kong/http_log.jsonl"],
    "langfuse": ["langfuse/langgraph-js-2025-10-30.trace.json"],
    "langsmith": ["langsmith/runs.parquet"],
    "litellm": ["litellm/spend_logs_payload.json"],
    "mlflow": ["mlflow/traces.json"],
    "openai-batch": ["openai_batch/batch_output.jsonl"],
    "opencode": ["opencode/messages.jsonl"],
    "openrouter": ["openrouter/anticharon_openrouter_activity_2026-08-24_excerpt.csv"],
    "otel": ["generated_by_real_software/otlp_trace.jsonl"],
    "otel-js": ["copilot_otel/copilot-otel.jsonl", "gemini_cli/telemetry.log"],
    "otel-logs": ["otlp_logs/claude_code.jsonl", "otlp_logs/gemini_cli.json", "otlp_logs/codex_cli.json"],
    "portkey": ["portkey/logs_export.jsonl"],
    "posthog": ["posthog/events.jsonl"],
    "promptfoo": ["promptfoo/results.json"],
    "revenium": ["generated_by_real_software/revenium_0.12.0_captured_direct.json"],
    "span-tables": [
        "phoenix/spans_dataframe.csv",
        "clickhouse_otel/otel_traces.jsonl",
        "logfire/records.json",
    ],
    "vertex": ["vertex_logging/rows.jsonl"],
    "weave": ["weave/calls.jsonl"],
}
WITHOUT_A_SAMPLE = {"claude-code", "helicone", "otel-mixed", "table"}


def test_every_format_is_among_the_sources() -> None:
    assert {entry.name for entry in FORMATS} == SOURCES.keys() | WITHOUT_A_SAMPLE


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_reports_run_and_their_sums_are_those_of_the_calls(tmp_path: Path, name: str) -> None:
    target, out = tmp_path / "calls.csv", tmp_path / "reports"
    mapping = {"mapping": NOON} if name.endswith("-batch") else {}
    report = import_files(target, *(SAMPLES / each for each in SOURCES[name]), format=name, **mapping)
    assert report.calls > 0
    run_script("run_all_analyzers.py", "--data", target, "--out", out, "--quiet")
    pages = json.loads((out / "html" / "manifest.json").read_text())["pages"]
    assert [page["status"] for page in pages] == ["ok"] * 8
    totals = json.loads((out / "json" / "finops_understanding.json").read_text())["result"]["total"]
    costs = [row["cost_usd"] for row in written(target)]
    assert Decimal(totals["known_cost_usd"]) == sum(map(Decimal, filter(None, costs)))
    # What is not known is said.
    assert totals["unpriced_calls"] == costs.count("")
