"""How much of a total sits with few: top share, Herfindahl index, cumulative curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

ZERO = Decimal(0)


@dataclass(frozen=True)
class Concentration:
    """The concentration of non-negative amounts.

    `herfindahl` is the sum of squared shares: 1/n when all are equal, 1 when one has all; None where there
    is nothing to share.
    """

    count: int
    total: Decimal
    top: Decimal
    herfindahl: float | None

    @property
    def top_share(self) -> float | None:
        """The share of the largest."""
        return float(self.top / self.total) if self.total else None

    @property
    def effective_count(self) -> float | None:
        """How many equal shares would be as concentrated: 1 / Herfindahl."""
        return 1 / self.herfindahl if self.herfindahl else None


@dataclass(frozen=True)
class WhaleCurve:
    """Margins in falling order, added up: it rises over profitable customers and falls over the others."""

    cumulative: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        """The margin of all."""
        return self.cumulative[-1] if self.cumulative else ZERO

    @property
    def peak(self) -> Decimal:
        """The margin before the first loss; never below zero."""
        return max((ZERO, *self.cumulative))

    @property
    def lost(self) -> Decimal:
        """What the loss-makers take from the peak."""
        return self.peak - self.total


def concentration(amounts: Sequence[Decimal]) -> Concentration:
    """The concentration of amounts that are not negative.

    Raises:
        ValueError: An amount is negative.

    Source: Hirschman, The Paternity of an Index, American Economic Review 54 (1964).
    """
    if any(amount < 0 for amount in amounts):
        raise ValueError("shares need amounts that are not negative")
    total = sum(amounts, ZERO)
    squares = sum((float(amount / total) ** 2 for amount in amounts), 0.0) if total else None
    return Concentration(len(amounts), total, max(amounts, default=ZERO), squares)


def top_share(amounts: Sequence[Decimal], count: int) -> float | None:
    """The share of the total that the `count` largest amounts hold; None where the total is zero."""
    total = sum(amounts, ZERO)
    return float(sum(sorted(amounts, reverse=True)[:count], ZERO) / total) if total else None


def pareto(amounts: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The amounts in falling order, added up one by one."""
    return tuple(accumulate(sorted(amounts, reverse=True)))


def whale_curve(margins: Sequence[Decimal]) -> WhaleCurve:
    """The cumulative margin over customers, the most profitable first.

    Source: Kaplan and Narayanan, Measuring and Managing Customer Profitability (2001).
    """
    return WhaleCurve(pareto(margins))
