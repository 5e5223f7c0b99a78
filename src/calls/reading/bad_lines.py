"""Broken files: copies the good lines of a CSV into a clean one and notes the bad ones.

Clean files never come here. A file that the typed load refuses is read in blocks: a regular expression takes
runs of plainly good lines at once, and only a line outside such a run is looked at in Python. Memory stays
bounded whatever arrives: a line is held up to `RECORD_BYTES_LIMIT`, beyond that it is skipped as it streams by.

A record whose quotes do not close is lost together with the lines after it up to the next line that looks like
a record: the header's number of fields and an ISO timestamp. Good records with line ends inside quotes stay.
"""

import csv
import re
from dataclasses import dataclass, field
from typing import BinaryIO

from calls.file.header import Header
from calls.file.printing import csv_line
from calls.reading.line_window import LineWindow
from calls.reading.plain_lines import plain_runs
from calls.reading.rejects import Rejects
from calls.schema import COLUMN_BY_NAME, FIELD_BYTES_LIMIT, Column, Kind
from calls.values import CATEGORY, BadValue, check_category, normal, was_rounded

RECORD_BYTES_LIMIT = 1 << 20
"""A record longer than this is rejected unread."""

_DATE_RULE = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass
class Checked:
    """What the check found: `good` records copied, and the lines that were lost, by reason."""

    rejects: Rejects = field(default_factory=Rejects)
    good: int = 0
    rounded: int = 0
    torn_tail: bool = False


def reject_bad_lines(
    source: BinaryIO, header: Header, size: int, clean: BinaryIO, *, allow_credits: bool = False
) -> Checked:
    """Copies the good records among the first `size` bytes of `source` to `clean`, under the same header.

    The copy has LF line ends and normal values (blanks stripped, money in plain decimals). A last line
    without a line end is torn: it is left out, and not counted as a line.
    """
    check = _LineCheck(header, clean, allow_credits=allow_credits)
    clean.write(csv_line(header.names).encode())
    check.feed(LineWindow(source, header.length, size))
    return check.found


class _LineCheck:
    def __init__(self, header: Header, clean: BinaryIO, *, allow_credits: bool) -> None:
        self.found = Checked()
        self._names = header.names
        self._clean = clean
        self._columns = [COLUMN_BY_NAME.get(name, Column(name, Kind.TEXT, "")) for name in header.names]
        self._allow_credits = allow_credits
        self._when = header.names.index("timestamp")
        self._category = header.names.index(CATEGORY) if CATEGORY in header.names else None
        self._runs = plain_runs(self._columns)

    def feed(self, window: LineWindow) -> None:
        while True:
            self._take_clean_run(window)
            end = window.line_end(0)
            if end >= 0:
                self._take_record(window, end)
            elif len(window.data) - window.position > RECORD_BYTES_LIMIT:
                self._skip_giant(window)
            elif not window.more():
                self.found.torn_tail |= window.position < len(window.data)
                return

    def _take_clean_run(self, window: LineWindow) -> None:
        run = self._runs[window.is_utf8].match(window.data, window.position, window.whole)
        if run is None or run.end() == run.start():
            return
        text = _unix_line_ends(run[0])
        lines = text.count(b"\n")
        window.take(run.end() - run.start(), lines)
        self.found.good += lines
        self._clean.write(text)

    def _take_record(self, window: LineWindow, end: int) -> None:
        line = window.data[window.position : window.position + end]
        if not line.strip(b"\r\n"):
            window.take(end, 1)
        elif line.count(b'"') % 2 == 0:
            self._judge(window, end, 1)
        else:
            self._close_quotes(window, end)

    def _close_quotes(self, window: LineWindow, first: int) -> None:
        """Takes a record that goes on over its first line end, or gives it up where the next one begins."""
        end, lines, closed = first, 1, False
        while not closed and end <= RECORD_BYTES_LIMIT:
            following = self._next_line_end(window, end)
            if following < 0 or self._looks_like_record(window, end, following):
                break
            closed = window.data.count(b'"', window.position + end, window.position + following) % 2 == 1
            end, lines = following, lines + 1
        if closed:
            self._judge(window, end, lines)
        else:
            self._give_up(window, first)

    def _next_line_end(self, window: LineWindow, origin: int) -> int:
        end = window.line_end(origin)
        while end < 0 and len(window.data) - window.position <= RECORD_BYTES_LIMIT and window.more():
            end = window.line_end(origin)
        return end

    def _give_up(self, window: LineWindow, first: int) -> None:
        """Loses a record with unclosed quotes, and what follows up to the next line that looks like a record."""
        line, start = window.line, window.start
        raw = window.take(first, 1)
        while (end := window.line_end(0)) < 0 or not self._looks_like_record(window, 0, end):
            if end >= 0:
                window.take(end, 1)
            elif len(window.data) - window.position > RECORD_BYTES_LIMIT:
                self._pass_over(window)
            elif not window.more():
                break
        if end < 0 and window.position < len(window.data):
            return  # the file breaks off within this record: its end is the torn tail
        self.found.rejects.add(line, start, "unbalanced_quote", raw)

    def _looks_like_record(self, window: LineWindow, start: int, end: int) -> bool:
        raw = window.data[window.position + start : window.position + end]
        if len(raw) > FIELD_BYTES_LIMIT or raw.count(b",") < len(self._names) - 1:
            return False
        fields = _fields(raw.decode("utf-8", "replace"))
        return len(fields) == len(self._names) and bool(_DATE_RULE.match(fields[self._when]))

    def _skip_giant(self, window: LineWindow) -> None:
        line, start = window.line, window.start
        beginning = window.data[window.position : window.position + FIELD_BYTES_LIMIT]
        if self._pass_over(window):
            self.found.rejects.add(line, start, "field_too_large", beginning)
        else:
            self.found.torn_tail = True

    def _pass_over(self, window: LineWindow) -> bool:
        """Drops a line too long to be held; False if the file ends before the line does."""
        while (end := window.line_end(0)) < 0:
            kept = 1 if window.data.endswith(b"\r") else 0
            window.take(len(window.data) - window.position - kept, 0)
            if not window.more():
                window.take(len(window.data) - window.position, 0)
                return False
        window.take(end, 1)
        return True

    def _judge(self, window: LineWindow, length: int, lines: int) -> None:
        line, start = window.line, window.start
        raw = window.take(length, lines)
        try:
            values = self._verdict(raw)
        except BadValue as reason:
            self.found.rejects.add(line, start, str(reason), raw.rstrip(b"\r\n"))
        else:
            self.found.good += 1
            self._clean.write(csv_line(values).encode())

    def _verdict(self, raw: bytes) -> list[str]:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadValue("encoding") from error
        if "\0" in text:
            raise BadValue("encoding")
        fields = _fields(text)
        self._check_shape(fields, raw)
        if fields == list(self._names):
            raise BadValue("repeated_header")
        allow_credits = self._allows_credit(fields)
        values = [
            normal(column, value, allow_credits=allow_credits)
            for column, value in zip(self._columns, fields, strict=True)
        ]
        self.found.rounded += any(
            was_rounded(value)
            for column, value in zip(self._columns, fields, strict=True)
            if column.name == "cost_usd"
        )
        return values

    def _allows_credit(self, fields: list[str]) -> bool:
        """Whether the record's cost may be negative; a category that is no known word raises."""
        said = check_category(fields[self._category]) if self._category is not None else False
        return said or self._allow_credits

    def _check_shape(self, fields: list[str], raw: bytes) -> None:
        if len(raw) > FIELD_BYTES_LIMIT and _has_giant(fields, raw):
            raise BadValue("field_too_large")
        if not fields:
            raise BadValue("unbalanced_quote")
        if len(fields) != len(self._names):
            raise BadValue("field_count")


def _unix_line_ends(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _fields(text: str) -> list[str]:
    """The fields of one record; none if its quotes are broken."""
    try:
        records = list(csv.reader([_without_line_end(text)], strict=True))
    except csv.Error:
        return []
    return records[0] if len(records) == 1 else []


def _without_line_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _has_giant(fields: list[str], raw: bytes) -> bool:
    encoded = [field.encode() for field in fields] or raw.split(b",")
    return max(map(len, encoded)) > FIELD_BYTES_LIMIT
