"""Efficiency across organizations: the section of the page, and what the best does differently."""

from decimal import Decimal

from analyzers.alignment.advice import COSTLY_FROM, mix_part
from analyzers.alignment.charts import index_chart
from analyzers.alignment.efficiency_table import efficiency_table
from analyzers.alignment.result import Alignment, Efficiency
from analyzers.usage.tables import shown_name
from analyzers.words.figures import percent, unit_usd
from reporting.document import Block, Note, Section, SideBySide

NO_ORGANIZATION = (
    "No call names an organization: whose cost it is, who is efficient and what to charge cannot be known. Send the "
    "organization with each call, or map it at import."
)


def efficiency_section(result: Alignment) -> Section:
    """What tokens cost each organization, and the best beside the most expensive."""
    title = "Efficiency across organizations"
    best = result.most_efficient
    if not result.knows_organizations:
        return Section("efficiency-compared", title, blocks=(Note(NO_ORGANIZATION),))
    blocks: list[Block] = [] if best is None else [index_chart(result)]
    blocks.append(efficiency_table(result))
    if best is None:
        why = f"Fewer than two organizations have {result.comparison_calls} calls of known cost to compare."
        blocks.append(Note(why))
    else:
        blocks += _best(result, best)
    if not result.knows_tasks:
        blocks.append(
            Note("No call names its task, so organizations are compared as if all did the same work.")
        )
    return Section("efficiency-compared", title, blocks=tuple(blocks))


def _best(result: Alignment, best: Efficiency) -> list[Block]:
    """What the best does differently from the most expensive."""
    costliest = next(entry for entry in result.efficiency if entry.compared and entry.index is not None)
    if costliest is best or (costliest.index or 0) <= (best.index or 0):
        return [Note("All compared organizations pay the same price for their tasks.")]
    return [
        SideBySide(
            id="best-and-most-expensive", title="What the best does differently",
            first=f"{best.organization} (best)", second=f"{costliest.organization} (most expensive)",
            rows=tuple(
                (aspect, one, two)
                for (aspect, one), (_, two) in zip(_traits(result, best), _traits(result, costliest), strict=True)
            ),
        ),
        Note(_gap(best, costliest)),
    ]  # fmt: skip


def _traits(result: Alignment, entry: Efficiency) -> list[tuple[str, str]]:
    """What tells an organization from another, in words."""
    usage = entry.usage
    found = [
        ("Price index", f"{entry.index or 0:.2f}"),
        ("Cost per call", _rate(usage.cost_per_call_usd)),
        ("Cost per 1,000 tokens", _rate(usage.cost_per_1k_tokens_usd)),
        ("Models by tokens", _models(entry)),
        ("Tokens per call", f"{usage.tokens_per_call or 0:,.0f}"),
        ("Output of all tokens", percent(usage.output_share)),
    ]
    if "cached_input_tokens" in result.columns:
        found.append(("Cached of input", percent(usage.cached_share)))
    return found


def _rate(amount: Decimal | None) -> str:
    return "n/a" if amount is None else unit_usd(amount)


def _models(entry: Efficiency) -> str:
    return ", ".join(f"{shown_name(model.model)} {percent(model.share)}" for model in entry.models[:3])


def _gap(best: Efficiency, costliest: Efficiency) -> str:
    gap = mix_part(costliest, best)
    if gap is None:
        return "Their prices cannot be compared: one has no tokens of known cost."
    whole, mix = gap
    return (
        f"Beside {best.organization}, {costliest.organization} pays {unit_usd(whole)} more per 1,000 tokens: "
        f"{unit_usd(mix)} by its mix of models, {unit_usd(whole - mix)} by the share of output, caching and prices. "
        f"A price index of {COSTLY_FROM} and above is called costly."
    )
