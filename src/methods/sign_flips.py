"""Sign flips: whether pairs differ, without a word on how much each pair scatters.

Where nothing but chance tells the two sides of a pair apart, each might as well lie the other way round. So the sum of
differences is set against those of all ways to swap pairs. The stated rate holds whatever the sizes of the pairs, also
where one of them is most of the sum; the price is that no p-value of n pairs lies below 2 / 2^n.
"""

import numpy as np
from numpy.random import default_rng
from numpy.typing import ArrayLike, NDArray

MOST_PAIRS = 14
"""Of so many pairs, at most, all ways to swap them are tried; of more, drawn ones."""
DRAWS = 19_999
CHUNK = 1000
"""Swaps multiplied at once, to bound memory."""
ROUNDING = 1e-9
"""Sums this close, as a share of the largest possible one, are equal."""


def sign_flip_p_values(differences: ArrayLike, seed: int = 0) -> NDArray[np.float64]:
    """Two-sided p-values of the sums of columns, all columns on the same swaps.

    Args:
        differences: one row a pair (a cluster in two files), one column a figure.
        seed: of the generator, where swaps are drawn.

    Returns:
        One p-value a column; 1 for a column of zeros.

    Source: Fisher, The Design of Experiments (1935), section 21; for few clusters of unequal size, Canay, Romano and
    Shaikh, Econometrica 85 (2017). Drawn swaps: Phipson and Smyth, Statistical Applications in Genetics and Molecular
    Biology 9 (2010).
    """
    pairs = np.asarray(differences, dtype=float)
    least = np.abs(pairs.sum(axis=0)) - ROUNDING * np.abs(pairs).sum(axis=0)
    as_far, tried = np.zeros(pairs.shape[1]), 0
    swaps = _all(pairs.shape[0]) if pairs.shape[0] <= MOST_PAIRS else _drawn(pairs.shape[0], seed)
    for start in range(0, len(swaps), CHUNK):
        sums = swaps[start : start + CHUNK].astype(float) @ pairs
        as_far += (np.abs(sums) >= least).sum(axis=0)
        tried += len(sums)
    return np.asarray(as_far / tried)


def _all(pairs: int) -> NDArray[np.int8]:
    """All ways to swap, but for the sign of the whole, which a two-sided test does not see."""
    bits = np.arange(2 ** max(pairs - 1, 0))[:, None] >> np.arange(pairs) & 1
    return np.asarray(1 - 2 * bits, dtype=np.int8)


def _drawn(pairs: int, seed: int) -> NDArray[np.int8]:
    """Drawn ways to swap, behind the data as they are."""
    drawn = default_rng(seed).integers(0, 2, size=(DRAWS, pairs), dtype=np.int8)
    return np.concatenate([np.ones((1, pairs), dtype=np.int8), np.asarray(1 - 2 * drawn, dtype=np.int8)])
