"""How likely chance alone brings as many calls: the upper tail of overdispersed counts."""

import math

import numpy as np

LARGEST_EXACT = 20_000
LEAST_MEAN = 0.01
"""A slot that was always empty is taken to expect this much: never seen is not impossible."""


def upper_tail(count: int, mean: float, deviation: float) -> float:
    """The probability of at least `count` when counts have this mean and standard deviation.

    Poisson while the variance is no larger than the mean, negative binomial above; the normal tail for counts
    over `LARGEST_EXACT`.

    Args:
        count: what came, 0 or more.
        mean: what was expected, 0 or more.
        deviation: standard deviation of what was expected.

    Source: Cameron and Trivedi, Regression Analysis of Count Data, 2nd edition (2013), section 3.3.
    """
    if count <= 0:
        return 1.0
    mean, variance = max(mean, LEAST_MEAN), deviation**2
    if count > LARGEST_EXACT:
        return 0.5 * math.erfc((count - 0.5 - mean) / math.sqrt(2 * max(variance, mean)))
    logs = _log_steps(count, mean, max(variance, mean))
    return _sum_from(logs, count)


def lower_tail(count: int, mean: float, deviation: float) -> float:
    """The probability of at most `count`; arguments and source as of `upper_tail`."""
    mean, variance = max(mean, LEAST_MEAN), deviation**2
    if mean > LARGEST_EXACT:
        return 0.5 * math.erfc((mean - count - 0.5) / math.sqrt(2 * max(variance, mean)))
    logs = _log_steps(count, mean, max(variance, mean))
    return min(float(np.exp(logs[: count + 1]).sum()), 1.0)


def _log_steps(count: int, mean: float, variance: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Logarithms of the probabilities of count, count + 1, ... as far as they matter."""
    reach = count + int(mean + 12 * math.sqrt(variance)) + 50
    k = np.arange(1, reach + 1, dtype=float)
    excess = variance - mean
    if excess <= 1e-9 * mean:
        start, ratios = -mean, np.log(mean / k)
    else:
        size, share = mean**2 / excess, mean / variance
        start, ratios = size * math.log(share), np.log((k - 1 + size) / k) + math.log1p(-share)
    return np.asarray(np.concatenate(([start], start + np.cumsum(ratios))))


def _sum_from(logs: np.ndarray[tuple[int], np.dtype[np.float64]], count: int) -> float:
    return min(float(np.exp(logs[count:]).sum()), 1.0)
