"""Rate optimization: what the same work would cost if it were bought better."""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import ClassVar

try:
    import numpy as np

    import analysis_run
    from analyzers.base import Analyzer
    from analyzers.cheaper_models import switches, work
    from analyzers.finops.levers import LEAST_DAYS, Source, Vector, apply_levers
    from analyzers.finops.optimization_page import page
    from analyzers.finops.optimization_result import Commitment, Optimization, Volume
    from analyzers.span import MONTH_DAYS
    from analyzers.usage import ZERO, breakdown
    from calls.engine import Calls
    from methods.commitment import CommitmentPlan, break_even_month, commitment_plan, regret
    from reporting.document import Category, Document
    from settings.model import Settings, VolumeTier
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is missing here: run `pip install -e .` in the project folder or use its .venv."
    )

HOURS = 24
PEAK_HOURS = 8
LEAST_TOKENS = 1

HOURLY = """
select local_hour, provider, model, task_type, sum(known_cost) as known_cost,
       sum(priced_total) as all_tokens
from hourly_use
where priced_calls > 0
group by local_hour, provider, model, task_type
order by local_hour, provider, model, task_type
"""


class FinopsOptimization(Analyzer[Optimization]):
    """Switching, caching, batching, committing and volume discounts, in order and without overlap."""

    id: ClassVar[str] = "finops_optimization"
    title: ClassVar[str] = "Rate optimization"
    question: ClassVar[str] = "What would the same work cost if we bought it better?"
    category: ClassVar[Category] = Category.FINOPS
    order: ClassVar[int] = 4
    description: ClassVar[str] = "Commitments, model switching, caching, batch and volume discounts"

    def analyze(self, calls: Calls, settings: Settings) -> Optimization:
        """Everything the page shows."""
        period, total, lines = calls.source.period, breakdown(calls).total, work(calls)
        demand = _Demand(calls)
        found = switches(lines, settings.pricing, period.last_day, settings.sample.comparison_calls)
        levers, savings = apply_levers(calls, lines, found, demand.usd, settings)
        terms, chances = settings.commitment, settings.levers
        enough = period.days >= LEAST_DAYS and total.priced_calls > 0
        deferrable = frozenset(chances.deferrable_task_types)
        return Optimization(
            first_day=period.first_day,
            last_day=period.last_day,
            total=total,
            levers=levers,
            savings=savings,
            switches=found,
            commitments=_commitments(demand, settings, period.days) if enough else (),
            commitment_reason="" if enough else _no_commitment(period.days, total.priced_calls),
            volumes=_volumes(calls, settings.volume_tier),
            discount=terms.discount,
            term_months=terms.term_months,
            switch_share=chances.switch_share,
            test_share=chances.test_share,
            repeatable_share=chances.repeatable_input_share,
            batch_discount=chances.batch_discount,
            deferrable=chances.deferrable_task_types,
            deferrable_usd=demand.cost_of(deferrable),
            peak_usd=demand.cost_of(deferrable, demand.peak),
            peak_hours=tuple(sorted(demand.peak)),
        )

    def document(self, result: Optimization) -> Document:
        """The page."""
        return page(self, result)


def _no_commitment(days: int, priced: int) -> str:
    if not priced:
        return "No call has a known cost, so a commitment cannot be priced."
    return f"{days} {'day' if days == 1 else 'days'} of history: a commitment needs at least {LEAST_DAYS}."


class _Demand:
    """Tokens and dollars by hour of each source, over every hour of the period."""

    def __init__(self, calls: Calls) -> None:
        period = calls.source.period
        self._start = datetime.combine(period.first_day, time())
        self._length = period.days * HOURS
        self.usd: dict[Source, Vector] = defaultdict(self._zeros)
        self.tokens: dict[Source, Vector] = defaultdict(self._zeros)
        self._exact: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        self.cost: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in calls.sql(HOURLY):
            source, place = (row.provider, row.model, row.task_type), self._place(row.local_hour)
            self.usd[source][place] += float(row.known_cost)
            self.tokens[source][place] += float(row.all_tokens)
            self._exact[row.task_type, row.local_hour.hour] += row.known_cost
            self.cost[row.provider, row.model] += row.known_cost
        self.peak = self._peak()

    def _zeros(self) -> Vector:
        return np.zeros(self._length)

    def _place(self, hour: datetime) -> int:
        return int((hour - self._start) // timedelta(hours=1))

    def _peak(self) -> frozenset[int]:
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for (_, hour), amount in self._exact.items():
            sums[hour] += amount
        return frozenset(sorted(sums, key=lambda hour: (-sums[hour], hour))[:PEAK_HOURS])

    def cost_of(self, tasks: frozenset[str], hours: frozenset[int] | None = None) -> Decimal:
        """The cost of some tasks, in some hours of the day or in all."""
        chosen = (
            a for (task, hour), a in self._exact.items() if task in tasks and (hours is None or hour in hours)
        )
        return sum(chosen, ZERO)

    def by_model(self) -> Mapping[tuple[str, str], Vector]:
        """Tokens by hour of each model."""
        sums: dict[tuple[str, str], Vector] = defaultdict(self._zeros)
        for (provider, model, _), vector in self.tokens.items():
            sums[provider, model] = sums[provider, model] + vector
        return sums


def _commitments(demand: _Demand, settings: Settings, days: int) -> tuple[Commitment, ...]:
    """The cheapest commitment of each model as it is used today, the largest saving first."""
    found = []
    for (provider, model), tokens in demand.by_model().items():
        whole = Decimal(round(float(tokens.sum())))
        if whole < LEAST_TOKENS:
            continue
        units = tokens.tolist()
        discount = float(settings.commitment.discount)
        plan = commitment_plan(units, discount)
        found.append(
            Commitment(
                provider,
                model,
                demand.cost[provider, model] / whole,
                plan,
                regret(units, discount),
                _break_even(plan, days, settings.commitment.term_months),
            )
        )
    return tuple(sorted(found, key=lambda entry: (-entry.saving_usd, entry.provider, entry.model)))


def _break_even(plan: CommitmentPlan, days: int, term: int) -> int | None:
    """The month from which savings hold, at this pace and nothing paid upfront; None where it never saves."""
    return (
        break_even_month([plan.chosen.saving * MONTH_DAYS / days] * term) if plan.chosen.saving > 0 else None
    )


def _volumes(calls: Calls, tiers: Sequence[VolumeTier]) -> tuple[Volume, ...]:
    """Each provider's place among its tiers, the largest spend first; tiers of others show consolidation."""
    factor = Decimal(MONTH_DAYS) / calls.source.period.days
    spend = {group.name: group.usage.cost_usd * factor for group in breakdown(calls).by("provider")}
    whole = sum(spend.values(), ZERO)
    found = []
    for provider, usd in spend.items():
        own = sorted((t for t in tiers if t.provider == provider), key=lambda tier: tier.from_usd_month)
        ahead = next((tier for tier in own if tier.from_usd_month > usd), None)
        found.append(
            Volume(
                provider,
                usd,
                volume_discount(own, usd),
                ahead.from_usd_month if ahead else None,
                ahead.discount if ahead else None,
                volume_discount(own, whole),
            )
        )
    return tuple(sorted(found, key=lambda entry: (-entry.month_usd, entry.provider)))


def volume_discount(tiers: Sequence[VolumeTier], usd: Decimal) -> Decimal:
    """The discount on a month's spend: each tier's rate holds for the spend between it and the next.

    Args:
        tiers: of one provider, the lowest first.
        usd: the spend of a month.
    """
    ends = [*(tier.from_usd_month for tier in tiers[1:]), None]
    saved = ZERO
    for tier, end in zip(tiers, ends, strict=True) if tiers else ():
        top = usd if end is None else min(usd, end)
        saved += max(top - tier.from_usd_month, ZERO) * tier.discount
    return saved


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return analysis_run.run_one(FinopsOptimization(), argv)


if __name__ == "__main__":
    sys.exit(main())
