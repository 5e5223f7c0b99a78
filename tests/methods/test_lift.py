import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.lift import feature_pairs, fisher_greater


@given(st.integers(1, 60), st.data())
def test_the_test_is_scipys_fisher(total: int, data: st.DataObject) -> None:
    from scipy import stats

    first, second = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    both = data.draw(st.integers(max(0, first + second - total), min(first, second)))
    table = [[both, first - both], [second - both, total - first - second + both]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert fisher_greater(both, first, second, total) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_lift_by_hand() -> None:
    # of 20 customers 10 use a, 8 use b, 8 both: 8 x 20 / (10 x 8) = 2
    users = {"a": set(range(10)), "b": set(range(8))}
    (pair,) = feature_pairs(users, 20, least_support=3)
    assert (pair.both, pair.lift, pair.support) == (8, 2.0, 0.4)
    assert pair.significant


def test_independent_features_are_no_bundle() -> None:
    users = {"a": set(range(10)), "b": set(range(5, 15))}
    (pair,) = feature_pairs(users, 20, least_support=1)
    assert pair.lift == 1.0
    assert not pair.significant


def test_the_support_floor_is_at_n() -> None:
    users = {"a": {1, 2, 3}, "b": {1, 2, 3}}
    assert len(feature_pairs(users, 50, least_support=3)) == 1
    assert feature_pairs(users, 50, least_support=4) == ()


def test_everybody_uses_everything_says_nothing() -> None:
    users = {name: set(range(30)) for name in "abc"}
    pairs = feature_pairs(users, 30, least_support=2)
    assert len(pairs) == 3
    assert all(pair.lift == 1 and pair.p_value == 1 and not pair.significant for pair in pairs)


@pytest.mark.parametrize("users", [{}, {"a": {1}}, {"a": {1}, "b": {2}}])
def test_one_feature_one_customer_no_pair(users: dict[str, set[int]]) -> None:
    assert feature_pairs(users, 2, least_support=0) == ()


def test_many_pairs_by_chance_are_held_back() -> None:
    import numpy as np

    random = np.random.default_rng(5)
    used = random.random((20, 100)) < 0.3
    users = {name: set(np.flatnonzero(row).tolist()) for name, row in enumerate(used)}
    assert sum(pair.significant for pair in feature_pairs(users, 100, least_support=3)) <= 1
