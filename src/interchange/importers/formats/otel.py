"""OpenTelemetry GenAI spans: OTLP JSON (files of exporters and the Collector, Tempo), Jaeger, SDK console.

Attribute names changed over the years; the newer one goes first. Frameworks and clients both measure a call,
so spans are counted once: children before parents, and one span of each provider's answer. Attributes with
prompts and completions are never copied.
"""

from collections.abc import Sequence

from calls.sql_text import literal
from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.fields import FieldSet, JsonFields, Record, looked_up
from interchange.importers.formats import _span_shapes as span_shapes

CALL_OPERATIONS = ("chat", "text_completion", "completion", "generate_content", "embeddings", "embedding")
CALL_KINDS = ("LLM", "EMBEDDING")


OWN = ("gen_ai.", "llm.", "ai.")
"""What a span says of itself; other attributes may be said once for all spans of a resource."""


class SpanFields(FieldSet):
    """Attributes of a span, then of its resource, where they are looked up once for all spans of it."""

    def __init__(self) -> None:
        super().__init__("s")
        self._lookups: list[str] = []

    def text(self, *keys: str) -> str:
        """The attribute whose name is the keys joined by dots."""
        return self.first(".".join(keys))

    def first(self, *names: str) -> str:
        """The first of some attributes that is there."""
        own = looked_up("span_names", "span_values", names)
        others = [name for name in names if not name.startswith(OWN)]
        return f"coalesce({own}, {self._of_resource(others)})" if others else own

    def within(self, *keys: str) -> JsonFields:
        """The object that an attribute of the span holds as JSON text."""
        return self.derived(self.text(*keys))

    def shared(self) -> str:
        """SQL for a struct of what was asked of the resource."""
        return f"struct_pack({', '.join(f's{place} := {sql}' for place, sql in enumerate(self._lookups))})"

    def _of_resource(self, names: Sequence[str]) -> str:
        sql = looked_up("resource_names", "resource_values", names)
        if sql not in self._lookups:
            self._lookups.append(sql)
        return f"shared.s{self._lookups.index(sql)}"


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a span, in order of preference."""
    first = fields.first
    inputs = first(
        "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
        "llm.usage.prompt_tokens", "ai.usage.inputTokens", "ai.usage.promptTokens",
    )  # fmt: skip
    output = first(
        "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
        "llm.usage.completion_tokens", "ai.usage.outputTokens", "ai.usage.completionTokens",
    )  # fmt: skip
    failed, first_token = _failed(fields), first("gen_ai.server.time_to_first_token")
    answer = first("gen_ai.response.id", "ai.response.id", "llm.response.id")
    association = "traceloop.association.properties."
    return FieldMapping(
        timestamp="started_at",
        ended="ended_at",
        latency_ms="cast(try_cast(duration_us as double) / 1000 as varchar)",
        call_id="hex_id(span_id)",
        request_id=answer,
        provider=first("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider"),
        model=first(
            "gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "llm.response.model",
            "llm.request.model", "ai.response.model", "ai.model.id", "embedding.model_name",
        ),
        input=inputs,
        output=output,
        cached=first(
            "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.details.cache_read_tokens", "gen_ai.usage.details.cached_tokens",
            "gen_ai.usage.cached_input_tokens", "llm.token_count.prompt_details.cache_read",
            "llm.usage.cache_read_input_tokens", "ai.usage.cachedInputTokens",
        ),
        write=first(
            "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.details.cache_write_tokens",
            "llm.token_count.prompt_details.cache_write", "llm.usage.cache_creation_input_tokens",
        ),
        reasoning=first(
            "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens", "llm.token_count.completion_details.reasoning",
            "ai.usage.reasoningTokens",
        ),
        input_audio_tokens=first(
            "gen_ai.usage.audio.input_tokens", "gen_ai.usage.details.input_audio_tokens",
            "llm.token_count.prompt_details.audio",
        ),
        output_audio_tokens=first(
            "gen_ai.usage.audio.output_tokens", "gen_ai.usage.details.output_audio_tokens",
            "llm.token_count.completion_details.audio",
        ),
        input_image_tokens=first("gen_ai.usage.image.input_tokens", "gen_ai.usage.details.input_image_tokens"),
        output_image_tokens=first("gen_ai.usage.image.output_tokens", "gen_ai.usage.details.output_image_tokens"),
        total=first("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total"),
        convention="'assumed'",
        reasoning_convention="'assumed'",
        service_tier=first(
            "openai.response.service_tier", "gen_ai.openai.response.service_tier", "gen_ai.response.service_tier",
            "openai.request.service_tier", "gen_ai.openai.request.service_tier",
        ),
        cost=first("gen_ai.usage.cost", "gen_ai.usage.total_cost", "llm.cost.total", "llm.usage.cost"),
        customer_id=first(
            "user.id", "enduser.id", "customer.id", "customer_id", association + "customer_id", association + "user_id"
        ),
        subscription_tier=first("subscription_tier", "customer.tier", association + "subscription_tier"),
        organization_id=first(
            "organization.id", "organization_id", "tenant.id", association + "organization_id", "enduser.scope"
        ),
        product_id=first("product.id", "product_id", "service.name"),
        feature_id=first("feature.id", "feature_id", association + "feature", "gen_ai.agent.name"),
        task_type=first("task_type", "gen_ai.operation.name", "llm.request.type", "openinference.span.kind"),
        environment=first("deployment.environment.name", "deployment.environment"),
        trace_id="hex_id(trace_id)",
        session_id=first("gen_ai.conversation.id", "session.id", association + "session_id"),
        user_agent=first("user_agent.original", "http.user_agent"),
        status=f"case when {failed} then 'error' else 'success' end",
        region=first("cloud.region", "aws.region"),
        time_to_first_token_ms=f"cast(try_cast({first_token} as double) * 1000 as varchar)",
        skip=_skip(fields, f"({inputs} is not null or {output} is not null)", failed),
        span="hex_id(span_id)",
        parent="hex_id(parent_id)",
        answer=answer,
    )  # fmt: skip


def _failed(fields: Record) -> str:
    code = "coalesce(upper(status_code), '')"
    return (
        f"({code} in ('2', 'ERROR', 'STATUS_CODE_ERROR') or {fields.text('error.type')} is not null "
        f"or lower({fields.text('error')}) = 'true' or upper({fields.text('otel.status_code')}) = 'ERROR')"
    )


def _skip(fields: Record, counted: str, failed: str) -> str:
    """Spans of agents, tools and retrieval are no calls, even with usage; without an operation, usage decides."""
    operation = f"lower({fields.text('gen_ai.operation.name')})"
    kind = f"upper({fields.text('openinference.span.kind')})"
    called = (
        f"({operation} in ({_list(CALL_OPERATIONS)}) or {kind} in ({_list(CALL_KINDS)}) "
        f"or {fields.text('llm.request.type')} is not null)"
    )
    return (
        f"case when span_id is null then 'not_a_call' when {operation} not in ({_list(CALL_OPERATIONS)}) "
        f"or {kind} not in ({_list(CALL_KINDS)}) then 'not_a_call' when {counted} then null "
        f"when coalesce({called}, false) then case when {failed} then null else 'no_usage' end "
        "else 'not_a_call' end"
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(literal(name) for name in names)


def recognise_otlp(sample: Sample) -> bool:
    """OTLP JSON, as exporters, the Collector and Tempo write it."""
    keys = {"resourceSpans", "batches", "scopeSpans", "instrumentationLibrarySpans"}
    return any(keys & record.keys() for record in sample)


def recognise_snake(sample: Sample) -> bool:
    """The same as protocol buffers name the fields."""
    return any({"resource_spans", "scope_spans"} & record.keys() for record in sample)


def recognise_jaeger(sample: Sample) -> bool:
    """Traces as Jaeger's API gives them."""
    return any({"spans", "processes"} <= record.keys() for record in sample)


def recognise_console(sample: Sample) -> bool:
    """Spans as the SDK's console exporter prints them."""
    return any(
        isinstance(record.get("context"), dict) and {"start_time", "attributes"} <= record.keys()
        for record in sample
    )


FORMATS = tuple(
    Format(
        "otel",
        title,
        recognise,
        field_mapping,
        shapes=shape.shapes,
        relation=shape.relation,
        fields=SpanFields,
        nested=True,
        precedence=10,
        provider_doubtful=True,
    )
    for title, recognise, shape in (
        ("OpenTelemetry spans (OTLP)", recognise_otlp, span_shapes.OTLP),
        ("OpenTelemetry spans (OTLP)", recognise_snake, span_shapes.OTLP_SNAKE),
        ("OpenTelemetry spans (Jaeger)", recognise_jaeger, span_shapes.JAEGER),
        ("OpenTelemetry spans (SDK console)", recognise_console, span_shapes.CONSOLE),
    )
)
