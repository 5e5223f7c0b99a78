"""Amounts in another currency: what formats them, the rate that holds, and what flags refuse."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from foundation.outcome import UsageError
from reporting.currency import DisplayCurrency, amounts_in
from reporting.currency_words import currency_entry, currency_note, currency_of
from reporting.document import Unit, Value
from reporting.number_format import NBSP, amount, header_unit, plotted, shown
from settings.currency_choice import CurrencyChoice, currency_choice, digest_with

LAST = date(2026, 11, 30)
EURO = DisplayCurrency("EUR", Decimal("1.25"), date(2026, 11, 27), LAST, "rates.csv")


@pytest.mark.parametrize(
    ("usd", "unit", "text", "data"),
    [
        (Decimal(1000), Unit.USD, f"EUR{NBSP}800.00", "800"),
        (Decimal("-1.25"), Unit.USD, f"−EUR{NBSP}1.00", "-1"),
        (Decimal("0.0100"), Unit.USD, f"EUR{NBSP}0.00800", "0.008"),  # 0.8 cents are written as a unit price
        (Decimal("0.5"), Unit.USD_RATE, f"EUR{NBSP}0.4000", "0.4"),
        (Decimal(0), Unit.USD, f"EUR{NBSP}0.00", "0"),
        (Decimal(1000), Unit.COUNT, "1,000", "1000"),
        (0.5, Unit.SHARE, "50.0%", "0.5"),
        (1234, Unit.MILLISECONDS, f"1,234{NBSP}ms", "1234"),
    ],
)
def test_dollars_are_converted_and_nothing_else(usd, unit, text, data):
    """At 1 EUR = 1.25 USD, $1,000 are 800 euros."""
    with amounts_in(EURO):
        found = shown(Value(usd, unit))
        assert (found.text, found.data) == (text, data)
        assert plotted(usd, unit) == float(data)
        assert amount(usd, unit) == text
        assert header_unit(Unit.USD) == header_unit(Unit.USD_RATE) == "EUR"
    assert header_unit(Unit.USD) == "USD"
    assert shown(Value(Decimal(1000), Unit.USD)).text == "$1,000.00"


def test_the_note_names_rate_day_and_file_and_what_is_exact():
    assert currency_note(EURO) == (
        "Amounts are in EUR: 1 EUR = 1.25 USD, the rate of 27 Nov 2026, the nearest before the last day of the data, "
        "30 Nov 2026 (rates.csv). Sums are exact in US dollars; each amount is converted where it is shown, and rounded "
        "by itself."
    )
    entry = currency_entry(EURO)
    assert entry is not None
    assert currency_of(entry) == EURO


def rates(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "rates.csv"
    path.write_text("\n".join(["date,currency,usd", *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["2026-11-30,EUR,1.2", "2026-12-01,EUR,9"], ("1.2", date(2026, 11, 30))),
        (["2026-11-23,EUR,1.1"], ("1.1", date(2026, 11, 23))),  # seven days before
        (["2026-11-22,EUR,1.1"], None),  # eight
        (["2026-12-01,EUR,1.1"], None),  # after
        (["2026-11-30,GBP,1.3"], None),
    ],
)
def test_the_rate_is_that_of_the_last_day_or_of_the_week_before(tmp_path, lines, expected):
    choice = CurrencyChoice("EUR", rates(tmp_path, *lines))
    if expected:
        assert choice.rate_for(LAST) == (Decimal(expected[0]), expected[1])
        return
    with pytest.raises(
        UsageError, match=r"no rate of EUR from 2026-11-23 to 2026-11-30.*2026-11-30,EUR,1\.0842"
    ):
        choice.rate_for(LAST)


@pytest.mark.parametrize(
    ("named", "file", "says"),
    [
        ("EURO", "r.csv", "--currency EURO is no currency"),
        ("EUR", None, "--currency EUR needs --currency-rates FILE"),
        (None, "r.csv", "--currency-rates needs --currency"),
    ],
)
def test_what_makes_no_sense_is_refused(named, file, says):
    with pytest.raises(UsageError, match=says):
        currency_choice(named, file)


def test_dollars_need_no_rates_and_codes_may_be_written_small(tmp_path):
    assert currency_choice(None, None) is currency_choice("usd", None) is None
    assert currency_choice("eur", "r.csv") == CurrencyChoice("EUR", Path("r.csv"))


def test_pages_are_others_when_currency_or_rates_change(tmp_path):
    path = rates(tmp_path, "2026-11-30,EUR,1.2", "2026-11-30,GBP,1.3")
    digests = [
        digest_with(None, "s"),
        digest_with(CurrencyChoice("EUR", path), "s"),
        digest_with(CurrencyChoice("GBP", path), "s"),
    ]
    rates(tmp_path, "2026-11-30,EUR,1.21")
    digests.append(digest_with(CurrencyChoice("EUR", path), "s"))
    assert digests[0] == "s"
    assert len(set(digests)) == 4
