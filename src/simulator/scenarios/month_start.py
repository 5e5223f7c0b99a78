"""Month start: on the first days of each month reports are made, and all customers call several times as much."""

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


class MonthStart(AICallSimulator):
    """The base pattern with busy first days of each month."""

    name = "monthly"
    title = "Month Start"
    customers = 40
    calls_per_day = 30_000 / (40 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("start_factor", 4.0, 1.0, 100.0, "how many times as much is called on these days"),
        Knob("start_days", 2, 1, 28, "how many days of each month they are"),
    )

    def hour_weights(self) -> Floats:
        """The base pattern's hours, those of the first days of months multiplied."""
        busy = np.array([day.day <= self.settings["start_days"] for day in self.calendar.dates])
        return super().hour_weights() * np.where(busy, self.settings["start_factor"], 1.0)[:, None]


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(MonthStart))
