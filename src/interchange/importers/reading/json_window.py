"""A moving window over a text with JSON in it: values are read one after the other, however long the text is."""

import json
from collections.abc import Iterator
from typing import Any, Protocol

VALUE_LIMIT = 64 << 20
"""A value of more characters is taken for what it nearly always is: a text whose end is lost."""
LONG_CHARS = 2 << 20
MOST_PARTS = 250_000
"""A long value of more parts takes hundreds of megabytes once it is parsed; long texts take what they are."""
_CHUNK = 1 << 20
_BLANK = " \t\r\n,\ufeff"
_TOKEN = 16
"""An error this near to the end of the window may be a word, an escape or a number that goes on behind it."""


def has_too_many_parts(text: str) -> bool:
    """Whether a value that begins a text, and does not end in it, has more parts than memory should hold."""
    return len(text) > LONG_CHARS and text.count(",") + text.count("[") > MOST_PARTS


class Source(Protocol):
    """What a text is read from, block by block."""

    def read(self, size: int, /) -> str:
        """The next characters, "" at the end."""


class Text:
    """A text that is there already; unlike `io.StringIO` it makes no copy, which would be four times as large."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self, size: int, /) -> str:
        """The next characters, "" at the end."""
        block = self._text[self._at : self._at + size]
        self._at += len(block)
        return block


class JsonWindow:
    """Reads a text chunk by chunk and forgets what lies behind."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False

    def skip_blank(self) -> bool:
        """Moves to the next character that is not blank; False at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return True
                self._at += 1
            if not self._read():
                return False

    def peek(self) -> str:
        """The next character that is not blank.

        Raises:
            ValueError: the text ends here.
        """
        if not self.skip_blank():
            raise ValueError("the document ends early")
        return self._text[self._at]

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; at each the value comes next and must be read."""
        self._expect("{")
        while self.peek() != "}":
            key = str(self.value()[1])
            self._expect(":")
            yield key
        self._at += 1

    def elements(self) -> Iterator[None]:
        """The elements of the list that begins here; at each the value comes next and must be read."""
        self._expect("[")
        while self.peek() != "]":
            yield
        self._at += 1

    def value(self) -> tuple[str, Any]:
        """The next value, as text and parsed; reads on until it is whole.

        Raises:
            ValueError: it is no JSON, or ends with the text, or is larger than any record.
        """
        self.skip_blank()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                self._refuse_if_broken(error)
                continue
            # A number that touches the end of the window may go on behind it.
            if end == len(self._text) and self._read():
                continue
            raw, self._at = self._text[self._at : end], end
            return raw, value

    def _refuse_if_broken(self, error: json.JSONDecodeError) -> None:
        """Reads on where more text may mend an error."""
        if has_too_many_parts(self._text[self._at :]):
            raise ValueError("a value of too many parts") from error
        inside = error.pos + _TOKEN < len(self._text) and not error.msg.startswith("Unterminated string")
        if inside or len(self._text) - self._at > VALUE_LIMIT or not self._read():
            raise error

    def _expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise ValueError(f"{mark} expected")
        self._at += 1

    def _read(self) -> bool:
        """Adds a chunk to the window and forgets what lies behind; a longer window reads larger chunks."""
        if self._ended:
            return False
        kept = self._text[self._at :]
        chunk = self._source.read(max(_CHUNK, len(kept)))
        self._text, self._at = kept + chunk, 0
        self._ended = not chunk
        return bool(chunk)
