"""opencode (and Kilo): its messages (~/.local/share/opencode/storage/message/**/msg_*.json), also as lines.

The five counts do not overlap. A cost of zero beside tokens may be a subscription: it is no known cost.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import folder_name
from interchange.importers.fields import Record


def recognise(sample: Sample) -> bool:
    """Whether records are messages."""
    return any(
        {"sessionID", "role", "time"} <= record.keys() and {"modelID", "model"} & record.keys()
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a message; what a person wrote is no call."""
    text = fields.text
    return FieldMapping(
        timestamp=text("time", "created"),
        ended=text("time", "completed"),
        call_id=text("id"),
        request_id=text("id"),
        provider=text("providerID"),
        model=text("modelID"),
        input=text("tokens", "input"),
        output=text("tokens", "output"),
        cached=text("tokens", "cache", "read"),
        write=text("tokens", "cache", "write"),
        reasoning=text("tokens", "reasoning"),
        convention="'exclusive'",
        reasoning_convention="'exclusive'",
        cost=f"case when money_of({text('cost')}) <> 0 then {text('cost')} end",
        product_id=folder_name(f"coalesce({text('path', 'root')}, {text('path', 'cwd')})"),
        agent_name=f"coalesce({text('agent')}, {text('mode')})",
        session_id=text("sessionID"),
        trace_id=text("sessionID"),
        user_agent="'opencode'",
        status=f"case when {text('error')} is not null then 'error' else 'success' end",
        skip=f"case when {text('role')} is distinct from 'assistant' then 'not_a_call' end",
    )


FORMATS = (
    Format(
        "opencode",
        "opencode messages",
        recognise,
        field_mapping,
        calls_are="a message of the assistant",
        precedence=67,
    ),
)
