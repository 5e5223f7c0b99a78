"""Steady growth: every customer calls a little more each day, and some join only later."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import numpy as np

from simulator.core import AICallSimulator
from simulator.knobs import Knob
from simulator.sampling import Floats, Integers
from simulator.traffic import Activity


class SteadyGrowth(AICallSimulator):
    """The base pattern with growing use and customers that join."""

    name = "growth"
    title = "Steady Growth"
    customers = 40
    findings_first = True
    calls_per_day = 30_000 / (40 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("daily_growth", 0.015, 0.0, 0.5, "by how much a customer's calls rise each day"),
        Knob("joining_share", 0.30, 0.0, 1.0, "share of customers that join after the first day"),
    )

    @cached_property
    def joined(self) -> Integers:
        """The truth: the first day of each customer, counted from 0."""
        rng = self.generator("joining")
        joiners = rng.permutation(self.num_customers)[
            : round(self.settings["joining_share"] * self.num_customers)
        ]
        days = np.zeros(self.num_customers, dtype=np.int64)
        days[joiners] = rng.integers(min(1, self.num_days - 1), self.num_days, len(joiners))
        return days

    def hour_weights(self) -> Floats:
        """The base pattern's hours, more every day."""
        grown = (1 + self.settings["daily_growth"]) ** np.arange(self.num_days)
        return super().hour_weights() * grown[:, None]

    def activity(self) -> Activity:
        """Who joins is active from that day on."""
        return Activity(self.joined, super().activity().end_day)

    def findings(self) -> Mapping[str, str]:
        """How many customers joined later."""
        later = int((self.joined > 0).sum())
        return {"Joined Later": f"{later} ({later / self.num_customers:.1%})"}


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(SteadyGrowth))
