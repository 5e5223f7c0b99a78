"""SQL written from Python values: identifiers and literals, each quoted and escaped."""

from datetime import datetime
from decimal import Decimal


def identifier(name: str) -> str:
    """A column name as an SQL identifier; NUL, which SQL text cannot hold, is left out."""
    return '"' + name.replace("\0", "").replace('"', '""') + '"'


def literal(value: str | int | Decimal | datetime) -> str:
    """A value as SQL; NUL is left out of a text."""
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, str):
        return "'" + value.replace("\0", "").replace("'", "''") + "'"
    return f"{value}"
