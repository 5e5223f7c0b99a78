"""A column of a call that is added to the schema, and to nothing else, is imported, stored, read and exported."""

import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.checkout import ROOT

PROGRAM = """
import pathlib, sys, types

sys.path.insert(0, "src")

import calls

path = pathlib.Path("src/calls/schema.py")
begin = "OPTIONAL_COLUMNS: tuple[Column, ...] = (\\n"
before, found, after = path.read_text().partition(begin)
assert found
added = '''
    _text("stop_reason", "why the model stopped"),
    _milliseconds("queue_ms", "how long it waited"),
    _requests("turn", "its place in the session"),
    _usd("fee_usd", "what a gateway took", 1_000),
'''
schema = types.ModuleType("calls.schema")
sys.modules["calls.schema"] = calls.schema = schema
exec(before + begin + added + after, schema.__dict__)

import export_data, import_usage

source, data, target = sys.argv[1:]
assert import_usage.main([source, "--format", "csv", "--out", data, "--quiet"]) == 0
assert export_data.main(["--data", data, "--format", "json", "--out", target, "--quiet"]) == 0
"""
GIVEN = {"stop_reason": "length", "queue_ms": "17", "turn": "3", "fee_usd": "0.000250000"}


@pytest.mark.script
def test_a_column_of_the_schema_goes_through_import_and_export(tmp_path: Path) -> None:
    call = {
        "timestamp": "2026-11-20T08:00:00Z", "provider": "openai", "model": "gpt-4o", "input_tokens": "1200",
        "output_tokens": "300", "cost_usd": "0.006",
    }  # fmt: skip
    source, data, target = (tmp_path / name for name in ("usage.csv", "calls.csv", "calls.json"))
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*call, *GIVEN])
        writer.writeheader()
        writer.writerow(call | GIVEN)

    subprocess.run(
        [sys.executable, "-c", PROGRAM, source, data, target],
        check=True,
        cwd=ROOT,
    )

    with data.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert {name: row[name] for name in GIVEN} == GIVEN
    (exported,) = json.loads(target.read_text(), parse_float=Decimal)
    assert {name: exported[name] for name in GIVEN} == {
        "stop_reason": "length",
        "queue_ms": 17,
        "turn": 3,
        "fee_usd": Decimal("0.00025"),
    }
