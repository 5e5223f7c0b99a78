import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from methods.false_discovery import benjamini_hochberg, benjamini_yekutieli

p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=50)


@given(p_lists, st.sampled_from([0.01, 0.05, 0.2]))
def test_both_procedures_are_statsmodels(p_values: list[float], rate: float) -> None:
    from statsmodels.stats.multitest import multipletests

    assert (benjamini_hochberg(p_values, rate) == multipletests(p_values, rate, "fdr_bh")[0]).all()
    assert (benjamini_yekutieli(p_values, rate) == multipletests(p_values, rate, "fdr_by")[0]).all()


@given(st.lists(st.floats(0, 0.04), min_size=1, max_size=20), st.integers(0, 200))
def test_hopeless_tests_may_be_counted_instead_of_listed(p_values: list[float], hopeless: int) -> None:
    everything = p_values + [1.0] * hopeless
    expected = benjamini_hochberg(everything, 0.05)[: len(p_values)]
    assert (benjamini_hochberg(p_values, 0.05, len(everything)) == expected).all()


def test_no_test_no_finding() -> None:
    assert benjamini_hochberg([], 0.05).size == benjamini_yekutieli([], 0.05).size == 0


def test_a_step_up_rescues_what_stands_with_its_neighbours() -> None:
    # 0.04 and 0.045 exceed 0.05 / 2 alone; the second is within 2/2 x 0.05 and takes the first along
    assert benjamini_hochberg([0.04, 0.045], 0.05).tolist() == [True, True]
    assert benjamini_yekutieli([0.04, 0.045], 0.05).tolist() == [False, False]


def test_false_discoveries_are_held() -> None:
    random = np.random.default_rng(2)
    found = sum(benjamini_hochberg(random.uniform(size=500), 0.05).any() for _ in range(300))
    assert found / 300 <= 0.08
