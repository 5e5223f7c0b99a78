"""Dollars for a unit of another currency, by day, from a file of the user: date, currency, usd."""

import csv
import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from foundation.outcome import UsageError
from foundation.places import text_of
from settings.currency_codes import CODES

FLAG = "--currency-rates"
NEEDED = ("date", "currency", "usd")
LASTS = timedelta(days=7)
"""How long a rate stands in for days that have none: markets close, and banks publish no rate then."""


@dataclass(frozen=True)
class Rates:
    """Dollars for one unit, by currency (ISO 4217, upper case) and day."""

    days: dict[str, list[date]] = field(default_factory=dict)
    usd: dict[tuple[str, date], Decimal] = field(default_factory=dict)

    def usd_for_one(self, currency: str, day: date) -> Decimal | None:
        """The rate of the day, else the latest of the seven days before it, else None; a dollar is one dollar."""
        found = self.latest(currency, day)
        return found[0] if found else None

    def latest(self, currency: str, day: date) -> tuple[Decimal, date] | None:
        """As `usd_for_one`, with the day that the rate is of."""
        if currency == "USD":
            return Decimal(1), day
        days = self.days.get(currency, [])
        at = bisect_right(days, day) - 1
        if at < 0 or day - days[at] > LASTS:
            return None
        return self.usd[currency, days[at]], days[at]


def read_rates(path: str) -> Rates:
    """Reads a file of rates.

    Raises:
        UsageError: it cannot be read, a line is no rate, or two lines contradict each other.
    """
    text = text_of(Path(path), f"{FLAG} {path}")
    found: dict[tuple[str, date], Decimal] = {}
    for number, currency, day, usd in _lines(path, text):
        if currency == "USD" and usd != 1:
            raise UsageError(f"{path}: line {number} says that a US dollar is {usd} US dollars; take it out.")
        if found.setdefault((currency, day), usd) != usd:
            raise UsageError(f"{path}: line {number} gives {currency} a second rate for {day}; keep one.")
    days: dict[str, list[date]] = defaultdict(list)
    for currency, day in sorted(found):
        days[currency].append(day)
    return Rates(dict(days), found)


def _lines(path: str, text: str) -> Iterator[tuple[int, str, date, Decimal]]:
    rows = csv.DictReader(io.StringIO(text, newline=None), restval="")
    names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if not set(NEEDED) <= set(names):
        raise UsageError(f"{FLAG} {path} needs the columns date, currency and usd (dollars for one unit).")
    for row in rows:
        day, currency, usd = ((row[names[name]] or "").strip() for name in NEEDED)
        try:
            rate = Decimal(usd)
            when = date.fromisoformat(day)
        except (InvalidOperation, ValueError):
            rate, when = Decimal(0), date.min
        if not (rate.is_finite() and rate > 0 and currency.upper() in CODES):
            raise UsageError(
                f"{path}: line {rows.line_num} is no rate; write a date such as 2026-11-30, a currency such as EUR, "
                "and dollars for one unit such as 1.0842."
            )
        yield rows.line_num, currency.upper(), when, rate
