"""Export as CSV (RFC 4180): as spreadsheets want it, or plain as this toolkit itself writes it."""

from pathlib import Path

from calls.engine import Calls
from foundation.sql_text import identifier
from interchange.exporters.engine_copy import write_rows
from interchange.exporters.printed_columns import ORDER, columns_of, printed_sql
from interchange.spreadsheet_text import guarded_sql

_BOM = "\ufeff"


def write_csv(calls: Calls, path: Path, *, plain: bool) -> None:
    """Writes all calls, in the order of time.

    Plain means LF, no byte order mark and texts as they are. Otherwise lines end with CRLF, a byte order mark
    says UTF-8 and texts that a spreadsheet would run are guarded: as Excel wants it. Numbers are the same.
    """
    text = _or_nothing if plain else _guarded_or_nothing
    # The mark is part of the first name, since COPY has no option for it.
    first, *others = columns_of(calls)
    names = [f"{'' if plain else _BOM}{first.name}", *(column.name for column in others)]
    selected = ", ".join(
        f"{printed_sql(column, text)} as {identifier(name)}"
        for column, name in zip((first, *others), names, strict=True)
    )
    line_end = "\\n" if plain else "\\r\\n"
    options = f"format csv, header true, delimiter ',', quote '\"', escape '\"', new_line '{line_end}'"
    write_rows(calls, f"select {selected} from calls {ORDER}", path, options)


def _or_nothing(text: str) -> str:
    """An empty field without quotes: an empty text is NULL to COPY."""
    return f"nullif({text}, '')"


def _guarded_or_nothing(text: str) -> str:
    return _or_nothing(guarded_sql(text))
