"""Langfuse: trace exports, observations of its API, batch and blob exports; camelCase or snake_case.

`usageDetails` holds disjoint parts of the input and of the output, so that each total is a sum. A generation
around another one repeats it. A zero cost without a price definition is not known, not free.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Fields, Record
from interchange.importers.formats._langfuse_usage import cost_of, tier_of, usage_of
from interchange.importers.tagged import OF_RUNS, tagged


def recognise(sample: Sample) -> bool:
    """Whether records are observations, or a trace with them."""
    return any(map(_is_observation, sample))


def _is_observation(record: dict[str, object]) -> bool:
    return (
        ("traceId" in record or "trace_id" in record)
        and "type" in record
        and ("startTime" in record or "start_time" in record)
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of all shapes."""
    trace, metadata = fields.within("trace"), fields.within("metadata")
    attributes = metadata.within("attributes")

    def text(camel: str, snake: str = "") -> str:
        return first_of(fields.text(camel), fields.text(snake or camel))

    tags = tagged(
        fields,
        [text("tags"), text("traceTags", "trace_tags"), trace.text("tags")],
        [text("metadata"), trace.text("metadata")],
    )
    usage, cost = usage_of(fields), cost_of(fields)
    priced = first_of(
        text("internalModelId", "internal_model_id"),
        text("modelId", "model_id"),
        text("providedCostDetails", "provided_cost_details"),
    )
    used = fields.named(
        f"coalesce(try_cast({usage.input} as double), 0) + coalesce(try_cast({usage.output} as double), 0) > 0"
    )
    free = fields.named(f"coalesce(try_cast({cost} as double), 0) = 0")
    failed = f"{text('level')} = 'ERROR'"
    seconds = {
        name: f"cast(try_cast({text(name, snake)} as double) * 1000 as varchar)"
        for name, snake in (("latency", ""), ("timeToFirstToken", "time_to_first_token"))
    }
    return FieldMapping(
        timestamp=text("startTime", "start_time"),
        ended=text("endTime", "end_time"),
        latency_guess_ms=first_of(text("latencyMs", "latency_ms"), seconds["latency"]),
        call_id=text("id"),
        request_id=text("id"),
        provider=_provider(metadata, attributes),
        model=first_of(text("model"), text("providedModelName", "provided_model_name")),
        input=usage.input,
        output=usage.output,
        cached=usage.cached,
        write=usage.write,
        write_1h=usage.write_1h,
        reasoning=usage.reasoning,
        total=usage.total,
        **usage.parts,
        cache_write_12h_tokens=usage.write_12h,
        inference_geo=metadata.text("inference_geo"),
        service_tier=first_of(
            fields.within("modelParameters").text("service_tier"),
            fields.within("model_parameters").text("service_tier"),
            metadata.text("service_tier"),
            tier_of(fields),
        ),
        cost=f"case when {free} and (not {used} or {priced} is null or {priced} = '{{}}') then null else {cost} end",
        customer_id=first_of(text("userId", "user_id"), trace.text("userId"), tags("customer_id")),
        **tags.columns("subscription_tier", "organization_id", "product_id", "task_type", *OF_RUNS),
        feature_id=first_of(
            tags("feature_id"), text("traceName", "trace_name"), trace.text("name"), text("name")
        ),
        environment=f"nullif({first_of(text('environment'), trace.text('environment'))}, 'default')",
        trace_id=first_of(text("traceId", "trace_id"), trace.text("id")),
        session_id=first_of(text("sessionId", "session_id"), trace.text("sessionId")),
        user_agent=attributes.text("ai.request.headers.user-agent"),
        status=f"case when {failed} then 'error' else 'success' end",
        first_token_at=text("completionStartTime", "completion_start_time"),
        time_to_first_token_ms=seconds["timeToFirstToken"],
        skip=f"case when upper({text('type')}) not in ('GENERATION', 'EMBEDDING') then 'not_a_call' "
        f"when not {used} and {free} and not coalesce({failed}, false) then 'no_usage' end",
        span=text("id"),
        parent_id=text("parentObservationId", "parent_observation_id"),
        answer=first_of(attributes.text("gen_ai.response.id"), attributes.text("ai.response.id")),
    )


def _provider(metadata: Fields, attributes: Fields) -> str:
    """Who sold the call, as frameworks say it in their metadata."""
    return first_of(
        attributes.text("gen_ai.provider.name"),
        attributes.text("gen_ai.system"),
        attributes.text("ai.model.provider"),
        metadata.text("gen_ai.provider.name"),
        metadata.text("gen_ai.system"),
        metadata.text("ls_provider"),
    )


FORMATS = (
    Format(
        "langfuse",
        "Langfuse observations",
        recognise,
        field_mapping,
        nested=True,
        provider_doubtful=True,
        tags=("tags",),
        precedence=20,
    ),
)
