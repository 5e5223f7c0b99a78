"""FOCUS export: from calls to charges in one SQL statement, by hour or day, context and kind of token.

The steps, each a relation:

    categorised each call with its category of FOCUS: usage, credit or adjustment
    measured   each call with its row of rates and the tokens of each meter alone
    usage      added up by period and by everything that a charge says about its calls
    weighed    what the tokens of each group would cost at list price, as running totals over the meters
    divided    the recorded cost of the group, divided among its meters in that proportion
    charges    one row for each kind of token that was used

The cost is divided in whole nano-dollars: each meter gets the difference of two rounded running totals, so that
the parts add up to the cost exactly and none is negative. Where a model has no list price there is nothing to
divide by, and one meter holds all its tokens. Calls of unknown cost, and those of a lower bound, are charges of their
own, never mixed with others.
"""

from collections.abc import Sequence

from calls.cost_gaps import IS_PARTIAL
from interchange.exporters.focus_price_list import (
    ALL_TOKENS,
    ALWAYS,
    SELLER_COLUMNS,
    PriceList,
    relation,
    token_type,
)
from settings.meters import BY_NAME, signs
from settings.price_sql import minute_of_week
from settings.terms import TIER_NAMES

CONTEXT = (
    "provider", "model", "organization_id", "customer_id", "subscription_tier", "product_id", "feature_id",
    "task_type", "environment", "region", "category",
)  # fmt: skip
"""What calls of one charge have in common besides the period."""
_TAGS = ("environment", "feature_id", "product_id", "subscription_tier", "task_type")
_CACHED = "least(coalesce(c.cached_input_tokens, 0), c.input_tokens)"
_WRITTEN = f"least(coalesce(c.cache_write_tokens, 0), c.input_tokens - {_CACHED})"
_CUT = {
    "input": f"c.input_tokens - {_CACHED} - {_WRITTEN}", "cached_input": _CACHED, "cache_write": _WRITTEN,
    "output": "c.output_tokens",
}  # fmt: skip
"""The tokens of the meters that every file has, cut where parts are larger than their whole."""

_MEASURED = """
    select date_trunc('{period}', c."timestamp") as starts, {context}, r.rate_id, c.cost_usd is null as unknown_cost,
        {partial} as partial_cost, c.cost_usd, c.latency_ms, {kept}
    from (select *, {tokens} from categorised as c) as c
    left join rates as r on r.provider = c.provider and r.model = c.model and c.category = 'Usage'
        and r.service_tier = c.service_tier and r.speed = c.speed and r.inference_geo = c.inference_geo
        and c."timestamp" >= r.starts and c."timestamp" < r.ends
        and c.input_tokens > r.above_input_tokens and c.input_tokens <= r.until_input_tokens
        and {minute} >= r.week_from and {minute} < r.week_until and {others} = 0{rated}
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
        {sums}
    from measured as c group by all
"""
_WEIGHED = """
    select u.*, r.rate_id is not null as listed, r.above_input_tokens, {prices}, {terms},
        {all_tokens} as all_tokens, {tags} as tags, {weights}
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
    meters = prices.meters
    sums = ", ".join(f"sum({tokens}) as {tokens}" for tokens in _tokens(meters))
    steps = [
        relation("sellers", SELLER_COLUMNS, prices.sellers),
        relation("rates", prices.rate_columns, prices.rates),
        f"categorised as ({_CATEGORISED})",
        f"measured as ({_measured(meters, period, context)})",
        f"usage as ({_USAGE.format(context=context, sums=sums)})",
        f"weighed as ({_weighed(meters)})",
        f"divided as ({_DIVIDED.format(edges=_edges(meters))})",
        f"charges as ({_charges(meters)})",
    ]
    return f"with {', '.join(steps)} {select}"


def _tokens(meters: Sequence[str]) -> list[str]:
    """The names of the tokens of each meter alone."""
    return [f"tokens_{place}" for place in range(1, len(meters) + 1)]


def _measured(meters: Sequence[str], period: str, context: str) -> str:
    """Calls with what is no token have no row of rates: their cost is one charge, without a unit price."""
    tools = "case when c.tool_units = '' then 0 else 1 end"
    units = ("coalesce(c.web_search_requests, 0)", "coalesce(c.units, 0)", tools)
    tokens = _tokens(meters)
    named = zip(_counts(meters), tokens, strict=True)
    further = enumerate(tokens[len(ALWAYS) :], start=len(ALWAYS) + 1)
    return _MEASURED.format(
        period=period,
        context=context,
        minute=minute_of_week('c."timestamp"'),
        partial=f"({IS_PARTIAL})",
        tokens=", ".join(f"{sql} as {name}" for sql, name in named),
        kept=", ".join(f"c.{name}" for name in tokens),
        others=f"({' + '.join(units)})",
        rated="".join(f" and (c.{name} = 0 or r.list_{place} is not null)" for place, name in further),
    )


def _counts(meters: Sequence[str]) -> list[str]:
    """SQL for the tokens of each meter alone; where parts are larger than their whole, the further ones have none."""
    if len(meters) == len(ALWAYS):
        return [_CUT[meter] for meter in meters]
    columns = {BY_NAME[meter].column for meter in meters}
    alone = {
        meter: " + ".join(
            f"{sign} * coalesce(c.{column}, 0)" for column, sign in signs(meter).items() if column in columns
        )
        for meter in meters
    }
    fits = f"least({', '.join(alone.values())}) >= 0"
    return [f"case when {fits} then {alone[meter]} else {_CUT.get(meter, '0')} end" for meter in meters]


def _weighed(meters: Sequence[str]) -> str:
    """`running_k` is what the first k meters would cost at list price, in units of 1e-15 USD."""
    places = range(1, len(meters) + 1)
    prices = ", ".join(f"r.list_{place}, r.contracted_{place}" for place in places)
    weights = ", ".join(f"{_running(meters, place)} as running_{place}" for place in places)
    values = ", ".join(f"'{name}', nullif(u.{name}, '')" for name in _TAGS)
    standard = ", ".join(f"'{name}'" for name in ("", *(name for name, own in TIER_NAMES.items() if not own)))
    terms = (
        f"case when lower(r.service_tier) not in ({standard}) then lower(r.service_tier) end as price_tier, "
        "nullif(lower(r.speed), '') as price_speed, nullif(lower(r.inference_geo), '') as price_place"
    )
    return _WEIGHED.format(
        prices=prices,
        terms=terms,
        weights=weights,
        all_tokens=" + ".join(f"u.{name}" for name in _tokens(meters)),
        tags=f"json_merge_patch('{{}}', json_object({values}))",
    )


def _running(meters: Sequence[str], place: int) -> str:
    parts = (
        f"u.{tokens} * cast(coalesce(r.list_{number}, 0) * 1000000000 as hugeint)"
        for number, tokens in enumerate(_tokens(meters)[:place], start=1)
    )
    return " + ".join(parts)


def _edges(meters: Sequence[str]) -> str:
    """`edge_k` is the part of the cost, in nano-dollars, that the first k meters have together."""
    total = f"running_{len(meters)}"
    edges = []
    for place in range(1, len(meters) + 1):
        share = f"cast(cost_nano as double) * (running_{place} / {total})"
        edges.append(
            f"case when {_all_reached(meters, place)} then cost_nano when {total} = 0 then 0 "
            f"else cast(round({share}) as hugeint) end as edge_{place}"
        )
    return ", ".join(edges)


def _all_reached(meters: Sequence[str], place: int) -> str:
    """Whether no meter after this one has a part in the cost; without prices, the first that is used has it all."""
    so_far = " + ".join(_tokens(meters)[:place])
    last = f"running_{len(meters)}"
    return f"(case when {last} > 0 then running_{place} = {last} else {so_far} > 0 or all_tokens = 0 end)"


def _charges(meters: Sequence[str]) -> str:
    tokens, places = _tokens(meters), range(1, len(meters) + 1)
    types = [*map(token_type, meters), ALL_TOKENS]
    columns = {
        "tokens": [*tokens, "all_tokens"],
        "list_price": [*(f"list_{place}" for place in places), "null"],
        "contracted_price": [*(f"contracted_{place}" for place in places), "null"],
        "billed_nano": [*map(_part, places), "cost_nano"],
        "used_before": [*(" + ".join(("0", *tokens[: place - 1])) for place in places), "0"],
    }
    return _CHARGES.format(
        all=ALL_TOKENS,
        first=types[0],
        meters=", ".join(f"('{name}')" for name in types),
        by_meter=", ".join(f"{_choice(types, values)} as {name}" for name, values in columns.items()),
        is_first="used_before = 0",
    )


def _part(place: int) -> str:
    return "edge_1" if place == 1 else f"edge_{place} - edge_{place - 1}"


def _choice(types: Sequence[str], values: Sequence[str]) -> str:
    """One of several values, by the meter."""
    cases = " ".join(f"when '{name}' then {value}" for name, value in zip(types, values, strict=True))
    return f"case m.meter {cases} end"
