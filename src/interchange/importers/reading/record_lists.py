"""Lists of records under any key of a JSON document: those at a path that the user names, or all that there are.

A path is keys joined by dots, such as `hits.hits._source`; lists on the way are gone through, so that `traces.spans`
are the spans of all traces. Documents are read piece by piece, whatever their length.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from interchange.importers.reading.json_documents import NOT_JSON, cleaned, on_one_line
from interchange.importers.reading.json_window import VALUE_LIMIT, JsonWindow, Text

NO_RECORDS = '"no records"'
"""The line of a document, or of a line of the file, that has nothing at the path."""
SAMPLE_RECORDS = 50
DEPTH = 4
"""How many keys deep lists are looked for."""
_LARGE_CHARS = 1 << 20


@dataclass
class RecordList:
    """A list of objects: its path, how many there are in the document, and the first of them."""

    path: str
    records: int = 0
    sample: list[dict[str, Any]] = field(default_factory=list)

    def add(self, record: dict[str, Any]) -> None:
        """Counts a record."""
        self.records += 1
        if len(self.sample) < SAMPLE_RECORDS:
            self.sample.append(record)


def keys_of(path: str) -> list[str]:
    """The keys of a path; lists may be marked on it, as in `hits.hits[]._source`."""
    return [key.replace("[]", "") for key in path.split(".") if key.replace("[]", "")]


def lines_at(source: IO[str], path: str, *, by_line: bool) -> Iterator[str]:
    """The records at a path as lines of JSON; `NO_RECORDS` for a document without one, `not json` for what is none."""
    keys = keys_of(path)
    if not by_line:
        yield from _of_documents(JsonWindow(source), keys)
        return
    while line := source.readline(VALUE_LIMIT):
        yield from _of_documents(JsonWindow(Text(line)), keys)
        if len(line) == VALUE_LIMIT:
            yield NOT_JSON
            while line and not line.endswith("\n"):
                line = source.readline(VALUE_LIMIT)


def _of_documents(window: JsonWindow, keys: Sequence[str]) -> Iterator[str]:
    try:
        while window.skip_blank():
            found = False
            for line in _at(window, keys):
                found = True
                yield line
            if not found:
                yield NO_RECORDS
    except (ValueError, RecursionError):
        yield NOT_JSON


def _at(window: JsonWindow, keys: Sequence[str]) -> Iterator[str]:
    """The records below the value that comes next."""
    mark = window.peek()
    if mark == "[":
        for _ in window.elements():
            yield from _at(window, keys)
    elif mark == "{" and keys:
        for key in window.members():
            rest = _behind(key, keys)
            if rest is None:
                window.value()
            else:
                yield from _at(window, rest)
    else:
        raw, value = window.value()
        if not keys:
            yield (
                on_one_line(raw)
                if len(raw) <= _LARGE_CHARS
                else json.dumps(cleaned(value), ensure_ascii=False)
            )


def _behind(key: str, keys: Sequence[str]) -> Sequence[str] | None:
    """The keys that follow on a path behind this one, which may have dots of its own; None where it is not on it."""
    ends = (end for end in range(1, len(keys) + 1) if ".".join(keys[:end]) == key)
    return next((keys[end:] for end in ends), None)


def lists_in(source: IO[str], *, by_line: bool) -> list[RecordList]:
    """The lists of objects in the first document, or in the first line."""
    found: dict[str, RecordList] = {}
    window = JsonWindow(Text(source.readline(VALUE_LIMIT)) if by_line else source)
    try:
        if window.skip_blank():
            _look(window, [], found)
    except (ValueError, RecursionError):
        pass  # what was found before the break is still there
    return list(found.values())


def _look(window: JsonWindow, keys: list[str], found: dict[str, RecordList]) -> None:
    mark = window.peek()
    if mark == "{" and len(keys) < DEPTH:
        for key in window.members():
            _look(window, [*keys, key], found)
    elif mark == "[" and keys:
        for _ in window.elements():
            _look_into(window.value()[1], keys, found)
    else:
        window.value()


def _look_into(value: Any, keys: list[str], found: dict[str, RecordList]) -> None:
    """Notes an element of a list, and the lists in it."""
    if not isinstance(value, dict):
        return
    path = ".".join(keys)
    found.setdefault(path, RecordList(path)).add(value)
    _look_below(value, keys, found)


def _look_below(value: dict[str, Any], keys: list[str], found: dict[str, RecordList]) -> None:
    if len(keys) >= DEPTH:
        return
    for key, inner in value.items():
        if isinstance(inner, dict):
            _look_below(inner, [*keys, key], found)
        for element in inner if isinstance(inner, list) else []:
            _look_into(element, [*keys, key], found)
