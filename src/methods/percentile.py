"""Percentiles: one rule for every report, linear interpolation, with a distribution-free interval.

The rule is numpy's default and SQL's `percentile_cont` (type 7 of Hyndman and Fan, Sample Quantiles in
Statistical Packages, The American Statistician 50, 1996).
"""

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT_LIMIT = 100_000
"""Up to this sample size the ranks of an interval come from the exact binomial distribution."""


@dataclass(frozen=True)
class Percentile:
    """A percentile of a sample and the interval that holds the true one with the confidence asked for.

    `value` is None when the sample is smaller than the minimum; `low` and `high` are None on the side on
    which the sample is too small to bound it.
    """

    share: float
    value: float | None
    low: float | None
    high: float | None
    sample: int


def percentile(values: ArrayLike, share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, linearly interpolated.

    Raises:
        ValueError: There is no value, or `share` is outside 0 to 1.
    """
    data = np.asarray(values, dtype=float)
    return percentile_of_counts(data, np.ones(data.size, dtype=np.int64), share)


def percentile_of_counts(values: ArrayLike, counts: ArrayLike, share: float) -> float:
    """The percentile of a sample given as a histogram: `counts[i]` times `values[i]`, in any order.

    Raises:
        ValueError: There is no value, or `share` is outside 0 to 1.
    """
    ordered, upto = _ordered(values, counts)
    return _interpolated(ordered, upto, share)


@lru_cache(maxsize=4096)
def interval_ranks(size: int, share: float, confidence: float = 0.95) -> tuple[int, int]:
    """The ranks, counted from 1, of the order statistics that bound a percentile.

    They enclose a binomial count with the confidence asked for, whatever the distribution of the values. A rank of 0
    or of `size + 1` says that the sample has no bound on that side.

    Source: Conover, Practical Nonparametric Statistics, 3rd edition (1999), section 3.2.
    """
    tail = (1 - confidence) / 2
    return binomial_quantile(tail, size, share), binomial_quantile(1 - tail, size, share) + 1


def binomial_quantile(probability: float, trials: int, share: float) -> int:
    """The smallest count that a binomial variable reaches or stays below with at least `probability`.

    Exact up to `EXACT_LIMIT` trials; above, the normal approximation with continuity correction.
    """
    if share <= 0 or share >= 1:
        return 0 if share <= 0 else trials
    if trials <= EXACT_LIMIT:
        return int(np.searchsorted(_binomial_distribution(trials, share), probability - 1e-12))
    deviation = math.sqrt(trials * share * (1 - share))
    estimate = trials * share + deviation * normal_quantile(probability) - 0.5
    return min(max(math.ceil(estimate), 0), trials)


def normal_quantile(probability: float) -> float:
    """The value that a standard normal variable stays below with `probability`, strictly between 0 and 1."""
    return NormalDist().inv_cdf(probability)


@cache
def _log_factorials() -> NDArray[np.float64]:
    """The logarithms of 0!, 1!, ... `EXACT_LIMIT`!."""
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, EXACT_LIMIT + 1)))))


def _binomial_distribution(trials: int, share: float) -> NDArray[np.float64]:
    """The cumulative probabilities of 0, 1, ... `trials` successes."""
    logs = _log_factorials()[: trials + 1]
    successes = np.arange(trials + 1)
    choose = logs[trials] - logs - logs[::-1]
    mass = np.exp(choose + successes * math.log(share) + (trials - successes) * math.log1p(-share))
    return np.cumsum(mass)


def _ordered(values: ArrayLike, counts: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distinct positions of the sample: values in order, and how many are at or before each."""
    data, times = np.asarray(values, dtype=float), np.asarray(counts, dtype=np.int64)
    order = np.argsort(data, kind="stable")
    order = order[times[order] > 0]
    return data[order], np.cumsum(times[order])


def _interpolated(ordered: NDArray[np.float64], upto: NDArray[np.int64], share: float) -> float:
    if not ordered.size:
        raise ValueError("a percentile needs at least one value")
    if not 0 <= share <= 1:
        raise ValueError(f"a percentile lies between 0 and 1, not at {share}")
    position = share * (int(upto[-1]) - 1)
    below = math.floor(position)
    first = ordered[np.searchsorted(upto, below, side="right")]
    second = ordered[np.searchsorted(upto, min(below + 1, int(upto[-1]) - 1), side="right")]
    return float(first + (second - first) * (position - below))
