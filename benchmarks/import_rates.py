"""How fast usage imports, and in how much memory: `python3 benchmarks/import_rates.py [--rows 1000000]`.

Makes LiteLLM spend logs, OTLP spans, OTLP logs of Claude Code and a session of Codex CLI out of the sample files, each
row with ids of its own, and imports each file in a process of its own. Prints rows per second, the processor's seconds,
the peak of resident memory, and how many times as long it took as the engine takes just to parse the same lines, which
tells a slow machine from a slow import; 1 is returned when a goal (50,000 rows per second, 500 MB) is missed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ALL_SAMPLES = ROOT / "tests" / "samples"
SAMPLES = ALL_SAMPLES / "generated_by_real_software"
GOAL_ROWS_A_SECOND = 50_000
GOAL_MB = 500
SPANS_A_LINE = 10
PARSE = """
import sys, duckdb
from calls.file.engine_paths import reader_sql
duckdb.execute("set enable_progress_bar = false")
lines = reader_sql("read_json_objects", sys.argv[1:], "format='newline_delimited'")
duckdb.execute(f"select count(json) from {lines}").fetchall()
"""
"""The floor: each line parsed as JSON, and nothing taken from it."""


def litellm_lines(rows: int) -> Iterator[str]:
    """Spend logs without the list prices that LiteLLM repeats in each row."""
    templates = [
        _slim(record) for record in json.loads((SAMPLES / "litellm_1.106.2_spend_logs.json").read_text())
    ]
    for number in range(rows):
        yield json.dumps(templates[number % len(templates)] | {"litellm_call_id": f"call-{number}"})


def _slim(record: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in json.loads(record["metadata"]).items() if value is not None}
    metadata.pop("model_map_information", None)
    return record | {"metadata": json.dumps(metadata)}


def otlp_lines(rows: int) -> Iterator[str]:
    """Lines of ten spans, as the Collector batches them."""
    first = json.loads((SAMPLES / "otlp_trace.jsonl").read_text().splitlines()[0])
    group = first["resourceSpans"][0]
    span = group["scopeSpans"][0]["spans"][0]
    for start in range(0, rows, SPANS_A_LINE):
        # Ids begin with 1: an id of zeros means that there is none.
        spans = [_numbered(span, number + 1) for number in range(start, min(start + SPANS_A_LINE, rows))]
        yield json.dumps(
            {"resourceSpans": [{"resource": group["resource"], "scopeSpans": [{"spans": spans}]}]}
        )


def _numbered(span: dict[str, Any], number: int) -> dict[str, Any]:
    attributes = [
        {"key": "gen_ai.response.id", "value": {"stringValue": f"answer-{number}"}}
        if entry["key"] == "gen_ai.response.id"
        else entry
        for entry in span["attributes"]
    ]
    return span | {"traceId": f"{number:032x}", "spanId": f"{number:016x}", "attributes": attributes}


def otlp_log_lines(rows: int) -> Iterator[str]:
    """Lines of ten log records of Claude Code, each a request."""
    first = json.loads((ALL_SAMPLES / "otlp_logs" / "claude_code.jsonl").read_text().splitlines()[0])
    group = first["resourceLogs"][0]
    records = group["scopeLogs"][0]["logRecords"]
    request = next(each for each in records if each["body"]["stringValue"] == "claude_code.api_request")
    for start in range(0, rows, SPANS_A_LINE):
        sent = [_requested(request, number) for number in range(start, min(start + SPANS_A_LINE, rows))]
        scope = {"logRecords": sent}
        yield json.dumps({"resourceLogs": [{"resource": group["resource"], "scopeLogs": [scope]}]})


def _requested(record: dict[str, Any], number: int) -> dict[str, Any]:
    attributes = [
        {"key": "request_id", "value": {"stringValue": f"req-{number}"}}
        if entry["key"] == "request_id"
        else entry
        for entry in record["attributes"]
    ]
    return record | {"attributes": attributes}


def codex_lines(rows: int) -> Iterator[str]:
    """One session: a turn every ten rows, and between counts of tokens the same count once more."""
    lines = [
        json.loads(line)
        for line in (ALL_SAMPLES / "codex_session" / "rollout-parent.jsonl").read_text().splitlines()
    ]
    meta, turn = lines[0], lines[1]
    count = next(each for each in lines if each["payload"].get("info"))
    yield json.dumps(meta)
    for number in range(1, rows):
        if number % 10 == 1:
            yield json.dumps(turn)
            continue
        used = count["payload"]["info"]["last_token_usage"]
        total = {name: tokens * (number // 2) for name, tokens in used.items()}
        info = {"total_token_usage": total, "last_token_usage": used}
        yield json.dumps(count | {"payload": {"type": "token_count", "info": info}})


def measure(name: str, lines: Iterator[str], rows: int, folder: Path) -> bool:
    """Imports lines of a format; whether both goals are met."""
    source = folder / f"{name}.jsonl"
    with source.open("w") as target:
        target.writelines(line + "\n" for line in lines)
    floor, _ = _run([sys.executable, "-c", PARSE, str(source)])
    command = [sys.executable, str(ROOT / "src" / "import_usage.py"), str(source), "--quiet"]
    seconds, used = _run([*command, "--out", str(folder / f"{name}.csv")])
    size, megabytes = source.stat().st_size / 1e6, used.ru_maxrss / 1024
    source.unlink()
    rate = rows / seconds
    print(
        f"{name:9} {rows:>9,} rows ({size:,.0f} MB) in {seconds:6.1f} s: {rate:>8,.0f} rows/s, "
        f"{used.ru_utime + used.ru_stime:.1f} s of the processor, {megabytes:.0f} MB, "
        f"{seconds / floor:.1f} times the {floor:.1f} s of a bare parse",
        flush=True,
    )
    return rate >= GOAL_ROWS_A_SECOND and megabytes < GOAL_MB


def _run(command: list[str]) -> tuple[float, resource.struct_rusage]:
    """Seconds a command takes, and what its process used."""
    started = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT / "src") as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[1]} failed")
    return time.monotonic() - started, used


def main() -> int:
    """Measures each format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    makers = {"litellm": litellm_lines, "otlp": otlp_lines, "otlp-logs": otlp_log_lines, "codex": codex_lines}
    parser.add_argument("--format", choices=tuple(makers), action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "data") as folder:
        met = [
            measure(name, makers[name](arguments.rows), arguments.rows, Path(folder))
            for name in arguments.format or makers
        ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
