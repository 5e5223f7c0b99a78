"""Backtests: forecasts judged on the past, from each earlier day on what is known by now."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.candidates import Candidate, Named
from methods.smoothing import WEEK, Matrix, Series
from methods.spread import spread

MOST_ORIGINS = 56
"""Forecasts are judged from at most this many of the latest days."""


@dataclass(frozen=True)
class Backtest:
    """The errors a candidate made. One row an origin, one column per day ahead; NaN where nothing is known yet.

    `residuals` are actual minus forecast; `actuals` what came.
    """

    candidate: Named
    residuals: Matrix
    actuals: Matrix

    @property
    def reach(self) -> int:
        """How many days ahead could be judged at all."""
        return int((~np.isnan(self.residuals)).any(axis=0).sum())

    def wape(self, horizon: int) -> float | None:
        """Sum of absolute errors over sum of actuals, up to `horizon` days ahead; None where nothing came."""
        total = float(np.nansum(np.abs(self.actuals[:, :horizon])))
        return float(np.nansum(np.abs(self.residuals[:, :horizon]))) / total if total else None

    def mean_absolute_error(self, horizon: int) -> float:
        """Mean absolute error up to `horizon` days ahead; infinite where nothing could be judged."""
        sizes = np.abs(self.residuals[:, :horizon])
        return float(np.nanmean(sizes)) if (~np.isnan(sizes)).any() else float("inf")


@dataclass(frozen=True)
class MeasuredCoverage:
    """How many past days fell inside the interval that would have been given for them then."""

    inside: int
    judged: int

    @property
    def share(self) -> float | None:
        """Inside over judged; None where nothing could be judged."""
        return self.inside / self.judged if self.judged else None


def backtest(values: Series, candidate: Candidate, first_origin: int, horizon: int) -> Backtest:
    """Forecasts up to `horizon` days from every day after the first `first_origin` and compares.

    Source: rolling forecasting origin; Tashman, International Journal of Forecasting 16 (2000).
    """
    origins = origins_of(values.size, first_origin)
    if not origins.size:
        nothing = np.full((0, horizon), np.nan)
        return Backtest(candidate, nothing, nothing)
    actuals = actuals_of(values, origins, horizon)
    return Backtest(candidate, actuals - candidate.forecasts(values, origins, horizon), actuals)


def actuals_of(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """What came after each origin, a column per day ahead; NaN where nothing is known yet."""
    padded = np.concatenate([values, np.full(horizon, np.nan)])
    return np.asarray(padded[origins[:, None] + np.arange(horizon)[None, :]])


def origins_of(days: int, first_origin: int) -> NDArray[np.int64]:
    """The days from which a series of this length is judged, at most `MOST_ORIGINS`, the latest."""
    return np.arange(max(first_origin, days - MOST_ORIGINS, 1), days)


def measured_coverage(result: Backtest, coverage: float, horizon: int) -> MeasuredCoverage:
    """Replays the intervals: each is built only from errors that were known on the day of the forecast."""
    inside = judged = 0
    residuals = result.residuals
    ahead = np.arange(residuals.shape[1])
    for origin in range(1, len(residuals)):
        known = np.where(np.arange(origin)[:, None] + ahead[None, :] < origin, residuals[:origin], np.nan)
        then = spread(known)
        for day, error in enumerate(residuals[origin, :horizon]):
            width = then.width(day, day + 1, coverage)
            if width is not None and not np.isnan(error):
                judged += 1
                inside += abs(error) <= width + 1e-9
    return MeasuredCoverage(int(inside), judged)


def mase(values: Series, result: Backtest, horizon: int) -> float | None:
    """Mean absolute error over that of seasonal-naive within the series; None if that is zero.

    Below one is better than seasonal-naive.

    Source: Hyndman and Koehler, Another Look at Measures of Forecast Accuracy (2006).
    """
    if values.size <= WEEK or not result.reach:
        return None
    scale = float(np.abs(values[WEEK:] - values[:-WEEK]).mean())
    return result.mean_absolute_error(horizon) / scale if scale else None
