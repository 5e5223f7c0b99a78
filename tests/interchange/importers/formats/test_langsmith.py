"""Runs of LangSmith: which of them are calls, where counts stand, and what session_id means."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.interchange.importers.importing import SAMPLES, by_id, counts_of, imported, imported_once


def run(name: str, kind: str = "llm", parent: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": name, "name": "ChatOpenAI", "run_type": kind, "parent_run_id": parent, "trace_id": "t1",
        "dotted_order": "x", "session_id": "project-1", "start_time": "2026-08-05T10:00:01.500000",
        "end_time": "2026-08-05T10:00:03", "status": "success", "error": None,
        "extra": {"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o"}},
        "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "total_cost": None,
    } | fields  # fmt: skip


@pytest.mark.parametrize("name", ["runs.jsonl", "runs.parquet"])
def test_a_sample_imports_to_its_numbers(tmp_path: Path, name: str) -> None:
    report, rows = imported_once(tmp_path / "a.csv", SAMPLES / "langsmith" / name)
    assert counts_of(report) == {
        "calls": 4, "failed": 1, "input": 5_400, "cached": 4_000, "written": 500, "output": 460,
    }  # fmt: skip
    assert f"{report.cost.reported_usd:f}" == "0.008550000"
    first = rows[0]
    assert (first["session_id"], first["latency_ms"]) == ("conv-7", "2500")
    assert first["time_to_first_token_ms"] == ("400" if name == "runs.jsonl" else "")
    assert first["environment"] == "prod"


def test_the_client_inside_a_run_of_a_model_is_the_call(tmp_path: Path) -> None:
    records = [
        run("chain", "chain"),
        run("a", parent="chain"),
        run("b", parent="a"),
        run("tool", "tool", "chain"),
    ]
    report, rows = imported(tmp_path, records)
    assert report.skipped == {"not_a_call": 2, "nested": 1}
    assert [row["call_id"] for row in rows] == ["b"]
    assert rows[0]["timestamp"] == "2026-08-05T10:00:01.500000Z"


def test_counts_in_the_outputs_of_older_clients(tmp_path: Path) -> None:
    said = {
        "usage_metadata": {"input_tokens": 50, "output_tokens": 6, "input_token_details": {"cache_read": 20}},
        "response_metadata": {"model_name": "gpt-4o-mini"},
    }
    generations = {"generations": [[{"message": {"kwargs": said}}]]}
    nothing: dict[str, Any] = {
        "prompt_tokens": None,
        "completion_tokens": None,
        "total_tokens": None,
        "extra": {},
    }
    older = {
        "llm_output": {"token_usage": {"prompt_tokens": 7, "completion_tokens": 3}, "model_name": "gpt-4o"}
    }
    _, rows = imported(
        tmp_path, [run("a", **nothing, outputs=generations), run("b", **nothing, outputs=json.dumps(older))]
    )
    found = by_id(rows)
    assert (found["a"]["input_tokens"], found["a"]["cached_input_tokens"], found["a"]["model"]) == (
        "50", "20", "gpt-4o-mini",
    )  # fmt: skip
    assert (found["b"]["input_tokens"], found["b"]["output_tokens"], found["b"]["model"]) == (
        "7",
        "3",
        "gpt-4o",
    )


def test_lifetimes_of_a_cache_and_audio(tmp_path: Path) -> None:
    details = {"cache_read": 10, "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30, "audio": 5}
    _, rows = imported(tmp_path, [run("a", prompt_token_details=details)])
    names = ("cached_input_tokens", "cache_write_tokens", "cache_write_1h_tokens", "input_audio_tokens")
    assert [rows[0][name] for name in names] == ["10", "50", "30", "5"]


def test_a_run_that_has_not_ended_is_no_call_yet(tmp_path: Path) -> None:
    report, _ = imported(tmp_path, [run("a", status="pending", end_time=None), run("b")])
    assert report.skipped == {"pending": 1}


def test_a_bulk_export_with_parents_as_a_list(tmp_path: Path) -> None:
    source = tmp_path / "runs.parquet"
    records = [run("a", parent_run_ids=json.dumps(["r"])), run("b", parent_run_ids=json.dumps(["r", "a"]))]
    (tmp_path / "lines").write_text(
        "\n".join(json.dumps(record | {"parent_run_id": None}) for record in records)
    )
    duckdb.sql(f"copy (from read_json('{tmp_path}/lines')) to '{source}' (format parquet)")
    report, rows = imported_once(tmp_path / "a.csv", source)
    assert (report.skipped, [row["call_id"] for row in rows]) == ({"nested": 1}, ["b"])
