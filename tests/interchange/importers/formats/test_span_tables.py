"""Spans and logs in tables: columns of attributes or one of all, dotted or nested, text or objects."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.interchange.importers.importing import SAMPLES, by_id, counts_of, imported, imported_once

CALL = {
    "gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": "1000", "gen_ai.usage.output_tokens": "110", "gen_ai.response.id": "chatcmpl-1",
}  # fmt: skip


def row(**fields: Any) -> dict[str, Any]:
    return {
        "Timestamp": "2026-08-05 10:00:01.250000000", "TraceId": "t1", "SpanId": "s2", "ParentSpanId": "",
        "ServiceName": "shop", "ResourceAttributes": {"deployment.environment.name": "prod"}, "SpanAttributes": CALL,
        "Duration": "2000000000", "StatusCode": "Unset",
    } | fields  # fmt: skip


@pytest.mark.parametrize(
    ("name", "right", "milliseconds"),
    [
        ("phoenix/spans_dataframe.csv", {
            "calls": 2, "failed": 1, "input": 100, "cached": 64, "output": 7,
        }, ["2000", "250"]),
        ("clickhouse_otel/otel_traces.jsonl", {"calls": 2, "failed": 1, "input": 1_000, "output": 110}, ["2000", "90"]),
        ("logfire/records.json", {"calls": 1, "input": 100, "output": 7}, ["2000"]),
        ("mlflow/traces.json", {"calls": 1, "input": 63, "output": 153}, ["1350"]),
    ],
)  # fmt: skip
def test_a_sample_imports_to_its_numbers(
    tmp_path: Path, name: str, right: dict[str, int], milliseconds: list[str]
) -> None:
    report, rows = imported_once(tmp_path / "a.csv", SAMPLES / name)
    assert counts_of(report) == right
    assert [row["latency_ms"] for row in rows] == milliseconds
    reported = {"logfire/records.json": "0.000320000", "mlflow/traces.json": "0.000101250"}
    assert f"{report.cost.reported_usd:f}" == reported.get(name, "0")


def test_clickhouse_as_text_nested_or_printed_with_single_quotes(tmp_path: Path) -> None:
    nested = {
        "gen_ai": {
            "operation": {"name": "chat"}, "request": {"model": "gpt-4o"},
            "usage": {"input_tokens": 1000, "output_tokens": 110},
        }
    }  # fmt: skip
    printed = json.dumps(CALL | {"gen_ai.response.id": "b"}).replace('"', "'")
    rows = [row(), row(SpanId="s3", SpanAttributes=nested), row(SpanId="s4", SpanAttributes=printed)]
    report, found = imported(tmp_path, rows)
    assert counts_of(report) == {"calls": 3, "input": 3_000, "output": 330}
    assert {(call["model"], call["product_id"], call["environment"]) for call in found} == {
        ("gpt-4o", "shop", "prod")
    }
    assert {call["timestamp"] for call in found} == {"2026-08-05T10:00:01.250000Z"}


def test_clickhouse_in_parquet_with_maps(tmp_path: Path) -> None:
    source = tmp_path / "traces.parquet"
    attributes = ", ".join(f"'{key}': '{value}'" for key, value in CALL.items())
    duckdb.sql(f"""copy (
        select timestamp '2026-08-05 10:00:01' as "Timestamp", 't1' as "TraceId", 's1' as "SpanId", '' as "ParentSpanId",
            'shop' as "ServiceName", map {{{attributes}}} as "SpanAttributes", 2000000000 as "Duration",
            'STATUS_CODE_ERROR' as "StatusCode"
    ) to '{source}' (format parquet)""")
    report, rows = imported_once(tmp_path / "a.csv", source)
    assert counts_of(report) == {"calls": 1, "failed": 1, "input": 1_000, "output": 110}
    assert rows[0]["request_id"] == "chatcmpl-1"


def test_logs_of_agents_in_clickhouse(tmp_path: Path) -> None:
    log = {
        "Timestamp": "2026-08-05 10:00:05.000000000", "TraceId": "", "SpanId": "", "Body": "claude_code.api_request",
        "ServiceName": "claude-code", "ResourceAttributes": {},
        "LogAttributes": {
            "event.name": "api_request", "model": "claude-sonnet-4-6", "input_tokens": "10", "output_tokens": "5",
            "cache_read_tokens": "100", "duration_ms": "1000", "request_id": "req_1",
        },
    }  # fmt: skip
    report, rows = imported(
        tmp_path, [log, log | {"Body": "x", "LogAttributes": {"event.name": "tool_result"}}]
    )
    assert report.skipped == {"not_a_call": 1}
    assert (rows[0]["input_tokens"], rows[0]["timestamp"]) == ("110", "2026-08-05T10:00:04.000000Z")


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_a_data_frame_of_phoenix_in_any_container(tmp_path: Path, ending: str) -> None:
    spans = [
        {
            "context.span_id": name, "context.trace_id": "t1", "parent_id": above, "span_kind": kind,
            "start_time": "2026-08-05T10:00:01Z", "end_time": "2026-08-05T10:00:03Z", "status_code": "OK",
            "attributes.llm.model_name": "claude-sonnet-4-6", "attributes.llm.token_count.prompt": tokens,
            "attributes.llm.token_count.completion": 7.0, "attributes.llm.token_count.prompt_details.cache_write": 20.0,
            "attributes.metadata": '{"ls_provider": "anthropic"}',
        }
        for name, above, kind, tokens in (("a", None, "CHAIN", 100.0), ("b", "a", "LLM", 100.0), ("c", "b", "LLM", 60.0))
    ]  # fmt: skip
    source = tmp_path / f"frame.{ending}"
    lines = tmp_path / "frame.jsonl"
    lines.write_text("".join(json.dumps(span) + "\n" for span in spans))
    if ending == "csv":
        with source.open("w", newline="") as out:
            writer = csv.DictWriter(out, list(spans[0]))
            writer.writeheader()
            writer.writerows(spans)
    elif ending == "parquet":
        duckdb.sql(f"copy (from read_json('{lines}')) to '{source}' (format parquet)")
    report, rows = imported_once(tmp_path / "a.csv", source)
    # The client inside the span of a model is the call.
    assert counts_of(report) == {"calls": 1, "input": 60, "written": 20, "output": 7}
    assert (rows[0]["provider"], report.skipped) == ("anthropic", {"not_a_call": 1, "nested": 1})


def test_a_pending_span_of_logfire_is_written_again(tmp_path: Path) -> None:
    record = {
        "start_timestamp": "2026-08-05T10:00:01Z", "end_timestamp": "2026-08-05T10:00:01Z", "trace_id": "t",
        "span_id": "b", "parent_span_id": None, "kind": "pending_span", "attributes": json.dumps(CALL),
        "service_name": "shop", "is_exception": False,
    }  # fmt: skip
    ended = record | {"kind": "span", "end_timestamp": "2026-08-05T10:00:02Z", "is_exception": True}
    report, rows = imported(tmp_path, [record, ended])
    assert report.skipped == {"pending": 1}
    assert (rows[0]["latency_ms"], rows[0]["status"], rows[0]["product_id"]) == ("1000", "error", "shop")


def test_spans_of_mlflow_with_caches_failures_and_plain_values(tmp_path: Path) -> None:
    usage = {"input_tokens": 1_000, "output_tokens": 20, "cache_read_input_tokens": 800}
    spans = [
        {
            "span_id": name, "parent_span_id": None, "start_time_unix_nano": 1_785_924_000_000_000_000,
            "end_time_unix_nano": 1_785_924_001_000_000_000, "status": {"code": status}, "attributes": attributes,
        }
        for name, status, attributes in (
            ("a", "STATUS_CODE_OK", {"mlflow.spanType": "CHAT_MODEL", "mlflow.chat.tokenUsage": usage, "mlflow.llm.model": "gpt-4o"}),
            ("b", "STATUS_CODE_ERROR", {"mlflow.spanType": '"LLM"', "mlflow.llm.model": '"gpt-4o"'}),
            ("c", "STATUS_CODE_OK", {"mlflow.spanType": '"TOOL"'}),
        )
    ]  # fmt: skip
    report, rows = imported(tmp_path, [{"info": {"request_id": "tr"}, "data": {"spans": spans}}])
    assert counts_of(report) == {"calls": 2, "failed": 1, "input": 1_000, "cached": 800, "output": 20}
    assert by_id(rows)["a"]["model"] == "gpt-4o"
