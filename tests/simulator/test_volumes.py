"""How many calls and customers there are, over seeds and at the bounds of what can be asked for."""

import os
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from foundation.outcome import UsageError
from simulator.call_writer import WORKERS_MAX, write_calls
from simulator.core import SUBSCRIPTION_TIERS, AICallSimulator
from simulator.models import ROSTER
from simulator.population import ARCHETYPES, populate
from simulator.scenarios.burst_traffic import BurstTraffic
from simulator.scenarios.gradual_decline import GradualDecline
from simulator.scenarios.seasonal_pattern import SeasonalPattern
from simulator.traffic import BATCH_CALLS
from tests.simulator.simulated import ALL, DAY_US, END, QUICK_START, all_calls, days_of


@pytest.mark.parametrize(
    ("pattern", "customers", "calls"),
    [
        (AICallSimulator, 100, 45_000),
        (SeasonalPattern, 50, 32_500),
        (BurstTraffic, 30, 29_000),
        (GradualDecline, 40, 35_400),
    ],
)
def test_volumes_at_the_defaults_are_within_five_percent_for_any_seed(pattern, customers, calls):
    totals = [pattern(seed=seed, end_date=END).total_calls for seed in range(40)]
    assert min(totals) >= 0.95 * calls
    assert max(totals) <= 1.05 * calls
    assert len(set(totals)) > 20
    assert abs(np.mean(totals) / calls - 1) < 0.01
    assert pattern().num_customers == customers
    assert pattern().num_days == 30


@pytest.mark.parametrize("seed", [1, 42])
def test_together_220_customers_make_over_140_000_calls_to_7_models_of_3_providers(seed):
    calls = [all_calls(pattern(seed=seed, end_date=END)) for pattern in QUICK_START]
    assert sum(len(set(part["customer"].tolist())) for part in calls) == 220
    assert sum(len(part["customer"]) for part in calls) > 140_000
    for part in calls:
        assert set(part["model"].tolist()) == set(range(7))
    assert len({model.provider for model in ROSTER}) == 3


@pytest.mark.parametrize("pattern", ALL)
@pytest.mark.parametrize(("customers", "days"), [(1, 1), (1, 2), (3, 1), (300, 1), (2, 40)])
def test_every_customer_calls_and_no_day_is_missed(pattern, customers, days):
    simulator = pattern(customers, days, 3, end_date=END)
    calls = all_calls(simulator)
    assert set(calls["customer"].tolist()) == set(range(customers))
    assert len(calls["customer"]) == simulator.total_calls
    assert days_of(simulator, calls).min() == 0
    assert days_of(simulator, calls).max() == days - 1
    assert (np.diff(calls["time_us"]) >= 0).all()


def test_customers_that_hardly_call_are_still_there():
    class Sleepy(AICallSimulator):
        name = "sleepy"
        calls_per_day = 0.001

    calls = all_calls(Sleepy(500, 1, end_date=END))
    assert sorted(calls["customer"].tolist()) == list(range(500))


def test_per_year_has_365_days_and_the_last_is_the_end_date():
    simulator = AICallSimulator(2, 365, end_date=date(2024, 2, 29))
    calls = all_calls(simulator)
    assert simulator.calendar.first == date(2023, 3, 2)
    assert set(days_of(simulator, calls).tolist()) == set(range(365))
    assert np.datetime64(int(calls["time_us"].max()), "us").astype("datetime64[D]") == np.datetime64(
        "2024-02-29"
    )


def test_volumes_scale_with_customers_and_days():
    assert AICallSimulator(200, 60, end_date=END).total_calls == pytest.approx(4 * 45_000, rel=0.05)


def test_many_calls_come_in_batches_that_join_without_a_gap():
    simulator = AICallSimulator(4_000, 12, end_date=END)
    sizes = [batch.size for batch in simulator.batches()]
    assert sum(sizes) == simulator.total_calls
    assert len(sizes) >= 3
    assert max(sizes) <= 1.5 * BATCH_CALLS


def test_an_hour_too_large_for_one_batch_is_cut():
    class Rush(AICallSimulator):
        name = "rush"

        def hour_weights(self):
            weights = np.zeros((self.num_days, 24))
            weights[0, 12] = 1.0
            return weights

    simulator = Rush(40_000, 1, end_date=END)
    batches = list(simulator.batches())
    assert max(batch.size for batch in batches) <= 1.5 * BATCH_CALLS
    hours = {int(hour) for batch in batches for hour in np.unique(batch.time_us % DAY_US // (DAY_US // 24))}
    assert hours == {12}
    assert sum(batch.size for batch in batches) == simulator.total_calls
    keys = np.concatenate([batch.call_key for batch in batches])
    assert len(np.unique(keys)) == len(keys)


@pytest.mark.slow
def test_no_more_batches_are_drawn_ahead_than_there_are_workers(tmp_path):
    simulator = AICallSimulator(1_000, 60, end_date=END)
    assert len(list(simulator.traffic.batches())) > 5
    begun, finished, most = [0], [0], [0]
    lock = threading.Lock()

    def counted(draw):
        def drawn():
            with lock:
                begun[0] += 1
                most[0] = max(most[0], begun[0] - finished[0])
            return draw()

        return drawn

    def advance(_):
        with lock:
            finished[0] += 1

    draws = map(counted, simulator._draws())
    write_calls(draws, simulator.spelling, tmp_path / "calls.csv", append=False, advance=advance)
    assert begun == finished
    assert most[0] <= min(os.cpu_count(), WORKERS_MAX) + 1


def test_the_last_day_is_yesterday_and_no_call_lies_in_the_future():
    simulator = AICallSimulator(3, 2)
    now = datetime.now(UTC)
    assert simulator.calendar.dates[-1] == now.date() - timedelta(days=1)
    assert all_calls(simulator)["time_us"].max() < now.timestamp() * 1_000_000


@pytest.mark.parametrize(
    "arguments",
    [
        {"num_customers": 0},
        {"num_customers": -1},
        {"num_days": 0},
        {"num_days": 3_661},
        {"seed": -1},
        {"end_date": datetime.now(UTC).date() + timedelta(days=1)},
        {"tier_prices": {"gold": Decimal(1)}},
        {"no_such_knob": 1.0},
    ],
)
def test_what_cannot_be_simulated_is_refused(arguments):
    with pytest.raises(UsageError):
        AICallSimulator(**arguments)


def test_a_knob_out_of_bounds_is_refused_and_names_its_flag():
    with pytest.raises(UsageError, match="--burst-share"):
        BurstTraffic(burst_share=1.01)
    assert BurstTraffic(burst_share=1.0).settings["burst_share"] == 1.0


def test_plan_prices_are_those_of_the_price_file():
    assert SUBSCRIPTION_TIERS == {"starter": 29, "pro": 99, "enterprise": 299}


@pytest.mark.parametrize("size", [10, 30, 100, 220])
def test_archetypes_have_their_shares_and_plans(size):
    people = populate(size, np.random.default_rng(4))
    counts = np.bincount(people.archetype, minlength=3)
    assert counts.tolist() == [round(0.7 * size), round(0.2 * size), round(0.1 * size)]
    assert [archetype.plan for archetype in ARCHETYPES] == ["starter", "pro", "enterprise"]
    assert people.outgrown.sum() == round(0.1 * size)
    assert not (people.outgrown & (people.archetype == 2)).any()
    assert 8 <= people.organizations <= 10
    assert len(set(people.organization.tolist())) == people.organizations
