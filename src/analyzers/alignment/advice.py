"""What to do about cost that cannot be charged, costly tokens and non-production, with dollars per month."""

from decimal import Decimal

from analyzers.advice.confidence import Sureness
from analyzers.alignment.result import Alignment, Efficiency, Environments, Maturity, ModelShare
from analyzers.alignment.tables import MOST_ROWS
from analyzers.words.figures import counted, listed, percent, unit_usd
from reporting.document import Confidence, Recommendation

LEAST_USD_MONTH = Decimal(1)
"""Advice worth less than this per month is left out."""
COSTLY_FROM = Decimal("1.1")
"""An organization is called costly from this price index on."""
MOST = 3
"""Recommendations of each kind at most."""
LEAST_HISTORY = 7
NAMING = Sureness(Confidence.HIGH, Confidence.MEDIUM)


def recommendations(result: Alignment) -> tuple[Recommendation, ...]:
    """All advice, the largest amount first."""
    found = [*_name_calls(result), *_costly(result), *_environments(result)]
    worth = [entry for entry in found if entry.usd_month >= LEAST_USD_MONTH]
    return tuple(sorted(worth, key=lambda entry: (-entry.usd_month, entry.id)))


def _name_calls(result: Alignment) -> list[Recommendation]:
    """Where less than 90% of cost names an organization."""
    entry = result.organization_coverage
    if entry.grade is None or entry.grade is Maturity.RUN:
        return []
    models = [path for path in result.paths if not path.organization and path.usage.cost_usd]
    features = listed(sorted({path.feature for path in models[:MOST] if path.feature}))
    where = f", first for {features}" if features else ""
    calls = entry.total.calls - entry.named.calls
    return [
        Recommendation(
            id="name-organizations",
            action=f"Send the organization with every call{where}",
            subject="whoever sends calls without an organization",
            usd_month=entry.unallocated_usd * result.month_factor,
            confidence=NAMING.confidence,
            why=f"{NAMING.words} {percent(entry.cost_share)} of cost names an organization; 90% is what "
            "chargeback needs. The amount can then be charged; it is not a saving.",
            rows=f"{counted(calls, 'call')} without an organization in {counted(result.period_days, 'day')}",
            target="coverage",
            target_row=entry.dimension,
            saves=False,
        )
    ]


def _costly(result: Alignment) -> list[Recommendation]:
    best = result.most_efficient
    if best is None:
        return []
    costly = [
        entry
        for entry in result.efficiency[:MOST_ROWS]
        if entry.compared and (entry.index or 0) >= COSTLY_FROM
    ]
    ranked = sorted(costly, key=lambda entry: (-entry.excess_usd, entry.organization))
    return [_bring_down(result, entry, best) for entry in ranked[:MOST]]


def mix_part(entry: Efficiency, best: Efficiency) -> tuple[Decimal, Decimal] | None:
    """The gap in price per 1,000 tokens to the best, and the part of it that the choice of models makes."""
    own, other = entry.usage.cost_per_1k_tokens_usd, best.usage.cost_per_1k_tokens_usd
    if own is None or other is None or entry.mix_usd_per_1k is None or best.mix_usd_per_1k is None:
        return None
    return own - other, entry.mix_usd_per_1k - best.mix_usd_per_1k


def _bring_down(result: Alignment, entry: Efficiency, best: Efficiency) -> Recommendation:
    gap = mix_part(entry, best)
    by_models = gap is not None and gap[0] > 0 and gap[1] * 2 >= gap[0]
    lever = "its choice of models" if by_models else "the length of answers, caching and prices"
    hint = f": {_leaning(result, entry, best)}" if by_models else ""
    return Recommendation(
        id=f"costly-{entry.organization}",
        action=f"Bring {entry.organization} to the mean price for its tasks: review {lever}{hint}",
        subject=entry.organization,
        usd_month=entry.excess_usd * result.month_factor,
        confidence=Confidence.MEDIUM
        if by_models and result.knows_tasks and result.period_days >= LEAST_HISTORY
        else Confidence.LOW,
        why=f"It pays {entry.index or Decimal(0):.2f} times the mean price for the same tasks; {best.organization}, "
        f"the best, pays {best.index or Decimal(0):.2f} times. Assumes that the mean price gives answers good enough: "
        "quality is not in the data, test first. The amount is the gap to that mean, no saving.",
        rows=f"{counted(entry.usage.priced_calls, 'call')} with {entry.usage.priced_tokens:,} tokens at "
        f"{unit_usd(entry.usage.cost_per_1k_tokens_usd or 0)} per 1,000",
        target="efficiency",
        target_row=entry.organization,
        saves=False,
        needs_test=True,
    )


def _leaning(result: Alignment, entry: Efficiency, best: Efficiency) -> str:
    """The model that makes most of the gap between two mixes, with both shares."""
    prices = {
        group.key: group.usage.cost_per_1k_tokens_usd for group in result.breakdown.by("provider", "model")
    }
    shares = {(model.provider, model.model): model.share for model in best.models}

    def gap(model: ModelShare) -> Decimal:
        key = (model.provider, model.model)
        return (model.share - shares.get(key, Decimal(0))) * (prices[key] or 0)

    most = max(entry.models, key=gap)
    other = shares.get((most.provider, most.model), Decimal(0))
    return f"{most.model} takes {percent(most.share)} of its tokens, {percent(other)} of those of {best.organization}"


def _environments(result: Alignment) -> list[Recommendation]:
    best = result.leanest
    if best is None:
        return []
    named = [entry for entry in result.environments[:MOST_ROWS] if entry.unusual and entry is not best]
    ranked = sorted(named, key=lambda entry: (-_excess(result, entry), entry.organization))
    return [_cut(result, entry, best) for entry in ranked[:MOST] if _excess(result, entry) > 0]


def _excess(result: Alignment, entry: Environments) -> Decimal:
    lean = result.lean_usd(entry)
    return Decimal(0) if lean is None else entry.other.cost_usd - lean


def _cut(result: Alignment, entry: Environments, best: Environments) -> Recommendation:
    return Recommendation(
        id=f"non-production-{entry.organization}",
        action=f"Cut the non-production cost of {entry.organization} to the ratio of {best.organization}: fewer runs, "
        "smaller models, recorded answers in tests",
        subject=entry.organization,
        usd_month=_excess(result, entry) * result.month_factor,
        confidence=Confidence.LOW,
        why=f"{percent(entry.other_share)} of its cost is outside production; {best.organization} needs "
        f"{percent(best.other_share)}. Assumes that both develop as much. The amount is the gap to that ratio, no "
        "saving.",
        rows=f"{counted(entry.other.calls, 'call')} outside production in {counted(result.period_days, 'day')}",
        target="non-production",
        target_row=entry.organization,
        saves=False,
    )
