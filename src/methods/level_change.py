"""By how much the share that customers have of all use changes with time, learned from all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LARGEST = 1.5
"""Larger changes of a logarithm count as this one: from a fifth to four and a half times."""
ROUNDS = 5


@dataclass(frozen=True)
class Changes:
    """The change of each customer's share from the first to the second half of its days, as a logarithm.

    `noise` is the variance that the days alone give such a change. Where it cannot be told (a half without cost, too
    few days) the change is 0 and the noise infinite. `days` are those of both halves.
    """

    logs: Numbers
    noise: Numbers
    days: int


@dataclass(frozen=True)
class Expected:
    """How far the logarithm of next month's share lies from that of the days seen: mean and standard deviation."""

    mean: Numbers
    deviation: Numbers


def changes(daily: Numbers, index: Numbers) -> Changes:
    """Halves of the same days compared.

    Args:
        daily: one row per customer, one column per day.
        index: what all have in common, a figure a day.
    """
    half = index.size // 2
    early, late = (
        _share(daily[:, part], index[part]) for part in (slice(-2 * half, -half), slice(-half, None))
    )
    noise = early[1] + late[1]
    known = noise < 1
    logs = np.zeros(len(daily))
    logs[known] = np.clip(np.log(late[0][known] / early[0][known]), -LARGEST, LARGEST)
    return Changes(logs, np.where(known, noise, np.inf), 2 * half)


def variance_a_day(seen: Sequence[Changes]) -> float:
    """The variance that a day adds to the logarithm of a share, beyond the noise of days: that of a random walk.

    The halves of a random walk over D days differ with variance D/3 times that of a day. Changes are weighed by the
    inverse square of their variance, as for a variance component by moments; fewer than two tell nothing.

    Source: DerSimonian and Laird, Meta-Analysis in Clinical Trials, Controlled Clinical Trials 7 (1986), iterated.
    """
    logs, noise, thirds = (
        np.concatenate(parts)
        for parts in zip(*((each.logs, each.noise, _thirds(each)) for each in seen), strict=True)
    )
    known = np.isfinite(noise)
    if known.sum() < 2:
        return 0.0
    logs, noise, thirds = logs[known], noise[known], thirds[known]
    variance = 0.0
    for _ in range(ROUNDS):
        weights = (thirds / np.maximum(variance * thirds + noise, 1e-12)) ** 2
        variance = max(float((weights * (logs**2 - noise) / thirds).sum() / weights.sum()), 0.0)
    return variance


def expected(seen: Changes, variance: float, ahead: int) -> Expected:
    """Where the mean of the next `ahead` days lies, by what the change was and how much of it is noise.

    For a random walk over a unit of time the next mean less the past one has variance 1/3 + a/3, with a the days ahead
    over those seen, and covariance 1/4 with the change of halves, whose variance is 1/3: so 3/4 of a change go on.
    """
    size = variance * seen.days / 3
    true = size / (size + seen.noise) if size else np.zeros_like(seen.logs)
    left = size * (1 + ahead / seen.days - 0.75**2 * true)
    return Expected(0.75 * true * seen.logs, np.sqrt(left))


def _thirds(each: Changes) -> Numbers:
    return np.full(each.logs.size, each.days / 3)


def _share(daily: Numbers, index: Numbers) -> tuple[Numbers, Numbers]:
    """The share of the index, and the relative variance that its days give it."""
    sums, whole, days = daily.sum(axis=1), float(index.sum()), index.size
    if whole <= 0 or days < 2:
        return np.zeros(len(daily)), np.full(len(daily), np.inf)
    shares = sums / whole
    missed = ((daily - shares[:, None] * index) ** 2).sum(axis=1) * days / (days - 1)
    return shares, np.divide(missed, sums**2, out=np.full(len(daily), np.inf), where=sums > 0)
