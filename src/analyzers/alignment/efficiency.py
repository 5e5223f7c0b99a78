"""How costly each organization's tokens are, beside what all pay for the same tasks and the same models.

Indirect standardisation: an organization whose tasks are costly by nature is not called wasteful for it.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analyzers.alignment.result import Efficiency, ModelShare
from analyzers.usage.sums import ZERO, Usage, total_usage


@dataclass(frozen=True)
class TaskUse:
    """The priced calls of one organization for one task on one model."""

    organization: str
    task: str
    provider: str
    model: str
    usage: Usage


def efficiencies(
    usages: Mapping[str, Usage], work: Sequence[TaskUse], calls_needed: int
) -> tuple[Efficiency, ...]:
    """The efficiency of each organization, the most expensive for its tasks first and the unallocated line last.

    Args:
        usages: usage by organization; '' is unallocated.
        work: the priced calls of all.
        calls_needed: priced calls from which an organization is compared.
    """
    by_task = _prices((line.task, line.usage) for line in work)
    by_model = _prices(((line.provider, line.model), line.usage) for line in work)
    own: dict[str, list[TaskUse]] = defaultdict(list)
    for line in work:
        own[line.organization].append(line)
    found = [
        Efficiency(
            organization=name,
            usage=usage,
            expected_usd=sum((by_task[line.task] * line.usage.priced_tokens for line in own[name]), ZERO),
            mix_usd_per_1k=_mix(own[name], by_model),
            models=_models(own[name]),
            compared=bool(name) and usage.priced_calls >= calls_needed,
        )
        for name, usage in usages.items()
    ]
    return tuple(sorted(found, key=_costliest))


def _costliest(entry: Efficiency) -> tuple[bool, Decimal, str]:
    return not entry.organization, -(entry.index or ZERO), entry.organization


def _prices(lines: Iterable[tuple[Hashable, Usage]]) -> dict[Hashable, Decimal]:
    """The mean price of a token by key; 0 where there is none."""
    grouped: dict[Hashable, list[Usage]] = defaultdict(list)
    for key, usage in lines:
        grouped[key].append(usage)
    sums = {key: total_usage(uses) for key, uses in grouped.items()}
    return {key: s.cost_usd / s.priced_tokens if s.priced_tokens else ZERO for key, s in sums.items()}


def _mix(lines: Sequence[TaskUse], prices: Mapping[Hashable, Decimal]) -> Decimal | None:
    """1,000 tokens of an organization's mix of models at the mean price of each model."""
    tokens = sum(line.usage.priced_tokens for line in lines)
    if not tokens:
        return None
    cost = sum((prices[line.provider, line.model] * line.usage.priced_tokens for line in lines), ZERO)
    return cost * 1000 / tokens


def _models(lines: Sequence[TaskUse]) -> tuple[ModelShare, ...]:
    """The models of an organization, the most used first."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        sums[line.provider, line.model] += line.usage.priced_tokens
    whole = sum(sums.values())
    if not whole:
        return ()
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ModelShare(*key, tokens, Decimal(tokens) / whole) for key, tokens in ranked)
