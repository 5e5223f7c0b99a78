"""What the rows that were loaded say of themselves: how many, from when to when, and how many look wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from calls.schema import COLUMNS
from calls.values import literal, quoted

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


@dataclass(frozen=True)
class _Range:
    """The range of a column that is plausible, both ends included; None is no end."""

    column: str
    least: Decimal | None
    most: Decimal | datetime | None

    @property
    def beyond(self) -> str:
        """SQL that is true for a value outside."""
        ends = (("<", self.least), (">", self.most))
        tests = [f"{quoted(self.column)} {sign} {literal(end)}" for sign, end in ends if end is not None]
        return " or ".join(tests)

    def holds(self, smallest: Any, largest: Any) -> bool:
        """Whether no value is outside, from the smallest and the largest of them; both None where there is none."""
        if smallest is None:
            return True
        return (self.least is None or smallest >= self.least) and (self.most is None or largest <= self.most)


def measured(connection: duckdb.DuckDBPyConnection) -> Measured:
    """What stands in the table `accepted_calls`."""
    ranges = _ranges()
    present = {row[0] for row in connection.execute("describe accepted_calls").fetchall()}
    names = list(dict.fromkeys(each.column for each in ranges.values() if each.column in present))
    rows, rounded, *ends = connection.execute(
        "select count(*), count(*) filter (where cost_rounded), "
        f"{', '.join(f'min({quoted(name)}), max({quoted(name)})' for name in names)} from accepted_calls"
    ).fetchall()[0]
    known = dict(zip(names, zip(ends[::2], ends[1::2], strict=True), strict=True))
    absent = (None, None)
    broken = {name: each for name, each in ranges.items() if not each.holds(*known.get(each.column, absent))}
    return Measured(
        rows, rounded, *known["timestamp"], dict.fromkeys(ranges, 0) | _counted(connection, broken)
    )


def _counted(connection: duckdb.DuckDBPyConnection, broken: Mapping[str, _Range]) -> dict[str, int]:
    """How many rows each flag holds for; only flags that hold for some are counted, since counting takes longest."""
    if not broken:
        return {}
    counts = ", ".join(f"count(*) filter (where {each.beyond})" for each in broken.values())
    (row,) = connection.execute(f"select {counts} from accepted_calls").fetchall()
    return dict(zip(broken, row, strict=True))


def flags() -> dict[str, str]:
    """What is kept and looks wrong: name, and the SQL that is true for it."""
    return {name: each.beyond for name, each in _ranges().items()}


def _ranges() -> dict[str, _Range]:
    """What must hold for no flag of that name to be raised; a credit is plausible as far as a cost of its size is."""
    soon = (datetime.now(UTC) + CLOCK_SKEW).replace(tzinfo=None)
    found = {
        FUTURE: _Range("timestamp", None, soon),
        "credit": _Range("cost_usd", Decimal(0), None),
    }
    for column in COLUMNS:
        if column.low is not None and column.high is not None:
            least = -column.high if column.name == "cost_usd" else column.low
            found[f"{column.name}_out_of_range"] = _Range(column.name, least, column.high)
    return found
