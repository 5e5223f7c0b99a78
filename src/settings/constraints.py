"""What a setting may be: marks that stand in the `Annotated` type of a field and that the loader obeys."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, init=False)
class Within:
    """A number, or each number of a list or table, lies between two bounds, both allowed."""

    low: Decimal
    high: Decimal

    def __init__(self, low: str | int, high: str | int) -> None:
        object.__setattr__(self, "low", Decimal(low))
        object.__setattr__(self, "high", Decimal(high))


class Dollars(Within):
    """Money is not negative, and exact in nine decimals."""

    def __init__(self, high: str | int) -> None:
        super().__init__(0, high)


@dataclass(frozen=True)
class Filled:
    """A text is not empty, nor only blanks."""


@dataclass(frozen=True, init=False)
class OneOf:
    """A text has a closed list of values."""

    allowed: tuple[str, ...]

    def __init__(self, *allowed: str) -> None:
        object.__setattr__(self, "allowed", allowed)


@dataclass(frozen=True)
class Means:
    """What a setting means, in words that can stand in a message."""

    text: str


@dataclass(frozen=True)
class Key:
    """The name a setting has in TOML, where Python does not allow that name."""

    name: str
