"""The rows of an import are written in chunks: what stands in the file does not depend on their size."""

import csv
import json
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest

import import_usage
from interchange.importers import csv_rows

CALLS = 40


@pytest.mark.parametrize("limit", ["CHUNK_RECORDS", "CHUNK_BYTES"])
def test_chunks_keep_the_order_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    source = tmp_path / "logs.jsonl"
    records = [
        {
            "request_id": f"call-{number * 7 % CALLS}", "startTime": "2026-11-20T00:00:00Z", "spend": 0.25,
            "call_type": "completion",
            "custom_llm_provider": "openai", "model": "gpt-4o", "prompt_tokens": 10, "completion_tokens": number,
            "end_user": 'quoted "name", with a comma' if number % 3 else "",
        }
        for number in range(CALLS)
    ]  # fmt: skip
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    assert import_usage.main([str(source), "--quiet", "--out", str(whole)]) == 0
    monkeypatch.setattr(csv_rows, limit, 7)
    assert import_usage.main([str(source), "--quiet", "--out", str(cut)]) == 0
    assert cut.read_bytes() == whole.read_bytes()
    ids = [line.split(",")[1] for line in cut.read_text().splitlines()[1:]]
    assert ids == [record["request_id"] for record in records]


def test_marks_of_csv_are_quoted_and_read_back(tmp_path: Path) -> None:
    names = [
        "plain",
        "a,b",
        'say "hi"',
        "two\nlines",
        "two\r\nlines",
        "#1",
        "it's",
        "tab\there",
        "semi;colon",
        "naïve",
    ]
    source, target = tmp_path / "logs.jsonl", tmp_path / "calls.csv"
    source.write_text("".join(json.dumps(_record(number, name)) + "\n" for number, name in enumerate(names)))
    assert import_usage.main([str(source), "--quiet", "--out", str(target)]) == 0
    with target.open(newline="", encoding="utf-8") as text:
        assert [row["customer_id"] for row in csv.DictReader(text)] == names
    written = target.read_bytes()
    assert b',"#1",' in written
    assert b",it's," in written
    assert b',"say ""hi""",' in written


def test_nul_is_replaced_where_nothing_else_needs_a_quote(tmp_path: Path) -> None:
    source, target = tmp_path / "logs.jsonl", tmp_path / "calls.csv"
    source.write_text(
        "".join(json.dumps(_record(number, name)) + "\n" for number, name in enumerate(["a\0b", "c"]))
    )
    assert import_usage.main([str(source), "--quiet", "--out", str(target)]) == 0
    assert b"\0" not in target.read_bytes()


@pytest.mark.parametrize(
    "spend",
    [
        "0.0000000004", "0.00000000049999999999", "0.0000000006", "0.00012119999999999999", "1.4e-07", "0.0016725",
        "0.12345678939999", "0.1234567896", "0.99999999999", "12.5", "7", ".25",
    ],
)  # fmt: skip
def test_money_is_rounded_to_nine_decimals(tmp_path: Path, spend: str) -> None:
    source, target = tmp_path / "logs.jsonl", tmp_path / "calls.csv"
    source.write_text(json.dumps(_record(1, "someone") | {"spend": spend}) + "\n")
    assert import_usage.main([str(source), "--quiet", "--out", str(target)]) == 0
    with target.open(newline="", encoding="utf-8") as text:
        (row,) = csv.DictReader(text)
    assert row["cost_usd"] == f"{Decimal(spend).quantize(Decimal('1e-9'), ROUND_HALF_EVEN):f}"


def _record(number: int, customer: str) -> dict[str, object]:
    return {
        "request_id": f"call-{number}", "startTime": "2026-11-20T00:00:00Z", "spend": 0.25, "call_type": "completion",
        "custom_llm_provider": "openai", "model": "gpt-4o", "prompt_tokens": 10, "completion_tokens": 5,
        "end_user": customer,
    }  # fmt: skip
