import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.commitment import best_level, break_even_month, commitment_plan, outcome, regret

demands = st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=40)


@given(demands, st.floats(0.01, 0.95))
def test_no_other_level_costs_less(demand: list[float], discount: float) -> None:
    chosen = outcome(demand, best_level(demand, discount), discount)
    others = [outcome(demand, level, discount).cost for level in (0.0, *demand)]
    assert chosen.cost <= min(others) + 1e-6


@given(demands, st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_the_level_is_the_quantile_of_hourly_demand(demand: list[float], discount: float) -> None:
    assert best_level(demand, discount) == np.quantile(demand, discount, method="inverted_cdf")


def test_an_outcome_by_hand() -> None:
    # demand 10, 20, 30; 20 committed at 25 % off: 3 x 20 x 0.75 = 45 and 10 over = 55 instead of 60
    got = outcome([10.0, 20.0, 30.0], 20.0, 0.25)
    assert (got.used, got.over, got.committed) == (50, 10, 60)
    assert got.cost == pytest.approx(55)
    assert got.saving == pytest.approx(5)
    assert got.coverage == pytest.approx(50 / 60)
    assert got.utilisation == pytest.approx(50 / 60)
    assert got.effective_savings_rate == pytest.approx(5 / 60)


def test_at_break_even_utilisation_nothing_is_won() -> None:
    plan = commitment_plan([10.0] * 4, 0.25)
    assert plan.break_even_utilisation == pytest.approx(0.75)
    assert outcome([7.5] * 4, 10.0, 0.25).saving == pytest.approx(0)
    assert outcome([7.4] * 4, 10.0, 0.25).saving < 0


def test_idle_hours_keep_a_bursty_demand_uncommitted() -> None:
    assert best_level([0.0] * 8 + [100.0] * 2, 0.8) == 0
    assert best_level([0.0] * 7 + [100.0] * 3, 0.8) == 100


def test_the_curve_holds_its_least_and_the_stress_case() -> None:
    demand = [5.0, 10.0, 15.0, 40.0]
    plan = commitment_plan(demand, 0.5, steps=10)
    assert min(point.cost for point in plan.curve) == plan.chosen.cost
    assert [point.level for point in plan.curve] == sorted(point.level for point in plan.curve)
    assert plan.fewer.demand == pytest.approx(0.8 * 70)
    assert plan.fewer.level == plan.chosen.level


@pytest.mark.parametrize("nothing", [[], [0.0], [0.0] * 24])
def test_no_demand_no_commitment(nothing: list[float]) -> None:
    plan = commitment_plan(nothing, 0.3)
    assert plan.chosen.level == plan.chosen.saving == 0
    assert (plan.chosen.coverage, plan.chosen.utilisation, plan.chosen.effective_savings_rate) == (
        None,
        None,
        None,
    )


def test_regret_against_hindsight() -> None:
    # the first half says 10, the second half needs 20: hindsight commits 20
    got = regret([10.0] * 4 + [20.0] * 4, 0.25)
    assert got is not None
    assert (got.chosen.level, got.best.level) == (10, 20)
    assert got.units == pytest.approx((4 * 7.5 + 40) - 4 * 15)
    assert regret([1.0], 0.25) is None


@given(demands, st.floats(0.05, 0.9))
def test_regret_is_never_negative(demand: list[float], discount: float) -> None:
    got = regret(demand, discount)
    assert got is None or got.units >= -1e-6


@pytest.mark.parametrize(
    ("demand", "discount", "month"),
    [
        ([10.0, 10.0, 10.0, 10.0], 0.25, 9),  # all used: 9 of 12 months pay 12 months at three quarters
        ([10.0, 10.0, 10.0, 6.0], 0.25, 10),  # 0.9 used: 12 x 0.75 / 0.9 = 10
        ([10.0, 10.0, 10.0, 0.0], 0.25, 12),  # just at the break-even utilisation
        ([10.0, 10.0, 0.0, 0.0], 0.25, None),  # half used: never
    ],
)
def test_the_month_that_pays_the_term(demand: list[float], discount: float, month: int | None) -> None:
    assert break_even_month(outcome(demand, 10, discount), 12) == month


def test_no_commitment_breaks_even_in_no_month() -> None:
    assert break_even_month(outcome([1.0, 2.0], 0, 0.25), 12) is None
