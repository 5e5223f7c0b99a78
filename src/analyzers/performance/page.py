"""The page of performance tracking: its sections in order, alerts on the SLA, summary, finding and advice."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from analyzers.advice.confidence import Sureness
from analyzers.base import Analyzer, report
from analyzers.performance.against_invoice import against_invoice
from analyzers.performance.charts import (
    compliance_chart,
    distribution_chart,
    frontier_chart,
    percentile_chart,
)
from analyzers.performance.latency import Service
from analyzers.performance.methods import METHODS
from analyzers.performance.result import Performance, TaskChoice
from analyzers.performance.summary_lines import summary_lines
from analyzers.performance.tables import (
    choice_table,
    distribution_table,
    frontier_table,
    line_table,
    service_table,
    sla_table,
)
from analyzers.usage.cells import COST
from analyzers.usage.earlier_period import points
from analyzers.usage.tables import NO_TASK, cost_value
from analyzers.words.defaults import NOT_AGREED, default, level_by
from analyzers.words.figures import counted, day, listed, percent, sentence, usd
from reporting.document import (
    Alert,
    Block,
    Confidence,
    Document,
    Level,
    MetricCard,
    Note,
    Recommendation,
    Section,
    Unit,
    Value,
)

NO_LATENCY = "No call has a latency, so waits, service levels and the best model by speed cannot be known."
NO_STATUS = "The file has no status column, so errors cannot be known."
MOVING = Sureness(Confidence.LOW, Confidence.MEDIUM)
"""Times are measured; models of any grade are compared, and their answers are not known."""
LEAST_USD_MONTH = Decimal(1)


def page(analyzer: Analyzer[Any], result: Performance) -> Document:
    """The document of a result."""
    cards = _cards(result)
    timed = bool(result.overall.timed)
    sections = (
        (_waits(result), _levels(result), _value(result), _tasks(result), against_invoice(result))
        if timed
        else (_untimed(result),)
    )
    return report(
        analyzer,
        cards,
        summary=_summary(result),
        finding=_finding(result),
        sections=sections,
        recommendations=_recommendations(result),
        alerts=_alerts(result),
        methods=METHODS,
        summary_lines=summary_lines(result),
    )


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:,.1f} s"


def _summary(result: Performance) -> tuple[str, ...]:
    overall = result.overall
    if not overall.timed:
        return (NO_LATENCY, f"{counted(overall.calls, 'call')} can be compared by cost only.")
    found = overall.at(0.95)
    wait = (
        f"95% of {counted(overall.timed, 'timed call')} took at most {_seconds(found.value)}; "
        if found and found.value
        else ""
    )
    limit = f"{default(own=result.own_levels)}SLA of {_seconds(result.limit_ms)}"
    first = f"{wait}{percent(overall.compliance)} were within the {limit}."
    return (sentence(first), _finding(result))


def _finding(result: Performance) -> str:
    if not result.overall.timed:
        return NO_LATENCY
    beaten = [entry for entry in result.frontier if entry.beaten_by]
    if beaten:
        worst = max(beaten, key=lambda entry: (entry.contender.cost, entry.contender.key))
        better = worst.beaten_by.key if worst.beaten_by else ""
        return f"{worst.contender.key} is more expensive and slower than {better}."
    if result.overall.timed < result.percentile_calls:
        return f"Fewer than {result.percentile_calls} timed calls: too few to judge the target."
    met = "meet" if (result.overall.compliance or 0) >= result.target else "miss"
    target = f"{default(own=result.own_levels)}target of {percent(result.target)}"
    return f"The calls {met} the {target} within {_seconds(result.limit_ms)}."


def _cards(result: Performance) -> tuple[MetricCard, ...]:
    overall = result.overall
    reason = NO_LATENCY if not overall.timed else f"fewer than {result.percentile_calls} timed calls"
    trend = tuple(1 - Decimal(late) / timed if timed else None for _, timed, late in result.late_by_day)
    errors = Value(overall.error_rate if result.knows_status else None, Unit.SHARE, reason=NO_STATUS)
    return (
        MetricCard(
            id="sla",
            label="Calls within the SLA",
            value=Value(overall.compliance, Unit.SHARE, reason=NO_LATENCY),
            note=f"{default(own=result.own_levels)}target {percent(result.target)} within {_seconds(result.limit_ms)}",
            change=points(result.versus_compliance, rise_is_good=True) if overall.timed else None,
            trend=trend if overall.timed else (),
        ),
        *(_percentile_card(overall, wanted, reason) for wanted in (0.5, 0.95, 0.99)),
        MetricCard(
            id="speed",
            label="Output tokens per second",
            value=Value(overall.tokens_per_second, Unit.TOKENS_PER_SECOND, reason=NO_LATENCY),
        ),
        MetricCard(id="errors", label="Error rate", value=errors),
        MetricCard(
            id="budget-left",
            label="Error budget left",
            value=Value(result.budget.remaining, Unit.SHARE, reason=NO_LATENCY),
            note=f"of the {percent(1 - result.target)} of calls that may be late" if overall.timed else "",
        ),
        MetricCard(id="cost", label="Total cost", value=cost_value(result.total), sum=COST),
    )


def _percentile_card(overall: Service, wanted: float, reason: str) -> MetricCard:
    found = overall.at(wanted)
    name = f"P{round(wanted * 100)}"
    value = found.value if found else None
    note = "" if value is None else f"1 call in {round(1 / (1 - wanted))} takes longer"
    return MetricCard(
        id=name.lower(),
        label=f"{name} latency",
        value=Value(value, Unit.MILLISECONDS, reason=reason),
        note=note,
    )


def _alerts(result: Performance) -> tuple[Alert, ...]:
    """Models beyond what is allowed, those with most late calls first."""
    alerts = []
    for model in sorted(result.groups["model"], key=lambda each: -each.late):
        if model.timed >= result.comparison_calls and (model.compliance or 0) < result.target:
            text = f"{counted(model.late, 'call')} of {model.timed:,} took longer than {_seconds(result.limit_ms)}."
            missed_twice = 1 - (model.compliance or 0) > 2 * (1 - result.target)
            level = level_by(Level.CRITICAL if missed_twice else Level.WARNING, own=result.own_levels)
            share = f"the {default(own=result.own_levels)}SLA for {percent(model.compliance)} of calls"
            title = f"{model.name or 'An unnamed model'} is within {share}"
            alerts.append(Alert(level=level, title=title, text=text, usd=None, target="sla-by-model"))
        if (
            result.knows_status
            and model.calls >= result.comparison_calls
            and (model.error_rate or 0) > result.error_rate_max
        ):
            title = f"{model.name or 'An unnamed model'} fails {percent(model.error_rate)} of calls"
            allowed = "are allowed" if result.own_levels else "are allowed by default"
            text = f"{counted(model.failed, 'call')} failed; {percent(result.error_rate_max)} {allowed}."
            alerts.append(
                Alert(level=Level.WARNING, title=title, text=text, usd=None, target="latency-by-model")
            )
    return tuple(alerts)


def _recommendations(result: Performance) -> tuple[Recommendation, ...]:
    found = [
        _move(result, choice, choice.best) for choice in result.choices if choice.best and choice.moved_calls
    ]
    worth = [entry for entry in found if entry.usd_month >= LEAST_USD_MONTH]
    return tuple(sorted(worth, key=lambda entry: (-entry.usd_month, entry.id)))


def _move(result: Performance, choice: TaskChoice, best: Service) -> Recommendation:
    task = choice.task or NO_TASK
    return Recommendation(
        id=f"best-{task}",
        action=f"Try {best.key[1]} for {task} in place of {listed(choice.moved_from)}",
        subject=task,
        usd_month=choice.saving_usd * result.switch_share * result.month_factor,
        confidence=MOVING.confidence,
        why=f"{MOVING.words} {_chosen_from(choice.candidates)} the SLA for this task, "
        f"{percent(best.compliance)} of {best.timed:,} calls in time; assumes that "
        f"{percent(result.switch_share)} of the calls can move. Quality is "
        "not in the data: test first.",
        rows=f"{counted(choice.moved_calls, 'call')} in {counted(result.period_days, 'day')}",
        target="best-by-task",
        target_row=choice.task,
        needs_test=True,
    )


def _untimed(result: Performance) -> Section:
    return Section(
        "unknown",
        "What can be compared without latency",
        blocks=(
            Note(NO_LATENCY),
            service_table(result, "model", "Model"),
            service_table(result, "task", "Task"),
        ),
    )


GROUPED = ("model", "provider", "task")
"""What the table of latency is grouped by, one at a time."""


def _waits(result: Performance) -> Section:
    blocks: list[Block] = []
    if any(entry.at(0.95) and entry.at(0.95).value is not None for entry in result.groups["model"]):  # type: ignore[union-attr]
        blocks.append(percentile_chart(result))
    else:
        blocks.append(
            Note(f"A percentile needs {result.percentile_calls} timed calls; no model has as many.")
        )
    blocks += [
        *(
            replace(service_table(result, name, name.capitalize()), option=name.capitalize())
            for name in GROUPED
        ),
        distribution_chart(result),
        distribution_table(result),
    ]
    blocks.append(
        line_table(result)
        if result.lines
        else Note("Too few timed calls of varied length for a latency line.")
    )
    if not result.knows_status:
        blocks.append(Note(NO_STATUS))
    return Section("waits", "How long calls take", blocks=tuple(blocks), choice="Latency grouped by")


def _levels(result: Performance) -> Section:
    blocks: list[Block] = [] if result.own_levels else [Note(NOT_AGREED)]
    blocks += [compliance_chart(result), sla_table(result, "model", "Model")]
    if any(entry.name for entry in result.groups["customer"]):
        blocks.append(sla_table(result, "customer", "Customer"))
    else:
        blocks.append(Note("No call names a customer, so compliance by customer cannot be known."))
    return Section(
        "service-levels", "Service levels and the error budget", blocks=tuple(blocks), intro=_burn(result)
    )


def _burn(result: Performance) -> str:
    left = result.budget.remaining
    if left is None:
        return ""
    words = (
        f"{percent(left)} of the error budget is left"
        if left >= 0
        else f"The error budget is overspent by {percent(-left)}"
    )
    if result.burn:
        hour, budget = result.burn.hour, result.burn.budget
        words += (
            f"; it burned fastest on {day(hour)} from {hour:%H}:00, {budget.bad:,} of {budget.calls:,} calls late "
            f"({budget.burn_rate or 0:.1f} times the allowed rate)"
        )
    return f"{words}."


def _value(result: Performance) -> Section:
    if len(result.frontier) < 2:
        why = f"Fewer than two models have {result.comparison_calls} calls of known cost and latency to compare."
        return Section("value", "What speed costs", blocks=(Note(why),))
    return Section("value", "What speed costs", blocks=(frontier_chart(result), frontier_table(result)))


def _tasks(result: Performance) -> Section:
    saved = sum((choice.saving_usd for choice in result.choices), Decimal(0))
    intro = (
        f"Moving every call to its task's best model would have saved {usd(saved)} over the period."
        if saved
        else ""
    )
    return Section("tasks", "The best model for each task", blocks=(choice_table(result),), intro=intro)


def _chosen_from(candidates: int) -> str:
    return (
        "The only model that meets" if candidates == 1 else f"The cheapest of {candidates} models that meet"
    )
