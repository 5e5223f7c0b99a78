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
    ranged = [column for column in COLUMNS if column.low is not None]
    counts = ", ".join(f"count(*) filter (where {implausible(column)})" for column in ranged)
    soon = (datetime.now(UTC) + CLOCK_SKEW).replace(tzinfo=None)
    rows, rounded, first, last, *flagged = connection.execute(
        'select count(*), count(*) filter (where cost_rounded), min("timestamp"), max("timestamp"), '
        'count(*) filter (where "timestamp" > $soon), count(*) filter (where cost_usd < 0), '
        f"{counts} from accepted_calls",
        {"soon": soon},
    ).fetchall()[0]
    names = [FUTURE, "credit"] + [f"{column.name}_out_of_range" for column in ranged]
    return Measured(rows, rounded, first, last, dict(zip(names, flagged, strict=True)))


def implausible(column: Column) -> str:
    """Beyond the plausible range; a negative cost is a credit, and plausible as far as a cost of that size is."""
    size = f"abs({column.name})" if column.name == "cost_usd" else column.name
    return f"{size} < {column.low} or {size} > {column.high}"
