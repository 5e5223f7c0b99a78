"""A straight line that outliers do not tilt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_POINTS = 1000
"""Above this many points the pairs are too many: bin them first."""


@dataclass(frozen=True)
class Line:
    """y = intercept + slope x, from `points` points."""

    intercept: float
    slope: float
    points: int

    def at(self, x: float) -> float:
        """The value of the line at x."""
        return self.intercept + self.slope * x


def theil_sen(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> Line | None:
    """The line whose slope is the median of the slopes of all pairs; None when x does not vary.

    Up to 29 % of the points may be arbitrarily wrong without the line following them.

    Args:
        x: the first coordinates, at most `MOST_POINTS`.
        y: the second coordinates.
        weights: how many observations stand behind each point (a bin); one each if left out. A pair weighs
            the product of its points, so that the line of binned points follows that of the observations.

    Raises:
        ValueError: There are more than `MOST_POINTS` points.

    Source: Sen, Estimates of the Regression Coefficient Based on Kendall's Tau, Journal of the American
    Statistical Association 63 (1968).
    """
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    heavy = np.ones(across.size) if weights is None else np.asarray(weights, dtype=float)
    if across.size > MOST_POINTS:
        raise ValueError(f"bin the points first: {across.size} are more than {MOST_POINTS}")
    first, second = np.triu_indices(across.size, k=1)
    apart = across[first] != across[second]
    first, second = first[apart], second[apart]
    if not first.size:
        return None
    slopes = (up[second] - up[first]) / (across[second] - across[first])
    slope = weighted_median(slopes, heavy[first] * heavy[second])
    return Line(weighted_median(up - slope * across, heavy), slope, int(across.size))


def weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The value with half of the weight on either side; between two values where the weight splits evenly."""
    order = np.argsort(values)
    upto = np.cumsum(weights[order])
    half = upto[-1] / 2
    low = int(np.searchsorted(upto, half * (1 - 1e-12), side="left"))
    high = int(np.searchsorted(upto, half * (1 + 1e-12), side="right"))
    return float((values[order[low]] + values[order[min(high, len(order) - 1)]]) / 2)
