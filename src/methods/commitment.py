"""Commitments: how much of an hourly demand to buy ahead, when that is cheaper but always paid.

A committed unit costs (1 - d) of the price every hour, used or not, and saves the price in the hours in which
demand exceeds it. It pays as long as demand exceeds it in more than 1 - d of the hours: the cheapest
commitment is the d-quantile of hourly demand.

Source: the newsvendor problem; Arrow, Harris and Marschak, Optimal Inventory Policy, Econometrica 19 (1951).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CommitmentOutcome:
    """What a commitment does over a demand. Costs are in units at the full price, to be multiplied by it.

    `level` is committed every hour, `used` of it is used, `over` is bought at the full price.
    """

    level: float
    hours: int
    demand: float
    used: float
    over: float
    discount: float

    @property
    def committed(self) -> float:
        """Units committed over all hours."""
        return self.level * self.hours

    @property
    def cost(self) -> float:
        """Commitment and what exceeds it."""
        return (1 - self.discount) * self.committed + self.over

    @property
    def saving(self) -> float:
        """Demand at the full price less the cost; negative when the commitment loses."""
        return self.demand - self.cost

    @property
    def coverage(self) -> float | None:
        """Share of demand that the commitment serves."""
        return self.used / self.demand if self.demand else None

    @property
    def utilisation(self) -> float | None:
        """Share of the commitment that is used."""
        return self.used / self.committed if self.committed else None

    @property
    def effective_savings_rate(self) -> float | None:
        """Saving over what the demand costs at the full price (FinOps Framework)."""
        return self.saving / self.demand if self.demand else None


@dataclass(frozen=True)
class CommitmentPlan:
    """The commitment that history recommends, and how it would do otherwise.

    `curve` holds outcomes at rising levels; `fewer` the outcome when demand is lower by `drop`.
    """

    chosen: CommitmentOutcome
    curve: tuple[CommitmentOutcome, ...]
    fewer: CommitmentOutcome
    drop: float

    @property
    def break_even_utilisation(self) -> float:
        """The utilisation below which the commitment loses: 1 - discount."""
        return 1 - self.chosen.discount


@dataclass(frozen=True)
class Regret:
    """A commitment chosen on the first part of the hours, judged on the rest.

    `chosen` is what it did there, `best` what the best level of those hours would have done.
    """

    chosen: CommitmentOutcome
    best: CommitmentOutcome

    @property
    def units(self) -> float:
        """What hindsight would have saved on top; never negative but for rounding."""
        return self.chosen.cost - self.best.cost


def best_level(demand: Sequence[float], discount: float) -> float:
    """The level of least cost: the smallest demand that at least `discount` of the hours do not exceed.

    Args:
        demand: units per hour over every hour of the period, the idle ones as 0.
        discount: of committed units, 0 to 1.
    """
    if not demand or discount <= 0:
        return 0.0
    rank = math.ceil(discount * len(demand) - 1e-9)
    return sorted(demand)[max(rank, 1) - 1]


def outcome(demand: Sequence[float], level: float, discount: float) -> CommitmentOutcome:
    """What committing to `level` units per hour does over the demand."""
    hourly = np.asarray(demand, dtype=float)
    used, over = np.minimum(hourly, level), np.maximum(hourly - level, 0.0)
    whole, used_units, over_units = (math.fsum(units.tolist()) for units in (hourly, used, over))
    return CommitmentOutcome(
        level=level, hours=len(demand), demand=whole, used=used_units, over=over_units, discount=discount
    )


def commitment_plan(
    demand: Sequence[float], discount: float, *, steps: int = 20, drop: float = 0.2
) -> CommitmentPlan:
    """The cheapest commitment for a demand, its cost curve, and its result when demand falls.

    Args:
        demand: units per hour over every hour of the period, the idle ones as 0.
        discount: of committed units, 0 to 1.
        steps: points of the cost curve between nothing and the highest demand.
        drop: by how much demand falls in the stress case.
    """
    level, top = best_level(demand, discount), max(demand, default=0.0)
    levels = sorted({level, *(top * step / steps for step in range(steps + 1))})
    return CommitmentPlan(
        outcome(demand, level, discount),
        tuple(outcome(demand, each, discount) for each in levels),
        outcome([units * (1 - drop) for units in demand], level, discount),
        drop,
    )


def regret(demand: Sequence[float], discount: float, seen: float = 0.5) -> Regret | None:
    """Chooses on the first `seen` share of the hours and judges on the rest; None when either is empty."""
    split = int(len(demand) * seen)
    past, future = demand[:split], demand[split:]
    if not past or not future:
        return None
    chosen = outcome(future, best_level(past, discount), discount)
    return Regret(chosen, outcome(future, best_level(future, discount), discount))


def break_even_month(commitment: CommitmentOutcome, term_months: int) -> int | None:
    """The month, from 1, by whose end the use so far is worth the whole term's commitment at the full price.

    Were all use to stop then, the commitment would have cost no more than buying without it. None where that
    is not within the term, or nothing is committed.

    Args:
        commitment: what it does over the period, taken as the pace of the term.
        term_months: how long it binds.

    Source: FinOps Framework, Rate Optimization, break-even point of a commitment discount.
    """
    utilisation = commitment.utilisation
    if not utilisation:
        return None
    months = math.ceil(term_months * (1 - commitment.discount) / utilisation - 1e-9)
    return months if months <= term_months else None
