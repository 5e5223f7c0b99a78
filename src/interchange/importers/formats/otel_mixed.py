"""OpenTelemetry spans and logs (OTLP JSON) in one file, where pipelines of the Collector share a path.

Spans are read as in a file of spans, log records as in a file of logs; a call that both tell counts once.
"""

from interchange.importers.field_mapping import NAMES, FieldMapping, Format, Sample
from interchange.importers.fields import Record
from interchange.importers.formats import _agent_events as agent_events
from interchange.importers.formats import _log_shapes as log_shapes
from interchange.importers.formats import _span_attributes as span_attributes
from interchange.importers.formats import _span_shapes as span_shapes
from interchange.importers.formats._span_fields import SpanFields

_BOTH = "line, broken, trace_id, span_id, span_names, span_values, shared"
_SPAN_ONLY = ("parent_id", "started_at", "ended_at", "duration_us", "status_code")
_LOG_ONLY = ("recorded_at", "event_name", "body")


def _union() -> str:
    """SQL for the spans and the log records; what is neither is kept once."""
    nothing = {name: f"cast(null as varchar) as {name}" for name in (*_SPAN_ONLY, *_LOG_ONLY)}
    spans = ", ".join((*_SPAN_ONLY, *(nothing[name] for name in _LOG_ONLY)))
    logs = ", ".join((*(nothing[name] for name in _SPAN_ONLY), *_LOG_ONLY))
    return f"""(
    select {_BOTH}, {spans} from {span_shapes.OTLP.relation} where span_id is not null and broken is null
    union all select {_BOTH}, {logs} from {log_shapes.OTLP.relation}
)"""


def recognise(sample: Sample) -> bool:
    """Whether records hold both."""
    keys = {key for record in sample for key in record}
    return "resourceSpans" in keys and "resourceLogs" in keys


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
        "otel-mixed",
        "OpenTelemetry spans and logs (OTLP)",
        recognise,
        field_mapping,
        shapes={**span_shapes.OTLP.shapes, **log_shapes.OTLP.shapes},
        relation=_union(),
        fields=SpanFields,
        of_agent=True,
        nested=True,
        calls_are="a span with a model and usage, or an event of a call",
        precedence=8,
        provider_doubtful=True,
    ),
)
