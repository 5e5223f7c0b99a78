"""Files of agents: chats of Gemini CLI, which are written again and again, and the CSVs of Cursor."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from interchange.importers.report_text import brief_lines, report_lines
from tests.interchange.importers.importing import (
    SAMPLES,
    build_mapping,
    counts_of,
    import_files,
    imported,
    imported_once,
)

CURSOR = SAMPLES / "cursor"
USUAL = "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost"


def message(name: str, tokens: dict[str, int] | None, **fields: Any) -> dict[str, Any]:
    return {
        "id": name, "timestamp": "2026-08-05T10:00:03.000Z", "type": "gemini", "content": "ok", "tokens": tokens,
        "model": "gemini-2.5-flash",
    } | fields  # fmt: skip


def used(input_: int, output: int, thoughts: int = 0, tool: int = 0) -> dict[str, int]:
    return {
        "input": input_, "output": output, "cached": 0, "thoughts": thoughts, "tool": tool,
        "total": input_ + output + thoughts + tool,
    }  # fmt: skip


def test_a_chat_of_gemini_imports_to_its_numbers(tmp_path: Path) -> None:
    report, rows = imported_once(tmp_path / "a.csv", *(SAMPLES / "gemini_cli").glob("session-*.jsonl"))
    assert counts_of(report) == {"calls": 3, "input": 6_030, "cached": 1_900, "output": 360, "reasoning": 50}
    assert sum(int(row["input_tokens"]) + int(row["output_tokens"]) for row in rows) == 6_390
    assert {row["session_id"] for row in rows} == {"g1-uuid"}


def test_an_older_chat_is_one_document(tmp_path: Path) -> None:
    messages = [
        {"id": "u1", "timestamp": "2026-08-05T10:00:00Z", "type": "user", "content": "x" * 100_000},
        message("m1", used(1_000, 100, 50)), message("m2", None), message("m3", used(500, 10, 0, 30)),
    ]  # fmt: skip
    chat = {"sessionId": "s1", "projectHash": "ph", "startTime": "2026-08-05T10:00:00Z", "messages": messages}
    report, rows = imported(tmp_path, chat)
    assert counts_of(report) == {"calls": 2, "input": 1_530, "output": 160, "reasoning": 50}
    assert {(row["session_id"], row["product_id"]) for row in rows} == {("s1", "ph")}


def test_two_chats_may_use_the_same_ids_and_a_broken_line_harms_no_other(tmp_path: Path) -> None:
    lines = [
        json.dumps(message("m1", used(100, 10))),
        '{"id": "m2", "timest',
        json.dumps(message("m3", used(5, 1))),
    ]
    for session in ("s1", "s2"):
        head = json.dumps({"sessionId": session, "projectHash": "ph"})
        (tmp_path / session).write_text("\n".join([head, *lines]))
    report = import_files(tmp_path / "a.csv", tmp_path / "s1", tmp_path / "s2")
    assert counts_of(report) == {"calls": 4, "input": 210, "output": 22}
    assert report.skipped == {"not_a_call": 2, "not_json": 2}


def test_the_csvs_of_cursor_import_to_their_numbers(tmp_path: Path) -> None:
    report, rows = imported_once(tmp_path / "a.csv", CURSOR / "usage-events-2026.csv")
    assert counts_of(report) == {
        "calls": 5, "failed": 2, "input": 108_700, "cached": 102_000, "written": 400, "output": 1_655,
    }  # fmt: skip
    assert report.cost.reported_usd == Decimal("0.12")
    assert [(row["cost_usd"][:4], row["cost_source"]) for row in rows] == [
        ("", "unknown"), ("0.12", "reported"), ("0.00", "reported"), ("0.00", "reported"), ("0.00", "reported"),
    ]  # fmt: skip
    report, _ = imported_once(tmp_path / "b.csv", CURSOR / "real_usage-events-2025-09-07.csv")
    assert counts_of(report) == {
        "calls": 42, "failed": 3, "input": 12_526_021, "cached": 11_832_514, "written": 655_558, "output": 149_127,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "right"),
    [
        # The oldest: the last column is the bill.
        (
            "Date,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost,Cost to you\n"
            "2025-06-01T10:00:00.000Z,gpt-5,10,20,300,40,370,$0.50,$0.02\n",
            (330, 40, "0.020000000"),
        ),
        # Of teams, with a user and other names of columns.
        (
            "Date,User,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output,Total Tokens,Cost ($)\n"
            "2026-06-01T10:00:00.000Z,dev@example.com,Usage-based,gpt-5,No,0,20,300,40,360,0.03\n",
            (320, 40, "0.030000000"),
        ),
        # A number beside Included is the value of the plan.
        (f"{USUAL}\n2026-06-01T10:00:00.000Z,Included in Pro,gpt-5,No,0,20,300,40,360,0.03\n", (320, 40, "0.030000000")),
    ],
)  # fmt: skip
def test_other_column_sets_of_cursor(tmp_path: Path, table: str, right: tuple[int, int, str]) -> None:
    _, rows = imported(tmp_path, table)
    assert (int(rows[0]["input_tokens"]), int(rows[0]["output_tokens"]), rows[0]["cost_usd"]) == right
    assert "example.com" not in str(rows)


def test_a_total_alone_is_neither_input_nor_output(tmp_path: Path) -> None:
    table = (
        "Date,User,Kind,Max Mode,Model,Tokens,Cost ($)\n"
        "2026-06-01T10:00:00.000Z,u,Usage-based,No,gpt-5,5000,0.03\n2026-06-01T10:01:00.000Z,u,Included,No,gpt-5,7000,Included\n"
    )
    report, rows = imported(tmp_path, table)
    assert report.skipped == {"total_only": 1}
    assert [(row["input_tokens"], row["cost_usd"]) for row in rows] == [("0", "0.030000000")]


def test_a_person_is_a_customer_only_where_the_user_says_so(tmp_path: Path) -> None:
    table = "Date,User,Kind,Model,Cache Read,Input (w/o Cache Write),Output Tokens,Cost\n2026-06-01T10:00:00Z,dev,Included,x,1,2,3,-\n"
    _, rows = imported(tmp_path, table, mapping=build_mapping(["customer_id=User"], []))
    assert rows[0]["customer_id"] == "dev"


def test_what_the_numbers_of_a_source_do_not_say_is_said(tmp_path: Path) -> None:
    report = import_files(tmp_path / "a.csv", CURSOR / "usage-events-2026.csv")
    said = "  Cursor's amounts beside Included are what the plan covers, not a bill"
    assert said in brief_lines(report)
    assert said in report_lines(report)
