"""Sums by day, provider, model, organization and feature that a page carries, so that filters can add them up again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analyzers.usage.sums import cached_per_calls
from analyzers.usage.timeline import timeline
from calls.engine import Calls
from calls.rollups.definition import MONEY_TYPE
from reporting.cells import FOLDED, Cells, Cube, Sum, Whole, packed
from reporting.contents import is_formed
from reporting.document import Document

MOST_BYTES = 190_000
"""Letters that the cubes of a page may take; it may take 900 KB in all."""
MOST_ROWS = 60_000
"""Rows of one cube that are worth asking for: more would not fit."""
NANO = 10**9

COLUMNS = {
    "period": "coalesce(cast(local_day as varchar), '')",
    "provider": "provider",
    "model": "model",
    "organization": "organization_id",
    "feature": "feature_id",
}
"""The dimensions of a cell, the coarsest first, and SQL over `daily_organizations`."""
CUBES = (
    (("period", "provider", "model", "organization", "feature"),),
    (("period", "provider", "model", "organization"), ("period", "provider", "model", "feature")),
    (("period", "provider", "model"),),
    (("period", "provider"),),
)
"""What the cubes of a page may be divided by, the best first; what does not fit is folded, or left out at last."""

_MEASURES = ("calls", "priced_calls", "input_total", "output_total", "priced_total")

COST = Sum("cost")
CALLS = Sum("calls")
TOKENS = Sum("tokens")
COST_SHARE = Sum("cost", whole=True)
DAILY_COST = Sum("cost", daily=True)
RUNNING_COST = Sum("cost", running=True)
COST_PER_CALL = Sum("cost", per="priced_calls")
COST_PER_1K = Sum("cost", per="priced_tokens", times=1000)


def with_cells(document: Document, calls: Calls) -> Document:
    """The document with the cells of all calls, if something of it is formed from them."""
    return replace(document, cells=usage_cells(calls)) if is_formed(document) else document


@cached_per_calls
def usage_cells(calls: Calls) -> Cells | None:
    """The cells of all calls: as fine as fits a page. None where not even days and providers do."""
    for groupings in CUBES:
        found = [_asked(calls, by) for by in groupings]
        known = [table for table in found if table is not None]
        cells = _fitting(groupings, known) if len(known) == len(groupings) else None
        if cells is not None:
            partial = tuple(day.day.isoformat() for day in timeline(calls).days if not day.complete)
            return replace(cells, partial=partial)
    return None


def _asked(calls: Calls, by: tuple[str, ...]) -> Mapping[str, Any] | None:
    """The sums by some dimensions as columns; None where there are too many, or money beyond 64 bits."""
    keys = ", ".join(f"{COLUMNS[name]} as {name}_name" for name in by)
    places = ", ".join(str(place + 1) for place in range(len(by)))
    sums = ", ".join(f"sum({name}) as {name}" for name in _MEASURES)
    cost = f"coalesce(cast(sum(known_cost) as {MONEY_TYPE}), 0) as cost"
    inner = f"select {keys}, {sums}, {cost} from daily_organizations group by {places}"
    (count,) = calls.sql(f"select count(*) as cells from ({inner}) as grouped")
    if count.cells > MOST_ROWS:
        return None
    names = ", ".join(f"{name}_name" for name in by)
    table = calls.columns(
        f"select {names}, {', '.join(_MEASURES)}, cast(floor(cost) as bigint) as dollars, "
        f"cast((cost - floor(cost)) * {NANO} as bigint) as nano from ({inner}) as grouped"
    )
    return None if np.abs(table["dollars"]).max(initial=0) > _MOST_DOLLARS else table


_MOST_DOLLARS = 1e9


def _fitting(groupings: Sequence[tuple[str, ...]], tables: Sequence[Mapping[str, Any]]) -> Cells | None:
    """The cubes, with so few organizations and features of their own that they fit; None where two are too many."""
    most: dict[str, int] = {}
    while True:
        cells = _cells(groupings, tables, most)
        if sum(_letters(cube, cells.pools) for cube in cells.cubes) <= MOST_BYTES:
            return cells
        widest = max(_FOLDING, key=lambda name: len(cells.pools.get(name, ())))
        count = len(cells.pools.get(widest, ()))
        if count < _LEAST_NAMES or len(groupings[0]) > _MOST_DIMENSIONS:
            return None
        most[widest] = count // 2


_FOLDING = ("organization", "feature", "model")
_LEAST_NAMES = 6
_MOST_DIMENSIONS = 4
"""A cube of more dimensions is given up for coarser ones before names of it are folded."""


def _letters(cube: Cube, pools: Mapping[str, Sequence[str]]) -> int:
    written = packed(cube, [len(pools[name]) for name in cube.by])
    return len(written["keys"]) + sum(len(column) for column in written["measures"].values())


def _cells(
    groupings: Sequence[tuple[str, ...]], tables: Sequence[Mapping[str, Any]], most: Mapping[str, int]
) -> Cells:
    pools: dict[str, tuple[str, ...]] = {}
    folded = {}
    for by, table in zip(groupings, tables, strict=True):
        for name in by:
            if name not in pools:
                pools[name], gone = _pool(table, name, most.get(name))
                if gone:
                    folded[name] = f"{gone:,} {name}s of less cost stand together"
    cubes = tuple(_cube(by, table, pools) for by, table in zip(groupings, tables, strict=True))
    return Cells(pools, cubes, folded)


def _pool(table: Mapping[str, Any], name: str, most: int | None) -> tuple[tuple[str, ...], int]:
    """The names of a dimension, sorted; of more than `most` those of the highest cost, and how many are folded."""
    names, places = np.unique(table[f"{name}_name"].astype(str), return_inverse=True)
    if most is None or len(names) <= most:
        return tuple(map(str, names)), 0
    cost = np.bincount(places, weights=table["dollars"] + table["nano"] / NANO)
    kept = sorted(str(each) for each in names[np.argsort(-cost, kind="stable")[:most]])
    return (*kept, FOLDED), len(names) - most


def _cube(by: tuple[str, ...], table: Mapping[str, Any], pools: Mapping[str, tuple[str, ...]]) -> Cube:
    """The sums by places in the pools; rows that agree after folding are added up."""
    places = [_places(table[f"{name}_name"], pools[name]) for name in by]
    keys = np.zeros(len(places[0]), dtype=np.int64)
    for each, name in zip(places, by, strict=True):
        keys = keys * len(pools[name]) + each
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    sums = {name: _added(table[name], group, len(first)) for name in _MEASURES}
    tokens = sums["input_total"] + sums["output_total"]
    measures = {
        "calls": sums["calls"],
        "unpriced_calls": sums["calls"] - sums["priced_calls"],
        "tokens": tokens,
        "unpriced_tokens": tokens - sums["priced_total"],
        "cost": _added(table["dollars"], group, len(first)) * NANO + _added(table["nano"], group, len(first)),
    }
    return Cube(by, tuple(each[first] for each in places), measures)


def _places(names: Any, pool: tuple[str, ...]) -> Whole:
    found = {name: place for place, name in enumerate(pool)}
    rest = found.get(FOLDED, 0)
    known, inverse = np.unique(names.astype(str), return_inverse=True)
    return np.array([found.get(str(name), rest) for name in known], dtype=np.int64)[inverse]


def _added(values: Any, group: Any, size: int) -> Whole:
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, group, np.nan_to_num(np.rint(values)).astype(np.int64))
    return sums
