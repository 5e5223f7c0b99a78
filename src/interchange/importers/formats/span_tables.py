"""OpenTelemetry in tables (CSV, Parquet, JSON): Phoenix data frames, ClickHouse, Logfire, rows of spans.

ClickHouse has otel_traces and otel_logs; rows of spans are what own exporters write under the names of the SDK. An
attribute is a column of its own, or stands in a column of all attributes, under its name or nested along its parts.
"""

from collections.abc import Mapping, Sequence

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import NULL, first_of
from interchange.importers.fields import Fields, Record
from interchange.importers.formats import _agent_events as agent_events
from interchange.importers.formats import _span_attributes as span_attributes
from interchange.importers.formats._agent_events import LogColumns
from interchange.importers.formats._span_attributes import SpanColumns


class TableAttributes:
    """The attributes of a row: columns with a prefix, members of columns that hold objects, columns of another name."""

    def __init__(
        self, fields: Record, *, prefix: str = "", objects: Sequence[str] = (), named: Mapping[str, str] = {}
    ) -> None:
        self._fields = fields
        self._prefix = prefix
        columns = [fields.text(name) for name in objects]
        self._objects = [fields.derived(_json(column)) for column in columns if column != NULL]
        self._named = named

    def first(self, *names: str) -> str:
        """The first of these attributes that has a value."""
        return first_of(*(self._one(name) for name in names))

    def _one(self, name: str) -> str:
        ways = [self._fields.text(self._prefix + name)] if self._prefix else []
        for members in self._objects:
            ways += [members.text(name), *([members.text(*name.split("."))] if "." in name else [])]
        if name in self._named:
            ways.append(self._fields.text(self._named[name]))
        return first_of(*ways)

    def has_any(self, *names: str) -> str:  # noqa: ARG002  has the shape of `Attributes`
        """True: whether a column is there is known without a look at rows."""
        return "true"

    def within(self, *keys: str) -> Fields:
        """The object that an attribute holds as JSON text."""
        return self._fields.derived(self.first(".".join(keys)))

    def named(self, sql: str) -> str:
        """A name for what an expression makes."""
        return self._fields.named(sql)


def _json(column: str) -> str:
    """SQL for an object, which databases print with single quotes."""
    return f"case when {column} like '{{''%' then replace({column}, '''', '\"') else {column} end"


def is_phoenix(sample: Sample) -> bool:
    """Whether records are rows of a data frame of spans."""
    return any({"context.span_id", "context.trace_id", "start_time"} <= record.keys() for record in sample)


def phoenix(fields: Record) -> FieldMapping:
    """The mapping of a row of Phoenix, whose columns begin with `attributes.`."""
    attributes = TableAttributes(fields, prefix="attributes.", named={"openinference.span.kind": "span_kind"})
    columns = SpanColumns(
        span_id=fields.text("context.span_id"),
        parent_id=fields.text("parent_id"),
        trace_id=fields.text("context.trace_id"),
        started_at=fields.text("start_time"),
        ended_at=fields.text("end_time"),
        duration_ms=NULL,
        status=fields.text("status_code"),
    )
    return span_attributes.field_mapping(attributes, columns)


def is_clickhouse(sample: Sample) -> bool:
    """Whether records are rows of the table of traces that the Collector fills."""
    return any({"Timestamp", "TraceId", "SpanId", "SpanAttributes"} <= record.keys() for record in sample)


def clickhouse(fields: Record) -> FieldMapping:
    """The mapping of a row of otel_traces, whose durations are nanoseconds."""
    attributes = TableAttributes(
        fields, objects=("SpanAttributes", "ResourceAttributes"), named={"service.name": "ServiceName"}
    )
    duration = f"cast(try_cast({fields.text('Duration')} as double) / 1000000 as varchar)"
    columns = SpanColumns(
        span_id=f"nullif({fields.text('SpanId')}, '')",
        parent_id=f"nullif({fields.text('ParentSpanId')}, '')",
        trace_id=fields.text("TraceId"),
        started_at=fields.text("Timestamp"),
        ended_at=NULL,
        duration_ms=duration,
        status=fields.text("StatusCode"),
    )
    return span_attributes.field_mapping(attributes, columns)


def is_clickhouse_logs(sample: Sample) -> bool:
    """Whether records are rows of the table of logs that the Collector fills."""
    return any({"Timestamp", "Body", "LogAttributes"} <= record.keys() for record in sample)


def clickhouse_logs(fields: Record) -> FieldMapping:
    """The mapping of a row of otel_logs."""
    attributes = TableAttributes(
        fields, objects=("LogAttributes", "ResourceAttributes"), named={"service.name": "ServiceName"}
    )
    columns = LogColumns(
        trace_id=fields.text("TraceId"),
        span_id=fields.text("SpanId"),
        recorded_at=fields.text("Timestamp"),
        event_name=fields.text("EventName"),
        body=fields.text("Body"),
    )
    return agent_events.field_mapping(attributes, columns)


def is_logfire(sample: Sample) -> bool:
    """Whether records are rows of Logfire."""
    return any({"start_timestamp", "span_id", "trace_id", "attributes"} <= record.keys() for record in sample)


def logfire(fields: Record) -> FieldMapping:
    """The mapping of a record of Logfire; a pending one is written again when its span has ended."""
    named = {
        "service.name": "service_name", "deployment.environment.name": "deployment_environment",
        "otel.status_code": "otel_status_code", "error": "is_exception",
    }  # fmt: skip
    attributes = TableAttributes(fields, objects=("attributes", "otel_resource_attributes"), named=named)
    columns = SpanColumns(
        span_id=fields.text("span_id"),
        parent_id=fields.text("parent_span_id"),
        trace_id=fields.text("trace_id"),
        started_at=fields.text("start_timestamp"),
        ended_at=fields.text("end_timestamp"),
        duration_ms=NULL,
        status=fields.text("otel_status_code"),
    )
    mapping = span_attributes.field_mapping(attributes, columns)
    return mapping.changed(
        skip=f"case when {fields.text('kind')} = 'pending_span' then 'pending' else {mapping['skip']} end"
    )


def is_rows(sample: Sample) -> bool:
    """Whether records are spans with the names of the SDK and their attributes as one object."""
    return any({"span_id", "trace_id", "start_time", "attributes"} <= record.keys() for record in sample)


def rows(fields: Record) -> FieldMapping:
    """The mapping of such a row."""
    attributes = TableAttributes(
        fields,
        objects=("attributes", "resource_attributes"),
        named={"openinference.span.kind": "span_kind", "service.name": "service_name"},
    )
    columns = SpanColumns(
        span_id=fields.text("span_id"),
        parent_id=fields.first("parent_id", "parent_span_id"),
        trace_id=fields.text("trace_id"),
        started_at=fields.text("start_time"),
        ended_at=fields.text("end_time"),
        duration_ms=NULL,
        status=first_of(
            fields.text("status_code"), fields.text("status", "status_code"), fields.text("status", "code")
        ),
    )
    return span_attributes.field_mapping(attributes, columns)


FORMATS = tuple(
    Format(
        "span-tables",
        title,
        recognise,
        field_mapping,
        of_agent=True,
        nested=True,
        precedence=11,
        calls_are="a row with a model and usage, not of an agent or a tool",
        provider_doubtful=True,
    )
    for title, recognise, field_mapping in (
        ("Phoenix data frame of spans", is_phoenix, phoenix),
        ("ClickHouse otel_traces", is_clickhouse, clickhouse),
        ("ClickHouse otel_logs", is_clickhouse_logs, clickhouse_logs),
        ("Logfire records", is_logfire, logfire),
        ("Rows of spans", is_rows, rows),
    )
)
