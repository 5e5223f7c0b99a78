"""Cuts JSON documents into records, one a line, without holding a document in memory.

API answers wrap their records (`{"data": [...]}`), some tools pretty-print a list, and a download may break
off. The records before the break are kept, what follows is counted as one that is not JSON. What stands
around records and says something about each of them, a trace or a resource, is put into each.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from interchange.importers.reading.json_answers import (
    LOG_EVENTS,
    OBSERVATIONS,
    RECORD_KEYS,
    RESOURCE_KEYS,
    SAMPLES,
    SCOPE_KEYS,
    SENT_KEYS,
    TRACE_KEYS,
    inside,
    row_of_fields,
    wraps,
)
from interchange.importers.reading.json_window import VALUE_LIMIT, JsonWindow, Source, Text

MOST_KEYS = 20_000
"""An object of more keys is no record; each is held until its end."""
NOT_JSON = "not json"

_GROUP_CHARS = 1 << 18
_LARGE_CHARS = 1 << 20
_TEXT_LIMIT = 70_000
_SPOOL_BYTES = 4 << 20


def write_lines(source: IO[str], target: Path, *, by_line: bool = False, exact: bool = False) -> None:
    """Writes the records of all documents of `source` to `target`, one a line; see `lines`.

    With `exact`, numbers with decimals become texts.
    """
    with target.open("w", encoding="utf-8", errors="replace") as out:
        for line in lines(source, by_line=by_line, folder=target.parent):
            out.write(_with_decimals_as_text(line) if exact else line)
            out.write("\n")


def lines(source: IO[str], *, by_line: bool = False, folder: Path | None = None) -> Iterator[str]:
    """Records as lines of JSON; the line 'not json' where the text cannot be read on.

    With `by_line` each line of the source is read by itself, so that a broken one harms no other. `folder`
    takes what does not fit in memory.
    """
    if not by_line:
        yield from _Documents(source, folder).lines()
        return
    while line := source.readline(VALUE_LIMIT):
        if len(line) < VALUE_LIMIT:
            yield from _Documents(Text(line), folder).lines()
            continue
        yield NOT_JSON
        while line and not line.endswith("\n"):
            line = source.readline(VALUE_LIMIT)


def cleaned(value: Any) -> Any:
    """A value with what the engine does not read replaced (NUL, halves of surrogate pairs), long texts cut."""
    if isinstance(value, str):
        return value[:_TEXT_LIMIT].replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {cleaned(key): cleaned(entry) for key, entry in value.items()}
    return [cleaned(entry) for entry in value] if isinstance(value, list) else value


class _Documents:
    """A text of concatenated JSON documents."""

    def __init__(self, source: Source, folder: Path | None) -> None:
        self._window = JsonWindow(source)
        self._folder = folder

    def lines(self) -> Iterator[str]:
        try:
            while self._window.skip_blank():
                start = self._window.peek()
                if start == "[":
                    yield from self._records(pages=True)
                elif start == "{":
                    yield from self._object()
                else:
                    yield on_one_line(self._window.value()[0])
        except (ValueError, RecursionError):
            yield NOT_JSON

    def _records(self, *, pages: bool = False) -> Iterator[str]:
        """The elements of a list: records, or pages of them."""
        for _ in self._window.elements():
            raw, value = self._window.value()
            if row := row_of_fields(value):
                yield json.dumps(row, ensure_ascii=False)
            elif isinstance(value, dict) and ((pages and wraps(value)) or len(raw) > _LARGE_CHARS):
                yield from _Documents(Text(raw), self._folder).lines()
            else:
                yield on_one_line(raw)

    def _object(self) -> Iterator[str]:
        """Records under a known key; an object without one is itself a record."""
        others: dict[str, tuple[str, Any]] = {}
        found = False
        with self._spool() as observations:
            for key in self._window.members():
                if key == LOG_EVENTS and self._window.peek() == "[":
                    for line in self._log_events(others):
                        found = True
                        yield line
                    continue
                if key == SAMPLES and self._window.peek() == "[":
                    self._set_samples_aside(others, observations)
                    continue
                records = self._records_under(key, observations)
                if records is None:
                    others[key] = self._window.value()
                    if len(others) > MOST_KEYS:
                        raise ValueError("an object of too many keys")
                else:
                    found = found or key != OBSERVATIONS
                    yield from records
            found = found or observations.tell() > 0
            around = {key: value for key, (_, value) in others.items()}
            yield from _with_trace(observations, around)
        if not found:
            yield from self._alone(others)

    def _records_under(self, key: str, observations: IO[str]) -> Iterator[str] | None:
        if self._window.peek() != "[":
            return None
        if key in RECORD_KEYS:
            return self._records()
        if key in RESOURCE_KEYS:
            return self._resources(key)
        return self._set_aside(observations) if key == OBSERVATIONS else None

    def _log_events(self, others: dict[str, tuple[str, Any]]) -> Iterator[str]:
        """Events of a log one by one; other events say something of the object that they stand in."""
        kept: list[tuple[str, Any]] = []
        for _ in self._window.elements():
            raw, value = self._window.value()
            if not kept and isinstance(value, dict) and isinstance(value.get("message"), str):
                yield on_one_line(raw)
            else:
                kept.append((raw, value))
        if kept:
            others[LOG_EVENTS] = (f"[{','.join(raw for raw, _ in kept)}]", [value for _, value in kept])

    def _set_aside(self, observations: IO[str]) -> Iterator[str]:
        """Keeps observations until their trace is known, which may stand after them."""
        for _ in self._window.elements():
            raw, value = self._window.value()
            if isinstance(value, dict):
                observations.write(on_one_line(raw) + "\n")
        yield from ()

    def _set_samples_aside(self, others: dict[str, tuple[str, Any]], samples: IO[str]) -> None:
        """Keeps samples until their evaluation is known; other samples say something of the object they stand in."""
        kept: list[tuple[str, Any]] = []
        for _ in self._window.elements():
            raw, value = self._window.value()
            if isinstance(value, dict) and "epoch" in value:
                samples.write(
                    (on_one_line(raw) if len(raw) <= _LARGE_CHARS else json.dumps(cleaned(value))) + "\n"
                )
            else:
                kept.append((raw, value))
        if kept:
            others[SAMPLES] = (f"[{','.join(raw for raw, _ in kept)}]", [value for _, value in kept])

    def _alone(self, others: dict[str, tuple[str, Any]]) -> Iterator[str]:
        """The record that an object is, or the one that it wraps."""
        values = {key: value for key, (_, value) in others.items()}
        within = inside(values)
        if within is not None:
            yield from _Documents(Text(others[within][0]), self._folder).lines()
            return
        line = (
            "{" + ",".join(f"{json.dumps(key)}:{on_one_line(raw)}" for key, (raw, _) in others.items()) + "}"
        )
        yield line if len(line) <= _LARGE_CHARS else json.dumps(cleaned(values), ensure_ascii=False)

    def _resources(self, key: str) -> Iterator[str]:
        """What each resource sent, in groups of spans so that no line is long."""
        for _ in self._window.elements():
            if self._window.peek() != "{":
                yield f"{{{json.dumps(key)}:[{on_one_line(self._window.value()[0])}]}}"
                continue
            with self._spool() as groups:
                resource = self._spans_of_resource(groups)
                groups.seek(0)
                for group in groups:
                    yield f'{{{json.dumps(key)}:[{{"resource":{resource},{group.rstrip()}}}]}}'

    def _spans_of_resource(self, groups: IO[str]) -> str:
        """Writes groups of spans; returns the resource, which may stand after them."""
        resource = "null"
        for key in self._window.members():
            if key in SCOPE_KEYS and self._window.peek() == "[":
                for _ in self._window.elements():
                    for sent, group in self._groups_of_scope():
                        groups.write(f"{json.dumps(key)}:[{{{json.dumps(sent)}:[{group}]}}]\n")
                continue
            raw, _value = self._window.value()
            resource = on_one_line(raw) if key == "resource" else resource
        return resource

    def _groups_of_scope(self) -> Iterator[tuple[str, str]]:
        """Key and elements of what a scope sent, a group at a time."""
        if self._window.peek() != "{":
            yield SENT_KEYS[0], on_one_line(self._window.value()[0])
            return
        for key in self._window.members():
            if key not in SENT_KEYS or self._window.peek() != "[":
                self._window.value()
                continue
            group: list[str] = []
            size = 0
            for _ in self._window.elements():
                raw = on_one_line(self._window.value()[0])
                group.append(raw)
                size += len(raw)
                if size > _GROUP_CHARS:
                    yield key, ",".join(group)
                    group, size = [], 0
            if group:
                yield key, ",".join(group)

    def _spool(self) -> IO[str]:
        return tempfile.SpooledTemporaryFile(
            _SPOOL_BYTES,
            "w+",
            encoding="utf-8",
            errors="replace",
            newline="\n",
            dir=str(self._folder) if self._folder else None,
        )


def _with_trace(observations: IO[str], around: dict[str, Any]) -> Iterator[str]:
    """Observations with what their trace says, under `trace` or in the object around them; samples with `eval`."""
    trace = around["trace"] if isinstance(around.get("trace"), dict) else around
    of_trace = {"trace": {key: trace[key] for key in TRACE_KEYS if key in trace}}
    said = json.dumps(
        cleaned({"eval": around["eval"]} if isinstance(around.get("eval"), dict) else of_trace)
    )[1:-1]
    observations.seek(0)
    for line in observations:
        rest = line[1:].lstrip()
        yield f"{{{said}" + ("," if rest[:1] != "}" else "") + rest.rstrip()


def _with_decimals_as_text(line: str) -> str:
    try:
        return json.dumps(json.loads(line, parse_float=str), ensure_ascii=False)
    except (ValueError, RecursionError):
        return line


def on_one_line(raw: str) -> str:
    """A JSON value on one line: line ends can stand only between the parts of a JSON value, never inside one."""
    return raw.replace("\n", " ").replace("\r", " ")
