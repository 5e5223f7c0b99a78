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
    percentile_with_interval,
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
    got = percentile_with_interval(range(1, 11), 0.5)
    assert (got.low, got.value, got.high) == (2, 5.5, 9)


def test_the_interval_covers_the_true_percentile_as_often_as_it_says() -> None:
    from scipy import stats

    random = np.random.default_rng(7)
    truth = stats.lognorm.ppf(0.95, 1)
    found = [percentile_with_interval(random.lognormal(0, 1, 200), 0.95) for _ in range(400)]
    covered = sum(p.low <= truth <= p.high for p in found) / len(found)  # type: ignore[operator]
    assert 0.94 <= covered <= 0.995


def test_a_small_sample_has_no_upper_bound() -> None:
    got = percentile_with_interval([1.0, 2.0, 3.0], 0.99)
    assert got.high is None
    assert got.value == pytest.approx(2.98)


def test_the_minimum_sample_is_at_n_not_at_n_plus_one() -> None:
    assert percentile_with_interval([1.0] * 19, 0.5, minimum=20).value is None
    assert percentile_with_interval([1.0] * 20, 0.5, minimum=20).value == 1.0
    assert percentile_with_interval([], 0.5).value is None


def test_one_value_is_every_percentile() -> None:
    assert [percentile([7.0], share) for share in (0, 0.5, 1)] == [7.0, 7.0, 7.0]


def test_an_interval_of_a_histogram_is_that_of_its_values() -> None:
    random = np.random.default_rng(3)
    values = random.integers(0, 30, 500)
    distinct, counts = np.unique(values, return_counts=True)
    assert percentile_with_interval(distinct, 0.9, counts=counts) == percentile_with_interval(values, 0.9)
