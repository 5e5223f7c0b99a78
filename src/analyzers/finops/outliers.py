"""Single calls far dearer or longer than calls of their own model and task, and answers far too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import log
from typing import Any

from analyzers.usage import ZERO
from calls.engine import Calls
from settings.model import Settings

LISTED = 50
LEAST_CALLS = 100
"""Calls of a model and task without which none is judged."""
SEVERE = 10
"""Calls over this many times the usual length are severe token spikes."""
EXCESS_OUTPUT = 3
"""An answer longer than this many times the usual one is excess beyond that."""

MIDDLES = f"""
with middle as (
  select provider, model, task_type,
         quantile_cont(ln(cast(cost_usd as double)), 0.5) as middle_cost,
         quantile_cont(ln(cast(input_tokens + output_tokens as double)), 0.5) as middle_tokens
  from calls
  where cost_usd > 0 and input_tokens + output_tokens > 0
  group by provider, model, task_type
  having count(*) >= {LEAST_CALLS}
), placed as (
  select c.call_id, c."timestamp", c.provider, c.model, c.task_type, c.customer_id, c.organization_id,
         c.cost_usd, c.input_tokens, c.output_tokens,
         m.middle_cost, m.middle_tokens,
         ln(cast(c.cost_usd as double)) - m.middle_cost as cost_off,
         ln(cast(c.input_tokens + c.output_tokens as double)) - m.middle_tokens as tokens_off
  from calls as c
  join middle as m on c.provider = m.provider and c.model = m.model and c.task_type = m.task_type
  where c.cost_usd > 0 and c.input_tokens + c.output_tokens > 0
), spread as (
  select provider, model, task_type,
         quantile_cont(abs(cost_off), 0.5) * 1.4826 as cost_scale,
         quantile_cont(abs(tokens_off), 0.5) * 1.4826 as tokens_scale
  from placed
  group by provider, model, task_type
)
"""

OUTLIERS = f"""{MIDDLES}, marked as (
  select p.*, p.cost_off / nullif(s.cost_scale, 0) as cost_z, p.tokens_off / nullif(s.tokens_scale, 0) as tokens_z
  from placed as p
  join spread as s on p.provider = s.provider and p.model = s.model and p.task_type = s.task_type
), judged as (
  select call_id, "timestamp" as called_at, provider, model, task_type, customer_id, organization_id, cost_usd,
         input_tokens + output_tokens as all_tokens, cost_z, tokens_z, tokens_off,
         exp(middle_cost) as usual_cost, exp(middle_tokens) as usual_tokens,
         cast(cost_usd as double) - exp(middle_cost) as excess
  from marked
  where (cost_z > $limit and cost_off > $least) or (tokens_z > $limit and tokens_off > $least)
), ranked as (
  select *, row_number() over (order by round(excess, 9) desc, call_id) as place,
         count(*) over () as found, sum(excess) over () as excess_sum,
         sum(case when tokens_z > $limit and tokens_off > $least then 1 else 0 end) over () as spikes,
         sum(case when tokens_z > $limit and tokens_off > $severe then 1 else 0 end) over () as severe_spikes
  from judged
)
select * from ranked where place <= {LISTED} order by place
"""

LONG_ANSWERS = f"""
with usual as (
  select provider, model, task_type, quantile_cont(cast(output_tokens as double), 0.5) as middle_output
  from calls
  where output_tokens > 0
  group by provider, model, task_type
  having count(*) >= {LEAST_CALLS}
)
select c.provider, c.model, c.task_type, count(*) as calls,
       sum(c.output_tokens - {EXCESS_OUTPUT} * u.middle_output) as excess_tokens
from calls as c
join usual as u on c.provider = u.provider and c.model = u.model and c.task_type = u.task_type
where c.output_tokens > {EXCESS_OUTPUT} * u.middle_output
group by c.provider, c.model, c.task_type
order by c.provider, c.model, c.task_type
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
    """How many there are, what they cost over expectation, and the dearest of them.

    `token_spikes` are those far longer than usual, `severe_spikes` those of them over ten times as long.
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
    """

    provider: str
    model: str
    task: str
    calls: int
    excess_tokens: int
    excess_usd: Decimal | None


def outlier_calls(calls: Calls, settings: Settings) -> Outliers:
    """The outliers on a logarithmic scale, where costs and lengths are about symmetric."""
    limit = float(settings.anomaly.modified_z)
    rows = calls.sql(OUTLIERS, limit=limit, least=log(float(settings.anomaly.ratio)), severe=log(SEVERE))
    if not rows:
        return Outliers(0, 0.0, 0, 0, ())
    first = rows[0]
    return Outliers(
        first.found,
        float(first.excess_sum),
        int(first.spikes),
        int(first.severe_spikes),
        tuple(_call(row) for row in rows),
    )


def _call(row: Any) -> OutlierCall:
    return OutlierCall(
        row.call_id,
        row.called_at,
        row.provider,
        row.model,
        row.task_type,
        row.customer_id,
        row.organization_id,
        row.cost_usd,
        row.usual_cost,
        int(row.all_tokens),
        row.usual_tokens,
        row.cost_z,
        row.tokens_z,
    )


def long_answers(calls: Calls, settings: Settings, day: date) -> tuple[LongAnswers, ...]:
    """Excess output by model and task, the dearest first."""
    found = [_long(row, settings, day) for row in calls.sql(LONG_ANSWERS)]
    return tuple(sorted(found, key=lambda e: (-(e.excess_usd or ZERO), -e.excess_tokens, e.model, e.task)))


def _long(row: Any, settings: Settings, day: date) -> LongAnswers:
    tokens = round(row.excess_tokens)
    rate = settings.pricing.rate(row.provider, row.model, day)
    usd = rate.output_usd_per_mtok * tokens / 1_000_000 if rate else None
    return LongAnswers(row.provider, row.model, row.task_type, row.calls, tokens, usd)


def total_excess(entries: Sequence[LongAnswers]) -> Decimal:
    """The dollars of all entries whose price is known."""
    return sum((entry.excess_usd or ZERO for entry in entries), ZERO)
