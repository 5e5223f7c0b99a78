"""Figures and names as words of a sentence: dollars, counts, percentages, days, the same in every report."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from reporting.document import Unit
from reporting.number_format import amount as figure

MINUS = "−"

Figure = Decimal | int | float


def usd(amount: Figure) -> str:
    """Dollars as cards and tables show them: "$1,234.50", "−$3.00"; of less than a cent, "$0.00340"."""
    return figure(amount, Unit.USD)


def round_usd(amount: Figure) -> str:
    """An amount as `usd` writes it, without cents where there are none: "$50", "$49.50"."""
    return usd(amount).removesuffix(".00")


def unit_usd(amount: Figure) -> str:
    """A unit price as cards and tables show it: "$0.0169", "$0.000375"."""
    return figure(amount, Unit.USD_RATE)


def cents(amount: float) -> Decimal:
    """Dollars to the cent."""
    return round(Decimal(amount), 2)


def percent(share: Figure | None) -> str:
    """A share of one with one decimal, none where it is a round one: "12.3%", "50%"; "n/a" where there is none."""
    if share is None:
        return "n/a"
    exact = Decimal(share) * 100
    places = 0 if exact == exact.to_integral_value() else 1
    rounded = round(exact, places)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.{places}f}%"


def tokens(number: int) -> str:
    """Tokens in short: "34.6 million tokens", "812 tokens"."""
    for limit, name in ((10**9, "billion"), (10**6, "million")):
        if number >= limit:
            return f"{number / limit:,.1f} {name} tokens"
    return counted(number, "token")


def signed(number: Figure) -> str:
    """A plain figure with a true minus: "−1.5"."""
    return f"{number}".replace("-", MINUS)


def count(number: int) -> str:
    """A count with thousands separated."""
    return f"{number:,}"


def number_or_none(number: int) -> str:
    """A count as a word of a sentence: "12", "none"."""
    return f"{number:,}" if number else "none"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 customer", "12 customers"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day(value: date) -> str:
    """A day as a reader writes it: "24 Oct 2026"."""
    return f"{value.day} {value:%b %Y}"


def hour(value: datetime) -> str:
    """An hour as a reader writes it: "24 Oct 2026, 09:00"."""
    return f"{day(value)}, {value:%H}:00"


def days(first: date, last: date) -> str:
    """A period of days: "24 Oct to 22 Nov 2026"."""
    if first == last:
        return day(first)
    begin = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{begin} to {day(last)}"


def listed(names: Sequence[str], limit: int = 3) -> str:
    """Names in a row, the rest as a number: "a, b and c", "a, b, c and 9 more"."""
    shown, rest = list(names[:limit]), len(names) - limit
    if rest > 0:
        return f"{', '.join(shown)} and {rest:,} more"
    return joined(shown, "and")


def joined(words: Sequence[str], last: str) -> str:
    """Words in a row, the last behind "and" or "or": "a, b and c"."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def gist(reason: str) -> str:
    """What a sentence says before its consequences, for a place that is narrow: "no call names a customer"."""
    first = reason.partition(",")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def not_named(dimensions: Sequence[str]) -> str:
    """What calls leave out: "No call names its product, feature or plan: all cost is unallocated there."."""
    return f"No call names its {joined(dimensions, 'or')}: all cost is unallocated there."
