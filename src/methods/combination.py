"""Weights of the forecast: several methods as one, each by how small its errors were."""

import numpy as np
from numpy.typing import NDArray

from methods.smoothing import WEEK, Matrix

JUDGED_HORIZON = WEEK
"""Methods are weighed by their errors up to this many days ahead."""

Stack = NDArray[np.float64]


def combined(forecasts: Stack, actuals: Matrix, origins: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
    """The weighted mean of the forecasts from each origin, and the weights, a row a method, a column an origin.

    A weight is the inverse of the mean squared error up to seven days ahead, over the forecasts that could be judged on
    the day of the origin: so the past errors of the combination are those that it would have made. Until a week of
    errors is known all count alike.

    Args:
        forecasts: of shape (methods, origins, days ahead).
        actuals: what came, of shape (origins, days ahead); NaN where nothing is known yet.
        origins: the days from which is forecast, ascending.

    Source: Bates and Granger, The Combination of Forecasts, Operational Research Quarterly 20 (1969); Timmermann,
    Forecast Combinations, Handbook of Economic Forecasting 1 (2006), section 3.
    """
    judged = min(JUDGED_HORIZON, actuals.shape[1])
    squares = (actuals[None, :, :judged] - forecasts[:, :, :judged]) ** 2
    days = origins[:, None] + np.arange(judged)[None, :]
    known = (days[None] < origins[:, None, None]) & ~np.isnan(actuals[None, :, :judged])
    sums = np.einsum("oad,mad->mo", known.astype(float), np.nan_to_num(squares))
    counts = known.sum(axis=(1, 2))
    weights = _weights(sums / np.maximum(counts, 1), counts >= judged)
    return np.einsum("mo,moh->oh", weights, forecasts), weights


def _weights(errors: Matrix, enough: NDArray[np.bool_]) -> Matrix:
    """Inverse errors that add up to one; equal where too little is known, or where no method ever missed."""
    largest = errors.max(axis=0)
    least = np.where(largest > 0, 1e-9 * largest + 1e-300, 1.0)
    inverse = np.where(enough[None, :], 1 / np.maximum(errors, least), 1.0)
    return np.asarray(inverse / inverse.sum(axis=0))
