"""The rates of an import as a table that calls are joined with, and which columns of the calls count.

What calls cost is said in `settings.price_sql`; here it meets the engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import duckdb

from calls.schema import COLUMNS, Kind
from foundation.sql_text import identifier
from interchange.importers import published_rates
from settings.price_rows import LAST_INSTANT, PriceRow
from settings.price_sql import PriceSql, create_sql, insert_sqls
from settings.pricing import Pricing
from settings.terms import Terms

TABLE = "prices"
COUNTED = tuple(
    column.name
    for column in COLUMNS
    if (column.kind is Kind.COUNT and column.unit in ("tokens", "requests")) or column.name == "units"
)
"""What a price may multiply."""
ALWAYS = ("input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens")


@dataclass(frozen=True)
class Asked:
    """What a price is asked for, found by one look at the calls.

    Attributes:
        days: the days (UTC) of each set of terms; None is a day that is not known.
        columns: what a price may multiply and some call holds.
    """

    days: Mapping[Terms, frozenset[date | None]]
    columns: tuple[str, ...]


def asked_of(connection: duckdb.DuckDBPyConnection, relation: str, call: Callable[[str], str]) -> Asked:
    """The terms of the calls of a relation, their days, and the columns that count."""
    named = ", ".join(f"coalesce({call(term)}, '') as {term}" for term in Terms._fields)
    tests = ", ".join(f"bool_or(coalesce({call(name)}, 0) <> 0)" for name in COUNTED)
    rows = connection.execute(
        f"select {named}, cast({call('timestamp')} as date) as day, {tests} from {relation} group by all"
    ).fetchall()
    days: dict[Terms, set[date | None]] = {}
    for row in sorted(rows, key=lambda row: row[: len(Terms._fields)]):
        days.setdefault(Terms(*row[: len(Terms._fields)]), set()).add(row[len(Terms._fields)])
    flags = [row[len(Terms._fields) + 1 :] for row in rows]
    used = [any(column) for column in zip(*flags, strict=True)] or [False] * len(COUNTED)
    columns = tuple(name for name, is_used in zip(COUNTED, used, strict=True) if is_used or name in ALWAYS)
    return Asked({terms: frozenset(found) for terms, found in days.items()}, columns)


def register(connection: duckdb.DuckDBPyConnection, rows: Sequence[PriceRow]) -> None:
    """Makes table `prices` of these rates."""
    connection.execute(create_sql(TABLE))
    for insert in insert_sqls(TABLE, rows):
        connection.execute(insert)


def register_rates(
    connection: duckdb.DuckDBPyConnection,
    pricing: Pricing,
    relation: str,
    call: Callable[[str], str],
    *,
    published: bool,
    seller: Callable[[str, str], str] = lambda provider, _: provider,
) -> PriceSql:
    """Makes table `prices` with the rates of the calls of a relation, and gives the SQL of their cost.

    Args:
        connection: has the relation.
        pricing: the price list.
        relation: the calls to be priced, with an alias.
        call: SQL for a column of a call.
        published: whether genai-prices is asked for models that the list lacks.
        seller: who sold a call, of the provider and the model as the calls name them.
    """
    asked = asked_of(connection, relation, call)
    rows: list[PriceRow] = []
    open_terms: dict[Terms, datetime] = {}
    for terms in asked.days:
        found = [row.named(terms) for row in pricing.rows_of(_sold(terms, seller))]
        rows += found
        if terms.model:
            open_terms[terms] = min((row.starts for row in found), default=LAST_INSTANT)
    if published and open_terms:
        rows += _published(pricing, asked, open_terms, seller)
    register(connection, rows)
    return PriceSql(rows, asked.columns, call)


def _sold(terms: Terms, seller: Callable[[str, str], str]) -> Terms:
    return terms._replace(provider=seller(terms.provider, terms.model))


def _published(
    pricing: Pricing, asked: Asked, open_terms: Mapping[Terms, datetime], seller: Callable[[str, str], str]
) -> list[PriceRow]:
    """Rates of genai-prices for the days of calls before the first price in the list, if there is one."""
    rows: list[PriceRow] = []
    for terms, starts in open_terms.items():
        sold = _sold(terms, seller)
        for day in sorted(day for day in asked.days[terms] if day):
            if datetime.combine(day, time()) + timedelta(days=1) > starts:
                continue
            prices = published_rates.prices(sold.provider, sold.model, day)
            if prices:
                found = pricing.rows_of(sold, prices)
                rows += [_on_day(row.named(terms), day) for row in found if _holds(row, day)]
    return rows


def _holds(row: PriceRow, day: date) -> bool:
    start = datetime.combine(day, time())
    return row.starts < start + timedelta(days=1) and row.ends > start


def _on_day(row: PriceRow, day: date) -> PriceRow:
    start = datetime.combine(day, time())
    return row.within(start, start + timedelta(days=1))


def column_of(alias: str) -> Callable[[str], str]:
    """SQL for a column of a relation by this alias."""
    return lambda name: f"{alias}.{identifier(name)}"
