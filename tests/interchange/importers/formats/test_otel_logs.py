"""Logs of coding agents: each counts in its own way, ids tell calls that other files tell, other events are none."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.interchange.importers.importing import SAMPLES, counts_of, import_files, imported, imported_once

NAMES = ("claude_code.jsonl", "gemini_cli.json", "codex_cli.json")
RIGHT = {
    "claude_code.jsonl": {
        "calls": 3, "failed": 1, "input": 18_212, "cached": 15_200, "written": 2_100, "output": 384,
    },
    "gemini_cli.json": {
        "calls": 2, "failed": 1, "input": 12_050, "cached": 8_000, "output": 1_000, "reasoning": 700,
    },
    "codex_cli.json": {"calls": 2, "failed": 1, "input": 10_000, "cached": 6_000, "output": 200, "reasoning": 80},
}  # fmt: skip


def attributes(said: dict[str, Any], *, snake: bool = False) -> list[dict[str, Any]]:
    text, integer = ("string_value", "int_value") if snake else ("stringValue", "intValue")
    return [
        {"key": key, "value": {integer if isinstance(value, int) else text: value}}
        for key, value in said.items()
    ]


def otlp(*records: dict[str, Any], service: str = "claude-code") -> dict[str, Any]:
    resource = {"attributes": attributes({"service.name": service})}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": list(records)}]}]}


def record(nanos: int, event: str, body: str = "", **said: Any) -> dict[str, Any]:
    named = {"event.name": event} if event else {}
    said = {key.replace("__", "."): value for key, value in said.items()}
    return {
        "timeUnixNano": str(1_785_924_000_000_000_000 + nanos), "body": {"stringValue": body},
        "attributes": attributes(named | said),
    }  # fmt: skip


CLAUDE = {
    "model": "claude-sonnet-4-6", "input_tokens": "10", "output_tokens": "20", "cache_read_tokens": "1000",
    "cache_creation_tokens": "100", "duration_ms": "1500", "session__id": "s1",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_imports_to_its_numbers(tmp_path: Path, name: str) -> None:
    report, _ = imported_once(tmp_path / "a.csv", SAMPLES / "otlp_logs" / name)
    assert counts_of(report) == RIGHT[name]
    assert report.cost.reported_usd == (Decimal("0.018691") if "claude" in name else 0)


def test_all_agents_in_one_file_and_out_of_order(tmp_path: Path) -> None:
    lines = [
        line
        for name in reversed(NAMES)
        for line in (SAMPLES / "otlp_logs" / name).read_text().replace("\n]", "]").splitlines()
    ]
    documents = [json.loads((SAMPLES / "otlp_logs" / name).read_text()) for name in NAMES[1:]]
    documents += [json.loads(line) for line in lines if line.startswith('{"resourceLogs"')]
    report, _ = imported(tmp_path, documents)
    assert counts_of(report) == {
        "calls": 7, "failed": 3, "input": 40_262, "cached": 29_200, "written": 2_100, "output": 1_584, "reasoning": 780,
    }  # fmt: skip


def test_an_event_stands_at_the_end_of_its_call(tmp_path: Path) -> None:
    _, rows = imported(tmp_path, [otlp(record(2_000_000_000, "api_request", **CLAUDE, speed="fast"))])
    assert (rows[0]["timestamp"], rows[0]["latency_ms"]) == ("2026-08-05T10:00:00.500000Z", "1500")
    assert (rows[0]["input_tokens"], rows[0]["speed"]) == ("1110", "fast")


def test_a_transcript_and_the_logs_of_its_requests_count_once(tmp_path: Path) -> None:
    line = {
        "type": "assistant", "uuid": "u1", "sessionId": "s1", "requestId": "req_7", "version": "2.0.1",
        "timestamp": "2026-08-05T10:00:02.000Z",
        "message": {"id": "m1", "model": "claude-sonnet-4-6", "usage": {
            "input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 100,
        }},
    }  # fmt: skip
    (tmp_path / "transcript").write_text(json.dumps(line))
    (tmp_path / "logs").write_text(
        json.dumps(otlp(record(2_000_000_000, "api_request", **CLAUDE, request_id="req_7")))
    )
    assert import_files(tmp_path / "a.csv", tmp_path / "transcript", tmp_path / "logs").calls == 1


def test_older_versions_name_the_event_in_the_body_and_count_in_millionths_of_a_dollar(
    tmp_path: Path,
) -> None:
    old = record(0, "", "claude_code.api_request", **CLAUDE, cost_usd_micros="1234")
    refusal = record(1, "api_refusal", "claude_code.api_refusal", **CLAUDE)
    body = record(2, "api_request_body", "claude_code.api_request_body", **CLAUDE)
    report, rows = imported(tmp_path, [otlp(old, refusal, body)])
    assert report.skipped == {"not_a_call": 2}
    assert (rows[0]["cost_usd"], rows[0]["cost_source"]) == ("0.001234000", "reported")


def test_an_event_of_another_service_by_the_same_name_is_no_call(tmp_path: Path) -> None:
    report, _ = imported(tmp_path, [otlp(record(0, "api_request", **CLAUDE), service="shop")])
    assert report.skipped == {"not_a_call": 1}


def test_two_responses_of_one_second_are_two_calls(tmp_path: Path) -> None:
    said = {
        "event__kind": "response.completed", "event__timestamp": "2026-08-05T10:00:05Z", "model": "gpt-5",
        "conversation__id": "t1", "input_token_count": "100", "output_token_count": 10,
    }  # fmt: skip
    logs = otlp(*(record(nanos, "codex.sse_event", **said) for nanos in (1, 2)), service="codex_cli_rs")
    report, _ = imported(tmp_path, [logs])
    assert counts_of(report) == {"calls": 2, "input": 200, "output": 20}


def test_the_event_of_a_call_counts_once_beside_its_span(tmp_path: Path) -> None:
    usage = {
        "gen_ai__operation__name": "chat", "gen_ai__provider__name": "openai", "gen_ai__request__model": "gpt-4o",
        "gen_ai__usage__input_tokens": 100, "gen_ai__usage__output_tokens": 10,
    }  # fmt: skip
    ids = {"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169200001"}
    event = record(5, "gen_ai.client.inference.operation.details", **usage) | ids
    span = ids | {
        "startTimeUnixNano": "1785924000000000000", "endTimeUnixNano": "1785924001000000000",
        "attributes": record(0, "", **usage)["attributes"],
    }  # fmt: skip
    (tmp_path / "logs").write_text(json.dumps(otlp(event, service="shop")))
    (tmp_path / "spans").write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    assert import_files(tmp_path / "a.csv", tmp_path / "logs").calls == 1
    report = import_files(tmp_path / "b.csv", tmp_path / "logs", tmp_path / "spans")
    assert counts_of(report) == {"calls": 1, "input": 100, "output": 10}


def test_fields_named_as_protocol_buffers_name_them_and_a_file_of_one_long_line(tmp_path: Path) -> None:
    records = [
        {
            "time_unix_nano": str(1_785_924_000_000_000_000 + number), "body": {"string_value": "claude_code.api_request"},
            "attributes": attributes({"model": "claude-sonnet-4-6", "input_tokens": 1, "output_tokens": 2}, snake=True),
        }
        for number in range(5_000)
    ]  # fmt: skip
    logs = {"resource_logs": [{"scope_logs": [{"log_records": records}], "resource": {}}]}
    report, _ = imported(tmp_path, json.dumps(logs))
    assert counts_of(report) == {"calls": 5_000, "input": 5_000, "output": 10_000}


def test_a_broken_line_harms_no_other(tmp_path: Path) -> None:
    good = json.dumps(otlp(record(0, "api_request", **CLAUDE)))
    report, _ = imported(
        tmp_path, f"{good}\n{good[:400]}\n" + good.replace("24000000000000", "24000000000099")
    )
    assert report.calls == 2
    assert report.skipped == {"not_json": 1}


def test_the_files_of_copilot_and_gemini_import_to_their_numbers(tmp_path: Path) -> None:
    report, rows = imported_once(tmp_path / "a.csv", SAMPLES / "copilot_otel/copilot-otel.jsonl")
    assert counts_of(report) == {"calls": 2, "input": 12_400, "cached": 9_800, "output": 310}
    assert {(row["latency_ms"], row["session_id"]) for row in rows} == {("2500", "c1")}
    report, _ = imported_once(tmp_path / "b.csv", SAMPLES / "gemini_cli/telemetry.log")
    assert counts_of(report) == {
        "calls": 1,
        "input": 12_050,
        "cached": 8_000,
        "output": 1_000,
        "reasoning": 700,
    }


def test_a_log_record_without_the_answers_id_is_the_call_of_its_span(tmp_path: Path) -> None:
    usage = {"gen_ai.usage.input_tokens": 50, "gen_ai.usage.output_tokens": 5}
    context = {"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169200001"}
    span = context | {
        "type": "span", "startTime": [1_785_924_001, 0], "endTime": [1_785_924_001, 250_000_000], "status": {"code": 0},
        "attributes": usage | {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"},
    }  # fmt: skip
    log = {
        "hrTime": [1_785_924_001, 250_000_000], "spanContext": context,
        "attributes": usage | {"event.name": "gen_ai.client.inference.operation.details"},
    }  # fmt: skip
    report, rows = imported(tmp_path, [log, span, log, {"type": "metric", "name": "x"}, {}])
    assert counts_of(report) == {"calls": 1, "input": 50, "output": 5}
    assert (rows[0]["model"], rows[0]["latency_ms"]) == ("gpt-5", "250")


def test_spans_and_logs_of_one_file_are_both_read(tmp_path: Path) -> None:
    span = {
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169200001",
        "startTimeUnixNano": "1785924000000000000", "endTimeUnixNano": "1785924001000000000",
        "attributes": attributes({
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 10,
        }),
    }  # fmt: skip
    spans = {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes({"service.name": "shop"})},
                "scopeSpans": [{"spans": [span]}],
            }
        ]
    }
    lines = [
        json.dumps(each)
        for each in (spans, otlp(record(0, "api_request", **CLAUDE)), {"resourceMetrics": []})
    ]
    report, rows = imported(tmp_path, "\n".join([*lines, lines[0][:50]]))
    assert counts_of(report) == {"calls": 2, "input": 1_210, "cached": 1_000, "written": 100, "output": 30}
    assert {row["product_id"] for row in rows} == {"shop", "claude-code"}
    assert report.skipped["not_json"] == 1
