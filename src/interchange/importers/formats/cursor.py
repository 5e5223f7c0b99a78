"""Cursor: the CSV of usage events (Date, Kind, Model, ...), in the column sets of its versions.

Input without a cache, tokens written to it and tokens read from it are counts of their own. A cost in words (Included)
is no known cost; what was not charged costs nothing. The newest cost column is the bill.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record


def recognise(sample: Sample) -> bool:
    """Whether rows are usage events."""
    return any(
        {"Date", "Model"} <= record.keys()
        and ({"Cache Read"} & record.keys() or {"Kind", "Tokens"} <= record.keys())
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of all column sets."""
    text = fields.text
    kind = f"coalesce({text('Kind')}, '')"
    refused = f"({kind} like 'Errored%' or {kind} like 'Aborted%')"
    free = f"({kind} ilike '%not charged%' or {kind} ilike '%no charge%' or {kind} = 'Free')"
    cost = first_of(text("Cost to you"), text("Cost"), text("Cost ($)"))
    split = first_of(text("Cache Read"), text("Input (w/o Cache Write)"))
    amount = f"money_of(without_mark({cost}))"
    return FieldMapping(
        timestamp=text("Date"),
        model=text("Model"),
        input=text("Input (w/o Cache Write)"),
        output=first_of(text("Output Tokens"), text("Output")),
        cached=text("Cache Read"),
        write=text("Input (w/ Cache Write)"),
        total=first_of(text("Total Tokens"), text("Tokens")),
        convention="'exclusive'",
        cost=f"case when {free} then '0' else {cost} end",
        session_id=text("Cloud Agent ID"),
        run_id=text("Cloud Agent ID"),
        workflow=text("Automation ID"),
        task_type=text("Kind"),
        user_agent="'cursor'",
        status=f"case when {refused} then 'error' else 'success' end",
        skip=f"case when {split} is null and {amount} is null and not {free} then 'total_only' end",
    )


FORMATS = (
    Format(
        "cursor",
        "Cursor usage events",
        recognise,
        field_mapping,
        precedence=45,
        remark="Cursor's amounts beside Included are what the plan covers, not a bill",
    ),
)
