"""The economics of the simulated month, over seeds: cost per call, gross margin, share of unprofitable customers.

`python3 benchmarks/simulated_economics.py [SEEDS]`
"""

import sys
from dataclasses import dataclass
from statistics import median

import numpy as np

from simulator.core import AICallSimulator
from simulator.population import ARCHETYPES
from simulator.scenarios.burst_traffic import BurstTraffic
from simulator.scenarios.gradual_decline import GradualDecline
from simulator.scenarios.seasonal_pattern import SeasonalPattern

PATTERNS = (AICallSimulator, SeasonalPattern, BurstTraffic, GradualDecline)


@dataclass(frozen=True)
class Economics:
    """One simulated month of all four patterns."""

    calls: int
    cost_per_call_usd: float
    margin: float
    unprofitable: float


def economics(seed: int) -> Economics:
    """The month of one seed. Thirty days are one month of revenue for every customer who called at all."""
    costs, revenues, calls = [], [], 0
    for pattern in PATTERNS:
        simulator = pattern(seed=seed)
        cost = np.zeros(simulator.num_customers)
        for batch in simulator.batches():
            cost += np.bincount(batch.customer, batch.cost_nano_usd, simulator.num_customers) / 1e9
            calls += batch.size
        prices = np.array([float(simulator.tier_prices[archetype.plan]) for archetype in ARCHETYPES])
        costs.append(cost)
        revenues.append(prices[simulator.population.archetype])
    cost, revenue = np.concatenate(costs), np.concatenate(revenues)
    return Economics(
        calls, cost.sum() / calls, 1 - cost.sum() / revenue.sum(), float((cost > revenue).mean())
    )


def main(argv: list[str]) -> int:
    """Prints each seed and the spread."""
    seeds = int(argv[0]) if argv else 20
    months = [economics(seed) for seed in range(1, seeds + 1)]
    for name in ("calls", "cost_per_call_usd", "margin", "unprofitable"):
        values = sorted(getattr(month, name) for month in months)
        print(f"{name:<18} min {values[0]:.4g}  median {median(values):.4g}  max {values[-1]:.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
