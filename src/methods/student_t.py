"""The tail of Student's t distribution, for differences judged by few clusters."""

import math

import numpy as np

_STEPS = 4001


def two_sided(statistic: float, degrees: int) -> float:
    """The probability that chance alone gives a t statistic at least as far from zero.

    With t = sqrt(degrees) tan(angle) the density is a power of the cosine; both areas are summed by
    Simpson's rule, which is exact to nine decimals and more.

    Args:
        statistic: the t statistic; an infinite one has probability 0.
        degrees: degrees of freedom, at least 1.

    Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 28.
    """
    start = math.atan(abs(statistic) / math.sqrt(degrees))
    return _area(start, degrees) / _area(0.0, degrees)


def _area(start: float, degrees: int) -> float:
    angles = np.linspace(start, math.pi / 2, _STEPS)
    heights = np.maximum(np.cos(angles), 0.0) ** (degrees - 1)
    weights = np.ones(_STEPS)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return float((weights * heights).sum() * (angles[1] - angles[0]) / 3)
