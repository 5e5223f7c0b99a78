"""The page of organizational alignment."""

from decimal import Decimal
from typing import Any

from analyzers.base import Analyzer, report
from analyzers.compared import Compared, change
from analyzers.finops.alignment_advice import DEAR_FROM, mix_part, recommendations
from analyzers.finops.alignment_charts import (
    coverage_chart,
    environment_chart,
    index_chart,
    month_chart,
    organization_chart,
)
from analyzers.finops.alignment_methods import METHODS
from analyzers.finops.alignment_result import Alignment, Efficiency, Maturity
from analyzers.finops.alignment_tables import (
    METHOD_NAMES,
    coverage_table,
    efficiency_table,
    environment_table,
    month_table,
    path_table,
    showback_table,
    split_table,
    statement_table,
)
from analyzers.usage_tables import cost_value
from analyzers.usage_words import cost_words, period_words
from analyzers.wording import counted, percent, unit_usd, usd
from reporting.document import (
    Alert,
    Block,
    Change,
    Comparison,
    Document,
    Level,
    MetricCard,
    Note,
    Section,
    Unit,
    Value,
)

NO_ORGANIZATION = (
    "No call names an organization: whose cost it is, who is efficient and what to charge cannot be known. Send the "
    "organization with each call, or map it at import."
)
NO_COST = "no call has a known cost"
DIMENSIONS = ("product", "feature", "environment")


def page(analyzer: Analyzer[Any], result: Alignment) -> Document:
    """The document of a result."""
    cards = _cards(result)
    return report(
        analyzer,
        cards,
        summary=_summary(result),
        finding=_finding(result),
        sections=(
            _coverage(result),
            _whose(result),
            _months(result),
            _chargeback(result),
            _efficiency(result),
            _environments(result),
        ),
        recommendations=recommendations(result),
        alerts=_alerts(result),
        methods=METHODS,
    )


def _summary(result: Alignment) -> tuple[str, ...]:
    period = period_words(result.first_day, result.last_day)
    who = counted(result.organizations, "organization")
    calls = counted(result.total.calls, "call")
    first = f"{period}, {calls} of {who} cost {cost_words(result.total)}."
    if not result.knows_organizations:
        return (f"{period}, {calls} cost {cost_words(result.total)}.", NO_ORGANIZATION)
    return (first, _finding(result), *_charged_words(result))


def _charged_words(result: Alignment) -> tuple[str, ...]:
    bill = result.chargeback
    if not result.total.priced_calls:
        return ()
    method = (
        f"shared cost split by the method {METHOD_NAMES[bill.method]}"
        if bill.shared_usd
        else "no shared cost"
    )
    least = "at least " if bill.at_least else ""
    return (
        f"{counted(len(bill.statements), 'statement')} charge {least}{usd(bill.total_usd)} in all, with {method} and "
        f"{f'a markup of {percent(bill.markup)}' if bill.markup else 'no markup'}.",
    )


def _finding(result: Alignment) -> str:
    entry = result.organization_coverage
    if not result.knows_organizations:
        return "No call names an organization, so nothing can be charged."
    if entry.cost_share is None or entry.grade is None:
        return f"{percent(entry.call_share)} of calls name an organization, but no cost above zero is known."
    return (
        f"{percent(entry.cost_share)} of cost names an organization (grade {entry.grade.value}); "
        f"{usd(entry.unallocated_usd)} can be charged to nobody."
        if entry.unallocated_usd
        else f"All cost names one of {counted(result.organizations, 'organization')} and can be charged."
    )


def _cards(result: Alignment) -> tuple[MetricCard, ...]:
    entry, bill = result.organization_coverage, result.chargeback
    priced = bool(result.total.priced_calls)
    charged = bill.total_usd if bill.statements and priced else None
    why = NO_COST if result.knows_organizations else "no call names an organization"
    grade = f"grade {entry.grade.value}" if entry.grade else ""
    unallocated = entry.unallocated_usd if priced else None
    least = entry.total.unpriced_calls > entry.named.unpriced_calls
    return (
        MetricCard("coverage", "Cost with an organization", Value(entry.cost_share, Unit.SHARE, NO_COST), grade),
        MetricCard("cost", "Total cost", cost_value(result.total), change=_cost_change(result)),
        MetricCard(
            "charged", "Charged to organizations", Value(charged, Unit.USD, why, bill.at_least),
            counted(len(bill.statements), "statement"),
        ),
        MetricCard("unallocated", "Unallocated cost", Value(unallocated, Unit.USD, NO_COST, least)),
        MetricCard("organizations", "Organizations", Value(result.organizations, Unit.COUNT)),
        MetricCard(
            "non-production", "Non-production share",
            Value(result.non_production_share, Unit.SHARE, "no cost with a named environment is known"),
        ),
    )  # fmt: skip


def _cost_change(result: Alignment) -> Change | None:
    versus = result.versus
    if versus is None:
        return None
    return change(Compared(versus.before.cost_usd, versus.now.cost_usd, versus.against), rise_is_good=False)


def _alerts(result: Alignment) -> tuple[Alert, ...]:
    alerts = []
    entry = result.organization_coverage
    if entry.grade is Maturity.CRAWL:
        text = "Less than 80% of cost names an organization: a chargeback would leave out too much."
        title = f"{percent(entry.cost_share)} of cost can be charged"
        alerts.append(Alert(Level.WARNING, title, text, entry.unallocated_usd, "coverage"))
    partly = [entry.organization for entry in result.chargeback.statements if entry.at_least]
    if partly:
        title = f"{counted(len(partly), 'statement')} {'misses' if len(partly) == 1 else 'miss'} calls of unknown cost"
        text = (
            f"{counted(result.total.unpriced_calls, 'call')} have no known cost: price them before invoicing."
        )
        alerts.append(Alert(Level.WARNING, title, text, None, "statements"))
    return tuple(alerts)


def _coverage(result: Alignment) -> Section:
    blocks: list[Block] = []
    if result.organization_coverage.cost_share is not None:
        blocks.append(coverage_chart(result))
    blocks.append(coverage_table(result.coverage))
    if not result.knows_organizations:
        blocks.append(Note(NO_ORGANIZATION))
    missing = [name for name in DIMENSIONS if all(not line.name for line in result.by_month[name])]
    if missing:
        blocks.append(Note(f"No call names its {' or its '.join(missing)}: all cost is unallocated there."))
    return Section("allocation", "How much of the cost is allocated", tuple(blocks))


def _whose(result: Alignment) -> Section:
    blocks: list[Block] = []
    if result.knows_organizations and result.total.cost_usd:
        blocks.append(organization_chart(result))
    blocks += [showback_table(result), path_table(result)]
    return Section("whose-cost", "Whose cost it is", tuple(blocks))


def _months(result: Alignment) -> Section:
    blocks: list[Block] = [month_chart(result)] if result.total.cost_usd else []
    names = ("organization", *DIMENSIONS)
    blocks += [month_table(result, name) for name in names]
    return Section("months", "Month by month", tuple(blocks))


def _chargeback(result: Alignment) -> Section:
    bill = result.chargeback
    if not bill.statements:
        return Section("chargeback", "Chargeback", (Note(NO_ORGANIZATION),))
    blocks: list[Block] = [statement_table(result)]
    if bill.shared_usd:
        blocks.append(split_table(result))
    else:
        blocks.append(
            Note("No shared cost is set (settings.toml, [chargeback] shared_monthly_usd), so none is split.")
        )
    return Section("chargeback", "Chargeback", tuple(blocks), _terms(result))


def _terms(result: Alignment) -> str:
    bill = result.chargeback
    return (
        f"Shared cost of {usd(bill.shared_usd)} for {counted(result.period_days, 'day')}, split by the method "
        f"{METHOD_NAMES[bill.method]}; markup {percent(bill.markup)}."
    )


def _efficiency(result: Alignment) -> Section:
    title = "Efficiency across organizations"
    best = result.most_efficient
    if not result.knows_organizations:
        return Section("efficiency-compared", title, (Note(NO_ORGANIZATION),))
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
    return Section("efficiency-compared", title, tuple(blocks))


def _best(result: Alignment, best: Efficiency) -> list[Block]:
    """What the best does differently from the dearest."""
    dearest = next(entry for entry in result.efficiency if entry.compared and entry.index is not None)
    if dearest is best or (dearest.index or 0) <= (best.index or 0):
        return [Note("All compared organizations pay the same price for their tasks.")]
    return [
        Comparison(
            "best-and-dearest", "What the best does differently",
            f"{best.organization} (best)", f"{dearest.organization} (dearest)",
            tuple(
                (aspect, one, two)
                for (aspect, one), (_, two) in zip(_traits(result, best), _traits(result, dearest), strict=True)
            ),
        ),
        Note(_gap(best, dearest)),
    ]  # fmt: skip


def _traits(result: Alignment, entry: Efficiency) -> list[tuple[str, str]]:
    """What tells an organization from another, in words."""
    usage = entry.usage
    found = [
        ("Price index", f"{entry.index or 0:.2f}"),
        ("Cost a call", _rate(usage.cost_per_call_usd)),
        ("Cost per 1,000 tokens", _rate(usage.cost_per_1k_tokens_usd)),
        ("Models by tokens", _models(entry)),
        ("Tokens a call", f"{usage.tokens_per_call or 0:,.0f}"),
        ("Output of all tokens", percent(usage.output_share)),
    ]
    if "cached_input_tokens" in result.columns:
        found.append(("Cached of input", percent(usage.cached_share)))
    return found


def _rate(amount: Decimal | None) -> str:
    return "n/a" if amount is None else unit_usd(amount)


def _models(entry: Efficiency) -> str:
    return ", ".join(f"{model.model or '(unnamed)'} {percent(model.share)}" for model in entry.models[:3])


def _gap(best: Efficiency, dearest: Efficiency) -> str:
    gap = mix_part(dearest, best)
    if gap is None:
        return "Their prices cannot be compared: one has no tokens of known cost."
    whole, mix = gap
    return (
        f"Beside {best.organization}, {dearest.organization} pays {unit_usd(whole)} more per 1,000 tokens: "
        f"{unit_usd(mix)} by its mix of models, {unit_usd(whole - mix)} by the share of output, caching and prices. "
        f"A price index of {DEAR_FROM} and above is called dear."
    )


def _environments(result: Alignment) -> Section:
    title = "Production and the rest"
    if all(not entry.production.calls and not entry.other.calls for entry in result.environments):
        why = "No call names its environment, so the non-production share cannot be known."
        return Section("environments", title, (Note(why),))
    blocks: list[Block] = []
    if any(entry.compared for entry in result.environments):
        blocks.append(environment_chart(result))
    blocks.append(environment_table(result))
    best, lean = result.leanest, result.non_production_at_best_usd
    if best is None or lean is None:
        blocks.append(
            Note(
                "Fewer than two organizations with enough calls have non-production cost, so there is no best ratio."
            )
        )
        return Section("environments", title, tuple(blocks))
    intro = (
        f"Non-production cost {usd(result.non_production_usd)}, {percent(result.non_production_share)} of the cost "
        f"with a named environment; at the ratio of {best.organization} it would be {usd(lean)}."
    )
    return Section("environments", title, tuple(blocks), intro)
