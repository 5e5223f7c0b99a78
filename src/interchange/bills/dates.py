"""Dates as bills write them; where month and day could be either, the column proves it or the user says it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dateutil.parser import isoparse

from foundation.outcome import UsageError
from interchange.bills.charges import BadLine

FLAG = "--bill-dates"
_EPOCH = re.compile(r"[0-9]{9,11}(\.0+)?")
_PARTS = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})(?:[ T].*)?")


class DateOrder(StrEnum):
    """What comes first in 11/01/2026."""

    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"


def moment(text: str, order: DateOrder | None) -> datetime | None:
    """The instant a cell names, in UTC; None for an empty cell.

    Raises:
        BadLine: it is no date.
    """
    if not text:
        return None
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text.partition(".")[0]), UTC)
        if parts := _PARTS.fullmatch(text):
            return _of_parts(parts, order)
        instant = isoparse(re.sub(r" ?UTC$", "Z", text).replace(" ", "T", 1))
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise BadLine(f"the date {text!r} cannot be read") from None


def _of_parts(parts: re.Match[str], order: DateOrder | None) -> datetime:
    left, right, year = int(parts[1]), int(parts[3]), int(parts[4])
    month_first = order is DateOrder.MONTH_FIRST and parts[2] != "."
    month, day = (left, right) if month_first else (right, left)
    return datetime(year, month, day, tzinfo=UTC)


def order_of(name: str, texts: Iterable[str]) -> DateOrder | None:
    """The order of day and month in a column; None where no cell needs it.

    A number above 12 proves it. Else the order does in which the days follow each other without a gap, as those of
    a report by day do, where they do so in one order only.

    Raises:
        UsageError: neither proves it.
    """
    cells = {text for text in texts if (parts := _PARTS.fullmatch(text)) and parts[2] != "."}
    if not cells:
        return None
    possible = [order for order in DateOrder if _fits(cells, order)]
    if len(possible) > 1:
        same = len({frozenset(moment(text, order) for text in cells) for order in DateOrder}) == 1
        possible = possible[:1] if same else [order for order in possible if _follow(cells, order)]
    if len(possible) != 1:
        raise UsageError(
            f"{name}: nothing tells whether {min(cells)} names its month or its day first; "
            f"say {FLAG} month-first or {FLAG} day-first."
        )
    return possible[0]


def _fits(cells: set[str], order: DateOrder) -> bool:
    try:
        return all(moment(text, order) for text in cells)
    except BadLine:
        return False


def _follow(cells: set[str], order: DateOrder) -> bool:
    days = sorted(day for text in cells if (day := moment(text, order)))
    return len(days) > 1 and days[-1] - days[0] == timedelta(days=len(days) - 1)
