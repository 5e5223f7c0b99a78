"""Documents are cut into the records they hold, wherever the window of the reader ends."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.importers.reading import json_documents

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
records = st.lists(st.dictionaries(st.sampled_from("abc"), values, max_size=3), max_size=6)


class Dripping(io.StringIO):
    """Gives at most three characters a read, so that everything is cut somewhere."""

    def read(self, size: int | None = -1, /) -> str:
        return super().read(3)


def read(text: str) -> list[Any]:
    return [json.loads(line) for line in json_documents.lines(Dripping(text))]


@settings(max_examples=60, deadline=None)
@given(
    records,
    st.sampled_from([None, 1]),
    st.sampled_from(["{}", '{{"data": {}}}', '{{"total": 5, "items": {}, "x": [1]}}']),
)
def test_lists_and_wrapped_lists_give_their_records(
    entries: list[Any], indent: int | None, around: str
) -> None:
    assert read(around.format(json.dumps(entries, indent=indent))) == entries


@settings(max_examples=30, deadline=None)
@given(records)
def test_concatenated_documents_give_all_records(entries: list[Any]) -> None:
    text = "\n".join(json.dumps({"data": [entry]}, indent=2) for entry in entries)
    assert read(text) == entries


def test_an_object_without_records_is_one() -> None:
    assert read('{"a": 1, "b": {"data": [1]}}') == [{"a": 1, "b": {"data": [1]}}]


@pytest.mark.parametrize("late", [False, True])
def test_observations_keep_their_trace_wherever_it_stands(late: bool) -> None:
    parts: dict[str, Any] = {
        "trace": {"id": "t", "userId": "u", "input": "secret"},
        "observations": [{"id": 1}, {"id": 2}],
    }
    text = json.dumps(dict(reversed(parts.items())) if late else parts)
    trace = {"id": "t", "userId": "u"}
    assert read(text) == [
        {"trace": trace, "id": 1},
        {"trace": trace, "id": 2},
    ]


def test_a_break_is_told_after_the_whole_records() -> None:
    lines = list(json_documents.lines(io.StringIO('[{"a": 1}, {"a": 2}, {"a"')))
    assert lines == ['{"a": 1}', '{"a": 2}', "not json"]


def test_a_trailing_comma_does_no_harm() -> None:
    assert read('[{"a": 1}, {"a": 2},\n]') == [{"a": 1}, {"a": 2}]


def test_small_records_behind_a_long_text_are_all_read() -> None:
    """The window that a long text made wide holds many records, whose parts are not those of one value."""
    long, small = {"text": "x" * 5_000_000}, [{"a": 1, "b": [2, 3, 4, 5]}] * 200_000
    found = list(json_documents.lines(io.StringIO(json.dumps([long, *small]))))
    assert len(found) == 200_001


def test_a_value_of_too_many_parts_is_not_held() -> None:
    records = json.dumps([{"a": 1}, {"a": [1] * 3_000_000}])
    assert list(json_documents.lines(io.StringIO(records))) == ['{"a": 1}', "not json"]


@pytest.mark.parametrize(
    ("keys", "found"), [(json_documents.MOST_KEYS, 2), (json_documents.MOST_KEYS + 1, 1)]
)
def test_an_object_of_too_many_keys_is_no_record_and_costs_only_its_line(keys: int, found: int) -> None:
    wide = json.dumps({f"k{number}": number for number in range(keys)})
    text = io.StringIO(f'{{"a": 1}}\n{wide}\n')
    read = [line for line in json_documents.lines(text, by_line=True) if line != json_documents.NOT_JSON]
    assert len(read) == found
