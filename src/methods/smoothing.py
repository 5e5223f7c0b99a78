"""What several forecasts share: a profile of the week, and exponential smoothing from many origins at once."""

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
Matrix = NDArray[np.float64]

WEEK = 7
LEVEL_WEIGHTS = (0.05, 0.1, 0.2, 0.4, 0.7)
TREND_WEIGHTS = (0.0, 0.05, 0.15)
DAMPING = (0.8, 0.9, 0.97)


def weekly(values: Series, origins: NDArray[np.int64], horizon: int) -> tuple[Matrix, Matrix]:
    """The values up to the last origin without their weekdays, a row an origin, and the factors of the days ahead."""
    profiles = np.array([weekday_profile(values[:origin]) for origin in origins])
    longest = int(origins.max())
    weekdays = (origins[:, None] + np.arange(horizon)[None, :]) % WEEK
    adjusted = values[:longest] / profiles[:, np.arange(longest) % WEEK]
    return adjusted, np.take_along_axis(profiles, weekdays, axis=1)


def weekday_profile(history: Series) -> Series:
    """What each place of the week counts for against the mean of its week; ones from less than two weeks.

    The result is indexed by position modulo seven from the start of the history, and averages one. Weeks are
    counted back from the end; a week without any amount says nothing.
    """
    weeks = history.size // WEEK
    if weeks < 2:
        return np.ones(WEEK)
    first = history.size - weeks * WEEK
    blocks = history[first:].reshape(weeks, WEEK)
    means = blocks.mean(axis=1)
    if not (means > 0).any():
        return np.ones(WEEK)
    relative = (blocks[means > 0] / means[means > 0, None]).mean(axis=0)
    bounded = np.maximum(relative, 0.05)
    return np.roll(bounded / bounded.mean(), first % WEEK)


def smoothed(adjusted: Matrix, origins: NDArray[np.int64]) -> tuple[Series, Series, Series]:
    """Level, trend and damping at each origin, with the weights of a grid whose squared errors up to it are least.

    `adjusted` has one row an origin, aligned at the first day.
    """
    alpha, beta, phi = (grid.ravel()[None, :] for grid in np.meshgrid(LEVEL_WEIGHTS, TREND_WEIGHTS, DAMPING))
    level = np.repeat(adjusted[:, :WEEK].mean(axis=1)[:, None], alpha.size, axis=1)
    trend, errors = np.zeros_like(level), np.zeros_like(level)
    for day in range(adjusted.shape[1]):
        known = (day < origins)[:, None]
        expected = level + phi * trend
        miss = adjusted[:, day, None] - expected
        errors += np.where(known, miss**2, 0.0)
        level = np.where(known, expected + alpha * miss, level)
        trend = np.where(known, phi * trend + alpha * beta * miss, trend)
    best = errors.argmin(axis=1)
    chosen = np.arange(len(origins)), best
    return level[chosen], trend[chosen], np.asarray(phi[0, best])
