"""Tables of real-time decision making: actions, incidents, level shifts, outliers, late and failed calls, waste."""

from collections.abc import Sequence

from analyzers.advice.cheaper_models import Switch
from analyzers.realtime.actions import Action
from analyzers.realtime.anomaly_search import LevelShift, NewSource
from analyzers.realtime.incidents import CURRENT, Event
from analyzers.realtime.outliers import LongAnswers, OutlierCall
from analyzers.realtime.result import CustomerRisk, Realtime
from analyzers.realtime.waste import CostlierSeller, Failures, Violations
from analyzers.usage.sums import share
from analyzers.usage.tables import share_value, shown_name
from analyzers.words.defaults import default
from analyzers.words.figures import counted, usd
from reporting.document import Facets, Table, Unit, Value
from reporting.facets import one_organization
from reporting.filled_tables import Fields, field, filled_table, summed
from reporting.reading_order import ordered

NO_FAILED_COST = "no failed call has a known cost"


def action_table(found: Sequence[Action]) -> Table:
    """Who, what, dollars, by when."""
    fields: Fields[Action] = (
        field("who", "Who", lambda each: each.who),
        field("what", "What", lambda each: ordered(each.what)),
        summed("usd", "At stake", lambda each: each.usd, Unit.USD),
        field("by", "By", lambda each: each.by, Unit.DATE),
    )
    return filled_table("action-list", "Action list", found, fields, method="actions")


def anomaly_table(result: Realtime) -> Table:
    """All incidents, current ones first, by dollars off expectation: each once, with the parts in which it shows."""
    fields: Fields[Event] = (
        field("who", "What", lambda each: each.lead.who),
        field("age", "Age", lambda each: "current" if each.is_current(result.search.last_day) else "earlier"),
        field("from", "From", lambda each: each.lead.start, Unit.HOUR),
        field("to", "To", lambda each: each.lead.end, Unit.HOUR),
        field("by", "Judged by", lambda each: each.lead.by),
        field("calls", "Calls", lambda each: each.lead.calls, Unit.COUNT),
        field("expected", "Expected calls", lambda each: each.lead.expected_calls, Unit.COUNT),
        field(
            "ratio",
            "x expected",
            lambda each: Value(each.lead.ratio, Unit.RATIO, reason="none were expected"),
            Unit.RATIO,
        ),
        field("cost", "Cost", lambda each: each.lead.usd, Unit.USD),
        field("over", "Over expectation (− below)", lambda each: each.excess_usd, Unit.USD),
        field(
            "z",
            "Robust z-score",
            lambda each: Value(each.lead.peak_z, Unit.RATIO, reason="calls stopped"),
            Unit.RATIO,
        ),
        field("parts", "Shows in", _parts),
    )
    return filled_table(
        "anomalies",
        "Incidents",
        result.search.events,
        fields,
        facets=lambda each: Facets(day=each.lead.start.date()),
        key=lambda each: f"{each.lead.who}/{each.lead.start.isoformat()}",
        note="A burst of all calls shows again in its models, features and customers: one incident, its dollars once. "
        "A fall is one too: calls that are missing, or stopped. Current ones, which ended, or stopped, in the last "
        f"{CURRENT.days} days, come first; earlier ones ask for no action and raise no alert.",
        method="anomaly",
    )


def _parts(event: Event) -> str:
    """Where an incident shows, with the dollars off expectation of each part."""
    return ", ".join(f"{part.who} {usd(part.excess_usd)}" for part in event.most_in)


def shift_table(shifts: Sequence[LevelShift]) -> Table:
    """Lasting changes of level."""
    fields: Fields[LevelShift] = (
        field("who", "What", lambda each: each.kind),
        field("name", "Name", lambda each: each.name),
        field("day", "Since", lambda each: each.day, Unit.DATE),
        field("before", "Calls per day before", lambda each: each.before, Unit.COUNT),
        field("after", "Calls per day after", lambda each: each.after, Unit.COUNT),
    )
    return filled_table(
        "level-shifts",
        "Lasting changes of level",
        shifts,
        fields,
        facets=lambda each: Facets(day=each.day),
        key=lambda each: f"{each.kind}/{each.name}",
        method="anomaly",
    )


def new_table(new: Sequence[NewSource]) -> Table:
    """Sources that are new."""
    fields: Fields[NewSource] = (
        field("who", "What", lambda each: each.kind),
        field("name", "Name", lambda each: each.name),
        field("day", "First call", lambda each: each.day, Unit.DATE),
    )
    return filled_table(
        "new-sources",
        "New sources",
        new,
        fields,
        facets=lambda each: Facets(day=each.day),
        key=lambda each: f"{each.kind}/{each.name}",
        method="anomaly",
    )


def outlier_table(result: Realtime) -> Table:
    """The most expensive outlier calls."""
    fields: Fields[OutlierCall] = (
        field("call", "Call", lambda each: each.call_id),
        field("at", "When", lambda each: each.called_at, Unit.HOUR),
        field("model", "Model", lambda each: shown_name(each.model)),
        field("task", "Task", lambda each: shown_name(each.task)),
        field("customer", "Customer", lambda each: shown_name(each.customer)),
        field("cost", "Cost", lambda each: each.cost_usd, Unit.USD_RATE),
        field("usual", "Usual cost", lambda each: each.usual_usd, Unit.USD_RATE),
        summed("tokens", "Tokens", lambda each: each.tokens, Unit.TOKENS),
        field("usual-tokens", "Usual tokens", lambda each: each.usual_tokens, Unit.TOKENS),
        field("over", "Over the usual", lambda each: each.excess_usd, Unit.USD_RATE),
    )
    found = result.outliers
    note = (
        f"{found.count:,} are far more expensive than usual, {found.token_spikes:,} far longer, some both; the "
        f"{counted(len(found.listed), 'most expensive', 'most expensive')} of them, times in UTC."
    )
    return filled_table(
        "outlier-calls",
        "Calls far more expensive or longer than their kind",
        found.listed,
        fields,
        facets=lambda each: Facets(
            day=each.called_at.date(), provider=each.provider, organization=each.organization
        ),
        key=lambda each: each.call_id,
        note=note,
        method="outlier",
    )


def violation_table(result: Realtime) -> Table:
    """Late calls by model and severity."""
    limit = result.limit_ms / 1000
    fields: Fields[Violations] = (
        field("model", "Model", lambda each: shown_name(each.model)),
        summed("timed", "Calls with latency", lambda each: each.timed, Unit.COUNT),
        summed("late", f"Over {limit:g} s", lambda each: each.late, Unit.COUNT),
        summed("very", f"Over {2 * limit:g} s", lambda each: each.very_late, Unit.COUNT),
        summed("extremely", f"Over {5 * limit:g} s", lambda each: each.extremely_late, Unit.COUNT),
        field(
            "share",
            "Late",
            lambda each: share_value(each.late_share),
            Unit.SHARE,
            together=lambda some: share_value(share(sum(e.late for e in some), sum(e.timed for e in some))),
        ),
        field("severity", "Severity", lambda each: each.severity),
    )
    return filled_table(
        "violations",
        f"Calls slower than the {default(own=result.own_levels)}SLA, by model",
        result.violations,
        fields,
        facets=lambda each: Facets(provider=each.provider),
        key=lambda each: f"{each.provider}/{each.model}",
        method="violations",
    )


def failure_table(result: Realtime) -> Table:
    """Failed calls and retries by model."""
    fields: Fields[Failures] = (
        field("model", "Model", lambda each: shown_name(each.model)),
        summed("failed", "Failed calls", lambda each: each.failed, Unit.COUNT),
        field("rate", "% of its calls", lambda each: each.error_rate, Unit.SHARE),
        summed(
            "cost",
            "Cost of failed calls",
            lambda each: Value(each.failed_usd, Unit.USD, reason=NO_FAILED_COST),
            Unit.USD,
        ),
        summed("retries", "Retries answered, within a minute", lambda each: each.retries, Unit.COUNT),
        summed(
            "retry-cost",
            "Cost of retries",
            lambda each: Value(each.retries_usd, Unit.USD, reason="no retry has a known cost"),
            Unit.USD,
        ),
    )
    return filled_table(
        "failures",
        "Failures and retries by model",
        result.failures,
        fields,
        facets=lambda each: Facets(provider=each.provider),
        key=lambda each: f"{each.provider}/{each.model}",
        method="waste",
    )


def premium_table(result: Realtime) -> Table:
    """Premium models on short work."""
    fields: Fields[Switch] = (
        field("model", "Premium model", lambda each: each.work.named),
        field("task", "Task", lambda each: shown_name(each.work.task)),
        summed("calls", "Calls under 1,000 input tokens", lambda each: each.work.usage.calls, Unit.COUNT),
        summed("cost", "Cost", lambda each: each.work.usage.cost_usd, Unit.USD),
        field("target", "Cheaper model", lambda each: each.model),
        summed("after", "Cost there", lambda each: each.usd_after, Unit.USD),
        summed("saving", "Difference", lambda each: each.saving_usd, Unit.USD),
    )
    return filled_table(
        "premium-on-short",
        "Premium models on short work",
        result.premium,
        fields,
        facets=lambda each: Facets(provider=each.work.provider),
        key=lambda each: f"{each.work.provider}/{each.work.named}/{each.work.task}",
        method="waste",
    )


def answers_table(result: Realtime) -> Table:
    """Excess output by model and task."""
    fields: Fields[LongAnswers] = (
        field("model", "Model", lambda each: shown_name(each.model)),
        field("task", "Task", lambda each: shown_name(each.task)),
        summed("calls", "Answers", lambda each: each.calls, Unit.COUNT),
        summed("tokens", "Tokens beyond", lambda each: each.excess_tokens, Unit.TOKENS),
        field("share", "% of its output", lambda each: share_value(each.excess_share), Unit.SHARE),
        summed(
            "cost",
            "Cost of these",
            lambda each: Value(each.excess_usd, Unit.USD, reason="the model has no list price"),
            Unit.USD,
        ),
    )
    return filled_table(
        "long-answers",
        "Answers over three times the usual length",
        result.long_answers,
        fields,
        facets=lambda each: Facets(provider=each.provider),
        key=lambda each: f"{each.provider}/{each.model}/{each.task}",
        method="waste",
    )


def seller_table(result: Realtime) -> Table:
    """Models bought where they are more expensive."""
    fields: Fields[CostlierSeller] = (
        field("model", "Model", lambda each: each.model),
        field("provider", "Bought from", lambda each: each.provider),
        field("cheaper", "Cheaper at", lambda each: each.cheaper),
        summed("calls", "Calls", lambda each: each.calls, Unit.COUNT),
        summed("cost", "Cost", lambda each: each.cost_usd, Unit.USD),
        summed("after", "Cost there", lambda each: each.usd_after, Unit.USD),
    )
    return filled_table(
        "more-expensive-sellers",
        "The same model, sold for less elsewhere",
        result.sellers,
        fields,
        facets=lambda each: Facets(provider=each.provider),
        key=lambda each: f"{each.provider}/{each.model}",
        method="waste",
    )


def risk_table(result: Realtime) -> Table:
    """Customers by risk band."""
    fields: Fields[CustomerRisk] = (
        field("customer", "Customer", lambda each: each.customer),
        field("band", "Risk", lambda each: each.band),
        field("why", "Why", lambda each: each.why),
        summed("earlier", "7 days before", lambda each: each.earlier_usd, Unit.USD),
        summed("later", "Last 7 complete days", lambda each: each.later_usd, Unit.USD),
        field("growth", "Change", lambda each: share_value(each.growth, "nothing a week before"), Unit.SHARE),
        summed("cost", "Cost of the period", lambda each: each.cost_usd, Unit.USD),
        field("last", "Last call", lambda each: each.last_day, Unit.DATE),
    )
    return filled_table(
        "customer-risk",
        "Customers by risk",
        result.risks,
        fields,
        facets=lambda each: one_organization(each.organization, each.organizations),
        key=lambda each: each.customer,
        method="risk",
    )
