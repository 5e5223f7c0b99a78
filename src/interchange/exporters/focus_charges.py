"""FOCUS export: from calls to charges in one SQL statement, by hour or day, context and kind of token.

The steps, each a relation:

    categorised each call with its category of FOCUS: usage, credit or adjustment
    measured   each call with its row of rates, its input split into uncached, cached and written tokens
    usage      added up by period and by everything that a charge says about its calls
    weighed    what the tokens of each group would cost at list price, as running totals over the meters
    divided    the recorded cost of the group, divided among its meters in that proportion
    charges    one row for each kind of token that was used

The cost is divided in whole nano-dollars: each meter gets the difference of two rounded running totals, so that
the parts add up to the cost exactly and none is negative. Where a model has no list price there is nothing to
divide by, and one meter holds all its tokens. Calls of unknown cost, and those of a lower bound, are charges of their
own, never mixed with others.
"""

from calls.cost_gaps import IS_PARTIAL
from interchange.exporters.focus_price_list import (
    LISTED,
    METERS,
    RATE_COLUMNS,
    SELLER_COLUMNS,
    Meter,
    PriceList,
    relation,
)
from settings.meters import METERS as METERS_OF_TOKENS
from settings.price_sql import minute_of_week
from settings.terms import TIER_NAMES

CONTEXT = (
    "provider", "model", "organization_id", "customer_id", "subscription_tier", "product_id", "feature_id",
    "task_type", "environment", "region", "category",
)  # fmt: skip
"""What calls of one charge have in common besides the period."""
_TAGS = ("environment", "feature_id", "product_id", "subscription_tier", "task_type")
_TOKENS = ("input_tokens", "cached_tokens", "written_tokens", "output_tokens")
"""The tokens of each of `METERS`."""

_MEASURED = """
    select date_trunc('{period}', c."timestamp") as starts, {context}, r.rate_id, c.cost_usd is null as unknown_cost,
        {partial} as partial_cost,
        c.cost_usd, c.latency_ms, c.input_tokens, c.output_tokens,
        least(coalesce(c.cached_input_tokens, 0), c.input_tokens) as cached_tokens,
        least(coalesce(c.cache_write_tokens, 0),
            c.input_tokens - least(coalesce(c.cached_input_tokens, 0), c.input_tokens)) as written_tokens
    from categorised as c left join rates as r on r.provider = c.provider and r.model = c.model
        and c.category = 'Usage'
        and r.service_tier = c.service_tier and r.speed = c.speed and r.inference_geo = c.inference_geo
        and c."timestamp" >= r.starts and c."timestamp" < r.ends
        and c.input_tokens > r.above_input_tokens and c.input_tokens <= r.until_input_tokens
        and {minute} >= r.week_from and {minute} < r.week_until and {other_meters} = 0
"""
# FOCUS has no category for refunds. A cost below zero that says nothing of itself is a credit.
_CATEGORISED = """
    select *, case when charge_category in ('Refund', 'Adjustment') then 'Adjustment' when charge_category = 'Credit'
        or (charge_category = '' and cost_usd < 0) then 'Credit' else 'Usage' end as category
    from calls
"""
_USAGE = """
    select starts, {context}, rate_id, unknown_cost, partial_cost, count(*) as calls,
        cast(coalesce(sum(cost_usd), 0) * 1000000000 as hugeint) as cost_nano,
        cast(cast(sum(latency_ms) as double) / nullif(count(latency_ms), 0) as decimal(18,1)) as latency_ms,
        sum(input_tokens - cached_tokens - written_tokens) as input_tokens, sum(cached_tokens) as cached_tokens,
        sum(written_tokens) as written_tokens, sum(output_tokens) as output_tokens
    from measured as c group by all
"""
_WEIGHED = """
    select u.*, r.rate_id is not null as listed, r.above_input_tokens, {prices}, {terms},
        u.input_tokens + u.cached_tokens + u.written_tokens + u.output_tokens as all_tokens, {tags} as tags, {weights}
    from usage as u left join rates as r on r.rate_id = u.rate_id
"""
_DIVIDED = "select *, {edges} from weighed"
_CHARGES = """
    select *, cast(tokens as decimal(18,0)) * cast('0.000001' as decimal(7,6)) as millions,
        cast(billed_nano as decimal(29,0)) * cast('0.000000001' as decimal(9,9)) as billed_usd
    from (
        select d.*, m.meter, {by_meter},
            case when not listed then m.meter = '{all}' when all_tokens = 0 then m.meter = '{first}'
                else m.meter <> '{all}' and tokens > 0 end as is_used,
            case when not listed or all_tokens = 0 then true else {is_first} end as is_first
        from divided as d cross join (values {meters}) as m(meter)
    ) as each_meter
    where is_used
"""


def charges_sql(prices: PriceList, select: str, period: str = "hour") -> str:
    """The whole statement: `select` over the relations `charges` (one row a charge) and `sellers`.

    A charge covers a `period`: an hour or a day, in UTC.
    """
    context = ", ".join(f"c.{name}" for name in CONTEXT)
    steps = [
        relation("sellers", SELLER_COLUMNS, prices.sellers),
        relation("rates", RATE_COLUMNS, prices.rates),
        f"categorised as ({_CATEGORISED})",
        f"measured as ({_measured(period, context)})",
        f"usage as ({_USAGE.format(context=context)})",
        f"weighed as ({_weighed()})",
        f"divided as ({_DIVIDED.format(edges=_edges())})",
        f"charges as ({_charges()})",
    ]
    return f"with {', '.join(steps)} {select}"


def _measured(period: str, context: str) -> str:
    """Calls with tokens or units of further meters have no row of rates: their cost is one charge, no unit price."""
    others = [meter.column for meter in METERS_OF_TOKENS if meter.name not in LISTED]
    counts = [f"coalesce(c.{name}, 0)" for name in (*others, "web_search_requests", "units")]
    tools = "case when c.tool_units = '' then 0 else 1 end"
    return _MEASURED.format(
        period=period,
        context=context,
        minute=minute_of_week('c."timestamp"'),
        partial=f"({IS_PARTIAL})",
        other_meters=f"({' + '.join([*counts, tools])})",
    )


def _weighed() -> str:
    """`running_k` is what the first k meters would cost at list price, in units of 1e-15 USD."""
    prices = ", ".join(f"r.list_{place}, r.contracted_{place}" for place in range(1, len(METERS) + 1))
    weights = ", ".join(f"{_running(place)} as running_{place}" for place in range(1, len(METERS) + 1))
    values = ", ".join(f"'{name}', nullif(u.{name}, '')" for name in _TAGS)
    standard = ", ".join(f"'{name}'" for name in ("", *(name for name, own in TIER_NAMES.items() if not own)))
    terms = (
        f"case when lower(r.service_tier) not in ({standard}) then lower(r.service_tier) end as price_tier, "
        "nullif(lower(r.speed), '') as price_speed, nullif(lower(r.inference_geo), '') as price_place"
    )
    return _WEIGHED.format(
        prices=prices, terms=terms, weights=weights, tags=f"json_merge_patch('{{}}', json_object({values}))"
    )


def _running(place: int) -> str:
    parts = (
        f"u.{tokens} * cast(coalesce(r.list_{number}, 0) * 1000000000 as hugeint)"
        for number, tokens in enumerate(_TOKENS[:place], start=1)
    )
    return " + ".join(parts)


def _edges() -> str:
    """`edge_k` is the part of the cost, in nano-dollars, that the first k meters have together."""
    total = f"running_{len(METERS)}"
    edges = []
    for place in range(1, len(METERS) + 1):
        share = f"cast(cost_nano as double) * (running_{place} / {total})"
        edges.append(
            f"case when {_all_reached(place)} then cost_nano when {total} = 0 then 0 "
            f"else cast(round({share}) as hugeint) end as edge_{place}"
        )
    return ", ".join(edges)


def _all_reached(place: int) -> str:
    """Whether no meter after this one has a part in the cost; without prices, the first that is used has it all."""
    so_far = " + ".join(_TOKENS[:place])
    last = f"running_{len(METERS)}"
    return f"(case when {last} > 0 then running_{place} = {last} else {so_far} > 0 or all_tokens = 0 end)"


def _charges() -> str:
    columns = {
        "tokens": [*_TOKENS, "all_tokens"],
        "list_price": [*(f"list_{place}" for place in range(1, len(METERS) + 1)), "null"],
        "contracted_price": [*(f"contracted_{place}" for place in range(1, len(METERS) + 1)), "null"],
        "billed_nano": [*(_part(place) for place in range(1, len(METERS) + 1)), "cost_nano"],
        "used_before": [*(" + ".join(("0", *_TOKENS[:place])) for place in range(len(METERS))), "0"],
    }
    return _CHARGES.format(
        all=Meter.ALL,
        first=METERS[0],
        meters=", ".join(f"('{meter}')" for meter in (*METERS, Meter.ALL)),
        by_meter=", ".join(f"{_choice(values)} as {name}" for name, values in columns.items()),
        is_first="used_before = 0",
    )


def _part(place: int) -> str:
    return "edge_1" if place == 1 else f"edge_{place} - edge_{place - 1}"


def _choice(values: list[str]) -> str:
    """One of several values, by the meter."""
    cases = " ".join(
        f"when '{meter}' then {value}" for meter, value in zip((*METERS, Meter.ALL), values, strict=True)
    )
    return f"case m.meter {cases} end"
