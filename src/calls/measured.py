"""What the rows that were loaded say of themselves: how many, from when to when, and how many look wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from calls.schema import COLUMNS, Column

FUTURE = "future_timestamp"
CLOCK_SKEW = timedelta(days=1)


@dataclass(frozen=True)
class Measured:
    """Rows, those whose cost was rounded, the first and the last instant; `flagged` are kept, and look wrong."""

    rows: int
    rounded: int
    first: datetime | None
    last: datetime | None
    flagged: Mapping[str, int]


def measured(connection: duckdb.DuckDBPyConnection) -> Measured:
    """What stands in the table `accepted_calls`."""
    tests = flags()
    counts = ", ".join(f"count(*) filter (where {test})" for test in tests.values())
    rows, rounded, first, last, *flagged = connection.execute(
        'select count(*), count(*) filter (where cost_rounded), min("timestamp"), max("timestamp"), '
        f"{counts} from accepted_calls"
    ).fetchall()[0]
    return Measured(rows, rounded, first, last, dict(zip(tests, flagged, strict=True)))


def flags() -> dict[str, str]:
    """What is kept and looks wrong: name, and the SQL that is true for it."""
    soon = (datetime.now(UTC) + CLOCK_SKEW).replace(tzinfo=None).isoformat(sep=" ")
    ranged = {
        f"{column.name}_out_of_range": _implausible(column) for column in COLUMNS if column.low is not None
    }
    return {FUTURE: f"\"timestamp\" > timestamp '{soon}'", "credit": "cost_usd < 0"} | ranged


def _implausible(column: Column) -> str:
    """Beyond the plausible range; a negative cost is a credit, and plausible as far as a cost of that size is."""
    size = f"abs({column.name})" if column.name == "cost_usd" else column.name
    return f"{size} < {column.low} or {size} > {column.high}"
