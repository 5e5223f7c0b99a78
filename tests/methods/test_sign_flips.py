"""p-values of sign flips: against every swap tried by hand and by scipy, and their rate where nothing differs."""

import numpy as np
import pytest

from methods.sign_flips import MOST_PAIRS, sign_flip_p_values

RANDOM = np.random.default_rng(8)


def test_every_swap_counts_once() -> None:
    """Of 1, 2 and 4 the eight sums are ±7, ±5, ±3 and ±1; of 1, 2 and -4 the sum is as far off as that of six."""
    assert sign_flip_p_values([[1, 1, 0], [2, 2, 0], [4, -4, 0]]).tolist() == [2 / 8, 8 / 8, 1]


@pytest.mark.parametrize("pairs", [5, MOST_PAIRS])
def test_it_is_the_permutation_test_of_scipy(pairs: int) -> None:
    from scipy import stats

    found = RANDOM.normal(0.4, 1, pairs)
    expected = stats.permutation_test(
        (found,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=False
    )
    assert sign_flip_p_values(found[:, None])[0] == pytest.approx(expected.pvalue)


def test_drawn_swaps_come_near_to_all_of_them() -> None:
    """One pair more than all swaps are tried of, with a difference of zero: the p-value of the others."""
    found = RANDOM.normal(0.5, 1, MOST_PAIRS)
    exact, drawn = sign_flip_p_values(found[:, None]), sign_flip_p_values(np.append(found, 0)[:, None])
    assert drawn[0] == pytest.approx(exact[0], abs=4 * np.sqrt(exact[0] / 20_000))


@pytest.mark.parametrize("size", [1, 81])
def test_one_pair_in_twenty_stands_out_whatever_one_of_them_weighs(size: int) -> None:
    weights = np.array([size, *[1] * 9])[:, None]
    found = sign_flip_p_values(weights * RANDOM.normal(size=(10, 2000)))
    assert 0.04 <= (found <= 0.05).mean() <= 0.06
