"""The events by which coding agents report a call to OpenTelemetry: Claude Code, Gemini CLI, Codex CLI.

An event is written when its call ends. Each agent counts in its own way: Claude Code has four counts that do not
overlap, Gemini CLI leaves the prompts of tools out of the input and thoughts out of the output, and Codex CLI counts
both inside. Prompts and answers, which other events hold, are never copied.
"""

from typing import NamedTuple

from interchange.importers.field_mapping import FieldMapping
from interchange.importers.field_sql import first_of
from interchange.importers.formats._span_attributes import Attributes
from interchange.importers.fullness import EVENT

CODEX = "codex.sse_event"
INFERENCE = "gen_ai.client.inference.operation.details"
"""What the specification of OpenTelemetry calls the event of any call; Gemini CLI writes it beside its own."""


class LogColumns(NamedTuple):
    """SQL for what a log record has beside its attributes."""

    trace_id: str = "trace_id"
    span_id: str = "span_id"
    recorded_at: str = "recorded_at"
    event_name: str = "event_name"
    body: str = "body"


LOG_COLUMNS = LogColumns()


class _Events:
    """Of whose call a record tells, as SQL for a condition each."""

    def __init__(self, fields: Attributes, columns: LogColumns) -> None:
        first, body = fields.first, columns.body
        named = first_of(first("event.name"), columns.event_name, body)
        event = fields.named(f"case when {body} like 'claude_code.%' then {body} else {named} end")
        service = f"coalesce({first('service.name')}, '')"
        self.claude = fields.named(
            f"{event} in ('claude_code.api_request', 'claude_code.api_error') "
            f"or ({event} in ('api_request', 'api_error') and {service} like 'claude%')"
        )
        self.gemini = fields.named(f"{event} in ('gemini_cli.api_response', 'gemini_cli.api_error')")
        self.codex = fields.named(f"{event} = '{CODEX}' and {first('event.kind')} = 'response.completed'")
        self.inference = fields.named(
            f"{event} = '{INFERENCE}' and {service} not like 'gemini%' and {first('installation.id')} is null"
        )
        self.failed = (
            f"({event} like '%api_error' or {first('error.type')} is not null "
            f"or ({self.codex} and {first('error.message')} is not null))"
        )


def field_mapping(fields: Attributes, columns: LogColumns = LOG_COLUMNS) -> FieldMapping:
    """The mapping of a log record."""
    first, events = fields.first, _Events(fields, columns)
    claude, gemini, codex, inference = events.claude, events.gemini, events.codex, events.inference
    ended = fields.named(first_of(first("event.timestamp"), columns.recorded_at))
    took = f"to_milliseconds(coalesce(milliseconds_of({first('duration_ms')}), 0))"
    session = first("session.id", "conversation.id", "gen_ai.conversation.id")
    answer = f"case when {inference} then {first('gen_ai.response.id')} end"
    # The event of a call stands within the span of that call, if it has one.
    span = f"case when {inference} then hex_id({columns.span_id}) end"
    # Times of events may have whole seconds only.
    moment = first_of(columns.recorded_at, first("event.timestamp"))
    parts = f"{first('prompt_id', 'prompt.id')}, {moment}, {first('event.sequence')}"
    made = f"concat(coalesce({session}, ''), '{EVENT}', concat_ws('/', {parts}))"
    micros = f"try_cast({first('cost_usd_micros')} as decimal(38, 9))"
    version = first("app.version", "service.version")
    return FieldMapping(
        timestamp=f"cast(instant({ended}) - {took} as varchar)",
        latency_ms=first("duration_ms"),
        call_id=first_of(first("request_id"), span, answer, f"case when {ended} is not null then {made} end"),
        request_id=answer,
        answer=answer,
        provider=f"case when {claude} then 'anthropic' when {gemini} then 'google' when {codex} then 'openai' "
        f"else {first('gen_ai.provider.name', 'gen_ai.system')} end",
        model=first("gen_ai.response.model", "model", "slug", "gen_ai.request.model"),
        input=_sum(
            first("input_tokens", "input_token_count", "gen_ai.usage.input_tokens"),
            f"case when {gemini} then {first('tool_token_count')} end",
        ),
        output=first("output_tokens", "output_token_count", "gen_ai.usage.output_tokens"),
        cached=first(
            "cache_read_tokens", "cached_content_token_count", "cached_token_count",
            "gen_ai.usage.cache_read.input_tokens",
        ),
        write=first("cache_creation_tokens", "gen_ai.usage.cache_creation.input_tokens"),
        reasoning=first(
            "thoughts_token_count", "reasoning_token_count", "gen_ai.usage.reasoning.output_tokens"
        ),
        total=first("total_token_count"),
        convention=f"case when {claude} then 'exclusive' when {gemini} or {codex} then 'inclusive' else 'assumed' end",
        reasoning_convention=f"case when {gemini} then 'exclusive' when {inference} then 'assumed' "
        "else 'inclusive' end",
        cost=first_of(first("cost_usd"), f"cast({micros} * 0.000001 as varchar)"),
        speed=f"nullif({first('speed')}, 'normal')",
        customer_id=first("customer.id", "user.account_uuid", "user.account_id", "enduser.id"),
        organization_id=first("organization.id", "tenant.id"),
        product_id=first("product.id", "project.name", "service.name"),
        feature_id=first("feature.id", "git.branch", "vcs.ref.head.name"),
        task_type=first("query_source", "role", "gen_ai.operation.name", "agent.name", "skill.name"),
        environment=first("deployment.environment.name", "deployment.environment"),
        trace_id=f"hex_id({columns.trace_id})",
        session_id=session,
        run_id=first("prompt.id", "prompt_id"),
        agent_name=first("agent.name", "gen_ai.agent.name", "subagent_name"),
        agent_version=version,
        workflow=first("skill.name", "gen_ai.workflow.name"),
        user_agent=f"{first('service.name', 'originator')} || coalesce('/' || {version}, '')",
        status=f"case when {events.failed} then 'error' else 'success' end",
        region=first("cloud.region"),
        span=span,
        skip=f"case when not coalesce({claude} or {gemini} or {codex} or {inference}, false) then 'not_a_call' end",
    )  # fmt: skip


def _sum(count: str, more: str) -> str:
    """SQL for two counts together, where there is a second."""
    return f"case when count_of({more}) > 0 then cast(count_of({count}) + count_of({more}) as varchar) else {count} end"
