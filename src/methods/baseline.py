"""What is usual for an hour or a day, judged by the past alone: median and median absolute deviation.

Arrays have the shape (series, days, slots): 24 slots for hours, one for whole days.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cube = NDArray[np.float64]

WEEK = 7
WEEKDAY_HISTORY = 8 * WEEK
"""From this many days on a slot is compared with the same weekday; before, weekdays are pooled."""
LONGEST_LOOK_BACK = 26 * WEEK
MAD_TO_DEVIATION = 1.4826
"""Makes the median absolute deviation of a normal distribution its standard deviation."""


@dataclass(frozen=True)
class Baseline:
    """The expectation of each slot and the scale of its usual scatter; NaN where history is too short."""

    expected: Cube
    scale: Cube


def baseline(values: Cube, history_days: int) -> Baseline:
    """The past-only baseline of counts: what came in the same slot on the days before.

    The expectation is the mean of past values, those above median + 3 deviations cut to that, so that a past
    burst moves it little and a slot that is mostly empty does not expect nothing. The scale is 1.4826 x MAD,
    and no less than what chance alone makes of a count (the root of the expectation, at least one).

    Args:
        values: counts of shape (series, days, slots).
        history_days: days without which nothing is expected.

    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), for the modified z-score; Leys,
    Ley, Klein, Bernard and Licata, Journal of Experimental Social Psychology 49 (2013), for the scale.
    """
    expected, scale = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for day in range(max(history_days, 1), values.shape[1]):
        past = values[:, _comparable(day), :]
        middle = _median(past)
        deviation = MAD_TO_DEVIATION * _median(np.abs(past - middle[:, None, :]))
        ceiling = middle + 3 * np.maximum(deviation, np.sqrt(np.maximum(middle, 1.0)))
        expected[:, day, :] = np.minimum(past, ceiling[:, None, :]).mean(axis=1)
        scale[:, day, :] = np.maximum(deviation, np.sqrt(np.maximum(expected[:, day, :], 1.0)))
    return Baseline(expected, scale)


def _median(past: Cube) -> Cube:
    """The median over days: sorting these few values takes a third of the time of `numpy.median`."""
    size, ordered = past.shape[1], np.sort(past, axis=1)
    return np.asarray((ordered[:, (size - 1) // 2] + ordered[:, size // 2]) / 2)


def _comparable(day: int) -> slice:
    """The days before `day` that it is compared with."""
    if day < WEEKDAY_HISTORY:
        return slice(0, day)
    first = day % WEEK if day <= LONGEST_LOOK_BACK else day - LONGEST_LOOK_BACK
    return slice(first, day, WEEK)


def modified_z(values: Cube, usual: Baseline) -> Cube:
    """How many usual deviations a value lies above its expectation; NaN where nothing is expected."""
    return np.asarray((values - usual.expected) / usual.scale)
