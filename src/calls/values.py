"""What a field may hold, said twice: as SQL for all rows at once, and in Python for one field. Ranges, times, money.

The SQL casts what is plainly right and raises on anything else; then the file is checked line by line, where
the Python half judges the lines one by one. Both follow the same rules:

- a count is ASCII digits, at most 18 of them;
- money is `-?digits[.digits][e[+-]digits]`, below a billion; beyond nine decimals it is rounded half-even once;
- a timestamp is an ISO 8601 date of the years 2000 to 2099, alone (its first instant) or with a time of day,
  with `Z` or an offset (converted to UTC) or without (taken as UTC); digits beyond microseconds are cut.

Blanks around a number or a timestamp do not count.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from calls.schema import CHARGE_CATEGORIES, COLUMN_BY_NAME, NEGATIVE_CATEGORIES, Column, Kind
from foundation.sql_text import identifier, literal

_DATE = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
_OFFSET = "(Z|z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
# DuckDB drops an offset when it casts to TIMESTAMP: right for Z and for none, and fast.
NAIVE_TIMESTAMP = f"{_DATE}([T ]{_TIME}Z?)?"
ZONED_TIMESTAMP = f"{_DATE}[T ]{_TIME}{_OFFSET}"
# As our own files print them; reading by this format takes half as long as a cast and what proves it right.
_OWN_TIMESTAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
_OWN_TIMESTAMP_LENGTH = len("2026-01-31T23:59:59.999999Z")
_COUNT = "[0-9]{1,18}"
_SHORT_MONEY = r"[0-9]{1,9}(\.[0-9]{1,9})?"
_LONG_MONEY = r"[0-9]{1,9}(\.[0-9]{1,17})?([eE]-?0?[0-8])?"

_TIMESTAMP_RULE = re.compile(f"(?P<day>{_DATE})([Tt ](?P<time>{_TIME})(?P<offset>{_OFFSET})?)?", re.ASCII)
_COUNT_RULE = re.compile(_COUNT, re.ASCII)
_MONEY_RULE = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_MOSTLY_NONE = ("cached_input_tokens", "cache_write_tokens", "reasoning_tokens")
"""Counts that are 0 for most calls."""
CATEGORY = "charge_category"
_MONEY_LIMIT = Decimal(10) ** 9
_NANO = Decimal("1e-9")


class BadValue(ValueError):
    """A field that cannot be used; the message is the reason it is counted under."""


def plain_sql(name: str, *, allow_credits: bool = False) -> str:
    """SQL that gives the value of a text column where it stands as our own files print it, else NULL.

    Printing a value again is the cheapest proof that nothing else stood there.
    """
    text, kind = identifier(name), COLUMN_BY_NAME[name].kind
    if kind is Kind.TIMESTAMP:
        return f"case when {_own_length(text)} then try_strptime({text}, '{_OWN_TIMESTAMP}') end"
    whole = f"try_cast({text} as uinteger)"
    if kind is Kind.COUNT:
        none_first = f"when {text} = '0' then 0 " if name in _MOSTLY_NONE else ""
        return f"case {none_first}when cast({whole} as varchar) = {text} then cast({whole} as bigint) end"
    as_whole = f"when cast({whole} as varchar) = {text} then try_cast({whole} as decimal(18,9))"
    amount = f"try_cast({text} as decimal(18,9))"
    sign = "" if allow_credits and name == "cost_usd" else f" and {text} >= '0'"
    as_printed = f"when cast({amount} as varchar) = {text}{sign} then {amount}"
    likelier_first = (as_printed, as_whole) if name == "cost_usd" else (as_whole, as_printed)
    return f"case {' '.join(likelier_first)} end"


def _own_length(text: str) -> str:
    """True where a text that fits `_OWN_TIMESTAMP` has all its digits, from 20 to Z: the format takes fewer, too."""
    return f"strlen({text}) = {_OWN_TIMESTAMP_LENGTH} and {text} >= '20' and {text} < '21' and suffix({text}, 'Z')"


def typed_sql(name: str, plain: str, *, allow_credits: bool = False) -> str:
    """SQL that gives the typed value of a text column of the file, and raises where it is not plainly right.

    Args:
        name: the column.
        plain: the column that holds its `plain_sql`.
        allow_credits: whether a cost may be negative.
    """
    column = COLUMN_BY_NAME[name]
    text = identifier(name)
    if column.kind is Kind.TEXT:
        return f"case when {text} = '' then error('missing') else {text} end" if column.needed else text
    empty = "error('missing')" if column.needed else "null"
    others = {Kind.COUNT: _count_sql, Kind.DECIMAL: _money_sql, Kind.TIMESTAMP: _timestamp_sql}[column.kind]
    sign = "-?" if allow_credits and name == "cost_usd" else ""
    return (
        f"case when {plain} is not null then {plain} when {text} = '' then {empty} {others(text, sign)} "
        "else error('bad value') end"
    )


def _count_sql(text: str, _: str) -> str:
    return f"when regexp_full_match({text}, '{_COUNT}') then cast({text} as bigint)"


def _money_sql(text: str, sign: str) -> str:
    return (
        f"when regexp_full_match({text}, '{sign}{_SHORT_MONEY}') then cast({text} as decimal(18,9)) "
        f"when regexp_full_match({text}, '{sign}{_LONG_MONEY}') "
        f"then cast(round_even(cast({text} as decimal(38,25)), 9) as decimal(18,9))"
    )


def _timestamp_sql(text: str, _: str) -> str:
    return (
        f"when regexp_full_match({text}, '{NAIVE_TIMESTAMP}') then cast({text} as timestamp) "
        f"when regexp_full_match({text}, '{ZONED_TIMESTAMP}') "
        f"then cast({text} as timestamptz) at time zone 'UTC'"
    )


def category_refused_sql(*, allow_credits: bool) -> str:
    """SQL that is true where `charge_category` is no known word, or a text of a cost is negative and it is usage."""
    category = identifier(CATEGORY)
    words = ", ".join(literal(word) for word in ("", *CHARGE_CATEGORIES))
    credits = ", ".join(literal(word) for word in NEGATIVE_CATEGORIES)
    refused = f"{category} not in ({words})"
    negative = f"(starts_with(ltrim(cost_usd), '-') and {category} not in ({credits}))"
    return refused if allow_credits else f"{refused} or {negative}"


def check_category(category: str) -> bool:
    """Whether a cost of this category may be negative.

    Raises:
        BadValue: it is no known word.
    """
    if category and category not in CHARGE_CATEGORIES:
        raise BadValue("bad_charge_category")
    return category in NEGATIVE_CATEGORIES


def rounded_sql(name: str, plain: str) -> str:
    """SQL that is true where a money column of the file loses decimals beyond the ninth; see `typed_sql`."""
    text = identifier(name)
    exact = f"cast({text} as decimal(38,25))"
    return (
        f"case when {plain} is not null or regexp_full_match({text}, '-?{_SHORT_MONEY}|') then false "
        f"else {exact} <> round_even({exact}, 9) end"
    )


def normal(column: Column, text: str, *, allow_credits: bool = False) -> str:
    """A field as the fast path reads it, for one line that is checked alone.

    Raises:
        BadValue: with the reason.
    """
    if column.kind is Kind.TEXT:
        if column.needed and not text:
            raise BadValue("missing_value")
        return text
    stripped = text.strip(" \t")
    if not stripped:
        if column.needed:
            raise BadValue("missing_value")
        return ""
    return _NORMAL[column.kind](column, stripped, allow_credits)


def _normal_count(_: Column, text: str, __: bool) -> str:
    if not _COUNT_RULE.fullmatch(text):
        raise BadValue("bad_number")
    return str(int(text))


def _normal_money(column: Column, text: str, allow_credits: bool) -> str:
    if not _MONEY_RULE.fullmatch(text):
        raise BadValue("bad_number")
    amount = Decimal(text)
    if abs(amount) >= _MONEY_LIMIT:
        raise BadValue("bad_number")
    if amount < 0 and not (allow_credits and column.name == "cost_usd"):
        raise BadValue("negative_cost" if column.name == "cost_usd" else "bad_number")
    exact = amount.quantize(_NANO, ROUND_HALF_EVEN)
    return f"{exact or abs(exact):f}"


def _normal_timestamp(_: Column, text: str, __: bool) -> str:
    match = _TIMESTAMP_RULE.fullmatch(text)
    if match is None:
        raise BadValue("bad_timestamp")
    time = match["time"] or "00:00"
    offset = (match["offset"] or "Z").upper()
    try:
        moment = datetime.fromisoformat(f"{match['day']}T{time}{offset}")
        instant = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise BadValue("bad_timestamp") from error
    return instant.isoformat(timespec="microseconds")


_NORMAL: dict[Kind, Callable[[Column, str, bool], str]] = {
    Kind.COUNT: _normal_count,
    Kind.DECIMAL: _normal_money,
    Kind.TIMESTAMP: _normal_timestamp,
}


def was_rounded(text: str) -> bool:
    """Whether a good money field has more decimals than are kept."""
    return bool(text.strip()) and Decimal(text.strip()) != Decimal(text.strip()).quantize(_NANO)
