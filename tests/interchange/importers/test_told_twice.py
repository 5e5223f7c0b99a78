"""A coding agent's file and its telemetry tell of the same calls without an id in common: each counts once."""

import json
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

from tests.interchange.importers.importing import SAMPLES, import_files, written
from tests.running import run_script

# gpt-5-codex: 1.25 dollars for a million tokens of input, 0.125 of what the cache served, 10 of output.
CALL_USD = Decimal(400 * 125 + 600 * Decimal("12.5") + 50 * 1_000) / 100_000_000


def session(place: Path, *seconds: int, thread: str = "t1") -> Path:
    """A session of Codex with a response of 1,000 and 50 tokens at each of some seconds."""
    lines: list[dict[str, Any]] = [
        {
            "type": "session_meta",
            "payload": {"id": thread, "cwd": "/home/dev/shop", "model_provider": "openai"},
        },
        {"type": "turn_context", "payload": {"model": "gpt-5-codex"}},
    ]
    for number, second in enumerate(seconds, 1):
        used = {
            "input_tokens": 1_000, "cached_input_tokens": 600, "output_tokens": 50, "reasoning_output_tokens": 10,
            "total_tokens": 1_050,
        }  # fmt: skip
        total = {name: number * tokens for name, tokens in used.items()}
        info = {"last_token_usage": used, "total_token_usage": total}
        lines.append({"type": "event_msg", "at": second, "payload": {"type": "token_count", "info": info}})
    timed = [{"timestamp": f"2026-08-05T10:00:{line.pop('at', 0):02}.020Z", **line} for line in lines]
    place.write_text("".join(json.dumps(line) + "\n" for line in timed))
    return place


def telemetry(place: Path, *seconds: int, thread: str = "t1") -> Path:
    """What Codex reports of the same responses to OpenTelemetry."""
    records = []
    for second in seconds:
        said = {
            "event.name": "codex.sse_event", "event.kind": "response.completed", "conversation.id": thread,
            "event.timestamp": f"2026-08-05T10:00:{second:02}Z", "model": "gpt-5-codex", "input_token_count": "1000",
            "cached_token_count": "600", "output_token_count": "50", "reasoning_token_count": "10",
        }  # fmt: skip
        attributes = [{"key": key, "value": {"stringValue": value}} for key, value in said.items()]
        records.append({"timeUnixNano": f"{1_785_924_000 + second}000000000", "attributes": attributes})
    place.write_text(json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}) + "\n")
    return place


def test_a_response_counts_once_in_any_order_of_its_files(tmp_path: Path) -> None:
    files = (session(tmp_path / "s", 5, 20, 40), telemetry(tmp_path / "t", 5, 20, 40))
    together = tmp_path / "together.csv"
    report = import_files(together, *files)
    assert (report.added, report.skipped["same_answer"]) == (3, 3)
    rows = written(together)
    assert [Decimal(row["cost_usd"]) for row in rows] == [CALL_USD] * 3
    assert {row["product_id"] for row in rows} == {"shop"}  # the file says more than the event
    for place, order in enumerate(permutations(files)):
        alone = tmp_path / f"{place}.csv"
        for file in order:
            import_files(alone, file)
        assert sorted(row["call_id"] for row in written(alone)) == sorted(row["call_id"] for row in rows)
        before = alone.read_bytes()
        for each in (files, files[:1], files[1:]):
            assert import_files(alone, *each).calls == 0
        assert alone.read_bytes() == before


def test_what_only_one_of_both_tells_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, session(tmp_path / "s", 5, 20))
    # One event is beyond five seconds from any line, and one of another session.
    report = import_files(
        target, telemetry(tmp_path / "t", 5, 26), telemetry(tmp_path / "u", 20, thread="t2")
    )
    assert (report.added, len(written(target))) == (2, 4)
    assert report.convergence.apart.of_a_told_session == 1
    assert report.convergence.apart.of_a_told_session_usd == CALL_USD


def test_equal_counts_of_one_session_stay_as_many_as_there_are(tmp_path: Path) -> None:
    files = (session(tmp_path / "s", 5, 7, 9), telemetry(tmp_path / "t", 5, 7, 9))
    assert import_files(tmp_path / "a.csv", *files).calls == 3
    for file in reversed(files):
        import_files(tmp_path / "b.csv", file)
    assert len(written(tmp_path / "b.csv")) == 3


def test_the_console_tells_of_an_event_without_its_line(tmp_path: Path) -> None:
    files = (session(tmp_path / "s", 5), telemetry(tmp_path / "t", 5, 50))
    said = run_script("import_usage.py", *files, "--out", tmp_path / "a.csv").stderr
    assert "1 event of sessions whose files are here, too" in said
    assert f"${CALL_USD:.9f}" in said


def test_a_chat_of_gemini_and_its_telemetry(tmp_path: Path) -> None:
    used = {"input": 12_000, "output": 300, "cached": 8_000, "thoughts": 700, "tool": 50, "total": 13_050}
    chat = {
        "sessionId": "g1", "projectHash": "p",
        "messages": [{
            "id": "m1", "timestamp": "2026-08-05T10:00:03Z", "type": "gemini", "model": "gemini-2.5-pro", "tokens": used,
        }],
    }  # fmt: skip
    said = {
        "event.name": "gemini_cli.api_response", "session.id": "g1", "event.timestamp": "2026-08-05T10:00:04Z",
        "model": "gemini-2.5-pro", "input_token_count": "12000", "cached_content_token_count": "8000",
        "output_token_count": "300", "thoughts_token_count": "700", "tool_token_count": "50",
        "total_token_count": "13050", "duration_ms": "3000", "prompt_id": "g1########1",
    }  # fmt: skip
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in said.items()]
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"attributes": attributes}]}]}]}
    (tmp_path / "chat.json").write_text(json.dumps(chat))
    (tmp_path / "logs.json").write_text(json.dumps(logs))
    for place, order in enumerate(permutations(("chat.json", "logs.json"))):
        for name in order:
            import_files(tmp_path / f"{place}.csv", tmp_path / name)
        (row,) = written(tmp_path / f"{place}.csv")
        assert (row["input_tokens"], row["output_tokens"], row["reasoning_tokens"]) == (
            "12050",
            "1000",
            "700",
        )
        assert row["latency_ms"] == "3000"


def test_the_samples_of_codex_in_both_ways(tmp_path: Path) -> None:
    files = [*sorted((SAMPLES / "codex_session").glob("*.jsonl")), SAMPLES / "otlp_logs" / "codex_cli.json"]
    for place, order in enumerate(permutations(files)):
        target = tmp_path / f"{place}.csv"
        for file in order:
            import_files(target, file)
        rows = written(target)
        # Three responses, and one that failed, of which only the telemetry tells.
        assert sorted(row["status"] for row in rows) == ["error", *["success"] * 3]
        assert sum(int(row["input_tokens"]) for row in rows) == 37_000
