"""Columns of few values become ENUMs, as far as a sample of a file shows: what is known ahead groups faster."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from calls.dimensions import DIMENSIONS
from calls.file.engine_paths import reader_sql
from calls.file.snapshot import Snapshot, readable_name, sample
from foundation.sql_text import identifier, literal

LEAST_BYTES = 24 << 20
"""A smaller file is read before its sample would be."""
CHUNKS = 32
CHUNK_BYTES = 64 << 10
MOST_VALUES = 1_000
LEAST_SEEN = 3
"""A column with a value that the sample holds less often probably has more that it does not hold."""
LIKELY = 3
"""Values of a column that are tried first."""
NAMES = (*(dimension.column for dimension in DIMENSIONS if dimension.few_values), "status")
"""Columns that usually hold few values."""


@dataclass(frozen=True)
class KnownType:
    """An ENUM type, and the values that its column holds most often, the likeliest first."""

    name: str
    likely: tuple[str, ...]

    def cast(self, column: str) -> str:
        """SQL for a text column as this type; comparing with a likely value costs less than looking it up."""
        text = identifier(column)
        likely = [
            f"when {text} = {literal(value)} then cast({literal(value)} as {self.name})"
            for value in self.likely
        ]
        return f"case {' '.join(likely)} else cast({text} as {self.name}) end"


def known_types(connection: duckdb.DuckDBPyConnection, seen: Snapshot) -> Mapping[str, KnownType]:
    """Makes an ENUM type for each text column with few values in a sample of the file.

    Returns:
        The type by column; none where the sample cannot be read, or the file is small.
    """
    if seen.size < LEAST_BYTES:
        return {}
    try:
        values = _sampled(connection, seen, [name for name in NAMES if name in seen.header.names])
    except duckdb.Error:
        return {}
    types = {}
    for name, found in values.items():
        if 0 < len(found) <= MOST_VALUES and min(found.values()) >= LEAST_SEEN:
            listed = ", ".join(literal(value) for value in sorted(found))
            connection.execute(f"create type known_{name} as enum ({listed})")
            likely = sorted(found, key=lambda value: -found[value])[:LIKELY]
            types[name] = KnownType(f"known_{name}", tuple(likely))
    return types


def _sampled(
    connection: duckdb.DuckDBPyConnection, seen: Snapshot, names: list[str]
) -> dict[str, dict[str, int]]:
    """How often a sample of a file's lines holds which value of some columns.

    One list of values with their columns' names is counted: a histogram of each column takes four times as long.
    """
    columns = ", ".join(f"{identifier(name)}: 'varchar'" for name in seen.header.names)
    listed = ", ".join(identifier(name) for name in names)
    with sample(seen, _chunks(seen)) as lines:
        rows = reader_sql(
            "read_csv",
            [readable_name(lines)],
            "auto_detect=false, header=true, delim=',', quote='\"', escape='\"', nullstr='\x01', "
            f"columns={{{columns}}}",
        )
        counted = connection.execute(
            f"select name, value, count(*) from (unpivot (select {listed} from {rows}) "
            f"on {listed} into name name value value) group by name, value"
        ).fetchall()
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    for name, value, times in counted:
        found[name][value] = times
    return found


def _chunks(seen: Snapshot) -> Iterator[tuple[int, int]]:
    """Chunks of whole lines, evenly spread, the first and the last lines among them."""
    first, last = seen.header.length, max(seen.header.length, seen.size - CHUNK_BYTES)
    for step in range(CHUNKS):
        place = first + (last - first) * step // (CHUNKS - 1)
        start, end = _line_start(seen, place), _line_start(seen, min(place + CHUNK_BYTES, seen.size))
        if start < end:
            yield start, end


def _line_start(seen: Snapshot, place: int) -> int:
    """Where the first line at or after a place begins."""
    if place in (seen.header.length, seen.size):
        return place
    block = os.pread(seen.file.fileno(), 1 << 16, place)
    found = block.find(seen.header.line_end[-1:])
    return place + found + 1 if found >= 0 else seen.size
