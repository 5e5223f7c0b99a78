"""The shape of traffic in time: working hours, seasons, bursts, decline, growth and the spike."""

from datetime import date, timedelta

import numpy as np
import pytest

from simulator.core import AICallSimulator
from simulator.scenarios.burst_traffic import BurstTraffic
from simulator.scenarios.gradual_decline import GradualDecline
from simulator.scenarios.month_start import MonthStart
from simulator.scenarios.product_launch import ProductLaunch
from simulator.scenarios.seasonal_pattern import SeasonalPattern
from simulator.scenarios.steady_growth import SteadyGrowth
from simulator.scenarios.viral_spike import ViralSpike
from simulator.scenarios.weekend_heavy import WeekendHeavy
from tests.simulator.simulated import END, all_calls, days_of, hours_of


def daily_calls(simulator):
    """Calls by day, without drawing anything else about them."""
    slots = list(simulator.traffic.batches())
    days = np.concatenate([part.day for part in slots])
    return np.bincount(
        days, weights=np.concatenate([part.calls for part in slots]), minlength=simulator.num_days
    )


def test_base_85_percent_fall_into_working_hours():
    hours = hours_of(all_calls(AICallSimulator(end_date=END)))
    assert ((hours >= 8) & (hours < 18)).mean() == pytest.approx(0.85, abs=0.008)


def test_base_a_weekend_day_has_70_percent_of_a_weekday():
    simulator = AICallSimulator(200, 28, end_date=END)
    calls, weekday = daily_calls(simulator), simulator.calendar.weekday
    assert calls[weekday >= 5].mean() / calls[weekday < 5].mean() == pytest.approx(0.70, abs=0.02)
    assert simulator.calendar.first == END - timedelta(days=27)
    assert weekday[0] == simulator.calendar.first.weekday()


def test_seasonal_days_of_the_week_lie_30_percent_off_the_mean():
    simulator = SeasonalPattern(400, 84, end_date=END, month_end_swing=0.0)
    calls = daily_calls(simulator)
    means = np.array([calls[simulator.calendar.weekday == day].mean() for day in range(7)])
    assert means.max() / means.mean() == pytest.approx(1.30, abs=0.02)
    assert means.min() / means.mean() == pytest.approx(0.70, abs=0.02)
    assert means.argmax() == 2
    assert means.argmin() == 6


def test_seasonal_hours_lie_50_percent_off_the_mean_with_two_peaks():
    hours = np.bincount(hours_of(all_calls(SeasonalPattern(300, 28, end_date=END))), minlength=24)
    peaks = [10, 11, 12, 13, 18, 19]
    assert set(np.argsort(hours)[-6:].tolist()) == set(peaks)
    night = [0, 1, 2, 3, 4, 5, 23]
    assert hours[peaks].mean() / hours.mean() == pytest.approx(1.5, abs=0.03)
    assert hours[night].mean() / hours.mean() == pytest.approx(0.5, abs=0.03)


def test_seasonal_month_ends_lie_20_percent_above_and_middles_below():
    simulator = SeasonalPattern(300, 365, end_date=date(2025, 12, 31), weekly_swing=0.0)
    calls, days = daily_calls(simulator), simulator.calendar.dates
    last = np.array([(day + timedelta(days=1)).day == 1 for day in days])
    middle = np.array([day.day in {15, 16} for day in days])
    assert calls[last].mean() / calls.mean() == pytest.approx(1.20, abs=0.03)
    assert calls[middle].mean() / calls.mean() == pytest.approx(0.80, abs=0.03)


def test_seasons_can_be_turned_off():
    weights = SeasonalPattern(
        5, 10, end_date=END, weekly_swing=0, daily_swing=0, month_end_swing=0
    ).hour_weights()
    assert (weights == 1.0).all()


@pytest.mark.parametrize(("days", "bursts"), [(1, 1), (30, 2), (100, 8), (365, 29)])
def test_bursts_fall_on_eight_percent_of_days(days, bursts):
    found = BurstTraffic(5, days, end_date=END).bursts
    assert len(found) == bursts
    assert len({burst.day for burst in found}) == bursts


def test_bursts_last_one_to_three_hours_at_five_to_twenty_times_over_seeds():
    found = [burst for seed in range(60) for burst in BurstTraffic(5, 60, seed, end_date=END).bursts]
    assert {burst.hours for burst in found} == {1, 2, 3}
    assert min(burst.factor for burst in found) == pytest.approx(5, abs=0.5)
    assert max(burst.factor for burst in found) == pytest.approx(20, abs=0.5)
    assert all(5 <= burst.factor <= 20 and burst.hour + burst.hours <= 24 for burst in found)


def test_a_burst_multiplies_the_calls_of_the_whole_service():
    simulator = BurstTraffic(1_000, 21, end_date=END)
    calls = all_calls(simulator)
    table = np.zeros((21, 24), dtype=np.int64)
    np.add.at(table, (days_of(simulator, calls), hours_of(calls)), 1)
    assert simulator.bursts
    for burst in simulator.bursts:
        day = (burst.day - simulator.calendar.first).days
        weekend = (simulator.calendar.weekday >= 5) == (burst.day.weekday() >= 5)
        quiet = [other for other in np.flatnonzero(weekend) if other not in _burst_days(simulator)]
        hours = slice(burst.hour, burst.hour + burst.hours)
        ratio = table[day, hours].sum() / table[quiet, hours].sum() * len(quiet)
        assert ratio == pytest.approx(burst.factor, rel=0.1)
        caught = (days_of(simulator, calls) == day) & (hours_of(calls) == burst.hour)
        assert len(set(calls["customer"][caught].tolist())) > 250


def _burst_days(simulator):
    return {(burst.day - simulator.calendar.first).days for burst in simulator.bursts}


@pytest.mark.parametrize(("customers", "churned"), [(1, 0), (10, 2), (40, 8), (100, 20)])
def test_exactly_a_fifth_churns(customers, churned):
    simulator = GradualDecline(customers, end_date=END)
    assert len({churn.customer for churn in simulator.churns}) == churned
    assert all(churn.day > simulator.calendar.first for churn in simulator.churns)
    assert all(churn.day <= END for churn in simulator.churns)


def test_churn_days_are_spread_from_the_second_to_the_last_day():
    found = [churn.day for seed in range(60) for churn in GradualDecline(seed=seed, end_date=END).churns]
    first = END - timedelta(days=29)
    assert {(day - first).days for day in found} == set(range(1, 30))


def test_a_single_day_has_no_churn():
    assert GradualDecline(40, 1, end_date=END).churns == ()


def test_who_churned_calls_before_and_never_after():
    simulator = GradualDecline(end_date=END)
    calls = all_calls(simulator)
    days = days_of(simulator, calls)
    for churn in simulator.churns:
        own = days[calls["customer"] == churn.customer]
        assert len(own) >= 1
        assert own.max() < (churn.day - simulator.calendar.first).days


def test_everybody_may_leave():
    simulator = GradualDecline(20, 10, end_date=END, churn_share=1.0)
    assert len(simulator.churns) == 20
    days = days_of(simulator, all_calls(simulator))
    assert days.max() < max((churn.day - simulator.calendar.first).days for churn in simulator.churns)


def test_who_stays_calls_two_percent_less_each_day():
    simulator = GradualDecline(1_000, 28, end_date=END)
    calls = all_calls(simulator)
    stayed = ~np.isin(calls["customer"], [churn.customer for churn in simulator.churns])
    days = np.bincount(days_of(simulator, calls)[stayed], minlength=28)
    weeks = np.log(days.reshape(4, 7).sum(axis=1))
    assert np.exp(np.polyfit(np.arange(4) * 7, weeks, 1)[0]) == pytest.approx(0.98, abs=0.002)


def test_growth_rises_each_day_and_newcomers_do_not_call_before_they_join():
    simulator = SteadyGrowth(1_000, 28, end_date=END)
    calls = all_calls(simulator)
    days, joined = days_of(simulator, calls), simulator.joined
    assert (joined > 0).sum() == 300
    assert (days >= joined[calls["customer"]]).all()
    old = np.bincount(days[joined[calls["customer"]] == 0], minlength=28)
    weeks = np.log(old.reshape(4, 7).sum(axis=1))
    assert np.exp(np.polyfit(np.arange(4) * 7, weeks, 1)[0]) == pytest.approx(1.015, abs=0.002)


def test_the_spike_multiplies_per_day_and_halves():
    simulator = ViralSpike(1_000, 28, end_date=END)
    calls, weights = daily_calls(simulator), AICallSimulator(1, 28, end_date=END).hour_weights().sum(axis=1)
    rate = calls / weights
    day = (simulator.spike.day - simulator.calendar.first).days
    usual = rate[:day].mean()
    assert rate[day] / usual == pytest.approx(8.0, rel=0.03)
    assert rate[day + 2] / usual == pytest.approx(1 + 7 / 2, rel=0.03)
    assert rate[day + 4] / usual == pytest.approx(1 + 7 / 4, rel=0.03)


def rates_of(simulator):
    """Calls of each day over the base pattern's weight of it."""
    weights = AICallSimulator(1, simulator.num_days, end_date=END).hour_weights().sum(axis=1)
    return daily_calls(simulator) / weights


def test_a_weekend_heavy_service_is_three_times_as_busy_on_weekends():
    simulator = WeekendHeavy(1_000, 28, end_date=END)
    calls, weekend = daily_calls(simulator), simulator.calendar.weekday >= 5
    assert calls[weekend].mean() / calls[~weekend].mean() == pytest.approx(3.0, rel=0.02)


def test_a_launch_is_a_lasting_step_on_its_day():
    simulator = ProductLaunch(1_000, 28, end_date=END)
    rate, day = rates_of(simulator), (simulator.launch - simulator.calendar.first).days
    assert 28 // 3 <= day < 28 - 28 // 3
    assert rate[day:].mean() / rate[:day].mean() == pytest.approx(2.5, rel=0.02)
    assert rate[day:].min() > 2 * rate[:day].max()


def test_the_first_two_days_of_a_month_are_busy():
    simulator = MonthStart(1_000, 60, end_date=END)
    rate = rates_of(simulator)
    busy = np.array([day.day <= 2 for day in simulator.calendar.dates])
    assert busy.sum() == 4
    assert rate[busy].mean() / rate[~busy].mean() == pytest.approx(4.0, rel=0.03)
    assert rate[busy].min() > 3 * rate[~busy].max()
