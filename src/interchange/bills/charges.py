"""What a bill consists of: lines with a kind of charge, lines that could not be read, and totals that check them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum

_EXACT = Context(prec=200)


class Charge(StrEnum):
    """The kind of a charge; clouds name more of them, and each is one of these."""

    USAGE = "usage"
    DISCOUNT = "discounts"
    CREDIT = "credits"
    REFUND = "refunds"
    ADJUSTMENT = "adjustments"
    TAX = "tax"
    COMMITMENT = "commitments and fees"


class BadLine(ValueError):
    """A line that cannot be used; the message is its reason."""


Fields = Mapping[str, str]
"""A record: its cells by column name, in lower-case letters and digits alone."""


@dataclass(frozen=True)
class RawCharge:
    """One charge as its file writes it, before numbers and dates are read.

    `columns` name where an amount stands: one number format holds in each. `kind` None leaves it to the sign: below
    zero is a credit. `currency` None means that the file has no column for it. `usd` is the same amount in dollars
    where the bill says it, `local_per_usd` the rate it was converted at. `net` is the amount after discounts.
    """

    column: str
    amount: str
    kind: Charge | None
    currency: str | None = None
    ai: bool = True
    starts: str = ""
    ends: str = ""
    model: str = ""
    service: str = ""
    usd_column: str = ""
    usd: str = ""
    local_per_usd: str = ""
    net_column: str = ""
    net: str = ""
    scale: Decimal = Decimal(1)


@dataclass(frozen=True)
class Format:
    """A kind of bill.

    Attributes:
        name: as it is said to the user.
        needs: sets of columns; a file that has all of one set is of this format.
        charges: the charges of one record; none for a record that charges nothing.
        plain: whether any hand or spreadsheet may have written the numbers, so that their format has to be proven.
        month_first: whether dates with slashes begin with the month.
    """

    name: str
    needs: tuple[frozenset[str], ...]
    charges: Callable[[Fields], Sequence[RawCharge]]
    plain: bool = False
    month_first: bool = False


@dataclass(frozen=True)
class BillLine:
    """One charge: its days (None where the bill does not say), model ('' likewise), kind, and exact amounts.

    `ai` is false for other services of a cloud. `amount` is in `currency`, `net_usd` after discounts where the bill has
    such a column.
    """

    day: date | None
    model: str
    usd: Decimal
    kind: Charge = Charge.USAGE
    ai: bool = True
    last_day: date | None = None
    service: str = ""
    amount: Decimal = Decimal(0)
    currency: str = "USD"
    net_usd: Decimal | None = None

    @property
    def is_ai_usage(self) -> bool:
        """Whether the line is what calls can be compared with."""
        return self.ai and self.kind is Charge.USAGE


@dataclass(frozen=True)
class Rejected:
    """A line that was not read, by its number in the file (of the record, in JSON)."""

    number: int
    reason: str


@dataclass(frozen=True)
class Total:
    """A row that sums others: what it says, and what the lines before it sum to."""

    number: int
    stated: Decimal
    lines: Decimal


@dataclass(frozen=True)
class Bill:
    """A bill as read: `lines_read` plus those rejected are its `line_count`; rows that sum others are not among them.

    A line may hold several charges, each of which is one of `lines`. `notes` are sentences on how it was read;
    `has_more` says that the file itself tells of pages that follow.
    """

    name: str
    format: str
    lines: tuple[BillLine, ...]
    rejected: tuple[Rejected, ...] = ()
    totals: tuple[Total, ...] = ()
    notes: tuple[str, ...] = ()
    lines_read: int = 0
    line_count: int = 0
    digest: str = ""
    has_more: bool = False

    @property
    def wrong_totals(self) -> tuple[Total, ...]:
        """Rows of totals that are not what the lines before them sum to."""
        return tuple(total for total in self.totals if total.stated != total.lines)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """A sum with all its digits; the usual context would round beyond 28 of them."""
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def exact_product(left: Decimal, right: Decimal) -> Decimal:
    """A product with all its digits."""
    return _EXACT.multiply(left, right)


def first(fields: Fields, names: Iterable[str]) -> str:
    """The first cell that is not empty."""
    return next((fields[name] for name in names if fields.get(name)), "")


def kind_of(text: str, kinds: Mapping[str, Charge], column: str) -> Charge:
    """The kind that a word of the bill means.

    Raises:
        BadLine: the cell is empty, or holds a word that is not known.
    """
    if not text:
        raise BadLine(f"{column} is empty, so that nothing says what kind of charge it is")
    try:
        return kinds[text.lower()]
    except KeyError:
        raise BadLine(f"{column} {text!r} is no known kind of charge") from None
