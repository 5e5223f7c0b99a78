"""From judged records to calls: ids, tokens as they are counted here, and prices."""

from datetime import date

import duckdb

from calls.schema import COLUMN_NAMES
from interchange.importers import published_rates
from interchange.importers.call_prices import ON_DAY, TABLE, register, rounded_sql, units_sql
from interchange.importers.draft import draft_name
from interchange.importers.naming import Name
from interchange.sql_text import identifier, listed, literal
from settings.pricing import Pricing

HALF_PRICE = ("batch", "flex")
"""Ways to be served later for half the price; providers that have them take half for every kind of token."""
_MADE_HERE = {
    "provider": "n.provider",
    "model": "n.model",
    "input_tokens": """coalesce(s.input, 0)
        + case when m.cached_outside then coalesce(s.cached, 0) + coalesce(s.write, 0) else 0 end""",
    "output_tokens": "coalesce(s.output, 0) + case when m.reasoning_outside then coalesce(s.reasoning, 0) else 0 end",
    "subscription_tier": "coalesce(nullif(c.subscription_tier, ''), s.subscription_tier)",
    "organization_id": "coalesce(nullif(c.organization_id, ''), s.organization_id)",
    "tier_price_usd": "coalesce(c.tier_price_usd, s.tier_price_usd)",
    "service_tier": "lower(s.service_tier)",
}
"""Columns of a call that are not taken from its record as they are."""
_MADE_LATER = {
    "cached_input_tokens": "s.cached", "cache_write_tokens": "s.write", "reasoning_tokens": "s.reasoning",
    "cost_usd": "s.cost as reported_usd", "cost_source": "s.cost_source as named_source", "cost_gap": None,
}  # fmt: skip
"""Columns that views and tables below make, of these."""
INCLUSIVE = f"""
    create view inclusive as
    select s.row_id, s.provider as named_provider, s.model as named_model, s.convention, s.reasoning_convention,
        s.file, s.line, {", ".join(filter(None, _MADE_LATER.values()))},
        {
    ", ".join(
        f"{_MADE_HERE.get(name, f's.{identifier(draft_name(name))}')} as {identifier(name)}"
        for name in COLUMN_NAMES
        if name not in _MADE_LATER
    )
},
        coalesce(s.input, 0) + case when m.cached_outside then 0 else coalesce(s.cached, 0) + coalesce(s.write, 0)
            end as other_input_tokens
    from records as s
    join names as n on s.provider = n.named_provider and s.model = n.named_model
    join semantics as m on s.provider = m.named_provider and s.model = m.named_model
        and s.convention = m.convention and s.reasoning_convention = m.reasoning_convention
    left join customers as c on s.customer_id = c.customer_id and s.customer_id <> ''
    where s.skip = '' and s.row_id not in (select row_id from dropped)
"""
REPORTED = (
    "row_id", "file", "named_provider", "named_model", "convention", "reasoning_convention", "provider", "model",
    '"timestamp"', "status", "input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens",
    "reasoning_tokens",
)  # fmt: skip
"""What the report of an import counts by."""
# Parts cannot exceed their total; a few records of a group may say so, and are cut to it.
PARTS = """
    create view parts as
    select *, case when write > input_tokens - coalesce(cached_input_tokens, 0)
            then input_tokens - coalesce(cached_input_tokens, 0) else write end as cache_write_tokens
    from (
        select *, case when cached > input_tokens then input_tokens else cached end as cached_input_tokens,
            case when reasoning > output_tokens then output_tokens else reasoning end as reasoning_tokens
        from inclusive
    )
"""


def price(
    connection: duckdb.DuckDBPyConnection, names: list[Name], pricing: Pricing, *, published: bool
) -> None:
    """Makes table `priced`: one row a call, with its cost, where it comes from, and what a report counts.

    Its texts stay in view `parts`: written a second time, they would cost more than joining them again.

    Rates come from pricing.toml and, if `published`, from genai-prices for models that it lacks.
    """
    connection.execute(INCLUSIVE)
    connection.execute(PARTS)
    connection.execute(TABLE)
    spellings = [(name.named_provider, name.named_model) for name in names]
    canonical = {(name.named_provider, name.named_model): (name.provider, name.model) for name in names}
    rows = []
    for spelling in spellings:
        seller = canonical[spelling][0]
        found = pricing.price_rows([(seller, spelling[1])])
        rows += [row._replace(provider=spelling[0], model=spelling[1]) for row in found]
    register(connection, rows, "pricing.toml")
    if published:
        register(connection, published_rates.rows(_unpriced_days(connection)), "genai-prices")
    connection.execute(_priced_sql())


def _unpriced_days(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str, date]]:
    """What no rate of pricing.toml covers and no file reports: one row a provider, model and day."""
    return connection.execute(f"""
        select distinct x.named_provider, x.named_model, x.provider, x.model, cast(x."timestamp" as date)
        from parts as x where x.reported_usd is null and x.model <> '' and not exists (
            select 1 from prices as p where {_on_day("x")}
        ) order by all
    """).fetchall()


def _on_day(relation: str) -> str:
    return (
        ON_DAY.format(calls=relation)
        .replace(f"{relation}.provider", f"{relation}.named_provider")
        .replace(f"{relation}.model", f"{relation}.named_model")
    )


def _priced_sql() -> str:
    hour = "least(coalesce(cache_write_1h_tokens, 0), coalesce(cache_write_tokens, 0))"
    batch = f"service_tier in ({listed(HALF_PRICE)})"
    # Had the cached tokens been counted the other way.
    other = "greatest(other_input_tokens, coalesce(cached_input_tokens, 0) + coalesce(cache_write_tokens, 0))"
    parts = "coalesce(cached, 0) + coalesce(write, 0) > 0"
    nothing = "(status = 'error' and input_tokens = 0 and output_tokens = 0)"
    return f"""
        create table priced as
        select {", ".join(REPORTED)},
            case when reported_usd is not null then reported_usd when {nothing} then 0
                else {rounded_sql("cost_units")} end as cost_usd,
            case when reported_usd is not null and named_source = 'computed' then 'computed'
                when reported_usd is not null then 'reported'
                when cost_units is not null or {nothing} then 'computed' else 'unknown' end as cost_source,
            '' as cost_gap,
            abs(other_units - cost_units) as at_stake_units
        from (
            select x.*,
                case when reported_usd is null or {parts} then {units_sql(write_1h=hour)} end as full_units,
                case when {parts} then {units_sql(input_tokens=other, write_1h=hour)} end as other_full_units,
                case when {batch} then full_units // 2 else full_units end as cost_units,
                case when {batch} then other_full_units // 2 else other_full_units end as other_units
            from parts as x left join prices as p on {_on_day("x")}
        )
    """


def made_id_sql(digests: dict[int, str]) -> str:
    """SQL for an id made of the digest of the call's file and its place in it: the same in each import of the file."""
    cases = " ".join(f"when {file} then {literal(digest[:16])}" for file, digest in digests.items())
    first = "(select min(f.rowid) from staged as f where f.file = staged.file)"
    return f"(case file {cases} end || '-' || coalesce('l' || line, cast(rowid - {first} + 1 as varchar)))"
