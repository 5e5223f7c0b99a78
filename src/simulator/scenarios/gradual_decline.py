"""Gradual decline: every customer calls 2 % less each day, and one in five leaves for good."""

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
from simulator.traffic import Activity


@dataclass(frozen=True)
class Churn:
    """A customer (by number, from 0) makes no call from `day` on."""

    customer: int
    day: date


class GradualDecline(AICallSimulator):
    """The base pattern with shrinking use and customers that leave."""

    name = "decline"
    title = "Gradual Decline"
    customers = 40
    findings_first = True
    calls_per_day = 35_400 / (40 * 30)
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("daily_decline", 0.02, 0.0, 0.5, "by how much a customer's calls fall each day"),
        Knob("churn_share", 0.20, 0.0, 1.0, "share of customers that leave"),
    )

    @cached_property
    def churns(self) -> tuple[Churn, ...]:
        """The truth: who leaves, and on which day; never on the first, so that a single day has no churn."""
        if self.num_days == 1:
            return ()
        rng = self.generator("churn")
        leaving = rng.permutation(self.num_customers)[
            : round(self.settings["churn_share"] * self.num_customers)
        ]
        days = rng.integers(1, self.num_days, len(leaving))
        return tuple(
            Churn(int(customer), self.calendar.first + timedelta(days=int(day)))
            for customer, day in zip(leaving, days, strict=True)
        )

    def hour_weights(self) -> Floats:
        """The base pattern's hours, less every day."""
        kept = (1 - self.settings["daily_decline"]) ** np.arange(self.num_days)
        return super().hour_weights() * kept[:, None]

    def activity(self) -> Activity:
        """Who leaves is active up to the day before."""
        activity = super().activity()
        for churn in self.churns:
            activity.end_day[churn.customer] = (churn.day - self.calendar.first).days
        return activity

    def findings(self) -> Mapping[str, str]:
        """How many customers left."""
        left = len(self.churns)
        return {"Churned Customers": f"{left} ({left / self.num_customers:.1%})"}


if __name__ == "__main__":
    from simulator.command import script

    raise SystemExit(script(GradualDecline))
