"""Next month's margin: certain where nothing moves, as wide as the forecast, moved by what customers' shares did."""

import numpy as np
import pytest

from methods.forecast import forecast
from methods.level_change import Changes, changes, expected, variance_a_day
from methods.loss_risk import CHUNK, T_80, loss_risks


def test_the_share_of_t_is_scipys() -> None:
    from scipy import stats

    assert pytest.approx(stats.t.ppf(0.9, 3), rel=1e-4) == T_80


def test_steady_use_is_certain() -> None:
    cheap, costly = loss_risks(np.ones((2, 30)), [40.0, 20.0])
    assert (cheap.margin.low, cheap.margin.high, cheap.probability_of_loss) == pytest.approx((10, 10, 0))
    assert (costly.margin.low, costly.margin.high, costly.probability_of_loss) == pytest.approx((-10, -10, 1))


def test_one_customer_is_as_uncertain_as_the_forecast_of_its_cost() -> None:
    days = np.random.default_rng(3).gamma(6, 5, 60)
    total = forecast(days.tolist(), 30).total(30)
    (risk,) = loss_risks([days], [total.amount], draws=20_000)
    half = total.interval_80.high - total.amount
    assert (risk.margin.low, risk.margin.high) == pytest.approx((-half, half), rel=0.05)
    assert risk.probability_of_loss == pytest.approx(0.5, abs=0.02)


def test_the_probability_is_that_of_t_around_the_forecast() -> None:
    from scipy import stats

    days = np.random.default_rng(3).gamma(6, 5, 60)
    total = forecast(days.tolist(), 30).total(30)
    half = total.interval_80.high - total.amount
    (risk,) = loss_risks([days], [total.amount + 2 * half], draws=20_000)
    assert risk.probability_of_loss == pytest.approx(stats.t.sf(2 * T_80, 3), abs=0.004)


def test_no_revenue_and_no_cost_is_no_loss() -> None:
    (got,) = loss_risks([[0.0] * 30], [0.0])
    assert (got.margin.low, got.margin.high, got.probability_of_loss) == (0, 0, 0)


def test_a_newcomer_is_judged_by_its_own_days() -> None:
    late = np.zeros(40)
    late[20:] = 2
    risk = loss_risks([np.ones(40), late], [0.0, 0.0], [0, 20])[1]
    assert (risk.margin.low, risk.margin.high) == pytest.approx((-60, -60))


def test_a_falling_share_goes_on_falling_as_far_as_it_is_no_noise() -> None:
    """Half of twenty customers went from $3 to $1 a day, the others from $1 to $3: together all stayed the same."""
    days = np.random.default_rng(4).normal(1, 0.05, (20, 30))
    days[:10, :15] *= 3
    days[10:, 15:] *= 3
    risks = loss_risks(days, np.full(20, 60.0))
    falling, rising = (np.mean([risk.margin.high + risk.margin.low for risk in part]) / 2
                       for part in (risks[:10], risks[10:]))  # fmt: skip
    assert falling > rising + 15
    assert all(risk.margin.high - risk.margin.low > 40 for risk in risks)


def test_more_customers_than_are_drawn_at_once_are_all_judged_in_order() -> None:
    count = CHUNK + 1
    risks = loss_risks(np.ones((count, 20)), np.arange(count, dtype=float), draws=10)
    assert [risk.margin.low for risk in risks] == pytest.approx((np.arange(count) - 30.0).tolist())


def test_the_interval_holds_the_next_month_of_customers_whose_levels_wander() -> None:
    random = np.random.default_rng(8)
    held = []
    for _ in range(15):
        levels = np.exp(np.cumsum(random.normal(0, 0.05, (40, 60)), axis=1))
        days = levels * random.gamma(4, 0.25, (40, 60))
        for risk, cost in zip(loss_risks(days[:, :30], np.zeros(40)), days[:, 30:].sum(axis=1), strict=True):
            held.append(risk.margin.low <= -cost <= risk.margin.high)
    assert 0.72 <= np.mean(held) <= 0.9


def test_a_change_is_the_logarithm_of_the_shares_of_both_halves() -> None:
    index = np.array([5.0, 10, 10, 20, 20])  # an odd first day is left out
    got = changes(np.array([[9.0, 1, 1, 4, 4], [0, 0, 0, 1, 1]]), index)
    assert got.logs.tolist() == pytest.approx([np.log(2), 0])
    assert got.noise.tolist() == [0, np.inf]
    assert got.days == 4


def test_the_variance_of_a_walk_is_found_again_and_that_of_noise_is_none() -> None:
    random = np.random.default_rng(5)
    walks = np.exp(np.cumsum(random.normal(0, 0.04, (400, 60)), axis=1))
    noise = random.gamma(4, 0.25, (400, 60))
    flat = np.full(60, 400.0)
    assert variance_a_day([changes(walks * noise, flat)]) == pytest.approx(0.04**2, rel=0.2)
    assert variance_a_day([changes(noise, flat)]) < 0.01**2
    assert variance_a_day([changes(walks[:1] * noise[:1], flat)]) == 0


def test_what_is_expected_of_a_walk_is_that_of_many_walks() -> None:
    steps = np.random.default_rng(6).normal(0, 1, (20_000, 90))
    walks = np.cumsum(steps, axis=1)
    change = walks[:, 30:60].mean(axis=1) - walks[:, :30].mean(axis=1)
    ahead = walks[:, 60:].mean(axis=1) - walks[:, :60].mean(axis=1)
    slope = (change * ahead).mean() / (change**2).mean()
    told = expected(Changes(np.array([1.0]), np.array([0.0]), 60), 1.0, 30)
    assert told.mean[0] == pytest.approx(slope, rel=0.05)
    assert told.deviation[0] == pytest.approx((ahead - slope * change).std(), rel=0.05)
