"""The currency in which pages show amounts. Sums are in US dollars; each amount is converted where it is shown.

A run shows all its amounts in one currency at one rate, so both are set once for the process, like a locale: what
formats an amount (`reporting.number_format`) asks for them, and nothing that it formats can be left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reporting.measures import Unit

DOLLARS = "USD"
MONEY_UNITS = frozenset({Unit.USD, Unit.USD_RATE})
"""Units whose numbers are US dollars."""


@dataclass(frozen=True)
class DisplayCurrency:
    """A currency that amounts are shown in, and the rate that converts them.

    Attributes:
        code: its code of ISO 4217, such as EUR.
        usd_for_one: dollars for one unit of it.
        rate_day: the day of the rate.
        last_day: the last day of the data, which the rate is for.
        rates_file: the file that gives the rate.
    """

    code: str
    usd_for_one: Decimal
    rate_day: date
    last_day: date
    rates_file: str

    def of_usd(self, usd: Decimal) -> Decimal:
        """Dollars in this currency, not rounded."""
        return usd / self.usd_for_one


@dataclass
class _Process:
    """What this process shows amounts in; None for US dollars."""

    currency: DisplayCurrency | None = None


_process = _Process()


@contextmanager
def amounts_in(currency: DisplayCurrency | None) -> Iterator[None]:
    """Amounts that are formatted within are shown in this currency, on all threads; None is US dollars."""
    before, _process.currency = _process.currency, currency
    try:
        yield
    finally:
        _process.currency = before


def shown_currency() -> DisplayCurrency | None:
    """What amounts are shown in; None for US dollars."""
    return _process.currency


def converted(number: Decimal, unit: Unit) -> Decimal:
    """A number as it is shown: dollars in the currency of the run, anything else as it is."""
    currency = _process.currency
    return currency.of_usd(number) if currency and unit in MONEY_UNITS else number


def money_prefix() -> str:
    """What stands before an amount: "$", or "EUR" and a space; codes mean one currency each, signs do not."""
    return f"{_process.currency.code}\u00a0" if _process.currency else "$"


def money_code() -> str:
    """The code of the currency that amounts are shown in."""
    return _process.currency.code if _process.currency else DOLLARS
