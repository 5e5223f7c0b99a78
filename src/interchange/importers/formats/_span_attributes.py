"""What the attributes of a span say of a call: the names of all conventions, newer ones first.

OpenTelemetry renamed its attributes several times; OpenInference, OpenLLMetry, the AI SDK and others have names of
their own. Attributes with prompts and completions are never copied.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from foundation.sql_text import literal
from interchange.importers.field_mapping import FieldMapping
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Fields

WRAPPERS = (
    "invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval", "invoke_tool", "memory", "plan",
    "handoff", "guardrail", "evaluate", "search_memory", "update_memory", "create_memory", "delete_memory",
)  # fmt: skip
"""Operations that are no calls, whatever they count."""
TOLD_BY_LOGS = "llm_call"
"""The operation of a span of Gemini CLI, which leaves thoughts out: its log records tell all."""
CALL_OPERATIONS = ("chat", "text_completion", "completion", "generate_content", "embeddings", "embedding")
"""Operations that are calls even where no model is named."""
CALL_KINDS = ("LLM", "EMBEDDING")
FRAMEWORKS = (
    "langchain", "langgraph", "llama_index", "llamaindex", "crewai", "autogen", "haystack", "dspy", "agno",
    "smolagents", "unknown", "none", "null",
)  # fmt: skip
"""Names that instrumentations give as the provider, but that are frameworks."""
MODELS = (
    "gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "llm.response.model", "llm.request.model",
    "ai.response.model", "ai.model.id", "embedding.model_name",
)  # fmt: skip
ASSOCIATION = "traceloop.association.properties."
COUNTS = {
    "input": (
        "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
        "llm.usage.prompt_tokens", "ai.usage.inputTokens", "ai.usage.promptTokens",
    ),
    "output": (
        "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
        "llm.usage.completion_tokens", "ai.usage.outputTokens", "ai.usage.completionTokens",
    ),
    "cached": (
        "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.details.cache_read_tokens", "gen_ai.usage.details.cached_tokens",
        "gen_ai.usage.cached_input_tokens", "llm.token_count.prompt_details.cache_read",
        "llm.usage.cache_read_input_tokens", "ai.usage.cachedInputTokens",
    ),
    "write": (
        "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.details.cache_write_tokens",
        "llm.token_count.prompt_details.cache_write", "llm.usage.cache_creation_input_tokens",
    ),
    "reasoning": (
        "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.details.reasoning_tokens", "llm.token_count.completion_details.reasoning",
        "ai.usage.reasoningTokens",
    ),
    "input_audio_tokens": (
        "gen_ai.usage.audio.input_tokens", "gen_ai.usage.details.input_audio_tokens",
        "llm.token_count.prompt_details.audio",
    ),
    "output_audio_tokens": (
        "gen_ai.usage.audio.output_tokens", "gen_ai.usage.details.output_audio_tokens",
        "llm.token_count.completion_details.audio",
    ),
    "input_image_tokens": ("gen_ai.usage.image.input_tokens", "gen_ai.usage.details.input_image_tokens"),
    "output_image_tokens": ("gen_ai.usage.image.output_tokens", "gen_ai.usage.details.output_image_tokens"),
    "input_video_tokens": ("gen_ai.usage.video.input_tokens", "gen_ai.usage.details.input_video_tokens"),
    "output_video_tokens": ("gen_ai.usage.video.output_tokens", "gen_ai.usage.details.output_video_tokens"),
    "write_1h": (
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
        "gen_ai.usage.details.ephemeral_1h_input_tokens",
    ),
    "cached_input_audio_tokens": ("gen_ai.usage.audio.cache_read.input_tokens",),
    "cached_input_image_tokens": ("gen_ai.usage.image.cache_read.input_tokens",),
    "total": ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total"),
}  # fmt: skip
SPECIAL = tuple(name for name in COUNTS if name.endswith("_tokens") or name == "write_1h")
"""Counts that few spans have: they are looked for where one look finds that there is any."""
TERMS = {
    "service_tier": (
        "openai.response.service_tier", "gen_ai.openai.response.service_tier", "gen_ai.response.service_tier",
        "anthropic.response.service_tier",
        "openai.request.service_tier", "gen_ai.openai.request.service_tier",
    ),
    "customer_id": (
        "user.id", "enduser.id", "customer.id", "customer_id", ASSOCIATION + "customer_id", ASSOCIATION + "user_id",
        "mlflow.trace.user",
    ),
    "subscription_tier": ("subscription_tier", "customer.tier", ASSOCIATION + "subscription_tier"),
    "organization_id": (
        "organization.id", "organization_id", "tenant.id", ASSOCIATION + "organization_id", "enduser.scope",
    ),
    "product_id": ("product.id", "product_id", "service.name"),
    "feature_id": ("feature.id", "feature_id", ASSOCIATION + "feature", "gen_ai.agent.name"),
    "task_type": ("task_type", "gen_ai.operation.name", "llm.request.type", "openinference.span.kind"),
    "environment": ("deployment.environment.name", "deployment.environment"),
    "session_id": ("gen_ai.conversation.id", "session.id", ASSOCIATION + "session_id", "mlflow.trace.session"),
    "user_agent": ("user_agent.original", "http.user_agent"),
    "region": ("cloud.region", "aws.region"),
    "run_id": ("gen_ai.workflow.run.id", "run.id", "run_id", ASSOCIATION + "run_id"),
    "agent_name": ("gen_ai.agent.name", "agent.name", "agent_name", ASSOCIATION + "agent_name"),
    "agent_version": ("gen_ai.agent.version", "agent.version"),
    "workflow": ("gen_ai.workflow.name", "traceloop.workflow.name", "workflow.name", ASSOCIATION + "workflow"),
    "retry_number": ("http.request.resend_count",),
}  # fmt: skip
TOTAL_COSTS = (
    "gen_ai.usage.cost", "gen_ai.usage.total_cost", "gen_ai.cost.total_cost", "gen_ai.cost.total", "llm.cost.total",
    "llm.usage.cost", "llm.usage.total_cost", "operation.cost", "litellm.cost.total", "litellm.response_cost",
)  # fmt: skip
PARTIAL_COSTS = (
    ("gen_ai.usage.input_cost", "gen_ai.usage.output_cost"),
    ("gen_ai.cost.input_cost", "gen_ai.cost.output_cost"),
    ("gen_ai.cost.input", "gen_ai.cost.output"),
    ("litellm.cost.input", "litellm.cost.output"),
    ("llm.cost.prompt", "llm.cost.completion"),
)
"""Costs in parts, which are all of the cost where no total stands beside them."""


class Attributes(Protocol):
    """Attributes by name, as SQL expressions."""

    def first(self, *names: str) -> str:
        """The first of these attributes that has a value."""

    def has_any(self, *names: str) -> str:
        """Whether one of these attributes is there; it may say so where none is."""

    def within(self, *keys: str) -> Fields:
        """The object that an attribute holds as JSON text."""

    def named(self, sql: str) -> str:
        """A name for what an expression makes."""


class SpanColumns(NamedTuple):
    """SQL for what a span has beside its attributes; ids are hexadecimal, a duration is in milliseconds."""

    span_id: str = "hex_id(span_id)"
    parent_id: str = "hex_id(parent_id)"
    trace_id: str = "hex_id(trace_id)"
    started_at: str = "started_at"
    ended_at: str = "ended_at"
    duration_ms: str = "cast(try_cast(duration_us as double) / 1000 as varchar)"
    status: str = "status_code"


SPAN_COLUMNS = SpanColumns()


def field_mapping(attributes: Attributes, columns: SpanColumns = SPAN_COLUMNS) -> FieldMapping:
    """The mapping of a span."""
    first = attributes.first
    special = attributes.named(attributes.has_any(*(each for name in SPECIAL for each in COUNTS[name])))
    counts = {
        name: f"case when {special} then {first(*names)} end" if name in SPECIAL else first(*names)
        for name, names in COUNTS.items()
    }
    failed = _failed(attributes, columns)
    first_token = first("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token")
    answer = first("gen_ai.response.id", "ai.response.id", "llm.response.id")
    model = attributes.named(_model(attributes))
    used = attributes.named(f"({counts['input']} is not null or {counts['output']} is not null)")
    return FieldMapping(
        timestamp=columns.started_at,
        ended=columns.ended_at,
        latency_ms=columns.duration_ms,
        call_id=columns.span_id,
        request_id=answer,
        provider=_provider(attributes),
        model=model,
        **counts,
        convention="'assumed'",
        reasoning_convention="'assumed'",
        cost=_cost(attributes),
        **{name: first(*names) for name, names in TERMS.items()},
        trace_id=columns.trace_id,
        status=f"case when {failed} then 'error' else 'success' end",
        time_to_first_token_ms=f"cast(try_cast({first_token} as double) * 1000 as varchar)",
        skip=_skip(attributes, columns, model, used, failed),
        span=columns.span_id,
        parent_id=columns.parent_id,
        answer=answer,
    )


def _model(attributes: Attributes) -> str:
    """SQL for the model; where instrumentations do not know it, what the framework around them says."""
    said = [f"real_model({attributes.first(name)})" for name in MODELS]
    beside = attributes.within("metadata").text("ls_model_name")
    return first_of(*said, attributes.first(ASSOCIATION + "ls_model_name"), beside)


def _provider(attributes: Attributes) -> str:
    """SQL for the provider; the name of a framework is none."""
    names = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider")
    said = [
        f"case when lower({attributes.first(name)}) not in ({_list(FRAMEWORKS)}) then {attributes.first(name)} end"
        for name in names
    ]
    beside = attributes.within("metadata").text("ls_provider")
    return first_of(*said, attributes.first(ASSOCIATION + "ls_provider"), beside)


def _cost(attributes: Attributes) -> str:
    """SQL for the cost: a total, else the sum of its parts."""
    first = attributes.first
    parts = [
        f"cast(money_of({first(one)}) + coalesce(money_of({first(other)}), 0) as varchar)"
        for one, other in PARTIAL_COSTS
    ]
    return first_of(first(*TOTAL_COSTS), *parts)


def _failed(attributes: Attributes, columns: SpanColumns) -> str:
    code = f"coalesce(upper({columns.status}), '')"
    return attributes.named(
        f"coalesce({code} in ('2', 'ERROR', 'STATUS_CODE_ERROR') or {attributes.first('error.type')} is not null "
        f"or lower({attributes.first('error')}) = 'true' "
        f"or upper({attributes.first('otel.status_code')}) = 'ERROR', false)"
    )


def _skip(attributes: Attributes, columns: SpanColumns, model: str, used: str, failed: str) -> str:
    """Agents, tools and retrieval are no calls, even with usage; any other operation with a model and usage is one."""
    first = attributes.first
    operation = f"lower({first('gen_ai.operation.name')})"
    kind = f"upper({first('openinference.span.kind')})"
    named = attributes.named(
        f"coalesce({operation} in ({_list(CALL_OPERATIONS)}) or {kind} in ({_list(CALL_KINDS)}) "
        f"or {first('llm.request.type')} is not null, false)"
    )
    maybe = f"({operation} is not null and {model} is not null)"
    return (
        f"case when {columns.span_id} is null then 'not_a_call' "
        f"when {operation} = '{TOLD_BY_LOGS}' then 'told_by_logs' "
        f"when {operation} in ({_list(WRAPPERS)}) or {kind} not in ({_list(CALL_KINDS)}) then 'not_a_call' "
        f"when {used} and ({named} or {operation} is null or {model} is not null) then null "
        f"when {named} or {maybe} then case when {failed} then null else 'no_usage' end "
        "else 'not_a_call' end"
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(literal(name) for name in names)
