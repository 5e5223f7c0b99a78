"""The table of what became of the chances of a loss that would have been said a month ago."""

from analyzers.profitability.replay import ChanceBand
from analyzers.profitability.result import Profitability
from analyzers.usage.tables import known_or
from analyzers.words.figures import percent
from reporting.document import Cell, Table, Unit
from reporting.filled_tables import Fields, field, filled_table, summed


def replay_tables(result: Profitability) -> tuple[Table, ...]:
    """What became of the chances of a loss of a month ago, where the file is long enough."""
    if result.replay is None:
        return ()
    fields: Fields[ChanceBand] = (
        field("chance", "Chance of a loss that was said", lambda each: f"up to {percent(each.upto)}"),
        summed("customers", "Customers", lambda each: each.customers, Unit.COUNT),
        field("said", "Mean chance", lambda each: _or_nobody(each.mean_chance), Unit.SHARE),
        summed("lost", "Lost money", lambda each: each.losses, Unit.COUNT),
        field("came", "Share that did", lambda each: _or_nobody(each.lost_share), Unit.SHARE),
    )
    return (
        filled_table(
            "replay-table",
            "Chances of a loss, a month ago, and what came",
            result.replay.bands,
            fields,
            key=lambda each: percent(each.upto),
            note="The last 30 days, foreseen from the days before, at the prices of today.",
            method="outlook",
        ),
    )


def _or_nobody(share: float | None) -> Cell:
    return known_or(share, Unit.SHARE, "no such customer")
