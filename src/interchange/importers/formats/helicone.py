"""Helicone: rows of its request query, and files of its export tool (JSON, JSON lines, CSV).

The CSV has no request id or provider, and its `latency` and `cost_usd` come out empty: times are subtracted
and costs computed. Custom properties say whom a call was for.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import NULL, first_of
from interchange.importers.fields import Record
from interchange.importers.tagged import OF_RUNS, tagged

NO_CACHE = "00000000-0000-0000-0000-000000000000"


def recognise(sample: Sample) -> bool:
    """Whether records have Helicone's request and response fields."""
    return any({"request_created_at", "response_status"} <= record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of all shapes."""
    text = fields.text
    properties = [unquoted(text("properties")), unquoted(text("request_properties"))]
    session = first_of(*(fields.derived(entry).text("Helicone-Session-Id") for entry in properties))
    labelled = tagged(fields, [], properties)
    hit = f"coalesce(nullif({text('cache_reference_id')}, ''), '{NO_CACHE}') <> '{NO_CACHE}'"
    code = f"try_cast({text('response_status')} as integer)"
    provider, model = (
        text("provider"),
        first_of(text("response_model"), text("model_override"), text("request_model"), text("model")),
    )

    return FieldMapping(
        timestamp=text("request_created_at"),
        ended=text("response_created_at"),
        latency_ms=text("delay_ms"),
        latency_guess_ms=text("latency"),
        call_id=first_of(text("request_id"), text("response_id")),
        request_id=first_of(text("request_id"), text("response_id")),
        provider=provider,
        model=model,
        input=text("prompt_tokens"),
        output=text("completion_tokens"),
        cached=text("prompt_cache_read_tokens"),
        write=text("prompt_cache_write_tokens"),
        write_1h=text("prompt_cache_write_1h"),
        reasoning=text("reasoning_tokens"),
        input_audio_tokens=text("prompt_audio_tokens"),
        output_audio_tokens=text("completion_audio_tokens"),
        total=text("total_tokens"),
        # The counts are the provider's own, and Anthropic counts cached tokens apart.
        convention=f"case when {provider} ilike '%anthropic%' or {model} ilike '%claude%' then 'unknown' "
        "else 'assumed' end",
        cost=f"case when {hit} then '0' else {first_of(text('cost'), text('costUSD'), text('cost_usd'))} end",
        customer_id=first_of(text("request_user_id"), labelled("customer_id")),
        session_id=session,
        trace_id=session,
        **labelled.columns(
            "environment",
            "feature_id",
            "task_type",
            "subscription_tier",
            "organization_id",
            "product_id",
            *OF_RUNS,
        ),
        status=f"case when {code} between 0 and 399 or {code} is null then 'success' else 'error' end",
        region=text("country_code"),
        time_to_first_token_ms=text("time_to_first_token"),
    )


def unquoted(cell: str) -> str:
    """SQL for JSON in a cell of CSV, whose quotes the export tool doubles twice."""
    if cell == NULL:
        return NULL
    doubled = f"{cell} like '{{\"\"%' and {cell} not like '{{\"\":%'"
    return f"case when {doubled} then replace({cell}, '\"\"', '\"') else {cell} end"


FORMATS = (Format("helicone", "Helicone requests", recognise, field_mapping, precedence=40),)
