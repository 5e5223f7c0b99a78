"""Dollars for a unit of another currency: the day's rate, else the latest of the seven days before."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from foundation.outcome import UsageError
from settings.currency_rates import read_rates


def rates(folder: Path, text: str):
    path = folder / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return read_rates(str(path))


def test_a_rate_holds_on_its_day_and_for_seven_days_without_one(tmp_path):
    found = rates(
        tmp_path, "date,currency,usd\n2026-11-02,EUR,1.20\n2026-10-30,eur,1.10\n2026-11-02,JPY,0.0064\n"
    )
    days = {
        day: found.usd_for_one("EUR", date(2026, *day))
        for day in [(10, 29), (10, 30), (11, 1), (11, 2), (11, 9), (11, 10)]
    }
    assert days == {
        (10, 29): None,  # before the first
        (10, 30): Decimal("1.10"),
        (11, 1): Decimal("1.10"),
        (11, 2): Decimal("1.20"),
        (11, 9): Decimal("1.20"),  # seven days after
        (11, 10): None,  # eight
    }  # fmt: skip
    assert found.usd_for_one("JPY", date(2026, 11, 3)) == Decimal("0.0064")
    assert found.usd_for_one("GBP", date(2026, 11, 2)) is None
    assert found.usd_for_one("USD", date(1999, 1, 1)) == 1


def test_spreadsheets_write_a_mark_in_front_and_columns_of_their_own(tmp_path):
    found = rates(tmp_path, "\ufeffUSD , Currency,source,Date\r\n1.0842,EUR,bank,2026-11-30\r\n")
    assert found.usd_for_one("EUR", date(2026, 11, 30)) == Decimal("1.0842")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs the columns date, currency and usd"),
        ("day,eur\n", "needs the columns date, currency and usd"),
        ("date,currency,usd\n2026-11-01,EUR,0\n", "line 2 is no rate"),
        ("date,currency,usd\n2026-11-01,EUR,-1\n", "line 2 is no rate"),
        ("date,currency,usd\n2026-11-01,EUR,inf\n", "line 2 is no rate"),
        ('date,currency,usd\n2026-11-01,EUR,"1,08"\n', "line 2 is no rate"),
        ("date,currency,usd\n01.11.2026,EUR,1\n", "line 2 is no rate"),
        ("date,currency,usd\n2026-11-01,Euro,1\n", "line 2 is no rate"),
        ("date,currency,usd\n2026-11-01,EUQ,1\n", "line 2 is no rate"),
        ("date,currency,usd\n2026-11-01,EUR\n", "line 2 is no rate"),
        ("date,currency,usd\n2026-11-01,EUR,1\n2026-11-01,eur,1.1\n", "line 3 gives EUR a second rate"),
        ("date,currency,usd\n2026-11-01,USD,1.1\n", "line 2 says that a US dollar is 1.1 US dollars"),
    ],
)
def test_a_file_of_rates_that_is_none_is_refused(tmp_path, text: str, said: str):
    with pytest.raises(UsageError, match=said):
        rates(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="--currency-rates"):
        read_rates(str(tmp_path / "none.csv"))
