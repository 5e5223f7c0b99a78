"""Days with far fewer calls, and calls that stopped."""

import numpy as np
import pytest

from methods.anomaly import Rule
from methods.count_tail import lower_tail
from methods.falls import find_falls

WEEKEND = np.tile([100.0, 100, 100, 100, 100, 40, 40], 6)


def noisy(means: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(means).astype(float)


@pytest.mark.parametrize(
    ("count", "mean", "deviation"), [(3, 12.0, 2.0), (3, 12.0, 6.0), (0, 5.0, 4.0), (90, 120.0, 30.0)]
)
def test_the_lower_tail_is_scipys(count: int, mean: float, deviation: float) -> None:
    from scipy import stats

    variance = deviation**2
    theirs = (
        stats.poisson.cdf(count, mean)
        if variance <= mean
        else stats.nbinom.cdf(count, mean**2 / (variance - mean), mean / variance)
    )
    assert lower_tail(count, mean, deviation) == pytest.approx(theirs, rel=1e-9)


def test_the_lower_tail_of_large_counts_is_normal() -> None:
    from scipy import stats

    assert lower_tail(28_000, 30_000.0, 1_000.0) == pytest.approx(stats.norm.cdf(28_000.5, 30_000, 1_000))


def test_a_day_of_a_fifth_is_a_fall_and_its_dollars_are_missing() -> None:
    calls = noisy(WEEKEND)
    calls[30] = 20
    [found] = find_falls([calls], [calls * 0.5], Rule())
    assert (found.series, found.first, found.last, found.calls, found.stopped) == (0, 30, 30, 20, False)
    assert found.expected_calls == pytest.approx(
        83, abs=8
    )  # the mean of four weeks is below that of a weekday
    assert found.missing_usd == pytest.approx((found.expected_calls - 20) * 0.5)
    assert found.least_z < -3.5


def test_weekends_and_noise_are_no_falls() -> None:
    many = np.array([noisy(WEEKEND, seed) for seed in range(60)])
    assert find_falls(many, many, Rule()) == ()


@pytest.mark.parametrize(("part", "fell"), [(0.45, True), (0.6, False)])
def test_more_than_half_is_no_fall(part: float, fell: bool) -> None:
    calls = np.full(42, 1000.0)
    calls[30] *= part
    assert bool(find_falls([calls], [calls], Rule())) is fell


def test_fall_days_next_to_each_other_are_one() -> None:
    calls = np.full(42, 1000.0)
    calls[[30, 31, 33]] = 50
    [found] = find_falls([calls], [calls], Rule())
    assert (found.first, found.last) == (30, 33)


@pytest.mark.parametrize(("silent", "stopped"), [(6, False), (7, True)])
def test_a_week_of_silence_of_a_daily_series_is_a_stop(silent: int, stopped: bool) -> None:
    calls = np.full(40, 3.0)
    calls[40 - silent :] = 0
    ended = [fall for fall in find_falls([calls], [calls * 2], Rule(modified_z=100)) if fall.stopped]
    assert bool(ended) is stopped
    if stopped:
        assert (ended[0].first, ended[0].last, ended[0].calls, ended[0].least_z) == (33, 39, 0, None)
        assert (ended[0].expected_calls, ended[0].missing_usd) == pytest.approx((21, 42))


def test_silence_that_habits_explain_is_no_stop() -> None:
    calls = np.zeros(42)
    calls[::7] = 5  # once a week
    calls[35:] = 0
    assert find_falls([calls], [calls], Rule()) == ()


def test_a_series_that_comes_late_has_two_weeks_first() -> None:
    calls = np.zeros(42)
    calls[20:] = 1000
    calls[30] = 50
    assert find_falls([calls], [calls], Rule()) == ()


def test_the_dollar_floor_holds() -> None:
    calls = np.full(42, 1000.0)
    calls[30] = 0
    assert find_falls([calls], [calls / 1000], Rule(floor_usd=1.01)) == ()
    assert len(find_falls([calls], [calls / 1000], Rule(floor_usd=0.99))) == 1
