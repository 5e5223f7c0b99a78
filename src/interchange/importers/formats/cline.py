"""Cline, Roo Code and older Kilo: the messages of a task (tasks/*/ui_messages.json), whose requests are JSON text.

The input leaves the cache out, unless the protocol is OpenAI's. Requests that were deleted stand as one sum, which was
paid.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record

REQUESTS = "('api_req_started', 'deleted_api_reqs')"


def recognise(sample: Sample) -> bool:
    """Whether records are messages of a task."""
    return any({"ts", "type"} <= record.keys() and {"say", "ask"} & record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a message."""
    text = fields.text
    said = fields.derived(f"case when {text('say')} in {REQUESTS} then {text('text')} end")
    tokens = (
        f"coalesce(count_of({said.text('tokensIn')}), 0) + coalesce(count_of({said.text('tokensOut')}), 0)"
    )
    free = f"coalesce(money_of({said.text('cost')}) = 0, false) and {tokens} > 0"
    failed = f"{said.text('streamingFailedMessage')} is not null or {said.text('cancelReason')} is not null"
    return FieldMapping(
        timestamp=text("ts"),
        provider=first_of(text("modelInfo", "providerId"), said.text("apiProvider")),
        model=first_of(text("modelInfo", "modelId"), said.text("model"), said.text("modelId")),
        input=said.text("tokensIn"),
        output=said.text("tokensOut"),
        cached=said.text("cacheReads"),
        write=said.text("cacheWrites"),
        convention=f"case when {said.text('apiProtocol')} = 'openai' then 'inclusive' else 'exclusive' end",
        reasoning_convention="'assumed'",
        cost=f"case when {free} then null else {said.text('cost')} end",
        task_type=first_of(text("modelInfo", "mode"), text("say")),
        user_agent="'cline'",
        status=f"case when {failed} then 'error' else 'success' end",
        skip=f"case when {text('say')} not in {REQUESTS} or {text('say')} is null then 'not_a_call' end",
    )


FORMATS = (
    Format(
        "cline",
        "Cline tasks",
        recognise,
        field_mapping,
        calls_are="a message api_req_started with tokens",
        precedence=68,
        remark="requests that Cline deleted from a task count as one call, with their sums",
    ),
)
