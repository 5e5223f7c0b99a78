"""Seasonal pattern: the week, the day and the end of the month swing.

Bends the hours: midweek is up to 30 % above the mean and Sunday 30 % below; 10 to 14 and 18 to 20 o'clock are
50 % above the mean and the night 50 % below; the end of a month is 20 % above the mean and its middle 20 % below.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from calendar import monthrange
from typing import ClassVar

import numpy as np

from simulator.core import AICallSimulator
from simulator.knobs import Knob
from simulator.sampling import Floats
from simulator.traffic import HOURS

WEEK = np.array([0.2, 0.6, 1.0, 0.4, -0.3, -0.9, -1.0])
"""Swing by weekday, Monday first, from -1 to 1, on average 0."""
DAY = np.array(
    [-1.0] * 6
    + [-0.5, 0.0, 0.4, 0.7]
    + [1.0] * 4
    + [0.4, 0.2, 0.2, 0.6]
    + [1.0] * 2
    + [0.2, -0.4, -0.8, -1.0]
)
"""Swing by hour, from -1 to 1, on average 0."""


class SeasonalPattern(AICallSimulator):
    """The base pattern with weekly, daily and month-end seasons."""

    name = "seasonal"
    title = "Seasonal Pattern"
    customers = 50
    calls_per_day = 32_500 / (50 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("weekly_swing", 0.30, 0.0, 0.95, "how far weekdays lie from the mean"),
        Knob("daily_swing", 0.50, 0.0, 0.95, "how far hours lie from the mean"),
        Knob("month_end_swing", 0.20, 0.0, 0.95, "how far the end of a month lies above the mean"),
    )

    def hour_weights(self) -> Floats:
        """The product of three seasons, in place of working hours and weekends."""
        week = 1 + self.settings["weekly_swing"] * WEEK[self.calendar.weekday]
        month = 1 + self.settings["month_end_swing"] * self.month_phase()
        hours = 1 + self.settings["daily_swing"] * DAY
        return np.reshape((week * month)[:, None] * hours[None, :], (self.num_days, HOURS))

    def month_phase(self) -> Floats:
        """1 on the last day of a month, -1 in the middle, by day."""
        share = [day.day / monthrange(day.year, day.month)[1] for day in self.calendar.dates]
        return np.cos(2 * np.pi * np.array(share))


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(SeasonalPattern))
