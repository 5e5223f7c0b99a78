"""What a month to come costs with each customer, and how likely that is more than the customer pays.

Deterministic: the same data and the same seed give the same figures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import ArrayLike, NDArray

from methods.bootstrap import DRAWS, Spread, day_draws
from methods.forecast import forecast
from methods.level_change import Expected, changes, expected, variance_a_day
from methods.smoothing import WEEK

Numbers = NDArray[np.float64]

DEGREES = 3
"""Of Student's t, for how far all use together lies from its forecast: months far off are rare, but come."""
T_80 = 1.6377
"""The 90 % quantile of that distribution: its middle 80 % end there."""
UNKNOWN_WIDTH = 0.4
"""Half the 80 % interval of all use, as a share of it, where the history is too short for one."""
CHUNK = 500
"""Customers drawn at once, to bound memory."""


@dataclass(frozen=True)
class LossRisk:
    """The margin of a customer over a month to come: an interval, and how likely cost exceeds revenue."""

    margin: Spread
    probability_of_loss: float


def loss_risks(
    daily_cost: ArrayLike,
    revenue: ArrayLike,
    first_days: ArrayLike | None = None,
    *,
    length: int = 30,
    coverage: float = 0.80,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[LossRisk, ...]:
    """The margin interval and the probability of a loss over the next `length` days, one a customer.

    Two stages. First, what all together come to is drawn around its forecast, as widely as the forecast's 80 % interval
    says. Then each customer's share of it: from days drawn with replacement, moved by a change of level whose size is
    learned from the changes of all customers; what the customer's days stray from that share is drawn anew. One
    customer alone is as uncertain as the forecast of its cost.

    Args:
        daily_cost: one row per customer, one column per whole day, the last one being yesterday.
        revenue: what each customer pays over `length` days.
        first_days: the first day of each customer that counts, from 0; the first column by default.
        length: days looked at; 30 is a month.
        coverage: of the interval.
        draws: how many months are drawn.
        seed: of the generator.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 6 and 25.
    """
    daily = np.atleast_2d(np.asarray(daily_cost, dtype=float))
    prices = np.atleast_1d(np.asarray(revenue, dtype=float))
    first = np.zeros(len(daily), dtype=np.int64) if first_days is None else np.asarray(first_days)
    index, generator = _index(daily, first), default_rng(seed)
    months = _Months(index, _together(index, length, draws, generator), length, generator)
    groups = [(start, np.flatnonzero(first == start)) for start in np.unique(first).tolist()]
    seen = [changes(daily[rows, start:], index[start:]) for start, rows in groups]
    variance = variance_a_day(seen)
    found: dict[int, LossRisk] = {}
    for (start, rows), change in zip(groups, seen, strict=True):
        levels = expected(change, variance, length)
        for part in np.split(np.arange(rows.size), range(CHUNK, rows.size, CHUNK)):
            some = rows[part]
            costs = months.costs(daily[some, start:], Expected(levels.mean[part], levels.deviation[part]))
            found |= zip(some.tolist(), _judged(prices[some, None] - costs, coverage), strict=True)
    return tuple(found[row] for row in range(len(daily)))


@dataclass(frozen=True)
class _Months:
    """Months drawn: what all together come to, and what it is shared out by."""

    index: Numbers
    together: Numbers
    length: int
    generator: Generator

    def costs(self, daily: Numbers, levels: Expected) -> Numbers:
        """The cost of each customer, one row each, in every month drawn: `daily` holds the last days alone."""
        days, draws = daily.shape[1], self.together.size
        index = self.index[-days:]
        past, ahead = (day_draws(days, size, draws, seed).T for seed, size in enumerate((days, self.length)))
        whole, overall = index @ past, daily.sum(axis=1) / max(float(index.sum()), 1e-300)
        shares = np.where(whole > 0, daily @ past / np.maximum(whole, 1e-300), overall[:, None])
        moved = (
            self.generator.standard_normal((len(daily), draws)) * levels.deviation[:, None]
            + levels.mean[:, None]
        )
        own = (daily - overall[:, None] * index) @ ahead * np.exp(levels.mean)[:, None]
        return np.asarray(np.maximum(shares * self.together * np.exp(moved) + own, 0.0))


def _index(daily: Numbers, first: NDArray[np.int64]) -> Numbers:
    """What moves all: the cost of those who were there from the first week on, else of all."""
    there = daily[first < WEEK].sum(axis=0)
    return there if there[int(first.max()) :].sum() > 0 else np.asarray(daily.sum(axis=0))


def _together(index: Numbers, length: int, draws: int, generator: Generator) -> Numbers:
    """What all together cost, in every month drawn, around the forecast."""
    total = forecast(index.tolist(), length).total(length)
    interval = total.interval_80
    width = interval.high - total.amount if interval else UNKNOWN_WIDTH * total.amount
    drawn = total.amount + width / T_80 * generator.standard_t(DEGREES, draws)
    return np.maximum(drawn, 0.0)


def _judged(margins: Numbers, coverage: float) -> list[LossRisk]:
    """The interval and the risk of each row of margins drawn."""
    margins.sort(axis=1)
    lows, highs = (_of_sorted(margins, share) for share in ((1 - coverage) / 2, (1 + coverage) / 2))
    losses = (margins < 0).mean(axis=1)
    return [
        LossRisk(Spread(float(low), float(high), coverage), float(loss))
        for low, high, loss in zip(lows, highs, losses, strict=True)
    ]


def _of_sorted(rows: Numbers, share: float) -> Numbers:
    """The quantile of each sorted row, as `np.quantile` interpolates it; rows sort in half the time it needs."""
    place = share * (rows.shape[1] - 1)
    below = int(place)
    above = min(below + 1, rows.shape[1] - 1)
    return np.asarray(rows[:, below] + (place - below) * (rows[:, above] - rows[:, below]))
