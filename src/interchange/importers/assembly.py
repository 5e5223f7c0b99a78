"""From judged records to calls: ids, inclusive token counts, providers and models, prices."""

from dataclasses import replace

import duckdb

from calls.schema import COLUMN_NAMES
from foundation.sql_text import identifier
from interchange.importers import token_semantics
from interchange.importers.call_prices import register_rates
from interchange.importers.field_mapping import mapped_name
from interchange.importers.foreign_costs import GAP
from interchange.importers.naming import Name
from interchange.importers.token_semantics import PARTS, UNSAID
from settings.call_price import REASONING
from settings.price_sql import PriceSql
from settings.pricing import Pricing

_UNSAID = f"""nullif(greatest(case when {UNSAID} then s.total - coalesce(s.input, 0) - coalesce(s.output, 0)
    - case when m.cached_outside then {PARTS} else 0 end
    - case when m.reasoning_outside then coalesce(s.reasoning, 0) else 0 end end, 0), 0)"""
"""The tokens of a total that no other count holds."""
_THOUGHT = "m.unsaid_is_thinking and s.reasoning is null"
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
    "charge_category": "upper(left(trim(s.charge_category), 1)) || lower(substring(trim(s.charge_category), 2))",
}
"""Columns of a call that are not taken from its record as they are."""
_MADE_LATER = {
    "cached_input_tokens": "s.cached", "cache_write_tokens": "s.write", "reasoning_tokens": "s.reasoning",
    "cost_usd": "coalesce(s.cost, l.cost) as reported_usd", "cost_source": "s.cost_source as named_source",
    "cost_gap": "s.cost_gap as named_gap",
}  # fmt: skip
"""Columns that views and tables below make, of these."""
INCLUSIVE = f"""
    create view inclusive as
    select s.row_id, s.provider as named_provider, s.model as named_model, s.convention, s.reasoning_convention,
        s.file, s.line, {", ".join(_MADE_LATER.values())},
        {
    ", ".join(
        f"{_MADE_HERE.get(name, f's.{identifier(mapped_name(name))}')} as {identifier(name)}"
        for name in COLUMN_NAMES
        if name not in _MADE_LATER
    )
},
        {{unsaid}} as unsaid, {_THOUGHT} as unsaid_is_thought,
        coalesce(s.input, 0) + case when m.cached_outside then 0 else coalesce(s.cached, 0) + coalesce(s.write, 0)
            end as other_input_tokens
    from records as s
    join names as n on s.provider = n.named_provider and s.model = n.named_model
    join semantics as m on s.provider = m.named_provider and s.model = m.named_model
        and s.convention = m.convention and s.reasoning_convention = m.reasoning_convention
    left join lent as l on s.row_id = l.row_id
    left join customers as c on s.customer_id = c.customer_id and s.customer_id <> ''
    where s.skip = '' and s.row_id not in (select row_id from dropped)
"""
REPORTED = (
    "row_id", "file", "named_provider", "named_model", "convention", "reasoning_convention", "provider", "model",
    '"timestamp"', "status", "input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens",
    "reasoning_tokens", "unsaid",
)  # fmt: skip
"""What the report of an import counts by."""
PARTS_VIEW = """
    create view parts as
    select * {thought}, cached as cached_input_tokens, write as cache_write_tokens,
        {reasoning} as reasoning_tokens
    from inclusive
"""
_WITH_THOUGHT = {
    "thought": "replace (output_tokens + case when unsaid_is_thought then coalesce(unsaid, 0) else 0 end "
    "as output_tokens)",
    "reasoning": "case when unsaid_is_thought then unsaid else reasoning end",
}
"""Parts stay as the file says them: those larger than their whole have no price (`settings.price_sql`)."""


def price(
    connection: duckdb.DuckDBPyConnection, names: list[Name], pricing: Pricing, *, published: bool
) -> None:
    """Makes table `priced`: one row per call, with its cost, where it comes from, and what a report counts.

    Its texts stay in view `parts`: written a second time, they would cost more than joining them again.

    Rates come from pricing.toml and, if `published`, from genai-prices for models that it lacks.
    """
    has_unsaid = token_semantics.has_unsaid(connection)
    thought = _WITH_THOUGHT if has_unsaid else {"thought": "", "reasoning": "reasoning"}
    connection.execute(INCLUSIVE.format(unsaid=_UNSAID if has_unsaid else "cast(null as bigint)"))
    connection.execute(PARTS_VIEW.format(**thought))
    sellers = {(name.named_provider, name.named_model): name.provider for name in names}
    sql = register_rates(
        connection,
        pricing,
        "parts as x",
        _call,
        published=published,
        seller=lambda provider, model: sellers.get((provider, model), provider),
    )
    connection.execute(_priced_sql(sql, has_unsaid=has_unsaid))


def _call(name: str) -> str:
    """SQL for a column of a call; rates are looked for under the names in the files."""
    return f"x.{identifier({'provider': 'named_provider', 'model': 'named_model'}.get(name, name))}"


def _call_read_otherwise(name: str) -> str:
    """The same, had the cached tokens been counted the other way."""
    other = "greatest(x.other_input_tokens, coalesce(x.cached_input_tokens, 0) + coalesce(x.cache_write_tokens, 0))"
    return other if name == "input_tokens" else _call(name)


def _call_without_thought(name: str) -> str:
    """The same, had the tokens that only a total holds been counted the other way: left out, or as output."""
    if name == "output_tokens":
        return "(x.output_tokens + case when x.unsaid_is_thought then -x.unsaid else x.unsaid end)"
    return (
        "case when not x.unsaid_is_thought then x.reasoning_tokens end" if name == REASONING else _call(name)
    )


def _priced_sql(sql: PriceSql, *, has_unsaid: bool) -> str:
    otherwise = replace(sql, call=_call_read_otherwise)
    unsaid = replace(sql, call=_call_without_thought).usd if has_unsaid else "cast(null as decimal(18,9))"
    parts = "coalesce(cached, 0) + coalesce(write, 0) > 0"
    unconverted = f"named_gap like '{GAP}=%'"
    nothing = "(status = 'error' and input_tokens = 0 and output_tokens = 0)"
    return f"""
        create table priced as
        select {", ".join(REPORTED)},
            case when reported_usd is not null then reported_usd when {nothing} then 0
                when {unconverted} then null else own_usd end as cost_usd,
            case when reported_usd is not null and named_source in ('computed', 'partial') then named_source
                when reported_usd is not null then 'reported' when {nothing} then 'computed'
                when {unconverted} then 'unknown'
                else {sql.source("own_usd", "own_gap")} end as cost_source,
            case when reported_usd is not null or {unconverted} then named_gap when {nothing} then ''
                else own_gap end as cost_gap,
            abs(other_usd - own_usd) as at_stake_usd, abs(unsaid_other_usd - own_usd) as unsaid_usd
        from (
            select x.*,
                case when reported_usd is null or {parts} or unsaid is not null then {sql.usd} end as own_usd,
                case when reported_usd is null then {sql.gap} else '' end as own_gap,
                case when {parts} then {otherwise.usd} end as other_usd,
                case when unsaid is not null then {unsaid} end as unsaid_other_usd
            from parts as x left join prices as p on {sql.join}
        )
    """


def make_ids(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives each record without an id one made of its content, and of how often its file had that content before.

    So a record has one id in every export that holds it, and of equal ones there are as many as in the file that has
    most of them.
    """
    connection.execute("""
        update staged set call_id = labels.content || '-' || made.place
        from (
            select rowid as made_for, row_number() over (partition by file, labels.content order by rowid) as place
            from staged where skip = '' and call_id = ''
        ) as made
        where staged.rowid = made.made_for
    """)
