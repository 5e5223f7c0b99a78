"""Ways to forecast a daily series: each forecasts from many points in time at once, so that it can be judged.

A candidate gets the whole series and a list of origins; from origin `o` it may use `values[:o]` only. It
returns one row an origin, one column per day ahead. Nothing here knows money or dates: a week is seven values.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
Matrix = NDArray[np.float64]

WEEK = 7
TREND_WINDOW = 8 * WEEK
"""The regression looks back this far: older weeks say little about the slope."""
LEVEL_WEIGHTS = (0.05, 0.1, 0.2, 0.4, 0.7)
TREND_WEIGHTS = (0.0, 0.05, 0.15)
DAMPING = (0.8, 0.9, 0.97)


@dataclass(frozen=True)
class Candidate:
    """A way to forecast, and the days of history without which it is not tried."""

    id: str
    title: str
    needs: int
    forecasts: Callable[[Series, NDArray[np.int64], int], Matrix]


def mean_of_all(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """The mean of all days so far, for histories too short for anything else."""
    means = np.cumsum(values)[origins - 1] / origins
    return np.repeat(means[:, None], horizon, axis=1)


def seasonal_naive(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """The same weekday of the last week.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.2.
    """
    ahead = np.arange(horizon) % WEEK
    return np.asarray(values[origins[:, None] - WEEK + ahead[None, :]])


def damped_trend(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """Exponential smoothing with a damped additive trend, on weekday-adjusted values where two weeks exist.

    The weights are those of a small grid whose one-day-ahead squared errors up to the origin are least.

    Source: Gardner and McKenzie, Forecasting Trends in Time Series, Management Science 31 (1985).
    """
    profiles = np.array([weekday_profile(values[:origin]) for origin in origins])
    longest = int(origins.max())
    divisor = profiles[:, np.arange(longest) % WEEK]
    level, trend, damping = _smoothed(values[:longest] / divisor, origins)
    steps = np.cumsum(damping[:, None] ** np.arange(1, horizon + 1)[None, :], axis=1)
    weekdays = (origins[:, None] + np.arange(horizon)[None, :]) % WEEK
    flat = level[:, None] + steps * trend[:, None]
    return np.asarray(np.maximum(flat * np.take_along_axis(profiles, weekdays, axis=1), 0.0))


def trend_and_weekday(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """Least squares of a straight trend and seven weekday levels over the last eight weeks.

    The trend is carried on for as long as it was seen, then the level stays: no longer than that says the
    line anything, and a falling one would end at nothing.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 7.4.
    """
    return np.array([_regressed(values[:origin], horizon) for origin in origins])


CANDIDATES: tuple[Candidate, ...] = (
    Candidate("mean", "mean of all days", 1, mean_of_all),
    Candidate("seasonal_naive", "same weekday of the last week", WEEK, seasonal_naive),
    Candidate("damped_trend", "damped trend", WEEK, damped_trend),
    Candidate("trend_weekday", "trend and weekday regression", 2 * WEEK, trend_and_weekday),
)


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


def _smoothed(adjusted: Matrix, origins: NDArray[np.int64]) -> tuple[Series, Series, Series]:
    """Level, trend and damping at each origin. `adjusted` has one row an origin, aligned at the first day."""
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


def _regressed(history: Series, horizon: int) -> Series:
    recent = history[-TREND_WINDOW:]
    days = np.arange(recent.size + horizon)
    trend = np.minimum(days, 2 * recent.size - 1)
    design = np.column_stack([trend, *(days % WEEK == place for place in range(WEEK))]).astype(float)
    weights = np.linalg.lstsq(design[: recent.size], recent, rcond=None)[0]
    return np.asarray(np.maximum(design[recent.size :] @ weights, 0.0))
