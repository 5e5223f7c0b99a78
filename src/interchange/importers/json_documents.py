"""Cuts JSON documents into records, one a line, without holding a document in memory.

API answers wrap their records (`{"data": [...]}`), some tools pretty-print a list, and a download may break
off. The records before the break are kept, what follows is counted as one that is not JSON.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

RECORD_KEYS = ("data", "items", "results", "rows", "records", "logs", "generations", "payloads", "spans")
"""Keys under which answers hold their records; each element stands for itself."""
SHAPED_KEYS = ("resourceSpans", "resource_spans", "batches", "observations")
"""Keys whose elements keep the key around them, because it says what they are."""
CONTEXT_KEYS = {"trace": ("id", "userId", "sessionId", "name", "environment", "tags", "metadata", "release")}
"""What stands beside the records and belongs to each of them, and which of its keys."""

_CHUNK = 1 << 20
_BLANK = " \t\r\n,\ufeff"
_NOT_JSON = "not json"


def write_lines(source: IO[str], target: Path) -> None:
    """Writes the records of all documents of `source` to `target`, one a line."""
    with target.open("w", encoding="utf-8", errors="replace") as out:
        for line in lines(source):
            out.write(line)
            out.write("\n")


def lines(source: IO[str]) -> Iterator[str]:
    """Records as lines of JSON; the line 'not json' where the text cannot be read on."""
    return _Documents(source).lines()


class _Documents:
    """A moving window over a text of concatenated JSON documents."""

    def __init__(self, source: IO[str]) -> None:
        self._source = source
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False

    def lines(self) -> Iterator[str]:
        """Records as lines of JSON; the line 'not json' where the text cannot be read on."""
        try:
            while self._skip_blank():
                yield from self._document()
        except (ValueError, RecursionError):
            yield _NOT_JSON

    def _document(self) -> Iterator[str]:
        start = self._text[self._at]
        if start == "[":
            self._at += 1
            yield from self._elements("", {})
        elif start == "{":
            yield from self._object()
        else:
            yield _line(self._value()[0])

    def _object(self) -> Iterator[str]:
        """Records under a known key; an object without one is itself a record."""
        self._at += 1
        context: dict[str, Any] = {}
        others: list[str] = []
        found = False
        late: list[str] = []
        while self._peek() != "}":
            key = str(self._value()[1])
            self._expect(":")
            opens = self._peek()
            if opens == "[" and (key in RECORD_KEYS or key in SHAPED_KEYS):
                found = True
                self._at += 1
                elements = self._elements(key if key in SHAPED_KEYS else "", context)
                if key == "observations" and not context:
                    late += list(elements)
                else:
                    yield from elements
                continue
            raw, value = self._value()
            others.append(f"{json.dumps(key)}:{_line(raw)}")
            if key in CONTEXT_KEYS and isinstance(value, dict):
                context[key] = {name: value[name] for name in CONTEXT_KEYS[key] if name in value}
        self._at += 1
        yield from (_with_context(line, context) for line in late)
        if not found:
            yield "{" + ",".join(others) + "}"

    def _elements(self, key: str, context: dict[str, Any]) -> Iterator[str]:
        """The elements of an array whose bracket has been read."""
        prefix = "".join(f"{json.dumps(name)}:{json.dumps(value)}," for name, value in context.items())
        while self._peek() != "]":
            element = _line(self._value()[0])
            yield f"{{{prefix}{json.dumps(key)}:[{element}]}}" if key else element
        self._at += 1

    def _value(self) -> tuple[str, Any]:
        """The next value, as text and parsed; reads on until it is whole."""
        self._skip_blank()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if not self._read():
                    raise
                continue
            # A number that touches the end of the window may go on behind it.
            if end == len(self._text) and self._read():
                continue
            raw, self._at = self._text[self._at : end], end
            return raw, value

    def _peek(self) -> str:
        if not self._skip_blank():
            raise ValueError("the document ends early")
        return self._text[self._at]

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise ValueError(f"{mark} expected")
        self._at += 1

    def _skip_blank(self) -> bool:
        """Moves to the next character that is not blank; False at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return True
                self._at += 1
            if not self._read():
                return False

    def _read(self) -> bool:
        """Adds a piece to the window and forgets what lies behind; a longer window reads larger pieces."""
        if self._ended:
            return False
        kept = self._text[self._at :]
        piece = self._source.read(max(_CHUNK, len(kept)))
        self._text, self._at = kept + piece, 0
        self._ended = not piece
        return bool(piece)


def _line(raw: str) -> str:
    """A value on one line: line ends can stand only between the parts of a JSON value, never inside one."""
    return raw.replace("\n", " ").replace("\r", " ")


def _with_context(line: str, context: dict[str, Any]) -> str:
    parts = [f"{json.dumps(name)}:{json.dumps(value)}," for name, value in context.items()]
    return "{" + "".join(parts) + line[1:]
