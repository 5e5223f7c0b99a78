"""How many past errors an interval needs, and how likely they say a margin is exceeded; no distribution is assumed."""

import math

import numpy as np
from numpy.typing import NDArray


def residuals_needed(coverage: float) -> int:
    """The fewest past errors that give an interval of this coverage: 4 for 80 %, 19 for 95 %."""
    return math.ceil(coverage / (1 - coverage) - 1e-9)


def exceedance(residuals: NDArray[np.float64], margin: float) -> float | None:
    """The probability that actual minus forecast exceeds `margin`, judged by past errors; None without any.

    Of n errors, k above the margin make (k + 1/2) / (n + 1): never quite 0 or 1, since a few errors cannot
    rule an outcome out.

    Source: the Jeffreys-type plotting position; Brown, Cai and DasGupta, Statistical Science 16 (2001).
    """
    known = residuals[~np.isnan(residuals)]
    if not known.size:
        return None
    return float((np.count_nonzero(known > margin) + 0.5) / (known.size + 1))
