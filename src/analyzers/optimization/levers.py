"""Levers in order on the same calls: switch, cache, batch, commit. What one saves, the next no longer sees."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from analyzers.advice.cheaper_models import Switch, Work
from analyzers.optimization.hourly_demand import Source, Vector
from analyzers.optimization.result import Lever, Saving
from analyzers.usage.sums import ZERO, Usage, breakdown
from calls.engine import Calls
from methods.commitment import best_level, outcome
from settings.model import Settings
from settings.rates import cost
from settings.terms import Terms

NINE_DECIMALS = Decimal("0.000000001")
LEAST_DAYS = 7
"""Days of hourly demand without which no commitment is judged."""

ORDER = (("switch", "Cheaper models"), ("cache", "Caching"), ("batch", "Batch"), ("commit", "Commitment"))


@dataclass(frozen=True)
class Part:
    """Calls of one line of work that stand on one model after the levers so far.

    `weight` is their share of the line's calls; `usage` is the line's, `usd` what the part still costs.
    """

    source: Work
    provider: str
    model: str
    weight: Decimal
    usd: Decimal

    @property
    def usage(self) -> Usage:
        """What the whole line uses."""
        return self.source.usage

    @property
    def calls(self) -> int:
        """Calls of the part, to the nearest."""
        return round(self.source.usage.calls * self.weight)


def rounded(amount: Decimal) -> Decimal:
    """Dollars rounded once, half-even, to nine decimals."""
    return amount.quantize(NINE_DECIMALS, ROUND_HALF_EVEN)


def apply_levers(
    calls: Calls,
    lines: Sequence[Work],
    found: Sequence[Switch],
    demand: Mapping[Source, Vector],
    settings: Settings,
) -> tuple[tuple[Lever, ...], tuple[Saving, ...]]:
    """All levers in order, and what each saves on which subject.

    Args:
        calls: the calls of the period.
        lines: the priced work.
        found: possible switches of these lines.
        demand: dollars by hour of each source, over every hour of the period.
        settings: how much of each lever is thought possible.
    """
    day, days = calls.source.period.last_day, calls.source.period.days
    parts, switched = _switch(lines, found, settings.levers.switch_share)
    parts, cached = _cache(parts, settings, day)
    rest, batched = _batch(parts, settings)
    discount = float(settings.commitment.discount)
    committed = _commit(rest, lines, demand, discount) if days >= LEAST_DAYS else []
    savings = (switched, cached, batched, committed)
    levers, left = [], breakdown(calls).total.cost_usd
    for (name, title), entries in zip(ORDER, savings, strict=True):
        levers.append(Lever(name, title, left, sum((entry.usd for entry in entries), ZERO)))
        left = levers[-1].after_usd
    ranked = sorted(
        (entry for group in savings for entry in group), key=lambda e: (-e.usd, e.lever, e.subject)
    )
    return tuple(levers), tuple(ranked)


def _switch(
    lines: Sequence[Work], found: Sequence[Switch], moved: Decimal
) -> tuple[list[Part], list[Saving]]:
    """Splits each line that can move into the share that does and the rest."""
    targets = {entry.work: entry for entry in found}
    parts, savings = [], []
    for line in lines:
        target, usd = targets.get(line), line.usage.cost_usd
        if target is None:
            parts.append(Part(line, line.provider, line.model, Decimal(1), usd))
            continue
        saved = rounded(target.saving_usd * moved)
        stays = rounded(usd * (1 - moved))
        parts.append(Part(line, line.provider, line.model, 1 - moved, stays))
        parts.append(Part(line, target.provider, target.model, moved, usd - stays - saved))
        savings.append(
            _saving("switch", parts[-1], saved, f"{line.named} to {target.model}", target.grade_steps)
        )
    return parts, _together(savings)


def _cache(parts: Sequence[Part], settings: Settings, day: date) -> tuple[list[Part], list[Saving]]:
    """Serves input that repeats and is not cached yet from a cache, where the model's cache is cheaper."""
    after, savings = [], []
    for part in parts:
        saved = rounded(part.usd * _cached_share(part, settings, day))
        after.append(replace(part, usd=part.usd - saved))
        if saved > 0:
            savings.append(replace(_saving("cache", part, saved, part.model), task="", detail=""))
    return after, _together(savings)


def _cached_share(part: Part, settings: Settings, day: date) -> Decimal:
    """The share of the part's cost that a cache would save."""
    usage = part.usage
    size = usage.input_tokens // usage.calls
    tier, speed = part.source.service_tier, part.source.speed
    rate = (
        settings.pricing.variant_rate(Terms(part.provider, part.model, tier, speed), day, size)
        if tier or speed
        else settings.pricing.rate(part.provider, part.model, day, size)
    )
    whole = cost(
        rate, usage.input_tokens, usage.output_tokens, usage.cached_input_tokens, usage.cache_write_tokens
    )
    if rate is None or not whole:
        return ZERO
    cheaper = max(rate.input_usd_per_mtok - rate.cached_input_usd_per_mtok, ZERO)
    repeated = usage.input_tokens * settings.levers.repeatable_input_share
    left = max(repeated - usage.cached_input_tokens - usage.cache_write_tokens, ZERO)
    return left * cheaper / 1_000_000 / whole


def _batch(parts: Sequence[Part], settings: Settings) -> tuple[list[Part], list[Saving]]:
    """Sends tasks that can wait to a batch; returns the parts that cannot.

    What is bought at the price of work that waits already saves nothing more, and no commitment covers it.
    """
    rest, savings = [], []
    for part in parts:
        if part.source.is_deferred:
            continue
        if part.source.task not in settings.levers.deferrable_task_types:
            rest.append(part)
            continue
        saved = rounded(part.usd * settings.levers.batch_discount)
        savings.append(
            replace(_saving("batch", part, saved, part.source.task), model="", provider="", detail="")
        )
    return rest, _together(savings)


def _commit(
    parts: Sequence[Part], lines: Sequence[Work], demand: Mapping[Source, Vector], discount: float
) -> list[Saving]:
    """Commits, model by model, to the cheapest level of what is left of each hour's cost."""
    hourly: dict[tuple[str, str], list[Vector]] = defaultdict(list)
    for part, share_of_source in _shares(parts, lines):
        line = part.source
        vector = demand.get((line.provider, line.model, line.task))
        if vector is not None:
            hourly[part.provider, part.model].append(vector * share_of_source)
    savings = []
    for (provider, model), vectors in sorted(hourly.items()):
        units = np.sum(vectors, axis=0).tolist()
        saved = rounded(Decimal(outcome(units, best_level(units, discount), discount).saving))
        if saved > 0:
            savings.append(
                Saving(
                    lever="commit",
                    subject=model,
                    detail=model,
                    provider=provider,
                    model=model,
                    task="",
                    calls=0,
                    usd=saved,
                )
            )
    return savings


def _shares(parts: Iterable[Part], lines: Iterable[Work]) -> list[tuple[Part, float]]:
    """Each part with its remaining cost over the cost of its source (all length bands and tiers) today."""
    whole: dict[Source, Decimal] = defaultdict(Decimal)
    for line in lines:
        whole[line.provider, line.model, line.task] += line.usage.cost_usd
    result = []
    for part in parts:
        line = part.source
        total = whole[line.provider, line.model, line.task]
        result.append((part, float(part.usd / total) if total else 0.0))
    return result


def _saving(lever: str, part: Part, usd: Decimal, subject: str, steps: int = 0) -> Saving:
    """A saving on a part; a switch is told by the model it leaves."""
    line = part.source
    provider, model = (line.provider, line.model) if lever == "switch" else (part.provider, part.model)
    return Saving(
        lever=lever,
        subject=subject,
        detail=line.task,
        provider=provider,
        model=model,
        task=line.task,
        calls=part.calls,
        usd=usd,
        grade_steps=steps,
    )


def _together(entries: Iterable[Saving]) -> list[Saving]:
    """Savings of one lever, subject and task added up over length bands."""
    groups: dict[tuple[str, str, str, str], list[Saving]] = defaultdict(list)
    for entry in entries:
        groups[entry.subject, entry.provider, entry.model, entry.task].append(entry)
    return [
        replace(
            group[0],
            calls=sum(entry.calls for entry in group),
            usd=sum((entry.usd for entry in group), ZERO),
            grade_steps=max(entry.grade_steps for entry in group),
        )
        for group in groups.values()
    ]
