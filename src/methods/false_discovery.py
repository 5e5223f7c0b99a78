"""False discovery control: holding back chance findings when many things are tested at once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def benjamini_hochberg(p_values: ArrayLike, rate: float, tests: int | None = None) -> NDArray[np.bool_]:
    """Which findings stand when at most `rate` of them may be false, on average.

    Holds for independent tests and for positively dependent ones.

    Args:
        p_values: of the findings, in any order.
        rate: the share of false findings tolerated.
        tests: how many tests were made, when the p-values of the hopeless ones were not computed.

    Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995).
    """
    values = np.asarray(p_values, dtype=float)
    made = values.size if tests is None else tests
    order = np.argsort(values, kind="stable")
    passed = values[order] <= rate * np.arange(1, values.size + 1) / max(made, 1)
    stands = np.zeros(values.size, dtype=bool)
    if passed.any():
        stands[order[: int(np.flatnonzero(passed)[-1]) + 1]] = True
    return stands


def benjamini_yekutieli(p_values: ArrayLike, rate: float, tests: int | None = None) -> NDArray[np.bool_]:
    """Like `benjamini_hochberg`, under any dependence between the tests, and so more careful.

    Source: Benjamini and Yekutieli, The Annals of Statistics 29 (2001).
    """
    made = np.asarray(p_values).size if tests is None else tests
    harmonic = float((1 / np.arange(1, made + 1)).sum()) if made else 1.0
    return benjamini_hochberg(p_values, rate / harmonic, made)
