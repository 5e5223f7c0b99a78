"""OpenTelemetry GenAI spans: OTLP JSON (files of exporters and the Collector, Tempo), Jaeger, SDK console.

Attribute names changed over the years; the newer one goes first. Frameworks and clients both measure a call,
so spans are counted once: children before parents, and one span of each provider's answer. Attributes with
prompts and completions are never copied.
"""

from collections.abc import Iterator, Sequence

from interchange.importers.draft import Draft, Format, Sample
from interchange.importers.fields import Fields, JsonFields
from interchange.importers.sql_text import first_of, literal

ATTRIBUTE_BYTES = 4_096
"""Longer attributes are content, not labels."""
RECORDS = "{records}"
"""Stands for the relation of records."""

_ATTRIBUTE = (
    '{"key":"VARCHAR","value":{"stringValue":"VARCHAR","intValue":"VARCHAR",'
    '"doubleValue":"VARCHAR","boolValue":"VARCHAR"}}'
)
_SPAN = (
    '{"traceId":"VARCHAR","spanId":"VARCHAR","parentSpanId":"VARCHAR","name":"VARCHAR",'
    '"startTimeUnixNano":"VARCHAR","endTimeUnixNano":"VARCHAR","status":{"code":"VARCHAR"},'
    f'"attributes":[{_ATTRIBUTE}]}}'
)
_RESOURCE = f'"resource":{{"attributes":[{_ATTRIBUTE}]}}'
_SCOPES = f'"scopeSpans":[{{"spans":[{_SPAN}]}}],"instrumentationLibrarySpans":[{{"spans":[{_SPAN}]}}]'
_RESOURCE_SPANS = f"{{{_RESOURCE},{_SCOPES}}}"
_DOCUMENT = (
    f'{{"resourceSpans":[{_RESOURCE_SPANS}],"batches":[{_RESOURCE_SPANS}],'
    f'"trace":{{"resourceSpans":[{_RESOURCE_SPANS}]}},{_RESOURCE},{_SCOPES}}}'
)
_VALUE = "coalesce(a.value.stringValue, a.value.intValue, a.value.doubleValue, a.value.boolValue)"


def _as_object(pairs: str, value: str) -> str:
    """SQL that makes one JSON object of a list of key and value; long texts (prompts, answers) stay out."""
    short = f"list_filter({pairs}, lambda a: a.key is not null and strlen({value}) <= {ATTRIBUTE_BYTES})"
    entry = f"cast(to_json(a.key) as varchar) || ':' || cast(to_json({value}) as varchar)"
    return f"('{{' || array_to_string(list_transform({short}, lambda a: {entry}), ',') || '}}')"


OTLP_RELATION = f"""(
    select line, broken, span.traceId as trace_id, span.spanId as span_id, span.parentSpanId as parent_id,
        span.name as span_name, span.startTimeUnixNano as started_at, span.endTimeUnixNano as ended_at,
        cast(null as varchar) as duration_us, span.status.code as status_code,
        {_as_object("span.attributes", _VALUE)} as attributes,
        {_as_object("resource", _VALUE)} as resource_attributes
    from (
        select line, broken, resource, unnest(case when len(spans) > 0 then spans else [null] end) as span
        from (
            select line, broken, entry.resource.attributes as resource, flatten(list_transform(
                coalesce(entry.scopeSpans, entry.instrumentationLibrarySpans, []),
                lambda s: coalesce(s.spans, []))) as spans
            from (
                select line, broken, unnest(case when len(entries) > 0 then entries else [null] end) as entry
                from (
                    select line, broken, case when d.resourceSpans is not null then d.resourceSpans
                        when d.batches is not null then d.batches
                        when d.trace.resourceSpans is not null then d.trace.resourceSpans
                        when d.scopeSpans is null and d.instrumentationLibrarySpans is null then []
                        else [struct_pack(resource := d.resource, scopeSpans := d.scopeSpans,
                            instrumentationLibrarySpans := d.instrumentationLibrarySpans)]
                        end as entries
                    from (select line, broken, json_transform(record, '{_DOCUMENT}') as d from {RECORDS})
                )
            )
        )
    )
)"""

_TAGS = '[{"key":"VARCHAR","value":"VARCHAR"}]'
_JAEGER_SPAN = (
    '{"traceID":"VARCHAR","spanID":"VARCHAR","parentSpanID":"VARCHAR","processID":"VARCHAR",'
    '"operationName":"VARCHAR","startTime":"VARCHAR","duration":"VARCHAR",'
    f'"references":[{{"refType":"VARCHAR","spanID":"VARCHAR"}}],"tags":{_TAGS}}}'
)
_PROCESS = f'{{"serviceName":"VARCHAR","tags":{_TAGS}}}'
JAEGER_RELATION = f"""(
    select line, broken, span.traceID as trace_id, span.spanID as span_id,
        coalesce(list_filter(span."references", lambda r: coalesce(r.refType, 'CHILD_OF') = 'CHILD_OF')[1].spanID,
            span.parentSpanID) as parent_id,
        span.operationName as span_name, span.startTime as started_at, cast(null as varchar) as ended_at,
        span.duration as duration_us, cast(null as varchar) as status_code,
        {_as_object("span.tags", "a.value")} as attributes,
        {_as_object("process.tags || [struct_pack(key := 'service.name', value := process.serviceName)]", "a.value")}
            as resource_attributes
    from (
        select line, broken, span, json_transform(json_extract(processes, '$."' || span.processID || '"'),
            '{_PROCESS}') as process
        from (
            select line, broken, processes, unnest(case when len(spans) > 0 then spans else [null] end) as span
            from (
                select line, broken, record->'$.processes' as processes,
                    json_transform(record->'$.spans', '[{_JAEGER_SPAN}]') as spans
                from {RECORDS}
            )
        )
    )
)"""

CONSOLE_RELATION = """(
    select line, broken, record->>'$.context.trace_id' as trace_id, record->>'$.context.span_id' as span_id,
        record->>'$.parent_id' as parent_id, record->>'$.name' as span_name,
        record->>'$.start_time' as started_at, record->>'$.end_time' as ended_at,
        cast(null as varchar) as duration_us, record->>'$.status.status_code' as status_code,
        record->'$.attributes' as attributes, record->'$.resource.attributes' as resource_attributes
    from {records}
)"""

CALL_OPERATIONS = ("chat", "text_completion", "completion", "generate_content", "embeddings", "embedding")
CALL_KINDS = ("LLM", "EMBEDDING")


class SpanFields:
    """Attributes of a span, then of its resource."""

    def __init__(self) -> None:
        self._own = JsonFields("attributes", "a")
        self._shared = JsonFields("resource_attributes", "r")

    def text(self, *keys: str) -> str:
        """The attribute whose name is the keys joined by dots."""
        name = ".".join(keys)
        return f"coalesce({self._own.text(name)}, {self._shared.text(name)})"

    def within(self, *keys: str) -> JsonFields:
        """The object that an attribute of the span holds as JSON text."""
        return self._own.within(".".join(keys))

    def derived(self, sql: str) -> JsonFields:
        """The fields of a JSON object that an expression makes."""
        return self._own.derived(sql)

    def layers(self) -> Iterator[tuple[str, str]]:
        """The extractions from both."""
        yield from self._own.layers()
        yield from self._shared.layers()


def draft(fields: Fields) -> Draft:
    """The mapping of a span, in order of preference."""

    def first(*names: str) -> str:
        return first_of(*(fields.text(name) for name in names))

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
    return Draft(
        timestamp="started_at",
        ended="ended_at",
        latency_ms="cast(try_cast(duration_us as double) / 1000 as varchar)",
        call_id="span_id",
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
        total=first("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total"),
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
        trace_id="trace_id",
        session_id=first("gen_ai.conversation.id", "session.id", association + "session_id"),
        user_agent=first("user_agent.original", "http.user_agent"),
        status=f"case when {failed} then 'error' else 'success' end",
        region=first("cloud.region", "aws.region"),
        time_to_first_token_ms=f"cast(try_cast({first_token} as double) * 1000 as varchar)",
        skip=_skip(fields, f"({inputs} is not null or {output} is not null)", failed),
        span="span_id",
        parent="nullif(parent_id, '0000000000000000')",
        answer=answer,
    )  # fmt: skip


def _failed(fields: Fields) -> str:
    code = "coalesce(upper(status_code), '')"
    return (
        f"({code} in ('2', 'ERROR', 'STATUS_CODE_ERROR') or {fields.text('error.type')} is not null "
        f"or lower({fields.text('error')}) = 'true' or upper({fields.text('otel.status_code')}) = 'ERROR')"
    )


def _skip(fields: Fields, counted: str, failed: str) -> str:
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
    return any(keys & record.keys() or _holds_spans(record.get("trace")) for record in sample)


def _holds_spans(trace: object) -> bool:
    return isinstance(trace, dict) and "resourceSpans" in trace


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
        draft,
        relation=relation,
        fields=SpanFields,
        nested=True,
        provider_doubtful=True,
    )
    for title, recognise, relation in (
        ("OpenTelemetry spans (OTLP)", recognise_otlp, OTLP_RELATION),
        ("OpenTelemetry spans (Jaeger)", recognise_jaeger, JAEGER_RELATION),
        ("OpenTelemetry spans (SDK console)", recognise_console, CONSOLE_RELATION),
    )
)
