"""Burst traffic: on about 8 % of days, all customers together call 5 to 20 times as much for 1 to 3 hours."""

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

from simulator.core import AICallSimulator
from simulator.knobs import Knob
from simulator.sampling import Floats
from simulator.traffic import HOURS

HOURS_MAX = 3
FIRST_HOUR, LAST_HOUR = 7, 21
"""Bursts begin and end while people are awake."""


@dataclass(frozen=True)
class Burst:
    """The whole service is `factor` times as busy as usual for `hours` hours from `hour` (UTC) of a day."""

    day: date
    hour: int
    hours: int
    factor: float


class BurstTraffic(AICallSimulator):
    """The base pattern with short bursts of the whole service."""

    name = "burst"
    title = "Burst Traffic"
    customers = 30
    calls_per_day = 29_000 / (30 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("burst_share", 0.08, 0.0, 1.0, "share of days with a burst"),
        Knob("factor_low", 5.0, 1.0, 1_000.0, "smallest factor of a burst"),
        Knob("factor_high", 20.0, 1.0, 1_000.0, "largest factor of a burst"),
    )

    @cached_property
    def bursts(self) -> tuple[Burst, ...]:
        """The truth: every burst, in order of time."""
        rng = self.generator("bursts")
        days = sorted(rng.permutation(self.num_days)[: self._burst_days()].tolist())
        return tuple(self._burst(day, int(rng.integers(1, HOURS_MAX + 1)), rng.random(2)) for day in days)

    def hour_weights(self) -> Floats:
        """The base pattern's hours, those of bursts multiplied."""
        weights = super().hour_weights()
        for burst in self.bursts:
            day = (burst.day - self.calendar.first).days
            weights[day, burst.hour : burst.hour + burst.hours] *= burst.factor
        return weights

    def findings(self) -> Mapping[str, str]:
        """How many bursts there are."""
        return {"Bursts": f"{len(self.bursts)} in {self.num_days} days"}

    def _burst_days(self) -> int:
        share = self.settings["burst_share"]
        return max(round(share * self.num_days), 1 if share else 0)

    def _burst(self, day: int, hours: int, chances: Floats) -> Burst:
        low, high = sorted((self.settings["factor_low"], self.settings["factor_high"]))
        hour = FIRST_HOUR + int(chances[0] * (LAST_HOUR - FIRST_HOUR - hours + 1))
        factor = low + (high - low) * float(chances[1])
        return Burst(self.calendar.first + timedelta(days=day), min(hour, HOURS - hours), hours, factor)


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(BurstTraffic))
