"""Bootstrap: what another draw of the same days, or of the same organizations, would have shown.

Deterministic: the same data and the same seed give the same figures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import default_rng
from numpy.typing import ArrayLike, NDArray

DRAWS = 1000
CHUNK = 100
"""Draws multiplied at once, to bound memory."""


@dataclass(frozen=True)
class Spread:
    """Where a figure falls over the draws: the middle share `coverage` of them."""

    low: float
    high: float
    coverage: float


def day_draws(days: int, length: int, draws: int = DRAWS, seed: int = 0) -> NDArray[np.int64]:
    """How often each of `days` days occurs in each draw of `length` days: shape (draws, days)."""
    generator = default_rng(seed)
    return generator.multinomial(length, np.full(days, 1 / days), size=draws)


def cluster_sums(clusters: ArrayLike, draws: int = DRAWS, seed: int = 0) -> NDArray[np.float64]:
    """Sums over clusters (organizations) drawn with replacement: whole clusters move together.

    Args:
        clusters: one row a cluster, one column per figure.
        draws: how many times.
        seed: of the generator.

    Returns:
        One row a draw, one column per figure.

    Source: Davison and Hinkley, Bootstrap Methods and their Application (1997), section 3.8.
    """
    values = np.asarray(clusters, dtype=float)
    generator = default_rng(seed)
    chances = np.full(values.shape[0], 1 / values.shape[0])
    parts = []
    for start in range(0, draws, CHUNK):
        weights = generator.multinomial(values.shape[0], chances, size=min(CHUNK, draws - start))
        parts.append(weights.astype(float) @ values)
    return np.concatenate(parts)
