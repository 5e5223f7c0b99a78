"""What the rows that were loaded say of themselves: how many, from when to when, and how many look wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from calls.schema import COLUMN_BY_NAME, COLUMNS, Kind
from foundation.sql_text import identifier, literal

FUTURE = "future_timestamp"
PAST = "past_timestamp"
CLOCK_SKEW = timedelta(days=1)
EARLIEST = datetime(2015, 1, 1)  # noqa: DTZ001  naive UTC, as all instants here
"""Before this nobody sold AI calls by the token."""
LARGE_COUNT = 1 << 31
"""Of counts up to this, two billion add up to less than 64 bits hold."""


@dataclass(frozen=True)
class LoadStatistics:
    """Rows, those whose cost was rounded, the first and the last instant; `flagged` are kept, and look wrong.

    The instants are those of plausible times, where there are any. `dated` is SQL that is true for these; None where
    all times, or none, are plausible: then they are taken as they are. `wide` says that sums may leave 64 bits.
    """

    rows: int
    rounded: int
    first: datetime | None
    last: datetime | None
    flagged: Mapping[str, int]
    dated: str | None = None
    wide: bool = False


@dataclass(frozen=True)
class _Range:
    """The range of a column that is plausible, both ends included; None is no end."""

    column: str
    least: Decimal | datetime | None
    most: Decimal | datetime | None

    @property
    def beyond(self) -> str:
        """SQL that is true for a value outside."""
        ends = (("<", self.least), (">", self.most))
        tests = [f"{identifier(self.column)} {sign} {literal(end)}" for sign, end in ends if end is not None]
        return " or ".join(tests)

    def holds(self, smallest: Any, largest: Any) -> bool:
        """Whether no value is outside, from the smallest and the largest of them; both None where there is none."""
        if smallest is None:
            return True
        return (self.least is None or smallest >= self.least) and (self.most is None or largest <= self.most)


def load_statistics(connection: duckdb.DuckDBPyConnection) -> LoadStatistics:
    """What stands in the table `accepted_calls`."""
    ranges = _ranges()
    present = {row[0] for row in connection.execute("describe accepted_calls").fetchall()}
    names = list(dict.fromkeys(each.column for each in ranges.values() if each.column in present))
    rows, rounded, *ends = connection.execute(
        "select count(*), count(*) filter (where cost_rounded), "
        f"{', '.join(f'min({identifier(name)}), max({identifier(name)})' for name in names)} from accepted_calls"
    ).fetchall()[0]
    known = dict(zip(names, zip(ends[::2], ends[1::2], strict=True), strict=True))
    absent = (None, None)
    broken = {name: each for name, each in ranges.items() if not each.holds(*known.get(each.column, absent))}
    flagged = dict.fromkeys(ranges, 0) | _counted(connection, broken)
    first, last = known["timestamp"]
    if dated := dated_sql(flagged, rows):
        first, last = connection.execute(
            f'select min("timestamp"), max("timestamp") from accepted_calls where {dated}'
        ).fetchall()[0]
    return LoadStatistics(
        rows=rows, rounded=rounded, first=first, last=last, flagged=flagged, dated=dated, wide=_is_wide(known)
    )


def _is_wide(ends: Mapping[str, tuple[Any, Any]]) -> bool:
    """Whether a sum of counts may leave 64 bits, from the smallest and the largest value of each column."""
    largest = (most for name, (_, most) in ends.items() if COLUMN_BY_NAME[name].kind is Kind.COUNT and most)
    return max(largest, default=0) > LARGE_COUNT


def flags_counts(flagged: Mapping[str, int]) -> bool:
    """Whether some count is beyond what is plausible, and sums of counts may leave 64 bits."""
    return any(f"{column.name}_out_of_range" in flagged for column in COLUMNS if column.kind is Kind.COUNT)


def dated_sql(flagged: Mapping[str, int], rows: int) -> str | None:
    """SQL that is true for a call of a plausible time; None where that holds for all of the rows or for none."""
    if 0 < flagged.get(PAST, 0) + flagged.get(FUTURE, 0) < rows:
        return f"(not ({' or '.join(_ranges()[name].beyond for name in (PAST, FUTURE))}))"
    return None


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
        PAST: _Range("timestamp", EARLIEST, None),
        "credit": _Range("cost_usd", Decimal(0), None),
    }
    for column in COLUMNS:
        if column.low is not None and column.high is not None:
            least = -column.high if column.name == "cost_usd" else column.low
            found[f"{column.name}_out_of_range"] = _Range(column.name, least, column.high)
    return found
