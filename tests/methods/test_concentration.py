from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.concentration import concentration, pareto, top_share, whale_curve

D = Decimal


def amounts(*values: int) -> list[Decimal]:
    return [D(value) for value in values]


def test_one_has_all() -> None:
    got = concentration(amounts(5))
    assert (got.top_share, got.herfindahl, got.effective_count) == (1, 1, 1)


def test_equal_shares_count_as_many_as_they_are() -> None:
    got = concentration(amounts(2, 2, 2, 2))
    assert got.herfindahl == pytest.approx(0.25)
    assert got.effective_count == pytest.approx(4)


def test_by_hand() -> None:
    # shares 1/2, 3/10, 1/5: 0.25 + 0.09 + 0.04
    assert concentration(amounts(50, 30, 20)).herfindahl == pytest.approx(0.38)
    assert top_share(amounts(20, 50, 30), 2) == pytest.approx(0.8)


@pytest.mark.parametrize("nothing", [[], [D(0), D(0)]])
def test_nothing_to_share_has_no_index(nothing: list[Decimal]) -> None:
    got = concentration(nothing)
    assert (got.herfindahl, got.top_share, got.effective_count) == (None, None, None)


def test_a_credit_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        concentration(amounts(1, -1))


def test_a_whale_curve_rises_and_falls() -> None:
    curve = whale_curve(amounts(-30, 50, 0, 40, -10))
    assert curve.cumulative == tuple(amounts(50, 90, 90, 80, 50))
    assert (curve.peak, curve.lost, curve.total) == (90, 40, 50)


def test_a_whale_curve_of_losses_only_starts_at_zero() -> None:
    curve = whale_curve(amounts(-1, -2))
    assert (curve.peak, curve.lost) == (0, 3)
    assert whale_curve([]).total == 0


@given(st.lists(st.decimals(-1000, 1000, places=9), min_size=1, max_size=40))
def test_curves_end_at_the_total(values: list[Decimal]) -> None:
    assert pareto(values)[-1] == sum(values)
    assert whale_curve(values).peak - whale_curve(values).lost == sum(values)
