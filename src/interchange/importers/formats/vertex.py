"""Vertex AI: logged requests and responses (rows of BigQuery), of Gemini and of Claude.

Gemini counts thoughts and the prompts of tools beside the others, and cached tokens inside; Claude's counts do not
overlap. The location of the endpoint sets the price. Logging may be sampled: then sums are a share of what was called.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Fields, Record
from interchange.importers.formats._anthropic_usage import usage_columns
from interchange.importers.tagged import OF_RUNS, tagged


def recognise(sample: Sample) -> bool:
    """Whether records are logged responses."""
    return any({"logging_time", "full_response"} <= record.keys() for record in sample)


def _of_modality(usage: Fields, details: str, modality: str) -> str:
    """SQL for the tokens of a modality in a list of details."""
    listed = (
        f'try(json_transform({usage.text(details)}, \'[{{"modality": "VARCHAR", "tokenCount": "BIGINT"}}]\'))'
    )
    chosen = f"list_filter({listed}, lambda d: d.modality = '{modality}')"
    return f"cast(list_sum(list_transform({chosen}, lambda d: d.tokenCount)) as varchar)"


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a row."""
    text, response = fields.text, fields.within("full_response")
    usage = response.within("usageMetadata")
    labels = tagged(fields, [], [fields.within("full_request").text("labels")])
    claude = f"{response.text('usage')} is not null"
    made = first_of(text("model"), text("endpoint"))
    prompt, tool = usage.text("promptTokenCount"), usage.text("toolUsePromptTokenCount")
    gemini_input = f"cast(count_of({prompt}) + coalesce(count_of({tool}), 0) as varchar)"
    parts = {
        f"{side}_{kind}_tokens": _of_modality(usage, details, kind.upper())
        for side, details in (("input", "promptTokensDetails"), ("output", "candidatesTokensDetails"))
        for kind in ("audio", "image", "video")
    }
    parts |= {
        f"cached_input_{kind}_tokens": _of_modality(usage, "cacheTokensDetails", kind.upper())
        for kind in ("audio", "image")
    }
    of_claude = usage_columns(lambda *keys: response.text("usage", *keys))
    location = f"nullif(regexp_extract({text('endpoint')}, 'locations/([^/]+)', 1), '')"
    queries = f"list_sum(list_transform(try(cast(json_extract({text('full_response')}, "
    queries += (
        "'$.candidates[*].groundingMetadata.webSearchQueries') as json[])), lambda q: json_array_length(q)))"
    )
    return FieldMapping(
        timestamp=f"rtrim({text('logging_time')}, ' UTC')",
        latency_ms=fields.within("metadata").text("request_latency"),
        call_id=text("request_id"),
        request_id=first_of(response.text("responseId"), response.text("id"), text("request_id")),
        provider=f"nullif(regexp_extract({made}, 'publishers/([^/]+)/', 1), '')",
        model=first_of(response.text("modelVersion"), response.text("model"), made),
        input=first_of(gemini_input, of_claude["input"]),
        output=first_of(usage.text("candidatesTokenCount"), of_claude["output"]),
        cached=first_of(usage.text("cachedContentTokenCount"), of_claude["cached"]),
        write=of_claude["write"],
        write_1h=of_claude["write_1h"],
        reasoning=usage.text("thoughtsTokenCount"),
        total=usage.text("totalTokenCount"),
        convention=f"case when {claude} then 'exclusive' else 'inclusive' end",
        reasoning_convention="'exclusive'",
        **parts,
        service_tier=first_of(usage.text("trafficType"), of_claude["service_tier"]),
        speed=of_claude["speed"],
        inference_geo=location,
        web_search_requests=first_of(f"cast({queries} as varchar)", of_claude["web_search_requests"]),
        tool_units=of_claude["tool_units"],
        **labels.columns(
            "customer_id", "organization_id", "product_id", "feature_id", "environment", *OF_RUNS
        ),
        task_type=first_of(labels("task_type"), text("api_method")),
        region=location,
        status=f"case when {response.text('error')} is not null then 'error' else 'success' end",
    )


FORMATS = (
    Format(
        "vertex",
        "Vertex AI request-response log",
        recognise,
        field_mapping,
        precedence=47,
        remark="Vertex AI may log a sample of the requests: then all sums are a share",
    ),
)
