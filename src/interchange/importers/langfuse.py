"""Langfuse: trace exports, observations of its API, batch and blob exports; camelCase or snake_case.

`usageDetails` holds disjoint parts of the input and of the output, so that each total is a sum. A generation
around another one repeats it. A zero cost without a price definition is not known, not free.
"""

from interchange.importers.draft import Draft, Format, Sample
from interchange.importers.fields import Fields, Record
from interchange.importers.sql_text import NULL, first_of
from interchange.importers.tagged import tagged


def recognise(sample: Sample) -> bool:
    """Whether records are observations, or a trace with them."""
    return any(map(_is_observation, sample))


def _is_observation(record: dict[str, object]) -> bool:
    return (
        ("traceId" in record or "trace_id" in record)
        and "type" in record
        and ("startTime" in record or "start_time" in record)
    )


def draft(fields: Record) -> Draft:
    """The mapping of all shapes."""
    trace, metadata = fields.within("trace"), fields.within("metadata")
    attributes = metadata.within("attributes")
    usage, legacy = either(fields, "usageDetails", "usage_details"), fields.within("usage")
    costs = either(fields, "costDetails", "cost_details")

    def text(camel: str, snake: str = "") -> str:
        return first_of(fields.text(camel), fields.text(snake or camel))

    tags = tagged(
        fields,
        [text("tags"), text("traceTags", "trace_tags"), trace.text("tags")],
        [text("metadata"), trace.text("metadata")],
    )
    counted = first_of(legacy.text("unit"))
    old = {
        kind: f"case when coalesce({counted}, 'TOKENS') = 'TOKENS' "
        f"then {first_of(*(legacy.text(name) for name in names))} end"
        for kind, names in {
            "input": ("input", "promptTokens", "prompt_tokens"),
            "output": ("output", "completionTokens", "completion_tokens"),
            "total": ("total", "totalTokens", "total_tokens"),
        }.items()
    }
    total = first_of(
        part_sum(usage, "k in ('total', 'total_tokens')"), text("totalUsage", "total_usage"), old["total"]
    )
    output = first_of(
        part_sum(usage, "k ilike '%output%'"),
        part_sum(usage, "k in ('completion_tokens', 'completionTokens', 'completion')"),
        text("outputUsage", "output_usage"),
        text("completionTokens", "completion_tokens"),
        old["output"],
    )
    inputs = first_of(
        part_sum(usage, "k ilike '%input%'"),
        part_sum(usage, "k in ('prompt_tokens', 'promptTokens', 'prompt')"),
        text("inputUsage", "input_usage"),
        text("promptTokens", "prompt_tokens"),
        old["input"],
        f"case when {output} is null then {total} end",
    )
    cost = first_of(
        text("totalCost", "total_cost"),
        part_sum(costs, "k = 'total'"),
        part_sum(costs, "true"),
        text("calculatedTotalCost", "calculated_total_cost"),
    )
    priced = first_of(
        text("internalModelId", "internal_model_id"), text("modelId", "model_id"), text("providedCostDetails")
    )
    used = f"coalesce(try_cast({inputs} as double), 0) + coalesce(try_cast({output} as double), 0) > 0"
    free = f"coalesce(try_cast({cost} as double), 0) = 0"
    failed = f"{text('level')} = 'ERROR'"
    return Draft(
        timestamp=text("startTime", "start_time"),
        ended=text("endTime", "end_time"),
        latency_guess_ms=first_of(
            text("latencyMs", "latency_ms"), f"cast(try_cast({text('latency')} as double) * 1000 as varchar)"
        ),
        call_id=text("id"),
        request_id=text("id"),
        provider=first_of(
            attributes.text("gen_ai.provider.name"),
            attributes.text("gen_ai.system"),
            attributes.text("ai.model.provider"),
            metadata.text("gen_ai.provider.name"),
            metadata.text("gen_ai.system"),
            metadata.text("ls_provider"),
        ),
        model=first_of(text("model"), text("providedModelName", "provided_model_name")),
        input=inputs,
        output=output,
        cached=first_of(
            part_sum(
                usage,
                "k ilike '%input%' and k ilike '%cache%' and k not ilike '%creat%' and k not ilike '%write%'",
            ),
            part_sum(
                usage,
                "k in ('prompt_details.cache_read', 'prompt_tokens_details.cached_tokens', 'cached_tokens')",
            ),
        ),
        write=part_sum(usage, "k ilike '%cache%' and (k ilike '%creat%' or k ilike '%write%')"),
        write_1h=part_sum(
            usage, "k ilike '%cache%' and (k ilike '%creat%' or k ilike '%write%') and k ilike '%1h%'"
        ),
        reasoning=part_sum(usage, "k ilike '%reasoning%'"),
        cost=f"case when {free} and (not ({used}) or {priced} is null or {priced} = '{{}}') then null else {cost} end",
        customer_id=first_of(text("userId", "user_id"), trace.text("userId"), tags("customer_id")),
        subscription_tier=tags("subscription_tier"),
        organization_id=tags("organization_id"),
        product_id=tags("product_id"),
        feature_id=first_of(
            tags("feature_id"), text("traceName", "trace_name"), trace.text("name"), text("name")
        ),
        task_type=tags("task_type"),
        environment=f"nullif({first_of(text('environment'), trace.text('environment'))}, 'default')",
        trace_id=first_of(text("traceId", "trace_id"), trace.text("id")),
        session_id=first_of(text("sessionId", "session_id"), trace.text("sessionId")),
        user_agent=attributes.text("ai.request.headers.user-agent"),
        status=f"case when {failed} then 'error' else 'success' end",
        first_token_at=text("completionStartTime", "completion_start_time"),
        skip=f"case when upper({text('type')}) not in ('GENERATION', 'EMBEDDING') then 'not_a_call' "
        f"when not ({used}) and {free} and not coalesce({failed}, false) then 'no_usage' end",
        span=text("id"),
        parent=text("parentObservationId", "parent_observation_id"),
        answer=first_of(attributes.text("gen_ai.response.id"), attributes.text("ai.response.id")),
    )


def either(fields: Fields, camel: str, snake: str) -> str:
    """The JSON text of an object under either name."""
    return first_of(fields.text(camel), fields.text(snake))


def part_sum(details: str, test: str) -> str:
    """SQL for the sum of an object's values whose key `k` passes a test; NULL where no key does."""
    if details == NULL:
        return NULL
    entries = f"map_entries(try(cast(cast({details} as json) as map(varchar, varchar))))"
    chosen = f"list_filter({entries}, lambda e: {_on_entry(test)} and e.value is not null)"
    return (
        f"cast(list_sum(list_transform({chosen}, lambda e: try_cast(e.value as decimal(38, 12)))) as varchar)"
    )


def _on_entry(test: str) -> str:
    return f"({test})".replace("(k ", "(e.key ").replace(" k ", " e.key ")


FORMAT = Format(
    "langfuse",
    "Langfuse observations",
    recognise,
    draft,
    nested=True,
    provider_doubtful=True,
    tags=("tags",),
)
