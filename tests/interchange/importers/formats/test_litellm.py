"""LiteLLM in all its shapes: table dumps, API answers, payloads of callbacks; who pays, what failed, what was cached."""

import csv
import gzip
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UsageError
from tests.interchange.importers.importing import build_mapping, by_id, import_files, imported, written

BASE: dict[str, Any] = {
    "request_id": "r", "call_type": "acompletion", "api_key": "88dc28d0", "spend": 0.00345, "total_tokens": 1120,
    "prompt_tokens": 1000, "completion_tokens": 120, "startTime": "2026-03-01 10:00:00.123456",
    "endTime": "2026-03-01 10:00:02.123456", "completionStartTime": "2026-03-01 10:00:00.623456", "model": "gpt-4o",
    "model_group": "gpt-4o", "custom_llm_provider": "openai", "user": "default_user_id", "metadata": "{}",
    "cache_hit": "False", "request_tags": "[]", "team_id": "team-x", "end_user": "cust-1", "messages": "secret words",
    "session_id": "s-1", "status": "success",
}  # fmt: skip


def row(request_id: str, **fields: Any) -> dict[str, Any]:
    return BASE | {"request_id": request_id} | fields


ROWS = [
    row("plain"),
    row("hit_cache_hit1740823200.12", cache_hit="True", spend=0),
    row(
        "failed",
        status="failure",
        spend=0,
        prompt_tokens=0,
        completion_tokens=0,
        metadata=json.dumps({"error_information": {"error_code": "429"}}),
    ),
    row("unpriced", spend=None),
    row(
        "embedding",
        call_type="aembedding",
        model="text-embedding-3-small",
        completion_tokens=0,
        spend=1.6e-07,
    ),
]


def as_csv(rows: list[dict[str, Any]], **options: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), **options)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


SHAPES = {
    "lines": "\n".join(map(json.dumps, ROWS)),
    "list": json.dumps(ROWS),
    "pretty list": json.dumps(ROWS, indent=2),
    "page": json.dumps({"data": ROWS, "total": 5, "page": 1, "page_size": 50, "total_pages": 1}),
    "pages, one a line": "\n".join(json.dumps({"data": ROWS[at : at + 2], "page": at}) for at in (0, 2, 4)),
    "pages in a list": json.dumps([{"data": ROWS[:3]}, {"data": ROWS[3:]}]),
    "blank lines": "\n\n" + "\n \n".join(map(json.dumps, ROWS)) + "\n\n",
    "csv": as_csv(ROWS),
    "csv of a spreadsheet": "\ufeff" + as_csv(ROWS, delimiter=";"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_gives_the_same_calls(tmp_path: Path, shape: str) -> None:
    report, rows = imported(tmp_path, SHAPES[shape])
    assert (report.rows_read, report.calls, report.totals.errors) == (5, 5, 1)
    costs = {row["call_id"]: (row["cost_usd"], row["cost_source"]) for row in rows}
    assert costs == {
        "plain": ("0.003450000", "reported"),
        "hit_cache_hit1740823200.12": ("0.000000000", "reported"),
        "failed": ("0.000000000", "reported"),
        # 1,000 input at $2.50 and 120 output at $10 for a million
        "unpriced": ("0.003700000", "computed"),
        "embedding": ("0.000000160", "reported"),
    }
    assert {row["latency_ms"] for row in rows} == {"2000"}
    assert {row["time_to_first_token_ms"] for row in rows} == {"500"}
    assert "secret" not in (tmp_path / "calls.csv").read_text()


def test_the_order_of_columns_and_missing_ones_do_not_matter(tmp_path: Path) -> None:
    few = ["completion_tokens", "call_type", "startTime", "spend", "model", "prompt_tokens", "request_id"]
    rows = [{name: entry[name] for name in [*few, "custom_llm_provider", "cache_hit"]} for entry in ROWS[:2]]
    _, calls = imported(tmp_path, as_csv(rows))
    assert [(call["input_tokens"], call["output_tokens"], call["latency_ms"]) for call in calls] == [
        ("1000", "120", "")
    ] * 2


def test_several_files_and_packed_ones_are_one_import(tmp_path: Path) -> None:
    first, second, target = tmp_path / "a.json", tmp_path / "b.csv.gz", tmp_path / "calls.csv"
    first.write_text(json.dumps(ROWS[:3]))
    second.write_bytes(gzip.compress(as_csv(ROWS[2:]).encode()))
    report = import_files(target, first, second)
    # the third row stands in both
    assert (report.rows_read, report.calls, report.skipped) == (6, 5, {"repeated_in_file": 1})
    assert import_files(target, second).skipped == {"already_imported": 3}
    assert len(written(target)) == 5


def test_who_and_what_for_in_tags_metadata_and_columns(tmp_path: Path) -> None:
    tags = ["feature:search", "env:prod", "User-Agent: openai/1.0", "task:qa", "plan=pro", "customer:c9"]
    metadata = {
        "user_api_key_alias": "key-a", "user_api_key_org_id": "org-1", "user_agent": "ua",
        "spend_logs_metadata": {"feature": "chat", "customerId": "zz"},
    }  # fmt: skip
    records = [
        row("tags", request_tags=json.dumps(tags), end_user=""),
        row("array", request_tags="{feature:search,env:prod}"),
        row("metadata", metadata=json.dumps(metadata), end_user=None, team_id=None),
    ]
    _, rows = imported(tmp_path, as_csv(records))
    found = by_id(rows)
    names = (
        "customer_id",
        "organization_id",
        "product_id",
        "feature_id",
        "task_type",
        "environment",
        "user_agent",
    )
    assert [found["tags"][name] for name in names] == [
        "c9", "team-x", "", "search", "qa", "prod", "openai/1.0"
    ]  # fmt: skip
    assert found["tags"]["subscription_tier"] == "pro"
    assert (found["array"]["feature_id"], found["array"]["environment"]) == ("search", "prod")
    assert [found["metadata"][name] for name in names] == ["zz", "org-1", "key-a", "chat", "", "", "ua"]


def test_a_mapped_tag_is_looked_for_where_litellm_has_its_tags(tmp_path: Path) -> None:
    records = [row("a", request_tags=json.dumps(["squad: blue", "feature:x"]))]
    _, rows = imported(tmp_path, records, mapping=build_mapping(["product_id=tag:squad"], []))
    assert (rows[0]["product_id"], rows[0]["feature_id"]) == ("blue", "x")


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize(
    ("start", "end"),
    [(1772359200.5, 1772359203.0), ("2026-03-01 10:00:00.500000", "2026-03-01 10:00:03.000000")],
)
def test_payloads_of_callbacks_old_and_new(tmp_path: Path, start: Any, end: Any, text: bool) -> None:
    metadata = {
        "user_api_key_alias": "al", "user_api_key_team_id": "t9", "user_api_key_end_user_id": "cust-5",
        "usage_object": {"prompt_tokens_details": {"cached_tokens": 1000, "cache_creation_tokens": 200},
                         "completion_tokens_details": {"reasoning_tokens": 10}},
        "requester_metadata": {"task_type": "qa"},
    }  # fmt: skip
    payload = {
        "id": "chatcmpl-9", "trace_id": "tr-1", "call_type": "acompletion", "response_cost": 0.01, "status": "success",
        "custom_llm_provider": "anthropic", "prompt_tokens": 1220, "completion_tokens": 50, "total_tokens": 1270,
        "startTime": start, "endTime": end, "response_time": 0.5, "model": "claude-sonnet-4-5-20250929",
        "metadata": json.dumps(metadata) if text else metadata, "request_tags": ["env:staging"], "end_user": "",
        "messages": [{"role": "user", "content": "secret"}], "model_group": "claude", "api_base": "x",
    }  # fmt: skip
    _, rows = imported(tmp_path, payload)
    call = rows[0]
    # 20 + 1,000 + 200: the total is inclusive; latency from start to end, not the response time to the first token
    assert [call[name] for name in ("input_tokens", "cached_input_tokens", "cache_write_tokens")] == [
        "1220", "1000", "200",
    ]  # fmt: skip
    assert (call["reasoning_tokens"], call["latency_ms"], call["cost_usd"]) == ("10", "2500", "0.010000000")
    assert (call["customer_id"], call["organization_id"], call["task_type"], call["environment"]) == (
        "cust-5", "t9", "qa", "staging",
    )  # fmt: skip
    assert (call["trace_id"], call["timestamp"]) == ("tr-1", "2026-03-01T10:00:00.500000Z")


def test_a_retry_under_one_call_id_is_one_call_and_the_success_stays(tmp_path: Path) -> None:
    failed = row("x1", litellm_call_id="LC", status="failure", spend=0, prompt_tokens=0, completion_tokens=0)
    report, rows = imported(tmp_path, [failed, row("x2", litellm_call_id="LC"), row("x3", status="failure")])
    assert report.skipped == {"repeated_in_file": 1}
    assert {(call["call_id"], call["status"]) for call in rows} == {("LC", "success"), ("x3", "error")}


def test_one_bad_row_does_not_turn_what_litellm_documents(tmp_path: Path) -> None:
    """Totals are inclusive, whoever made one wrong."""
    cached = {"usage_object": {"prompt_tokens_details": {"cached_tokens": 800}}}
    records = [row(f"r{n}", metadata=json.dumps(cached)) for n in range(4)]
    records.append(row("wrong", metadata=json.dumps(cached), prompt_tokens=5))
    _, rows = imported(tmp_path, records)
    found = by_id(rows)
    assert found["r0"]["input_tokens"] == "1000"
    # a part that is larger than its total is not cut to it
    assert (found["wrong"]["input_tokens"], found["wrong"]["cached_input_tokens"]) == ("5", "800")


@pytest.mark.parametrize(
    ("provider", "model", "kept", "rate"),
    [
        ("", "openai/gpt-4o", ("openai", "gpt-4o"), ("2.5", "10")),
        ("vertex_ai", "vertex_ai/gemini-2.5-flash", ("google", "gemini-2.5-flash"), ("0.3", "2.5")),
        ("azure", "azure/gpt-4o", ("azure", "gpt-4o"), ("2.5", "10")),
        ("anthropic", "anthropic/claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5"), ("3", "15")),
    ],
)
def test_routes_before_a_model_are_taken_off(
    tmp_path: Path, provider: str, model: str, kept: tuple[str, str], rate: tuple[str, str]
) -> None:
    _, rows = imported(tmp_path, [row("a", spend=None, custom_llm_provider=provider, model=model)])
    assert (rows[0]["provider"], rows[0]["model"]) == kept
    assert Decimal(rows[0]["cost_usd"]) == (1000 * Decimal(rate[0]) + 120 * Decimal(rate[1])) / 1_000_000


@pytest.mark.parametrize(
    ("tier", "usd", "gap"),
    [
        # 499 uncached at $2.50, 501 cached at $1.25 and 120 output at $10 for a million
        ("standard", (499 * Decimal("2.5") + 501 * Decimal("1.25") + 120 * 10) / 1_000_000, ""),
        # in a batch input and output cost half; no rate for cached input is published, the standard one holds
        ("batch", (499 * Decimal("1.25") + 501 * Decimal("1.25") + 120 * 5) / 1_000_000, ""),
        ("BATCH", (499 * Decimal("1.25") + 501 * Decimal("1.25") + 120 * 5) / 1_000_000, ""),
        # gpt-4o is not sold so
        ("flex", None, "service_tier=flex"),
        ("scale", None, "service_tier=scale"),
    ],
)
def test_a_tier_has_rates_of_its_own_or_none(
    tmp_path: Path, tier: str, usd: Decimal | None, gap: str
) -> None:
    metadata = json.dumps({"usage_object": {"service_tier": tier, "cache_read_input_tokens": 501}})
    _, [found] = imported(tmp_path, [row("a", spend=None, metadata=metadata)])
    assert found["cost_usd"] == ("" if usd is None else f"{usd:.9f}")
    assert (found["service_tier"], found["cost_gap"]) == (tier.lower(), gap)


def test_what_the_engine_cannot_read_in_a_prompt_costs_no_call(tmp_path: Path) -> None:
    lines = [json.dumps(row(name, messages="WORDS")) for name in ("nul", "half", "bytes", "long", "good")]
    raw = [line.encode() for line in lines]
    raw[0] = raw[0].replace(b"WORDS", rb"a\u0000b")
    raw[1] = raw[1].replace(b"WORDS", rb"a\ud83db")
    raw[2] = raw[2].replace(b"WORDS", b"a\xff\xfeb")
    raw[3] = raw[3].replace(b"WORDS", b"long" * 700_000)
    target, source = tmp_path / "calls.csv", tmp_path / "export"
    for content in (b"\n".join(raw), b"[" + b",".join(raw) + b"]"):
        source.write_bytes(content)
        target.unlink(missing_ok=True)
        report = import_files(target, source)
        assert (report.calls, report.skipped) == (5, {})
        assert {call["call_id"] for call in written(target)} == {"nul", "half", "bytes", "long", "good"}


@pytest.mark.parametrize(
    "record",
    [
        {"startTime": "2026-03-01", "spend": 1.5, "users": {"a": 1}, "models": {"gpt-4o": 1.5}},
        {"startTime": "2026-03-01", "spend": 1.5, "users": {}, "models": {}, "api_key": "x"},
        {"date": "2026-03-01", "metrics": {"spend": 1.5, "api_requests": 3}, "breakdown": {}},
    ],
)
def test_days_are_no_calls(tmp_path: Path, record: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="summarize=false"):
        imported(tmp_path, [record])
    with pytest.raises(UsageError, match="summarize=false"):
        imported(tmp_path, {"results": [record], "metadata": {}})


def test_fields_called_as_the_importer_calls_its_own_do_no_harm(tmp_path: Path) -> None:
    odd = {"line": 1, "broken": "x", "skip": "y", "timestamp": "z", "text": "t", "f0": "f", "file": 3}
    _, rows = imported(tmp_path, as_csv([row("a") | odd]))
    assert (rows[0]["call_id"], rows[0]["timestamp"]) == ("a", "2026-03-01T10:00:00.123456Z")
