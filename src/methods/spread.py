"""Ranges of the forecast: how far it lies from what comes, for each day ahead and for sums of days."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.conformal import exceedance, residuals_needed
from methods.smoothing import WEEK, Matrix

GROWTH = 0.15
"""What each further day adds to the variance of an error, as a share of that of tomorrow's."""
MOVE_TOGETHER = 0.85
"""How much of the bounds of its days the bound of a sum is: errors of one forecast lie mostly to one side."""
LEVELS = {0.80: 0.82, 0.95: 0.96}
"""The share of past errors that holds the stated share of those to come, on series that are not those of the choice."""


@dataclass(frozen=True)
class Spread:
    """Errors, actual minus forecast, in units of tomorrow's: those of `h` days ahead over root(1 + 0.15 (h - 1)).

    A series has too few days to judge a month ahead by itself: so errors up to a week ahead say the size, and how they
    grow and add up is that of the real daily series on which benchmarks/real_series.py was tuned. Intervals are
    therefore monotone in the horizon. `origins` counts the days from which was forecast.

    Source: the variance of a local level, Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing
    (2008), section 6.1; ranks of errors as in split conformal prediction (Lei et al. 2018).
    """

    units: NDArray[np.float64]
    origins: int

    def width(self, first: int, last: int, coverage: float) -> float | None:
        """Half the interval of the sum of the days after `first` up to `last`; None where errors are too few."""
        if self.origins < residuals_needed(coverage):
            return None
        sizes = np.sort(np.abs(self.units))
        rank = min(math.ceil((sizes.size + 1) * LEVELS[coverage] - 1e-9), sizes.size)
        return float(sizes[rank - 1]) * scale(first, last)

    def above(self, first: int, last: int, margin: float) -> float | None:
        """The probability that that sum exceeds its forecast by more than `margin`; None without any error."""
        return exceedance(self.units, margin / scale(first, last))


def spread(residuals: Matrix) -> Spread:
    """The spread of a backtest: one row an origin, one column per day ahead, NaN where nothing is known."""
    judged = residuals[:, :WEEK]
    known = ~np.isnan(judged)
    units = judged / _growth(np.arange(judged.shape[1]))[None, :]
    return Spread(units[known], int(known.any(axis=1).sum()))


def scale(first: int, last: int) -> float:
    """How much larger an error of the sum of the days after `first` up to `last` is than tomorrow's."""
    whole = float(_growth(np.arange(first, last)).sum())
    return whole if last - first <= 1 else MOVE_TOGETHER * whole


def _growth(days_before: NDArray[np.int64]) -> NDArray[np.float64]:
    """The error of a day over that of tomorrow, by the days between them."""
    return np.asarray(np.sqrt(1 + GROWTH * days_before))
