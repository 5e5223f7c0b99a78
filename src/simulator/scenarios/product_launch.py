"""Product launch: from one day on, for good, all customers together call several times as much."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import ClassVar

import numpy as np

from simulator.core import AICallSimulator
from simulator.knobs import Knob
from simulator.sampling import Floats


class ProductLaunch(AICallSimulator):
    """The base pattern with one lasting step up."""

    name = "launch"
    title = "Product Launch"
    customers = 40
    calls_per_day = 30_000 / (40 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("launch_factor", 2.5, 1.0, 100.0, "how many times as much is called from the launch on"),
    )

    @cached_property
    def launch(self) -> date:
        """The truth: the first day of the new level, in the middle third of the period."""
        third = self.num_days // 3
        day = int(self.generator("launch").integers(third, max(third + 1, self.num_days - third)))
        return self.calendar.first + timedelta(days=day)

    def hour_weights(self) -> Floats:
        """The base pattern's hours, multiplied from the launch on."""
        after = np.arange(self.num_days) >= (self.launch - self.calendar.first).days
        return super().hour_weights() * np.where(after, self.settings["launch_factor"], 1.0)[:, None]

    def findings(self) -> Mapping[str, str]:
        """When the launch was."""
        return {"Launch": f"{self.launch}, {self.settings['launch_factor']:g} times as many calls"}


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(ProductLaunch))
