"""The tables that a workbook has beside those of the reports: usage by day, key figures, recommendations."""

from collections.abc import Sequence
from decimal import Decimal

from calls.engine import Calls
from reporting.document import Column, Document, Row, Table, Unit, Value

USAGE = "Usage by day"
_USAGE_COLUMNS = (
    Column("day", "Day", unit=Unit.DATE), Column("provider", "Provider"), Column("model", "Model"),
    Column("calls", "Calls", unit=Unit.COUNT), Column("unknown", "Calls of unknown cost", unit=Unit.COUNT),
    Column("errors", "Errors", unit=Unit.COUNT), Column("input", "Input tokens", unit=Unit.TOKENS),
    Column("cached", "of these cached", unit=Unit.TOKENS), Column("written", "of these cache writes", unit=Unit.TOKENS),
    Column("output", "Output tokens", unit=Unit.TOKENS), Column("reasoning", "of these reasoning", unit=Unit.TOKENS),
    Column("cost", "Known cost", unit=Unit.USD),
)  # fmt: skip
_SUMS = """
    count(*) as calls, count(*) - count(cost_usd) as unknown_calls,
    sum(case when status = 'error' then 1 else 0 end) as errors, sum(input_tokens) as input_tokens,
    coalesce(sum(cached_input_tokens), 0) as cached, coalesce(sum(cache_write_tokens), 0) as written,
    sum(output_tokens) as output_tokens, coalesce(sum(reasoning_tokens), 0) as reasoning,
    coalesce(sum(cost_usd), 0) as cost_usd
"""
_DAY = 'coalesce(local_day, cast("timestamp" as date))'


def usage_table(calls: Calls) -> Table:
    """Calls, tokens and known cost by day of the reporting zone, provider and model, with their total."""
    rows = calls.sql(
        f"select {_DAY} as day, provider, model, {_SUMS} from calls group by {_DAY}, provider, model "
        "order by day, provider, model"
    )
    (total,) = calls.sql(f"select {_SUMS} from calls")
    return Table(
        id="usage-by-day",
        title=USAGE,
        columns=_USAGE_COLUMNS,
        rows=tuple(Row(tuple(row)) for row in rows),
        total=Row(("Total", "", "", *total)),
        note=f"Days of {calls.source.filters.timezone}.",
    )


def key_figures(documents: Sequence[Document]) -> Table:
    """The headline figures of all reports."""
    columns = (Column("report", "Report"), Column("figure", "Figure"), Column("value", "Value", unit=Unit.RATIO),
               Column("note", "Note"))  # fmt: skip
    rows = tuple(
        Row((document.title, card.label, card.value, card.note))
        for document in documents
        for card in document.cards
    )
    return Table(id="key-figures", title="Key figures", columns=columns, rows=rows)


def recommendations(documents: Sequence[Document]) -> Table:
    """What all reports recommend, most expensive first. They may overlap, so that there is no total."""
    columns = (
        Column("report", "Report"), Column("action", "What to do"), Column("subject", "For"),
        Column("usd", "USD per month", unit=Unit.USD), Column("kind", "Kind"), Column("confidence", "Confidence"),
        Column("why", "Why"), Column("rows", "Rests on"),
    )  # fmt: skip
    entries = [(document, entry) for document in documents for entry in document.recommendations]
    entries.sort(key=lambda pair: Decimal(pair[1].usd_month), reverse=True)
    rows = tuple(
        Row((document.title, entry.action, entry.subject, Value(entry.usd_month, Unit.USD),
             "earned or saved" if entry.saves else "at stake", entry.confidence.value, entry.why, entry.rows))
        for document, entry in entries
    )  # fmt: skip
    return Table(id="recommendations", title="Recommendations", columns=columns, rows=rows)
