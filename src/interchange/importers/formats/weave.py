"""W&B Weave: calls of its API, whose usage stands by model. A call around others sums their usage.

A call that asked two models becomes two; one that sums several requests is none.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import ColumnFields, Record
from interchange.importers.nested_rows import row_of, struct, texts

SHAPES = {
    **texts("id", "trace_id", "parent_id", "op_name", "started_at", "ended_at", "exception", "project_id", "thread_id"),
    "summary": struct(usage="JSON", weave=struct(**texts("status", "latency_ms"), costs="JSON")),
    "inputs": struct(model="VARCHAR"), "attributes": "VARCHAR",
}  # fmt: skip
COLUMNS = {
    "id": "id",
    "trace": "trace_id",
    "parent": "parent_id",
    "op": "op_name",
    "started": "started_at",
    "ended": "ended_at",
    "exception": "exception",
    "project": "project_id",
    "thread": "thread_id",
    "status": "summary.weave.status",
    "latency": "summary.weave.latency_ms",
    "asked": "inputs.model",
    "model": "model",
    "models": "cast(len(names) as varchar)",
    "usage": "cast(json_extract(summary.usage, path) as varchar)",
    "costs": "cast(json_extract(summary.weave.costs, path) as varchar)",
    "attributes": "attributes",
}
RELATION = f"""(
    select line, broken, {row_of(COLUMNS)}
    from (
        select *, '$."' || replace(model, '"', '\\"') || '"' as path from (
            select *, unnest(case when len(names) > 0 then names else [null] end) as model
            from (select *, try(json_keys(summary.usage)) as names from {{records}})
        )
    )
)"""


def recognise(sample: Sample) -> bool:
    """Whether records are calls."""
    return any({"op_name", "trace_id", "started_at", "summary"} <= record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a call and one model that it used."""
    text, usage, costs = fields.text, fields.within("usage"), fields.within("costs")
    several = f"{text('models')} > '1'"
    failed = f"({text('status')} = 'error' or {text('exception')} is not null)"
    amounts = [f"money_of({costs.text(f'{side}_tokens_total_cost')})" for side in ("prompt", "completion")]
    return FieldMapping(
        timestamp=text("started"),
        ended=text("ended"),
        latency_ms=text("latency"),
        call_id=f"{text('id')} || case when {several} then '/' || {text('model')} else '' end",
        model=first_of(text("model"), text("asked")),
        input=first_of(usage.text("input_tokens"), usage.text("prompt_tokens")),
        output=first_of(usage.text("output_tokens"), usage.text("completion_tokens")),
        cached=first_of(
            usage.text("cache_read_input_tokens"), usage.text("prompt_tokens_details", "cached_tokens")
        ),
        write=usage.text("cache_creation_input_tokens"),
        reasoning=usage.text("completion_tokens_details", "reasoning_tokens"),
        total=usage.text("total_tokens"),
        convention="'assumed'",
        reasoning_convention="'assumed'",
        cost=f"cast({amounts[0]} + coalesce({amounts[1]}, 0) as varchar)",
        product_id=text("project"),
        feature_id=f"regexp_extract({text('op')}, 'op/([^:]+)', 1)",
        trace_id=text("trace"),
        session_id=text("thread"),
        status=f"case when {failed} then 'error' else 'success' end",
        skip=f"case when count_of({usage.text('requests')}) > 1 then 'aggregate' "
        f"when {text('usage')} is null and not ({failed} and {text('asked')} is not null) then 'not_a_call' end",
        span=text("id"),
        parent_id=text("parent"),
    )


FORMATS = (
    Format(
        "weave",
        "W&B Weave calls",
        recognise,
        field_mapping,
        shapes=SHAPES,
        relation=RELATION,
        fields=lambda: ColumnFields(tuple(COLUMNS)),
        nested=True,
        provider_doubtful=True,
        precedence=17,
        calls_are="a call with the usage of one request",
    ),
)
