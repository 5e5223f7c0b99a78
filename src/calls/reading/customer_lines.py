"""The lines of a customers file: plan, price, `from`, `until` and `quantity` of each; which ones are refused.

A CSV with the column `customer_id` and at least one of `subscription_tier`, `tier_price_usd` and
`organization_id`; a field left empty says nothing. With a column `from`, `until` or `quantity` a customer may stand in
several lines, one a plan, which follow each other or hold side by side.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from foundation.outcome import UsageError
from foundation.places import text_of

KEY = "customer_id"
SAID = ("subscription_tier", "tier_price_usd", "organization_id")
"""What a line says of its customer; one of the columns has to be there."""
DATED = ("from", "until", "quantity")
"""The columns of a file whose lines are dated plans."""
PRICE, CURRENCY = "price", "currency"
PRICE_MAX = 1_000_000
NANO = Decimal("0.000000001")


class CustomerLine(NamedTuple):
    """A line; an empty text and None say nothing. `first` and `until` are days of the plan, both counted.

    `monthly_usd` is the price of all units together.
    """

    customer_id: str
    subscription_tier: str
    monthly_usd: Decimal | None
    organization_id: str
    first: date | None = None
    until: date | None = None


class CustomerLines(NamedTuple):
    """All lines of a file; `dated` says that they are plans with days, of which a customer may have several."""

    lines: tuple[CustomerLine, ...]
    dated: bool


def read_lines(path: Path) -> CustomerLines:
    """The lines of a customers file.

    Raises:
        UsageError: the file cannot be read, has no customer_id, names a customer twice, or holds a price, a day, a
            quantity or a currency that is none.
    """
    reader = csv.DictReader(io.StringIO(text_of(path, f"--customers {path}"), newline=""))
    try:
        columns = {name.strip() for name in reader.fieldnames or ()}
        rows = list(reader)
    except csv.Error as error:
        raise UsageError(f"{path} cannot be read as CSV ({error}); save it as CSV again.") from None
    if KEY not in columns or not columns & {*SAID, PRICE}:
        raise UsageError(f"{path} needs a column {KEY} and at least one of {', '.join(SAID)}.")
    if columns >= {"tier_price_usd", PRICE}:
        raise UsageError(f"{path} has both tier_price_usd and price; keep one.")
    dated = bool(columns & set(DATED))
    seen: dict[object, int] = {}
    lines = []
    for number, row in enumerate(rows, start=2):
        fields = {key.strip(): (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        line = _line(fields, f"{path}, line {number}")
        if seen.setdefault(line if dated else line.customer_id, number) != number:
            raise UsageError(f"{path}, line {number}: customer {line.customer_id} stands twice; keep one.")
        lines.append(line)
    return CustomerLines(tuple(lines), dated)


def _line(fields: Mapping[str, str], where: str) -> CustomerLine:
    currency = fields.get(CURRENCY, "").upper()
    if currency not in ("", "USD"):
        raise UsageError(f"{where}: the price is in {currency}; write it in US dollars, as tier_price_usd.")
    name = PRICE if PRICE in fields else "tier_price_usd"
    price = _number(fields.get(name, ""), f"{where}: {name}")
    quantity = _number(fields.get("quantity", ""), f"{where}: quantity")
    first, until = (_day(fields.get(key, ""), f"{where}: {key}") for key in ("from", "until"))
    if first and until and until < first:
        raise UsageError(f"{where}: until {until} lies before from {first}; exchange them.")
    if price is not None and quantity is not None:
        price = (price * quantity).quantize(NANO)
    return CustomerLine(
        customer_id=fields[KEY],
        subscription_tier=fields.get("subscription_tier", ""),
        monthly_usd=price,
        organization_id=fields.get("organization_id", ""),
        first=first,
        until=until,
    )


def _number(text: str, what: str) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or not 0 <= number <= PRICE_MAX:
        raise UsageError(f"{what} is {text}; allowed is 0 to {PRICE_MAX}.")
    return number


def _day(text: str, what: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{what} is {text}; write a day such as 2026-11-15.") from None
