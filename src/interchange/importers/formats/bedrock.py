"""Amazon Bedrock: its model invocation logs, from S3 (JSON lines) or CloudWatch (filter-log-events, Insights).

CloudWatch holds a record as text. What was read from a cache and written to it stands beside the input. The answer of
a stream is a list of its parts, the last of which has the times; without text delivery there is no answer, and neither
latency nor the lifetime of a cache is known.
"""

import json
from typing import Any

from foundation.sql_text import literal
from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import JsonFields, Record
from interchange.importers.tagged import OF_RUNS, tagged

SCHEMA = "ModelInvocationLog"
MESSAGES = ("message", "@message")
NAMED_BY_ITSELF = literal(":(foundation-model|inference-profile)/")
"""Resources whose last part is a model; what others hold, their name does not tell."""


def recognise(sample: Sample) -> bool:
    """Whether some record is one of an invocation, or holds one as text."""
    return any(_schema(record) == SCHEMA for record in sample)


def _schema(record: dict[str, Any]) -> object:
    texts = [record[key] for key in MESSAGES if isinstance(record.get(key), str)]
    for text in texts:
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return inner.get("schemaType") if isinstance(inner, dict) else None
    return record.get("schemaType")


class _Answer:
    """What a call answered: an object, or the parts of a stream."""

    def __init__(self, fields: Record, body: str) -> None:
        self.whole: JsonFields = fields.derived(body)
        self.start: JsonFields = fields.derived(f"cast(try(json_extract({body}, '$[0]')) as varchar)")
        self.end: JsonFields = fields.derived(f"cast(try(json_extract({body}, '$[#-1]')) as varchar)")

    def said(self, *keys: str) -> str:
        """SQL for what the answer says of itself, wherever it does."""
        return first_of(
            self.whole.text(*keys), self.start.text("message", *keys), self.end.text("metadata", *keys)
        )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a record, wherever it stands."""
    message = fields.derived(first_of(*(fields.text(name) for name in MESSAGES)))

    def text(*keys: str) -> str:
        return first_of(message.text(*keys), fields.text(*keys))

    answer = _Answer(fields, fields.named(text("output", "outputBodyJson")))
    metrics = answer.end.within("amazon-bedrock-invocationMetrics")
    role = f"nullif(regexp_extract({text('identity', 'arn')}, '(assumed-role|role|user)/([^/]+)', 2), '')"
    labels = tagged(fields, [], [text("requestMetadata")])
    hour = (
        f"list_sum(list_transform(list_filter(try(json_transform({answer.said('usage', 'cacheDetails')}, "
        '\'[{"ttl": "VARCHAR", "inputTokens": "BIGINT"}]\')), lambda d: d.ttl = \'1h\'), lambda d: d.inputTokens))'
    )
    return FieldMapping(
        timestamp=text("timestamp"),
        latency_ms=first_of(
            answer.said("metrics", "latencyMs"), metrics.text("invocationLatency"), answer.said("latencyMs")
        ),
        time_to_first_token_ms=metrics.text("firstByteLatency"),
        call_id=text("requestId"),
        request_id=text("requestId"),
        provider="'bedrock'",
        model=_model(fields.named(text("modelId")), answer),
        input=text("input", "inputTokenCount"),
        output=text("output", "outputTokenCount"),
        cached=text("input", "cacheReadInputTokenCount"),
        write=text("input", "cacheWriteInputTokenCount"),
        write_1h=first_of(
            answer.said("usage", "cache_creation", "ephemeral_1h_input_tokens"), f"cast({hour} as varchar)"
        ),
        convention="'exclusive'",
        service_tier=first_of(
            answer.said("serviceTier", "type"), answer.said("service_tier"), text("serviceTier", "type")
        ),
        speed=answer.said("performanceConfig", "latency"),
        **labels.columns(
            "customer_id",
            "subscription_tier",
            "feature_id",
            "environment",
            "session_id",
            *OF_RUNS,
        ),
        organization_id=first_of(labels("organization_id"), text("accountId")),
        product_id=first_of(labels("product_id"), role),
        task_type=first_of(labels("task_type"), text("operation")),
        region=first_of(text("inferenceRegion"), text("region")),
        status=f"case when {text('errorCode')} is not null then 'error' else 'success' end",
        skip=f"case when {text('schemaType')} is distinct from '{SCHEMA}' then 'not_a_call' end",
    )


def _model(named: str, answer: _Answer) -> str:
    """SQL for the model: an own inference profile hides it, but an answer may tell."""
    of_resource = (
        f"case when regexp_matches({named}, {NAMED_BY_ITSELF}) then regexp_extract({named}, '[^/]+$') end"
    )
    plain = f"case when {named} not like 'arn:%' then {named} end"
    return first_of(plain, of_resource, answer.said("model"), named)


FORMATS = (Format("bedrock", "Amazon Bedrock invocation log", recognise, field_mapping, precedence=14),)
