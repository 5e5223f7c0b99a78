"""Viral spike: one day the service is on everybody's lips, and the excitement fades over the days that follow."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import ClassVar

import numpy as np

from simulator.core import AICallSimulator
from simulator.knobs import Knob
from simulator.sampling import Floats


@dataclass(frozen=True)
class Spike:
    """On `day` all customers call `factor` times as much as usual; half of the excess is gone after `half_life`."""

    day: date
    factor: float
    half_life: float


class ViralSpike(AICallSimulator):
    """The base pattern with one steep rise that decays."""

    name = "viral"
    title = "Viral Spike"
    customers = 40
    calls_per_day = 40_000 / (40 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("spike_factor", 8.0, 1.0, 1_000.0, "how many times as much is called on the day of the spike"),
        Knob("half_life", 2.0, 0.1, 365.0, "days after which half of the excess is gone"),
    )

    @cached_property
    def spike(self) -> Spike:
        """The truth: the spike, in the middle third of the period."""
        third = self.num_days // 3
        day = int(self.generator("spike").integers(third, max(third + 1, self.num_days - third)))
        return Spike(
            self.calendar.first + timedelta(days=day),
            self.settings["spike_factor"],
            self.settings["half_life"],
        )

    def hour_weights(self) -> Floats:
        """The base pattern's hours, multiplied from the day of the spike on."""
        age = np.arange(self.num_days) - (self.spike.day - self.calendar.first).days
        excess = (self.spike.factor - 1) * 0.5 ** (np.maximum(age, 0) / self.spike.half_life)
        return super().hour_weights() * np.where(age < 0, 1.0, 1.0 + excess)[:, None]

    def findings(self) -> Mapping[str, str]:
        """When the spike was."""
        return {"Spike": f"{self.spike.day}, {self.spike.factor:g} times as many calls"}


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(ViralSpike))
