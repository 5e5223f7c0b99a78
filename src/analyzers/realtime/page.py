"""The page of real-time decision making: its sections in order, alerts, summary and finding."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from analyzers.advice import dedup_keys
from analyzers.base import Analyzer, report
from analyzers.budgets.alerts import closed_alert, level_alert, unused_alert
from analyzers.budgets.table import budget_table, closed_table, no_budgets_words
from analyzers.realtime.actions import actions, event_words, recommendations
from analyzers.realtime.against_invoice import against_invoice
from analyzers.realtime.anomaly_search import NamedDay, Search
from analyzers.realtime.cards import cards
from analyzers.realtime.charts import anomaly_chart, risk_chart
from analyzers.realtime.incidents import CURRENT, Event
from analyzers.realtime.methods import METHODS
from analyzers.realtime.outliers import total_excess
from analyzers.realtime.result import Realtime
from analyzers.realtime.summary_lines import summary_lines
from analyzers.realtime.tables import (
    action_table,
    anomaly_table,
    answers_table,
    failure_table,
    new_table,
    outlier_table,
    premium_table,
    risk_table,
    seller_table,
    shift_table,
    violation_table,
)
from analyzers.words.figures import counted, day, hour, listed, percent, sentence, usd
from reporting.document import (
    Alert,
    Block,
    Document,
    Level,
    Note,
    Section,
)

MOST_ALERTS = 5


def page(analyzer: Analyzer[Any], result: Realtime) -> Document:
    """The document of a result."""
    shown = cards(result)
    return report(
        analyzer,
        shown,
        summary=_summary(result),
        finding=finding(result),
        sections=(
            _act(result),
            _anomalies(result),
            _outliers(result),
            _budgets(result),
            _limits(result),
            _waste(result),
            _risk(result),
            against_invoice(result),
        ),
        recommendations=recommendations(result),
        alerts=_alerts(result),
        methods=METHODS,
        summary_lines=summary_lines(result),
    )


def finding(result: Realtime) -> str:
    """The one sentence of the landing page."""
    incidents = result.search.events
    if result.search.reason:
        return result.search.reason
    if not incidents:
        return f"No anomaly stands out of {result.search.series:,} series."
    top, of_all = incidents[0].lead, _of_all(result.search)
    if incidents[0].is_fall:
        return f"{of_all}: {event_words(incidents[0])}, {usd(-incidents[0].excess_usd)} less than expected."
    return (
        f"{of_all}: {top.who} on {day(top.start)} "
        f"from {top.start:%H}:00, {top.ratio or 0:.1f} times the calls expected, "
        f"{usd(top.excess_usd)} over expectation."
    )


def _of_all(search: Search) -> str:
    """Of how many incidents the first is the largest: of current ones, where there are any."""
    every, current = len(search.events), len(search.current)
    if current in {0, every}:
        before = "" if current else f"None in the last {CURRENT.days} days; before, "
        return sentence(f"{before}the largest of {counted(every, 'incident')}")
    return (
        f"The largest of {counted(current, 'incident')} of the last {CURRENT.days} days "
        f"({every - current:,} before)"
    )


def _summary(result: Realtime) -> tuple[str, ...]:
    last = result.last
    now = f"In the 24 hours to {hour(last.until)}, {counted(last.usage.calls, 'call')} cost "
    now += "an unknown amount" if last.usage.known_cost_usd is None else usd(last.usage.cost_usd)
    if last.usual_usd:
        now += f"; the complete days before cost {usd(last.usual_usd)} on average"
    found = actions(result)
    todo = (
        f"{counted(len(found), 'action')}, each with an owner and a day, {'is' if len(found) == 1 else 'are'} listed "
        "below."
        if found
        else "Nothing here asks for action."
    )
    return (f"{now}.", finding(result), todo)


def _alerts(result: Realtime) -> tuple[Alert, ...]:
    judged = [
        alert
        for state in result.budgets
        for alert in (level_alert(state, result.budget_shares), closed_alert(state), unused_alert(state))
    ]
    alerts = [alert for alert in judged if alert]
    alerts += [_incident_alert(event) for event in result.search.current[:MOST_ALERTS]]
    return tuple(alerts)


def _incident_alert(event: Event) -> Alert:
    found = event.lead
    where = listed([part.who for part in event.most_in])
    text = (
        f"{found.calls:,} calls where {found.expected_calls:,.0f} were expected, until {hour(found.end)}"
        f"{f', most in {where}' if where else ''}."
    )
    title = f"{found.who} on {day(found.start)}: {found.ratio or 0:.1f} times the calls expected"
    if event.is_fall:
        title = f"{found.who}: {'no call since' if found.stopped else 'too few calls on'} {day(found.start)}"
    return Alert(
        level=Level.WARNING,
        title=sentence(title),
        text=text,
        usd=round(Decimal(abs(event.excess_usd)), 2),
        target="anomalies",
        dedup_key=dedup_keys.fall(found.start.date())
        if event.is_fall
        else dedup_keys.burst(found.start.date()),
    )


def _act(result: Realtime) -> Section:
    found = actions(result)
    block: Block = action_table(found) if found else Note("Nothing on this page asks for action.")
    return Section("actions", "Who must act, and by when", blocks=(block,))


def _anomalies(result: Realtime) -> Section:
    search = result.search
    if search.reason:
        return Section("anomalies-found", "Anomalies", blocks=(Note(search.reason),))
    blocks: list[Block] = []
    if search.events:
        blocks += [anomaly_chart(result), anomaly_table(result)]
    else:
        blocks.append(
            Note(
                "No hour and no day has far more calls than its past explains, no day far fewer, and no calls "
                "stopped."
            )
        )
    if search.named:
        blocks.append(Note(_named_words(search.named)))
    blocks.append(shift_table(search.shifts) if search.shifts else Note("No lasting change of level."))
    blocks.append(new_table(search.new) if search.new else Note("No model, feature or customer is new."))
    return Section("anomalies-found", "Anomalies, lasting changes and new sources", blocks=tuple(blocks))


def _named_words(named: Sequence[NamedDay]) -> str:
    """Which days the settings name as events."""
    days: dict[str, list[str]] = {}
    for each in named:
        days.setdefault(each.name, []).append(day(each.day))
    told = "; ".join(f"{name} ({listed(when)})" for name, when in days.items())
    return (
        f"Events of settings.toml, on whose days nothing is judged, and which are in no expectation: {told}."
    )


def _outliers(result: Realtime) -> Section:
    if not result.outliers.listed:
        return Section(
            "outliers-found",
            "Outlier calls",
            blocks=(
                Note(
                    "No call is far more expensive or longer than its kind, or too few calls of one kind "
                    "have a known cost to tell."
                ),
            ),
        )
    return Section("outliers-found", "Outlier calls", blocks=(outlier_table(result),))


def _budgets(result: Realtime) -> Section:
    if not result.budgets:
        return Section("budget-state", "Budgets", blocks=(Note(no_budgets_words(result.total)),))
    closed = closed_table(result.budgets, at_least=result.total.at_least)
    blocks = (budget_table(result.budgets, at_least=result.total.at_least), *([closed] if closed else ()))
    return Section("budget-state", "Budgets", blocks=blocks)


def _limits(result: Realtime) -> Section:
    block: Block = Note("No call has a latency, so violations of the SLA cannot be known.")
    if result.violations:
        block = violation_table(result)
    return Section("limits", "Service level and token violations", blocks=(block, Note(_spikes(result))))


def _spikes(result: Realtime) -> str:
    found = result.outliers
    if not found.token_spikes:
        return "No token spike: no call is far longer than usual for its model and task."
    severity = "critical" if found.severe_spikes else "warning"
    return (
        f"{counted(found.token_spikes, 'token spike')} (severity: {severity}): calls far longer than usual for their "
        f"model and task, {found.severe_spikes:,} of them over ten times as long."
    )


def _waste(result: Realtime) -> Section:
    blocks: list[Block] = []
    blocks.append(
        premium_table(result)
        if result.premium
        else Note("No premium model does short work that a cheaper one does too.")
    )
    if result.long_answers:
        blocks.append(answers_table(result))
        known = total_excess(result.long_answers)
        if known:
            blocks.append(
                Note(f"Output beyond three times the usual length cost {usd(known)} at list prices.")
            )
    else:
        blocks.append(Note("No answer is over three times as long as usual for its model and task."))
    if not result.knows_status:
        blocks.append(Note("The file has no status column, so failures and retries cannot be known."))
    elif result.failures:
        blocks.append(failure_table(result))
    else:
        blocks.append(Note("No call failed."))
    blocks.append(
        seller_table(result)
        if result.sellers
        else Note("No model is bought where another provider in these data sells it for less.")
    )
    return Section("waste", "Money spent without need", blocks=tuple(blocks))


def _risk(result: Realtime) -> Section:
    blocks: list[Block] = []
    top = result.providers.top_share
    if top is not None:
        index = result.providers.herfindahl or 0
        blocks.append(Note(
            f"{result.top_provider or 'One unnamed provider'} takes {percent(top)} of cost "
            f"(Herfindahl index {index:.2f} "
            f"over {counted(result.providers.count, 'provider')}): an outage or a price change there hits that share."
        ))  # fmt: skip
    if result.risks:
        blocks += [risk_chart(result), risk_table(result)]
    else:
        blocks.append(
            Note("Customers cannot be banded: no call names one, or there are fewer than 14 complete days.")
        )
    return Section("risk", "Portfolio risk", blocks=tuple(blocks))
