"""OpenTelemetry logs (OTLP JSON) of Claude Code, Gemini CLI, Codex CLI, and events of calls as the specification says.

Logs tell of other things, too; records of other events are no calls.
"""

from interchange.importers.field_mapping import Format, Sample
from interchange.importers.formats import _log_shapes as log_shapes
from interchange.importers.formats._agent_events import field_mapping
from interchange.importers.formats._span_fields import SpanFields


def recognise_otlp(sample: Sample) -> bool:
    """OTLP JSON, as the Collector writes it."""
    return any({"resourceLogs", "scopeLogs"} & record.keys() for record in sample)


def recognise_snake(sample: Sample) -> bool:
    """The same as protocol buffers name the fields."""
    return any({"resource_logs", "scope_logs"} & record.keys() for record in sample)


CALLS = (
    "an event api_request of Claude Code, gemini_cli.api_response, codex.sse_event with response.completed, or "
    "gen_ai.client.inference.operation.details"
)
FORMATS = tuple(
    Format(
        "otel-logs",
        "OpenTelemetry logs (OTLP)",
        recognise,
        field_mapping,
        shapes=shape.shapes,
        relation=shape.relation,
        fields=SpanFields,
        of_agent=True,
        nested=True,
        calls_are=CALLS,
        precedence=15,
    )
    for recognise, shape in ((recognise_otlp, log_shapes.OTLP), (recognise_snake, log_shapes.OTLP_SNAKE))
)
