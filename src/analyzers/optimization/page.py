"""The page of rate optimization: its sections in order, its summary, finding and advice."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from analyzers.advice import dedup_keys
from analyzers.advice.confidence import Sureness, moving
from analyzers.base import Analyzer, report
from analyzers.optimization.against_invoice import against_invoice
from analyzers.optimization.charts import curve_chart, switch_matrix, waterfall
from analyzers.optimization.methods import METHODS
from analyzers.optimization.result import TESTED, Optimization, Saving
from analyzers.optimization.summary_lines import split_words, summary_lines
from analyzers.optimization.tables import (
    commitment_table,
    lever_table,
    saving_table,
    switch_table,
    volume_table,
)  # fmt: skip
from analyzers.usage.cells import COST
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.tables import NO_TASK, cost_value
from analyzers.words.figures import counted, joined, listed, percent, usd
from reporting.document import (
    Confidence,
    Document,
    MetricCard,
    Note,
    Recommendation,
    Section,
    Unit,
    Value,
)  # fmt: skip

NO_COST = "No call has a known cost, so nothing can be compared with a better price."
LEAST_USD_MONTH = Decimal(1)
CACHING = Sureness(Confidence.LOW, Confidence.MEDIUM)
"""How much input repeats is assumed; that it can be cached is likely where it does."""
WAITING = Sureness(Confidence.MEDIUM, Confidence.MEDIUM)
"""The calls and the discount are known; that all of a task can wait is what settings.toml says."""
MOST = 12


def page(analyzer: Analyzer[Any], result: Optimization) -> Document:
    """The document of a result."""
    cards, advice = _cards(result), _recommendations(result)
    known = result.total.priced_calls > 0
    sections = (
        _levers(result),
        _switching(result),
        _waiting(result),
        _committing(result),
        _volume(result),
        against_invoice(result),
    )
    return report(
        analyzer,
        cards,
        summary=_summary(result),
        finding=_finding(result),
        sections=sections
        if known
        else (Section("unknown", "What cannot be known", blocks=(Note(NO_COST),)),),
        recommendations=advice,
        methods=METHODS,
        summary_lines=summary_lines(result, advice),
    )


def _finding(result: Optimization) -> str:
    if not result.total.priced_calls:
        return NO_COST
    best = max(result.levers, key=lambda lever: lever.saving_usd)
    month = result.saving_usd * result.month_factor
    if month < LEAST_USD_MONTH:
        return f"No lever saves {usd(LEAST_USD_MONTH)} per month or more on these calls."
    return (
        f"All levers together would save {usd(month)} per month "
        f"({percent(result.saving_share)}), {split_words(result)}; most of it: {best.title.lower()}."
    )


def _summary(result: Optimization) -> tuple[str, ...]:
    if not result.total.priced_calls:
        return (NO_COST, f"{counted(result.total.calls, 'call')} are counted; their cost is unknown.")
    factor = result.month_factor
    least = "at least " if result.total.at_least else ""
    today = f"At today's pace the calls cost {least}{usd(result.total.cost_usd * factor)} per month; "
    return (
        f"{today}bought better, the same work would cost {usd(result.best_usd * factor)}.",
        _finding(result),
    )


def _cards(result: Optimization) -> tuple[MetricCard, ...]:
    factor, known = result.month_factor, result.total.priced_calls > 0

    def month(amount: Decimal) -> Value:
        return Value(amount * factor if known else None, Unit.USD, reason=NO_COST)

    return (
        MetricCard(
            id="saving",
            label="Possible saving per month",
            value=month(result.saving_usd),
            note=f"all levers in order, no overlap; {split_words(result)}" if known else "",
            highlight=True,
        ),
        MetricCard(
            id="saving-share",
            label="Of today's cost",
            value=Value(result.saving_share, Unit.SHARE, reason=NO_COST),
        ),
        *(
            MetricCard(
                id=f"lever-{lever.id}", label=f"{lever.title}, per month", value=month(lever.saving_usd)
            )
            for lever in result.levers
        ),
        MetricCard(id="cost", label="Total cost", value=cost_value(result.total), sum=COST),
    )


def _recommendations(result: Optimization) -> tuple[Recommendation, ...]:
    worth = [entry for entry in result.savings if entry.usd * result.month_factor >= LEAST_USD_MONTH]
    return tuple(_recommendation(result, entry) for entry in worth[:MOST])


def _recommendation(result: Optimization, entry: Saving) -> Recommendation:
    action, why, sure = _words(result, entry)
    rows = f"{counted(entry.calls, 'call')} in {counted(result.period_days, 'day')}" if entry.calls else (
        f"the hourly use over {counted(result.period_days, 'day')}"
    )  # fmt: skip
    return Recommendation(
        id="-".join(filter(None, (entry.lever, entry.provider, entry.subject.replace(" ", "-"), entry.task))),
        action=action,
        subject=entry.task if entry.lever == "batch" else f"{entry.provider} {entry.model}".strip(),
        usd_month=entry.usd * result.month_factor,
        confidence=sure.confidence,
        why=f"{sure.words} {why}",
        rows=rows,
        target="savings",
        target_row=row_key(entry),
        needs_test=entry.lever in TESTED,
        dedup_key=dedup_keys.moved_work(entry.provider, entry.model, entry.task)
        if entry.lever == "switch"
        else "",
    )


def row_key(entry: Saving) -> str:
    """Names the row of a saving."""
    return "/".join((entry.lever, entry.provider, entry.subject, entry.task))


def _words(result: Optimization, entry: Saving) -> tuple[str, str, Sureness]:
    task = entry.task or NO_TASK
    if entry.lever == "switch":
        sure = moving(entry.task, entry.grade_steps, result.period_days)
        why = (
            f"Assumes that {percent(result.switch_share)} of the calls can move. Quality is not in the data: test "
            f"{percent(result.test_share)} of the calls first."
        )
        return f"Move {task} from {entry.subject}", why, sure
    if entry.lever == "cache":
        why = (
            f"Assumes that {percent(result.repeatable_share)} of input repeats, which the data do not show; what is "
            "cached already is counted towards it."
        )
        return f"Cache the repeated input of {entry.model}", why, CACHING
    if entry.lever == "batch":
        why = f"Assumes that all calls of this task can wait for a batch at {percent(result.batch_discount)} off."
        return f"Send {task} as batches", why, WAITING
    sure, fewer = _committed(result, entry)
    why = (
        f"Commits to the level of least cost at {percent(result.discount)} off for {result.term_months} months, on "
        f"what the other levers leave; assumes that demand stays. {fewer}"
    )
    return f"Commit to part of the use of {entry.model}", why.rstrip(), sure


def _committed(result: Optimization, entry: Saving) -> tuple[Sureness, str]:
    """By what the commitment on all of today's use saves when demand falls, and by how long that use was seen."""
    same = (
        each for each in result.commitments if (each.provider, each.model) == (entry.provider, entry.model)
    )
    found = next(same, None)
    seen = Confidence.HIGH if result.period_days >= MONTH_DAYS * result.term_months else Confidence.MEDIUM
    if found is None or found.saving_if_fewer_usd <= 0:
        words = (
            "" if found is None else "On all of today's use it would save nothing if demand fell by a fifth."
        )
        return Sureness(Confidence.LOW, seen), words
    return Sureness(seen, seen), "On all of today's use it still saves if demand falls by a fifth."


def _levers(result: Optimization) -> Section:
    return Section(
        "levers",
        "From today to best",
        blocks=(waterfall(result), lever_table(result), saving_table(result, row_key)),
    )


def _switching(result: Optimization) -> Section:
    if not result.switches:
        return Section(
            "switching",
            "Model switching",
            blocks=(
                Note("No model can be replaced by a cheaper one that does the same task at the same length."),
            ),
        )
    note = Note(
        f"Quality is not in the data. Send {percent(result.test_share)} of the calls to the "
        "cheaper model first and compare; "
        "amounts here are for all calls, before any share is assumed."
    )
    return Section("switching", "Model switching", blocks=(note, switch_matrix(result), switch_table(result)))


def _waiting(result: Optimization) -> Section:
    title, waits = "Calls that could wait", listed(result.deferrable, 5) or "none"
    if not result.deferrable_usd:
        why = f"No call of known cost is of a task that settings.toml says can wait ({waits})."
        return Section("waiting", title, blocks=(Note(why),))
    least = "at least " if result.deferrable_at_least else ""
    words = f"Tasks that settings.toml says can wait ({waits}) cost {least}{usd(result.deferrable_usd)} over the period"
    if result.peak_usd:
        hours = _hours(result.peak_hours)
        words += f", {least}{usd(result.peak_usd)} of it in the most expensive hours of the day ({hours})"
    if result.deferred_usd:
        words += f"; {least}{usd(result.deferred_usd)} of it is bought as batch or flex already, where no more is saved"
    peak = (
        "No off-peak price is published for these models: moving calls off the peak saves "
        "only by lowering the peak of a commitment."
    )
    return Section("waiting", title, blocks=(Note(f"{words}."), Note(peak)))


def _hours(hours: Sequence[int]) -> str:
    """Hours of the day in runs: "8:00 to 16:00 and 20:00 to 21:00"."""
    starts = [hour for hour in hours if hour - 1 not in hours]
    ends = [hour + 1 for hour in hours if hour + 1 not in hours]
    return joined([f"{one}:00 to {other}:00" for one, other in zip(starts, ends, strict=True)], "and")


def _committing(result: Optimization) -> Section:
    if not result.commitments:
        return Section(
            "committing", "Commitment", blocks=(Note(result.commitment_reason or "Nothing to commit to."),)
        )
    intro = (
        "As used today, before the other levers. Utilisation below the break-even of "
        f"{percent(1 - result.discount)} loses money."
    )
    return Section(
        "committing", "Commitment", blocks=(curve_chart(result), commitment_table(result)), intro=intro
    )


def _volume(result: Optimization) -> Section:
    return Section("volume", "Volume discounts", blocks=(volume_table(result),))
