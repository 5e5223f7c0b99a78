"""Gemini CLI: its chats (~/.gemini/tmp/*/chats/session-*.json, newer ones .jsonl).

A message is written again as it fills, and once more in checkpoints: the last one counts. Messages that were rewound
were paid. The prompts of tools stand beside the input, and thoughts beside the output.
"""

from typing import Any

from foundation.sql_text import literal
from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.fields import ColumnFields, Record
from interchange.importers.nested_rows import each, struct, texts

_TOKENS = struct(**texts("input", "output", "cached", "thoughts", "tool", "total"))
_MESSAGE = {**texts("id", "timestamp", "type", "model"), "tokens": _TOKENS}
_MESSAGES = struct(**_MESSAGE) + "[]"
SHAPES = {
    **texts("sessionId", "projectHash", "kind"), **_MESSAGE, "messages": _MESSAGES, "$set": struct(messages=_MESSAGES),
}  # fmt: skip
COLUMNS = (
    "session",
    "project",
    "id",
    "timestamp",
    "type",
    "model",
    *("input", "output", "cached", "thoughts", "tool", "total"),
)
_ALONE = f"[struct_pack({', '.join(f'{name} := {name}' for name in _MESSAGE)})]"
RELATION = f"""(
    select line, broken, session as f0, project as f1, message.id as f2, message.timestamp as f3, message.type as f4,
        message.model as f5,
        {", ".join(f"message.tokens.{name} as f{place}" for place, name in enumerate(COLUMNS[6:], 6))}
    from (
        select line, broken, session, project, {each("messages", "_set.messages", _ALONE)} as message
        from (select *, max(sessionId) over () as session, max(projectHash) over () as project from {{records}})
    )
)"""


def recognise(sample: Sample) -> bool:
    """Whether records are a chat, or its lines."""
    return any({"sessionId", "projectHash"} <= record.keys() or _is_answer(record) for record in sample)


def _is_answer(record: dict[str, Any]) -> bool:
    return record.get("type") == "gemini" and {"id", "timestamp", "tokens"} <= record.keys()


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a message."""
    text = fields.text
    call = f"concat_ws('/', {text('session')}, {text('id')})"
    return FieldMapping(
        timestamp=text("timestamp"),
        call_id=f"case when {text('id')} is not null then {call} end",
        provider="'google'",
        model=text("model"),
        input=f"cast(count_of({text('input')}) + coalesce(count_of({text('tool')}), 0) as varchar)",
        output=text("output"),
        cached=text("cached"),
        reasoning=text("thoughts"),
        total=text("total"),
        reasoning_convention="'exclusive'",
        product_id=text("project"),
        session_id=text("session"),
        trace_id=text("session"),
        agent_name="'gemini-cli'",
        user_agent="'gemini-cli'",
        status="'success'",
        skip=f"case when {text('type')} is distinct from {literal('gemini')} then 'not_a_call' end",
    )


FORMATS = (
    Format(
        "gemini-chats",
        "Gemini CLI chats",
        recognise,
        field_mapping,
        shapes=SHAPES,
        relation=RELATION,
        fields=lambda: ColumnFields(COLUMNS),
        of_agent=True,
        calls_are="a message of the model with tokens",
        precedence=66,
        remark="Gemini CLI's chats say nothing of free quotas: costs are list prices",
    ),
)
