"""How a row is printed: RFC 4180, with quotes only where they are needed.

Python's `csv` writer leaves a lone carriage return unquoted where lines end with LF, and then reads it as the
end of a line; hence a printer of our own.
"""

from collections.abc import Sequence


def csv_line(values: Sequence[str], line_end: str = "\n") -> str:
    """One row with its line end."""
    return ",".join(_field(value) for value in values) + line_end


def _field(value: str) -> str:
    if any(sign in value for sign in ',"\r\n') or value[:1].isspace():
        return '"' + value.replace('"', '""') + '"'
    return value
