"""The shapes in which spans are exported, each unfolded to one row a span.

A row has `line`, `broken`, `trace_id`, `span_id`, `parent_id`, `started_at`, `ended_at`, `duration_us`,
`status_code`, the names and the values of the span's attributes, as two lists, and `shared`: what is looked up among
those of its resource, once for all its spans.
"""

from collections.abc import Mapping
from typing import NamedTuple

from interchange.importers.nested_rows import each, members, struct, texts


class SpanShape(NamedTuple):
    """What is read of a line, as types of the engine by key, and the relation that unfolds it."""

    shapes: Mapping[str, str]
    relation: str


class _Names(NamedTuple):
    """The field names of OTLP: in camelCase as the specification says, or as the protocol buffers have them."""

    resource_spans: str = "resourceSpans"
    scope_spans: str = "scopeSpans"
    library_spans: str = "instrumentationLibrarySpans"
    trace_id: str = "traceId"
    span_id: str = "spanId"
    parent_id: str = "parentSpanId"
    start: str = "startTimeUnixNano"
    end: str = "endTimeUnixNano"
    string: str = "stringValue"
    integer: str = "intValue"
    double: str = "doubleValue"
    boolean: str = "boolValue"


_SNAKE = _Names(
    "resource_spans", "scope_spans", "instrumentation_library_spans", "trace_id", "span_id", "parent_span_id",
    "start_time_unix_nano", "end_time_unix_nano", "string_value", "int_value", "double_value", "bool_value",
)  # fmt: skip


def attributes(listed: str, value: str, whose: str) -> str:
    """SQL for the names and the values of a list of attributes; the name of a blank value is NULL."""
    return (
        f"list_transform({listed}, lambda a: case when {value} <> '' then a.key end) as {whose}_names, "
        f"list_transform({listed}, lambda a: {value}) as {whose}_values"
    )


def _otlp(names: _Names) -> SpanShape:
    value = struct(**texts(names.string, names.integer, names.double, names.boolean))
    listed = struct(key="VARCHAR", value=value) + "[]"
    span = struct(
        **texts(names.trace_id, names.span_id, names.parent_id, names.start, names.end),
        status=struct(code="VARCHAR"), attributes=listed,
    )  # fmt: skip
    resource, scopes = struct(attributes=listed), struct(spans=span + "[]") + "[]"
    sent = {"resource": resource, names.scope_spans: scopes, names.library_spans: scopes}
    resources = struct(**sent) + "[]"
    alone = f"[struct_pack({', '.join(f'{name} := {name}' for name in sent)})]"
    kinds = (names.string, names.integer, names.double, names.boolean)
    either = f"coalesce({', '.join(f'a.value.{kind}' for kind in kinds)})"
    return SpanShape(
        {names.resource_spans: resources, "batches": resources, **sent},
        f"""(
    select line, broken, span.{names.trace_id} as trace_id, span.{names.span_id} as span_id,
        span.{names.parent_id} as parent_id, span.{names.start} as started_at, span.{names.end} as ended_at,
        cast(null as varchar) as duration_us, span.status.code as status_code,
        shared, {attributes("span.attributes", either, "span")}
    from (
        select line, broken, shared, {each("scope.spans")} as span
        from (
            select line, broken, {{shared}} as shared,
                {each(f"sent.{names.scope_spans}", f"sent.{names.library_spans}")} as scope
            from (
                select line, broken, sent, {attributes("sent.resource.attributes", either, "resource")}
                from (
                    select line, broken, {each(names.resource_spans, "batches", alone)} as sent from {{records}}
                )
            )
        )
    )
)""",
    )


OTLP = _otlp(_Names())
OTLP_SNAKE = _otlp(_SNAKE)

_TAGS = struct(**texts("key", "value")) + "[]"
_JAEGER_SPAN = struct(
    **texts("traceID", "spanID", "parentSpanID", "processID", "startTime", "duration"),
    references=struct(**texts("refType", "spanID")) + "[]", tags=_TAGS,
)  # fmt: skip
_PROCESS_TAGS = (
    "coalesce(process.tags, []) || [struct_pack(key := 'service.name', value := process.serviceName)]"
)
JAEGER = SpanShape(
    {
        "spans": _JAEGER_SPAN + "[]",
        "processes": f"MAP(VARCHAR, {struct(serviceName='VARCHAR', tags=_TAGS)})",
    },
    f"""(
    select line, broken, span.traceID as trace_id, span.spanID as span_id,
        coalesce(list_filter(span."references", lambda r: coalesce(r.refType, 'CHILD_OF') = 'CHILD_OF')[1].spanID,
            span.parentSpanID) as parent_id,
        span.startTime as started_at, cast(null as varchar) as ended_at, span.duration as duration_us,
        cast(null as varchar) as status_code, {attributes("span.tags", "a.value", "span")},
        {{shared}} as shared
    from (
        select line, broken, span, {attributes(_PROCESS_TAGS, "a.value", "resource")}
        from (
            select line, broken, span, processes[span.processID] as process
            from (
                select line, broken, processes, {each("spans")} as span from {{records}}
            )
        )
    )
)""",
)

_CONSOLE_SPAN = {
    "context": struct(**texts("trace_id", "span_id")), "parent_id": "VARCHAR", "start_time": "VARCHAR",
    "end_time": "VARCHAR", "status": struct(status_code="VARCHAR"), "status_code": "VARCHAR",
    "span_kind": "VARCHAR", "attributes": "JSON", "resource": struct(attributes="JSON"),
}  # fmt: skip
_CONSOLE_ALONE = f"[struct_pack({', '.join(f'{name} := {name}' for name in _CONSOLE_SPAN)})]"
CONSOLE = SpanShape(
    {"spans": struct(**_CONSOLE_SPAN) + "[]", **_CONSOLE_SPAN},
    f"""(
    select line, broken, span.context.trace_id as trace_id, span.context.span_id as span_id, span.parent_id,
        span.start_time as started_at, span.end_time as ended_at, cast(null as varchar) as duration_us,
        coalesce(span.status.status_code, span.status_code) as status_code,
        list_append(span_names, 'openinference.span.kind') as span_names,
        list_append(span_values, span.span_kind) as span_values, {{shared}} as shared
    from (
        select *, {members("span.attributes", "span")}, {members("span.resource.attributes", "resource")}
        from (select line, broken, {each("spans", _CONSOLE_ALONE)} as span from {{records}})
    )
)""",
)
