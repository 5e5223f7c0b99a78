"""A moving window over the lines of a broken file, read block by block, that knows the number of its first line."""

import re
from typing import BinaryIO

BLOCK_BYTES = 1 << 22

_LINE_END = re.compile(rb"\r\n|\n|\r")


class LineWindow:
    """A chunk of a file, read block by block; `start` is the offset and `line` the number of its first line."""

    def __init__(self, source: BinaryIO, start: int, end: int) -> None:
        self._source = source
        self._source.seek(start)
        self._left = end - start
        self.start = start
        self.line = 2
        self.data = b""
        self.position = 0
        self.whole = 0
        self.is_utf8 = True

    def more(self) -> bool:
        """Drops what was taken and reads another block; False at the end."""
        if not self._left:
            return False
        kept = self.data[self.position :]
        block = self._source.read(min(BLOCK_BYTES, self._left))
        self._left = self._left - len(block) if block else 0
        self.data, self.position = kept + block, 0
        self.whole = _end_of_whole_lines(self.data, last=not self._left)
        self.is_utf8 = _is_utf8(self.data[: self.whole])
        return bool(block)

    def take(self, length: int, lines: int) -> bytes:
        """The next bytes, which hold so many line ends."""
        taken = self.data[self.position : self.position + length]
        self.position += length
        self.start += length
        self.line += lines
        return taken

    def line_end(self, origin: int) -> int:
        """Where the line that starts at `origin` (relative to the position) ends, -1 if beyond what is read.

        A CR that closes the block may be half a line end, unless the chunk ends with it.
        """
        found = _LINE_END.search(self.data, self.position + origin)
        if found is None or (found[0] == b"\r" and found.end() == len(self.data) and self._left):
            return -1
        return found.end() - self.position


def _end_of_whole_lines(data: bytes, *, last: bool) -> int:
    """Where the last whole line of a block ends; a CR at its very end may be half a line end, unless it is the last."""
    end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    if end == len(data) and data.endswith(b"\r") and not last:
        end = max(data.rfind(b"\n", 0, end - 1), data.rfind(b"\r", 0, end - 1)) + 1
    return end


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
