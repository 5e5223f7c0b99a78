"""PostHog: events `$ai_generation` and `$ai_embedding`, whose properties are an object, JSON text, or columns.

Times are in seconds. A property says whether the input leaves the cache out; without it, Anthropic's does.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record

CALLS = "('$ai_generation', '$ai_embedding')"


def recognise(sample: Sample) -> bool:
    """Whether some event is one of AI."""
    return any(
        "distinct_id" in record and str(record.get("event", "")).startswith("$ai_") for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of an event."""
    properties = fields.within("properties")

    def said(name: str) -> str:
        return first_of(
            properties.text(f"$ai_{name}"), fields.text(f"properties.$ai_{name}"), fields.text(f"$ai_{name}")
        )

    def milliseconds(name: str) -> str:
        return f"cast(try_cast({said(name)} as double) * 1000 as varchar)"

    beside, provider = f"lower({said('cache_reporting_exclusive')})", said("provider")
    code = f"try_cast({said('http_status')} as integer)"
    failed = f"(lower({said('is_error')}) = 'true' or {code} >= 400)"
    return FieldMapping(
        timestamp=fields.text("timestamp"),
        latency_ms=milliseconds("latency"),
        time_to_first_token_ms=milliseconds("time_to_first_token"),
        call_id=first_of(fields.text("uuid"), said("span_id")),
        request_id=first_of(said("request_id"), fields.text("uuid")),
        provider=provider,
        model=said("model"),
        input=said("input_tokens"),
        output=said("output_tokens"),
        cached=said("cache_read_input_tokens"),
        write=said("cache_creation_input_tokens"),
        reasoning=said("reasoning_tokens"),
        convention=f"case when {beside} = 'true' or ({beside} is null and lower({provider}) = 'anthropic') "
        "then 'exclusive' else 'inclusive' end",
        service_tier=first_of(
            said("service_tier"), fields.derived(said("model_parameters")).text("service_tier")
        ),
        web_search_requests=said("web_search_count"),
        cost=said("total_cost_usd"),
        customer_id=fields.text("distinct_id"),
        task_type=fields.text("event"),
        trace_id=said("trace_id"),
        session_id=said("session_id"),
        agent_name=said("agent_name"),
        parent_id=said("parent_id"),
        status=f"case when {failed} then 'error' else 'success' end",
        skip=f"case when {fields.text('event')} not in {CALLS} or {fields.text('event')} is null "
        "then 'not_a_call' end",
    )


FORMATS = (
    Format(
        "posthog",
        "PostHog AI events",
        recognise,
        field_mapping,
        calls_are="an event $ai_generation or $ai_embedding",
        precedence=46,
    ),
)
