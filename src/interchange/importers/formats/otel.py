"""OpenTelemetry GenAI spans: OTLP JSON (files of exporters and the Collector, Tempo), Jaeger, SDK console.

Attribute names changed over the years; the newer one goes first. Frameworks and clients both measure a call,
so spans are counted once: children before parents, and one span of each provider's answer. Attributes with
prompts and completions are never copied.
"""

from typing import Any

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.fields import Record
from interchange.importers.formats import _span_attributes as span_attributes
from interchange.importers.formats import _span_shapes as span_shapes
from interchange.importers.formats._span_fields import SpanFields


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a span with the columns of `_span_shapes`."""
    return span_attributes.field_mapping(fields)


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
    """Spans as the SDK's console exporter prints them, one by one or as the `spans` of a trace."""
    return any(_is_console(record) or _holds_console(record.get("spans")) for record in sample)


def _is_console(record: dict[str, Any]) -> bool:
    return isinstance(record.get("context"), dict) and {"start_time", "attributes"} <= record.keys()


def _holds_console(spans: object) -> bool:
    return isinstance(spans, list) and any(isinstance(span, dict) and _is_console(span) for span in spans)


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
        calls_are="a span with a model and usage (gen_ai.usage.*), not of an agent or a tool",
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
