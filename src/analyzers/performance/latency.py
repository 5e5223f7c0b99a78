"""How long calls take: counts, service levels and exact percentiles by provider, model, task and customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor
from typing import Any

from analyzers.usage.sums import ZERO, share
from calls.dimensions import chosen
from calls.engine import Calls
from methods.percentile import Percentile, interval_ranks

SHARES = (0.5, 0.95, 0.99)

PROVIDER, MODEL, TASK, CUSTOMER = (each.columns for each in chosen("provider", "model", "task", "customer"))
MODEL_TASK = (*MODEL, *TASK)
ALL: tuple[str, ...] = ()
RANKED = (ALL, PROVIDER, MODEL, TASK)
"""The groupings whose percentiles are asked for."""

MEASURES = """sum(calls) as calls,
       sum(timed) as timed,
       sum(late) as late,
       sum(failed) as failed,
       sum(latency_total) as latency_total,
       sum(timed_output) as timed_output,
       sum(priced_calls) as priced,
       sum(known_cost) as known_cost,
       sum(priced_total) as priced_tokens"""

BY_GROUP = f"""
select provider, model, task_type,
       {MEASURES}
from hourly_use
group by grouping sets ((), (provider), (provider, model), (task_type), (provider, model, task_type))
"""

BY_CUSTOMER = f"""
select customer_id,
       {MEASURES}
from daily_customers
group by customer_id
"""

BY_HOUR = """
select local_hour, sum(timed) as timed, sum(late) as late
from hourly_use
where local_hour is not null
group by local_hour
order by local_hour
"""

STEP_MS = 250
"""The width of the steps among which the ranks are looked for first."""

AT_RANKS = f"""
with latencies as (
  select {{keys}}latency_ms, latency_ms - latency_ms % {STEP_MS} as step, calls
  from latency_counts),
steps as (
  select {{keys}}step, sum(calls) as counted
  from latencies
  group by {{keys}}step),
cumulated as (
  select {{keys}}step, counted,
         sum(counted) over ({{partition}}order by step rows unbounded preceding) as upto,
         sum(counted) over ({{whole}}) as size
  from steps),
sought as (
  select {{keys}}step, ranks.place, ranks.place - (upto - counted) as place_in_step
  from cumulated
  join (values {{ranks}}) as ranks(size, place)
    on ranks.size = cumulated.size and ranks.place <= cumulated.upto
      and ranks.place > cumulated.upto - cumulated.counted),
counts as (
  select {{keys}}step, latency_ms, sum(calls) as counted
  from latencies
  semi join sought on {{same}}sought.step = latencies.step
  group by {{keys}}step, latency_ms),
placed as (
  select {{keys}}step, latency_ms, counted,
         sum(counted) over (partition by {{keys}}step order by latency_ms rows unbounded preceding) as upto
  from counts)
select {{named}}sought.place, placed.latency_ms
from sought
join placed on {{placed}}placed.step = sought.step
  and sought.place_in_step <= placed.upto and sought.place_in_step > placed.upto - placed.counted
"""
"""The latency at each of some ranks, counted from 1, of the groups of each size.

Only the steps that hold a rank are sorted out to the millisecond.
"""


@dataclass(frozen=True)
class Service:
    """How one group of calls was served.

    `timed` calls have a latency, `in_time` are those within the SLA. `percentiles` are P50, P95 and P99 in ms
    with 95 % intervals, empty where they were not asked for.
    """

    key: tuple[str, ...]
    calls: int
    timed: int
    in_time: int
    failed: int
    latency_total_ms: int
    timed_output_tokens: int
    priced_calls: int
    cost_usd: Decimal
    priced_tokens: int
    percentiles: tuple[Percentile, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the key; '' where it is unallocated or all calls are meant."""
        return self.key[-1] if self.key else ""

    @property
    def compliance(self) -> Decimal | None:
        """Share of timed calls within the SLA; None without timed calls."""
        return share(self.in_time, self.timed)

    @property
    def late(self) -> int:
        """Timed calls slower than the SLA."""
        return self.timed - self.in_time

    @property
    def error_rate(self) -> Decimal | None:
        """Failed calls over calls; None without calls."""
        return share(self.failed, self.calls)

    @property
    def tokens_per_second(self) -> Decimal | None:
        """Output tokens over seconds of the timed calls; None without time."""
        return share(self.timed_output_tokens * 1000, self.latency_total_ms)

    @property
    def cost_per_1k_tokens_usd(self) -> Decimal | None:
        """Cost of 1,000 tokens over the priced calls; None without priced tokens."""
        return self.cost_usd * 1000 / self.priced_tokens if self.priced_tokens else None

    @property
    def efficiency(self) -> Decimal | None:
        """Tokens per second for each dollar that 1,000 tokens cost; None where either is unknown or free."""
        return share(self.tokens_per_second, self.cost_per_1k_tokens_usd)

    def at(self, wanted: float) -> Percentile | None:
        """The percentile of that share, if it was asked for."""
        return next((found for found in self.percentiles if found.share == wanted), None)


def services(calls: Calls, limit_ms: int, minimum: int) -> dict[tuple[str, ...], tuple[Service, ...]]:
    """Every grouping's services; percentiles for `RANKED`, given from `minimum` timed calls on.

    Raises:
        ValueError: the calls were opened for another limit.
    """
    _check_limit(calls, limit_ms)
    found: dict[tuple[str, ...], list[Any]] = {
        names: [] for names in (ALL, PROVIDER, MODEL, TASK, MODEL_TASK)
    }
    for row in calls.sql(BY_GROUP):
        # texts are never NULL in `calls`: a NULL says that the column is not in this row's grouping
        names = tuple(name for name in MODEL_TASK if getattr(row, name) is not None)
        found[names].append(row)
    found[CUSTOMER] = calls.sql(BY_CUSTOMER)
    timed = any(row.timed for row in found[ALL])
    places = {names: _ranked(calls, names, found[names], minimum) for names in RANKED} if timed else {}
    return {
        names: tuple(
            sorted(
                (_service(row, names, places.get(names), minimum) for row in rows),
                key=lambda service: (-service.calls, service.key),
            )
        )
        for names, rows in found.items()
    }


def late_hours(calls: Calls, limit_ms: int) -> list[tuple[Any, int, int]]:
    """(hour, timed calls, calls slower than the SLA), in order.

    Raises:
        ValueError: the calls were opened for another limit.
    """
    _check_limit(calls, limit_ms)
    return [(row.local_hour, int(row.timed), int(row.late or 0)) for row in calls.sql(BY_HOUR)]


def _check_limit(calls: Calls, limit_ms: int) -> None:
    if calls.late_after_ms != limit_ms:
        raise ValueError(f"calls opened for late_after_ms={calls.late_after_ms} cannot tell {limit_ms}")


Places = Mapping[tuple[tuple[str, ...], int], int]
"""The latency at a rank (from 1) of a group."""


def _service(row: Any, names: tuple[str, ...], places: Places | None, minimum: int) -> Service:
    key = tuple(getattr(row, name) for name in names)
    percentiles = (
        tuple(_percentile(key, int(row.timed), wanted, places, minimum) for wanted in SHARES)
        if places is not None
        else ()
    )
    return Service(
        key=key,
        calls=int(row.calls),
        timed=int(row.timed),
        in_time=int(row.timed) - int(row.late or 0),
        failed=int(row.failed or 0),
        latency_total_ms=int(row.latency_total or 0),
        timed_output_tokens=int(row.timed_output or 0),
        priced_calls=int(row.priced),
        cost_usd=row.known_cost if row.known_cost is not None else ZERO,
        priced_tokens=int(row.priced_tokens or 0),
        percentiles=percentiles,
    )


def _needed(size: int, wanted: float) -> tuple[int, int, int, int]:
    """Ranks of the two neighbours of a percentile and of its interval, counted from 1."""
    below = floor(wanted * (size - 1)) + 1
    return below, min(below + 1, size), *interval_ranks(size, wanted)


def _percentile(key: tuple[str, ...], size: int, wanted: float, places: Places, minimum: int) -> Percentile:
    if size < max(minimum, 1):
        return Percentile(wanted, None, None, None, size)
    below, above, low, high = _needed(size, wanted)
    first, second = places[key, below], places[key, above]
    value = first + (second - first) * (wanted * (size - 1) - (below - 1))
    return Percentile(wanted, value, places.get((key, low)), places.get((key, high)), size)


def _ranked(calls: Calls, names: tuple[str, ...], rows: Sequence[Any], minimum: int) -> Places:
    """The latencies at the ranks that the percentiles of these groups need."""
    sizes = {int(row.timed) for row in rows if row.timed >= max(minimum, 1)}
    wanted = sorted({(size, rank) for size in sizes for part in SHARES for rank in _needed(size, part)})
    if not wanted:
        return {}
    whole = f"partition by {', '.join(names)}" if names else ""
    query = AT_RANKS.format(
        keys="".join(f"{name}, " for name in names),
        whole=whole,
        partition=f"{whole} " if names else "",
        same="".join(f"sought.{name} = latencies.{name} and " for name in names),
        named="".join(f"sought.{name}, " for name in names),
        placed="".join(f"placed.{name} = sought.{name} and " for name in names),
        ranks=", ".join(f"({size}, {rank})" for size, rank in wanted),
    )
    return {
        (tuple(getattr(row, name) for name in names), row.place): row.latency_ms for row in calls.sql(query)
    }
