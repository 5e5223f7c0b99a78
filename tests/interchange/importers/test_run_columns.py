"""What sources say of runs, agents and parents reaches the CSV, and a file without columns for it widens."""

import json
from pathlib import Path

import pytest

from calls.schema import COLUMN_NAMES, RUN_NAMES
from tests.interchange.importers.importing import build_mapping, by_id, import_files, imported, written

RECORD = {
    "id": "c1", "at": "2026-11-20T08:00:00Z", "in": 1200, "out": 300, "usd": "0.006",
    "job": {"id": "job-7", "who": "researcher", "build": "2.1", "graph": "answer", "step": "plan"}, "attempt": 2,
}  # fmt: skip
MAPS = [
    "call_id=id", "timestamp=at", "input_tokens=in", "output_tokens=out", "cost_usd=usd", "run_id=job.id",
    "agent_name=job.who", "agent_version=job.build", "workflow=job.graph", "parent_id=job.step",
    "retry_number=attempt",
]  # fmt: skip
SAID = {
    "run_id": "job-7", "agent_name": "researcher", "agent_version": "2.1", "workflow": "answer",
    "parent_id": "plan", "retry_number": "2",
}  # fmt: skip
OLD = [name for name in COLUMN_NAMES if name not in RUN_NAMES]


def test_a_mapping_fills_the_columns_of_runs(tmp_path: Path) -> None:
    _, (row,) = imported(tmp_path, [RECORD], mapping=build_mapping(MAPS, []))
    assert {name: row[name] for name in RUN_NAMES} == SAID


def test_a_file_without_columns_of_runs_gets_those_that_arrive(tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    values = {
        "timestamp": "2026-11-19T08:00:00.000000Z", "call_id": "c0", "input_tokens": "1", "output_tokens": "1",
    }  # fmt: skip
    target.write_text(f"{','.join(OLD)}\n{','.join(values.get(name, '') for name in OLD)}\n")
    source = tmp_path / "export.jsonl"
    source.write_text(json.dumps({key: value for key, value in RECORD.items() if key != "attempt"}))
    maps = [entry for entry in MAPS if not entry.startswith("retry_number")]
    import_files(target, source, mapping=build_mapping(maps, []))
    rows = by_id(written(target))
    assert list(rows["c0"]) == [*OLD, *(name for name in RUN_NAMES if name != "retry_number")]
    assert (rows["c0"]["run_id"], rows["c1"]["run_id"]) == ("", "job-7")


def test_a_span_says_which_span_is_around_it(tmp_path: Path) -> None:
    span = {
        "name": "chat", "context": {"trace_id": "0x1", "span_id": "0xa"}, "parent_id": "0xb",
        "start_time": "2026-11-20T08:00:00Z", "end_time": "2026-11-20T08:00:01Z",
        "attributes": {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 1},
    }  # fmt: skip
    _, (row,) = imported(tmp_path, [span])
    assert row["parent_id"] == "b"


LABELS = {"run_id": "r1", "agent": "planner", "agent-version": "2", "workflow_name": "answer"}
OF_LABELS = {"run_id": "r1", "agent_name": "planner", "agent_version": "2", "workflow": "answer"}
AT = "2026-11-20T08:00:00Z"
LABELLED = {
    "litellm": (
        {"request_id": "a", "call_type": "acompletion", "startTime": AT, "endTime": AT, "model": "gpt-4o", "spend": 0.1,
         "prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11, "custom_llm_provider": "openai",
         "metadata": json.dumps({"attempted_retries": 2}), "request_tags": json.dumps([f"{k}:{v}" for k, v in LABELS.items()])},
        OF_LABELS | {"retry_number": "2"},
    ),
    "langfuse": (
        {"id": "a", "type": "GENERATION", "traceId": "t", "startTime": AT, "endTime": AT, "model": "gpt-4o",
         "usageDetails": {"input": 10, "output": 1}, "metadata": LABELS, "parentObservationId": "p"},
        OF_LABELS | {"parent_id": "p"},
    ),
    "cloudflare": (
        {"id": "a", "created_at": AT, "provider": "openai", "model": "gpt-4o", "duration": 5, "cached": False, "success": True,
         "status_code": 200, "tokens_in": 10, "tokens_out": 1, "cost": 0.1, "metadata": json.dumps(LABELS), "step": 1},
        OF_LABELS | {"retry_number": "1"},
    ),
    "portkey": (
        {"id": "a", "created_at": AT, "ai_org": "openai", "ai_model": "gpt-4o", "req_units": 10, "res_units": 1, "metadata": LABELS},
        OF_LABELS,
    ),
    "helicone": (
        {"request_id": "a", "request_created_at": AT, "response_status": 200, "request_model": "gpt-4o", "provider": "OPENAI",
         "prompt_tokens": 10, "completion_tokens": 1, "request_properties": LABELS, "delay_ms": 5, "response_id": "b"},
        OF_LABELS,
    ),
    "revenium": (
        {"transactionId": "a", "requestTime": AT, "responseTime": AT, "provider": "OPENAI", "model": "gpt-4o", "inputTokenCount": 10,
         "outputTokenCount": 1, "totalTokenCount": 11, "requestDuration": 5, "stopReason": "END", "agent": "planner",
         "agenticJobId": "r1", "agenticJobName": "answer", "parentTransactionId": "p", "retryNumber": 3},
        {"run_id": "r1", "agent_name": "planner", "workflow": "answer", "parent_id": "p", "retry_number": "3"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(LABELLED))
def test_what_sources_and_their_labels_say_of_runs_is_kept(tmp_path: Path, name: str) -> None:
    record, said = LABELLED[name]
    _, (row,) = imported(tmp_path, [record], format=name)
    assert {column: row[column] for column in RUN_NAMES if row[column]} == said
