"""Tables of what is wrong."""

from collections.abc import Sequence

from analyzers.realtime.actions import Action
from analyzers.realtime.anomaly_search import Appeared, Moved
from analyzers.realtime.result import Realtime
from analyzers.usage.tables import UNALLOCATED, share_value
from analyzers.words.figures import counted
from reporting.document import Column, Facets, Row, Table, Unit, Value

ROWS = 500
NO_FAILED_COST = "no failed call has a known cost"


def _usd(key: str, label: str) -> Column:
    return Column(key, label, Unit.USD)


def action_table(found: Sequence[Action]) -> Table:
    """Who, what, dollars, by when."""
    columns = (
        Column("who", "Who"),
        Column("what", "What"),
        _usd("usd", "At stake"),
        Column("by", "By", Unit.DATE),
    )
    rows = tuple(Row((entry.who, entry.what, entry.usd, entry.by)) for entry in found[:ROWS])
    return Table("action-list", "Action list", columns, rows, method="actions")


def anomaly_table(result: Realtime) -> Table:
    """All anomalies by dollars over expectation."""
    columns = (
        Column("who", "What"),
        Column("from", "From", Unit.HOUR),
        Column("to", "To", Unit.HOUR),
        Column("by", "Judged by"),
        Column("calls", "Calls", Unit.COUNT),
        Column("expected", "Expected calls", Unit.COUNT),
        Column("ratio", "Times expected", Unit.RATIO),
        _usd("cost", "Cost"),
        _usd("over", "Over expectation"),
        Column("z", "Modified z", Unit.RATIO),
    )
    rows = tuple(
        Row(
            (
                found.who, found.start, found.end, found.by, found.calls, found.expected_calls,
                Value(found.ratio, Unit.RATIO, "none were expected"), found.usd, found.excess_usd,
                found.peak_z,
            ),
            Facets(day=found.start.date()),
            f"{found.who}/{found.start.isoformat()}",
        )
        for found in result.search.ranked[:ROWS]
    )  # fmt: skip
    note = "A burst of all calls shows again in its models, features and customers: do not add the rows up."
    return Table("anomalies", "Anomalous hours and days", columns, rows, note=note, method="anomaly")


def shift_table(shifts: Sequence[Moved]) -> Table:
    """Lasting changes of level."""
    columns = (
        Column("who", "What"),
        Column("name", "Name"),
        Column("day", "Since", Unit.DATE),
        Column("before", "Calls a day before", Unit.COUNT),
        Column("after", "Calls a day after", Unit.COUNT),
    )
    rows = tuple(
        Row((s.kind, s.name, s.day, s.before, s.after), Facets(day=s.day), f"{s.kind}/{s.name}")
        for s in shifts[:ROWS]
    )
    return Table("level-shifts", "Lasting changes of level", columns, rows, method="anomaly")


def new_table(new: Sequence[Appeared]) -> Table:
    """Sources that are new."""
    columns = (Column("who", "What"), Column("name", "Name"), Column("day", "First call", Unit.DATE))
    rows = tuple(Row((n.kind, n.name, n.day), Facets(day=n.day), f"{n.kind}/{n.name}") for n in new[:ROWS])
    return Table("new-sources", "New sources", columns, rows, method="anomaly")


def outlier_table(result: Realtime) -> Table:
    """The dearest outlier calls."""
    columns = (
        Column("call", "Call"),
        Column("at", "When", Unit.HOUR),
        Column("model", "Model"),
        Column("task", "Task"),
        Column("customer", "Customer"),
        Column("cost", "Cost", Unit.USD_RATE),
        Column("usual", "Usual cost", Unit.USD_RATE),
        Column("tokens", "Tokens", Unit.TOKENS),
        Column("usual-tokens", "Usual tokens", Unit.TOKENS),
        Column("over", "Over the usual", Unit.USD_RATE),
    )
    rows = tuple(
        Row(
            (
                call.call_id, call.called_at, call.model or UNALLOCATED, call.task or UNALLOCATED,
                call.customer or UNALLOCATED, call.cost_usd, call.usual_usd, call.tokens, call.usual_tokens,
                call.excess_usd,
            ),
            Facets(call.called_at.date(), call.provider, call.organization),
            call.call_id,
        )
        for call in result.outliers.listed
    )  # fmt: skip
    found = result.outliers
    note = (
        f"{found.count:,} are far dearer than usual, {found.token_spikes:,} far longer, some both; the "
        f"{counted(len(rows), 'dearest', 'dearest')} of them, times in UTC."
    )
    return Table(
        "outlier-calls",
        "Calls far dearer or longer than their kind",
        columns,
        rows,
        note=note,
        method="outlier",
    )


def violation_table(result: Realtime) -> Table:
    """Late calls by model and severity."""
    limit = result.limit_ms / 1000
    columns = (
        Column("model", "Model"),
        Column("timed", "Calls with latency", Unit.COUNT),
        Column("late", f"Over {limit:g} s", Unit.COUNT),
        Column("very", f"Over {2 * limit:g} s", Unit.COUNT),
        Column("extremely", f"Over {5 * limit:g} s", Unit.COUNT),
        Column("share", "Late", Unit.SHARE),
        Column("severity", "Severity"),
    )
    rows = tuple(
        Row(
            (
                entry.model or UNALLOCATED, entry.timed, entry.late, entry.very_late, entry.extremely_late,
                share_value(entry.late_share), entry.severity,
            ),
            Facets(provider=entry.provider),
            f"{entry.provider}/{entry.model}",
        )
        for entry in result.violations[:ROWS]
    )  # fmt: skip
    return Table("violations", "Calls slower than the SLA, by model", columns, rows, method="violations")


def failure_table(result: Realtime) -> Table:
    """Failed calls and retries by model."""
    columns = (
        Column("model", "Model"),
        Column("failed", "Failed calls", Unit.COUNT),
        Column("rate", "Of its calls", Unit.SHARE),
        _usd("cost", "Cost of failed calls"),
        Column("retries", "Retries within a minute", Unit.COUNT),
        _usd("retry-cost", "Cost of retries"),
    )
    rows = tuple(
        Row(
            (
                e.model or UNALLOCATED,
                e.failed,
                e.error_rate,
                Value(e.failed_usd, Unit.USD, NO_FAILED_COST),
                e.retries,
                Value(e.retries_usd, Unit.USD, "no retry has a known cost"),
            ),
            Facets(provider=e.provider),
            f"{e.provider}/{e.model}",
        )
        for e in result.failures[:ROWS]
    )
    return Table("failures", "Failures and retries by model", columns, rows, method="waste")


def premium_table(result: Realtime) -> Table:
    """Premium models on short work."""
    columns = (
        Column("model", "Premium model"),
        Column("task", "Task"),
        Column("calls", "Calls under 1,000 input tokens", Unit.COUNT),
        _usd("cost", "Cost"),
        Column("target", "Cheaper model"),
        _usd("after", "Cost there"),
        _usd("saving", "Difference"),
    )
    rows = tuple(
        Row(
            (
                s.work.model, s.work.task or UNALLOCATED, s.work.usage.calls, s.work.usage.cost_usd, s.model,
                s.usd_after, s.saving_usd,
            ),
            Facets(provider=s.work.provider),
            f"{s.work.provider}/{s.work.model}/{s.work.task}",
        )
        for s in result.premium[:ROWS]
    )  # fmt: skip
    return Table("premium-on-short", "Premium models on short work", columns, rows, method="waste")


def answers_table(result: Realtime) -> Table:
    """Excess output by model and task."""
    columns = (
        Column("model", "Model"),
        Column("task", "Task"),
        Column("calls", "Answers", Unit.COUNT),
        Column("tokens", "Tokens beyond", Unit.TOKENS),
        Column("share", "Of its output", Unit.SHARE),
        _usd("cost", "Cost of these"),
    )
    rows = tuple(
        Row(
            (
                e.model or UNALLOCATED, e.task or UNALLOCATED, e.calls, e.excess_tokens, share_value(e.excess_share),
                Value(e.excess_usd, Unit.USD, "the model has no list price"),
            ),
            Facets(provider=e.provider),
            f"{e.provider}/{e.model}/{e.task}",
        )
        for e in result.long_answers[:ROWS]
    )  # fmt: skip
    return Table("long-answers", "Answers over three times the usual length", columns, rows, method="waste")


def seller_table(result: Realtime) -> Table:
    """Models bought where they are dearer."""
    columns = (
        Column("model", "Model"),
        Column("provider", "Bought from"),
        Column("cheaper", "Cheaper at"),
        Column("calls", "Calls", Unit.COUNT),
        _usd("cost", "Cost"),
        _usd("after", "Cost there"),
    )
    rows = tuple(
        Row(
            (e.model, e.provider, e.cheaper, e.calls, e.cost_usd, e.usd_after),
            Facets(provider=e.provider),
            f"{e.provider}/{e.model}",
        )
        for e in result.sellers[:ROWS]
    )
    return Table("dearer-sellers", "The same model, sold for less elsewhere", columns, rows, method="waste")


def risk_table(result: Realtime) -> Table:
    """Customers by risk band."""
    columns = (
        Column("customer", "Customer"),
        Column("band", "Risk"),
        Column("why", "Why"),
        _usd("earlier", "7 days before"),
        _usd("later", "Last 7 complete days"),
        Column("growth", "Change", Unit.SHARE),
        _usd("cost", "Cost of the period"),
        Column("last", "Last call", Unit.DATE),
    )
    rows = [
        Row(
            (
                e.customer, e.band, e.why, e.earlier_usd, e.later_usd,
                share_value(e.growth, "nothing a week before"), e.cost_usd, e.last_day,
            ),
            Facets(organization=e.organization),
            e.customer,
        )
        for e in result.risks[:ROWS]
    ]  # fmt: skip
    rest = result.risks[ROWS:]
    if rest:
        sums = (
            sum(e.earlier_usd for e in rest),
            sum(e.later_usd for e in rest),
            sum(e.cost_usd for e in rest),
        )
        rows.append(
            Row((f"Other ({len(rest):,})", "several", "several", sums[0], sums[1], None, sums[2], None))
        )
    return Table("customer-risk", "Customers by risk", columns, tuple(rows), method="risk")
