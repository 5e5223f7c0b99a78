"""Dollars as text: all digits that calls have, and no zeros that say nothing."""

from decimal import Decimal

LEAST = Decimal("0.000000001")


def usd(value: Decimal | None) -> str:
    """Dollars with their sign; "nothing" where there is none."""
    if value is None:
        return "nothing"
    return f"-${amount(-value)}" if value < 0 else f"${amount(value)}"


def signed(value: Decimal) -> str:
    """An amount that is added."""
    return ("+" if value >= 0 else "") + amount(value)


def amount(value: Decimal) -> str:
    """At least cents, at most nine decimals; what would be rounded to nothing stands as a power of ten."""
    if value and abs(value) < LEAST:
        return f"{value:.1e}"
    whole, _, decimals = f"{abs(value):,.9f}".partition(".")
    return f"{'-' if value < 0 else ''}{whole}.{decimals.rstrip('0').ljust(2, '0')}"
