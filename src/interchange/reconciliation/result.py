"""The result of a reconciliation, and its parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from interchange.bills.charges import Bill, exact_product, exact_sum

ZERO = Decimal(0)


class Verdict(StrEnum):
    """What the comparison comes to."""

    AGREES = "agrees"
    DIFFERS = "differs"
    OPEN = "not concluded"
    """Something is unread, unknown or contradictory: neither of the others can be said."""


@dataclass(frozen=True)
class Tolerance:
    """How far the bill may be from the calls: dollars, or a share of the bill."""

    usd: Decimal = ZERO
    share: Decimal = ZERO

    def allows(self, difference: Decimal, billed: Decimal) -> bool:
        """Whether a difference is within."""
        return abs(difference) <= max(self.usd, exact_product(abs(billed), self.share))


@dataclass(frozen=True)
class CallsAndBill:
    """One day or model: dollars in the calls and on the bill; None where one of the two has nothing."""

    name: str
    calls: int
    calls_usd: Decimal | None
    billed_usd: Decimal | None

    @property
    def difference_usd(self) -> Decimal:
        """Billed minus calls."""
        return exact_sum((self.billed_usd or ZERO, -(self.calls_usd or ZERO)))


@dataclass(frozen=True)
class Step:
    """One step from the calls to the invoice, in dollars that it adds."""

    name: str
    usd: Decimal


@dataclass(frozen=True)
class Reconciliation:
    """Calls against AI usage billed, in total, by day and by model.

    `periods` are the first and last days of the bills; `outside` are the calls of other days, which are left out.
    `waterfall` begins with the calls and ends with what is not explained; its sum is `invoice_usd`. `obstacles` are
    the reasons why nothing is concluded, `explanations` sentences on the difference.
    """

    verdict: Verdict
    total: CallsAndBill
    invoice_usd: Decimal
    waterfall: tuple[Step, ...]
    periods: tuple[tuple[date, date], ...]
    outside: CallsAndBill
    unknown_calls: int
    partial_calls: int
    by_day: tuple[CallsAndBill, ...]
    by_model: tuple[CallsAndBill, ...]
    bills: tuple[Bill, ...]
    ai_usage_net_usd: Decimal | None
    obstacles: tuple[str, ...]
    explanations: tuple[str, ...]

    @property
    def difference_share(self) -> Decimal | None:
        """The difference as a share of the AI usage billed; None for a bill of nothing."""
        billed = self.total.billed_usd
        return (self.total.difference_usd / billed).quantize(Decimal("0.0001")) if billed else None


@dataclass(frozen=True)
class Row:
    """Calls of one day and model: known dollars, how many are unknown, or a lower bound, what is computed."""

    day: date
    model: str
    calls: int
    usd: Decimal
    unknown: int
    computed_usd: Decimal
    partial: int = 0


def sum_of(pairs: Iterable[CallsAndBill]) -> Decimal:
    """Billed minus calls of several days or models."""
    return exact_sum(entry.difference_usd for entry in pairs)
