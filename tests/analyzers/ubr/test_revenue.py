"""The revenue rule: calendar months from first to last activity, by day, and never one month against a longer file."""

import itertools
from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.revenue.paid import Account, Billing, billing, price_list
from analyzers.revenue.plan_lines import Span, months_of, prorated
from analyzers.usage.sums import Usage
from settings.loader import load_settings

NINE = Decimal("1e-9")
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
        (30, "29"),  # September
        (31, "29.935483871"),  # 29 + 29 / 31
        (45, "43.032258065"),  # 29 + 29 * 15 / 31
        (60, "57.064516129"),
        (61, "58"),  # September and October
        (91, "87"),  # and November
    ],
)
def test_a_calendar_month_brings_one_price_and_a_part_of_it_its_share_of_the_days(make_calls, days, expected):
    assert revenue(make_calls, [{"day": day} for day in range(days)]) == Decimal(expected)


def test_two_months_of_use_are_not_compared_with_one_price(make_calls):
    rows = [{"day": day, "cost_usd": "20"} for day in (0, 60)]
    account = billing(make_calls(rows), PRICES).accounts[0]
    assert account.revenue_usd == 58
    assert account.margin_usd == 58 - 40  # one month's price would make this a loss of 11


def test_who_churned_stops_paying_and_who_came_late_did_not_pay_before(make_calls):
    rows = [*spanning(90), {"day": 3}, {"customer_id": "ben", "day": 70}]
    assert revenue(make_calls, rows) == 29
    assert revenue(make_calls, rows, "ben") == 29
    assert revenue(make_calls, rows, "zoe") == 87


def test_a_silent_month_between_two_active_ones_is_paid(make_calls):
    assert revenue(make_calls, [{"day": 1}, {"day": 75}, *spanning(90)]) == 87


def test_who_called_in_the_last_30_days_is_no_churned_customer(make_calls):
    """Files to 30 and 31 October: 29 and 30 days after the last call, on 1 October and on 30 September."""
    assert revenue(make_calls, [{"day": 29}, *spanning(58)]) == 29 + (Decimal(29) * 29 / 31).quantize(NINE)
    assert revenue(make_calls, [{"day": 29}, *spanning(59)]) == 29
    assert revenue(make_calls, [{"day": 30}, *spanning(60)]) == 29


def test_the_files_price_goes_before_the_price_list(make_calls):
    assert revenue(make_calls, [{"tier_price_usd": "49"}, *spanning(29)]) == 49
    assert revenue(make_calls, [{"tier_price_usd": "0"}, *spanning(29)]) == 0


def test_an_unknown_plan_has_unknown_revenue_not_zero(make_calls):
    rows = [{"subscription_tier": "gold"}, {"customer_id": "ben", "subscription_tier": ""}, *spanning(29)]
    assert revenue(make_calls, rows) is None
    assert revenue(make_calls, rows, "ben") is None
    assert revenue(make_calls, rows, prices=PRICES | {"gold": Decimal(7)}) == 7


def daily(customer, plan, first, last, **values):
    return [
        {"customer_id": customer, "subscription_tier": plan, "day": day, **values}
        for day in range(first, last + 1)
    ]


class TestPlansByDay:
    """September has 30 days: a day of starter is 29/30, of pro 99/30, of enterprise 299/30."""

    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            ([*daily("ann", "starter", 0, 14), *daily("ann", "enterprise", 15, 29)], "164"),
            ([*daily("ann", "enterprise", 0, 14), *daily("ann", "starter", 15, 29)], "164"),
            ([*daily("ann", "starter", 0, 28), *daily("ann", "enterprise", 29, 29)], "38"),
            (
                [
                    *daily("ann", "trial", 0, 13, tier_price_usd="0"),
                    *daily("ann", "pro", 14, 29, tier_price_usd="99"),
                ],
                "52.8",
            ),
            ([*daily("ann", "pro", 0, 29), *daily("ann", "starter", 0, 29)], "128"),
            (daily("ann", "pro", 0, 29), "99"),
        ],
        ids=["upgrader", "downgrader", "last day", "trial", "two plans", "steady"],
    )
    def test_changes_count_by_day(self, make_calls, rows, expected):
        assert revenue(make_calls, rows) == Decimal(expected)

    def test_on_the_day_of_a_change_the_new_plan_holds(self, make_calls):
        rows = [
            *daily("ann", "starter", 0, 10),
            *daily("ann", "pro", 11, 29),
            {"day": 10.5, "subscription_tier": "pro"},
        ]
        assert revenue(make_calls, rows) == (Decimal(29) * 10 / 30 + Decimal(99) * 20 / 30).quantize(NINE)

    def test_a_plan_beside_another_is_paid_from_the_day_it_is_named(self, make_calls):
        """Pro all month, starter beside it on the last 10 days: 99 + 29 / 3."""
        rows = [*daily("ann", "pro", 0, 29), *daily("ann", "starter", 20, 29)]
        assert revenue(make_calls, rows) == 99 + (Decimal(29) / 3).quantize(NINE)

    def test_days_without_a_call_are_on_the_plan_before(self, make_calls):
        """Starter named on the 1st, pro on the 21st: 20 days and 10."""
        rows = [{"day": 0}, {"day": 20, "subscription_tier": "pro"}, *spanning(29)]
        assert revenue(make_calls, rows) == (Decimal(29) * 20 / 30).quantize(NINE) + 33

    def test_a_plan_named_without_its_price_is_no_other_plan(self, make_calls):
        rows = [*daily("ann", "pro", 0, 29, tier_price_usd="60"), *daily("ann", "pro", 0, 29)]
        assert revenue(make_calls, rows) == 60

    def test_the_account_ends_on_the_plan_of_its_last_day(self, make_calls):
        rows = [*daily("ann", "starter", 0, 14), *daily("ann", "enterprise", 15, 40)]
        account = billing(make_calls(rows), PRICES).accounts[0]
        assert [month.plan for month in account.months] == ["enterprise", "enterprise"]
        assert (account.plan, account.monthly_usd, account.billed_days) == ("enterprise", 299, 41)


def test_days_that_name_no_plan_take_the_one_before_or_the_first_named(make_calls):
    unnamed = {"subscription_tier": ""}
    rows = [{"day": 0, **unnamed}, {"day": 31}, {"day": 62, **unnamed}, *spanning(90)]
    assert [month.plan for month in billing(make_calls(rows), PRICES).accounts[0].months] == ["starter"] * 3


def test_only_prices_that_the_user_gives_are_used(make_calls, settings):
    """The shipped plans are those of the simulators, which write their prices into the calls."""
    calls = make_calls([{"day": day} for day in range(30)])
    (own,) = billing(calls, price_list(settings)).accounts
    (shipped,) = billing(calls, price_list(load_settings())).accounts
    assert (own.revenue_usd, shipped.revenue_usd) == (29, None)


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


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(
    spans=st.lists(st.tuples(DAYS, DAYS, st.decimals(0, 500, places=2)), min_size=1, max_size=4),
    cuts=st.lists(DAYS, max_size=5),
)
def test_adjoining_days_add_up_to_the_revenue(spans, cuts):
    months = months_of([Span(f"plan{price}", price, min(a, b), max(a, b)) for a, b, price in spans])
    account = Account("ann", months, Usage(), (("acme", Usage()),), date(2026, 9, 1), date(2026, 9, 1))
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    bounds = sorted({first, *cuts, last + timedelta(days=1)})
    parts = [
        part
        for low, high in itertools.pairwise(bounds)
        for part in account.plans_between(low, high - timedelta(days=1))
    ]
    assert sum(revenue for _, _, revenue in parts) == account.revenue_usd
    assert account.revenue_usd == sum(
        (price * days / length).quantize(NINE, ROUND_HALF_EVEN)
        for a, b, price in spans
        for days, length in days_of_months(min(a, b), max(a, b))
    )


def days_of_months(first, last):
    """How many days of each calendar month lie from the first to the last day, and how long it is."""
    found = defaultdict(int)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        found[day.year, day.month] += 1
    return [(days, monthrange(*month)[1]) for month, days in found.items()]


ACTIVITY = st.lists(
    st.tuples(st.sampled_from(["ann", "ben", "cid", ""]), st.integers(0, 91)), min_size=1, max_size=25
)


@pytest.mark.slow
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(activity=ACTIVITY)
def test_revenue_equals_a_count_of_days_by_hand(make_calls, activity):
    plans = {"ann": "starter", "ben": "pro", "cid": "enterprise", "": ""}
    found = billing(
        make_calls(
            [{"customer_id": who, "day": day, "subscription_tier": plans[who]} for who, day in activity]
        ),
        PRICES,
    )
    begin = date(2026, 9, 1)
    start, end = (begin + timedelta(days=pick(day for _, day in activity)) for pick in (min, max))
    seen = defaultdict(set)
    for who, day in activity:
        seen[who].add(begin + timedelta(days=day))
    seen.pop("", None)
    expected = {}
    for who, days in seen.items():
        last = max(days)
        until = end if (end - last).days < 30 else last.replace(day=monthrange(last.year, last.month)[1])
        paid = days_of_months(max(start, min(days).replace(day=1)), min(end, until))
        expected[who] = sum((PRICES[plans[who]] * n / length).quantize(NINE) for n, length in paid)
    assert {account.customer: account.revenue_usd for account in found.accounts} == expected
    assert found.use.calls == len(activity)


def test_a_prorated_price_is_rounded_half_even_to_nine_decimals_once():
    assert prorated(Decimal(29), 19, 30) == Decimal("18.366666667")
    assert prorated(Decimal("0.000000015"), 31, 31) == Decimal("0.000000015")
    assert prorated(Decimal("0.000000005"), 3, 30) == Decimal("0")  # 0.5e-9 goes to the even neighbour


def test_current_means_billed_to_the_end(make_calls):
    found: Billing = billing(
        make_calls([{"day": 29}, *spanning(60), {"customer_id": "ben", "day": 31}]), PRICES
    )
    assert {account.customer: found.is_current(account) for account in found.accounts} == {
        "ann": False,
        "ben": True,
        "zoe": True,
    }
    assert {account.customer: found.pace_days(account) for account in found.accounts} == {
        "ann": 32,
        "ben": 30,
        "zoe": 61,
    }
