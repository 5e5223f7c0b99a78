"""The page of customer profitability: its sections in order, alerts on margin floors, summary and finding."""

from decimal import Decimal
from typing import Any

from analyzers.base import Analyzer, report
from analyzers.profitability.advice import recommendations
from analyzers.profitability.against_invoice import against_invoice
from analyzers.profitability.cards import cards, no_margin_reason
from analyzers.profitability.charts import (
    band_chart,
    bridge_chart,
    daily_chart,
    loss_chart,
    organization_chart,
    whale_chart,
)
from analyzers.profitability.customer_table import customer_table
from analyzers.profitability.losses import loss_table, remedy_table
from analyzers.profitability.methods import ELSEWHERE, METHODS
from analyzers.profitability.replay import replay_words
from analyzers.profitability.replay_table import replay_tables
from analyzers.profitability.result import Profitability
from analyzers.profitability.summary_lines import summary_lines
from analyzers.profitability.tables import band_table, break_even_table, group_table
from analyzers.revenue.paid import HOW_TO_GIVE
from analyzers.usage.tables import shown_name, unpriced_table
from analyzers.words.defaults import default, level_by
from analyzers.words.figures import counted, listed, percent, usd
from analyzers.words.opening import bound_words, cost_words, period_words
from reporting.document import (
    Alert,
    Block,
    Document,
    Level,
    Note,
    Section,
)


def page(analyzer: Analyzer[Any], result: Profitability) -> Document:
    """The document of a result."""
    return report(
        analyzer,
        cards(result),
        summary=_summary(result),
        finding=_finding(result),
        sections=_sections(result),
        recommendations=recommendations(result),
        alerts=_alerts(result),
        methods=METHODS,
        summary_lines=summary_lines(result),
    )


def _summary(result: Profitability) -> tuple[str, ...]:
    period = period_words(result.first_day, result.last_day)
    opening = f"{period}, {counted(result.use.calls, 'call')} cost {cost_words(result.use)}"
    if result.margin_usd is None:
        return (f"{opening}.", no_margin_reason(result))
    margin = bound_words(result.margin_usd, result.use, "at most")
    earned = (
        f"{opening}; {counted(result.known_customers, 'customer')} with a known margin paid "
        f"{usd(result.revenue_usd or 0)}: a gross margin of {margin} "
        f"({percent(result.margin_share)} of revenue)."
    )
    return (earned, _finding(result), *_uncovered(result))


def _finding(result: Profitability) -> str:
    if result.margin_usd is None:
        return no_margin_reason(result)
    if not result.loss_makers:
        return (
            f"No customer costs more than it pays, of {counted(result.known_customers, 'customer')} "
            "with a known margin."
        )
    worst = result.loss_makers[: min(5, len(result.loss_makers))]
    verb = "costs more than it pays" if len(result.loss_makers) == 1 else "cost more than they pay"
    sentence = (
        f"{len(result.loss_makers):,} of {counted(result.known_customers, 'customer')} {verb}, "
        f"{bound_words(result.loss_usd, result.use, 'at least')} in all"
    )
    if len(result.loss_makers) <= len(worst):
        return f"{sentence}: {listed([entry.margin.customer for entry in worst])}."
    return f"{sentence}; the worst {len(worst)} are {percent(worst[-1].loss_share_running)} of it."


def _uncovered(result: Profitability) -> tuple[str, ...]:
    parts = []
    if result.unallocated.calls:
        parts.append(f"{usd(result.unallocated.cost_usd)} of calls without a customer")
    unknown = len(result.customers) - result.known_customers
    if unknown:
        parts.append(f"{counted(unknown, 'customer')} of unknown margin")
    return (f"Beside them stand {' and '.join(parts)}.",) if parts else ()


def _alerts(result: Profitability) -> tuple[Alert, ...]:
    if result.margin_usd is not None and result.margin_usd < 0:
        text = f"Cost exceeds revenue by {usd(-result.margin_usd)} over the period."
        title = "The customers as a whole lose money"
        return (
            Alert(level=Level.CRITICAL, title=title, text=text, usd=-result.margin_usd, target="by-plan"),
        )
    below = [level for level in (Level.CRITICAL, Level.WARNING) if _is_below(result, level)]
    if not below:
        return ()
    floor = result.margin_floors[below[0].value]
    level = level_by(below[0], own=result.own_floors)
    title = f"The margin is {percent(result.margin_share)} of revenue"
    named = f"the {default(own=result.own_floors)}floor that settings.toml calls {below[0].value} ([alerts])"
    text = f"Below {percent(floor)}, {named}."
    return (Alert(level=level, title=title, text=text, usd=result.short_of_usd(floor), target="by-plan"),)


def _is_below(result: Profitability, level: Level) -> bool:
    return result.margin_share is not None and result.margin_share < result.margin_floors[level.value]


def _sections(result: Profitability) -> tuple[Section, ...]:
    sections: tuple[Section, ...]
    if result.margin_usd is None:
        sections = (
            Section("margins", "Margins", blocks=_cost_only(result)),
            _organizations(result),
        )
    else:
        sections = (
            _margins(result),
            _losses(result),
            _plans(result),
            _organizations(result),
            _bridge(result),
            against_invoice(result),
        )
    return sections + _gaps(result)


def _cost_only(result: Profitability) -> tuple[Block, ...]:
    note = Note(no_margin_reason(result))
    return (note, daily_chart(result)) if result.use.priced_calls else (note,)


def _margins(result: Profitability) -> Section:
    return Section(
        "margins",
        "Margins by customer",
        blocks=(
            band_chart(result),
            band_table(result),
            whale_chart(result),
            daily_chart(result),
            customer_table(result),
            *replay_tables(result),
        ),
        intro=_outlook_intro(result),
    )


def _outlook_intro(result: Profitability) -> str:
    if result.period_days < result.outlook_days:
        return (
            f"{counted(result.period_days, 'day')} of history: the range of next month's margin needs "
            f"{result.outlook_days}."
        )
    words = (
        f"The range of next month's margin is an 80% interval; customers with fewer than "
        f"{result.outlook_days} days of history have none and are marked."
    )
    return f"{words} {replay_words(result.replay)}" if result.replay else f"{words} {ELSEWHERE}"


def _losses(result: Profitability) -> Section:
    blocks: tuple[Block, ...]
    if result.loss_makers:
        blocks = (loss_chart(result), loss_table(result), remedy_table(result))
    else:
        blocks = (Note("No customer costs more than it pays in this period."),)
    return Section("losses", "Unprofitable customers and what to do", blocks=blocks)


def _plans(result: Profitability) -> Section:
    return Section(
        "plans",
        "Plans and their break-even",
        blocks=(group_table("by-plan", "Margin by plan", "Plan", result.by_plan), break_even_table(result)),
    )


def _organizations(result: Profitability) -> Section:
    table = group_table(
        "by-organization",
        "Margin by organization",
        "Organization",
        result.by_organization,
        no_margin_reason(result),
    )
    blocks: tuple[Block, ...] = (table,)
    if result.margin_usd is not None:
        blocks = (organization_chart(result), table)
    return Section("organizations", "Organizations", blocks=blocks)


def _bridge(result: Profitability) -> Section:
    block = Note(result.bridge_reason) if result.bridge is None else bridge_chart(result.bridge)
    return Section("bridge", "What changed between the two halves of the period", blocks=(block,))


def _gaps(result: Profitability) -> tuple[Section, ...]:
    blocks: list[Block] = []
    unknown = [entry for entry in result.customers if entry.revenue_usd is None]
    if unknown:
        cost = sum((entry.use.cost_usd for entry in unknown), Decimal(0))
        plans = listed(sorted({shown_name(entry.plan) for entry in unknown}))
        blocks.append(
            Note(
                f"The price of {counted(len(unknown), 'customer')} is unknown (plan {plans}): their "
                f"revenue is "
                f"unknown, not zero, and their {usd(cost)} of cost is in no margin. {HOW_TO_GIVE}"
            )
        )
    if result.filtered:
        blocks.append(
            Note(
                "A filter narrows the calls, not the plans: revenue is the whole price of each customer "
                "that is left, "
                "while cost covers the selected calls only, so margins are higher than without the filter."
            )
        )
    if result.unpriced:
        blocks.append(unpriced_table(result.unpriced))
    return (Section("gaps", "What these figures leave out", blocks=tuple(blocks)),) if blocks else ()
