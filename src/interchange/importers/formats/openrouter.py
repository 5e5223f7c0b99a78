"""OpenRouter: the CSV of single generations, and answers of its generation API.

`cost_total` already nets the cache discount or surcharge (`cost_cache`); what is spent with the user's own
key (`byok_usage_inference`, or `upstream_inference_cost` where `is_byok`) is outside it and is added. A zero is a real
zero: free variants cost nothing.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record


def recognise(sample: Sample) -> bool:
    """Whether records are generations."""
    return any(
        {"generation_id", "model_permaslug"} <= record.keys()
        or {"native_tokens_prompt", "total_cost"} <= record.keys()
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of both shapes, by name: the order of columns varies."""
    text = fields.text
    cost, own_key = first_of(text("cost_total"), text("total_cost")), first_of(text("byok_usage_inference"))
    # The upstream's cost is filled without an own key, too, and then it is in the total.
    upstream = (
        f"case when lower({text('is_byok')}) = 'true' then money_of({text('upstream_inference_cost')}) end"
    )
    generation = first_of(text("generation_id"), text("id"))
    failed = f"lower({first_of(text('finish_reason_normalized'), text('finish_reason'))}) = 'error'"
    return FieldMapping(
        timestamp=text("created_at"),
        latency_ms=first_of(text("generation_time_ms"), text("generation_time"), text("latency")),
        call_id=generation,
        request_id=generation,
        provider=text("provider_name"),
        model=first_of(text("model_permaslug"), text("model")),
        input=first_of(text("tokens_prompt"), text("native_tokens_prompt")),
        output=first_of(text("tokens_completion"), text("native_tokens_completion")),
        cached=first_of(text("tokens_cached"), text("native_tokens_cached")),
        reasoning=first_of(text("tokens_reasoning"), text("native_tokens_reasoning")),
        output_image_tokens=text("native_tokens_completion_images"),
        service_tier=text("service_tier"),
        inference_geo=text("data_region"),
        cost=f"cast(money_of({cost}) + coalesce(money_of({own_key}), {upstream}, 0) as varchar)",
        customer_id=first_of(text("user"), text("external_user")),
        product_id=first_of(text("app_name"), text("origin")),
        organization_id=text("api_key_name"),
        status=f"case when {failed} then 'error' else 'success' end",
        time_to_first_token_ms=text("time_to_first_token_ms"),
    )


FORMATS = (Format("openrouter", "OpenRouter generations", recognise, field_mapping, precedence=50),)
