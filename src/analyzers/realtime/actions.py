"""The action list of real-time decision making: who should do what by when, and what it is worth."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analyzers.advice import dedup_keys
from analyzers.advice.cheaper_models import Switch
from analyzers.advice.confidence import Sureness, moving
from analyzers.realtime.incidents import Event
from analyzers.realtime.result import Realtime
from analyzers.realtime.waste import CostlierSeller, Failures
from analyzers.usage.tables import NO_TASK
from analyzers.words.figures import counted, day, listed, percent, usd
from reporting.document import Confidence, Recommendation

LEAST_USD_MONTH = Decimal(1)
MOST = 5
MENDING = Sureness(Confidence.HIGH, Confidence.MEDIUM)
"""Failures are counted; whether they can be mended is not known."""
OTHER_SELLER = Sureness(Confidence.HIGH, Confidence.MEDIUM)
"""Both prices are paid; contracts, regions and limits may forbid the move."""
LENGTH = Sureness(Confidence.LOW, Confidence.MEDIUM)
"""Long answers are seen; which of them are needed is not."""
EXCESS_SHARE = Decimal("0.1")
"""Output beyond three times the usual length is called excess from this share of all output on."""


@dataclass(frozen=True)
class Action:
    """One thing to do."""

    who: str
    what: str
    usd: Decimal
    by: date
    target: str


def actions(result: Realtime) -> tuple[Action, ...]:
    """All things to do, the most dollars first."""
    found = [
        *_budgets(result),
        *_anomalies(result),
        *_silent(result),
        *_failure_actions(result),
        *_customers(result),
    ]
    return tuple(sorted(found, key=lambda action: (-action.usd, action.by, action.what)))


def _budgets(result: Realtime) -> list[Action]:
    return [
        Action(
            "FinOps",
            f"Cut or raise the {state.noun} for {state.title}",
            state.overrun_usd or Decimal(0),
            state.runs_out_on or state.window.last,
            "budgets",
        )
        for state in result.budgets
        if state.is_overrun
    ]


def _anomalies(result: Realtime) -> list[Action]:
    return [
        _fall(result, event)
        if event.is_fall
        else Action(
            "Engineering",
            f"Find the cause: {event_words(event)}",
            round(Decimal(event.excess_usd), 2),
            result.last_day + timedelta(days=1),
            "anomalies",
        )
        for event in result.search.current[:MOST]
    ]


def _fall(result: Realtime, event: Event) -> Action:
    """Whom to ask: the customer, where a customer's calls are what is missing."""
    lead, usd_missing = event.lead, round(Decimal(-event.excess_usd), 2)
    customer = next((each for each in (lead, *event.parts) if each.kind == "customer"), None)
    if customer is None:
        what = f"Find out why calls are missing: {event_words(event)}"
        return Action("Engineering", what, usd_missing, result.last_day + timedelta(days=1), "anomalies")
    others = [each.name for each in (lead, *event.parts) if each.kind == "customer"][1:]
    also = f"; so did those of {listed(others)}" if others else ""
    verb = "stopped" if customer.stopped else "fell"
    what = f"Ask {customer.name} why its calls {verb}: {event_words(event)}{also}"
    return Action("Account management", what, usd_missing, result.last_day + timedelta(days=3), "anomalies")


def event_words(event: Event) -> str:
    """What happened when, and in which model, feature and customer most of it."""
    lead = event.lead
    where = listed([part.who for part in event.most_in])
    if event.is_fall:
        when = f"no calls since {day(lead.start)}" if lead.stopped else f"too few calls on {day(lead.start)}"
        return f"{lead.who}, {when}{f', also {where}' if where else ''}"
    return f"{lead.who} on {day(lead.start)} from {lead.start:%H}:00{f', most in {where}' if where else ''}"


def _failure_actions(result: Realtime) -> list[Action]:
    return [
        Action(
            "Engineering",
            f"Mend the failures of {entry.model or 'unnamed model'}",
            entry.usd,
            result.last_day + timedelta(days=7),
            "failures",
        )
        for entry in _too_many_failures(result)[:MOST]
        if entry.usd >= LEAST_USD_MONTH
    ]


def _too_many_failures(result: Realtime) -> list[Failures]:
    """Models that fail more often than settings.toml allows."""
    return [entry for entry in result.failures if entry.error_rate > result.error_rate_max]


def _customers(result: Realtime) -> list[Action]:
    """Customers whose cost jumped, less those whose anomaly stands in the list already."""
    strange = {entry.name for entry in result.search.ranked if entry.kind == "customer"}
    high = [entry for entry in result.risks if entry.band == "high" and entry.customer not in strange]
    return [
        Action(
            "Account management",
            f"Ask {entry.customer}: {entry.why}",
            max(entry.later_usd - entry.earlier_usd, Decimal(0)),
            result.last_day + timedelta(days=3),
            "customer-risk",
        )
        for entry in high[:MOST]
    ]


def _silent(result: Realtime) -> list[Action]:
    """Customers whose calls stopped within two weeks and are in no incident told; at stake is the earlier week."""
    told = {
        found.name
        for event in result.search.current[:MOST]
        for found in (event.lead, *event.parts)
        if event.is_fall and found.kind == "customer"
    }
    return [
        Action(
            "Account management",
            f"Ask {entry.customer} why its calls stopped: {entry.why}",
            entry.earlier_usd,
            result.last_day + timedelta(days=3),
            "customer-risk",
        )
        for entry in result.risks
        if entry.band == "lapsed" and entry.earlier_usd + entry.later_usd > 0 and entry.customer not in told
    ][:MOST]


def recommendations(result: Realtime) -> tuple[Recommendation, ...]:
    """What stops the waste, the largest amount first."""
    found = [*_failures(result), *(_premium(result, s) for s in result.premium), *_answers(result)]
    found += [_seller(result, entry) for entry in result.sellers]
    worth = [entry for entry in found if entry.usd_month >= LEAST_USD_MONTH]
    return tuple(sorted(worth, key=lambda entry: (-entry.usd_month, entry.id))[: 2 * MOST])


def _failures(result: Realtime) -> list[Recommendation]:
    return [
        Recommendation(
            id=f"failures-{entry.provider}-{entry.model}",
            action=f"Mend or back off the failing calls of {entry.model or 'an unnamed model'}",
            subject=f"{entry.provider} {entry.model}".strip(),
            usd_month=entry.usd * result.month_factor,
            confidence=MENDING.confidence,
            why=(
                f"{MENDING.words} {percent(entry.error_rate)} of its calls fail, {percent(result.error_rate_max)} are "
                f"allowed. They were charged and gave no result; it answered "
                f"{counted(entry.retries, 'retry', 'retries')}."
            ),
            rows=f"{counted(entry.failed, 'failed call')} in {counted(result.period_days, 'day')}",
            target="failures",
            target_row=f"{entry.provider}/{entry.model}",
        )
        for entry in _too_many_failures(result)
    ]


def _premium(result: Realtime, entry: Switch) -> Recommendation:
    work, task = entry.work, entry.work.task or NO_TASK
    sure = moving(work.task, entry.grade_steps, result.period_days)
    return Recommendation(
        id=f"premium-{work.named}-{task}",
        action=f"Test {entry.model} in place of {work.model} for {task} under 1,000 input tokens",
        subject=f"{work.model}, {task}",
        usd_month=entry.saving_usd * result.switch_share * result.month_factor,
        confidence=sure.confidence,
        why=f"{sure.words} A premium model on short prompts; assumes that {percent(result.switch_share)} of the calls "
        "can move. Quality is not in the data: test first.",
        rows=f"{counted(work.usage.calls, 'call')} in {counted(result.period_days, 'day')}",
        target="premium-on-short",
        needs_test=True,
        target_row=f"{work.provider}/{work.named}/{work.task}",
        dedup_key=dedup_keys.moved_work(work.provider, work.model, work.task),
    )


def _answers(result: Realtime) -> list[Recommendation]:
    return [
        Recommendation(
            id=f"answers-{entry.model}-{entry.task}",
            action=f"Cap the output of {entry.model} for {entry.task or NO_TASK}",
            subject=f"{entry.model}, {entry.task}",
            usd_month=entry.excess_usd * result.month_factor,
            confidence=LENGTH.confidence,
            why=(
                f"{LENGTH.words} {percent(entry.excess_share)} of its output lies beyond three times the usual answer "
                "of this model and task; some long answers are needed."
            ),
            rows=f"{counted(entry.calls, 'call')}, {entry.excess_tokens:,} output tokens beyond",
            target="long-answers",
            needs_test=True,
            target_row=f"{entry.provider}/{entry.model}/{entry.task}",
        )
        for entry in result.long_answers
        if entry.excess_usd and (entry.excess_share or 0) >= EXCESS_SHARE
    ]


def _seller(result: Realtime, entry: CostlierSeller) -> Recommendation:
    return Recommendation(
        id=f"seller-{entry.provider}-{entry.model}",
        action=f"Buy {entry.model} from {entry.cheaper} in place of {entry.provider}",
        subject=f"{entry.model} at {entry.provider}",
        usd_month=entry.saving_usd * result.month_factor,
        confidence=OTHER_SELLER.confidence,
        why=(
            f"{OTHER_SELLER.words} The same model: {usd(entry.cost_usd)} at {entry.provider} would be "
            f"{usd(entry.usd_after)} at {entry.cheaper}."
        ),
        rows=f"{counted(entry.calls, 'call')} in {counted(result.period_days, 'day')}",
        target="more-expensive-sellers",
        target_row=f"{entry.provider}/{entry.model}",
    )
