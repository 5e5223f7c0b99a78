"""From calls to FOCUS charges, in one SQL statement: one charge an hour, context and kind of token.

The steps, each a relation:

    measured   each call with its span of rates, its input split into uncached, cached and written tokens
    usage      added up by UTC hour and everything that a charge says about its calls
    metered    one row for each kind of token that was used
    charges    the recorded cost of the group divided among its meters, and the list price of each

The recorded cost is divided in proportion to what the meters cost at list price, in whole nano-dollars: each
meter gets the difference of two rounded running totals, so that the parts add up to the cost exactly and none
is negative. Where a model has no list price there is nothing to divide by, and one meter holds all its tokens.
Calls of unknown cost are charges of their own, never mixed with others.
"""

from interchange.exporters.focus_price_list import (
    PRICE_COLUMNS,
    SELLER_COLUMNS,
    SPAN_COLUMNS,
    Meter,
    PriceList,
    relation,
)

CONTEXT = (
    "provider", "model", "organization_id", "customer_id", "subscription_tier", "product_id", "feature_id",
    "task_type", "environment", "region",
)  # fmt: skip
"""What calls of one charge have in common besides the hour."""

_MEASURED = """
    select date_trunc('hour', c."timestamp") as hour, {context}, s.valid_from, s.above_input_tokens,
        s.provider is not null as listed, c.cost_usd is null as unknown_cost, c.cost_usd, c.latency_ms,
        c.input_tokens, c.output_tokens,
        least(coalesce(c.cached_input_tokens, 0), c.input_tokens) as cached_tokens,
        least(coalesce(c.cache_write_tokens, 0),
            c.input_tokens - least(coalesce(c.cached_input_tokens, 0), c.input_tokens)) as written_tokens
    from calls as c left join spans as s on s.provider = c.provider and s.model = c.model
        and cast(c."timestamp" as date) >= s.valid_from and cast(c."timestamp" as date) < s.valid_until
        and c.input_tokens > s.above_input_tokens and c.input_tokens <= s.until_input_tokens
"""
_USAGE = """
    select *, row_number() over () as group_id, input_tokens + cached_tokens + written_tokens + output_tokens
        as all_tokens
    from (
        select hour, {context}, valid_from, above_input_tokens, listed, unknown_cost, count(*) as calls,
            cast(coalesce(sum(cost_usd), 0) as decimal(38,9)) as cost_usd,
            cast(cast(sum(latency_ms) as double) / nullif(count(latency_ms), 0) as decimal(18,1)) as latency_ms,
            sum(input_tokens - cached_tokens - written_tokens) as input_tokens, sum(cached_tokens) as cached_tokens,
            sum(written_tokens) as written_tokens, sum(output_tokens) as output_tokens
        from measured as c group by all
    ) as grouped
"""
_METERED = f"""
    select u.*, m.meter, m.place, case m.meter
        when '{Meter.INPUT}' then u.input_tokens
        when '{Meter.CACHED_INPUT}' then u.cached_tokens
        when '{Meter.CACHE_WRITE}' then u.written_tokens
        when '{Meter.OUTPUT}' then u.output_tokens
        else u.all_tokens end as tokens
    from usage as u cross join (values ('{Meter.INPUT}', 1), ('{Meter.CACHED_INPUT}', 2),
        ('{Meter.CACHE_WRITE}', 3), ('{Meter.OUTPUT}', 4), ('{Meter.ALL}', 5)) as m(meter, place)
    where case when not u.listed then m.meter = '{Meter.ALL}'
        when u.all_tokens = 0 then m.meter = '{Meter.INPUT}' else m.meter <> '{Meter.ALL}' and tokens > 0 end
"""
_WEIGHED = """
    select m.*, p.list_price, p.contracted_price, cast(m.cost_usd * 1000000000 as hugeint) as cost_nano,
        row_number() over running_group as nth, count(*) over whole_group as meters,
        sum(m.tokens * cast(coalesce(p.list_price, 0) * 1000000000 as hugeint)) over running_group as running,
        sum(m.tokens * cast(coalesce(p.list_price, 0) * 1000000000 as hugeint)) over whole_group as total
    from metered as m left join prices as p on p.provider = m.provider and p.model = m.model
        and p.valid_from = m.valid_from and p.above_input_tokens = m.above_input_tokens and p.meter = m.meter
    window whole_group as (partition by m.group_id),
        running_group as (partition by m.group_id order by m.place)
"""
_EDGED = """
    select *, case when nth = meters or running = total then cost_nano
        else cast(round(cast(cost_nano as double) * (running / total)) as hugeint) end as edge
    from weighed
"""
_CHARGES = """
    select *, nth = 1 as is_first, cast(tokens as decimal(18,0)) * cast('0.000001' as decimal(7,6)) as millions,
        cast(edge - coalesce(lag(edge) over (partition by group_id order by nth), 0) as decimal(29,0))
            * cast('0.000000001' as decimal(9,9)) as billed_usd
    from edged
"""


def charges_sql(prices: PriceList, select: str) -> str:
    """The whole statement: `select` over the relations `charges` (one row a charge) and `sellers`."""
    context = ", ".join(f"c.{name}" for name in CONTEXT)
    steps = [
        relation("sellers", SELLER_COLUMNS, prices.sellers),
        relation("spans", SPAN_COLUMNS, prices.spans),
        relation("prices", PRICE_COLUMNS, prices.prices),
        f"measured as ({_MEASURED.format(context=context)})",
        f"usage as ({_USAGE.format(context=context)})",
        f"metered as ({_METERED})",
        f"weighed as ({_WEIGHED})",
        f"edged as ({_EDGED})",
        f"charges as ({_CHARGES})",
    ]
    return f"with {', '.join(steps)} {select}"
