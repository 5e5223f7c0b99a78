"""Inspect (UK AI Security Institute): evaluation logs, as JSON or as .eval archives.

Each event of a model is a call, unless the tool's own cache answered. Since version 0.3.184 the input leaves the cache
out, before it did so for some providers only: the total of each event tells. Counts of samples and logs repeat these.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import ColumnFields, Record
from interchange.importers.nested_rows import each, row_of, struct, texts

_USAGE = (
    "input_tokens", "output_tokens", "total_tokens", "input_tokens_cache_read", "input_tokens_cache_write",
    "reasoning_tokens", "total_cost",
)  # fmt: skip
_OUTPUT = struct(**texts("model", "time", "error"), usage=struct(**texts(*_USAGE)))
_EVENT = struct(
    **texts("event", "uuid", "timestamp", "completed", "model", "cache", "error", "working_time"),
    output=_OUTPUT,
)
_EVAL = struct(**texts("run_id", "eval_id", "task", "task_id"))
SHAPES = {"eval": _EVAL, **texts("id", "epoch"), "events": _EVENT + "[]"}
COLUMNS = {
    "run": "coalesce(eval.run_id, eval.eval_id)",
    "task": "eval.task",
    "sample": "concat_ws('/', id, epoch)",
    "event": "e.event",
    "uuid": "e.uuid",
    "started": "e.timestamp",
    "ended": "e.completed",
    "model": "e.model",
    "cache": "e.cache",
    "error": "coalesce(e.error, e.output.error)",
    "working_time": "e.working_time",
    "answered_by": "e.output.model",
    "time": "e.output.time",
    **{name: f"e.output.usage.{name}" for name in _USAGE},
}
RELATION = f"""(
    select line, broken, {row_of(COLUMNS)}
    from (select line, broken, eval, id, epoch, {each("events")} as e from {{records}})
)"""


def recognise(sample: Sample) -> bool:
    """Whether records are samples of an evaluation with their events."""
    return any({"eval", "epoch"} <= record.keys() and "events" in record for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of an event."""
    text = fields.text
    counted = {name: f"coalesce(count_of({text(name)}), 0)" for name in _USAGE[:-1]}
    alone = f"{counted['input_tokens']} + {counted['output_tokens']}"
    cache = f"{counted['input_tokens_cache_read']} + {counted['input_tokens_cache_write']}"
    total, model = counted["total_tokens"], text("model")
    made = f"concat_ws('/', {text('run')}, {text('sample')}, {text('started')})"
    seconds = first_of(text("time"), text("working_time"))
    return FieldMapping(
        timestamp=text("started"),
        ended=text("ended"),
        latency_ms=f"cast(try_cast({seconds} as double) * 1000 as varchar)",
        call_id=first_of(text("uuid"), made),
        provider=f"case when contains({model}, '/') then split_part({model}, '/', 1) end",
        model=first_of(f"real_model({text('answered_by')})", model),
        input=text("input_tokens"),
        output=text("output_tokens"),
        cached=text("input_tokens_cache_read"),
        write=text("input_tokens_cache_write"),
        reasoning=text("reasoning_tokens"),
        total=text("total_tokens"),
        convention=f"case when {total} = {alone} + {cache} then 'exclusive' when {total} = {alone} then 'inclusive' "
        "else 'assumed' end",
        cost=text("total_cost"),
        feature_id=text("task"),
        run_id=text("run"),
        workflow=text("task"),
        trace_id=text("run"),
        session_id=text("sample"),
        user_agent="'inspect'",
        status=f"case when {text('error')} is not null then 'error' else 'success' end",
        skip=f"case when {text('event')} is distinct from 'model' then 'not_a_call' "
        f"when {text('cache')} = 'read' then 'own_cache' end",
    )


FORMATS = (
    Format(
        "inspect",
        "Inspect evaluation log",
        recognise,
        field_mapping,
        shapes=SHAPES,
        relation=RELATION,
        fields=lambda: ColumnFields(tuple(COLUMNS)),
        precedence=13,
        calls_are="an event `model` that the tool's own cache did not answer",
        provider_doubtful=True,
    ),
)
