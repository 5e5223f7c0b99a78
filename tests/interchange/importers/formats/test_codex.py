"""Sessions of Codex CLI: the model of a turn, counts said twice, replays of forks, older and damaged files."""

import gzip
import json
import random
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
    written,
)

FOLDER = SAMPLES / "codex_session"


def line(kind: str, second: int = 0, **payload: Any) -> dict[str, Any]:
    return {"timestamp": f"2026-02-03T10:00:{second:02}.000Z", "type": kind, "payload": payload}


def meta(thread: str, **payload: Any) -> dict[str, Any]:
    return line("session_meta", id=thread, cwd="/home/dev/shop", model_provider="openai", **payload)


def usage(input_: int, output: int, cached: int = 0) -> dict[str, int]:
    return {
        "input_tokens": input_, "cached_input_tokens": cached, "output_tokens": output,
        "reasoning_output_tokens": 0, "total_tokens": input_ + output,
    }  # fmt: skip


def count(second: int, total: dict[str, int], last: dict[str, int] | None = None) -> dict[str, Any]:
    info = {"total_token_usage": total} | ({"last_token_usage": last} if last else {})
    return line("event_msg", second, type="token_count", info=info)


def test_a_parent_and_its_fork_are_three_calls(tmp_path: Path) -> None:
    report, rows = imported_once(tmp_path / "a.csv", *sorted(FOLDER.glob("*.jsonl")))
    assert counts_of(report) == {
        "calls": 3, "input": 37_000, "cached": 27_000, "written": 500, "output": 600, "reasoning": 200,
    }  # fmt: skip
    assert sorted(row["model"] for row in rows) == ["gpt-5-codex", "gpt-5-codex", "gpt-5-mini"]
    assert {row["product_id"] for row in rows} == {"shop"}
    assert {row["feature_id"] for row in rows if row["session_id"] == "t-parent"} == {"main"}


def test_a_parent_and_its_fork_give_the_same_calls_whichever_comes_first(tmp_path: Path) -> None:
    parent, fork = FOLDER / "rollout-parent.jsonl", FOLDER / "rollout-fork.jsonl"
    assert import_files(tmp_path / "a.csv", parent).calls == 2
    assert import_files(tmp_path / "a.csv", fork).calls == 1
    assert import_files(tmp_path / "b.csv", fork).calls == 3
    # The fork replays two lines at its own time: those of the parent, which are earlier, take their place.
    report = import_files(tmp_path / "b.csv", parent)
    assert (report.added, report.convergence.replaced.calls) == (0, 2)
    assert by_id(written(tmp_path / "a.csv")) == by_id(written(tmp_path / "b.csv"))


def test_a_count_whose_totals_stand_still_is_no_call_and_each_turn_has_its_model(tmp_path: Path) -> None:
    first, second = usage(10_000, 200, 6_000), usage(12_000, 300, 9_000)
    both = usage(22_000, 500, 15_000)
    lines = [
        meta("t1"), line("turn_context", model="gpt-5-codex"),
        line("event_msg", 1, type="token_count", info=None),
        count(5, first, first), count(6, first, first),
        line("turn_context", 7, model="gpt-5-mini"), count(9, both, second),
    ]  # fmt: skip
    report, rows = imported(tmp_path, lines)
    assert counts_of(report) == {"calls": 2, "input": 22_000, "cached": 15_000, "output": 500}
    assert [(row["model"], row["timestamp"][17:19]) for row in rows] == [
        ("gpt-5-codex", "05"), ("gpt-5-mini", "09"),
    ]  # fmt: skip
    # gpt-5-codex: 4,000 x 1.25 + 6,000 x 0.125 + 200 x 10; gpt-5-mini: 3,000 x 0.25 + 9,000 x 0.025 + 300 x 2
    assert [Decimal(row["cost_usd"]) * 1_000_000 for row in rows] == [7_750, 1_575]


def test_a_count_without_its_last_response_is_the_growth_of_the_totals(tmp_path: Path) -> None:
    lines = [
        meta("t1"), line("turn_context", model="gpt-5"),
        count(5, usage(1_000, 10)), count(6, usage(1_000, 10)), count(7, usage(1_500, 30)),
        # The totals of a new context begin anew.
        count(8, usage(700, 5)),
    ]  # fmt: skip
    report, rows = imported(tmp_path, lines)
    assert [(row["input_tokens"], row["output_tokens"]) for row in rows] == [
        ("1000", "10"), ("500", "20"), ("700", "5"),
    ]  # fmt: skip
    assert report.skipped["repeated_in_file"] == 1


def test_a_full_context_is_no_call(tmp_path: Path) -> None:
    full = usage(0, 0) | {"total_tokens": 272_000}
    report, _ = imported(tmp_path, [meta("t1"), line("turn_context", model="gpt-5"), count(5, full, full)])
    assert report.calls == 0
    assert report.skipped["no_usage"] == 1


def test_equal_counts_of_two_threads_are_two_calls(tmp_path: Path) -> None:
    for thread in ("t1", "t2"):
        lines = [meta(thread), line("turn_context", model="gpt-5"), count(5, usage(100, 10), usage(100, 10))]
        (tmp_path / thread).write_text("\n".join(map(json.dumps, lines)))
    assert import_files(tmp_path / "a.csv", tmp_path / "t1", tmp_path / "t2").calls == 2


def test_a_fork_of_a_fork_replays_both(tmp_path: Path) -> None:
    one, two, three = usage(100, 10), usage(300, 30), usage(600, 60)
    turn = line("turn_context", model="gpt-5")
    parent = [meta("t1"), turn, count(5, one, one)]
    fork = [meta("t2", forked_from_id="t1"), *parent, count(6, two, usage(200, 20))]
    again = [meta("t3", forked_from_id="t2"), *fork, count(7, three, usage(300, 30))]
    for name, lines in (("1", parent), ("2", fork), ("3", again)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, lines)))
    report, rows = imported_once(tmp_path / "a.csv", *(tmp_path / name for name in "312"))
    assert counts_of(report) == {"calls": 3, "input": 600, "output": 60}
    assert {row["session_id"] for row in rows} <= {"t1", "t2", "t3"}


def test_a_session_without_its_model_or_its_beginning_has_unknown_costs(tmp_path: Path) -> None:
    report, rows = imported(tmp_path, [count(5, usage(100, 10), usage(100, 10))])
    assert (rows[0]["model"], rows[0]["cost_usd"], rows[0]["cost_source"]) == ("", "", "unknown")
    assert report.cost.unknown_calls == 1


def test_damaged_lines_and_long_prompts_lose_nothing_else(tmp_path: Path) -> None:
    lines = [
        json.dumps(meta("t1")), json.dumps(line("turn_context", model="gpt-5")),
        json.dumps(line("response_item", type="message", content="x" * 3_000_000)),
        '{"timestamp": "2026-02-03T10:00:01.000Z", "type": "event_msg", "payl',
        json.dumps(count(5, usage(100, 10), usage(100, 10))),
        '{"timestamp": "2026-02-03T10:00:01.000Z", "type": "response_item", "payload": {"text": "\\ud800"}}',
        json.dumps(count(6, usage(300, 30), usage(200, 20))),
    ]  # fmt: skip
    report, rows = imported(tmp_path, "\n".join(lines))
    assert counts_of(report) == {"calls": 2, "input": 300, "output": 30}
    assert {row["model"] for row in rows} == {"gpt-5"}
    assert report.skipped["not_json"] == 1


@pytest.mark.slow
def test_a_long_session_keeps_the_model_of_each_turn(tmp_path: Path) -> None:
    turns, lines = 30_000, [meta("t1")]
    for turn in range(turns):
        total = usage(100 * (turn + 1), 10 * (turn + 1))
        at = {"timestamp": f"2026-02-03T10:00:{turn // 1_000:02}.{turn % 1_000:03}Z"}
        lines += [line("turn_context", model=f"m{turn}") | at, count(5, total, usage(100, 10)) | at]
    _, rows = imported(tmp_path, lines)
    assert [row["model"] for row in rows] == [f"m{turn}" for turn in range(turns)]


def test_what_a_session_says_of_its_runs(tmp_path: Path) -> None:
    one = usage(100, 10)
    spawned = {"subagent": {"thread_spawn": {"parent_thread_id": "t1", "agent_role": "explorer"}}}
    lines = [
        meta("t2", parent_thread_id="t1", source=spawned, originator="codex_cli_rs", cli_version="0.145.0"),
        line("turn_context", model="gpt-5", turn_id="turn7"), count(5, one, one),
    ]  # fmt: skip
    _, rows = imported(tmp_path, lines)
    names = ("run_id", "agent_name", "agent_version", "parent_id")
    assert [rows[0][name] for name in names] == ["turn7", "explorer", "0.145.0", "t1"]


@pytest.mark.parametrize("order", ["newest first", "shuffled", "packed"])
def test_lines_in_any_order_give_the_same_calls(tmp_path: Path, order: str) -> None:
    source = FOLDER / "rollout-parent.jsonl"
    lines = source.read_text().splitlines()
    turned = lines[::-1] if order == "newest first" else random.Random(3).sample(lines, len(lines))
    assert turned != lines
    other = tmp_path / "turned.jsonl"
    other.write_text("\n".join(turned))
    if order == "packed":
        other.write_bytes(gzip.compress(other.read_bytes()))
    import_files(tmp_path / "a.csv", source)
    report = import_files(tmp_path / "b.csv", other)
    assert by_id(written(tmp_path / "a.csv")) == by_id(written(tmp_path / "b.csv"))
    assert report.rows_read == len(lines)


def test_a_count_that_stands_before_its_record_is_not_another_call(tmp_path: Path) -> None:
    """A replay writes the lines of its parent at one instant, so that no time tells their order."""
    thread = "0199aa10-0000-7000-8000-000000000001"
    text = (FOLDER / "rollout-fork.jsonl").read_text().replace("t-parent", thread)
    start, turn, *replayed, later, last = text.splitlines()
    orders = [
        replayed,
        replayed[::-1],
        *(random.Random(seed).sample(replayed, len(replayed)) for seed in (1, 2)),
    ]
    found = []
    for place, order in enumerate(orders):
        source = tmp_path / f"{place}.jsonl"
        source.write_text("\n".join([start, turn, *order, later, last]))
        report = import_files(tmp_path / f"{place}.csv", source)
        assert report.rows_read == report.calls + sum(report.skipped.values())
        found.append(by_id(written(tmp_path / f"{place}.csv")))
    assert found[0].keys() == {"resp_1", "resp_2", f"{thread}/37000.27000.600.200.37600"}
    assert all(each == found[0] for each in found)
