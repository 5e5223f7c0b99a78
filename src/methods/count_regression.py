"""Counts as exponentials of straight lines: how much better one set of terms explains them than another."""

import numpy as np
from numpy.typing import NDArray

ROUNDS = 50
FLATTEST = 12.0
"""Fitted logarithms are kept within this, so that a period without any count has a fit."""
RIDGE = 1e-6


def fitted_counts(counts: NDArray[np.float64], terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """The means of a Poisson regression with a logarithmic link, by iteratively reweighted least squares.

    Args:
        counts: none negative, not all zero.
        terms: one row a count, one column a term, the first a constant.

    Source: McCullagh and Nelder, Generalized Linear Models, 2nd edition (1989), sections 2.5 and 6.2.
    """
    weights = np.zeros(terms.shape[1])
    weights[0] = np.log(counts.mean())
    for _ in range(ROUNDS):
        means = _means(terms, weights)
        target = terms @ weights + (counts - means) / means
        normal = (terms.T * means) @ terms + RIDGE * np.eye(terms.shape[1])
        updated = np.clip(np.linalg.solve(normal, (terms.T * means) @ target), -FLATTEST, FLATTEST)
        if np.abs(updated - weights).max() < 1e-8:
            break
        weights = updated
    return _means(terms, updated)


def deviance(counts: NDArray[np.float64], means: NDArray[np.float64]) -> float:
    """Twice the logarithm of the likelihood ratio of a perfect fit to this one."""
    logs = np.log(np.where(counts > 0, counts / means, 1.0))
    return float(2 * (counts * logs - (counts - means)).sum())


def explained(counts: NDArray[np.float64], fewer: NDArray[np.float64], more: NDArray[np.float64]) -> float:
    """What the added terms explain, in units of the scatter that is left: about chi-squared by chance.

    Scatter above that of a Poisson count is taken into account (Pearson's statistic over the degrees of
    freedom, at least 1).

    Args:
        counts: none negative, not all zero.
        fewer: the terms without the added ones.
        more: the terms with them.

    Source: McCullagh and Nelder (1989), section 4.5, for the overdispersion.
    """
    plain, full = fitted_counts(counts, fewer), fitted_counts(counts, more)
    scatter = float(((counts - full) ** 2 / full).sum()) / (counts.size - more.shape[1])
    return float((deviance(counts, plain) - deviance(counts, full)) / max(scatter, 1.0))


def _means(terms: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(np.clip(terms @ weights, -FLATTEST, FLATTEST + 3)))
