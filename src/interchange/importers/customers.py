"""The customers file: plan, price and organization of each customer, for calls whose source knows only an id."""

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from interchange.importers.naming import fill
from outcome import Misuse
from places import existing_file

COLUMNS = ("customer_id", "subscription_tier", "tier_price_usd", "organization_id")
TABLE = (
    "create table customers (customer_id varchar, subscription_tier varchar, "
    "tier_price_usd decimal(18,9), organization_id varchar)"
)


def load_customers(connection: duckdb.DuckDBPyConnection, path: str | None) -> None:
    """Fills table `customers`; it stays empty without a file.

    Raises:
        Misuse: the file cannot be read, has no customer_id, names a customer twice or a price that is none.
    """
    connection.execute(TABLE)
    if path is not None:
        fill(connection, "customers", _rows(existing_file(path), path))


def _rows(path: Path, name: str) -> list[tuple[object, ...]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            reader = csv.DictReader(source)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Misuse(f"{name} cannot be read as CSV ({error}).") from None
    columns = {field.strip() for field in reader.fieldnames or ()}
    if "customer_id" not in columns or not columns & set(COLUMNS[1:]):
        raise Misuse(f"{name} needs a column customer_id and at least one of {', '.join(COLUMNS[1:])}.")
    seen: set[str] = set()
    result: list[tuple[object, ...]] = []
    for number, row in enumerate(rows, start=2):
        values = {key.strip(): (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        if values["customer_id"] in seen:
            raise Misuse(f"{name}, line {number}: customer {values['customer_id']} stands twice; keep one.")
        seen.add(values["customer_id"])
        price = _price(values.get("tier_price_usd", ""), f"{name}, line {number}")
        result.append(
            (
                values["customer_id"],
                values.get("subscription_tier", ""),
                price,
                values.get("organization_id", ""),
            )
        )
    return result


def _price(text: str, where: str) -> Decimal | None:
    if not text:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or not 0 <= price <= 1_000_000:
        raise Misuse(f"{where}: tier_price_usd is {text}; allowed is 0 to 1000000.")
    return price
