"""The rows of an import are written in pieces: what stands in the file does not depend on their size."""

import json
from pathlib import Path

import pytest

import import_usage
from interchange.importers import csv_rows

CALLS = 40


@pytest.mark.parametrize("limit", ["PIECE_RECORDS", "PIECE_BYTES"])
def test_pieces_keep_the_order_of_the_file(
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
