"""The columns of a call as exports print them."""

from collections.abc import Callable

from calls.engine import Calls
from calls.schema import COLUMNS, REQUIRED_NAMES, Column, Kind
from foundation.sql_text import identifier

ORDER = 'order by calls."timestamp", calls.call_id'
"""Exports are in the order of time, so that the same calls give the same file."""


def columns_of(calls: Calls) -> tuple[Column, ...]:
    """The required columns and those optional ones that the file has."""
    return tuple(
        column for column in COLUMNS if column.name in REQUIRED_NAMES or column.name in calls.source.columns
    )


def instant_sql(column: str) -> str:
    """SQL that prints an instant as ISO 8601 in UTC, to the microsecond."""
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"


def printed_sql(column: Column, text: Callable[[str], str]) -> str:
    """SQL for a column: instants as text, numbers as they are; `text` is applied to texts."""
    name = f"calls.{identifier(column.name)}"
    if column.kind is Kind.TIMESTAMP:
        return instant_sql(name)
    return text(name) if column.kind is Kind.TEXT else name
