"""Dated plans of a customers file: what they say is what a customer pays, day by day."""

from decimal import Decimal

import pytest

from analyzers.revenue.paid import billing
from calls.reading.customer_lines import read_lines
from foundation.outcome import UsageError

NINE = Decimal("1e-9")
SEPTEMBER = [{"customer_id": who, "day": day} for who in ("ann", "ben") for day in range(30)]


@pytest.fixture
def paid(make_calls, tmp_path):
    """The revenue of each customer of two, who call every day of September, under a customers file."""

    def paid(text, rows=SEPTEMBER):
        path = tmp_path / "customers.csv"
        path.write_text(text)
        found = billing(make_calls(rows, customers=path), {"starter": Decimal(29)})
        return {account.customer: account.revenue_usd for account in found.accounts}

    return paid


def test_plans_follow_each_other_and_hold_side_by_side(paid):
    """15 days at 29 and 15 at 299 are 164; five seats at 12 are 60 a month; ben is in no line of the file."""
    found = paid(
        "customer_id,subscription_tier,tier_price_usd,quantity,from,until\n"
        "ann,starter,29,,,2026-09-15\n"
        "ann,enterprise,299,1,2026-09-16,\n"
        "ann,seats,12,5,2026-01-01,2027-01-01\n"
    )
    assert found == {"ann": Decimal(164 + 60), "ben": Decimal(29)}


def test_a_plan_is_paid_with_calls_or_without(paid):
    """Ann calls on the first day alone and pays for all 61 days; ben's plan ends with September."""
    rows = [{"day": 0}, {"customer_id": "ben", "day": 0}, {"customer_id": "ben", "day": 60}]
    found = paid("customer_id,tier_price_usd,from,until\nann,29,,\nben,30,2026-09-01,2026-09-30\n", rows)
    assert found == {"ann": Decimal(58), "ben": Decimal(30)}


def test_a_plan_of_another_time_pays_nothing_now(paid):
    found = paid("customer_id,tier_price_usd,from,until\nann,29,2025-01-01,2025-12-31\nben,30,,\n")
    assert found == {"ann": Decimal(0), "ben": Decimal(30)}


def test_a_plan_without_a_price_takes_the_price_lists_or_none(paid):
    found = paid("customer_id,subscription_tier,from\nann,starter,\nben,gold,\n")
    assert found == {"ann": Decimal(29), "ben": None}


def test_a_file_without_days_says_the_plan_and_calls_say_the_days(paid):
    rows = [{"day": 0}, {"customer_id": "ben", "day": 60}]
    assert paid("customer_id,tier_price_usd\nann,30\nben,31\n", rows) == {
        "ann": Decimal(30),
        "ben": Decimal(31),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "customer_id,price,currency,from\nann,29,EUR,\n",
            r"line 2: the price is in EUR; write it in US dollars",
        ),
        ("customer_id,price,from\nann,29,01/11/2026\n", r"line 2: from is 01/11/2026; write a day such as"),
        (
            "customer_id,price,from,until\nann,29,2026-11-02,2026-11-01\n",
            r"until 2026-11-01 lies before from",
        ),
        ("customer_id,price,quantity\nann,29,-1\n", r"quantity is -1; allowed is 0 to"),
        ("customer_id,price,from\nann,29,\nann,29,\n", r"line 3: customer ann stands twice"),
        ("customer_id,price,tier_price_usd\nann,29,\n", r"both tier_price_usd and price"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(tmp_path, text, words):
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(UsageError, match=words):
        read_lines(tmp_path / "c.csv")
