"""Kong: lines of its http-log and file-log with what the AI proxy says; others are no calls.

Costs follow prices that the user configured: zero beside tokens may mean that there are none.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record

PLUGINS = ("proxy", "ai-proxy", "ai-proxy-advanced")
"""What the plugin is called, newest first."""


def recognise(sample: Sample) -> bool:
    """Whether lines are requests, some of them of AI."""
    return any(
        "started_at" in record and isinstance(record.get("ai"), dict) and {*PLUGINS} & record["ai"].keys()
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a request."""
    text, told = fields.text, fields.within("ai")

    def said(*keys: str) -> str:
        return first_of(*(told.text(plugin, *keys) for plugin in PLUGINS))

    spent = f"coalesce(money_of({said('usage', 'cost')}) <> 0, false)"
    code = f"try_cast({text('response', 'status')} as integer)"
    return FieldMapping(
        timestamp=text("started_at"),
        latency_ms=first_of(said("meta", "llm_latency"), text("latencies", "request")),
        time_to_first_token_ms=said("usage", "time_to_first_token"),
        call_id=text("request", "id"),
        request_id=text("request", "id"),
        provider=said("meta", "provider_name"),
        model=first_of(said("meta", "response_model"), said("meta", "request_model")),
        input=said("usage", "prompt_tokens"),
        output=said("usage", "completion_tokens"),
        cached=said("usage", "prompt_tokens_details", "cached_tokens"),
        reasoning=said("usage", "completion_tokens_details", "reasoning_tokens"),
        total=said("usage", "total_tokens"),
        convention="'assumed'",
        cost=f"case when {spent} then {said('usage', 'cost')} end",
        customer_id=first_of(text("consumer", "username"), text("consumer", "custom_id")),
        product_id=first_of(text("service", "name"), text("workspace_name")),
        feature_id=text("route", "name"),
        task_type=said("meta", "request_mode"),
        status=f"case when {code} >= 400 then 'error' else 'success' end",
        skip=f"case when {first_of(*(told.text(plugin) for plugin in PLUGINS))} is null then 'not_a_call' end",
    )


FORMATS = (
    Format(
        "kong",
        "Kong AI Gateway log",
        recognise,
        field_mapping,
        calls_are="a line with what the AI proxy logs (logging.log_statistics)",
        precedence=48,
    ),
)
