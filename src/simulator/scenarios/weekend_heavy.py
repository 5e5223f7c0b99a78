"""Weekend-heavy traffic: a service for leisure, three times as busy on a Saturday or Sunday as on a weekday."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from typing import ClassVar

import numpy as np

from simulator.core import AICallSimulator
from simulator.knobs import Knob
from simulator.sampling import Floats
from simulator.traffic import WEEKEND_RATIO

SATURDAY = 5


class WeekendHeavy(AICallSimulator):
    """The base pattern with its week turned over."""

    name = "weekend"
    title = "Weekend-Heavy Traffic"
    customers = 40
    calls_per_day = 30_000 / (40 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("weekend_ratio", 3.0, 0.1, 100.0, "calls on a weekend day over those on a weekday"),
    )

    def hour_weights(self) -> Floats:
        """The base pattern's hours, those of weekends multiplied."""
        factor = self.settings["weekend_ratio"] / WEEKEND_RATIO
        return super().hour_weights() * np.where(self.calendar.weekday < SATURDAY, 1.0, factor)[:, None]


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(WeekendHeavy))
