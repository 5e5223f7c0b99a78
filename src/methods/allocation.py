"""Splitting an amount (shared cost, an invoice) so that the parts add up to it, to the last cent."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

CENT = Decimal("0.01")


def largest_remainder(
    weights: Sequence[Decimal], total: Decimal, quantum: Decimal = CENT
) -> tuple[Decimal, ...]:
    """Splits `total` in proportion to `weights`; the parts are multiples of `quantum` and add up exactly.

    Each part is its exact share rounded down; the units left over go to the largest remainders, on a tie to
    the earlier part. Weights that are all zero split evenly. A negative total (a credit) is split as its
    positive counterpart.

    Args:
        weights: what each part counts for, none negative; at least one unless `total` is zero.
        total: what is split, a multiple of `quantum`.
        quantum: the smallest unit, positive.

    Raises:
        ValueError: A weight is negative, `total` is no multiple of `quantum`, or nobody is there to take it.

    Source: Hamilton's method of apportionment; Balinski and Young, Fair Representation (1982), chapter 3.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    units = _units(total, quantum)
    if not weights and units:
        raise ValueError("an amount cannot be split among nobody")
    parts = _apportion(_exact_shares(weights, abs(units)), abs(units))
    sign = -1 if units < 0 else 1
    return tuple(sign * part * quantum for part in parts)


def round_together(amounts: Sequence[Decimal], quantum: Decimal = CENT) -> tuple[Decimal, ...]:
    """Rounds amounts of either sign to `quantum` so that they add up to their rounded sum.

    No amount moves by a whole quantum. The sum is rounded half to even, once.

    Source: largest remainder, as in `largest_remainder`.
    """
    shares = [Fraction(amount) / Fraction(quantum) for amount in amounts]
    return tuple(part * quantum for part in _apportion(shares, round(sum(shares, Fraction(0)))))


def round_to_total(
    amounts: Sequence[Decimal], total: Decimal, quantum: Decimal = CENT
) -> tuple[Decimal, ...]:
    """Rounds amounts of either sign to `quantum` so that they add up to a total that was rounded elsewhere.

    Args:
        amounts: what is rounded; at least one unless `total` is zero.
        total: a multiple of `quantum` within `quantum` of the exact sum.
        quantum: the smallest unit, positive.

    Raises:
        ValueError: the total lies further from the sum, or is no multiple of `quantum`.

    Source: largest remainder, as in `largest_remainder`.
    """
    shares = [Fraction(amount) / Fraction(quantum) for amount in amounts]
    units = _units(total, quantum)
    if abs(units - sum(shares, Fraction(0))) >= 1:
        raise ValueError(f"{total} is not the rounded sum of the amounts")
    return tuple(part * quantum for part in _apportion(shares, units))


def _units(total: Decimal, quantum: Decimal) -> int:
    units = Fraction(total) / Fraction(quantum)
    if units.denominator != 1:
        raise ValueError(f"{total} is not a multiple of {quantum}")
    return units.numerator


def _exact_shares(weights: Sequence[Decimal], units: int) -> list[Fraction]:
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    if not whole:
        return [Fraction(units, len(weights)) for _ in weights]
    return [units * Fraction(weight) / whole for weight in weights]


def _apportion(shares: Sequence[Fraction], units: int) -> list[int]:
    parts = [share.__floor__() for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: (parts[index] - shares[index], index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return parts
