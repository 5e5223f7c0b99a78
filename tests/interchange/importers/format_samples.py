"""Exports of every source format, by its name: a format without one fails the tests that ask for all."""

from interchange.importers.field_mapping import Format
from interchange.importers.mapping import ColumnMapping
from tests.interchange.importers.importing import build_mapping

SOURCES = {
    "anthropic-batch": ["anthropic_batch/results.jsonl"],
    "azure-apim": ["azure_apim/ApiManagementGatewayLlmLog.csv"],
    "bedrock": ["bedrock/log.jsonl", "bedrock/cloudwatch_filter_log_events.json"],
    "claude-code": ["made_here/claude_code.jsonl"],
    "cline": ["cline/ui_messages.json"],
    "cloudflare": ["cloudflare_gateway/logs.json"],
    "codex": ["codex_session/rollout-parent.jsonl", "codex_session/rollout-fork.jsonl"],
    "cursor": ["cursor/usage-events-2026.csv", "cursor/real_usage-events-2025-09-07.csv"],
    "datadog": ["datadog/export.json"],
    "gemini-chats": ["gemini_cli/session-2026-08-05T10-00-g1.jsonl"],
    "helicone": ["made_here/helicone.jsonl"],
    "inspect": ["inspect/new_convention.json", "inspect/real_log_read_sample.eval"],
    "kong": ["kong/http_log.jsonl"],
    "langfuse": ["langfuse/langgraph-js-2025-10-30.trace.json"],
    "langsmith": ["langsmith/runs.parquet", "langsmith/runs.jsonl"],
    "litellm": ["litellm/spend_logs_payload.json", "generated_by_real_software/litellm_1.106.2_spend_logs.json"],
    "mlflow": ["mlflow/traces.json"],
    "openai-batch": ["openai_batch/batch_output.jsonl"],
    "opencode": ["opencode/messages.jsonl"],
    "openrouter": ["openrouter/anticharon_openrouter_activity_2026-08-24_excerpt.csv"],
    "otel": ["generated_by_real_software/otlp_trace.jsonl", "generated_by_real_software/otlp_v2new.jsonl"],
    "otel-js": ["copilot_otel/copilot-otel.jsonl", "gemini_cli/telemetry.log"],
    "otel-logs": ["otlp_logs/claude_code.jsonl", "otlp_logs/gemini_cli.json", "otlp_logs/codex_cli.json"],
    "otel-mixed": ["made_here/otel_mixed.jsonl"],
    "portkey": ["portkey/logs_export.jsonl"],
    "posthog": ["posthog/events.jsonl"],
    "promptfoo": ["promptfoo/results.json"],
    "revenium": ["generated_by_real_software/revenium_0.12.0_captured_direct.json"],
    "span-tables": [
        "phoenix/spans_dataframe.csv",
        "clickhouse_otel/otel_traces.jsonl",
        "logfire/records.json",
    ],
    "table": ["made_here/calls.csv"],
    "vertex": ["vertex_logging/rows.jsonl"],
    "weave": ["weave/calls.jsonl"],
}  # fmt: skip
_NOON = build_mapping([], ["timestamp=2026-08-05T12:00:00Z"])


def mapping_of(entry: Format) -> ColumnMapping:
    """What a user has to say of a file of a format: the time of a batch."""
    return _NOON if entry.name.endswith("-batch") else ColumnMapping()
