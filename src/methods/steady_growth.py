"""Steady growth or decline by the same share every day: a straight line on logarithms, carried on by the forecast."""

import numpy as np
from numpy.typing import NDArray

from methods.candidates import Candidate
from methods.smoothing import WEEK, Matrix, Series, weekday_profile

LEAST_DAYS = 6 * WEEK
LEAST_EXPLAINED = 0.9
LEAST_CHANGE = 1.5
HALVES_ALIKE = 0.25
"""The rate of either half of the history is off that of the whole by no more than this share of it."""


def is_steady(values: Series) -> bool:
    """Whether one rate explains the history: 90 % of the variance of logarithms, over a change of half as much again.

    Either half alone must show that rate to within a quarter of it, so that a step, a hump or a straight line is none.
    Six weeks are needed.
    """
    if values.size < LEAST_DAYS or values.min() <= 0:
        return False
    logs = np.log(values / weekday_profile(values)[np.arange(values.size) % WEEK])
    rate, level = _line(logs)
    left = logs - level - rate * np.arange(values.size)
    if left.var() > (1 - LEAST_EXPLAINED) * logs.var() or abs(rate) * values.size < np.log(LEAST_CHANGE):
        return False
    half = values.size // 2
    return all(abs(_line(part)[0] - rate) <= HALVES_ALIKE * abs(rate) for part in (logs[:half], logs[half:]))


def log_line(values: Series, origins: NDArray[np.int64], horizon: int) -> Matrix:
    """Least squares of a straight line through the logarithms of weekday-adjusted values, all above zero.

    The line is carried on for as long as it was seen. Brought back, it is raised by the mean of what the exponentials
    miss (Duan's smearing), so that it forecasts means, not medians.

    Source: Duan, Smearing Estimate, Journal of the American Statistical Association 78 (1983).
    """
    return np.array([_carried_on(values[:origin], horizon) for origin in origins])


STEADY_GROWTH = Candidate("steady_growth", "steady growth", 2 * WEEK, log_line)


def _line(logs: Series) -> tuple[float, float]:
    rate, level = np.polyfit(np.arange(logs.size), logs, 1)
    return float(rate), float(level)


def _carried_on(history: Series, horizon: int) -> Series:
    profile, days = weekday_profile(history), np.arange(history.size + horizon)
    logs = np.log(history / profile[days[: history.size] % WEEK])
    rate, level = _line(logs)
    smearing = np.exp(logs - level - rate * days[: history.size]).mean()
    ahead = np.minimum(days[history.size :], 2 * history.size)
    return np.asarray(smearing * np.exp(level + rate * ahead) * profile[days[history.size :] % WEEK])
