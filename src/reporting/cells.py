"""How the sums of a page for filters are packed, so that the browser can add them up exactly.

A cube holds sums by some dimensions: its key numbers, sorted, each written as the step from the one before, and one
column a measure. All are whole numbers of any size as variable-length bytes (seven bits a byte, the least first) in
base64; measures with a sign are written as in protocol buffers (zigzag). Money is in billionths of a dollar::

    pools       {"period": [day, ...], "provider": [...], ...}: what the places of a key stand for; "" is no name
    cubes       [{"by": [dimension, ...], "size", "keys", "measures": {name: column}}]; a column of zeros is ""
    folded      what of a dimension stands together as one name, in words
    partial     days of which a part is missing
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Sum:
    """How the browser forms a figure from cells: a measure, or one measure over another, `times` a constant.

    Attributes:
        measure: What is added up.
        per: What it is divided by, "" for nothing.
        times: What the quotient is multiplied by.
        whole: Whether it is the share of the measure in all that is chosen.
        rolling: Days of a trailing mean, 0 for none.
        at: Axes and the value that is asked for of each, beside what the row or label stands for: ("month", "2026-11"),
            ("month from 2026-01", "") for all months before, ("feature", "search").
        besides: A dimension and names: the sum is of all calls of other names.
        running: Whether each day holds all chosen days before it.
        daily: Whether it is the mean of complete days.
    """

    measure: str
    per: str = ""
    times: int = 1
    whole: bool = False
    rolling: int = 0
    at: tuple[tuple[str, str], ...] = ()
    besides: tuple[str, tuple[str, ...]] | None = None
    running: bool = False
    daily: bool = False

    def as_json(self) -> dict[str, Any]:
        """What differs from a plain sum."""
        written = {"measure": self.measure, "per": self.per, "times": self.times, "whole": self.whole}
        narrower = {"rolling": self.rolling, "at": self.at, "besides": self.besides}
        over_time = {"running": self.running, "daily": self.daily}
        return {key: value for key, value in (written | narrower | over_time).items() if value}


@dataclass(frozen=True, eq=False)
class Cube:
    """Sums by some dimensions: for each of them places in its pool, for each measure whole numbers."""

    by: tuple[str, ...]
    places: tuple[Whole, ...]
    measures: Mapping[str, Whole]

    @property
    def size(self) -> int:
        """How many cells it has."""
        return len(self.places[0])


@dataclass(frozen=True, eq=False)
class Cells:
    """The cubes of a page over common pools of names.

    `folded` says for a dimension which names stand together as one, in words; filters cannot ask for that one.
    `partial` are the days of which a part is missing: no mean of days counts them.
    """

    pools: Mapping[str, tuple[str, ...]]
    cubes: tuple[Cube, ...]
    folded: Mapping[str, str] = field(default_factory=dict)
    partial: tuple[str, ...] = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What some cube is divided by."""
        return tuple(name for name in self.pools if any(name in cube.by for cube in self.cubes))

    def names(self, dimension: str) -> tuple[str, ...]:
        """The names of a dimension that a filter can ask for."""
        return tuple(name for name in self.pools.get(dimension, ()) if name != FOLDED)

    def as_json(self) -> dict[str, Any]:
        """Pools and packed cubes as the browser reads them."""
        return {
            "pools": {name: list(pool) for name, pool in self.pools.items()},
            "cubes": [packed(cube, [len(self.pools[name]) for name in cube.by]) for cube in self.cubes],
            "folded": dict(self.folded),
            "partial": list(self.partial),
        }


FOLDED = "\u2026"
"""The name in a pool under which names stand together."""


def packed(cube: Cube, sizes: Sequence[int]) -> dict[str, Any]:
    """A cube as the browser reads it; `sizes` are those of its pools."""
    keys = np.zeros(cube.size, dtype=np.int64)
    for places, size in zip(cube.places, sizes, strict=True):
        keys = keys * size + places
    order = np.argsort(keys, kind="stable")
    steps = np.diff(keys[order], prepend=0)
    columns = {name: _column(values[order]) for name, values in cube.measures.items()}
    return {"by": list(cube.by), "size": cube.size, "keys": _text(varints(steps)), "measures": columns}


def _column(values: Whole) -> str:
    if not values.any():
        return ""
    return _text(varints((values << 1) ^ (values >> 63)))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


_MOST_BYTES = 10
"""Bytes of a number of 64 bits, seven bits a byte."""


def varints(values: Whole) -> bytes:
    """Whole numbers of 64 bits without a sign, seven bits a byte, the least first, all but the last marked."""
    numbers = values.astype(np.uint64)
    shifts = np.arange(_MOST_BYTES, dtype=np.uint64) * np.uint64(7)
    left = numbers[:, None] >> shifts[None, :]
    parts = (left & np.uint64(127)).astype(np.uint8)
    more = np.zeros_like(parts)
    more[:, :-1] = (left[:, 1:] > 0) * np.uint8(128)
    used = left > 0
    used[:, 0] = True
    return (parts | more)[used].tobytes()
