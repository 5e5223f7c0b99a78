"""Costs of simulated calls are rates x counts, exactly; and the economics are those of a real product."""

import csv
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.outcome import UsageError
from settings.loader import load_settings
from settings.pricing import Pricing
from settings.rates import Model, Price
from simulator.core import AICallSimulator
from simulator.costs import Usage, half_even, rate_table
from simulator.models import ROSTER
from simulator.population import ARCHETYPES
from tests.simulator.simulated import END, QUICK_START, all_calls

PRICING = load_settings().pricing
MTOK = 1_000_000


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("money") / "calls.csv"
    AICallSimulator(40, 4, 11, end_date=END).write(path)
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def expected_cost(row):
    rate = PRICING.rate(
        row["provider"], row["model"], date.fromisoformat(row["timestamp"][:10]), int(row["input_tokens"])
    )
    cached, written = int(row["cached_input_tokens"]), int(row["cache_write_tokens"])
    exact = (
        (int(row["input_tokens"]) - cached - written) * rate.input_usd_per_mtok
        + cached * rate.cached_input_usd_per_mtok
        + written * rate.cache_write_usd_per_mtok
        + int(row["output_tokens"]) * rate.output_usd_per_mtok
    ) / MTOK
    return exact.quantize(Decimal("0.000000001"), ROUND_HALF_EVEN)


def test_each_cost_in_the_file_is_rates_times_counts_to_the_last_digit(rows):
    assert len(rows) > 2_000
    assert {(row["provider"], row["model"]) for row in rows} == {model.name for model in ROSTER}
    for row in rows:
        assert Decimal(row["cost_usd"]) == expected_cost(row), row
        assert len(row["cost_usd"].partition(".")[2]) == 9


def test_the_totals_are_the_sum_of_the_file(rows, tmp_path):
    totals = AICallSimulator(40, 4, 11, end_date=END).write(tmp_path / "again.csv")
    assert totals.cost_usd == sum(Decimal(row["cost_usd"]) for row in rows)
    assert totals.calls == len(rows)
    assert totals.customers == 40 == len({row["customer_id"] for row in rows})
    assert totals.input_tokens == sum(int(row["input_tokens"]) for row in rows)
    assert totals.output_tokens == sum(int(row["output_tokens"]) for row in rows)
    assert f"{totals.first:%Y-%m-%dT%H:%M:%S.%fZ}" == rows[0]["timestamp"]
    assert f"{totals.last:%Y-%m-%dT%H:%M:%S.%fZ}" == rows[-1]["timestamp"]


def test_each_customer_has_the_price_of_its_plan_and_one_organization(rows):
    prices = {plan.id: plan.monthly_usd for plan in PRICING.plan}
    assert all(Decimal(row["tier_price_usd"]) == prices[row["subscription_tier"]] for row in rows)
    assert len({(row["customer_id"], row["organization_id"], row["subscription_tier"]) for row in rows}) == 40


@given(st.integers(0, 10**15), st.integers(1, 10**6).map(lambda half: 2 * half))
def test_half_even_is_that_of_fractions(number, divisor):
    assert half_even(np.array([number]), divisor).tolist() == [round(Fraction(number, divisor))]


@pytest.mark.parametrize(
    ("number", "rounded"), [(499, 0), (500, 0), (501, 1), (1_500, 2), (2_500, 2), (2_501, 3)]
)
def test_half_even_at_the_tie(number, rounded):
    assert half_even(np.array([number]), 1_000).tolist() == [rounded]


def dated(valid_from, dollars, above=-1):
    rate = Decimal(dollars)
    return Price(valid_from, valid_from, "test", rate, rate, rate, rate, rate, above)


def pricing_with(*prices):
    model = Model("openai", "m", "openai", "standard", prices)
    return Pricing(PRICING.provider, (model,), PRICING.plan, PRICING.offer)


def costs_of(pricing, first, days, usage):
    table = rate_table(pricing, [("openai", "m")], first, max(days) + 1)
    tokens = np.array(usage)
    nothing = np.zeros_like(tokens)
    model = np.zeros(len(usage), dtype=np.uint8)
    return table.nano_usd(np.array(days), model, Usage(tokens, nothing, nothing, nothing)).tolist()


def test_per_call_costs_what_held_on_its_day_and_before_the_first_price_the_first():
    start = date(2026, 3, 1)
    pricing = pricing_with(dated(start + timedelta(days=2), "1"), dated(start + timedelta(days=4), "3"))
    costs = costs_of(pricing, start, [0, 1, 2, 3, 4, 5], [MTOK] * 6)
    assert costs == [dollars * 10**9 for dollars in (1, 1, 1, 1, 3, 3)]


def test_long_prompts_cost_more_from_the_first_token_above_the_limit():
    start = date(2026, 3, 1)
    pricing = pricing_with(dated(start, "1"), dated(start, "2", above=100_000))
    assert costs_of(pricing, start, [0, 0], [100_000, 100_001]) == [100_000 * 1_000, 100_001 * 2_000]


def test_a_rate_below_a_nano_dollar_per_token_is_rounded_once_for_the_call():
    start = date(2026, 3, 1)
    pricing = pricing_with(
        dated(start, "0.0375")
    )  # 37.5 nano-dollars a thousandth of a token ... 0.0375 USD / Mtok
    assert costs_of(pricing, start, [0, 0, 0], [1, 2, 4]) == [38, 75, 150]
    assert costs_of(pricing, start, [0], [3]) == [112]  # 112.5, to the even


def test_a_model_without_a_price_is_refused_by_name():
    with pytest.raises(UsageError, match="openai/m"):
        rate_table(Pricing(PRICING.provider, (), PRICING.plan, PRICING.offer), [("openai", "m")], END, 1)


def test_cost_margin_and_losses_are_those_of_a_real_product_over_seeds():
    for seed in (1, 11, 19, 42):
        costs, revenues, calls = [], [], 0
        for pattern in QUICK_START:
            simulator = pattern(seed=seed, end_date=END)
            made = all_calls(simulator)
            costs.append(np.bincount(made["customer"], made["cost_nano_usd"] / 1e9, simulator.num_customers))
            prices = np.array([float(simulator.tier_prices[archetype.plan]) for archetype in ARCHETYPES])
            revenues.append(prices[simulator.population.archetype])
            calls += len(made["customer"])
        cost, revenue = np.concatenate(costs), np.concatenate(revenues)
        assert 0.03 <= cost.sum() / calls <= 0.06
        assert 0.50 <= 1 - cost.sum() / revenue.sum() <= 0.65
        assert 0.07 <= (cost > revenue).mean() <= 0.13
