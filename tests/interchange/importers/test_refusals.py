"""Files that hold no calls are refused by name, with what to export instead; a mapping makes no calls of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UsageError
from tests.interchange.importers.importing import SAMPLES, build_mapping, import_files, imported
from tests.running import run_script

MAPPED = build_mapping(
    ["timestamp=date", "input_tokens=input_tokens", "output_tokens=output_tokens"], ["model=gpt-4o"]
)
USAGE = {
    "object": "organization.usage.completions.result",
    "input_tokens": 10,
    "output_tokens": 2,
    "num_model_requests": 1,
}
COSTS = {"object": "organization.costs.result", "amount": {"value": 0.06, "currency": "usd"}}


def bucket(*results: dict[str, Any]) -> dict[str, Any]:
    one = {
        "object": "bucket",
        "start_time": 1_785_888_000,
        "end_time": 1_785_974_400,
        "results": list(results),
    }
    return {"object": "page", "data": [one], "has_more": False}


REFUSED = [
    (bucket(USAGE), "OpenAI's usage report", "export calls"),
    (bucket(COSTS), "OpenAI's cost report", "reconcile.py --bill"),
    (bucket(), "a time without usage", "export calls"),
    ({"data": [{"starting_at": "a", "ending_at": "b", "results": [{"amount": "12.5", "currency": "USD"}]}]}, "Anthropic's cost", "--bill"),
    ({"data": [{"starting_at": "a", "ending_at": "b", "results": [{"uncached_input_tokens": 1}]}]}, "Anthropic's usage", "export calls"),
    ("usage_date_utc,model,cost_usd\n2026-01-05,Claude Opus 4.6,1.5\n", "cost export of Anthropic's console", "--bill"),
    ("usage_date_utc,model_version,usage_output_tokens\n2026-01-05,claude,5\n", "usage export of Anthropic's console", "export calls"),
    ("start_time,end_time,start_time_iso,end_time_iso\n1,2,a,b\n", "OpenAI dashboard export", "export calls"),
    ("start_time,start_time_iso,amount_value,amount_currency\n1,a,0.5,usd\n", "OpenAI's cost export", "--bill"),
    ("Timestamp,User,Model,Requests Used,Exceeds Quota\n2026-01-05,dev,Sonnet,3,no\n", "premium requests", "OpenTelemetry"),
    ("Model,Request Count,Cache Read,Cost ($)\ngpt-5,12,60000,0.12\n", "Cursor's usage by model", "usage events"),
    ([{"type": "thread.started", "thread_id": "t"}, {"type": "turn.completed", "usage": {"input_tokens": 5}}], "codex exec", "~/.codex"),
    ([{"id": "t", "timestamp": "2025-07-01T10:00:00Z", "instructions": None}, {"record_type": "state"}], "before September 2025", "newer"),
    ([{"resourceMetrics": []}, {"resourceMetrics": []}], "metrics of OpenTelemetry", "traces"),
    ([{"resource": {}, "scopeMetrics": []}], "metrics of OpenTelemetry", "traces"),
    ({"version": 2, "eval": {"model": "x"}, "stats": {"model_usage": {}}, "samples": None}, "without its samples", ".eval"),
    ([{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {}}], "requests of a batch", "output file"),
    ([{"custom_id": "a", "params": {"model": "claude"}}], "requests of a batch", "results"),
    ({"id": "batch_1", "object": "batch", "output_file_id": "f", "request_counts": {"total": 2}}, "state of a batch", "output file"),
    ([{"time": "x", "resourceId": "r", "operationName": "o", "category": "RequestResponse"}], "diagnostic log", "ApiManagementGatewayLlmLog"),
    ({"blocks": [{"id": "b", "totalTokens": 5, "costUSD": 1}]}, "report of ccusage", "sessions"),
    ({"session": [{"sessionId": "s", "inputTokens": 5}], "totals": {"totalTokens": 5}}, "report of ccusage", "sessions"),
    ({"type": "monthly", "data": [{"month": "2026-01", "inputTokens": 5, "cacheCreationTokens": 1, "totalTokens": 6, "costUSD": 1}], "summary": {}}, "report of ccusage", "sessions"),
    ({"daily": [{"date": "2026-01-05", "inputTokens": 5}], "summary": {"totalTokens": 5}}, "report of ccusage", "sessions"),
    ({"object": "list", "data": [{"aggregation_timestamp": 1, "n_requests": 2, "n_context_tokens_total": 5, "n_generated_tokens_total": 1}]}, "older usage report", "export calls"),
    ({"data": [{"date": 1, "totalLinesAdded": 5, "composerRequests": 3}]}, "Cursor's report of activity", "usage events"),
    ("# HELP vllm:prompt_tokens_total Number of tokens.\n# TYPE vllm:prompt_tokens_total counter\nvllm:prompt_tokens_total 5.0\n", "form of Prometheus", "traces"),
    ({"Label": "InputTokenCount", "Datapoints": [{"Timestamp": "2026-01-05T10:00:00Z", "Sum": 5.0, "Unit": "Count"}]}, "metrics of Amazon CloudWatch", "invocation log"),
    ({"MetricDataResults": [{"Id": "m", "Values": [5.0]}]}, "metrics of Amazon CloudWatch", "invocation log"),
    ({"cost": 0, "timespan": "a/b", "interval": "PT1H", "value": [{"name": {"value": "TokenTransaction"}}]}, "metrics of Azure Monitor", "ApiManagementGatewayLlmLog"),
    ({"timeSeries": [{"metric": {"type": "aiplatform.googleapis.com/token_count"}, "points": []}]}, "metrics of Google Cloud", "request-response logging"),
    ([{"id": "p", "name": "prod", "run_count": 5, "latency_p50": 1.2, "total_tokens": 100}], "project of LangSmith", "runs"),
]  # fmt: skip


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize(("content", "what", "instead"), REFUSED, ids=[entry[1] for entry in REFUSED])
def test_totals_and_requests_are_refused_by_name(
    tmp_path: Path, content: Any, what: str, instead: str, *, mapped: bool
) -> None:
    with pytest.raises(UsageError) as refused:
        imported(tmp_path, content, **({"mapping": MAPPED} if mapped else {}))
    sentence = str(refused.value)
    assert what in sentence
    assert instead in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("openai_usage_completions.json", "OpenAI's usage report"),
        ("anthropic_usage_messages.json", "Anthropic's usage report"),
        ("costroid_anthropic_usage.json", "Anthropic's usage report"),
        ("claude_code_analytics.json", "Claude Code's analytics"),
        ("github_ai_usage_report.csv", "usage report of GitHub"),
        ("github_premium_requests.csv", "usage report of GitHub"),
        ("ccusage_daily.json", "report of ccusage"),
    ],
)
@pytest.mark.parametrize("mapped", [False, True])
def test_the_samples_of_totals_are_refused_by_name(
    tmp_path: Path, name: str, what: str, *, mapped: bool
) -> None:
    target = tmp_path / "a.csv"
    with pytest.raises(UsageError, match=what):
        import_files(target, SAMPLES / "totals" / name, **({"mapping": MAPPED} if mapped else {}))
    assert not target.exists()


def test_a_usage_report_without_costs_is_not_sent_to_reconcile(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        imported(tmp_path, bucket(USAGE))
    assert "--bill" not in str(refused.value)


def test_metrics_beside_logs_do_not_hide_these(tmp_path: Path) -> None:
    value = {"stringValue": "claude_code.api_request"}
    attributes = [
        {"key": "model", "value": {"stringValue": "claude-sonnet-4-6"}}, {"key": "input_tokens", "value": {"intValue": 5}},
    ]  # fmt: skip
    record = {"timeUnixNano": "1785924000000000000", "body": value, "attributes": attributes}
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    (tmp_path / "otel.jsonl").write_text("\n".join(map(json.dumps, [{"resourceMetrics": []}, logs])))
    report = import_files(tmp_path / "a.csv", tmp_path / "otel.jsonl")
    assert (report.calls, report.skipped) == (1, {"not_a_call": 1})


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (
            {"timestamp": "2025-08-01T10:00:00Z", "type": "session_meta", "payload": {"id": "x"}},
            "In Codex CLI sessions a call is a count of tokens, which versions before September 2025 do not write",
        ),
        (
            {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "a", "spanId": "b"}]}]}]},
            "a span with a model and usage",
        ),
        ({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1"}]}]}]}, "an event api_request of Claude Code"),
        ({"started_at": 1_785_924_001_000, "ai": {"proxy": None}}, "what the AI proxy logs"),
    ],
)  # fmt: skip
def test_a_file_that_only_looks_like_a_format_is_told_what_a_call_would_be(
    tmp_path: Path, record: dict[str, Any], said: str
) -> None:
    source = tmp_path / "export.jsonl"
    source.write_text(json.dumps(record))
    done = run_script("import_usage.py", source, "--out", tmp_path / "a.csv", code=3)
    assert said.lower() in done.stderr.lower()
