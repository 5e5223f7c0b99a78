"""Intervals from the errors a method made in the past, without assuming their distribution."""

import math

import numpy as np
from numpy.typing import NDArray


def residuals_needed(coverage: float) -> int:
    """The fewest past errors that give an interval of this coverage: 4 for 80 %, 19 for 95 %."""
    return math.ceil(coverage / (1 - coverage) - 1e-9)


def half_width(residuals: NDArray[np.float64], coverage: float) -> float | None:
    """Half the width of an interval around a forecast; None when there are too few errors.

    With n errors it is the ceil((n + 1) x coverage)-th smallest of their sizes, so that a further error of
    the same kind falls within it with at least the coverage asked for.

    Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, Distribution-Free Predictive Inference for
    Regression, Journal of the American Statistical Association 113 (2018).
    """
    sizes = np.abs(residuals[~np.isnan(residuals)])
    rank = math.ceil((sizes.size + 1) * coverage - 1e-9)
    if not sizes.size or rank > sizes.size:
        return None
    return float(np.sort(sizes)[rank - 1])


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
