"""How a mapping reaches fields: keys with dots within objects, also in objects written as text."""

import json
from pathlib import Path

import pytest

from tests.interchange.importers.importing import build_mapping, imported

MAPS = [
    "timestamp=at", "input_tokens=attributes.llm.token_count.prompt", "output_tokens=attributes.llm.token_count.completion",
    "model=attributes.llm.model_name",
]  # fmt: skip
ATTRIBUTES = {"llm.model_name": "gpt-4o", "llm.token_count.prompt": 1000, "llm.token_count.completion": 100}


@pytest.mark.parametrize("written", [ATTRIBUTES, json.dumps(ATTRIBUTES)], ids=["object", "text"])
def test_a_key_with_dots_within_an_object_is_reached(tmp_path: Path, written: object) -> None:
    record = {"at": "2026-11-20T08:00:00Z", "attributes": written}
    _, (row,) = imported(tmp_path, [record], mapping=build_mapping(MAPS, ["provider=openai"]), format="jsonl")
    assert (row["input_tokens"], row["output_tokens"], row["model"]) == ("1000", "100", "gpt-4o")
