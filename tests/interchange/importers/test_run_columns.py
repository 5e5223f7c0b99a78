"""What sources say of runs, agents and parents reaches the CSV, and a file without columns for it widens."""

import json
from pathlib import Path

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
