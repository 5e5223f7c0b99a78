"""One-off days of the forecast: far above all around them, and so no guide to the days to come."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.smoothing import WEEK

AROUND = 4 * WEEK
"""A day is compared with so many days on either side."""
LEAST_DAYS = 2 * WEEK
"""Other days without which no day is called a spike."""
TIMES = 3.0
"""A spike is over so many times the largest of the days around it."""


@dataclass(frozen=True)
class Spike:
    """A day, counted from the first, its amount and what is usual for it."""

    day: int
    amount: float
    usual: float


def spikes(values: NDArray[np.float64]) -> tuple[Spike, ...]:
    """The days of over three times the largest amount of the four weeks before and after.

    Nothing that came twice within four weeks is one, so what recurs stays. The usual amount is the median of the same
    weekday around it.
    """
    found = []
    for day in np.flatnonzero(values > TIMES * np.median(values)).tolist():
        near = np.arange(max(day - AROUND, 0), min(day + AROUND + 1, values.size))
        near = near[near != day]
        if near.size >= LEAST_DAYS and values[day] > TIMES * values[near].max() > 0:
            same = near[(near - day) % WEEK == 0]
            found.append(Spike(day, float(values[day]), float(np.median(values[same]))))
    return tuple(found)


def without(values: NDArray[np.float64], found: tuple[Spike, ...]) -> NDArray[np.float64]:
    """The values with what is usual in place of the spikes."""
    calm = values.copy()
    for spike in found:
        calm[spike.day] = spike.usual
    return calm
