"""Export as JSON or JSON lines: costs are numbers with all their decimals."""

from pathlib import Path

from calls.engine import Calls
from foundation.sql_text import identifier
from interchange.exporters.engine_copy import write_rows
from interchange.exporters.printed_columns import ORDER, columns_of, printed_sql


def write_json(calls: Calls, path: Path, *, lines: bool) -> None:
    """Writes all calls, in the order of time. What is unknown is null; what is unallocated is an empty text."""
    selected = ", ".join(
        f"{printed_sql(column, str)} as {identifier(column.name)}" for column in columns_of(calls)
    )
    options = f"format json, array {'false' if lines else 'true'}"
    write_rows(calls, f"select {selected} from calls {ORDER}", path, options)
