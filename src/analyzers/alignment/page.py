"""The page of organizational alignment: its sections in order, alerts, summary and finding."""

from dataclasses import replace
from typing import Any

from analyzers.alignment.advice import recommendations
from analyzers.alignment.against_invoice import against_invoice
from analyzers.alignment.bills import METHOD_NAMES, line_table, showback_table, split_table, statement_table
from analyzers.alignment.cards import cards
from analyzers.alignment.charts import (
    coverage_chart,
    environment_chart,
    month_chart,
    organization_chart,
)
from analyzers.alignment.efficiency_section import NO_ORGANIZATION, efficiency_section
from analyzers.alignment.methods import METHODS
from analyzers.alignment.result import Alignment, Maturity
from analyzers.alignment.tables import (
    coverage_table,
    environment_table,
    month_table,
    path_table,
)
from analyzers.base import Analyzer, report
from analyzers.words.figures import counted, not_named, percent, usd
from analyzers.words.opening import cost_words, lacking_words, period_words
from reporting.document import (
    Alert,
    Block,
    Document,
    Level,
    Note,
    Section,
)

DIMENSIONS = ("product", "feature", "environment")


def page(analyzer: Analyzer[Any], result: Alignment) -> Document:
    """The document of a result."""
    shown = cards(result)
    return report(
        analyzer,
        shown,
        summary=_summary(result),
        finding=_finding(result),
        sections=(
            _coverage(result),
            _whose(result),
            _months(result),
            _chargeback(result),
            efficiency_section(result),
            _environments(result),
            against_invoice(result),
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
    if bill.statements and not bill.total_usd:
        return ("What there is to charge is less than a cent.",)
    least = "at least " if bill.at_least else ""
    return (
        f"{counted(len(bill.statements), 'statement')} {'charges' if len(bill.statements) == 1 else 'charge'} "
        f"{least}{usd(bill.total_usd)} in all, with {method} and "
        f"{f'a markup of {percent(bill.markup)}' if bill.markup else 'no markup'}.",
    )


def _finding(result: Alignment) -> str:
    entry = result.organization_coverage
    if not result.knows_organizations:
        return "No call names an organization, so nothing can be charged."
    if entry.cost_share is None or entry.grade is None:
        return f"{percent(entry.call_share)} of calls name an organization, but no cost above zero is known."
    return (
        f"{percent(entry.cost_share)} of cost names an organization (maturity: {entry.grade.value}); "
        f"{usd(entry.unallocated_usd)} can be charged to nobody."
        if entry.unallocated_usd
        else f"All cost names an organization ({result.organizations:,} in all) and can be charged."
    )


def _alerts(result: Alignment) -> tuple[Alert, ...]:
    alerts = []
    entry = result.organization_coverage
    if entry.grade is Maturity.CRAWL:
        text = "Less than 80% of cost names an organization: a chargeback would leave out too much."
        title = f"{percent(entry.cost_share)} of cost can be charged"
        alerts.append(
            Alert(level=Level.WARNING, title=title, text=text, usd=entry.unallocated_usd, target="coverage")
        )
    partly = [entry.organization for entry in result.chargeback.statements if entry.at_least]
    if partly:
        title = f"{counted(len(partly), 'statement')} {'misses' if len(partly) == 1 else 'miss'} cost that is not known"
        text = f"There are {lacking_words(result.total)}: price them before invoicing."
        alerts.append(Alert(level=Level.WARNING, title=title, text=text, usd=None, target="statements"))
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
        blocks.append(Note(not_named(missing)))
    return Section("allocation", "How much of the cost is allocated", blocks=tuple(blocks))


def _whose(result: Alignment) -> Section:
    blocks: list[Block] = []
    if result.knows_organizations and result.total.cost_usd:
        blocks.append(organization_chart(result))
    blocks += [showback_table(result), path_table(result)]
    return Section("whose-cost", "Whose cost it is", blocks=tuple(blocks))


def _months(result: Alignment) -> Section:
    blocks: list[Block] = [month_chart(result)] if result.total.cost_usd else []
    names = ("organization", *DIMENSIONS)
    blocks += [replace(month_table(result, name), option=name.capitalize()) for name in names]
    return Section("months", "Month by month", blocks=tuple(blocks), choice="Months grouped by")


NARROWED = (
    "These are not the statements to send: --where left calls out, so that the shared cost is split among those who "
    "are left, and the numbers begin anew. Take export_data.py --format statements --organization NAME."
)


def _chargeback(result: Alignment) -> Section:
    bill = result.chargeback
    if not bill.statements:
        return Section("chargeback", "Chargeback", blocks=(Note(NO_ORGANIZATION),))
    lines = line_table(result)
    blocks: list[Block] = [statement_table(result), *([lines] if lines else ())]
    if bill.shared_usd:
        blocks.append(split_table(result))
    else:
        blocks.append(
            Note("No shared cost is set (settings.toml, [chargeback] shared_monthly_usd), so none is split.")
        )
    return Section("chargeback", "Chargeback", blocks=tuple(blocks), intro=_terms(result))


def _terms(result: Alignment) -> str:
    """How shared cost is split and what is marked up, and that filters bend both; "" where nothing is to be said."""
    bill = result.chargeback
    words = []
    if bill.shared_usd or bill.markup:
        words.append(
            f"Shared cost of {usd(bill.shared_usd)} for {counted(len(result.months), 'calendar month')}, split by the "
            f"method {METHOD_NAMES[bill.method]}; markup {percent(bill.markup)}."
        )
    if result.narrowed:
        words.append(NARROWED)
    return " ".join(words)


def _environments(result: Alignment) -> Section:
    title = "Production and the rest"
    if all(not entry.production.calls and not entry.other.calls for entry in result.environments):
        why = "No call names its environment, so the non-production share cannot be known."
        return Section("environments", title, blocks=(Note(why),))
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
        return Section("environments", title, blocks=tuple(blocks))
    intro = (
        f"Non-production cost {usd(result.non_production_usd)}, {percent(result.non_production_share)} of the cost "
        f"with a named environment; at the ratio of {best.organization} it would be {usd(lean)}."
    )
    return Section("environments", title, blocks=tuple(blocks), intro=intro)
