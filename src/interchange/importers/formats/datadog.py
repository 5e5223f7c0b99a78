"""Datadog LLM Observability: spans of its export API. Costs are in billionths of a dollar, durations in nanoseconds.

Spans of models and embeddings are calls; workflows and agents repeat the counts of what is below them.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record
from interchange.importers.tagged import OF_RUNS, tagged


def recognise(sample: Sample) -> bool:
    """Whether records are spans, by themselves or as attributes of an answer's element."""
    inner = [record.get("attributes") for record in sample]
    return any(
        isinstance(span, dict) and {"span_kind", "start_ns", "metrics"} <= span.keys()
        for span in (*inner, *sample)
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a span."""
    attributes = fields.within("attributes")

    def text(*keys: str) -> str:
        return first_of(attributes.text(*keys), fields.text(*keys))

    labels = tagged(fields, [text("tags")], [text("metadata")])
    cost = f"try_cast({text('metrics', 'estimated_total_cost')} as decimal(38, 6))"
    return FieldMapping(
        timestamp=text("start_ns"),
        latency_ms=f"cast(try_cast({text('duration')} as double) / 1000000 as varchar)",
        call_id=text("span_id"),
        provider=text("model_provider"),
        model=text("model_name"),
        input=text("metrics", "input_tokens"),
        output=text("metrics", "output_tokens"),
        cached=text("metrics", "cache_read_input_tokens"),
        write=text("metrics", "cache_write_input_tokens"),
        reasoning=text("metrics", "reasoning_output_tokens"),
        total=text("metrics", "total_tokens"),
        cost=f"cast({cost} * 0.000000001 as varchar)",
        **labels.columns(
            "customer_id", "subscription_tier", "organization_id", "feature_id", "environment", *OF_RUNS
        ),
        product_id=first_of(labels("product_id"), text("ml_app")),
        task_type=first_of(labels("task_type"), text("span_kind")),
        trace_id=text("trace_id"),
        session_id=first_of(text("session_id"), labels("session_id")),
        status=f"case when {text('status')} = 'error' then 'error' else 'success' end",
        skip=f"case when {text('span_kind')} not in ('llm', 'embedding') or {text('span_kind')} is null "
        "then 'not_a_call' end",
        span=text("span_id"),
        parent_id=f"nullif({text('parent_id')}, 'undefined')",
    )


FORMATS = (
    Format(
        "datadog",
        "Datadog LLM Observability spans",
        recognise,
        field_mapping,
        nested=True,
        provider_doubtful=True,
        calls_are="a span of kind llm or embedding",
        precedence=19,
    ),
)
