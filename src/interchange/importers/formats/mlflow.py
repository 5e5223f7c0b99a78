"""MLflow: traces of its API and files (info, data.spans), whose attributes are JSON text within JSON.

The counts of a trace repeat those of its spans, and agents around a model repeat them, too.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import ColumnFields, Record
from interchange.importers.nested_rows import each, row_of, struct, texts

_SPAN = struct(
    **texts(
        "trace_id", "span_id", "parent_span_id", "parent_id", "start_time_unix_nano", "end_time_unix_nano",
        "start_time", "end_time", "status", "status_code", "attributes",
    )
)  # fmt: skip
SHAPES = {
    "info": struct(**texts("trace_id", "request_id", "trace_metadata", "request_metadata", "tags")),
    "data": struct(spans=_SPAN + "[]"),
}
COLUMNS = {
    "trace": "coalesce(info.trace_id, info.request_id, span.trace_id)",
    "about": "coalesce(info.trace_metadata, info.request_metadata)",
    "tags": "info.tags",
    "span_id": "span.span_id",
    "parent": "coalesce(span.parent_span_id, span.parent_id)",
    "started": "coalesce(span.start_time_unix_nano, span.start_time)",
    "ended": "coalesce(span.end_time_unix_nano, span.end_time)",
    "status": "concat(span.status, span.status_code)",
    "attributes": "span.attributes",
}
RELATION = f"""(
    select line, broken, {row_of(COLUMNS)}
    from (select line, broken, info, {each("data.spans")} as span from {{records}})
)"""
KINDS = "('CHAT_MODEL', 'LLM', 'EMBEDDING')"


def recognise(sample: Sample) -> bool:
    """Whether records are traces with their spans."""
    return any(
        isinstance(record.get("info"), dict)
        and isinstance(record.get("data"), dict)
        and "spans" in record["data"]
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a span."""
    text, attributes = fields.text, fields.within("attributes")
    usage, cost = attributes.within("mlflow.chat.tokenUsage"), attributes.within("mlflow.llm.cost")
    about, tags = fields.within("about"), fields.within("tags")

    def plain(name: str) -> str:
        value = attributes.text(name)
        return f"coalesce(try(json_extract_string({value}, '$')), {value})"

    used = f"({usage.text('input_tokens')} is not null or {usage.text('output_tokens')} is not null)"
    failed = f"contains(upper({text('status')}), 'ERROR')"
    return FieldMapping(
        timestamp=text("started"),
        ended=text("ended"),
        call_id=text("span_id"),
        provider=first_of(plain("mlflow.llm.provider"), plain("gen_ai.provider.name")),
        model=first_of(
            *(f"real_model({plain(name)})" for name in ("mlflow.llm.model", "gen_ai.response.model", "model"))
        ),
        input=usage.text("input_tokens"),
        output=usage.text("output_tokens"),
        cached=usage.text("cache_read_input_tokens"),
        write=usage.text("cache_creation_input_tokens"),
        total=usage.text("total_tokens"),
        convention="'assumed'",
        reasoning_convention="'assumed'",
        cost=cost.text("total_cost"),
        customer_id=about.text("mlflow.trace.user"),
        session_id=about.text("mlflow.trace.session"),
        product_id=first_of(tags.text("mlflow.experimentName"), about.text("mlflow.source.name")),
        feature_id=tags.text("mlflow.traceName"),
        task_type=plain("mlflow.spanType"),
        trace_id=text("trace"),
        status=f"case when {failed} then 'error' else 'success' end",
        skip=f"case when upper({plain('mlflow.spanType')}) not in {KINDS} or {plain('mlflow.spanType')} is null "
        f"then 'not_a_call' when not {used} and not {failed} then 'no_usage' end",
        span=text("span_id"),
        parent_id=text("parent"),
    )


FORMATS = (
    Format(
        "mlflow",
        "MLflow traces",
        recognise,
        field_mapping,
        shapes=SHAPES,
        relation=RELATION,
        fields=lambda: ColumnFields(tuple(COLUMNS)),
        nested=True,
        provider_doubtful=True,
        calls_are="a span of type CHAT_MODEL, LLM or EMBEDDING",
        precedence=16,
    ),
)
