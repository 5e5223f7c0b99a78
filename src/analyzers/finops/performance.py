"""Performance tracking: which model is worth its price and its wait."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from analysis.run import run_one
from analyzers.advice.cheaper_models import WORK_ROLLUPS, Work, repriced, work
from analyzers.base import Analyzer
from analyzers.performance.latency import Service, late_hours, services
from analyzers.performance.page import page
from analyzers.performance.result import (
    GROUP_NAMES,
    Bucket,
    ModelLine,
    Performance,
    TaskChoice,
)
from analyzers.usage.earlier_period import over_both_periods
from analyzers.usage.sums import ZERO, breakdown
from calls.engine import Calls
from calls.rollups.shared import OUTPUT_STEP
from methods.frontier import Contender, Standing, standings
from methods.robust_line import MOST_POINTS, theil_sen
from methods.slo import ErrorBudget, fastest_burn
from reporting.document import Category, Document
from settings.model import Settings

EDGES = (0, 500, 1000, 2000, 4000, 8000, 16000, 32000, 64000)
"""Where the buckets of the latency distribution begin, in ms."""
LEAST_BURN_CALLS = 20

BINNED = """
select provider, model, output_step, whole as calls, cast(step_latency as double) / step_calls as middle
from (select *,
             sum(step_calls) over (partition by provider, model, output_step order by latency_step
                                   rows unbounded preceding) as upto,
             sum(step_calls) over (partition by provider, model, output_step) as whole
      from (select provider, model, output_step, latency_step,
                   sum(calls) as step_calls, sum(latency_total) as step_latency
            from latency_by_output
            group by provider, model, output_step, latency_step) as counted) as placed
where 2 * upto >= whole and 2 * (upto - step_calls) < whole
order by provider, model, output_step
"""
"""The calls of each step of output, and their median latency: the mean of the step of the grid that holds it."""

BUCKET = "case " + " ".join(f"when latency_ms >= {edge} then {edge}" for edge in EDGES[::-1]) + " end"

DISTRIBUTION = f"""
select provider, model, {BUCKET} as from_ms, sum(calls) as calls
from latency_counts
group by provider, model, {BUCKET}
order by provider, model, from_ms
"""


class FinopsPerformance(Analyzer[Performance]):
    """Latency, throughput and service levels by provider, model and task, and the model for each task."""

    id: ClassVar[str] = "finops_performance"
    title: ClassVar[str] = "Performance tracking"
    question: ClassVar[str] = "Which model is worth its price and its wait?"
    category: ClassVar[Category] = Category.FINOPS
    description: ClassVar[str] = "Latency, SLA and cost efficiency by model; the best model for each task"
    slow_rollups: ClassVar[tuple[str, ...]] = WORK_ROLLUPS

    def analyze(self, calls: Calls, settings: Settings) -> Performance:
        """Everything the page shows."""
        levels, sample, period = settings.service_levels, settings.sample, calls.source.period
        found = services(calls, levels.latency_ms, sample.percentile_calls)
        groups = {name: found[names] for name, names in GROUP_NAMES.items()}
        overall = groups["all"][0]
        hours = late_hours(calls, levels.latency_ms)
        days = _by_day(hours)
        target = float(levels.compliance_target)
        return Performance(
            first_day=period.first_day,
            last_day=period.last_day,
            total=breakdown(calls).total,
            limit_ms=levels.latency_ms,
            target=levels.compliance_target,
            error_rate_max=levels.error_rate_max,
            own_levels=settings.own_service_levels,
            percentile_calls=sample.percentile_calls,
            comparison_calls=sample.comparison_calls,
            switch_share=settings.levers.switch_share,
            groups=groups,
            knows_status="status" in calls.source.columns,
            lines=_lines(calls, sample.percentile_calls) if overall.timed else (),
            buckets=_buckets(calls) if overall.timed else (),
            frontier=_frontier(groups["model"], sample.comparison_calls),
            choices=_choices(calls, groups["model_task"], settings) if overall.timed else (),
            budget=ErrorBudget(overall.timed, overall.late, target),
            burn=fastest_burn(hours, target, LEAST_BURN_CALLS),
            late_by_day=tuple((day, *counts) for day, counts in sorted(days.items())),
            versus_compliance=over_both_periods(
                calls, lambda each, *days: _compliance(each, levels.latency_ms, *days)
            ),
        )

    def steps(self, result: Performance) -> tuple[str, ...]:
        """What was done for it."""
        latencies = "Calculating latency percentiles..." if result.overall.timed else "No call has a latency"
        return latencies, "Analyzing model efficiency..."

    def document(self, result: Performance) -> Document:
        """The page."""
        return page(self, result)


def _by_day(hours: Sequence[tuple[Any, int, int]]) -> dict[date, tuple[int, int]]:
    sums: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for hour, timed, late in hours:
        before = sums[hour.date()]
        sums[hour.date()] = (before[0] + timed, before[1] + late)
    return sums


def _compliance(calls: Calls, limit_ms: int, first: date, last: date) -> Decimal | None:
    """The share of timed calls within the SLA on some days; None where none is timed."""
    counts = [entry for day, entry in _by_day(late_hours(calls, limit_ms)).items() if first <= day <= last]
    timed, late = sum(entry[0] for entry in counts), sum(entry[1] for entry in counts)
    return 1 - Decimal(late) / timed if timed else None


def _lines(calls: Calls, needed: int) -> tuple[ModelLine, ...]:
    """A robust line through the median latency of each bin, weighted by its calls."""
    bins: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in calls.sql(BINNED):
        bins[row.provider, row.model].append(row)
    found = []
    for (provider, model), rows in bins.items():
        count = int(sum(row.calls for row in rows))
        kept = sorted(rows, key=lambda row: (-row.calls, row.output_step))[:MOST_POINTS]
        line = theil_sen(
            [float(row.output_step + OUTPUT_STEP // 2) for row in kept],
            [row.middle for row in kept],
            [float(row.calls) for row in kept],
        )
        if line is not None and count >= needed:
            found.append(ModelLine(provider, model, line, count))
    return tuple(found)


def _buckets(calls: Calls) -> tuple[Bucket, ...]:
    return tuple(
        Bucket(row.provider, row.model, row.from_ms, int(row.calls)) for row in calls.sql(DISTRIBUTION)
    )


def _frontier(models: Sequence[Service], needed: int) -> tuple[Standing[str], ...]:
    """Cost per 1,000 tokens against P95, over models with enough calls of known cost and latency."""
    contenders = []
    for model in models:
        wait, price = model.at(0.95), model.cost_per_1k_tokens_usd
        if wait and wait.value is not None and price is not None and model.calls >= needed:
            contenders.append(Contender(" ".join(model.key).strip(), float(price), wait.value))
    return standings(contenders)


def _choices(calls: Calls, pairs: Sequence[Service], settings: Settings) -> tuple[TaskChoice, ...]:
    """The best model of each task, the largest saving first."""
    by_task: dict[str, list[Service]] = defaultdict(list)
    for pair in pairs:
        by_task[pair.name].append(pair)
    lines = work(calls)
    day = calls.source.period.last_day
    chosen = [_choice(task, entries, lines, settings, day) for task, entries in by_task.items()]
    return tuple(sorted(chosen, key=lambda choice: (-choice.saving_usd, choice.task)))


def _choice(
    task: str, entries: Sequence[Service], lines: Sequence[Work], settings: Settings, day: date
) -> TaskChoice:
    target, needed = settings.service_levels.compliance_target, settings.sample.comparison_calls
    fit = [
        (price, entry)
        for entry in entries
        if entry.timed >= needed
        and (entry.compliance or ZERO) >= target
        and (price := entry.cost_per_1k_tokens_usd) is not None
    ]
    if not fit:
        return TaskChoice(task=task, best=None, candidates=0, moved_calls=0, moved_from=(), saving_usd=ZERO)
    best = min(fit, key=lambda option: (option[0], option[1].key))[1]
    cells = {
        (line.band, (line.provider, line.model), line.variant): line for line in lines if line.task == task
    }
    moved, saving = [], ZERO
    for line in cells.values():
        there = cells.get((line.band, (best.key[0], best.key[1]), line.variant))
        after = repriced(line, there, settings.pricing, day) if there and there is not line else None
        if after is not None and after < line.usage.cost_usd:
            moved.append(line)
            saving += line.usage.cost_usd - after
    names = tuple(sorted({line.model for line in moved}))
    return TaskChoice(
        task=task,
        best=best,
        candidates=len(fit),
        moved_calls=sum(line.usage.calls for line in moved),
        moved_from=names,
        saving_usd=saving,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(FinopsPerformance(), argv)


if __name__ == "__main__":
    sys.exit(main())
