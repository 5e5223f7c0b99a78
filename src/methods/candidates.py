"""The methods of the forecast (Theta, weekday means, trends, ...): each from many points in time at once.

A candidate gets the whole series and a list of origins; from origin `o` it may use `values[:o]` only. It
returns one row an origin, one column per day ahead. Nothing here knows money or dates: a week is seven values.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.smoothing import LEVEL_WEIGHTS, WEEK, Matrix, Series, smoothed, weekly

TREND_WINDOW = 8 * WEEK
"""The regression looks back this far: older weeks say little about the slope."""
MEAN_WEEKS = 4
"""The weekday mean looks back so many weeks."""
LEAST_SHARE = 0.05
"""Logarithms are taken of amounts and this share of their mean, so that a day of nothing has one."""
MOST_GROWTH = 20.0
"""A trend on logarithms ends at so many times the largest amount seen."""


@dataclass(frozen=True)
class Named:
    """What a way to forecast is called."""

    id: str
    title: str


@dataclass(frozen=True)
class Candidate(Named):
    """A way to forecast, and the days of history without which it is not tried."""

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
    adjusted, weekdays = weekly(values, origins, horizon)
    level, trend, damping = smoothed(adjusted, origins)
    flat = level[:, None] + _damped(damping, horizon) * trend[:, None]
    return np.asarray(np.maximum(flat * weekdays, 0.0))


def damped_log_trend(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """The damped trend on logarithms: growth by a share of the level each day, which dies down.

    Source: Gardner and McKenzie (1985), on a logarithmic scale; Hyndman and Athanasopoulos, section 3.1.
    """
    adjusted, weekdays = weekly(values, origins, horizon)
    shift = max(LEAST_SHARE * float(values[: int(origins.min())].mean()), 1e-9)
    level, trend, damping = smoothed(np.log(adjusted + shift), origins)
    logs = level[:, None] + _damped(damping, horizon) * trend[:, None]
    tops = np.maximum.accumulate(values)[origins - 1]
    ceiling = np.log(np.maximum(MOST_GROWTH * tops, shift) + shift)[:, None]
    flat = np.where(tops[:, None] > 0, np.exp(np.minimum(logs, ceiling)) - shift, 0.0)
    return np.asarray(np.maximum(flat * weekdays, 0.0))


def weekday_mean(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """The mean of the same weekday over the last four weeks, or over as many as there are."""
    ahead = np.arange(horizon) % WEEK
    total, weeks = np.zeros((origins.size, horizon)), np.zeros((origins.size, 1))
    for back in range(1, MEAN_WEEKS + 1):
        known = (origins >= back * WEEK)[:, None]
        total += np.where(known, values[np.maximum(origins[:, None] - back * WEEK + ahead[None, :], 0)], 0.0)
        weeks += known
    return np.asarray(total / weeks)


def theta(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """The Theta method: simple exponential smoothing with half the slope of a straight line as its drift.

    On weekday-adjusted values where two weeks exist; the weight is the one of a small grid whose one-day-ahead squared
    errors up to the origin are least.

    Source: Assimakopoulos and Nikolopoulos, International Journal of Forecasting 16 (2000), in the form of Hyndman and
    Billah, Unmasking the Theta Method, International Journal of Forecasting 19 (2003).
    """
    adjusted, weekdays = weekly(values, origins, horizon)
    level, weight = _simply_smoothed(adjusted, origins)
    days = np.arange(adjusted.shape[1])[None, :] - (origins[:, None] - 1) / 2
    known = np.arange(adjusted.shape[1])[None, :] < origins[:, None]
    slope = (days * adjusted * known).sum(axis=1) / np.maximum((days**2 * known).sum(axis=1), 1e-9)
    steps = np.arange(horizon)[None, :] + ((1 - (1 - weight) ** origins) / weight)[:, None]
    return np.asarray(np.maximum((level[:, None] + slope[:, None] / 2 * steps) * weekdays, 0.0))


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
    Candidate("damped_log_trend", "damped trend on logarithms", WEEK, damped_log_trend),
    Candidate("weekday_mean", "mean weekday of four weeks", WEEK, weekday_mean),
    Candidate("theta", "Theta", WEEK, theta),
    Candidate("trend_weekday", "trend and weekday regression", 2 * WEEK, trend_and_weekday),
)


def _damped(damping: Series, horizon: int) -> Matrix:
    """How much of a trend has added up so many days ahead."""
    return np.asarray(np.cumsum(damping[:, None] ** np.arange(1, horizon + 1)[None, :], axis=1))


def _simply_smoothed(adjusted: Matrix, origins: NDArray[np.int64]) -> tuple[Series, Series]:
    """Level and weight of simple exponential smoothing at each origin."""
    weights = np.array(LEVEL_WEIGHTS)[None, :]
    level = np.repeat(adjusted[:, :WEEK].mean(axis=1)[:, None], weights.size, axis=1)
    errors = np.zeros_like(level)
    for day in range(adjusted.shape[1]):
        miss = np.where((day < origins)[:, None], adjusted[:, day, None] - level, 0.0)
        errors += miss**2
        level = level + weights * miss
    best = errors.argmin(axis=1)
    return level[np.arange(origins.size), best], np.asarray(weights[0, best])


def _regressed(history: Series, horizon: int) -> Series:
    recent = history[-TREND_WINDOW:]
    days = np.arange(recent.size + horizon)
    trend = np.minimum(days, 2 * recent.size - 1)
    design = np.column_stack([trend, *(days % WEEK == place for place in range(WEEK))]).astype(float)
    weights = np.linalg.lstsq(design[: recent.size], recent, rcond=None)[0]
    return np.asarray(np.maximum(design[recent.size :] @ weights, 0.0))
