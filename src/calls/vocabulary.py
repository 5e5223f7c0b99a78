"""Which values the text columns hold, as far as a sample of a file shows: what is known ahead groups faster."""

import os
from collections.abc import Mapping

import duckdb

from calls.schema import COLUMN_BY_NAME
from calls.snapshot import Snapshot, piece
from calls.values import quoted

SAMPLE_BYTES = 2 << 20
MOST_VALUES = 1_000
NAMES = (
    "provider", "model", "subscription_tier", "organization_id", "product_id", "feature_id", "task_type",
    "environment", "status",
)  # fmt: skip
"""Columns that usually hold few values."""


def known_types(connection: duckdb.DuckDBPyConnection, seen: Snapshot) -> Mapping[str, str]:
    """Makes an ENUM type for each text column with few values in a sample of the file.

    Returns:
        The name of the type by column; none where the sample cannot be read.
    """
    names = [name for name in NAMES if name in seen.header.names and not COLUMN_BY_NAME[name].needed]
    names += [name for name in ("provider", "model") if name in seen.header.names and name not in names]
    try:
        values = _sampled(connection, seen, names)
    except duckdb.Error:
        return {}
    types = {}
    for name, found in values.items():
        if len(found) <= MOST_VALUES:
            listed = ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(found))
            connection.execute(f"create type known_{name} as enum ({listed})")
            types[name] = f"known_{name}"
    return types


def _sampled(connection: duckdb.DuckDBPyConnection, seen: Snapshot, names: list[str]) -> dict[str, set[str]]:
    """The values of some columns in the first and the middle lines of a file."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for start, end in _stretches(seen):
        with piece(seen, start, end) as (sample, _):
            columns = ", ".join(f"{quoted(name)}: 'varchar'" for name in seen.header.names)
            lists = ", ".join(f"list(distinct {quoted(name)})" for name in names)
            (row,) = connection.execute(
                f"select {lists} from read_csv('/dev/fd/{sample.file.fileno()}', auto_detect=false, header=true, "
                f"delim=',', quote='\"', escape='\"', nullstr='\x01', columns={{{columns}}})"
            ).fetchall()
        for name, values in zip(names, row, strict=True):
            found[name].update(values or ())
    return found


def _stretches(seen: Snapshot) -> list[tuple[int, int]]:
    """Stretches of whole lines at the start, in the middle and at the end."""
    first, size = seen.header.length, seen.size
    places = [first, (first + size) // 2, size - SAMPLE_BYTES]
    return [
        (start, end)
        for place in places
        if (start := _line_start(seen, max(place, first)))
        < (end := _line_start(seen, min(place + SAMPLE_BYTES, size)))
    ]


def _line_start(seen: Snapshot, place: int) -> int:
    """Where the first line at or after a place begins."""
    if place in (seen.header.length, seen.size):
        return place
    block = os.pread(seen.file.fileno(), 1 << 16, place)
    found = block.find(seen.header.line_end[-1:])
    return place + found + 1 if found >= 0 else seen.size
