"""The customers file of an import; see `calls.reading.customers_file`."""

import duckdb

from calls.reading.customers_file import load, read_customers
from foundation.places import existing_file


def load_customers(connection: duckdb.DuckDBPyConnection, path: str | None) -> None:
    """Makes the table `customers`; it is empty without a file.

    Raises:
        UsageError: the file cannot be read, has no customer_id, names a customer twice or has a bad price.
    """
    load(connection, read_customers(existing_file(path)) if path is not None else ())
