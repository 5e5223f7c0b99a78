"""Single calls far more expensive or longer than calls of their own model and task, and answers far too long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import floor, log
from typing import Any

from analyzers.usage.sums import ZERO, share
from calls.engine import Calls
from calls.rollups import shared as rollups
from settings.model import Settings

LISTED = 50
LEAST_CALLS = 100
"""Calls of a model and task without which none is judged."""
SEVERE = 10
"""Calls over this many times the usual length are severe token spikes."""
NANO = 1_000_000_000
EXCESS_OUTPUT = 3
"""An answer longer than this many times the usual one is excess beyond that."""


def _typical_values_sql(sizes: str, sums: str) -> str:
    """Common table expressions: calls by step of size, and the median size of each model and task."""
    return f"""
with counted as (
  select provider, model, task_type, size_step, {sums}
  from {sizes}
  group by provider, model, task_type, size_step
), placed as (
  select *,
         sum(step_calls) over (partition by provider, model, task_type order by size_step
                               rows unbounded preceding) as upto,
         sum(step_calls) over (partition by provider, model, task_type) as whole
  from counted
), usuals as (
  select provider, model, task_type, whole, cast(step_sum as double) / step_calls as usual
  from placed
  where 2 * upto >= whole and 2 * (upto - step_calls) < whole and whole >= {LEAST_CALLS}
)"""


_SIZES = "sum(calls) as step_calls, sum(size_total) as step_sum"

SPREADS = f"""
{_typical_values_sql("{sizes}", f"{_SIZES}, sum(known_cost) as step_cost")}, distances as (
  select c.*, u.usual, u.whole, (c.size_step + 0.5) / {rollups.SIZE_STEPS} - ln(u.usual) as off
  from counted as c
  join usuals as u on c.provider = u.provider and c.model = u.model and c.task_type = u.task_type
), ordered as (
  select *,
         sum(step_calls) over (partition by provider, model, task_type order by abs(off), size_step
                               rows unbounded preceding) as within
  from distances
), scales as (
  select provider, model, task_type, min(abs(off)) * 1.4826 as scale
  from ordered
  where 2 * within >= whole
  group by provider, model, task_type
), limits as (
  select d.*, s.scale, greatest($limit * s.scale, $least) as cut, greatest($limit * s.scale, $severe) as severe_cut
  from distances as d
  join scales as s on d.provider = s.provider and d.model = s.model and d.task_type = s.task_type
  where s.scale > 0
)
select provider, model, task_type, usual, scale,
       sum(case when off > cut then step_calls else 0 end) as found,
       sum(case when off > cut then step_cost else 0 end) as found_cost,
       sum(case when off > severe_cut then step_calls else 0 end) as severe
from limits
group by provider, model, task_type, usual, scale
order by provider, model, task_type
"""
"""Usual size of the calls of each model and task, its spread, and how many calls lie far above it.

Sizes are compared by their logarithm, on a grid of steps of 1 %; the spread is the median absolute deviation x
1.4826.
"""

EXTREMES = f"""
select call_id, called_at, provider, model, task_type, customer_id, organization_id, cost_usd, all_tokens
from (select *,
             row_number() over (partition by provider, model, task_type
                                order by cost_usd desc, call_id, called_at) as cost_place,
             row_number() over (partition by provider, model, task_type
                                order by all_tokens desc, call_id, called_at) as length_place
      from extreme_calls) as placed
where cost_place <= {rollups.EXTREMES} or length_place <= {rollups.EXTREMES}
"""

LONG_ANSWERS = f"""
{_typical_values_sql("answer_sizes", _SIZES)}, measured as (
  select c.*,
         case when c.step_sum > {EXCESS_OUTPUT} * u.usual * c.step_calls then c.step_calls else 0 end as long_calls,
         greatest(c.step_sum - {EXCESS_OUTPUT} * u.usual * c.step_calls, 0) as beyond
  from counted as c
  join usuals as u on c.provider = u.provider and c.model = u.model and c.task_type = u.task_type
)
select provider, model, task_type, sum(long_calls) as calls, sum(beyond) as excess_tokens, sum(step_sum) as all_output
from measured
group by provider, model, task_type
having sum(long_calls) > 0
order by provider, model, task_type
"""


@dataclass(frozen=True)
class OutlierCall:
    """A call far from the usual cost or length of its model and task."""

    call_id: str
    called_at: datetime
    provider: str
    model: str
    task: str
    customer: str
    organization: str
    cost_usd: Decimal
    usual_usd: float
    tokens: int
    usual_tokens: float
    cost_z: float | None
    tokens_z: float | None

    @property
    def excess_usd(self) -> float:
        """Dollars over the usual cost."""
        return float(self.cost_usd) - self.usual_usd


@dataclass(frozen=True)
class Outliers:
    """How many calls are far more expensive than usual and by how much, and how many are far longer.

    `token_spikes` are the longer ones, `severe_spikes` those of them over ten times as long as usual; `listed`
    are the most expensive of both.
    """

    count: int
    excess_usd: float
    token_spikes: int
    severe_spikes: int
    listed: tuple[OutlierCall, ...]


@dataclass(frozen=True)
class LongAnswers:
    """Answers over three times the usual length of their model and task.

    `excess_usd` prices the tokens beyond at the model's list price of output; None without one.
    `output_tokens` is the output of all calls of the model and task.
    """

    provider: str
    model: str
    task: str
    calls: int
    excess_tokens: int
    output_tokens: int
    excess_usd: Decimal | None

    @property
    def excess_share(self) -> Decimal | None:
        """The tokens beyond over all output; None without output."""
        return share(self.excess_tokens, self.output_tokens)


@dataclass(frozen=True)
class _Spread:
    """The usual size of the calls of a model and task, and the scale of their logarithms around it."""

    usual: float
    scale: float

    def off(self, size: int) -> float:
        """By how much the logarithm of a size lies above that of the usual one, on the grid of sizes."""
        return (floor(log(size) * rollups.SIZE_STEPS) + 0.5) / rollups.SIZE_STEPS - log(self.usual)

    def score(self, size: int) -> float:
        """How many scales a size lies above the usual one."""
        return self.off(size) / self.scale

    def is_far(self, size: int, limit: float, least: float) -> bool:
        """Whether a size lies so many scales, and by so much of its logarithm, above the usual one."""
        return self.off(size) > max(limit * self.scale, least)


_Spreads = Mapping[tuple[str, str, str], _Spread]


def outlier_calls(calls: Calls, settings: Settings) -> Outliers:
    """The outliers on a logarithmic scale, where costs and lengths are about symmetric."""
    cuts = {
        "limit": float(settings.anomaly.modified_z),
        "least": log(float(settings.anomaly.ratio)),
        "severe": log(SEVERE),
    }
    costly = calls.sql(SPREADS.format(sizes="cost_sizes"), **cuts)
    long = calls.sql(SPREADS.format(sizes="length_sizes"), **cuts)
    costs, lengths = _spreads(costly), _spreads(long)
    listed = [_call(row, costs, lengths) for row in calls.sql(EXTREMES)]
    far = [call for call in listed if _is_listed(call, costs, lengths, cuts["limit"], cuts["least"])]
    return Outliers(
        int(sum(row.found for row in costly)),
        sum(float(row.found_cost or 0) - int(row.found) * row.usual / NANO for row in costly),
        int(sum(row.found for row in long)),
        int(sum(row.severe for row in long)),
        tuple(sorted(far, key=lambda call: (-round(call.excess_usd, 9), call.call_id))[:LISTED]),
    )


def _spreads(rows: Sequence[Any]) -> _Spreads:
    return {(row.provider, row.model, row.task_type): _Spread(row.usual, row.scale) for row in rows}


def _is_listed(call: OutlierCall, costs: _Spreads, lengths: _Spreads, limit: float, least: float) -> bool:
    work = (call.provider, call.model, call.task)
    cost, length = costs.get(work), lengths.get(work)
    return bool(
        (cost and cost.is_far(_nano(call.cost_usd), limit, least))
        or (length and length.is_far(call.tokens, limit, least))
    )


def _nano(usd: Decimal) -> int:
    return int(usd * NANO)


def _call(row: Any, costs: _Spreads, lengths: _Spreads) -> OutlierCall:
    work = (row.provider, row.model, row.task_type)
    cost, length, tokens = costs.get(work), lengths.get(work), int(row.all_tokens)
    return OutlierCall(
        row.call_id,
        row.called_at,
        *work,
        row.customer_id,
        row.organization_id,
        row.cost_usd,
        cost.usual / NANO if cost else float(row.cost_usd),
        tokens,
        length.usual if length else float(tokens),
        cost.score(_nano(row.cost_usd)) if cost else None,
        length.score(tokens) if length else None,
    )


def long_answers(calls: Calls, settings: Settings, day: date) -> tuple[LongAnswers, ...]:
    """Excess output by model and task, the most expensive first."""
    found = [_long(row, settings, day) for row in calls.sql(LONG_ANSWERS)]
    return tuple(sorted(found, key=lambda e: (-(e.excess_usd or ZERO), -e.excess_tokens, e.model, e.task)))


def _long(row: Any, settings: Settings, day: date) -> LongAnswers:
    tokens = round(row.excess_tokens)
    rate = settings.pricing.rate(row.provider, row.model, day)
    usd = rate.output_usd_per_mtok * tokens / 1_000_000 if rate else None
    output = int(row.all_output)
    return LongAnswers(
        provider=row.provider,
        model=row.model,
        task=row.task_type,
        calls=int(row.calls),
        excess_tokens=tokens,
        output_tokens=output,
        excess_usd=usd,
    )


def total_excess(entries: Sequence[LongAnswers]) -> Decimal:
    """The dollars of all entries whose price is known."""
    return sum((entry.excess_usd or ZERO for entry in entries), ZERO)
