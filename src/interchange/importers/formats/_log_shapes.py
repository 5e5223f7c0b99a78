"""The shapes in which log records are exported, each unfolded to one row a record.

A row has `line`, `broken`, `trace_id`, `span_id`, `recorded_at`, `event_name`, `body`, the names and the values of its
attributes, as two lists, and `shared`: what is looked up among those of its resource, once for all its records.
"""

from typing import NamedTuple

from interchange.importers.formats._span_shapes import SpanShape, attributes
from interchange.importers.nested_rows import each, struct, texts


class _Names(NamedTuple):
    """The field names of OTLP: in camelCase as the specification says, or as the protocol buffers have them."""

    resource_logs: str = "resourceLogs"
    scope_logs: str = "scopeLogs"
    log_records: str = "logRecords"
    trace_id: str = "traceId"
    span_id: str = "spanId"
    time: str = "timeUnixNano"
    observed: str = "observedTimeUnixNano"
    event: str = "eventName"
    string: str = "stringValue"
    integer: str = "intValue"
    double: str = "doubleValue"
    boolean: str = "boolValue"


_SNAKE = _Names(
    "resource_logs", "scope_logs", "log_records", "trace_id", "span_id", "time_unix_nano", "observed_time_unix_nano",
    "event_name", "string_value", "int_value", "double_value", "bool_value",
)  # fmt: skip


def _otlp(names: _Names) -> SpanShape:
    kinds = (names.string, names.integer, names.double, names.boolean)
    value = struct(**texts(*kinds))
    listed = struct(key="VARCHAR", value=value) + "[]"
    record = struct(
        **texts(names.trace_id, names.span_id, names.time, names.observed, names.event),
        body=struct(**texts(names.string)), attributes=listed,
    )  # fmt: skip
    sent = {
        "resource": struct(attributes=listed),
        names.scope_logs: struct(**{names.log_records: record + "[]"}) + "[]",
    }
    alone = f"[struct_pack({', '.join(f'{name} := {name}' for name in sent)})]"
    either = f"coalesce({', '.join(f'a.value.{kind}' for kind in kinds)})"
    return SpanShape(
        {names.resource_logs: struct(**sent) + "[]", **sent},
        f"""(
    select line, broken, record.{names.trace_id} as trace_id, record.{names.span_id} as span_id,
        coalesce(nullif(record.{names.time}, '0'), record.{names.observed}) as recorded_at,
        record.{names.event} as event_name, record.body.{names.string} as body,
        shared, {attributes("record.attributes", either, "span")}
    from (
        select line, broken, shared, {each(f"scope.{names.log_records}")} as record
        from (
            select line, broken, {{shared}} as shared, {each(f"sent.{names.scope_logs}")} as scope
            from (
                select line, broken, sent, {attributes("sent.resource.attributes", either, "resource")}
                from (
                    select line, broken, {each(names.resource_logs, alone)} as sent from {{records}}
                )
            )
        )
    )
)""",
    )


OTLP = _otlp(_Names())
OTLP_SNAKE = _otlp(_SNAKE)
