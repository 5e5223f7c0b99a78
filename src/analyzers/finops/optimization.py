"""Rate optimization: what the same work would cost if it were bought better."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from analysis.run import run_one
from analyzers.advice.cheaper_models import WORK_ROLLUPS, Work, switches, work
from analyzers.base import Analyzer
from analyzers.optimization.hourly_demand import Demand
from analyzers.optimization.levers import LEAST_DAYS, apply_levers
from analyzers.optimization.page import page
from analyzers.optimization.result import Commitment, Optimization, Volume
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import ZERO, breakdown
from analyzers.words.figures import counted
from calls.engine import Calls
from methods.commitment import break_even_month, commitment_plan, regret
from reporting.document import Category, Document
from settings.model import Settings, VolumeTier

LEAST_TOKENS = 1


class FinopsOptimization(Analyzer[Optimization]):
    """Switching, caching, batching, committing and volume discounts, in order and without overlap."""

    id: ClassVar[str] = "finops_optimization"
    title: ClassVar[str] = "Rate optimization"
    question: ClassVar[str] = "What would the same work cost if we bought it better?"
    category: ClassVar[Category] = Category.FINOPS
    answers: ClassVar[tuple[tuple[str, str], ...]] = (("Which model to switch, at what risk?", "switching"),)
    description: ClassVar[str] = "Commitments, model switching, caching, batch and volume discounts"
    slow_rollups: ClassVar[tuple[str, ...]] = WORK_ROLLUPS

    def analyze(self, calls: Calls, settings: Settings) -> Optimization:
        """Everything the page shows."""
        period, parts, lines = calls.source.period, breakdown(calls), work(calls)
        total = parts.total
        demand = Demand(calls)
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
            commitments=_commitments(demand, lines, settings) if enough else (),
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
            deferrable_at_least=any(
                group.usage.at_least for group in parts.by("task_type") if group.name in deferrable
            ),
            peak_usd=demand.cost_of(deferrable, demand.peak),
            deferred_usd=sum(
                (line.usage.cost_usd for line in lines if line.task in deferrable and line.is_deferred), ZERO
            ),
            peak_hours=tuple(sorted(demand.peak)),
        )

    def steps(self, result: Optimization) -> tuple[str, ...]:
        """What was done for it."""
        return (
            "Pricing calls with cheaper models, caching, batches and commitments...",
            f"Compared: {counted(len(result.levers), 'lever')}, {counted(len(result.savings), 'possible saving')}",
        )

    def document(self, result: Optimization) -> Document:
        """The page."""
        return page(self, result)


def _no_commitment(days: int, priced: int) -> str:
    if not priced:
        return "No call has a known cost, so a commitment cannot be priced."
    return f"{days} {'day' if days == 1 else 'days'} of history: a commitment needs at least {LEAST_DAYS}."


def _deferred(lines: Sequence[Work]) -> dict[tuple[str, str], Decimal]:
    """What of each model is bought as batch or flex, in USD."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.is_deferred:
            found[line.provider, line.model] += line.usage.cost_usd
    return found


def _commitments(demand: Demand, lines: Sequence[Work], settings: Settings) -> tuple[Commitment, ...]:
    """The cheapest commitment of each model as it is used today, the largest saving first.

    Batch and flex, which no commitment covers, are taken off each hour by their share of the model's cost.
    """
    found, deferred = [], _deferred(lines)
    for (provider, model), all_tokens in demand.by_model().items():
        cost = demand.cost[provider, model]
        left = cost - deferred.get((provider, model), ZERO)
        tokens = all_tokens if left == cost else all_tokens * float(left / cost)
        whole = Decimal(round(float(tokens.sum())))
        if whole < LEAST_TOKENS:
            continue
        units = tokens.tolist()
        discount = float(settings.commitment.discount)
        plan = commitment_plan(units, discount)
        found.append(
            Commitment(
                provider=provider,
                model=model,
                usd_per_token=left / whole,
                plan=plan,
                regret=regret(units, discount),
                break_even_month=break_even_month(plan.chosen, settings.commitment.term_months),
            )
        )
    return tuple(sorted(found, key=lambda entry: (-entry.saving_usd, entry.provider, entry.model)))


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
                provider=provider,
                month_usd=usd,
                discount_usd=volume_discount(own, usd),
                next_from_usd=ahead.from_usd_month if ahead else None,
                next_discount=ahead.discount if ahead else None,
                consolidated_usd=volume_discount(own, whole),
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
    return run_one(FinopsOptimization(), argv)


if __name__ == "__main__":
    sys.exit(main())
