"""Other tools: their right numbers, their units, and what each of them counts beside the calls."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UsageError
from tests.interchange.importers.importing import (
    SAMPLES,
    build_mapping,
    by_id,
    counts_of,
    imported,
    imported_once,
)

RIGHT = [
    ("weave/calls.jsonl", {"calls": 2, "input": 300, "output": 30}, "0.00035"),
    ("posthog/events.jsonl", {
        "calls": 3, "failed": 1, "input": 18_312, "cached": 15_800, "written": 2_100, "output": 440, "reasoning": 64,
    }, "0.017571"),
    ("datadog/export.json", {"calls": 1, "input": 10, "output": 10}, "0.0000075"),
    ("opencode/messages.jsonl", {
        "calls": 3, "failed": 1, "input": 2_300, "cached": 500, "written": 100, "output": 600, "reasoning": 40,
    }, "0.0123"),
    ("opencode/tokscale_msg_test001.json", {
        "calls": 1, "input": 1_300, "cached": 200, "written": 100, "output": 500,
    }, "0"),
    ("cline/ui_messages.json", {"calls": 2, "input": 1_750, "cached": 400, "written": 100, "output": 310}, "0.032"),
    ("portkey/logs_export.jsonl", {"calls": 3, "failed": 1, "input": 2_400, "output": 600}, "0.00036"),
    ("azure_apim/ApiManagementGatewayLlmLog.csv", {"calls": 2, "input": 2_000, "output": 400}, "0"),
    ("vertex_logging/rows.jsonl", {
        "calls": 2, "input": 2_220, "cached": 1_600, "written": 200, "output": 265, "reasoning": 200,
    }, "0"),
    ("kong/http_log.jsonl", {"calls": 2, "failed": 1, "input": 1_000, "cached": 512, "output": 100}, "0.0035"),
    ("promptfoo/results.json", {"calls": 2, "failed": 1, "input": 43, "output": 1}, "0.00000705"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "right", "reported"), RIGHT, ids=[entry[0] for entry in RIGHT])
def test_a_sample_imports_to_its_numbers(
    tmp_path: Path, name: str, right: dict[str, int], reported: str
) -> None:
    report, _ = imported_once(tmp_path / "a.csv", SAMPLES / name)
    assert counts_of(report) == right
    assert report.cost.reported_usd == Decimal(reported)


def weave(name: str, usage: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": name, "trace_id": "t", "parent_id": None, "op_name": "weave:///e/p/op/predict:abc", "exception": None,
        "started_at": "2026-08-05T10:00:01Z", "ended_at": "2026-08-05T10:00:02Z", "inputs": {},
        "summary": {"usage": usage, "weave": {"status": "success"}},
    } | fields  # fmt: skip


def test_a_call_of_weave_with_two_models_becomes_two_and_a_wrapper_none(tmp_path: Path) -> None:
    two = {
        "gpt-4o": {"requests": 1, "prompt_tokens": 100, "completion_tokens": 10},
        "my.model/1": {"requests": 1, "input_tokens": 5, "output_tokens": 1},
    }
    one = {"gpt-4o": {"requests": 1, "prompt_tokens": 7, "completion_tokens": 1}}
    failed = weave("f", {}, inputs={"model": "gpt-4o"}, exception="RateLimitError")
    records = [weave("a", two), weave("w", one), weave("b", one, parent_id="w"), failed]
    report, rows = imported(tmp_path, records)
    assert sorted(row["call_id"] for row in rows) == ["a/gpt-4o", "a/my.model/1", "b", "f"]
    assert counts_of(report) == {"calls": 4, "failed": 1, "input": 112, "output": 12}
    assert report.skipped == {"nested": 1}


def test_events_of_posthog_with_properties_as_text_and_units_in_seconds(tmp_path: Path) -> None:
    said = {
        "$ai_provider": "anthropic", "$ai_model": "claude-sonnet-4-6", "$ai_input_tokens": 12, "$ai_output_tokens": 3,
        "$ai_cache_read_input_tokens": 1_000, "$ai_latency": 1.25, "$ai_time_to_first_token": 0.4,
    }  # fmt: skip
    event = {
        "uuid": "1",
        "event": "$ai_generation",
        "timestamp": "2026-08-05T10:00:01Z",
        "distinct_id": "c",
        "properties": json.dumps(said),
    }
    _, rows = imported(tmp_path, [event])
    names = ("input_tokens", "latency_ms", "time_to_first_token_ms", "customer_id")
    assert [rows[0][name] for name in names] == ["1012", "1250", "400", "c"]


def test_spans_of_datadog_without_their_envelope_and_starts_in_milliseconds(tmp_path: Path) -> None:
    span = {
        "span_id": "1", "trace_id": "t", "parent_id": "undefined", "span_kind": "llm", "ml_app": "shop", "status": "error",
        "start_ns": 1_785_924_001_000, "duration": 2_500_000, "tags": ["env:prod"],
        "metrics": {"input_tokens": 100, "cache_read_input_tokens": 60, "output_tokens": 4, "estimated_total_cost": 1_234},
        "model_name": "gpt-4o", "model_provider": "openai",
    }  # fmt: skip
    _, rows = imported(tmp_path, [span])
    assert rows[0]["timestamp"] == "2026-08-05T10:00:01.000000Z"
    assert (rows[0]["latency_ms"], rows[0]["cost_usd"], rows[0]["environment"]) == (
        "3",
        "0.000001234",
        "prod",
    )
    assert (rows[0]["input_tokens"], rows[0]["status"]) == ("100", "error")


def test_a_zero_of_opencode_beside_tokens_is_no_known_cost(tmp_path: Path) -> None:
    message = {
        "id": "m", "sessionID": "s", "role": "assistant", "providerID": "openai", "modelID": "gpt-5", "cost": 0,
        "time": {"created": 1_785_924_010_000}, "path": {"root": "/home/dev/shop"},
        "tokens": {"input": 700, "output": 60, "reasoning": 40, "cache": {"read": 300, "write": 0}},
    }  # fmt: skip
    _, rows = imported(tmp_path, message)
    # 700 x 1.25 + 300 x 0.125 + 100 x 10 for a million
    assert (rows[0]["cost_usd"], rows[0]["cost_source"], rows[0]["product_id"]) == (
        "0.001912500",
        "computed",
        "shop",
    )


def test_a_task_of_roo_by_the_protocol_of_openai(tmp_path: Path) -> None:
    said = {
        "tokensIn": 1_000,
        "tokensOut": 10,
        "cacheReads": 600,
        "cacheWrites": 0,
        "apiProtocol": "openai",
        "cost": 0.01,
    }
    messages = [
        {"ts": 1_785_924_001_000, "type": "say", "say": "api_req_started", "text": json.dumps(said)},
        {"ts": 1_785_924_001_500, "type": "ask", "ask": "tool", "text": '{"tokensIn": 5}'},
        {"ts": 1_785_924_002_000, "type": "say", "say": "text", "text": "not { json"},
    ]
    report, rows = imported(tmp_path, json.dumps(messages, indent=1))
    assert (rows[0]["input_tokens"], report.skipped) == ("1000", {"not_a_call": 2})


def test_logs_of_portkey_in_another_currency_or_without_a_price(tmp_path: Path) -> None:
    log = {
        "id": "1", "created_at": "2026-08-05T10:00:00Z", "is_success": 1, "ai_org": "openai", "ai_model": "gpt-4o-mini",
        "req_units": 1_000, "res_units": 100, "cost": 0.5, "cost_currency": "EUR",
    }  # fmt: skip
    with pytest.raises(UsageError, match=r"gives costs in EUR; .* with --currency-rates FILE"):
        imported(tmp_path, [log, log | {"id": "2", "cost_currency": "USD"}])
    _, rows = imported(tmp_path, [log | {"cost": 0, "cost_currency": "USD"}])
    assert {(row["cost_usd"], row["cost_source"]) for row in rows} == {("0.000210000", "computed")}


def test_rows_of_azure_from_a_query_and_from_the_portal(tmp_path: Path) -> None:
    row = {
        "TimeGenerated": "2026-08-05T22:00:01.123Z", "CorrelationId": "c1", "ModelName": "gpt-4.1-mini-2025-04-14",
        "SequenceNumber": 0, "PromptTokens": 1_200, "CompletionTokens": 300, "TotalTokens": 1_500,
    }  # fmt: skip
    _, rows = imported(tmp_path, [row, row | {"SequenceNumber": 1}])
    assert [call["timestamp"] for call in rows] == ["2026-08-05T22:00:01.123000Z"]
    table = 'TimeGenerated [UTC],CorrelationId,SequenceNumber,ModelName,PromptTokens,CompletionTokens\n"12/5/2026, 10:00:01.000 PM",c9,0,gpt-4o,1,2\n'
    (tmp_path / "portal").mkdir()
    _, rows = imported(tmp_path / "portal", table)
    assert rows[0]["timestamp"] == "2026-12-05T22:00:01.000000Z"


def test_responses_of_vertex_as_text_with_modalities_and_tiers(tmp_path: Path) -> None:
    usage = {
        "promptTokenCount": 1_000, "toolUsePromptTokenCount": 50, "candidatesTokenCount": 10, "trafficType": "ON_DEMAND_FLEX",
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 900}, {"modality": "AUDIO", "tokenCount": 100}],
    }  # fmt: skip
    row = {
        "logging_time": "2026-08-05 10:00:03.000000 UTC",
        "request_id": "1",
        "model": "publishers/google/models/gemini-2.5-flash",
        "full_response": json.dumps({"usageMetadata": usage}),
    }
    _, rows = imported(tmp_path, [row])
    assert (rows[0]["input_tokens"], rows[0]["input_audio_tokens"], rows[0]["model"]) == (
        "1050",
        "100",
        "gemini-2.5-flash",
    )
    assert (rows[0]["provider"], rows[0]["service_tier"]) == ("google", "on_demand_flex")


def test_lines_of_kong_by_the_older_key_and_prices_that_nobody_set(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "cost": 0}
    line = {
        "started_at": 1_785_924_001_000, "request": {"id": "1"}, "response": {"status": 200},
        "ai": {"ai-proxy": {"meta": {"provider_name": "openai", "request_model": "gpt-4o"}, "usage": usage}},
    }  # fmt: skip
    _, rows = imported(tmp_path, [line])
    assert (rows[0]["cost_usd"], rows[0]["cost_source"]) == ("0.003500000", "computed")


def test_results_of_promptfoo_by_names_of_models_and_older_files(tmp_path: Path) -> None:
    def result(name: str, provider: Any) -> dict[str, Any]:
        answer = {"cached": False, "tokenUsage": {"total": 11, "prompt": 10, "completion": 1}}
        return {
            "id": name,
            "latencyMs": 5,
            "failureReason": 0,
            "provider": provider,
            "response": answer,
            "vars": {},
        }

    bedrock = "bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    results = [result("a", {"id": bedrock}), result("b", "anthropic:messages:claude-sonnet-4-6")]
    document = {"evalId": "e", "results": {"timestamp": "2026-08-05T10:00:00.000Z", "results": results}}
    _, rows = imported(tmp_path, document)
    found = by_id(rows)
    assert (found["a"]["provider"], found["a"]["model"]) == ("bedrock", bedrock.partition(":")[2])
    assert found["b"]["model"] == "claude-sonnet-4-6"
    (tmp_path / "older").mkdir()
    older = {"version": 2, "results": results, "stats": {}}
    with pytest.raises(UsageError, match="--set timestamp="):
        imported(tmp_path / "older", older)
    noon = build_mapping([], ["timestamp=2026-08-05T12:00:00Z"])
    assert imported(tmp_path / "older", older, mapping=noon)[0].calls == 2
