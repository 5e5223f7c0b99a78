"""What a price change may do to volume, for a range of beliefs: nothing here is estimated from data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

DRAWS = 4000
MOST_GROWTH = 1.5
"""At most this many times as much is bought, however far prices fall."""
GRID = 257
"""Elasticities at which a portfolio is worked out; between two of them the profit is taken as a straight line."""


@dataclass(frozen=True)
class Band:
    """The profit after a price change over a range of elasticities: median, 5th and 95th percentile, USD.

    `loses` is the share of draws in which the change earns less than leaving the price alone.
    """

    low: float
    middle: float
    high: float
    loses: float


def break_even_volume_change(price_change: float, margin: float) -> float | None:
    """The relative change of volume at which a relative price change leaves the profit as it was.

    -dP / (margin + dP): a rise of 10 % at a margin of 40 % can lose 20 % of its customers. None where the new
    price is at or below cost, so that no volume makes up for it.

    Args:
        price_change: relative to the old price: 0.1 is 10 % more.
        margin: gross margin over the old price, as a share.

    Source: Nagle and Müller, The Strategy and Tactics of Pricing, 6th edition (2018), chapter 9.
    """
    return -price_change / (margin + price_change) if margin + price_change > 0 else None


def portfolio_band(
    old_bills: ArrayLike,
    new_bills: ArrayLike,
    costs: ArrayLike,
    elasticities: tuple[float, float],
    *,
    most_growth: float = MOST_GROWTH,
    draws: int = DRAWS,
    seed: int = 0,
) -> Band:
    """The profit when every customer gets a bill of its own and answers to its own change of price.

    One elasticity is drawn for all; each customer's volume, and with it bill and cost, answers by constant
    elasticity, up to `most_growth`. Who paid nothing before has no relative change and keeps its volume. A price that
    falls to nothing is outside the model and counts as a fall by 99.99 %.

    Args:
        old_bills: what each customer pays today, USD.
        new_bills: what it would pay for the same use.
        costs: what that use costs.
        elasticities: the range, both ends 0 or less.
        most_growth: the largest factor of volume; 1 where a lower bill wins nothing.
        draws: how many elasticities are drawn.
        seed: of the generator.
    """
    old, new, cost = (np.asarray(values, dtype=float) for values in (old_bills, new_bills, costs))
    lowest, highest = sorted(elasticities)
    drawn = np.random.default_rng(seed).uniform(lowest, highest, size=draws)
    ratio = np.maximum(np.divide(new, old, out=np.ones_like(new), where=old > 0), 1e-4)
    logs, gains = np.log(ratio), new - cost
    grid = np.linspace(lowest, highest, GRID)
    volumes = (np.minimum(np.exp(elasticity * logs), most_growth) for elasticity in grid)
    profits = np.interp(drawn, grid, [float(volume @ gains) for volume in volumes])
    low, middle, high = np.quantile(profits, [0.05, 0.5, 0.95])
    return Band(float(low), float(middle), float(high), float((profits < float((old - cost).sum())).mean()))
