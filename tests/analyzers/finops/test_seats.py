"""Seats: a fee by the calendar, the calls under it at list price, and the two never added."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from analyzers.finops.understanding import FinopsUnderstanding
from foundation.outcome import UsageError
from reporting.document import Note, Table, Value
from settings.loader import load_settings
from settings.model import Seat

D = Decimal
REPORT = FinopsUnderstanding()


def seat(name="assistant", monthly="30", first=date(2026, 1, 1), **values):
    return Seat(name, D(monthly), first, **values)


@pytest.fixture
def analyzed(make_calls, settings):
    """September and October 1 to 10: $5 a day of the assistant, $2 a day of everything else."""
    rows = [{"day": day, "cost_usd": "5", "product_id": "assistant"} for day in range(40)]
    rows += [{"day": day, "cost_usd": "2"} for day in range(40)]
    calls = make_calls(rows)

    def analyzed(*seats):
        return REPORT.analyze(calls, dataclasses.replace(settings, seat=seats))

    return analyzed


def test_a_fee_goes_by_the_calendar_and_is_never_added_to_list_prices(analyzed):
    """Ten seats at $31: $310 of September, 10 of 31 days of October, $100. 40 x 5 = $200 at list price, 40 x 2 = $80 else."""
    result = analyzed(seat(monthly="31", seats=10, product="assistant"))
    found = result.seats
    assert (found.fees_usd, found.covered.cost_usd, found.other_usd) == (410, 200, 80)
    assert found.paid_usd == 490
    assert result.total.cost_usd == 280
    document = REPORT.document(result)
    blocks = [b for s in document.sections if s.id == "seats" for b in s.blocks]
    assert isinstance(blocks[0], Note)
    assert "$80.00 for calls under no subscription and $410.00 of fees, $490.00" in blocks[0].text
    assert isinstance(blocks[1], Table)
    ratio = blocks[1].rows[0].cells[-1]
    assert isinstance(ratio, Value)
    assert ratio.amount == D(200) / 410


def test_a_subscription_covers_the_days_that_it_is_paid(analyzed):
    """From 21 September to 5 October: 10 of 30 days and 5 of 31, and 15 days of calls."""
    found = analyzed(
        seat(monthly="30", first=date(2026, 9, 21), until=date(2026, 10, 5), product="assistant")
    ).seats
    assert found.fees_usd == 10 + (D(150) / 31).quantize(D("1e-9"))
    assert (found.covered.cost_usd, found.other_usd) == (75, 205)


def test_a_call_under_two_entries_belongs_to_the_first(analyzed):
    found = analyzed(seat("one", product="assistant"), seat("two", provider="openai"), seat("three")).seats
    assert [each.usage.cost_usd for each in found.seats] == [200, 80, 0]
    assert [each.covers_calls for each in found.seats] == [True, True, False]


def test_a_subscription_of_another_time_costs_nothing(analyzed):
    found = analyzed(seat(first=date(2027, 1, 1), product="assistant")).seats
    assert (found.fees_usd, found.covered.calls) == (0, 0)


def test_without_seats_there_is_no_section(analyzed):
    result = analyzed()
    assert result.seats is None
    assert "seats" not in [section.id for section in REPORT.document(result).sections]


def test_seats_are_set_in_a_file(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('[[seat]]\nname = "a"\nseats = 20\nmonthly_usd = 30\nfrom = 2026-01-01\nproduct = "p"\n')
    assert load_settings(path).seat == (Seat("a", D(30), date(2026, 1, 1), 20, product="p"),)
    path.write_text('[[seat]]\nname = "a"\nmonthly_usd = 30\nfrom = 2026-02-01\nuntil = 2026-01-01\n')
    with pytest.raises(UsageError, match=r"seat a\.until is before from"):
        load_settings(path)
