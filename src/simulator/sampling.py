"""Draws by table: a distribution becomes a table of equally likely entries, a draw one look-up."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Uniforms = NDArray[np.float32]
Codes = NDArray[np.uint8]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]

TABLE_SIZE = 1024
"""Entries of a table: shares are met to a tenth of a percent."""


def code_table(shares: Floats) -> Codes:
    """Codes in proportion to `shares`: shape (..., codes) becomes (..., `TABLE_SIZE`)."""
    limits = np.cumsum(shares, axis=-1)
    limits /= limits[..., -1:]
    steps = (np.arange(TABLE_SIZE) + 0.5) / TABLE_SIZE
    table: Codes = (steps[..., :, None] > limits[..., None, :-1]).sum(axis=-1).astype(np.uint8)
    return table


def draw(table: Codes, rows: Integers | Codes, uniforms: Uniforms) -> Codes:
    """One code for each of `rows` from the row's part of a table of shape (rows, `TABLE_SIZE`)."""
    drawn: Codes = table.ravel()[
        rows.astype(np.int64) * TABLE_SIZE + (uniforms * TABLE_SIZE).astype(np.int64)
    ]
    return drawn


def apportion(total: int, shares: Floats) -> Integers:
    """`total` in whole parts by `shares`, by largest remainder."""
    exact = total * shares / shares.sum()
    parts: Integers = np.floor(exact).astype(np.int64)
    missing = total - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:missing]] += 1
    return parts


_MASK = np.uint64(2**60 - 1)
_FIRST_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SECOND_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
_LEADING_DIGIT = np.uint64(10 << 60)


def scrambled(numbers: Keys) -> Keys:
    """Different numbers below 2**60 become different keys that look random and have 16 hex digits."""
    keys = numbers & _MASK
    for factor in (_FIRST_FACTOR, _SECOND_FACTOR):
        keys = (keys * factor) & _MASK
        keys ^= keys >> np.uint64(31)
    return keys | _LEADING_DIGIT
