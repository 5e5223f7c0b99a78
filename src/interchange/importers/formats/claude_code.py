"""Claude Code: the lines of its session logs (~/.claude/projects/**/*.jsonl).

Each line of an answer repeats the usage so far, under one id: the final one counts, else the one that says most. The
counts are those of Anthropic's API, whose input excludes what was read from and written to a cache. The folder of a
project is its product, and the branch its feature.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of, folder_name
from interchange.importers.fields import Record
from interchange.importers.formats._anthropic_usage import usage_columns


def recognise(sample: Sample) -> bool:
    """Whether lines belong to a session."""
    return any({"sessionId", "uuid", "type", "message"} <= record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of an answer; what people and tools said is no call."""
    text = fields.text

    def used(*keys: str) -> str:
        return text("message", "usage", *keys)

    failed = f"coalesce({text('isApiErrorMessage')}, '') = 'true'"
    call = first_of(text("requestId"), text("message", "id"), text("uuid"))
    return FieldMapping(
        timestamp=text("timestamp"),
        call_id=call,
        request_id=first_of(text("message", "id"), text("requestId")),
        provider="'anthropic'",
        model=f"nullif({text('message', 'model')}, '<synthetic>')",
        **usage_columns(used),
        cost=text("costUSD"),
        product_id=folder_name(text("cwd")),
        feature_id=text("gitBranch"),
        session_id=text("sessionId"),
        run_id=text("agentId"),
        agent_name="'claude-code'",
        agent_version=text("version"),
        user_agent=f"'claude-code/' || {text('version')}",
        # An answer that is still being written has no reason why it stopped.
        status=f"case when {failed} then 'error' when {text('message', 'stop_reason')} is not null then 'success' end",
        answer=text("message", "id"),
        skip=f"case when {text('type')} is distinct from 'assistant' then 'not_a_call' "
        f"when {text('message', 'model')} = '<synthetic>' and not {failed} then 'not_a_call' end",
    )


FORMATS = (
    Format(
        "claude-code",
        "Claude Code sessions",
        recognise,
        field_mapping,
        of_agent=True,
        precedence=70,
        calls_are="an answer of the assistant with its usage",
    ),
)
