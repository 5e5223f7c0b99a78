"""The customers file: plan, price and organization of each customer, for calls whose source knows only an id.

A CSV with the column `customer_id` and at least one of `subscription_tier`, `tier_price_usd` and
`organization_id`. What it says goes before what the calls say; a field left empty says nothing.
"""

import csv
import hashlib
import io
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

import duckdb

from foundation.outcome import UsageError
from foundation.places import text_of

KEY = "customer_id"
FILLED = {
    "subscription_tier": "coalesce(nullif(c.subscription_tier, ''), a.subscription_tier)",
    "tier_price_usd": "coalesce(c.tier_price_usd, a.tier_price_usd)",
    "organization_id": "coalesce(nullif(c.organization_id, ''), a.organization_id)",
}
"""The columns of calls that the file can fill, each with its SQL: `a` is the call, `c` the line of its customer."""
COLUMNS = (KEY, *FILLED)
PRICE_MAX = 1_000_000
TABLE = (
    "create or replace table customers (customer_id varchar, subscription_tier varchar, "
    "tier_price_usd decimal(18,9), organization_id varchar)"
)


class Customer(NamedTuple):
    """A line of the file; an empty text and a price of None say nothing."""

    customer_id: str
    subscription_tier: str
    tier_price_usd: Decimal | None
    organization_id: str


def read_customers(path: Path) -> tuple[Customer, ...]:
    """The customers of a file.

    Raises:
        UsageError: the file cannot be read, has no customer_id, names a customer twice or a price that is none.
    """
    reader = csv.DictReader(io.StringIO(text_of(path, f"--customers {path}"), newline=""))
    try:
        names = reader.fieldnames or ()
        rows = list(reader)
    except csv.Error as error:
        raise UsageError(f"{path} cannot be read as CSV ({error}); save it as CSV again.") from None
    columns = {name.strip() for name in names}
    if KEY not in columns or not columns & FILLED.keys():
        raise UsageError(f"{path} needs a column {KEY} and at least one of {', '.join(FILLED)}.")
    found: dict[str, Customer] = {}
    for number, row in enumerate(rows, start=2):
        fields = {key.strip(): (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        if fields[KEY] in found:
            raise UsageError(f"{path}, line {number}: customer {fields[KEY]} stands twice; keep one.")
        found[fields[KEY]] = Customer(
            fields[KEY],
            fields.get("subscription_tier", ""),
            _price(fields.get("tier_price_usd", ""), f"{path}, line {number}"),
            fields.get("organization_id", ""),
        )
    return tuple(found.values())


def digest_of(path: Path | str) -> str | None:
    """SHA-256 of the file's content; None if there is no such file."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


def load(connection: duckdb.DuckDBPyConnection, customers: tuple[Customer, ...]) -> None:
    """Makes the table `customers`."""
    connection.execute(TABLE)
    columns = {name: [getattr(customer, name) for customer in customers] for name in Customer._fields}
    values = ", ".join(f"unnest(${name})" for name in Customer._fields)
    if customers:
        connection.execute(f"insert into customers select {values}", columns)


def fill_in(connection: duckdb.DuckDBPyConnection, path: Path) -> frozenset[str]:
    """Writes what a customers file says into the table `accepted_calls`.

    Returns:
        The columns that it fills for at least one customer.

    Raises:
        UsageError: besides what `read_customers` raises, when no customer of the file has a call.
    """
    customers = read_customers(path)
    load(connection, customers)
    if not connection.execute(known_sql("accepted_calls", "customers")).fetchall()[0][0]:
        raise unknown_to_calls(path, len(customers))
    replaced = ", ".join(f"{sql} as {name}" for name, sql in FILLED.items())
    connection.execute(
        f"create or replace table filled_calls as "
        f"select a.* replace ({replaced}) from {joined('accepted_calls', 'customers')}"
    )
    connection.execute("drop table accepted_calls; alter table filled_calls rename to accepted_calls")
    return filled_by(customers)


def known_sql(calls: str, customers: str) -> str:
    """SQL that counts the customers of one relation that have a call in the other."""
    return (
        f"select count(*) as n from {customers} "
        f"where customer_id in (select customer_id from {calls} where customer_id <> '')"
    )


def joined(calls: str, customers: str) -> str:
    """What the SQL of `FILLED` selects from: each call with the line of its customer, if there is one."""
    # A line without a customer_id speaks of no customer, so that calls without one stay as they are.
    return f"{calls} as a left join {customers} as c on c.customer_id = a.customer_id and a.customer_id <> ''"


def filled_by(customers: Iterable[Customer]) -> frozenset[str]:
    """The columns that a file says something of for at least one customer."""
    return frozenset(
        name for customer in customers for name in FILLED if getattr(customer, name) not in ("", None)
    )


def unknown_to_calls(path: Path, count: int) -> UsageError:
    """What to say of a file none of whose customers has a call."""
    return UsageError(
        f"{path}: none of its {count:,} customers has a call; its {KEY} must be that of the calls."
    )


def _price(text: str, where: str) -> Decimal | None:
    if not text:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or not 0 <= price <= PRICE_MAX:
        raise UsageError(f"{where}: tier_price_usd is {text}; allowed is 0 to {PRICE_MAX}.")
    return price
