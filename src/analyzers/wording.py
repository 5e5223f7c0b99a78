"""Figures and names as words of a sentence, the same in every report."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

MINUS = "−"

Figure = Decimal | int | float


def usd(amount: Figure) -> str:
    """Dollars to the cent: "$1,234.50", "−$3.00"."""
    rounded = round(Decimal(amount), 2)
    return f"{MINUS if rounded < 0 else ''}${abs(rounded):,.2f}"


def unit_usd(amount: Figure) -> str:
    """A unit price with four significant digits, to the cent at least: "$0.01690"."""
    value = Decimal(amount)
    places = max(2, 3 - value.adjusted()) if value else 2
    return f"{MINUS if value < 0 else ''}${abs(value):,.{places}f}"


def percent(share: Figure | None) -> str:
    """A share of one with one decimal: "12.3%"; "n/a" where there is none."""
    if share is None:
        return "n/a"
    rounded = round(Decimal(share) * 100, 1)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded)}%"


def count(number: int) -> str:
    """A count with thousands separated."""
    return f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 customer", "12 customers"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day(value: date) -> str:
    """A day as a reader writes it: "24 Oct 2026"."""
    return f"{value.day} {value:%b %Y}"


def days(first: date, last: date) -> str:
    """A span of days: "24 Oct to 22 Nov 2026"."""
    if first == last:
        return day(first)
    begin = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{begin} to {day(last)}"


def listed(names: Sequence[str], limit: int = 3) -> str:
    """Names in a row, the rest as a number: "a, b and c", "a, b, c and 9 more"."""
    shown, rest = list(names[:limit]), len(names) - limit
    if rest > 0:
        return f"{', '.join(shown)} and {rest:,} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1] if shown else "")))
