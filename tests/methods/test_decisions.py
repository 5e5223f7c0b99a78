"""Frontier, elasticity and error budget: three small methods that support decisions."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.elasticity import break_even_volume_change, portfolio_band
from methods.frontier import Contender, beats, standings
from methods.slo import ErrorBudget, fastest_burn


class TestFrontier:
    def test_by_hand(self) -> None:
        cheap, quick, beaten = (
            Contender("cheap", 1, 900),
            Contender("quick", 9, 100),
            Contender("beaten", 9, 900),
        )
        got = {each.contender.key: each.beaten_by for each in standings([beaten, quick, cheap])}
        assert got == {"cheap": None, "quick": None, "beaten": cheap}

    def test_equals_do_not_beat_each_other(self) -> None:
        assert all(each.on_frontier for each in standings([Contender("a", 1, 1), Contender("b", 1, 1)]))

    def test_one_and_none(self) -> None:
        assert standings([Contender("only", 5, 5)])[0].on_frontier
        assert standings([]) == ()

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
    def test_who_is_off_the_frontier_is_beaten_by_someone_on_it(self, points: list[tuple[int, int]]) -> None:
        got = standings([Contender(index, *point) for index, point in enumerate(points)])
        on_frontier = {each.contender.key for each in got if each.on_frontier}
        assert on_frontier
        for each in got:
            if each.beaten_by is None:
                assert not any(beats(other.contender, each.contender) for other in got)
            else:
                assert each.beaten_by.key in on_frontier


class TestElasticity:
    def test_break_even_of_the_textbook(self) -> None:
        # 10 % more expensive at a margin of 40 %: 0.1 / 0.5 = 20 % of the customers may go
        assert break_even_volume_change(0.10, 0.40) == pytest.approx(-0.20)
        assert break_even_volume_change(-0.10, 0.40) == pytest.approx(1 / 3)
        assert break_even_volume_change(-0.40, 0.40) is None

    @given(st.floats(-0.2, 1), st.floats(0.25, 0.95))
    def test_at_break_even_the_profit_is_as_before(self, change: float, margin: float) -> None:
        volume = break_even_volume_change(change, margin)
        assert volume is not None
        assert (1 + volume) * (1 + change - (1 - margin)) == pytest.approx(margin)

    def test_a_band_lies_between_the_ends_of_the_range(self) -> None:
        got = portfolio_band([1000], [1100], [400], (-2.0, -0.5))
        ends = sorted(1.1**e * (1100 - 400) for e in (-2.0, -0.5))
        assert ends[0] < got.low < got.middle < got.high < ends[1]
        assert got.middle == pytest.approx(
            np.mean([1.1**e * 700 for e in np.linspace(-2, -0.5, 1001)]), rel=0.02
        )

    def test_no_change_of_price_changes_nothing(self) -> None:
        got = portfolio_band([1000], [1000], [400], (-2.0, -0.5))
        assert (got.low, got.middle, got.high, got.loses) == (600, 600, 600, 0)

    def test_how_often_it_loses(self) -> None:
        # a rise of 10 % at 60 % margin breaks even where 1.1^e = 600 / 700, that is e = -1.617
        limit = np.log(600 / 700) / np.log(1.1)
        got = portfolio_band([1000], [1100], [400], (-2.0, -0.5))
        assert got.loses == pytest.approx((limit + 2.0) / 1.5, abs=0.03)

    def test_a_point_is_a_range_too(self) -> None:
        got = portfolio_band([1000], [1100], [400], (-1.0, -1.0))
        assert got.low == got.high == pytest.approx(700 / 1.1)


class TestErrorBudget:
    def test_by_hand(self) -> None:
        # 1,000 calls at 95 %: 50 may be bad, 20 were
        budget = ErrorBudget(1000, 20, 0.95)
        assert budget.compliance == pytest.approx(0.98)
        assert budget.allowed == pytest.approx(50)
        assert budget.remaining == pytest.approx(0.6)
        assert budget.burn_rate == pytest.approx(0.4)

    def test_overspent_is_negative(self) -> None:
        assert ErrorBudget(100, 10, 0.95).remaining == pytest.approx(-1)

    def test_no_calls_no_figure(self) -> None:
        empty = ErrorBudget(0, 0, 0.95)
        assert (empty.compliance, empty.remaining, empty.burn_rate) == (None, None, None)

    def test_the_fastest_hour_has_enough_calls_and_is_the_first_of_equals(self) -> None:
        start = datetime(2024, 2, 29, 23, tzinfo=UTC)
        hours = [start + timedelta(hours=index) for index in range(4)]
        rows = [(hours[0], 9, 9), (hours[1], 10, 2), (hours[2], 20, 4), (hours[3], 10, 1)]
        found = fastest_burn(rows, 0.9, least_calls=10)
        assert found is not None
        assert found.hour == datetime(2024, 3, 1, 0, tzinfo=UTC)
        assert found.budget.burn_rate == pytest.approx(2)

    def test_no_bad_call_burns_nothing(self) -> None:
        assert fastest_burn([(datetime(2024, 1, 1, tzinfo=UTC), 100, 0)], 0.9, 1) is None
        assert fastest_burn([], 0.9, 1) is None
