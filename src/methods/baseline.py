"""What an anomaly is held against: the usual hour or day, by weekday, judged by the past alone, and its usual miss.

Arrays have the shape (series, days, slots): 24 slots for hours, one for whole days.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cube = NDArray[np.float64]

WEEK = 7
POOLED_DAYS = 4 * WEEK
"""The same slot of these last days is pooled over weekdays."""
WEEKDAYS = 8
"""The same slot of the same weekday of these last weeks."""
SCALE_DAYS = 8 * WEEK
"""A series' own misses of these last days say how far off its expectation usually is."""
FARTHEST_MISS = 6.0
"""A miss counts in later scales as no more than this many scales of its own day, so that bursts move them little."""
QUARTILE_TO_DEVIATION = 1.4826
"""Makes the upper quartile less the median of a normal distribution its standard deviation."""
FAR = 3.0
"""Deviations above the median to which the values of a slot are cut."""


@dataclass(frozen=True)
class Baseline:
    """The expectation of each slot and the usual size of a miss; NaN where history is too short."""

    expected: Cube
    scale: Cube


def baseline(values: Cube, history_days: int) -> Baseline:
    """The past-only baseline of counts: what came in the same slot on the days before.

    The slot has two expectations: the mean of its last four weeks, values above median + 3 deviations cut to that,
    so that a past burst moves it little and a slot that is mostly empty does not expect nothing; and, from the
    second week on, the median of the same weekday, so that a weekly rhythm is no surprise. The larger is the
    expectation. What lies outside of both is a miss; the scale is the root mean square of the series' own misses
    of the last eight weeks, and no less than the root of the expectation, or one.

    Args:
        values: counts of shape (series, days, slots).
        history_days: days without which nothing is expected.

    Source: Tukey, Exploratory Data Analysis (1977), for a cut by quartiles; the look-back and the limits were chosen
    on two thirds of the hourly series that benchmarks/real_series.py reads.
    """
    expected, scale = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    first = min(WEEK, max(history_days // 2, 1))
    squares = np.zeros(values.shape[:2])
    for day in range(first, values.shape[1]):
        pooled, weekday = _pooled(values, day), _same_weekday(values, day)
        low, high = np.minimum(pooled, weekday), np.maximum(pooled, weekday)
        own = np.sqrt(squares[:, max(day - SCALE_DAYS, first) : max(day, first + 1)].mean(axis=1))
        scales = np.maximum(own[:, None], np.sqrt(np.maximum(high, 1.0)))
        misses = np.abs(values[:, day] - np.clip(values[:, day], low, high))
        squares[:, day] = (np.minimum(misses, FARTHEST_MISS * scales) ** 2).mean(axis=1)
        if day >= history_days:
            expected[:, day], scale[:, day] = high, scales
    return Baseline(expected, scale)


def lowest(values: NDArray[np.float64], history_days: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What days come to at least, and how far off that usually is, by the past alone; NaN where history is too short.

    The smaller of the mean of the last four weeks and the median of the same weekday, so that a weekend is no fall.

    Args:
        values: counts of shape (series, days).
        history_days: days without which nothing is expected.
    """
    days = values[:, :, None]
    expected, scale = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    first = min(WEEK, max(history_days // 2, 1))
    squares = np.zeros(values.shape)
    for day in range(first, values.shape[1]):
        pooled, weekday = _pooled(days, day)[:, 0], _same_weekday(days, day)[:, 0]
        low, high = np.minimum(pooled, weekday), np.maximum(pooled, weekday)
        own = np.sqrt(squares[:, max(day - SCALE_DAYS, first) : max(day, first + 1)].mean(axis=1))
        scales = np.maximum(own, np.sqrt(np.maximum(high, 1.0)))
        misses = np.abs(values[:, day] - np.clip(values[:, day], low, high))
        squares[:, day] = np.minimum(misses, FARTHEST_MISS * scales) ** 2
        if day >= history_days:
            expected[:, day], scale[:, day] = low, scales
    return expected, scale


def modified_z(values: Cube, usual: Baseline) -> Cube:
    """How many usual misses a value lies above its expectation; NaN where nothing is expected."""
    return np.asarray((values - usual.expected) / usual.scale)


def _pooled(values: Cube, day: int) -> NDArray[np.float64]:
    """The mean of the slot over the days before, far values cut by the upper quartile."""
    ordered = np.sort(values[:, max(day - POOLED_DAYS, 0) : day], axis=1)
    middle = _middle(ordered)
    upper = ordered[:, (3 * ordered.shape[1]) // 4]
    deviation = np.maximum(QUARTILE_TO_DEVIATION * (upper - middle), np.sqrt(np.maximum(middle, 1.0)))
    return np.asarray(np.minimum(ordered, (middle + FAR * deviation)[:, None], out=ordered).mean(axis=1))


def _same_weekday(values: Cube, day: int) -> NDArray[np.float64]:
    """The median of the slot on the same weekday before; zero in the first week."""
    if day < WEEK:
        return np.zeros((values.shape[0], values.shape[2]))
    return _middle(np.sort(values[:, max(day - WEEKDAYS * WEEK, day % WEEK) : day : WEEK], axis=1))


def _middle(ordered: Cube) -> NDArray[np.float64]:
    """The median over days of sorted values: for so few a third of the time of `numpy.median`."""
    size = ordered.shape[1]
    return np.asarray((ordered[:, (size - 1) // 2] + ordered[:, size // 2]) / 2)
