"""Revenium: bodies of its metering requests, alone or captured with method, path and headers.

The wire follows the provider's own convention: OpenAI counts cached tokens inside the input, Anthropic apart.
"""

import contextlib
import json

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record


def recognise(sample: Sample) -> bool:
    """Whether some record is the metering of a completion."""
    return any("inputTokenCount" in _body(record) and "transactionId" in _body(record) for record in sample)


def _body(record: dict[str, object]) -> dict[str, object]:
    body = record.get("body")
    if isinstance(body, str):
        with contextlib.suppress(ValueError):
            body = json.loads(body)
    return body if isinstance(body, dict) else record


TERM_FIELDS = {
    "write_1h": "cacheCreation1hTokenCount",
    "cache_write_12h_tokens": "cacheCreation12hTokenCount",
    "input_audio_tokens": "inputAudioTokenCount",
    "input_image_tokens": "inputImageTokenCount",
    "input_video_tokens": "inputVideoTokenCount",
    "cached_input_audio_tokens": "cachedInputAudioTokenCount",
    "cached_input_image_tokens": "cachedInputImageTokenCount",
    "output_audio_tokens": "outputAudioTokenCount",
    "output_image_tokens": "outputImageTokenCount",
    "output_video_tokens": "outputVideoTokenCount",
    "web_search_requests": "webSearchRequestCount",
}
"""Counts that a price may depend on: those that Revenium's wire has, and those that the metering server here takes."""


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a body, wherever it stands."""
    body = fields.within("body")

    def text(*keys: str) -> str:
        return first_of(fields.text(*keys), body.text(*keys))

    unit = f"regexp_replace(lower({text('billingUnit')}), '^per_', '')"
    # Inclusive output makes the total input plus output; a middleware's Anthropic body leaves its cache out.
    failed = f"{text('stopReason')} = 'ERROR' or {text('errorCode')} is not null or {text('errorReason')} is not null"
    return FieldMapping(
        timestamp=text("requestTime"),
        ended=text("responseTime"),
        latency_ms=text("requestDuration"),
        call_id=text("transactionId"),
        request_id=first_of(text("parentTransactionId"), text("transactionId")),
        provider=f"lower({text('provider')})",
        model=text("model"),
        input=text("inputTokenCount"),
        output=text("outputTokenCount"),
        cached=text("cacheReadTokenCount"),
        write=text("cacheCreationTokenCount"),
        reasoning=text("reasoningTokenCount"),
        total=text("totalTokenCount"),
        convention=f"case when {text('provider')} ilike '%anthropic%' or {text('model')} ilike '%claude%' "
        "then 'unknown' else 'assumed' end",
        # A batch says so apart; what was asked for counts where nobody says what served.
        service_tier=f"case when {text('pricingTier')} ilike 'batch' then 'batch' else "
        f"{first_of(text('actualServiceTier'), text('pricingTier'), text('requestedServiceTier'))} end",
        **{column: text(name) for column, name in TERM_FIELDS.items()},
        tool_units=text("toolUnits"),
        units=f"case {unit} when 'second' then {text('durationSeconds')} when 'character' then "
        f"{text('characterCount')} else {text('unitCount')} end",
        unit=unit,
        speed=text("speed"),
        inference_geo=text("inferenceGeo"),
        cost=text("totalCost"),
        customer_id=text("subscriber", "id"),
        subscription_tier=text("subscriptionTier"),
        organization_id=first_of(text("organizationName"), text("organizationId")),
        product_id=first_of(text("productName"), text("productId")),
        feature_id=first_of(text("agent"), text("transactionName")),
        task_type=text("taskType"),
        run_id=text("agenticJobId"),
        agent_name=text("agent"),
        workflow=first_of(text("agenticJobName"), text("agenticJobType")),
        parent_id=text("parentTransactionId"),
        retry_number=text("retryNumber"),
        environment=text("environment"),
        trace_id=text("traceId"),
        session_id=first_of(text("traceName"), text("traceType")),
        status=f"case when {failed} then 'error' else 'success' end",
        region=text("region"),
        time_to_first_token_ms=text("timeToFirstToken"),
        skip=f"case when coalesce({text('inputTokenCount')}, {text('outputTokenCount')}) is null "
        "then 'not_a_call' end",
    )


FORMATS = (
    Format("revenium", "Revenium metering", recognise, field_mapping, precedence=30, ids_by_time=True),
)
