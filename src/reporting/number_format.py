"""The one formatter of numbers on pages: by unit, the same for every browser, locale and time zone.

`static/format.js` holds the same rules for figures that the browser adds up again under a filter; a test
compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

from reporting.currency import MONEY_UNITS, converted, money_code, money_prefix
from reporting.measures import Number, Unit, Value

MINUS = "\u2212"
"""The true minus of text; data and CSV have the plain one."""
NBSP = "\u00a0"
NOT_AVAILABLE = "n/a"

_HEADER_UNITS: dict[Unit, str] = {
    Unit.SHARE: "%",
    Unit.POINTS: "points",
    Unit.TOKENS: "tokens",
    Unit.MILLISECONDS: "ms",
    Unit.TOKENS_PER_SECOND: "tokens/s",
    Unit.DAYS: "days",
}
TEXT_UNITS = frozenset({Unit.TEXT, Unit.DATE, Unit.HOUR})
"""Units that are not right-aligned."""


@dataclass(frozen=True)
class Shown:
    """A value for the eye.

    `text` is what stands on the page, `title` the exact value or the reason for "n/a" (empty if `text` says
    all), `data` the plain machine form that sorting and CSV use (empty if there is no value).
    """

    text: str
    title: str = ""
    data: str = ""
    reason: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it needs more than one line of a table's cell."""
        return len(self.text) > _ONE_LINE


_ONE_LINE = 32


def header_unit(unit: Unit) -> str:
    """What a table's header or an axis says about the unit, "" if nothing."""
    return money_code() if unit in MONEY_UNITS else _HEADER_UNITS.get(unit, "")


def decimal(number: Number) -> Decimal:
    """The number as an exact decimal.

    Raises:
        ValueError: it is NaN or infinite, which no page may show.
    """
    exact = Decimal(number) if isinstance(number, int | Decimal) else Decimal(repr(float(number)))
    if not exact.is_finite():
        raise ValueError(f"a page cannot show {number!r}: use None with a reason")
    return exact


_DERIVED = -12
"""A decimal with more places than this is the outcome of a division: exact money has nine."""
_SIGNIFICANT = Context(prec=15)


def _written(number: Number) -> Decimal:
    """The number as a page carries it: exact, a quotient to 15 significant digits."""
    exact = decimal(number)
    return _SIGNIFICANT.plus(exact) if int(exact.as_tuple().exponent) < _DERIVED else exact


def plotted(number: Number | None, unit: Unit) -> float | int | None:
    """A number as the browser draws it and adds it up: the nearest double of what the table beside it holds."""
    if number is None:
        return None
    written = _written(converted(decimal(number), unit))
    return int(written) if written == written.to_integral_value() else float(written)


def plain(number: Number) -> str:
    """Full precision with a plain minus and no separators: `-12.3`; of a quotient, 15 significant digits."""
    if type(number) is int:
        return str(number)
    text = format(_written(number), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


_QUANTA = tuple(Decimal(1).scaleb(-places) for places in range(13))


def fixed(number: Decimal, places: int) -> str:
    """Thousands separated, `places` decimals, half-even, true minus; never a negative zero."""
    rounded = number.quantize(_QUANTA[places], rounding=ROUND_HALF_EVEN)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{places}f}"


def _money(number: Decimal, places: int) -> str:
    text = f"{money_prefix()}{fixed(abs(number), places)}"
    return f"{MINUS}{text}" if number < 0 else text


_CENT = Decimal("0.01")


def _usd(number: Decimal) -> str:
    """To the cent; a sum of less than a cent as a unit price, so that it is never written as nothing."""
    return _usd_rate(number) if 0 < abs(number) < _CENT else _money(number, 2)


def rate_places(number: Decimal) -> int:
    """Decimals of a unit price: four, more where fewer than three significant digits would be left."""
    size = abs(number)
    if size >= 1000:
        return 2
    if size == 0 or size >= Decimal("0.01"):
        return 4
    return min(9, max(4, 2 - size.adjusted()))


def _usd_rate(number: Decimal) -> str:
    if 0 < abs(number) < Decimal("0.0000000005"):
        least = f"{money_prefix()}0.000000001"
        return f">{MINUS}{least}" if number < 0 else f"<{least}"
    return _money(number, rate_places(number))


def _share(number: Decimal) -> str:
    return f"{fixed(number * 100, 1)}%"


def _points(number: Decimal) -> str:
    return fixed(number * 100, 1)


_WHOLE_FROM = 1000
"""From here on a mean count and a plain figure show no decimals."""


def _count(number: Decimal) -> str:
    whole = number == number.to_integral_value() or abs(number) >= _WHOLE_FROM
    return fixed(number, 0 if whole else 1)


def _compact(number: Decimal) -> str:
    for limit, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if abs(number) >= limit:
            return f"{fixed(number / limit, 1)}{NBSP}{letter}"
    return _count(number)


def _ratio(number: Decimal) -> str:
    return fixed(number, 0 if abs(number) >= _WHOLE_FROM else 2)


def _milliseconds(number: Decimal) -> str:
    return fixed(number, 0)


_SECONDS_FROM = 10_000
"""From so many milliseconds on, running text says seconds."""


def _duration(number: Decimal) -> str:
    if abs(number) >= _SECONDS_FROM:
        return f"{fixed(number / 1000, 1)}{NBSP}s"
    return f"{_milliseconds(number)}{NBSP}ms"


def _one_place(number: Decimal) -> str:
    return fixed(number, 1)


_NUMBERS: dict[Unit, Callable[[Decimal], str]] = {
    Unit.USD: _usd,
    Unit.USD_RATE: _usd_rate,
    Unit.SHARE: _share,
    Unit.POINTS: _points,
    Unit.COUNT: _count,
    Unit.TOKENS: _count,
    Unit.MILLISECONDS: _milliseconds,
    Unit.TOKENS_PER_SECOND: _one_place,
    Unit.DAYS: _count,
    Unit.RATIO: _ratio,
    Unit.TEXT: plain,
}
_SUFFIXES: dict[Unit, str] = {
    Unit.POINTS: f"{NBSP}points",
    Unit.TOKENS_PER_SECOND: f"{NBSP}tokens/s",
    Unit.DAYS: f"{NBSP}days",
}


def day(when: date) -> str:
    """A date for the eye: 24 Oct 2026, in any locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{when.day} {months[when.month - 1]} {when.year}"


def moment(when: datetime) -> str:
    """A date with its time: 24 Oct 2026, 14:00."""
    return f"{day(when)}, {when:%H:%M}"


def days_between(first: date, last: date) -> str:
    """A period in words: 24 Oct to 22 Nov 2026."""
    if first == last:
        return day(first)
    start = day(first)
    return f"{start.removesuffix(f' {last.year}')} to {day(last)}"


def _instant(when: date, unit: Unit) -> Shown:
    if isinstance(when, datetime) and unit is not Unit.DATE:
        return Shown(moment(when), data=when.isoformat(timespec="minutes"))
    only = when.date() if isinstance(when, datetime) else when
    return Shown(day(only), data=only.isoformat())


def _number(number: Number, unit: Unit, *, prose: bool) -> Shown:
    exact = converted(decimal(number), unit)
    if prose and unit is Unit.TOKENS:
        text = _compact(exact)
        title = f"{_count(exact)} tokens"
    elif prose and unit is Unit.MILLISECONDS:
        text, title = _duration(exact), f"{_milliseconds(exact)} ms"
    else:
        text = _NUMBERS[unit](exact) + (_SUFFIXES.get(unit, "") if prose else "")
        title = ""
    return Shown(
        text.replace("1\u00a0days", "1\u00a0day") if text == "1\u00a0days" else text, title, plain(exact)
    )


def shown(value: Value, *, prose: bool = True) -> Shown:
    """The value for the eye: in `prose` (cards) with its unit, in a table without what the header says."""
    if value.amount is None:
        return Shown(NOT_AVAILABLE, value.reason, "", value.reason)
    if isinstance(value.amount, str):
        return Shown(value.amount, data=value.amount)
    if isinstance(value.amount, date):
        return _instant(value.amount, value.unit)
    number = _number(value.amount, value.unit, prose=prose)
    if value.at_least:
        return Shown(f"≥{NBSP}{number.text}", "at least: cost that is not known is missing", number.data)
    if value.at_most:
        return Shown(f"≤{NBSP}{number.text}", "at most: cost that is not known would come off", number.data)
    return number


def amount(number: Number | None, unit: Unit) -> str:
    """A number with its unit in running text; "n/a" without one."""
    return shown(Value(number, unit)).text


def counted(number: int, noun: str) -> str:
    """A count with its noun: 1 row, 1,204 rows."""
    return f"{_count(Decimal(number))} {noun}{'' if number == 1 else 's'}"


_TIMES_FROM = 10
"""From this relative change on, a percentage is easily misread, so the change is written in times."""


def change(value: Value) -> str:
    """A relative change with its sign: +12.3%, −4.0%; "no change" where nothing of it would be seen."""
    text = shown(value).text
    if value.amount is not None and not any(letter in "123456789" for letter in text):
        return "no change"
    if (
        value.unit is Unit.SHARE
        and isinstance(value.amount, int | float | Decimal)
        and value.amount >= _TIMES_FROM
    ):
        return f"{_count(decimal(value.amount) + 1)} times as much"
    positive = isinstance(value.amount, int | float | Decimal) and value.amount > 0
    return f"+{text}" if positive else text
