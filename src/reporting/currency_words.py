"""What pages and the console say of the currency in which they show amounts: the rate, and the day that it is of."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path

from reporting.currency import DisplayCurrency
from reporting.manifest_entries import CurrencyEntry
from reporting.number_format import day


def rate_text(currency: DisplayCurrency) -> str:
    """The rate and its day: "1 EUR = 1.0842 USD, the rate of 30 Nov 2026"."""
    rate = format(currency.usd_for_one, "f")
    return f"1 {currency.code} = {rate} USD, the rate of {day(currency.rate_day)}"


def currency_note(currency: DisplayCurrency) -> str:
    """Two sentences: the rate with its day and file, and what is exact."""
    near = ""
    if currency.rate_day != currency.last_day:
        near = f", the nearest before the last day of the data, {day(currency.last_day)}"
    return (
        f"Amounts are in {currency.code}: {rate_text(currency)}{near} ({Path(currency.rates_file).name}). "
        "Sums are exact in US dollars; each amount is converted where it is shown, and rounded by itself."
    )


def currency_entry(currency: DisplayCurrency | None) -> CurrencyEntry | None:
    """A currency as the manifest keeps it."""
    if currency is None:
        return None
    return CurrencyEntry(**{name: str(value) for name, value in asdict(currency).items()})


def currency_of(entry: CurrencyEntry) -> DisplayCurrency:
    """A currency of the manifest."""
    days = date.fromisoformat(entry.rate_day), date.fromisoformat(entry.last_day)
    return DisplayCurrency(entry.code, Decimal(entry.usd_for_one), *days, entry.rates_file)
