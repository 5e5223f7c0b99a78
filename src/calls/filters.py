"""`--since`, `--until` and `--where`: a period and column values, as SQL conditions with values to bind."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calls.reading import customers_file
from calls.schema import COLUMN_BY_NAME, COLUMN_NAMES, Kind
from calls.selection import Selection
from calls.source import LATE_HOUR, Filters
from foundation.outcome import UsageError
from foundation.places import existing_file
from foundation.sql_text import identifier

_BACK = re.compile(r"([1-9][0-9]{0,4})([hdwmy])", re.ASCII)
_BACK_UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}", re.ASCII)
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})[T ].+", re.ASCII)
_USD_LIMIT = 10**9
ALLOWED_TIMES = (
    "a date (2026-01-31), a time (2026-01-31T14:00, 2026-01-31T14:00Z) "
    "or a period back from the last call (24h, 7d, 2w, 3m, 1y)"
)


@dataclass(frozen=True)
class Condition:
    """A condition over the columns of a call, and the values its `$names` take."""

    sql: str
    values: dict[str, Any]


def wanted_filters(selection: Selection) -> Filters:
    """What narrows the calls, refused if bad before anything is read.

    Raises:
        UsageError: a filter that cannot be understood.
    """
    path, digest = _customers(selection.customers)
    wanted = Filters(
        since=selection.since,
        until=selection.until,
        where=tuple(selection.where),
        timezone=selection.timezone,
        allow_credits=selection.allow_credits,
        customers=path,
        customers_digest=digest,
    )
    zone_of(wanted.timezone)
    check_times(wanted.since, wanted.until)
    value_conditions(wanted.where)
    return wanted


def _customers(name: Path | str | None) -> tuple[str | None, str | None]:
    """The customers file as it is remembered: its path from anywhere, and the digest of its content."""
    if name is None:
        return None, None
    path = existing_file(str(name)).absolute()
    return str(path), customers_file.digest_of(path)


def zone_of(timezone: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises:
        UsageError: no time zone has that name.
    """
    unknown = f"--timezone {timezone!r} is unknown: give an IANA name such as Europe/Berlin or UTC."
    if timezone != "UTC" and timezone not in _zones():
        raise UsageError(unknown)
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(unknown) from error


@cache
def _zones() -> frozenset[str]:
    """The names of IANA; a system has more, such as localtime, which engines do not know."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def since_moment(text: str, last: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (naive UTC) that `--since` lets in: a date begins at midnight of the zone."""
    return _moment("--since", text, last, zone, day_ends=False)


def until_moment(text: str, last: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (naive UTC) that `--until` keeps out: a date is let in whole, a time is the end itself."""
    return _moment("--until", text, last, zone, day_ends=True)


def period_before(wanted: Filters, first: datetime, last: datetime) -> tuple[datetime, datetime] | None:
    """The period as long as the period that `since` begins, right before it (UTC, the end left out).

    None without `since`, or where the first call of the file is later. A period of whole days that ends with the
    last call ends with that call's day, if it lies in the last two hours of it.
    """
    if not wanted.since:
        return None
    zone = zone_of(wanted.timezone)
    start = since_moment(wanted.since, last, zone)
    end = min(until_moment(wanted.until, last, zone), last) if wanted.until else last
    if _local(start, zone).time() == time() and _local(end, zone).hour >= LATE_HOUR:
        end = _in_utc(datetime.combine(_local(end, zone).date() + timedelta(days=1), time()), zone)
    try:
        begin = start - (end - start)
    except OverflowError:
        return None  # before the year 1
    return (begin, start) if first <= begin < start else None


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone)


def check_times(since: str | None, until: str | None) -> None:
    """Refuses what is no date, time or period, before anything is read.

    Raises:
        UsageError: naming what is allowed.
    """
    some_day = datetime(2026, 1, 1)  # noqa: DTZ001  naive UTC, as all instants here
    first = since_moment(since, some_day, ZoneInfo("UTC")) if since else None
    end = until_moment(until, some_day, ZoneInfo("UTC")) if until else None
    same_kind = bool(_BACK.fullmatch((since or "").strip())) == bool(_BACK.fullmatch((until or "").strip()))
    if first and end and first >= end and same_kind:
        raise UsageError(f"--since {since} is not before --until {until}: no call can be between; swap them.")


def _parsed(text: str) -> datetime:
    from dateutil.parser import isoparse  # noqa: PLC0415  most runs take all calls

    return isoparse(text)


def _moment(flag: str, text: str, last: datetime, zone: ZoneInfo, *, day_ends: bool) -> datetime:
    from dateutil.relativedelta import relativedelta  # noqa: PLC0415  most runs take all calls

    text = text.strip()
    try:
        if period := _BACK.fullmatch(text):
            return last - relativedelta(**{_BACK_UNITS[period[2]]: int(period[1])})  # type: ignore[arg-type]
        if _DAY.fullmatch(text):
            return _in_utc(_parsed(text) + timedelta(days=day_ends), zone)
        if _MOMENT.fullmatch(text):
            return _in_utc(_parsed(text), zone)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{flag} {text!r} does not exist ({error}); give {ALLOWED_TIMES}.") from error
    raise UsageError(f"{flag} {text!r} is not understood; give {ALLOWED_TIMES}.")


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """An instant as naive UTC; a time without offset is one of the zone."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC).replace(tzinfo=None)


def value_conditions(where: Iterable[tuple[str, str]]) -> list[Condition]:
    """One condition a column: any of the values given for it.

    Raises:
        UsageError: an unknown column, or a value that its type cannot hold.
    """
    wanted: dict[str, list[Any]] = {}
    for name, text in where:
        if name not in COLUMN_BY_NAME:
            raise UsageError(
                f"--where: there is no column {name!r}; the columns are {', '.join(COLUMN_NAMES)}."
            )
        wanted.setdefault(name, []).append(_typed(name, text))
    return [_any_of(name, values) for name, values in wanted.items()]


def period_conditions(wanted: Filters, last: datetime) -> list[Condition]:
    """The conditions of `--since` and `--until`; `last` is the instant of the last call (naive UTC)."""
    zone = zone_of(wanted.timezone)
    conditions = []
    if wanted.since:
        first = since_moment(wanted.since, last, zone)
        conditions.append(Condition('"timestamp" >= $since_moment', {"since_moment": first}))
    if wanted.until:
        end = until_moment(wanted.until, last, zone)
        conditions.append(Condition('"timestamp" < $until_moment', {"until_moment": end}))
    return conditions


def _any_of(name: str, values: list[Any]) -> Condition:
    bound = {f"{name}_{position}": value for position, value in enumerate(values)}
    return Condition(f"{identifier(name)} in ({', '.join('$' + key for key in bound)})", bound)


def _typed(name: str, text: str) -> Any:
    kind = COLUMN_BY_NAME[name].kind
    try:
        if kind is Kind.COUNT:
            return int(text)
        if kind is Kind.DECIMAL:
            return _money(text)
        if kind is Kind.TIMESTAMP:
            return _in_utc(_parsed(text), ZoneInfo("UTC"))
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"--where {name}: the value given is not UTF-8; calls hold nothing else.") from error
    except (ValueError, OverflowError, InvalidOperation) as error:
        raise UsageError(f"--where {name}={text}: {name} holds a {kind.value}; give one.") from error
    return text


def _money(text: str) -> Decimal:
    """Dollars as the column can hold them."""
    usd = Decimal(text)
    if not usd.is_finite() or abs(usd) >= _USD_LIMIT:
        raise ValueError(text)
    return usd


def parsed_where(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`column=value` texts as pairs.

    Raises:
        UsageError: a text without `=`.
    """
    pairs = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise UsageError(
                f"--where {text!r} is not understood; write column=value, for example environment=production."
            )
        pairs.append((name.strip(), value))
    return tuple(pairs)
