"""Which provider sold a call and which model answered, for each spelling in the files."""

from collections.abc import Iterable
from typing import NamedTuple

import duckdb

from settings.model_names import without_route
from settings.pricing import Pricing

TABLE = "create table names (named_provider varchar, named_model varchar, provider varchar, model varchar)"


class Name(NamedTuple):
    """A provider and model as a file names them, and as the calls will."""

    named_provider: str
    named_model: str
    provider: str
    model: str


def resolve(connection: duckdb.DuckDBPyConnection, pricing: Pricing, *, doubtful: bool) -> list[Name]:
    """Fills table `names` for all pairs in `records` and returns its rows."""
    pairs = connection.execute(
        "select distinct provider, model from records where skip = '' order by 1, 2"
    ).fetchall()
    known = {entry.id for entry in pricing.provider}
    # Some instrumentations name themselves, not the provider: the model tells who was called.
    makers = (
        {entry.provider for entry in pricing.model if entry.provider == entry.maker} if doubtful else set()
    )
    names = [_name(provider, model, pricing, known, makers) for provider, model in pairs]
    connection.execute(TABLE)
    fill(connection, "names", names)
    return names


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Inserts a few rows into a table."""
    rows = [tuple(row) for row in rows]
    for start in range(0, len(rows), 1000):
        batch = rows[start : start + 1000]
        marks = ", ".join("(" + ", ".join("?" for _ in row) + ")" for row in batch)
        connection.execute(f"insert into {table} values {marks}", [value for row in batch for value in row])


def _name(provider: str, model: str, pricing: Pricing, known: set[str], makers: set[str]) -> Name:
    """The name of a call; `makers` sell their own models, so that a model of others shows a wrong provider."""
    seller = pricing.provider_id(provider)
    seller = seller if seller in known else provider
    if not provider or (seller in makers and not pricing.find(seller, model)):
        found = pricing.find("", model)
        seller = found.provider if found else seller
    return Name(provider, model, seller, without_route(model) or model)
