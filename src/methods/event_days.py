"""Days that are no surprise: events that are named, and what comes on the same day of each month."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

WEEK = 7
EARLIER_MONTHS = 2
"""What came on that day of so many months before, each time, comes every month."""

Cells = NDArray[np.float64]


@dataclass(frozen=True)
class EventDays:
    """The days of some series from `first` on; `named` are those of events, counted from 0."""

    first: date
    days: int
    named: frozenset[int] = frozenset()

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which days are those of a named event."""
        return np.isin(np.arange(self.days), list(self.named))

    def calm(self, values: Cells) -> Cells:
        """The values, days along the second axis, with the same weekday before (else after) in place of events."""
        return (
            np.asarray(values[:, [self._calm_day(day) for day in range(self.days)]]) if self.named else values
        )

    def comes_monthly(self, day: int, was_so: Callable[[float, float], bool], daily: Cells) -> bool:
        """Whether it was so on the same day of both months before, by its number or counted from the end.

        Args:
            day: counted from 0.
            was_so: asks of an amount, and of the median of the two weeks around its day, whether it was.
            daily: the amounts.
        """

        def was(before: int) -> bool:
            return was_so(
                float(daily[before]), float(np.median(daily[max(before - WEEK, 0) : before + WEEK + 1]))
            )

        return any(
            len(before) == EARLIER_MONTHS and all(map(was, before)) for before in self._months_before[day]
        )

    def _calm_day(self, day: int) -> int:
        before, after = range(day, -1, -WEEK), range(day, self.days, WEEK)
        return next((each for each in (*before, *after) if each not in self.named), day)

    @cached_property
    def _months_before(self) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
        """By day those of the months before: with its number, and as far from the end of the month."""
        return tuple(
            (self._earlier(each, from_end=False), self._earlier(each, from_end=True))
            for each in (self.first + timedelta(days=number) for number in range(self.days))
        )

    def _earlier(self, day: date, *, from_end: bool) -> tuple[int, ...]:
        left = monthrange(day.year, day.month)[1] - day.day
        found = []
        for back in range(1, EARLIER_MONTHS + 1):
            year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
            length = monthrange(year, month + 1)[1]
            number = length - left if from_end else day.day
            if 1 <= number <= length:
                found.append((date(year, month + 1, number) - self.first).days)
        return tuple(each for each in found if each >= 0)
