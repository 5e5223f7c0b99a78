"""The rollups that the reports share: sums by day, customer, model and so on, each built once from all calls.

`calls`, `priced_calls` and `known_cost` (USD, exact) are the calls of a row, those of known cost, and that cost, of
which `partial_calls` have a lower bound;
token sums end in `_total`, and `priced_total` are the tokens behind `known_cost`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from calls.cost_gaps import HAS_GAP, IS_PARTIAL
from calls.dimensions import DIMENSIONS, MONTHLY
from calls.rollups.definition import Rollup, SingleCalls, columns
from calls.schema import COLUMNS, Kind

MASK_DAYS = 30
"""Days whose presence one number of `feature_customers` holds, a bit each."""
MASK_START = "2000-01-01"
LATENCY_STEPS = 50
"""Steps of the latency grid of `latency_by_output` for a factor of e: each is 2 % wide."""
OUTPUT_STEP = 25
"""Output tokens a step of `latency_by_output`."""
SIZE_STEPS = 100
"""Steps of the grid of sizes for a factor of e: each is 1 % wide."""
EXTREMES = 50
"""Calls of each model and task in `extreme_calls` at least: the most expensive and the longest."""
RETRY_SECONDS = 60
HOURLY_CUSTOMERS = 1_000
"""Customers beyond which nobody asks for `hourly_customers`."""
BANDS = (1_000, 10_000)
"""Input tokens from which on a call is of length band 1 and 2."""

_COUNTS = {
    "calls": "count(*)",
    "priced_calls": "count(cost_usd)",
    "partial_calls": f"count(case when {IS_PARTIAL} then 1 end)",
}
_COST = {"known_cost": "sum(cost_usd)"}
_TOKENS = {
    "input_total": "sum(input_tokens)",
    "output_total": "sum(output_tokens)",
    "cached_total": "sum(cached_input_tokens)",
    "cache_write_total": "sum(cache_write_tokens)",
    "reasoning_total": "sum(reasoning_tokens)",
    "priced_total": "sum(case when cost_usd is null then 0 else input_tokens + output_tokens end)",
}
_SERVICE = {
    "timed": "count(latency_ms)",
    "late": "sum(is_late)",
    "failed": "sum(case when status = 'error' then 1 else 0 end)",
    "latency_total": "sum(latency_ms)",
    "timed_output": "sum(case when latency_ms is null then 0 else output_tokens end)",
}
_USE = _COUNTS | _TOKENS
_TERMS = columns("service_tier", "speed")
_WORK = columns("organization_id", "task_type", "length_band", "provider", "model", *_TERMS, "is_priced")
_DAY = f"date_diff('day', cast('{MASK_START}' as date), local_day)"


def size_step(size: str) -> str:
    """SQL for the step of the grid of sizes that a whole number above zero lies on."""
    return f"cast(floor(ln(cast({size} as double)) * {SIZE_STEPS}) as int)"


def _sizes(size: str) -> Rollup:
    """How many calls of a model and task have which size."""
    return Rollup(
        columns("provider", "model", "task_type") | {"size_step": size_step("size")},
        {"calls": "count(*)", "size_total": "sum(size)"},
        _COST,
        source=f"from (select provider, model, task_type, cost_usd, {size} as size from calls) as sized "
        "where size > 0",
    )


def _cuts(rollup: str) -> str:
    """The step of the grid from which on a model and task has its `EXTREMES` largest calls, and no more steps."""
    return f"""
        select provider, model, task_type, max(case when upto >= {EXTREMES} then size_step end) as {rollup}_cut
        from (select *, sum(step_calls) over (partition by provider, model, task_type order by size_step desc
                                              rows unbounded preceding) as upto
              from (select provider, model, task_type, size_step, sum(calls) as step_calls
                    from {rollup}
                    group by provider, model, task_type, size_step) as {rollup}_steps) as {rollup}_placed
        group by provider, model, task_type"""


_NANO_USD = "cast(round(cast(cost_usd as double) * 1000000000) as bigint)"
_LENGTH = "input_tokens + output_tokens"
_EXTREME_CALLS = f"""
    select c.call_id, c."timestamp" as called_at, c.provider, c.model, c.task_type, c.customer_id,
           c.organization_id, c.cost_usd, {_LENGTH} as all_tokens
    from calls as c
    join ({_cuts("cost_sizes")}) as costly
      on costly.provider = c.provider and costly.model = c.model and costly.task_type = c.task_type
    join ({_cuts("length_sizes")}) as long
      on long.provider = c.provider and long.model = c.model and long.task_type = c.task_type
    where c.cost_usd > 0 and {_LENGTH} > 0
      and ({size_step(_NANO_USD)} >= coalesce(costly.cost_sizes_cut, 0)
           or {size_step(_LENGTH)} >= coalesce(long.length_sizes_cut, 0))"""


ROLLUPS: Mapping[str, Rollup | SingleCalls] = {
    "hourly_use": Rollup(
        columns("local_hour", "provider", "model", "task_type"),
        _USE | _SERVICE,
        _COST
        | {
            "failed_cost": "sum(case when status = 'error' then cost_usd end)",
            "credit_cost": "sum(case when cost_usd < 0 then cost_usd end)",
        },
    ),
    "hourly_features": Rollup(columns("local_hour", "feature_id", "provider"), _COUNTS, _COST),
    "hourly_customers": Rollup(columns("local_hour", "customer_id"), {"calls": "count(*)"}, _COST),
    "daily_customers": Rollup(
        columns("local_day", "customer_id", "organization_id", "subscription_tier", "tier_price_usd"),
        _USE | _SERVICE,
        _COST,
        {"last_call": ('max("timestamp")', "max")},
    ),
    "daily_organizations": Rollup(
        columns("local_day", "provider", "model", "organization_id", "product_id", "feature_id"), _USE, _COST
    ),
    MONTHLY: Rollup(
        {"month_start": "cast(date_trunc('month', local_day) as date)"}
        | columns("organization_id", *(each.column for each in DIMENSIONS if each.rollup == MONTHLY)),
        _USE,
        _COST,
    ),
    "statement_use": Rollup(
        {"month_start": "cast(date_trunc('month', local_day) as date)"}
        | columns("organization_id", "product_id", "feature_id", "provider", "model")
        | {"is_credit": "coalesce(cost_usd < 0, false)"},
        _USE,
        _COST,
    ),
    "customer_work": Rollup(
        columns("customer_id", "organization_id", "task_type")
        | {
            "length_band": f"case when input_tokens < {BANDS[0]} then 0 when input_tokens < {BANDS[1]} then 1 "
            "else 2 end"
        }
        | columns("provider", "model", *_TERMS)
        | {"is_priced": "cost_usd is not null"},
        _USE,
        _COST,
    ),
    "work": Rollup(
        _WORK,
        {name: f"sum({name})" for name in _USE},
        {"known_cost": "sum(known_cost)"},
        source="from customer_work",
        needs=("customer_work",),
    ),
    "feature_customers": Rollup(
        columns("feature_id", "customer_id", "product_id")
        | {"mask_number": f"cast(({_DAY} - {_DAY} % {MASK_DAYS}) / {MASK_DAYS} as int)"},
        _COUNTS,
        _COST,
        {"day_mask": (f"bit_or(cast(1 << cast({_DAY} % {MASK_DAYS} as int) as int))", "bit_or")},
    ),
    "cost_gaps": Rollup(
        columns("cost_gap") | {"is_partial": "cost_usd is not null"},
        {"calls": "count(*)"},
        _COST,
        source=f"from calls where {HAS_GAP}",
    ),
    "latency_counts": Rollup(
        columns("provider", "model", "task_type", "latency_ms"),
        {"calls": "count(*)"},
        source="from calls where latency_ms is not null",
    ),
    "latency_by_output": Rollup(
        columns("provider", "model")
        | {
            "output_step": f"output_tokens - output_tokens % {OUTPUT_STEP}",
            "latency_step": f"cast(floor(ln(cast(latency_ms + 1 as double)) * {LATENCY_STEPS}) as int)",
        },
        {"calls": "count(*)", "latency_total": "sum(latency_ms)"},
        source="from calls where latency_ms is not null and status <> 'error'",
    ),
    "cost_sizes": _sizes(_NANO_USD),
    "length_sizes": _sizes(f"case when cost_usd > 0 then {_LENGTH} end"),
    "answer_sizes": _sizes("output_tokens"),
    "extreme_calls": SingleCalls(_EXTREME_CALLS, needs=("calls", "cost_sizes", "length_sizes")),
    "failed_calls": SingleCalls(
        'select customer_id, session_id, task_type, "timestamp" as failed_at '
        "from calls where status = 'error' and session_id <> ''"
    ),
    "retried_calls": Rollup(
        columns("provider", "model"),
        {"calls": "count(*)"},
        _COST,
        source=f"""from calls as later semi join failed_calls as failed
            on failed.session_id = later.session_id and failed.customer_id = later.customer_id
              and failed.task_type = later.task_type
              and failed.failed_at < later."timestamp"
              and failed.failed_at >= later."timestamp" - interval '{RETRY_SECONDS}' second""",
        needs=("calls", "failed_calls"),
    ),
}


def _holds_single_calls(rollup: Rollup | SingleCalls) -> bool:
    return isinstance(rollup, SingleCalls) or any(
        isinstance(ROLLUPS.get(needed), SingleCalls) for needed in rollup.needs
    )


def _words(*, of_single_calls: bool) -> set[str]:
    """Every word in the SQL of the rollups that hold single calls, or of the others."""
    chosen = (rollup.sql for rollup in ROLLUPS.values() if _holds_single_calls(rollup) is of_single_calls)
    return set(re.findall(r"\w+", " ".join(chosen)))


BESIDE_SUMS = frozenset(column.name for column in COLUMNS if column.kind is Kind.TEXT) - _words(
    of_single_calls=False
)
"""Texts that no sum over many calls is made of: long and slow to load, so they are left out unless a report asks."""
OF_SINGLE_CALLS = BESIDE_SUMS & _words(of_single_calls=True)
"""Those that the rollups of single calls hold."""


def days_within(first: date, last: date) -> str:
    """SQL for the bits that stand for the days from `first` to `last`, both counted, beside a `mask_number`."""
    start = date.fromisoformat(MASK_START)
    masks: dict[int, int] = {}
    for day in range((first - start).days, (last - start).days + 1):
        number, bit = divmod(day, MASK_DAYS)
        masks[number] = masks.get(number, 0) | 1 << bit
    cases = " ".join(f"when {number} then {mask}" for number, mask in masks.items())
    return f"case mask_number {cases} else 0 end"


def named_in(query: str) -> Iterator[str]:
    """The rollups that a query names, each after those it is made of."""
    for name, rollup in ROLLUPS.items():
        if re.search(rf"\b{name}\b", query):
            yield from (needed for needed in rollup.needs if needed in ROLLUPS)
            yield name
