"""OpenTelemetry objects as the JavaScript SDK writes them: files of GitHub Copilot (CLI and VS Code) and Gemini CLI.

Spans, log records and metrics stand in one file, as lines or run together. A call may be told by a span and by a log
record, and again in the sums of the agent around it: it counts once.
"""

from interchange.importers.field_mapping import NAMES, FieldMapping, Format, Sample
from interchange.importers.fields import Record
from interchange.importers.formats import _agent_events as agent_events
from interchange.importers.formats import _span_attributes as span_attributes
from interchange.importers.formats._span_fields import SpanFields
from interchange.importers.nested_rows import members, struct, texts

_CONTEXT = struct(**texts("traceId", "spanId"))
SHAPES = {
    **texts(
        "traceId", "spanId", "parentSpanId", "parentId", "startTime", "endTime", "hrTime", "hrTimeObserved",
        "eventName", "body",
    ),
    "spanContext": _CONTEXT, "_spanContext": _CONTEXT, "parentSpanContext": _CONTEXT,
    "status": struct(code="VARCHAR"), "attributes": "JSON", "resource": struct(attributes="JSON"),
}  # fmt: skip


def _nanoseconds(time: str) -> str:
    """SQL for a time written as a list of seconds and nanoseconds."""
    parts = f"try_cast({time} as bigint[])"
    return f"coalesce(cast({parts}[1] * 1000000000 + {parts}[2] as varchar), {time})"


RELATION = f"""(
    select line, broken,
        coalesce(traceId, spanContext.traceId, _spanContext.traceId) as trace_id,
        coalesce(spanId, spanContext.spanId, _spanContext.spanId) as span_id,
        coalesce(parentSpanId, parentSpanContext.spanId, parentId) as parent_id,
        {_nanoseconds("startTime")} as started_at, {_nanoseconds("endTime")} as ended_at,
        {_nanoseconds("coalesce(hrTime, hrTimeObserved)")} as recorded_at, eventName as event_name, body,
        cast(null as varchar) as duration_us, status.code as status_code, span_names, span_values, {{shared}} as shared
    from (select *, {members("attributes", "span")}, {members("resource.attributes", "resource")} from {{records}})
)"""


def recognise(sample: Sample) -> bool:
    """Whether records are log records, or spans whose times are lists of seconds and nanoseconds."""
    return any(
        "attributes" in record and ("hrTime" in record or _is_list_of_two(record.get("startTime")))
        for record in sample
    )


def _is_list_of_two(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a log record, and that of a span."""
    log, span = agent_events.field_mapping(fields), span_attributes.field_mapping(fields)
    return FieldMapping(
        **{
            name: f"case when recorded_at is not null then {log[name]} else {span[name]} end"
            for name in NAMES
        }
    )


FORMATS = (
    Format(
        "otel-js",
        "OpenTelemetry objects (JavaScript SDK)",
        recognise,
        field_mapping,
        shapes=SHAPES,
        relation=RELATION,
        fields=SpanFields,
        of_agent=True,
        nested=True,
        calls_are="a span with a model and usage, or an event of a call",
        precedence=12,
        provider_doubtful=True,
    ),
)
