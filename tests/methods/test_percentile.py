import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.percentile import (
    EXACT_LIMIT,
    binomial_quantile,
    interval_ranks,
    percentile,
    percentile_of_counts,
)

floats = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(floats, min_size=1, max_size=60), st.floats(0, 1))
def test_the_rule_is_numpys_default(values: list[float], share: float) -> None:
    assert percentile(values, share) == pytest.approx(float(np.quantile(values, share)), rel=1e-9, abs=1e-6)


@given(st.lists(st.tuples(floats, st.integers(0, 9)), min_size=1, max_size=20), st.floats(0, 1))
def test_a_histogram_gives_what_its_values_give(pairs: list[tuple[float, int]], share: float) -> None:
    values, counts = zip(*pairs, strict=True)
    if not sum(counts):
        return
    expected = float(np.quantile(np.repeat(values, counts), share))
    assert percentile_of_counts(values, counts, share) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_no_value_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="at least one"):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile([1.0], 1.5)


@pytest.mark.parametrize("size", [1, 2, 5, 20, 100, 1000, EXACT_LIMIT, EXACT_LIMIT + 1, 1_000_000])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 0.99])
def test_binomial_quantiles_are_scipys(size: int, share: float) -> None:
    from scipy import stats

    for probability in (0.025, 0.5, 0.975):
        assert abs(
            binomial_quantile(probability, size, share) - stats.binom.ppf(probability, size, share)
        ) <= (0 if size <= EXACT_LIMIT else 1)


def test_interval_of_a_median_of_ten_is_the_textbooks() -> None:
    # P(2 <= B <= 8) for B ~ Binomial(10, 1/2) is 1 - 2 x 11/1024 = 97.9 %: the 2nd and the 9th value
    assert interval_ranks(10, 0.5) == (2, 9)


def test_the_interval_covers_the_true_percentile_as_often_as_it_says() -> None:
    from scipy import stats

    random = np.random.default_rng(7)
    truth = stats.lognorm.ppf(0.95, 1)
    low, high = interval_ranks(200, 0.95)
    found = [np.sort(random.lognormal(0, 1, 200)) for _ in range(400)]
    covered = sum(values[low - 1] <= truth <= values[high - 1] for values in found) / len(found)
    assert 0.94 <= covered <= 0.995


def test_a_small_sample_has_no_upper_bound() -> None:
    assert interval_ranks(3, 0.99)[1] == 4
    assert percentile([1.0, 2.0, 3.0], 0.99) == pytest.approx(2.98)


def test_one_value_is_every_percentile() -> None:
    assert [percentile([7.0], share) for share in (0, 0.5, 1)] == [7.0, 7.0, 7.0]
