"""The revenue rule: 30-day blocks from first to last activity, prorated, and never one month against a longer file."""

import itertools
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.revenue.paid import Account, Billing, Month, billing, price_list, prorated
from analyzers.usage.sums import Usage

PRICES = {"starter": Decimal(29), "pro": Decimal(99), "enterprise": Decimal(299)}


def revenue(make_calls, rows, customer="ann", prices=PRICES):
    found = billing(make_calls(rows), prices)
    return next(account for account in found.accounts if account.customer == customer).revenue_usd


def spanning(last_day):
    """A customer that keeps the period open until `last_day`, counted from 0."""
    return [{"customer_id": "zoe", "day": 0}, {"customer_id": "zoe", "day": last_day}]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, "0.966666667"),  # 29 / 30
        (29, "28.033333333"),  # 29 * 29 / 30
        (30, "29"),
        (31, "29.966666667"),  # 29 + 29 / 30
        (45, "43.5"),
        (59, "57.033333333"),
        (60, "58"),
        (61, "58.966666667"),
    ],
)
def test_every_30_days_bring_one_price_and_the_rest_is_prorated(make_calls, days, expected):
    assert revenue(make_calls, [{"day": 0}, {"day": days - 1}]) == Decimal(expected)


def test_two_months_of_use_are_not_compared_with_one_price(make_calls):
    rows = [{"day": day, "cost_usd": "20"} for day in (0, 59)]
    account = billing(make_calls(rows), PRICES).accounts[0]
    assert account.revenue_usd == 58
    assert account.margin_usd == 58 - 40  # one month's price would make this a loss of 11


def test_who_churned_stops_paying_and_who_came_late_did_not_pay_before(make_calls):
    rows = [*spanning(89), {"day": 3}, {"customer_id": "ben", "day": 70}]
    assert revenue(make_calls, rows) == 29
    assert revenue(make_calls, rows, "ben") == 29
    assert revenue(make_calls, rows, "zoe") == 87


def test_a_silent_month_between_two_active_ones_is_paid(make_calls):
    assert revenue(make_calls, [{"day": 1}, {"day": 75}, *spanning(89)]) == 87


def test_activity_on_the_last_day_of_a_block_and_the_first_of_the_next(make_calls):
    assert revenue(make_calls, [{"day": 29.99}, *spanning(59)]) == 29
    assert revenue(make_calls, [{"day": 29.99}, {"day": 30}, *spanning(59)]) == 58


def test_the_files_price_goes_before_the_price_list(make_calls):
    assert revenue(make_calls, [{"tier_price_usd": "49"}, *spanning(29)]) == 49
    assert revenue(make_calls, [{"tier_price_usd": "0"}, *spanning(29)]) == 0


def test_an_unknown_plan_has_unknown_revenue_not_zero(make_calls):
    rows = [{"subscription_tier": "gold"}, {"customer_id": "ben", "subscription_tier": ""}, *spanning(29)]
    assert revenue(make_calls, rows) is None
    assert revenue(make_calls, rows, "ben") is None
    assert revenue(make_calls, rows, prices=PRICES | {"gold": Decimal(7)}) == 7


def test_who_changes_plan_pays_each_month_what_its_last_call_names(make_calls):
    rows = [
        {"day": 0},
        {"day": 20, "subscription_tier": "pro"},
        {"day": 31, "subscription_tier": "pro"},
        {"day": 35, "subscription_tier": "enterprise"},
        *spanning(59),
    ]
    account = billing(make_calls(rows), PRICES).accounts[0]
    assert [month.plan for month in account.months] == ["pro", "enterprise"]
    assert account.revenue_usd == 99 + 299
    assert (account.plan, account.monthly_usd) == ("enterprise", 299)


def test_per_month_that_names_no_plan_takes_the_one_before_or_the_first_named(make_calls):
    unnamed = {"subscription_tier": ""}
    rows = [{"day": 0, **unnamed}, {"day": 31}, {"day": 62, **unnamed}, *spanning(89)]
    assert [month.plan for month in billing(make_calls(rows), PRICES).accounts[0].months] == ["starter"] * 3


def test_a_change_to_a_plan_without_price_makes_the_revenue_unknown(make_calls):
    assert revenue(make_calls, [{"day": 0}, {"day": 31, "subscription_tier": "gold"}, *spanning(59)]) is None


def test_calls_without_a_customer_are_unallocated(make_calls):
    rows = [
        {},
        {"customer_id": "", "cost_usd": "3", "organization_id": "acme"},
        {"customer_id": "", "cost_usd": ""},
    ]
    found = billing(make_calls(rows), PRICES)
    assert [account.customer for account in found.accounts] == ["ann"]
    assert found.unallocated_use == Usage(
        calls=2, priced_calls=1, cost_usd=Decimal(3), input_tokens=1600, output_tokens=400, priced_tokens=1000
    )
    assert found.use.cost_usd == Decimal("3.01")


def test_a_cost_that_is_nowhere_known_is_unknown_and_a_free_call_is_not(make_calls):
    rows = [{"cost_usd": ""}, {"customer_id": "ben", "cost_usd": "0"}]
    ann, ben = billing(make_calls(rows), PRICES).accounts
    assert (ann.use.known_cost_usd, ann.margin_usd) == (None, None)
    assert ben.use.known_cost_usd == 0


def test_the_price_list_is_that_of_the_settings(settings):
    assert price_list(settings) == PRICES


def account_of(months):
    return Account("ann", tuple(months), Usage(), (("acme", Usage()),), date(2026, 9, 1), date(2026, 9, 1))


@given(
    prices=st.lists(st.decimals(0, 500, places=2), min_size=1, max_size=4),
    last_days=st.integers(1, 30),
    cuts=st.lists(st.integers(0, 120), max_size=5),
)
def test_adjoining_spans_of_days_add_up_to_the_revenue(prices, last_days, cuts):
    lengths = [30] * (len(prices) - 1) + [last_days]
    account = account_of(
        Month(number, days, f"plan{number}", price)
        for number, (price, days) in enumerate(zip(prices, lengths, strict=True))
    )
    bounds = sorted({0, sum(lengths), *(cut for cut in cuts if cut < sum(lengths))})
    parts = [part for low, high in itertools.pairwise(bounds) for part in account.plans_between(low, high)]
    assert sum(revenue for _, _, revenue in parts) == account.revenue_usd
    assert account.revenue_usd == sum(
        (price * days / 30).quantize(Decimal("1e-9"), ROUND_HALF_EVEN)
        for price, days in zip(prices, lengths, strict=True)
    )


ACTIVITY = st.lists(
    st.tuples(st.sampled_from(["ann", "ben", "cid", ""]), st.integers(0, 91)), min_size=1, max_size=25
)


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(activity=ACTIVITY)
def test_revenue_equals_a_count_of_blocks_by_hand(make_calls, activity):
    plans = {"ann": "starter", "ben": "pro", "cid": "enterprise", "": ""}
    found = billing(
        make_calls(
            [{"customer_id": who, "day": day, "subscription_tier": plans[who]} for who, day in activity]
        ),
        PRICES,
    )
    start, end = min(day for _, day in activity), max(day for _, day in activity)
    blocks = defaultdict(set)
    for who, day in activity:
        blocks[who].add((day - start) // 30)
    blocks.pop("", None)
    expected = {
        who: sum(
            (PRICES[plans[who]] * min(30, end - start + 1 - 30 * block) / 30).quantize(Decimal("1e-9"))
            for block in range(min(numbers), max(numbers) + 1)
        )
        for who, numbers in blocks.items()
    }
    assert {account.customer: account.revenue_usd for account in found.accounts} == expected
    assert found.use.calls == len(activity)


def test_a_prorated_price_is_rounded_half_even_to_nine_decimals_once():
    assert prorated(Decimal(29), 19) == Decimal("18.366666667")
    assert prorated(Decimal("0.000000015"), 30) == Decimal("0.000000015")
    assert prorated(Decimal("0.000000005"), 3) == Decimal("0")  # 0.5e-9 goes to the even neighbour


def test_current_means_active_in_the_last_block(make_calls):
    found: Billing = billing(
        make_calls([{"day": 29}, *spanning(30), {"customer_id": "ben", "day": 30}]), PRICES
    )
    assert {account.customer: found.is_current(account) for account in found.accounts} == {
        "ann": False,
        "ben": True,
        "zoe": True,
    }
    assert {account.customer: found.pace_days(account) for account in found.accounts} == {
        "ann": 2,
        "ben": 1,
        "zoe": 31,
    }
