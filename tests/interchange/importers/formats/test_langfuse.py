"""Langfuse: observations of its API and exports, camelCase and snake_case; what a sum is, what a zero means."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from foundation.outcome import UsageError
from tests.interchange.importers.importing import by_id, import_files, imported, written


def camel(identity: str = "o1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identity, "traceId": "t1", "type": "GENERATION", "name": "answer", "startTime": "2026-03-01T10:00:00.000Z",
        "endTime": "2026-03-01T10:00:01.250Z", "completionStartTime": "2026-03-01T10:00:00.400Z", "model": "gpt-4o",
        "modelId": None, "internalModelId": "m1", "usageDetails": {"input": 100, "output": 10, "total": 110},
        "costDetails": {"input": 0.00025, "output": 0.0001, "total": 0.00035}, "totalCost": 0.00035, "latency": 1.25,
        "level": "DEFAULT", "environment": "default", "parentObservationId": None, "metadata": {},
        "input": "secret words", "output": "secret words",
    } | fields  # fmt: skip


SNAKE: dict[str, Any] = {
    "id": "b1", "trace_id": "t", "environment": "production", "type": "GENERATION", "parent_observation_id": "",
    "start_time": "2026-03-01 10:00:00.000000", "end_time": "2026-03-01 10:00:01.250000", "metadata": {"tier": "pro"},
    "level": "DEFAULT", "provided_model_name": "gpt-4o", "internal_model_id": "m", "latency": 1.25,
    "usage_details": {"input": "100", "output": "10", "total": "110"}, "time_to_first_token": 0.3,
    "cost_details": {"input": 0.00025, "output": 0.0001, "total": 0.00035}, "total_cost": 0.00035,
    "user_id": "u9", "session_id": "s9", "trace_name": "tn", "tags": ["org:acme"],
}  # fmt: skip


def blob_csv(**changes: Any) -> str:
    text = io.StringIO()
    record = SNAKE | changes
    writer = csv.DictWriter(text, list(record), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerow(
        {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in record.items()}
    )
    return text.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(SNAKE) + "\n",
        json.dumps([SNAKE]),
        blob_csv(),
        # as a database prints a map
        blob_csv(usage_details="{'input':100,'output':10,'total':110}"),
    ],
)
def test_blob_exports_read_alike(tmp_path: Path, content: str) -> None:
    _, [row] = imported(tmp_path, content)
    names = ("customer_id", "session_id", "feature_id", "environment", "organization_id", "subscription_tier")
    assert [row[name] for name in names] == ["u9", "s9", "tn", "production", "acme", "pro"]
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == ("100", "10", "0.000350000")
    assert (row["latency_ms"], row["time_to_first_token_ms"]) == ("1250", "300")


def test_a_blob_export_in_parquet(tmp_path: Path) -> None:
    source, target = tmp_path / "blob", tmp_path / "calls.csv"
    duckdb.sql("""
        select 'p1' as id, 't' as trace_id, 'GENERATION' as type, timestamp '2026-03-01 10:00:00' as start_time,
            timestamptz '2026-03-01 10:00:01.25+00' as end_time, 'gpt-4o' as provided_model_name,
            map(['input', 'input_cached_tokens', 'output'], [100::ubigint, 900::ubigint, 10::ubigint]) as usage_details,
            map(['total'], [0.00035::decimal(18,12)]) as cost_details, ['feature:z'] as tags, 'u' as user_id
    """).write_parquet(str(source))
    import_files(target, source)
    [row] = written(target)
    assert (row["input_tokens"], row["cached_input_tokens"], row["output_tokens"]) == ("1000", "900", "10")
    assert (row["cost_usd"], row["latency_ms"], row["feature_id"], row["customer_id"]) == (
        "0.000350000", "1250", "z", "u",
    )  # fmt: skip


# usageDetails -> input, output, cached, written, reasoning
USAGES = {
    "parts apart": ({"input": 20, "input_cached_tokens": 1000, "input_cache_creation": 200, "output": 30}, "1220 30 1000 200 "),
    "the provider's names": (
        {"input": 20, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200, "output": 50, "total": 1270},
        "1220 50 1000 200 ",
    ),
    "an hour's cache": (
        {"input": 20, "input_cache_creation_5m": 150, "input_cache_creation_1h": 50, "output": 5}, "220 5  200 ",
    ),
    "reasoning apart": ({"input": 179, "output": 35, "output_reasoning": 64, "total": 278}, "179 99   64"),
    "details passed through": (
        {"input": 100, "output": 30, "prompt_details.cache_read": 80, "completion_details.reasoning": 20}, "100 30 80  20",
    ),
    "details of another client": (
        {"input": 100, "output": 30, "total": 130, "input_token_details.cache_read": 80, "output_token_details.reasoning": 20},
        "100 30 80  20",
    ),
    "parts inside, as the total says": ({"input": 100, "output": 10, "total": 110, "input_cached_tokens": 80}, "100 10 80  "),
    "parts apart, as the total says": ({"input": 20, "output": 10, "total": 110, "input_cached_tokens": 80}, "100 10 80  "),
    "parts too large to be inside": ({"input": 20, "output": 50, "total": 70, "cache_read_input_tokens": 1000}, "1020 50 1000  "),
    "raw names": (
        {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "prompt_tokens_details.cached_tokens": 80},
        "100 10 80  ",
    ),
    "an embedding": ({"total": 8}, "8 0   "),
    "floats": ({"input": 100.0, "output": 10.0}, "100 10   "),
}  # fmt: skip


def test_tokens_are_inclusive_however_langfuse_splits_them(tmp_path: Path) -> None:
    records = [camel(name, usageDetails=usage) for name, (usage, _) in USAGES.items()]
    _, rows = imported(tmp_path, {"data": records, "meta": {"page": 1}})
    names = ("input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens", "reasoning_tokens")
    found = {row["call_id"]: " ".join(row[name] for name in names) for row in rows}
    assert found == {name: expected for name, (_, expected) in USAGES.items()}


def test_what_a_cost_is_and_when_it_is_not_known(tmp_path: Path) -> None:
    nothing: dict[str, Any] = {"costDetails": {}, "totalCost": None}
    records = [
        camel("total"),
        camel("parts", totalCost=None, costDetails={"input": 0.1, "output": 0.2}),
        camel("legacy", **nothing, calculatedTotalCost=0.4),
        camel("float", totalCost=0.000927499999),
        camel("free", totalCost=0, costDetails={"total": 0}),
        camel("no definition", totalCost=0, costDetails={}, internalModelId="", modelId=""),
        camel("nothing", **nothing),
        camel("unknown model", **nothing, model="acme-llm"),
    ]
    _, rows = imported(tmp_path, records)
    # 100 input at $2.50 and 10 output at $10 for a million
    listed = ("0.000350000", "computed")
    assert {row["call_id"]: (row["cost_usd"], row["cost_source"]) for row in rows} == {
        "total": ("0.000350000", "reported"),
        "parts": ("0.300000000", "reported"),
        "legacy": ("0.400000000", "reported"),
        "float": ("0.000927500", "reported"),
        "free": ("0.000000000", "reported"),
        "no definition": listed,
        "nothing": listed,
        "unknown model": ("", "unknown"),
    }


def test_old_observations_with_usage_in_other_units(tmp_path: Path) -> None:
    bare: dict[str, Any] = {"usageDetails": None, "costDetails": None, "totalCost": None}
    records = [
        camel("tokens", **bare, usage={"input": 100, "output": 10, "total": 110, "unit": "TOKENS"}),
        camel("no unit", **bare, usage={"promptTokens": 100, "completionTokens": 10}),
        camel("characters", **bare, internalModelId=None, usage={"input": 500, "output": 50, "unit": "CHARACTERS"}),
        camel("columns", **bare, inputUsage=7, outputUsage=3),
    ]  # fmt: skip
    report, rows = imported(tmp_path, {"data": records, "meta": {}})
    assert {row["call_id"]: (row["input_tokens"], row["output_tokens"]) for row in rows} == {
        "tokens": ("100", "10"), "no unit": ("100", "10"), "columns": ("7", "3"),
    }  # fmt: skip
    assert report.skipped == {"no_usage": 1}


def test_latency_is_the_end_less_the_start_and_else_seconds_or_milliseconds(tmp_path: Path) -> None:
    records = [
        camel("both", latency=1250),
        camel("seconds", endTime=None, latency=2.5),
        camel("milliseconds", endTime=None, latency=None, latencyMs=900),
        camel("nothing", endTime=None, latency=None),
    ]
    _, rows = imported(tmp_path, records)
    assert {row["call_id"]: row["latency_ms"] for row in rows} == {
        "both": "1250", "seconds": "2500", "milliseconds": "900", "nothing": "",
    }  # fmt: skip


def trace(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "trace": {"id": f"t{number}", "userId": f"u{number}", "tags": ["plan:pro"]},
        "observations": [camel(f"x{number}", traceId=f"t{number}"), camel(f"s{number}", type="SPAN")],
    } | fields


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(json.dumps(trace(n)) for n in range(3)),
        json.dumps([trace(n) for n in range(3)]),
        "\n".join(json.dumps(dict(reversed(trace(n).items())), indent=2) for n in range(3)),
        # as GET /api/public/traces/{id} answers
        "\n".join(
            json.dumps(trace(n)["trace"] | {"observations": trace(n)["observations"]}) for n in range(3)
        ),
    ],
)
def test_observations_know_whom_their_trace_served(tmp_path: Path, content: str) -> None:
    report, rows = imported(tmp_path, content)
    assert {(row["call_id"], row["customer_id"], row["subscription_tier"]) for row in rows} == {
        (f"x{n}", f"u{n}", "pro") for n in range(3)
    }
    assert report.skipped == {"not_a_call": 3}
    assert "secret" not in (tmp_path / "calls.csv").read_text()


def test_a_generation_around_others_is_not_counted_again(tmp_path: Path) -> None:
    records = [
        camel("outer", usageDetails={"input": 14, "output": 43}),
        camel("tool", type="TOOL", parentObservationId="outer"),
        camel("inner", parentObservationId="tool"),
        camel("failed", level="ERROR", statusMessage="429", usageDetails={}, costDetails={}, totalCost=0),
        camel("marker", usageDetails={}, costDetails={}, totalCost=0),
        camel("event", type="EVENT", endTime=None),
    ]
    report, rows = imported(tmp_path, records)
    assert {row["call_id"]: row["status"] for row in rows} == {"inner": "success", "failed": "error"}
    assert report.skipped == {"nested": 1, "not_a_call": 2, "no_usage": 1}
    assert by_id(rows)["failed"]["cost_usd"] == "0.000000000"


@pytest.mark.parametrize(
    "record",
    [
        {"date": "2026-03-01", "countTraces": 5, "countObservations": 9, "totalCost": 1, "usage": []},
        {
            "id": "t1",
            "name": "flow",
            "observations": ["a", "b"],
            "scores": [],
            "totalCost": 0.1,
            "htmlPath": "/x",
        },
    ],
)
def test_days_and_lists_of_traces_are_no_calls(tmp_path: Path, record: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="export observations"):
        imported(tmp_path, {"data": [record], "meta": {}})
