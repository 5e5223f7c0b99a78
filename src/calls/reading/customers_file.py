"""`--customers FILE`: plan, price and organization of each customer, for calls whose source knows only an id.

What a file says goes before what the calls say. `calls.reading.customer_lines` reads it; where a customer has several
plans, its calls take the one that it is on last.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from calls.reading.customer_lines import KEY, CustomerLine, read_lines
from foundation.outcome import UsageError

FILLED = {
    "subscription_tier": "coalesce(nullif(c.subscription_tier, ''), a.subscription_tier)",
    "tier_price_usd": "coalesce(c.tier_price_usd, a.tier_price_usd)",
    "organization_id": "coalesce(nullif(c.organization_id, ''), a.organization_id)",
}
"""The columns of calls that the file can fill, each with its SQL: `a` is the call, `c` the line of its customer."""
COLUMNS = (KEY, *FILLED)
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
    """The customers of a file, each with its only line or the plan that it is on last.

    Raises:
        UsageError: the file cannot be understood, as `calls.reading.customer_lines` says.
    """
    latest: dict[str, CustomerLine] = {}
    for line in read_lines(path).lines:
        known = latest.setdefault(line.customer_id, line)
        if _days(line) > _days(known):
            latest[line.customer_id] = line
    return tuple(
        Customer(line.customer_id, line.subscription_tier, line.monthly_usd, line.organization_id)
        for line in latest.values()
    )


def _days(line: CustomerLine) -> tuple[date, date]:
    return line.until or date.max, line.first or date.min


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
