"""An amount with what it measures, and its change; numbers stay exact until the one formatter shows them."""

from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Number = Decimal | int | float


class Unit(StrEnum):
    """What a number measures, and with it how it is shown."""

    USD = "usd"
    """Money, to the cent."""
    USD_RATE = "usd_rate"
    """A unit price: four to six significant decimals."""
    SHARE = "share"
    """A share of one, shown as a percentage."""
    POINTS = "points"
    """A difference of two shares, shown in percentage points."""
    COUNT = "count"
    TOKENS = "tokens"
    MILLISECONDS = "ms"
    TOKENS_PER_SECOND = "tokens_per_second"
    DAYS = "days"
    RATIO = "ratio"
    """A plain figure with two decimals."""
    DATE = "date"
    HOUR = "hour"
    """A date with an hour."""
    TEXT = "text"


@dataclass(frozen=True)
class Value:
    """An amount with its unit. Without an amount, `reason` says why there is none ("n/a: ...")."""

    amount: Number | str | date | datetime | None
    unit: Unit
    _: KW_ONLY
    reason: str = ""
    at_least: bool = False
    """True where cost that is not known is missing from the amount."""
    at_most: bool = False
    """True where cost that is not known would come off the amount."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure against an earlier one: `value` is the relative change (SHARE) or, of a share, POINTS."""

    value: Value
    against: str
    """What is compared, in words: "vs previous 30 days", "vs previous 7 days"."""
    good: bool | None = None
    """Whether the change is welcome; None where it is neither."""
