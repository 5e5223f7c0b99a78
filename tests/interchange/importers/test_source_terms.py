"""Every term that a source can say reaches its column: sources x terms, each with the price that follows from it.

Prices are sums of rates times counts as `src/settings` has them; None is a cost that nobody can know.
"""

import json
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from interchange.importers.mapping_text import build_mapping
from tests.interchange.importers.importing import by_id, imported

TIME = "2026-11-20T10:00:00Z"
M = 1_000_000
FLASH = Decimal(1000 * Decimal("0.3") + 100 * Decimal("2.5")) / M
SONNET = Decimal(1000 * 3 + 100 * 15) / M
GPT = Decimal(1000 * Decimal("2.5") + 100 * 15) / M


class Said(NamedTuple):
    """A record of a source, what its call holds, and its price; a `gap` names what has no rate."""

    term: str
    record: dict[str, Any]
    columns: dict[str, str]
    usd: Decimal | None
    gap: str = ""


def vertex(
    term: str, counted: dict[str, Any], location: str = "global", /, **response: Any
) -> dict[str, Any]:
    maker, model = (
        ("anthropic", "claude-sonnet-4-5") if "usage" in response else ("google", "gemini-2.5-flash")
    )
    counts = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "totalTokenCount": 1100} | counted
    answer = response if "usage" in response else {"usageMetadata": counts, **response}
    path = f"publishers/{maker}/models/{model}"
    return {
        "logging_time": "2026-11-20 10:00:00 UTC", "endpoint": f"projects/p/locations/{location}/{path}", "model": path,
        "request_id": term, "full_request": "{}", "full_response": json.dumps(answer),
    }  # fmt: skip


def modalities(**counts: int) -> list[dict[str, Any]]:
    return [{"modality": name.upper(), "tokenCount": count} for name, count in counts.items()]


GROUNDED = [
    {"groundingMetadata": {"webSearchQueries": ["a", "b"]}},
    {"groundingMetadata": {"webSearchQueries": ["c"]}},
]
CLAUDE = {"input_tokens": 1000, "output_tokens": 100}
SOUND = {
    "promptTokenCount": 101_000, "cachedContentTokenCount": 40_000, "candidatesTokenCount": 500,
    "totalTokenCount": 101_500, "promptTokensDetails": modalities(text=1000, audio=100_000),
    "cacheTokensDetails": modalities(audio=40_000),
}  # fmt: skip
HEARD = Decimal(1000 * Decimal("0.3") + 60_000 * 1 + 40_000 * Decimal("0.1") + 500 * Decimal("2.5")) / M
VERTEX = [
    Said(term, vertex(term, usage, location, **response), columns, usd, gap)
    for term, usage, location, response, columns, usd, gap in (
        ("on demand", {"trafficType": "ON_DEMAND"}, "global", {}, {"service_tier": "on_demand"}, FLASH, ""),
        ("flex", {"trafficType": "ON_DEMAND_FLEX"}, "global", {}, {}, None, "service_tier=flex"),
        ("priority", {"trafficType": "ON_DEMAND_PRIORITY"}, "global", {}, {}, None, "service_tier=priority"),
        ("bought", {"trafficType": "PROVISIONED_THROUGHPUT"}, "global", {}, {}, None, "service_tier=provisioned"),
        ("cached sound", SOUND, "global", {}, {"cached_input_audio_tokens": "40000"}, HEARD, ""),
        ("grounded", {}, "global", {"candidates": GROUNDED}, {"web_search_requests": "3"}, FLASH + Decimal("0.035"), ""),
        ("region, older model", {}, "us-central1", {}, {"inference_geo": "us-central1"}, FLASH, ""),
        (
            "region of Claude", {}, "us-east5",
            {"usage": CLAUDE | {"server_tool_use": {"web_search_requests": 2}}}, {"inference_geo": "us-east5"},
            SONNET * Decimal("1.1") + 2 * Decimal("0.01"), "",
        ),
        ("Claude everywhere", {}, "global", {"usage": CLAUDE}, {"inference_geo": "global"}, SONNET, ""),
    )
]  # fmt: skip


def bedrock(term: str, model: str = "amazon.nova-pro-v1:0", **answer: Any) -> dict[str, Any]:
    return {
        "schemaType": "ModelInvocationLog", "timestamp": TIME, "requestId": term, "modelId": model,
        "operation": "Converse", "region": "us-east-1", "accountId": "1", "input": {"inputTokenCount": 1000},
        "output": {"outputTokenCount": 100, "outputBodyJson": answer},
    }  # fmt: skip


NOVA = Decimal(1000 * Decimal("0.8") + 100 * Decimal("3.2")) / M
CLAUDE_THERE = "anthropic.claude-sonnet-4-5-20250929-v1:0"
BEDROCK = [
    Said("default", bedrock("default", serviceTier={"type": "default"}), {}, NOVA),
    *(
        Said(tier, bedrock(tier, serviceTier={"type": tier}), {}, None, f"service_tier={tier}")
        for tier in ("priority", "flex", "reserved")
    ),
    Said(
        "latency",
        bedrock("latency", performanceConfig={"latency": "optimized"}),
        {"speed": "optimized"},
        None,
        "speed=optimized",
    ),
    Said("no latency", bedrock("no latency", performanceConfig={"latency": "standard"}), {}, NOVA),
    Said("global", bedrock("global", f"global.{CLAUDE_THERE}"), {}, SONNET),
    Said("us", bedrock("us", f"us.{CLAUDE_THERE}"), {}, SONNET * Decimal("1.1")),
    Said("bare", bedrock("bare", CLAUDE_THERE), {}, SONNET * Decimal("1.1")),
    Said("govcloud", bedrock("govcloud", f"us-gov.{CLAUDE_THERE}"), {}, None),
]


def litellm(term: str, usage: dict[str, Any], /, **fields: Any) -> dict[str, Any]:
    meta = {"usage_object": usage, "cost_breakdown": fields.pop("breakdown", {})}
    return {
        "request_id": term, "call_type": "acompletion", "spend": None, "startTime": TIME, "endTime": TIME,
        "custom_llm_provider": "openai", "api_base": "", "cache_hit": "False", "model": "gpt-5.4",
        "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "metadata": meta,
    } | fields  # fmt: skip


def lifetimes(**counts: int) -> dict[str, Any]:
    named = {f"ephemeral_{span.lstrip('_')}_input_tokens": count for span, count in counts.items()}
    return {"prompt_tokens_details": {"cache_creation_token_details": named}}


ANTHROPIC = {"custom_llm_provider": "anthropic", "model": "claude-sonnet-4-5"}
VERTEX_CLAUDE = {"custom_llm_provider": "vertex_ai", "model": "claude-sonnet-4-5@20250929"}
# 500 of 1,000 input tokens of GPT-6.1 Sol written at 2.5 USD for a million, the others at 2, and output at 10
WRITTEN = Decimal(500 * 2 + 500 * Decimal("2.5") + 100 * 10) / M
LITELLM = [
    Said("30 minutes", litellm("30 minutes", lifetimes(_30m=500), model="gpt-6.1-sol"),
         {"cache_write_tokens": "500"}, WRITTEN),
    Said("12 hours", litellm("12 hours", lifetimes(_30m=200, _12h=300), model="gpt-6.1-sol"),
         {"cache_write_tokens": "500", "cache_write_12h_tokens": "300"}, None, "cache_write_12h_tokens"),
    Said("an hour", litellm("an hour", lifetimes(_5m=200, _1h=300), **ANTHROPIC),
         {"cache_write_tokens": "500", "cache_write_1h_tokens": "300"},
         Decimal(500 * 3 + 200 * Decimal("3.75") + 300 * 6 + 100 * 15) / M),
    Said("served tier", litellm("served tier", {"service_tier": "flex"}), {"service_tier": "flex"}, GPT / 2),
    Said("priced tier", litellm("priced tier", {}, breakdown={"service_tier": "priority"}),
         {"service_tier": "priority"}, GPT * 2),
    Said("a batch that ended", litellm("a batch that ended", {}, call_type="aretrieve_batch"),
         {"service_tier": "batch"}, GPT / 2),
    Said("residency", litellm("residency", {}, breakdown={"data_residency": "eu"}),
         {"inference_geo": "eu"}, GPT * Decimal("1.1")),
    Said("geo", litellm("geo", {"inference_geo": "us"}, custom_llm_provider="anthropic", model="claude-opus-4-6"),
         {"inference_geo": "us"}, Decimal(1000 * 5 + 100 * 25) / M * Decimal("1.1")),
    Said("region", litellm("region", {}, **VERTEX_CLAUDE, breakdown={"vertex_location": "europe-west1"}),
         {"inference_geo": "europe-west1"}, SONNET * Decimal("1.1")),
    Said("no region", litellm("no region", {}, **VERTEX_CLAUDE, breakdown={"vertex_location": "global"}),
         {"inference_geo": "global"}, SONNET),
    Said("data zone", litellm("data zone", {}, custom_llm_provider="azure", model="azure/eu/gpt-5.4"),
         {}, GPT * Decimal("1.1")),
    Said("speed", litellm("speed", {"speed": "fast"}, custom_llm_provider="anthropic", model="claude-opus-5-5"),
         {"speed": "fast"}, Decimal(1000 * 8 + 100 * 40) / M),
    Said("searches", litellm("searches", {"server_tool_use": {"web_search_requests": 3}}, **ANTHROPIC),
         {"web_search_requests": "3"}, SONNET + 3 * Decimal("0.01")),
    Said("sound", litellm("sound", {"prompt_tokens_details": {"audio_tokens": 400}}, custom_llm_provider="gemini",
                          model="gemini-2.5-flash"),
         {"input_audio_tokens": "400"}, Decimal(600 * Decimal("0.3") + 400 + 100 * Decimal("2.5")) / M),
    Said("pictures", litellm("pictures", {"completion_tokens_details": {"image_tokens": 50}},
                             custom_llm_provider="gemini", model="gemini-2.5-flash-image"),
         {"output_image_tokens": "50"}, Decimal(1000 * Decimal("0.3") + 50 * Decimal("2.5") + 50 * 30) / M),
]  # fmt: skip


def session(term: str, model: str = "claude-opus-4-6", **usage: Any) -> dict[str, Any]:
    return {
        "sessionId": "s", "uuid": term, "type": "assistant", "timestamp": TIME, "requestId": term,
        "message": {"id": term, "role": "assistant", "model": model, "usage": CLAUDE | usage},
    }  # fmt: skip


OPUS = Decimal(1000 * 5 + 100 * 25) / M
COMPACTED = [
    {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3500, "cache_read_input_tokens": 0},
    {"type": "message", **CLAUDE},
]
ADVISED = [
    {"type": "message", **CLAUDE},
    {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 5000, "output_tokens": 900},
]
CLAUDE_CODE = [
    Said(
        "one step",
        session("one step", iterations=[{"type": "message", **CLAUDE}]),
        {"input_tokens": "1000"},
        OPUS,
    ),
    Said(
        "compacted",
        session("compacted", iterations=COMPACTED),
        {"input_tokens": "181000", "output_tokens": "3600"},
        Decimal(181_000 * 5 + 3600 * 25) / M,
    ),
    Said("advised", session("advised", iterations=ADVISED), {"tool_units": "advisor:1"}, OPUS, "advisor"),
]


def anthropic_batch(term: str, **usage: Any) -> dict[str, Any]:
    message = {"id": term, "model": "claude-opus-4-5", "usage": CLAUDE | usage}
    return {"custom_id": term, "result": {"type": "succeeded", "message": message}}


HOUR = {"cache_creation_input_tokens": 100, "cache_creation": {"ephemeral_1h_input_tokens": 100}}
ANTHROPIC_BATCH = [
    Said("batch", anthropic_batch("batch", service_tier="standard"), {"service_tier": "batch"}, OPUS / 2),
    Said(
        "hour and search",
        anthropic_batch("hour and search", **HOUR, server_tool_use={"web_search_requests": 1}),
        {"cache_write_1h_tokens": "100"},
        Decimal(1000 * Decimal("2.5") + 100 * 5 + 100 * Decimal("12.5")) / M + Decimal("0.01"),
    ),
]


def openai_batch(term: str, body: dict[str, Any]) -> dict[str, Any]:
    made = {
        "id": f"b{term}",
        "created_at": 1_795_168_800,
        "model": "gpt-5.4",
        "service_tier": "default",
    } | body
    return {"id": term, "custom_id": term, "error": None, "response": {"status_code": 200, "body": made}}


RESPONSE = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
ITEMS = [
    {"type": "web_search_call", "action": {"type": "search"}}, {"type": "web_search_call", "action": {"type": "open_page"}},
    {"type": "web_search_call"}, {"type": "file_search_call"}, {"type": "message"},
]  # fmt: skip
DRAWN = [{"type": "code_interpreter_call"}, {"type": "image_generation_call"}]
OPENAI_BATCH = [
    Said("batch", openai_batch("batch", {"usage": RESPONSE}), {"service_tier": "batch"}, GPT / 2),
    Said(
        "pages are opened free",
        openai_batch("pages are opened free", {"usage": RESPONSE, "output": ITEMS}),
        {"web_search_requests": "2", "tool_units": "file_search:1"},
        GPT / 2 + 2 * Decimal("0.01") + Decimal("0.0025"),
    ),
    Said(
        "tools without a count of what is billed",
        openai_batch("tools without a count of what is billed", {"usage": RESPONSE, "output": DRAWN}),
        {"tool_units": "code_interpreter:1 image_generation:1"},
        GPT / 2,
        "code_interpreter image_generation",
    ),
]


def langfuse(term: str, usage: dict[str, int], model: str = "gpt-5.4", **fields: Any) -> dict[str, Any]:
    named = {"id": term, "traceId": "t", "type": "GENERATION", "startTime": TIME, "model": model}
    return named | {"usageDetails": usage} | fields


LANGFUSE = [
    Said("asked", langfuse("asked", {"input": 1000, "output": 100}, modelParameters={"service_tier": "flex"}),
         {"service_tier": "flex"}, GPT / 2),
    Said("named by counts", langfuse("named by counts", {
        "input": 0, "input_priority": 500, "input_priority_cache_read": 500, "output": 0, "output_priority": 100,
        "total": 1100}),
         {"service_tier": "priority", "cached_input_tokens": "500", "input_tokens": "1000"},
         Decimal(500 * 5 + 500 * Decimal("0.5") + 100 * 30) / M),
    Said("cached sound inside", langfuse("cached sound inside", {
        "input": 0, "input_modality_TEXT": 1000, "input_modality_AUDIO": 100_000, "cached_modality_AUDIO": 40_000,
        "output": 500, "total": 101_500}, "gemini-2.5-flash"),
         {"input_audio_tokens": "100000", "cached_input_audio_tokens": "40000"}, HEARD),
    Said("cached sound apart", langfuse("cached sound apart", {
        "input": 1000, "input_audio": 60_000, "input_cached_audio": 40_000, "output": 500}, "gemini-2.5-flash"),
         {"input_audio_tokens": "100000", "cached_input_audio_tokens": "40000"}, HEARD),
    Said("pictures", langfuse("pictures", {"input": 300, "output": 20, "output_image_tokens": 1290},
                              "gemini-2.5-flash-image"),
         {"output_image_tokens": "1290"}, Decimal(300 * Decimal("0.3") + 20 * Decimal("2.5") + 1290 * 30) / M),
]  # fmt: skip


def langsmith(term: str, read: dict[str, int], made: dict[str, int]) -> dict[str, Any]:
    return {
        "id": term, "run_type": "llm", "trace_id": "t", "dotted_order": "x", "session_id": "p", "start_time": TIME,
        "end_time": TIME, "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "status": "success",
        "extra": {"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-5.4"}},
        "prompt_token_details": read, "completion_token_details": made,
    }  # fmt: skip


LANGSMITH = [
    Said("plain", langsmith("plain", {}, {}), {"service_tier": ""}, GPT),
    Said(
        "flex",
        langsmith("flex", {"flex": 600, "flex_cache_read": 400}, {"flex": 100}),
        {"service_tier": "flex", "cached_input_tokens": "400"},
        Decimal(600 * Decimal("1.25") + 400 * Decimal("0.13") + 100 * Decimal("7.5")) / M,
    ),
]


def span(term: str, model: str, **values: int | str) -> dict[str, Any]:
    named = {
        "gen_ai.operation.name": "chat", "gen_ai.request.model": model, "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
    } | {key.replace("__", "."): value for key, value in values.items()}  # fmt: skip
    return {
        "traceId": "1" * 32, "spanId": term, "name": "chat", "startTimeUnixNano": "1795168800000000000",
        "endTimeUnixNano": "1795168801000000000",
        "attributes": [{"key": key, "value": {"stringValue": str(value)}} for key, value in named.items()],
    }  # fmt: skip


OTEL = [
    Said("a" * 16, span("a" * 16, "gpt-5.4", openai__response__service_tier="priority"),
         {"service_tier": "priority"}, GPT * 2),
    Said("b" * 16, span("b" * 16, "claude-sonnet-4-5", anthropic__response__service_tier="batch"),
         {"service_tier": "batch"}, SONNET / 2),
    Said("c" * 16, span("c" * 16, "claude-sonnet-4-5", gen_ai__provider__name="anthropic",
                        gen_ai__usage__cache_write__input_tokens=500,
                        anthropic__usage__cache_creation__ephemeral_1h_input_tokens=300),
         {"cache_write_1h_tokens": "300"}, Decimal(500 * 3 + 200 * Decimal("3.75") + 300 * 6 + 100 * 15) / M),
    Said("d" * 16, span("d" * 16, "gemini-2.5-flash", gen_ai__usage__audio__input_tokens=400),
         {"input_audio_tokens": "400"}, Decimal(600 * Decimal("0.3") + 400 + 100 * Decimal("2.5")) / M),
]  # fmt: skip


def openrouter(term: str, **fields: Any) -> dict[str, Any]:
    named = {
        "id": term, "created_at": TIME, "model": "openai/gpt-5.4", "provider_name": "OpenAI", "total_cost": None,
        "native_tokens_prompt": 1000, "native_tokens_completion": 100,
    }  # fmt: skip
    return {"data": named | fields}


OPENROUTER = [
    Said("tier", openrouter("tier", service_tier="flex"), {"service_tier": "flex"}, GPT / 2),
    Said("place", openrouter("place", data_region="eu"), {"inference_geo": "eu"}, GPT * Decimal("1.1")),
]

SOURCES = {
    "vertex": VERTEX, "bedrock": BEDROCK, "litellm": LITELLM, "claude-code": CLAUDE_CODE, "langfuse": LANGFUSE,
    "anthropic-batch": ANTHROPIC_BATCH, "openai-batch": OPENAI_BATCH, "langsmith": LANGSMITH, "otel": OTEL,
    "openrouter": OPENROUTER,
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_each_term_that_a_source_says_reaches_its_column_and_the_price(tmp_path: Any, source: str) -> None:
    said = SOURCES[source]
    records: Any = [entry.record for entry in said]
    if source == "otel":
        records = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": records}]}]}
    mapping = build_mapping([], [f"timestamp={TIME}"] if source == "anthropic-batch" else [])
    _, rows = imported(tmp_path, records, mapping=mapping, published_rates=False)
    found = by_id(rows)
    assert set(found) == {entry.term for entry in said}
    for entry in said:
        row = found[entry.term]
        cost = Decimal(row["cost_usd"]) if row["cost_usd"] else None
        assert (entry.term, cost, row["cost_gap"]) == (entry.term, entry.usd, entry.gap)
        assert {name: row[name] for name in entry.columns} == entry.columns, entry.term
