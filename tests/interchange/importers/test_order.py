"""Calls keep the order of the files, and ids made of a record's place stay its own, however many threads read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interchange.importers.staging import MEMORY_LIMIT, workbench
from tests.interchange.importers.formats.test_otel import CALL, attributes, document, span
from tests.interchange.importers.importing import import_files, written

LINES = 3_000
BYTES_OF_A_PIECE = 4 << 20
"""What a thread reads at a time; the files here have several such chunks."""


def spans_without_ids(length: int) -> Iterator[dict[str, Any]]:
    for number in range(LINES):
        named = CALL | {"gen_ai.conversation.id": str(number), "gen_ai.input.messages": "x" * length}
        yield document(span("", named) | {"attributes": attributes(named)})


def rows_without_ids(length: int) -> Iterator[dict[str, Any]]:
    for number in range(LINES):
        yield {
            "request_id": "", "startTime": "2026-03-01T10:00:00Z", "model": "gpt-4o", "custom_llm_provider": "openai",
            "call_type": "completion", "spend": 0.01, "prompt_tokens": 10, "completion_tokens": 2, "session_id": str(number),
            "messages": "x" * length,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("records", "name"),
    [
        (spans_without_ids(7_000), "otel"), (rows_without_ids(3_900), "litellm"), (rows_without_ids(7_000), "litellm"),
    ],
    ids=["long lines of spans", "short lines", "long lines"],
)  # fmt: skip
def test_calls_keep_the_order_of_the_file_and_a_second_import_adds_none(
    tmp_path: Path, records: Iterator[dict[str, Any]], name: str
) -> None:
    source, target = tmp_path / "export.jsonl", tmp_path / "calls.csv"
    with source.open("w") as out:
        out.writelines(json.dumps(record) + "\n" for record in records)
    assert source.stat().st_size > 2 * BYTES_OF_A_PIECE
    assert import_files(target, source, format=name).calls == LINES
    rows = written(target)
    assert [row["session_id"] for row in rows] == [str(number) for number in range(LINES)]
    assert len({row["call_id"] for row in rows}) == LINES
    assert import_files(target, source, format=name).calls == 0
    assert written(target) == rows


def test_two_threads_have_the_memory_to_keep_the_order_of_records(tmp_path: Path) -> None:
    """The engine wants 4 MiB for each column of a thread beyond the first, of a quarter of the limit."""
    with workbench(tmp_path) as connection:
        columns = len(connection.execute("describe staged").fetchall())
    assert MEMORY_LIMIT.endswith("MB")
    assert columns * (4 << 20) <= int(MEMORY_LIMIT.removesuffix("MB")) * 1_000_000 // 4
