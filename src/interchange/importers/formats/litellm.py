"""LiteLLM: rows of its spend-log table, its API answers, and StandardLoggingPayload objects.

Token counts are inclusive whatever the provider. `metadata` and `request_tags` are objects over HTTP and JSON
text in the table; both read alike here. A cache hit costs nothing although it has tokens.
"""

from collections.abc import Mapping

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Fields, Inner, Record
from interchange.importers.tagged import OF_RUNS, Labels, tagged

MARKS = ("custom_llm_provider", "call_type", "spend", "response_cost", "model_group", "api_base", "cache_hit")


def recognise(sample: Sample) -> bool:
    """Whether most records have LiteLLM's fields."""
    return any(
        ("request_id" in record or "id" in record)
        and ("prompt_tokens" in record or "startTime" in record)
        and sum(mark in record for mark in MARKS) >= 3
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of both shapes: names that one lacks are empty there."""
    meta = fields.within("metadata")
    usage, extra = Inner(meta, "usage_object"), Inner(meta, "additional_usage_values")
    tags = tagged(
        fields,
        [fields.text("request_tags"), meta.text("tags")],
        [meta.text("spend_logs_metadata"), meta.text("requester_metadata")],
    )
    error = meta.text("error_information", "error_code")
    failed = f"{fields.text('status')} = 'failure' or nullif({error}, '') is not null"
    spent = first_of(fields.text("spend"), fields.text("response_cost"))
    return FieldMapping(
        timestamp=fields.text("startTime"),
        ended=fields.text("endTime"),
        latency_ms=fields.text("request_duration_ms"),
        latency_guess_ms=f"cast(try_cast({fields.text('response_time')} as double) * 1000 as varchar)",
        call_id=first_of(
            fields.text("litellm_call_id"),
            meta.text("litellm_call_id"),
            fields.text("request_id"),
            fields.text("id"),
        ),
        request_id=first_of(fields.text("request_id"), fields.text("id")),
        provider=first_of(fields.text("custom_llm_provider")),
        model=first_of(
            fields.text("model"),
            fields.text("hidden_params", "litellm_model_name"),
            fields.text("model_group"),
        ),
        input=fields.text("prompt_tokens"),
        output=fields.text("completion_tokens"),
        **_parts_of_tokens(usage, extra),
        **_terms(fields, meta, usage, extra),
        total=fields.text("total_tokens"),
        cost=f"case when {_is_no_price(fields, meta, spent)} then null else {spent} end",
        **_whose(fields, meta, tags),
        trace_id=first_of(fields.text("trace_id"), fields.text("session_id")),
        session_id=first_of(fields.text("session_id"), fields.text("trace_id")),
        user_agent=first_of(fields.text("user_agent"), meta.text("user_agent"), tags("user_agent")),
        status=f"case when {failed} then 'error' else 'success' end",
        first_token_at=fields.text("completionStartTime"),
    )


def _parts_of_tokens(usage: Fields, extra: Fields) -> dict[str, str]:
    """What of the tokens was cached, reasoned, or is sound and pictures."""
    lifetimes = {
        span: usage.text(
            "prompt_tokens_details", "cache_creation_token_details", f"ephemeral_{span}_input_tokens"
        )
        for span in ("5m", "30m", "1h", "12h")
    }
    return {
        "cached": first_of(
            usage.text("prompt_tokens_details", "cached_tokens"),
            extra.text("cache_read_input_tokens"),
            usage.text("cache_read_input_tokens"),
            extra.text("prompt_tokens_details", "cached_tokens"),
        ),
        "write": first_of(
            usage.text("prompt_tokens_details", "cache_creation_tokens"),
            usage.text("prompt_tokens_details", "cache_write_tokens"),
            extra.text("cache_creation_input_tokens"),
            usage.text("cache_creation_input_tokens"),
            extra.text("prompt_tokens_details", "cache_creation_tokens"),
            _sum_of(lifetimes),
        ),
        "write_1h": first_of(lifetimes["1h"], usage.text("cache_creation", "ephemeral_1h_input_tokens")),
        "cache_write_12h_tokens": lifetimes["12h"],
        "input_audio_tokens": usage.text("prompt_tokens_details", "audio_tokens"),
        "input_image_tokens": usage.text("prompt_tokens_details", "image_tokens"),
        "input_video_tokens": usage.text("prompt_tokens_details", "video_tokens"),
        "output_audio_tokens": usage.text("completion_tokens_details", "audio_tokens"),
        "output_image_tokens": usage.text("completion_tokens_details", "image_tokens"),
        "reasoning": first_of(
            usage.text("completion_tokens_details", "reasoning_tokens"),
            extra.text("completion_tokens_details", "reasoning_tokens"),
        ),
    }


def _terms(fields: Fields, meta: Fields, usage: Fields, extra: Fields) -> dict[str, str]:
    """What the price depends on beside the tokens."""
    return {
        "web_search_requests": first_of(
            usage.text("server_tool_use", "web_search_requests"),
            usage.text("prompt_tokens_details", "web_search_requests"),
        ),
        "speed": usage.text("speed"),
        "inference_geo": first_of(
            usage.text("inference_geo"),
            meta.text("cost_breakdown", "data_residency"),
            meta.text("cost_breakdown", "vertex_location"),
        ),
        "service_tier": first_of(
            # The row of a batch that has ended holds the tokens of all its requests.
            f"case when contains({fields.text('call_type')}, 'retrieve_batch') then 'batch' end",
            usage.text("service_tier"),
            extra.text("service_tier"),
            meta.text("cost_breakdown", "service_tier"),
        ),
    }


def _whose(fields: Record, meta: Fields, tags: Labels) -> dict[str, str]:
    """Who and what the call was for."""
    return dict(
        customer_id=first_of(
            fields.text("end_user"), meta.text("user_api_key_end_user_id"), tags("customer_id")
        ),
        organization_id=first_of(
            fields.text("organization_id"),
            meta.text("user_api_key_org_id"),
            fields.text("team_id"),
            meta.text("user_api_key_team_id"),
            meta.text("user_api_key_team_alias"),
            tags("organization_id"),
        ),
        product_id=first_of(
            tags("product_id"), meta.text("user_api_key_project_id"), meta.text("user_api_key_alias")
        ),
        **tags.columns("feature_id", "task_type", "subscription_tier", "environment", *OF_RUNS),
        retry_number=meta.text("attempted_retries"),
    )


def _sum_of(counts: Mapping[str, str]) -> str:
    """SQL for counts together; NULL where all are unknown."""
    listed = ", ".join(f"count_of({count})" for count in counts.values())
    return f"cast(list_sum([{listed}]) as varchar)"


def _is_no_price(fields: Record, meta: Fields, spent: str) -> str:
    """True for a zero that is no price: tokens were used, not from a cache, and no price entry says zero."""
    entry = ("model_map_information", "model_map_value", "input_cost_per_token")
    price = first_of(meta.text(*entry), fields.text(*entry))
    tokens = [
        f"coalesce(count_of({fields.text(name)}), 0)" for name in ("prompt_tokens", "completion_tokens")
    ]
    return (
        f"coalesce(try_cast({spent} as double) = 0, false) and {' + '.join(tokens)} > 0 "
        f"and coalesce(lower({fields.text('cache_hit')}), '') <> 'true' "
        f"and coalesce(try_cast({price} as double), 1) <> 0"
    )


FORMATS = (
    Format(
        "litellm",
        "LiteLLM",
        recognise,
        field_mapping,
        tags=("request_tags",),
        precedence=60,
        ids_by_time=True,
    ),
)
