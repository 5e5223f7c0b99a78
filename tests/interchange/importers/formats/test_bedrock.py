"""Invocation logs of Bedrock: from S3 and CloudWatch, streams, hidden models, records without bodies."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.interchange.importers.importing import (
    SAMPLES,
    by_id,
    counts_of,
    import_files,
    imported,
    imported_once,
)

FOLDER = SAMPLES / "bedrock"


def record(request: str = "r1", **fields: Any) -> dict[str, Any]:
    return {
        "schemaType": "ModelInvocationLog", "timestamp": "2026-01-05T10:01:00Z", "accountId": "111122223333",
        "region": "us-east-1", "requestId": request, "operation": "Converse",
        "modelId": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "input": {"inputTokenCount": 12, "cacheReadInputTokenCount": 15_200, "cacheWriteInputTokenCount": 2_100},
        "output": {"outputTokenCount": 340},
    } | fields  # fmt: skip


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("log.jsonl", {
            "calls": 5, "failed": 1, "input": 196_872, "cached": 194_145, "written": 2_653, "output": 436,
        }),
        ("log.json.gz", {"calls": 2, "input": 196_816, "cached": 194_145, "written": 2_653, "output": 428}),
        ("cloudwatch_filter_log_events.json", {
            "calls": 1, "input": 17_312, "cached": 15_200, "written": 2_100, "output": 340,
        }),
    ],
)  # fmt: skip
def test_a_sample_imports_to_its_numbers(tmp_path: Path, name: str, right: dict[str, int]) -> None:
    report, _ = imported_once(tmp_path / "a.csv", FOLDER / name)
    assert counts_of(report) == right


def test_what_the_log_says_of_a_call(tmp_path: Path) -> None:
    import_files(tmp_path / "a.csv", FOLDER / "log.jsonl")
    _, rows = imported_once(tmp_path / "b.csv", FOLDER / "log.jsonl")
    found = by_id(rows)
    assert [found[f"r{number}"]["latency_ms"] for number in range(1, 6)] == ["901", "3021", "", "", ""]
    assert (found["r1"]["customer_id"], found["r1"]["product_id"], found["r1"]["region"]) == (
        "acme", "app", "us-east-2",
    )  # fmt: skip
    # The answer of a stream names the model that a profile hides, and the lifetime of its cache.
    assert (found["r2"]["model"], found["r2"]["cache_write_1h_tokens"]) == ("claude-opus-4-7", "553")


def test_s3_and_cloudwatch_tell_of_the_same_requests(tmp_path: Path) -> None:
    report = import_files(tmp_path / "a.csv", *sorted(FOLDER.glob("*log*.json*")))
    assert report.calls == 5


def test_answers_of_insights_and_other_log_lines(tmp_path: Path) -> None:
    rows = [
        [{"field": "@timestamp", "value": "2026-01-06 00:00:00.000"}, {"field": "@message", "value": json.dumps(record(n))}]
        for n in ("r1", "r2")
    ]  # fmt: skip
    noise = [[{"field": "@timestamp", "value": "x"}, {"field": "@message", "value": "START RequestId"}]]
    report, found = imported(tmp_path, {"results": rows + noise, "status": "Complete"})
    assert (report.calls, report.skipped) == (2, {"not_a_call": 1})
    assert {row["timestamp"][:19] for row in found} == {"2026-01-05T10:01:00"}


def test_many_log_events_in_one_document(tmp_path: Path) -> None:
    events = [{"timestamp": 1, "message": json.dumps(record(f"r{n}", pad="x" * 2_000))} for n in range(2_000)]
    source = tmp_path / "events.gz"
    source.write_bytes(gzip.compress(json.dumps({"events": events, "nextToken": "t"}).encode()))
    report = import_files(tmp_path / "a.csv", source)
    assert counts_of(report)["calls"] == 2_000
    assert report.totals.input_tokens == 2_000 * 17_312


def test_tiers_lifetimes_and_models_by_their_resource(tmp_path: Path) -> None:
    body = {
        "serviceTier": {"type": "flex"},
        "usage": {"cacheDetails": [{"ttl": "5m", "inputTokens": 100}, {"ttl": "1h", "inputTokens": 2_000}]},
    }
    of_profile = "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-micro-v1:0"
    records = [
        record("r1", output={"outputTokenCount": 1, "outputBodyJson": body}),
        record("r2", modelId=of_profile),
        record("r3", modelId="arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"),
        # Without text delivery there is no body, and records of metadata alone lack the counts of the cache.
        record("r4", input={"inputTokenCount": 5}, output={}),
        record("r5", input={}, output={}, errorCode="ThrottlingException"),
    ]
    report, rows = imported(tmp_path, records)
    found = by_id(rows)
    assert (found["r1"]["service_tier"], found["r1"]["cache_write_1h_tokens"]) == ("flex", "2000")
    assert found["r2"]["model"] == "us.amazon.nova-micro-v1:0"
    assert (found["r3"]["cost_usd"], found["r3"]["cost_source"]) == ("", "unknown")
    assert (found["r4"]["cached_input_tokens"], found["r4"]["latency_ms"]) == ("", "")
    assert (found["r5"]["status"], report.totals.errors) == ("error", 1)


def test_the_case_of_a_call_through_a_region(tmp_path: Path) -> None:
    haiku = record("r2", input={"inputTokenCount": 900}, output={"outputTokenCount": 44})
    _, rows = imported(tmp_path, [record(), haiku])
    # 10 % above 12 x 3 + 15,200 x 0.3 + 2,100 x 3.75 + 340 x 15, and 900 x 3 + 44 x 15, for a million
    assert [Decimal(row["cost_usd"]) for row in rows] == [Decimal("0.0193281"), Decimal("0.003696")]


def test_log_events_as_subscriptions_deliver_them_run_together(tmp_path: Path) -> None:
    deliveries = [
        {
            "messageType": "DATA_MESSAGE",
            "logEvents": [{"id": "1", "timestamp": 1, "message": json.dumps(record(name))}],
        }
        for name in ("r1", "r2")
    ]
    report, _ = imported(tmp_path, "".join(map(json.dumps, deliveries)))
    assert report.calls == 2


def test_rows_of_insights_as_a_table(tmp_path: Path) -> None:
    message = json.dumps(record()).replace('"', '""')
    report, _ = imported(tmp_path, f'@timestamp,@message\n2026-01-06 00:00:00.000,"{message}"\n')
    assert counts_of(report)["input"] == 17_312
