"""What an import says on the console: its records by reason, what became of repeated ones, cost, guesses."""

from interchange.importers.convergence import COMPLETED, LESS, SAME
from interchange.importers.nesting import NESTED_THERE, Nested
from interchange.importers.reading_notes import choice_text, currency_lines, unused_lines, zone_lines
from interchange.importers.report import ImportReport, UnpricedModel
from interchange.importers.token_semantics import Semantics
from reporting.number_format import counted

REASON_TEXT = {
    "not_json": "not valid JSON",
    "too_deep": "JSON nested too deep",
    "not_an_object": "JSON, but not an object",
    "bad_line": "not readable as CSV (quotes, number of fields or encoding)",
    "no_records": "nothing stands where --records says",
    "not_a_call": "not a model call (spans, tools, markers)",
    "told_by_logs": "spans of Gemini CLI, which lack thoughts; its logs hold the calls (gemini_cli.api_response)",
    "pending": "a run that had not ended when it was exported",
    "own_cache": "answered from a cache of the tool itself, so that no model was called",
    "total_only": "a total of tokens, of which input and output are not told",
    "no_usage": "neither tokens nor a cost",
    "no_timestamp": "no time",
    "bad_timestamp": "a time that cannot be read, or not of the years 2000 to 2099",
    "bad_number": "a number that cannot be read",
    "negative_cost": "a negative cost that is not said to be a Credit, Refund or Adjustment; name its field "
    "with --map charge_category=FIELD",
    "bad_charge_category": "a charge_category that is none of Usage, Credit, Refund and Adjustment",
    "field_too_large": "a field longer than 64 KiB",
    "aggregate": "a total over many calls",
    "nested": "repeats calls nested in it",
    NESTED_THERE: "repeats calls nested in it that were imported before",
    "same_answer": "another record of the same answer",
    "repeated_in_file": "the same id again",
    SAME: "imported before",
    LESS: "a fuller record of the same call was imported before",
    COMPLETED: "gave its reported cost to the record of the same call that was imported before",
}
WORDS_NAMED = 5
FILES_NAMED = 5
FIELDS_NAMED = 5


def brief_lines(report: ImportReport) -> list[str]:
    """What each file was, why records were no calls, and what the calls cost."""
    lines = _files_lines(report) + _passed_over_lines(report, FILES_NAMED)
    lines += _skipped_lines(report) + convergence_lines(report)
    if not report.calls:
        return lines
    guesses = [_guess_line(entry) for entry in report.token_semantics if entry.guessed]
    unsaid = [_unsaid_line(entry) for entry in report.token_semantics if entry.unsaid_calls]
    return (
        lines
        + _cost_lines(report)[:1]
        + _word_lines(report)
        + _note_lines(report, FIELDS_NAMED)
        + guesses
        + unsaid
    )


def report_lines(report: ImportReport) -> list[str]:
    """The report as lines for a terminal."""
    lines = _files_lines(report) + _passed_over_lines(report, len(report.passed_over))
    lines.append(
        f"Rows read: {report.rows_read:,} = {counted(report.added, 'call')} added + "
        f"{report.convergence.replaced.calls:,} replaced + {report.same:,} the same + "
        f"{sum(report.skipped.values()) - report.same:,} skipped"
    )
    lines += _skipped_lines(report) + convergence_lines(report)
    lines.append(f"Double counts avoided: {report.double_counts_avoided:,}")
    lines += _totals_lines(report)
    lines += _cost_lines(report)
    lines += _word_lines(report) + _note_lines(report)
    lines += [
        _semantics_line(entry)
        for entry in report.token_semantics
        if entry.cached_calls or entry.reasoning_calls
    ]
    lines += [_unsaid_line(entry) for entry in report.token_semantics if entry.unsaid_calls]
    if report.lost_columns:
        lines.append(
            f"The file has no column for: {', '.join(report.lost_columns)} (import into a new file to keep them)"
        )
    return lines


def convergence_lines(report: ImportReport) -> list[str]:
    """What became of records whose call the target holds, with the money that moved."""
    replaced, less = report.convergence.replaced, report.convergence.outranked
    lines = []
    if replaced.calls or replaced.completed:
        completed = f", {counted(replaced.completed, 'cost')} completed" if replaced.completed else ""
        lines.append(
            f"{counted(replaced.calls, 'call')} replaced by fuller records{completed}: {replaced.tokens_before:,} "
            f"tokens become {replaced.tokens_after:,}, ${replaced.usd_before:f} become ${replaced.usd_after:f}"
        )
    if less.calls:
        lines.append(
            f"{counted(less.calls, 'record')} left out, since the target holds fuller ones: {less.tokens_there:,} "
            f"tokens and ${less.usd_there:f} stay, {less.tokens_left_out:,} and ${less.usd_left_out:f} do not count"
        )
    return lines + _nested_lines(report.convergence.nested)


def _nested_lines(nested: Nested) -> list[str]:
    lines = []
    if nested.removed:
        lines.append(
            f"{counted(nested.removed, 'call')} taken out of the target, since calls nested in it came: "
            f"{nested.tokens_removed:,} tokens and ${nested.usd_removed:f} no longer count twice"
        )
    if nested.left_out:
        lines.append(
            f"{counted(nested.left_out, 'record')} left out, since the target holds calls nested in it: "
            f"{nested.tokens_left_out:,} tokens and ${nested.usd_left_out:f} do not count twice"
        )
    return lines


def repeat_warnings(report: ImportReport) -> list[str]:
    """What was added although it looks like a call that is there, with the way out."""
    apart = report.convergence.apart
    warnings = []
    if apart.same_id:
        warnings.append(
            f"{counted(apart.same_id, 'call')} kept apart from others of the same id, since they name other requests "
            f"or start at another time (${apart.same_id_usd:f})"
        )
    if apart.alike:
        unknown = f" and an unknown cost on {apart.alike_unknown_cost:,}" if apart.alike_unknown_cost else ""
        warnings.append(
            f"{counted(apart.alike, 'record')} added without an id, but with the time, model, tokens and customer of "
            f"calls in {_other_place(report)} (${apart.alike_usd:f}{unknown}); other fields of theirs differ. If they "
            "are the same calls, import one of the exports alone into a new file with --out, or name the field of an "
            "id with --map call_id=FIELD"
        )
    if apart.of_a_told_session:
        warnings.append(
            f"{counted(apart.of_a_told_session, 'event')} of sessions whose files are here, too, added since no line "
            f"there has the same tokens at that time (${apart.of_a_told_session_usd:f}); if these are whole, import "
            "them without the telemetry into a new file with --out"
        )
    return warnings


def _other_place(report: ImportReport) -> str:
    return "another of the files or the target" if len(report.files) > 1 else "the target"


def _files_lines(report: ImportReport) -> list[str]:
    lines = [
        f"{entry.name}: {entry.format}, {counted(entry.rows_read, 'row')} read, {counted(entry.calls, 'call')}"
        for entry in report.files
    ]
    remarks = {entry.remark for entry in report.files if entry.remark and entry.calls}
    return lines + [f"  {remark}" for remark in sorted(remarks)]


def _passed_over_lines(report: ImportReport, shown: int) -> list[str]:
    lines = [f"Passed over: {entry.reason}" for entry in report.passed_over[:shown]]
    more = len(report.passed_over) - shown
    return lines + ([f"Passed over: {counted(more, 'more file')}; --report names them"] if more > 0 else [])


def _skipped_lines(report: ImportReport) -> list[str]:
    return [
        f"  skipped {count:,}: {REASON_TEXT.get(reason) or choice_text(reason) or reason} ({reason})"
        for reason, count in report.skipped.items()
    ]


def _totals_lines(report: ImportReport) -> list[str]:
    totals = report.totals
    period = (
        f"{report.first:%Y-%m-%d %H:%M:%S} to {report.last:%Y-%m-%d %H:%M:%S} UTC" if report.first else "none"
    )
    return [
        f"Period: {period}",
        f"Tokens: {totals.input_tokens:,} input ({totals.cached_input_tokens:,} cached, "
        f"{totals.cache_write_tokens:,} written to cache), {totals.output_tokens:,} output "
        f"({totals.reasoning_tokens:,} reasoning)",
        f"Errors kept: {totals.errors:,}",
    ]


def _cost_lines(report: ImportReport) -> list[str]:
    cost = report.cost
    parts = [
        (cost.reported_calls, f"${cost.reported_usd:f} reported by the source on"),
        (cost.computed_calls, f"${cost.computed_usd:f} computed from rates on"),
        (cost.partial_calls, f"at least ${cost.partial_usd:f} on"),
        (cost.unknown_calls, "unknown on"),
    ]
    known = ", ".join(f"{text} {counted(calls, 'call')}" for calls, text in parts if calls)
    return [f"Cost: {known or 'none'}"] + [_unpriced_line(entry) for entry in report.unpriced]


def _unpriced_line(entry: UnpricedModel) -> str:
    name = f"{entry.provider or '(no provider)'} {entry.model or '(no model)'}"
    gap = f" for {entry.gap}" if entry.gap else ""
    rest = ", the rest is priced" if entry.is_partial else ""
    return f"  no price{gap}: {name}, {counted(entry.calls, 'call')}{rest}"


def _word_lines(report: ImportReport) -> list[str]:
    said = [
        (report.cost_words, "no amount in the cell of cost, so that it reports no cost"),
        (report.status_words, "a status that means neither error nor success here, kept as it is"),
    ]
    return [
        f"  {counted(sum(words.values()), 'call')}: {what} ({', '.join(list(words)[:WORDS_NAMED])})"
        for words, what in said
        if words
    ]


def _note_lines(report: ImportReport, fields_named: int | None = None) -> list[str]:
    lines = zone_lines(report.timezone, report.unzoned) + currency_lines(report.converted)
    return lines + unused_lines(report.unused, fields_named)


def _guess_line(entry: Semantics) -> str:
    """What decided where nothing in the file did, and the flag that decides otherwise."""
    stake = "an unknown amount" if entry.at_stake_usd is None else f"${entry.at_stake_usd:f}"
    inside = "inside" if entry.cached_inside else "outside"
    name = f"{entry.provider or '(no provider)'} {entry.model or '(no model)'}"
    return (
        f"  cached tokens of {name} are taken to be {inside} its input, which the counts do not tell ({stake} is at "
        "stake); say it with --cached-tokens inside or outside, or name the field of the others with "
        "--map uncached_input_tokens=FIELD"
    )


def _unsaid_line(entry: Semantics) -> str:
    """Tokens that only the totals of calls hold, and what was made of them."""
    name = f"{entry.provider or '(no provider)'} {entry.model or '(no model)'}"
    usd = "an unknown amount" if entry.unsaid_usd is None else f"${entry.unsaid_usd:f}"
    what = (
        f"read as thinking, which is billed as output ({usd})"
        if entry.unsaid_is_thinking
        else f"and are in no count and no cost; as output they would cost {usd}"
    )
    return (
        f"  {counted(entry.unsaid_tokens, 'token')} of {counted(entry.unsaid_calls, 'call')} of {name} "
        f"stand in the total alone: {what}"
    )


def _semantics_line(entry: Semantics) -> str:
    name = f"Tokens of {entry.provider or '(no provider)'} {entry.model or '(no model)'}"
    if not entry.cached_calls:
        return f"{name}: {entry.evidence}, on {counted(entry.reasoning_calls, 'call')}"
    stake = "unknown, no price" if entry.at_stake_usd is None else f"${entry.at_stake_usd:f}"
    inside = "inside" if entry.cached_inside else "outside"
    return (
        f"{name}: cached tokens {inside} input on {counted(entry.cached_calls, 'call')} ({entry.evidence}); "
        f"at stake {stake}"
    )
