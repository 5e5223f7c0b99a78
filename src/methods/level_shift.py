"""Level shifts: days on which a series changed for good, told apart from spikes and from trends."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from methods.count_regression import explained

LEAST_DAYS = 7
"""Days needed on either side of a shift."""
BEYOND_TREND = 9.0
"""What a step must explain beyond a trend: three standard deviations, squared, since its day was chosen."""


@dataclass(frozen=True)
class LevelShift:
    """A lasting change: from `day` (an index, the first of the new level) on."""

    day: int
    before: float
    after: float
    p_value: float

    @property
    def ratio(self) -> float | None:
        """Level after over level before; None from a level of zero."""
        return self.after / self.before if self.before else None


def level_shift(daily: ArrayLike, *, ratio: float = 1.5, significance: float = 0.01) -> LevelShift | None:
    """The one day that best divides a series into a lower and a higher level, if there is one.

    The split is where the ranks on either side differ most. It counts when it is significant, when the median
    changes by `ratio` either way, and when it stands out of steady growth or decline: a trend has no such day.

    Args:
        daily: counts of whole days, oldest first, none negative.
        ratio: the least change of the level, over 1.
        significance: the largest p-value.

    Source: Lausen and Schumacher, Maximally Selected Rank Statistics, Biometrics 48 (1992), with Bonferroni's
    bound for the p-value; the trend by Poisson regression.
    """
    values = np.asarray(daily, dtype=float)
    if values.size < 2 * LEAST_DAYS:
        return None
    day, p_value = best_split(values)
    before, after = float(np.median(values[:day])), float(np.median(values[day:]))
    low, high = sorted((before, after))
    if p_value > significance or high <= ratio * low or not _beyond_trend(values, day):
        return None
    return LevelShift(day, before, after, p_value)


def best_split(values: NDArray[np.float64]) -> tuple[int, float]:
    """The most likely first day of a new level, at least `LEAST_DAYS` from either end, and its p-value.

    The p-value is that of the rank-sum test at the split, times the number of splits tried.
    """
    size = values.size
    first = np.arange(1, size)
    excess = np.cumsum(np.sign(values[:, None] - values[None, :]).sum(axis=1))[:-1] / 2
    scores = np.abs(excess) / np.sqrt(first * (size - first) * (size + 1) / 12)
    inner = scores[LEAST_DAYS - 1 : size - LEAST_DAYS]
    p_value = math.erfc(float(inner.max()) / math.sqrt(2)) * inner.size
    return int(inner.argmax()) + LEAST_DAYS, min(p_value, 1.0)


def _beyond_trend(values: NDArray[np.float64], day: int) -> bool:
    """Whether a step on that day explains much of what steady growth or decline leaves over."""
    days = np.arange(values.size)
    trend = np.column_stack([np.ones(values.size), days / values.size - 0.5])
    return explained(values, trend, np.column_stack([trend, days >= day])) >= BEYOND_TREND
