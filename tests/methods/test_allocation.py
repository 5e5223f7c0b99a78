from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.allocation import largest_remainder, round_together

money = st.decimals(min_value=0, max_value=1_000_000, places=9)


def test_thirds_of_a_dollar_add_up() -> None:
    parts = largest_remainder([Decimal(1)] * 3, Decimal("1.00"))
    assert parts == (Decimal("0.34"), Decimal("0.33"), Decimal("0.33"))


def test_the_largest_remainder_takes_the_cent() -> None:
    # 10 cents by 1 : 2 : 6 = 1.11, 2.22, 6.67 cents: 6.67 has the largest remainder
    parts = largest_remainder([Decimal(1), Decimal(2), Decimal(6)], Decimal("0.10"))
    assert parts == (Decimal("0.01"), Decimal("0.02"), Decimal("0.07"))


def test_nothing_to_weigh_by_splits_evenly() -> None:
    assert largest_remainder([Decimal(0)] * 2, Decimal("0.03")) == (Decimal("0.02"), Decimal("0.01"))


def test_a_credit_is_split_as_its_positive_counterpart() -> None:
    weights = [Decimal(1), Decimal(1), Decimal(1)]
    charged = largest_remainder(weights, Decimal("1.00"))
    assert largest_remainder(weights, Decimal("-1.00")) == tuple(-part for part in charged)


def test_nobody_takes_nothing() -> None:
    assert largest_remainder([], Decimal(0)) == ()


@pytest.mark.parametrize(
    ("weights", "total"),
    [([], "0.01"), ([Decimal(-1), Decimal(2)], "1"), ([Decimal(1)], "0.001")],
    ids=["nobody", "negative", "finer than a cent"],
)
def test_what_cannot_be_split_is_refused(weights: list[Decimal], total: str) -> None:
    with pytest.raises(ValueError, match=r"split|negative|multiple"):
        largest_remainder(weights, Decimal(total))


@given(st.lists(money, min_size=1, max_size=30), st.integers(-(10**9), 10**9))
def test_parts_add_up_and_stay_within_a_cent_of_their_share(weights: list[Decimal], cents: int) -> None:
    total = Decimal(cents).scaleb(-2)
    parts = largest_remainder(weights, total)
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - total * weight / whole) < Decimal("0.010001")


@given(st.lists(st.decimals(min_value=-1000, max_value=1000, places=9), max_size=30))
def test_rounding_together_keeps_the_rounded_sum(amounts: list[Decimal]) -> None:
    parts = round_together(amounts)
    assert sum(parts) == sum(amounts, Decimal(0)).quantize(Decimal("0.01"))
    assert all(abs(part - amount) < Decimal("0.01") for part, amount in zip(parts, amounts, strict=True))
