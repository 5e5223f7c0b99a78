"""Helicone, OpenRouter, Revenium and Claude Code: whose tokens, whose cost, who failed."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.interchange.importers.importing import by_id, import_files, imported


def helicone(identity: str, **fields: Any) -> dict[str, Any]:
    return {
        "request_id": identity, "response_id": "x", "request_created_at": "2026-03-01T10:00:00.000Z",
        "response_created_at": "2026-03-01T10:00:01.500Z", "response_status": 200, "response_model": "gpt-4o-2024-08-06",
        "request_user_id": "u1", "request_model": "gpt-4o", "model": "gpt-4o", "provider": "OPENAI", "delay_ms": 1400,
        "time_to_first_token": 300, "total_tokens": 1100, "prompt_tokens": 1000, "completion_tokens": 100, "cost": 0.0123,
        "prompt_cache_read_tokens": 600, "prompt_cache_write_tokens": 0, "request_body": {"messages": "secret"},
        "cache_reference_id": "00000000-0000-0000-0000-000000000000", "country_code": "US",
        "request_properties": {"Helicone-Session-Id": "s1", "Environment": "prod", "Feature": "search", "Customer-Id": "c9",
                               "Plan": "pro", "Organization": "acme"},
    } | fields  # fmt: skip


def test_helicone_statuses_costs_and_properties(tmp_path: Path) -> None:
    failed = {"prompt_tokens": 0, "completion_tokens": 0, "prompt_cache_read_tokens": 0}
    records = [
        helicone("plain"),
        helicone("limited", response_status=429, cost=0, **failed),
        helicone("cancelled", response_status=-3, cost=None, response_model=None, **failed),
        helicone("served from a cache", cost=None, cache_reference_id="11111111-1111-1111-1111-111111111111"),
        helicone("newer field", cost=None, costUSD=0.5),
        helicone("no user", request_user_id="", delay_ms=None),
        helicone("Claude", cost=None, provider="ANTHROPIC", response_model="claude-sonnet-4-5", prompt_tokens=20,
                 prompt_cache_read_tokens=1000, prompt_cache_write_tokens=200, total_tokens=None),
    ]  # fmt: skip
    report, rows = imported(tmp_path, {"data": records, "error": None})
    found = by_id(rows)
    assert {name: (row["status"], row["cost_usd"]) for name, row in found.items()} == {
        "plain": ("success", "0.012300000"),
        "limited": ("error", "0.000000000"),
        "cancelled": ("error", "0.000000000"),
        "served from a cache": ("success", "0.000000000"),
        "newer field": ("success", "0.500000000"),
        "no user": ("success", "0.012300000"),
        # 20 at $3, 1,000 read at $0.30, 200 written at $3.75, 100 output at $15 for a million
        "Claude": ("success", "0.002610000"),
    }
    # OpenAI counts what was cached inside, Anthropic apart
    assert (found["plain"]["input_tokens"], found["Claude"]["input_tokens"]) == ("1000", "1220")
    assert (found["plain"]["latency_ms"], found["no user"]["latency_ms"]) == ("1400", "1500")
    assert (found["plain"]["customer_id"], found["no user"]["customer_id"]) == ("u1", "c9")
    names = ("session_id", "environment", "feature_id", "subscription_tier", "organization_id")
    assert [found["plain"][name] for name in names] == ["s1", "prod", "search", "pro", "acme"]
    assert report.totals.errors == 2
    assert "secret" not in (tmp_path / "calls.csv").read_text()


@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize("cost", ["cost_usd", "cost"])
def test_helicone_csv_whose_quotes_are_doubled_twice(tmp_path: Path, cost: str, doubled: bool) -> None:
    names = ["response_id", "response_created_at", "response_status", "request_created_at", "request_body",
             "request_properties", "request_user_id", "model", "prompt_tokens", "completion_tokens", "latency", cost]  # fmt: skip
    cells = [
        json.dumps({"content": 'he said "hi"'}),
        json.dumps({"Environment": "prod", "Feature": "se,arch"}),
    ]
    cells = [cell.replace('"', '""') for cell in cells] if doubled else cells
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerow(
        ["r1", "2026-03-01T10:00:02Z", 200, "2026-03-01T10:00:00Z", *cells, "u1", "gpt-4o", 1000, 100, "", ""]
    )
    _, [row] = imported(tmp_path, text.getvalue())
    # computed, since the cost comes out empty; latency from the two times
    assert (row["call_id"], row["latency_ms"], row["cost_usd"]) == ("r1", "2000", "0.003500000")
    assert (row["environment"], row["feature_id"]) == ("prod", "se,arch")


def test_helicone_json_with_a_comma_too_many(tmp_path: Path) -> None:
    lines = ",\n".join(json.dumps(helicone(f"j{n}")) for n in range(3))
    report, _ = imported(tmp_path, f"[\n{lines},\n]")
    assert (report.calls, report.skipped) == (3, {})


OPENROUTER = {
    "generation_id": "g", "created_at": "2026-03-01 10:00:00.000", "cost_total": "0.01", "cost_web_search": "0",
    "cost_cache": "0.002", "cost_file_processing": "0", "byok_usage_inference": "0", "tokens_prompt": "1000",
    "tokens_completion": "100", "tokens_reasoning": "20", "tokens_cached": "800", "provider_name": "Azure",
    "model_permaslug": "openai/gpt-4o-2024-08-06", "variant": "standard", "cancelled": "false", "streamed": "true",
    "user": "", "finish_reason_normalized": "stop", "generation_time_ms": "1200", "time_to_first_token_ms": "300",
    "app_name": "App", "api_key_name": "key",
}  # fmt: skip


def generations(*changes: dict[str, str], without: tuple[str, ...] = (), backwards: bool = False) -> str:
    names = [name for name in OPENROUTER if name not in without]
    text = io.StringIO()
    writer = csv.DictWriter(text, names[::-1] if backwards else names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(OPENROUTER | change for change in changes)
    return text.getvalue()


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("without", [(), ("tokens_cached",), ("app_name", "api_key_name")])
def test_generations_of_openrouter_by_column_name(
    tmp_path: Path, without: tuple[str, ...], backwards: bool
) -> None:
    text = generations(
        {"generation_id": "paid"},
        {"generation_id": "free", "cost_total": "0", "model_permaslug": "deepseek/deepseek-r1:free"},
        {"generation_id": "own key", "cost_total": "0.01", "byok_usage_inference": "0.02", "cancelled": "true"},
        {"generation_id": "unknown", "cost_total": "", "byok_usage_inference": "", "finish_reason_normalized": "error"},
        without=without, backwards=backwards,
    )  # fmt: skip
    _, rows = imported(tmp_path, text)
    found = by_id(rows)
    assert {name: row["cost_usd"] for name, row in found.items() if name != "unknown"} == {
        # the surcharge for the cache is in the total already
        "paid": "0.010000000", "free": "0.000000000", "own key": "0.030000000",
    }  # fmt: skip
    assert found["free"]["cost_source"] == "reported"
    assert (found["unknown"]["cost_source"], found["unknown"]["status"]) == ("computed", "error")
    assert found["paid"]["cached_input_tokens"] == ("" if "tokens_cached" in without else "800")
    assert found["paid"]["product_id"] == ("" if "app_name" in without else "App")
    names = ("provider", "model", "latency_ms", "timestamp")
    assert [found["paid"][name] for name in names] == [
        "azure", "gpt-4o-2024-08-06", "1200", "2026-03-01T10:00:00.000000Z",
    ]  # fmt: skip


def test_answers_of_the_generation_api_one_or_many(tmp_path: Path) -> None:
    def answer(identity: str) -> dict[str, Any]:
        return {"data": {
            "id": identity, "total_cost": 0.0123, "created_at": "2026-03-01T10:00:00.123+00:00", "model": "openai/gpt-4o",
            "provider_name": "OpenAI", "generation_time": 1200, "latency": 300, "finish_reason": "stop", "usage": 0.0123,
            "is_byok": False, "tokens_prompt": 1000, "tokens_completion": 100, "native_tokens_prompt": 1005,
            "native_tokens_completion": 101, "native_tokens_cached": 800, "external_user": "u9"}}  # fmt: skip

    _, [row] = imported(tmp_path, answer("g1"))
    assert (row["call_id"], row["cost_usd"], row["customer_id"]) == ("g1", "0.012300000", "u9")
    (tmp_path / "many").write_text("\n".join(json.dumps(answer(f"g{n}")) for n in range(1, 4)))
    assert import_files(tmp_path / "calls.csv", tmp_path / "many").calls == 2


REVENIUM: dict[str, Any] = {
    "costType": "AI", "inputTokenCount": 1200, "outputTokenCount": 340, "totalTokenCount": 1540, "model": "gpt-4o",
    "provider": "OPENAI", "requestDuration": 1234, "requestTime": "2025-03-01T12:00:00.000Z", "stopReason": "END",
    "responseTime": "2025-03-01T12:00:01.234Z", "transactionId": "call-0001", "agent": "feature-summaries",
    "cacheReadTokenCount": 100, "cacheCreationTokenCount": 0, "organizationName": "org-acme", "productName": "prod-chat",
    "subscriber": {"id": "cust-42", "email": "a@example.com"}, "subscriptionTier": "pro", "taskType": "summarize",
    "totalCost": 0.0064, "traceId": "trace-9", "environment": "production", "transactionName": "chat-reply",
}  # fmt: skip


@pytest.mark.parametrize("form", ["bodies", "captured", "captured as text"])
def test_metering_bodies_alone_or_captured(tmp_path: Path, form: str) -> None:
    bodies = [
        REVENIUM,
        REVENIUM | {"transactionId": "claude", "provider": "ANTHROPIC", "model": "claude-sonnet-4-5", "inputTokenCount": 20,
                    "cacheReadTokenCount": 1000, "cacheCreationTokenCount": 200, "outputTokenCount": 50,
                    "totalTokenCount": 70, "totalCost": None},
        REVENIUM | {"transactionId": "batch", "totalCost": None, "pricingTier": "BATCH"},
        REVENIUM | {"transactionId": "failed", "stopReason": "ERROR", "errorCode": "429", "inputTokenCount": 0,
                    "cacheReadTokenCount": 0, "outputTokenCount": 0, "totalTokenCount": 0, "totalCost": None},
        {"transactionId": "t", "toolId": "x", "durationMs": 5, "success": True},
    ]  # fmt: skip
    if form != "bodies":
        bodies = [
            {"method": "POST", "path": "/meter/v2/ai/completions", "headers": {},
             "body": json.dumps(body) if form == "captured as text" else body}
            for body in bodies
        ]  # fmt: skip
    report, rows = imported(tmp_path, json.dumps(bodies))
    found = by_id(rows)
    # a batch of gpt-4o: 1,100 uncached at $1.25, 100 cached at the standard $1.25, 340 output at $5 for a million
    half = (1100 * Decimal("1.25") + 100 * Decimal("1.25") + 340 * 5) / 1_000_000
    assert {name: Decimal(row["cost_usd"]) for name, row in found.items()} == {
        "call-0001": Decimal("0.0064"), "batch": half, "failed": 0,
        "claude": (20 * Decimal(3) + 1000 * Decimal("0.3") + 200 * Decimal("3.75") + 50 * 15) / 1_000_000,
    }  # fmt: skip
    assert (found["claude"]["input_tokens"], found["call-0001"]["input_tokens"]) == ("1220", "1200")
    assert (found["failed"]["status"], report.skipped) == ("error", {"not_a_call": 1})
    names = (
        "customer_id",
        "organization_id",
        "product_id",
        "feature_id",
        "task_type",
        "subscription_tier",
        "latency_ms",
    )
    assert [found["call-0001"][name] for name in names] == [
        "cust-42", "org-acme", "prod-chat", "feature-summaries", "summarize", "pro", "1234",
    ]  # fmt: skip
    assert "a@example.com" not in (tmp_path / "calls.csv").read_text()


def test_sessions_of_claude_code_count_the_last_line_of_an_answer(tmp_path: Path) -> None:
    def line(output: int, uuid: str, request: str = "req_1", **fields: Any) -> dict[str, Any]:
        usage = {"input_tokens": 4, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 1000,
                 "cache_creation": {"ephemeral_5m_input_tokens": 150, "ephemeral_1h_input_tokens": 50},
                 "output_tokens": output, "service_tier": "standard"}  # fmt: skip
        message = {"id": f"msg of {request}", "model": "claude-sonnet-4-5-20250929", "role": "assistant", "usage": usage,
                   "content": [{"type": "text", "text": "secret"}]}  # fmt: skip
        return {"type": "assistant", "message": message, "requestId": request, "uuid": uuid, "sessionId": "S",
                "timestamp": f"2026-03-01T10:00:0{uuid}.000Z", "version": "2.0"} | fields  # fmt: skip

    lines = [
        {"type": "summary", "summary": "s", "leafUuid": "u"},
        {"type": "user", "message": {"role": "user", "content": "secret"}, "uuid": "0", "sessionId": "S",
         "timestamp": "2026-03-01T10:00:00.000Z"},
        line(1, "1"), line(50, "2"), line(7, "3", "req_2"),
        line(0, "4", "req_3", message={"id": "x", "model": "<synthetic>", "usage": {"input_tokens": 0, "output_tokens": 0}},
             isApiErrorMessage=True),
    ]  # fmt: skip
    report, rows = imported(tmp_path, lines)
    found = by_id(rows)
    assert report.skipped == {"not_a_call": 2, "repeated_in_file": 1}
    assert (found["req_1"]["input_tokens"], found["req_1"]["output_tokens"]) == ("1204", "50")
    # 4 at $3, 1,000 read at $0.30, 150 written at $3.75 and 50 at $6, 50 output at $15 for a million
    assert found["req_1"]["cost_usd"] == "0.001924500"
    assert (found["req_3"]["status"], found["req_3"]["model"]) == ("error", "")
    assert "secret" not in (tmp_path / "calls.csv").read_text()
