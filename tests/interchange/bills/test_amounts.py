"""Amounts as people and programs write them: exact, or refused."""

from decimal import Decimal

import pytest

from foundation.outcome import UsageError
from interchange.bills.amounts import DecimalSign, Written, settled
from interchange.bills.charges import BadLine

POINT, COMMA = DecimalSign.POINT, DecimalSign.COMMA


@pytest.mark.parametrize(
    ("text", "sign", "amount", "currency"),
    [
        ("1,200.00", POINT, "1200.00", ""),
        ("$1,234.56", POINT, "1234.56", "USD"),
        ("US$ 5", POINT, "5", "USD"),
        ("USD 5.5", POINT, "5.5", "USD"),
        ("-$3.25", POINT, "-3.25", "USD"),
        ("(500.00)", POINT, "-500", ""),
        ("($500.00)", POINT, "-500", "USD"),
        ("12.50-", POINT, "-12.5", ""),
        ("−7", POINT, "-7", ""),
        ("+7", POINT, "7", ""),
        (".5", POINT, "0.5", ""),
        ("1.5E-7", POINT, "0.00000015", ""),
        ("1'234'567.80", POINT, "1234567.8", ""),
        ("1.234,56 €", COMMA, "1234.56", "EUR"),
        ("1\u00a0234,56\u00a0€", COMMA, "1234.56", "EUR"),
        ("-3,25 €", COMMA, "-3.25", "EUR"),
        ("123.4567890123456789", POINT, "123.4567890123456789", ""),
        ("-0", POINT, "0", ""),
    ],
)
def test_an_amount_is_read_exactly(text: str, sign: DecimalSign, amount: str, currency: str):
    written = Written(text)
    assert (written.value(sign), written.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    "text",
    ["", " ", "12oo", "1,2,3.4.5", "$€5", "--5", "(5", "5)", "(-5)", "-5-", "nan", "inf", "1e999", ".", "¥5", "5%", "1_000",
     "12,34.5x", "NaN USD"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(BadLine):
        Written(text)


@pytest.mark.parametrize(
    ("text", "sign"),
    [("1.234,56", POINT), ("1,234.56", COMMA), ("0,5", POINT), ("1e12", POINT), ("1200,00", POINT)],
)
def test_an_amount_of_the_other_format_is_refused(text: str, sign: DecimalSign):
    with pytest.raises(BadLine):
        Written(text).value(sign)


def test_one_cell_proves_the_format_of_its_column():
    assert settled("x", "c", [(2, "1,234"), (3, "0.5")]) is POINT
    assert settled("x", "c", [(2, "1.234"), (3, "1.234,5")]) is COMMA
    assert settled("x", "c", [(2, "1234"), (3, "7")]) is POINT


def test_a_column_of_two_formats_or_of_none_that_is_proven_is_refused():
    with pytest.raises(UsageError, match=r"'0\.5' in line 2, '0,5' in line 3"):
        settled("x", "c", [(2, "0.5"), (3, "0,5")])
    with pytest.raises(UsageError, match=r"'1,234' in line 2 has decimals or thousands; say --bill-decimal"):
        settled("x", "c", [(2, "1,234"), (3, "12")])
