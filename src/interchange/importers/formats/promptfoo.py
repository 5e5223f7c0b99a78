"""promptfoo: results of evaluations (results.json).

A failed assertion is no failed call, and what its own cache answered called nobody. All results have the time of the
evaluation; older files, whose results stand at the top, have none.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.fields import ColumnFields, Record
from interchange.importers.nested_rows import each, row_of, struct, texts

_TOKENS = struct(**texts("prompt", "completion", "total", "cached", "numRequests", "completionDetails"))
_ANSWER = struct(**texts("cached", "cost", "error"), tokenUsage=_TOKENS)
_RESULT = {**texts("id", "latencyMs", "cost", "failureReason", "error", "provider"), "response": _ANSWER}
SHAPES = {
    "evalId": "VARCHAR",
    "results": struct(timestamp="VARCHAR", results=struct(**_RESULT) + "[]"),
    **_RESULT,
}  # fmt: skip
COLUMNS = {
    "evaluation": "evalId",
    "timestamp": "timestamp",
    "id": "r.id",
    "latency": "r.latencyMs",
    "cost": "coalesce(r.cost, r.response.cost)",
    "failure": "r.failureReason",
    "provider": "coalesce(json_extract_string(try_cast(r.provider as json), '$.id'), r.provider)",
    "cached": "r.response.cached",
    "prompt": "r.response.tokenUsage.prompt",
    "completion": "r.response.tokenUsage.completion",
    "total": "r.response.tokenUsage.total",
    "requests": "r.response.tokenUsage.numRequests",
    "details": "r.response.tokenUsage.completionDetails",
}
_ALONE = f"[struct_pack({', '.join(f'{name} := {name}' for name in _RESULT)})]"
RELATION = f"""(
    select line, broken, {row_of(COLUMNS)}
    from (
        select line, broken, evalId, results.timestamp as timestamp, {each("results.results", _ALONE)} as r
        from {{records}}
    )
)"""
KINDS = "(chat|completion|completions|messages|responses|embedding|embeddings|assistant)"
"""What stands between a provider and a model, in some names of promptfoo."""


def recognise(sample: Sample) -> bool:
    """Whether the document is an evaluation."""
    return any(
        isinstance(record.get("results"), dict) and "results" in record["results"] for record in sample
    )


def recognise_older(sample: Sample) -> bool:
    """Whether records are results that stood at the top of a document."""
    return any({"latencyMs", "provider", "response", "vars"} <= record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a result."""
    text = fields.text
    named = text("provider")
    return FieldMapping(
        timestamp=text("timestamp"),
        latency_ms=text("latency"),
        call_id=text("id"),
        provider=f"split_part({named}, ':', 1)",
        model=f"regexp_replace({named}, '^[^:]+:({KINDS}:)?', '')",
        input=text("prompt"),
        output=text("completion"),
        reasoning=fields.within("details").text("reasoning"),
        total=text("total"),
        convention="'assumed'",
        cost=text("cost"),
        run_id=text("evaluation"),
        trace_id=text("evaluation"),
        user_agent="'promptfoo'",
        status=f"case when {text('failure')} = '2' then 'error' else 'success' end",
        skip=f"case when {text('cached')} = 'true' then 'own_cache' when {named} is null then 'not_a_call' end",
    )


FORMATS = tuple(
    Format(
        "promptfoo",
        "promptfoo results",
        judge,
        field_mapping,
        shapes=SHAPES,
        relation=RELATION,
        fields=lambda: ColumnFields(tuple(COLUMNS)),
        provider_doubtful=True,
        precedence=33,
        lacks_time=lacks,
    )
    for judge, lacks in (
        (recognise, ""),
        (recognise_older, "results of an older promptfoo, which tell no time"),
    )
)
