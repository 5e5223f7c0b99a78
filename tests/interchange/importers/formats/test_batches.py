"""Results of batches: at the price of the tier, failed ones kept, and no time that nobody said."""

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
    import_files,
    imported,
    imported_once,
)

NOON = build_mapping([], ["timestamp=2026-08-05T12:00:00Z"])


def answer(body: dict[str, Any] | None, code: int = 200, **fields: Any) -> dict[str, Any]:
    response = {"status_code": code, "request_id": "q1", "body": body} if body is not None else None
    return {"id": "batch_req_1", "custom_id": "a", "response": response, "error": None} | fields


def test_the_sample_of_openai_with_the_time_of_its_batch(tmp_path: Path) -> None:
    source = SAMPLES / "openai_batch/batch_output.jsonl"
    report, rows = imported_once(tmp_path / "a.csv", source, mapping=NOON)
    assert counts_of(report) == {
        "calls": 4, "failed": 2, "input": 300, "cached": 64, "output": 110, "reasoning": 64,
    }  # fmt: skip
    assert {row["service_tier"] for row in rows} == {"batch"}
    # What has a time of its own keeps it.
    assert [row["timestamp"][11:19] for row in rows] == ["10:00:01", "10:00:02", "12:00:00", "12:00:00"]
    without = import_files(tmp_path / "b.csv", source)
    assert without.skipped == {"no_timestamp": 2}


def test_embeddings_searches_and_audio_of_a_batch(tmp_path: Path) -> None:
    embedding = {
        "object": "list",
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
    response = {
        "id": "resp_1", "created_at": 1_785_924_002, "model": "gpt-4o",
        "output": [{"type": "web_search_call"}, {"type": "web_search_call"}, {"type": "file_search_call"}, {"type": "message"}],
        "usage": {
            "input_tokens": 100, "output_tokens": 30, "input_tokens_details": {"audio_tokens": 40},
            "output_tokens_details": {"audio_tokens": 10},
        },
    }  # fmt: skip
    records = [answer(embedding), answer(response, id="batch_req_2")]
    _, rows = imported(tmp_path, records, mapping=NOON)
    found = by_id(rows)
    assert (found["batch_req_1"]["model"], found["batch_req_1"]["input_tokens"]) == (
        "text-embedding-3-small",
        "8",
    )
    said = found["batch_req_2"]
    assert (said["web_search_requests"], said["tool_units"]) == ("2", "file_search:1")
    assert (said["input_audio_tokens"], said["output_audio_tokens"]) == ("40", "10")


def test_a_file_of_errors_alone_keeps_them(tmp_path: Path) -> None:
    errors = [
        answer({"error": {"message": "bad"}}, 400),
        answer(None, id="x", error={"code": "batch_expired"}),
    ]
    report, _ = imported(tmp_path, errors, mapping=NOON)
    assert counts_of(report) == {"calls": 2, "failed": 2}


def test_the_sample_of_anthropic_needs_the_time_of_its_batch(tmp_path: Path) -> None:
    source = SAMPLES / "anthropic_batch/results.jsonl"
    with pytest.raises(UsageError, match="--set timestamp="):
        import_files(tmp_path / "a.csv", source)
    report, rows = imported_once(tmp_path / "a.csv", source, mapping=NOON)
    assert counts_of(report) == {
        "calls": 4, "failed": 3, "input": 1_211, "cached": 1_000, "written": 200, "output": 36,
    }  # fmt: skip
    # Half of 11 x 3 + 1,000 x 0.3 + 200 x 3.75 + 36 x 15 for a million
    assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal("0.0008115")
    assert {row["timestamp"][:19] for row in rows} == {"2026-08-05T12:00:00"}


def test_writes_for_an_hour_and_searches_of_a_batch_of_anthropic(tmp_path: Path) -> None:
    usage = {
        "input_tokens": 10, "cache_creation_input_tokens": 300, "output_tokens": 5, "inference_geo": "us",
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
        "server_tool_use": {"web_search_requests": 3},
    }  # fmt: skip
    message = {"id": "msg_9", "model": "claude-sonnet-4-5", "usage": usage}
    records = [{"custom_id": "1", "result": {"type": "succeeded", "message": message}}]
    _, rows = imported(tmp_path, records, mapping=NOON)
    said = rows[0]
    assert (said["input_tokens"], said["cache_write_1h_tokens"], said["inference_geo"]) == (
        "310",
        "200",
        "us",
    )
    assert said["web_search_requests"] == "3"


def test_a_damaged_file_of_results_loses_one_line(tmp_path: Path) -> None:
    good = json.dumps(
        answer(
            {
                "created": 1_785_924_001,
                "model": "gpt-4o",
                "usage": {"prompt_tokens": 1, "completion_tokens": 2},
            }
        )
    )
    report, _ = imported(tmp_path, f"{good}\n{good[:60]}\n" + good.replace("batch_req_1", "batch_req_2"))
    assert (report.calls, report.skipped) == (2, {"not_json": 1})
