"""OpenTelemetry spans: the shapes of files, the names of attributes over the years, ids, nesting and failures."""

import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.interchange.importers.importing import by_id, import_files, imported, written

TRACE = "5b8efff798038103d269b633813fc60c"
START = 1_772_359_200_000_000_000
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100,
}  # fmt: skip


def value(thing: Any, *, bare_numbers: bool = False) -> dict[str, Any]:
    if isinstance(thing, bool):
        return {"boolValue": thing}
    if isinstance(thing, int):
        return {"intValue": thing if bare_numbers else str(thing)}
    if isinstance(thing, float):
        return {"doubleValue": thing}
    if isinstance(thing, list):
        return {"arrayValue": {"values": [value(entry) for entry in thing]}}
    return {"stringValue": thing}


def attributes(named: dict[str, Any], **options: bool) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(thing, **options)} for key, thing in named.items()]


def span(
    identity: str, named: dict[str, Any], parent: str = "", trace: str = TRACE, **fields: Any
) -> dict[str, Any]:
    return {
        "traceId": trace, "spanId": identity, "parentSpanId": parent, "name": "chat", "kind": 3, "status": {},
        "startTimeUnixNano": str(START), "endTimeUnixNano": str(START + 1_500_000_000), "attributes": attributes(named),
    } | fields  # fmt: skip


def document(*spans: dict[str, Any], **resource: Any) -> dict[str, Any]:
    shared = {"service.name": "shop-api", "deployment.environment.name": "prod"} | resource
    scopes = [{"scope": {"name": "x"}, "spans": list(spans)}]
    return {"resourceSpans": [{"resource": {"attributes": attributes(shared)}, "scopeSpans": scopes}]}


# name: (attributes, what the call must say)
GENERATIONS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "semantic conventions": (
        CALL | {
            "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.response.id": "r1", "gen_ai.conversation.id": "conv",
            "user.id": "u7", "gen_ai.agent.name": "planner", "gen_ai.usage.cache_read.input_tokens": 800,
            "gen_ai.usage.reasoning.output_tokens": 30, "gen_ai.input.messages": "secret",
        },
        {"provider": "openai", "model": "gpt-4o-2024-08-06", "request_id": "r1", "session_id": "conv", "customer_id": "u7",
         "feature_id": "planner", "cached_input_tokens": "800", "reasoning_tokens": "30", "product_id": "shop-api",
         "environment": "prod", "task_type": "chat"},
    ),
    "OpenLLMetry": (
        {"gen_ai.system": "OpenAI", "llm.request.type": "chat", "gen_ai.request.model": "gpt-4o",
         "gen_ai.usage.prompt_tokens": 1000, "gen_ai.usage.completion_tokens": 100, "llm.usage.total_tokens": 1100,
         "gen_ai.prompt.0.content": "secret", "traceloop.association.properties.customer_id": "c1",
         "traceloop.association.properties.session_id": "s1", "gen_ai.usage.cache_read_input_tokens": 5},
        {"provider": "openai", "customer_id": "c1", "session_id": "s1", "cached_input_tokens": "5"},
    ),
    "OpenInference": (
        {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o", "llm.provider": "openai", "input.value": "secret",
         "llm.token_count.prompt": 1000, "llm.token_count.completion": 100, "session.id": "s", "user.id": "u",
         "llm.token_count.prompt_details.cache_read": 600, "llm.token_count.completion_details.reasoning": 20},
        {"provider": "openai", "customer_id": "u", "cached_input_tokens": "600", "reasoning_tokens": "20"},
    ),
    "OpenLIT": (CALL | {"gen_ai.usage.cost": 0.0123}, {"cost_usd": "0.012300000", "cost_source": "reported"}),
    "Anthropic SDK": (
        CALL | {"gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-sonnet-4-5",
                "gen_ai.usage.cache_read.input_tokens": 600, "gen_ai.usage.cache_write.input_tokens": 200},
        {"cached_input_tokens": "600", "cache_write_tokens": "200"},
    ),
    "Vercel": (
        {"ai.operationId": "ai.generateText.doGenerate", "ai.model.id": "gpt-4o", "ai.model.provider": "openai.chat",
         "ai.usage.promptTokens": 1000, "ai.usage.completionTokens": 100},
        {"provider": "openai"},
    ),
    "a blank answer of the model's name": (CALL | {"gen_ai.response.model": ""}, {"model": "gpt-4o"}),
    "Google": (
        CALL | {"gen_ai.provider.name": "gcp.gemini", "gen_ai.request.model": "gemini-2.5-flash"}, {"provider": "google"},
    ),
    "Azure": (CALL | {"gen_ai.provider.name": "azure.ai.openai"}, {"provider": "azure"}),
    "Bedrock": (
        CALL | {"gen_ai.provider.name": "aws.bedrock",
                "gen_ai.request.model": "anthropic.claude-sonnet-4-5-20250929-v1:0"},
        {"provider": "bedrock"},
    ),
    "a provider that cannot have the model": (
        CALL | {"gen_ai.provider.name": "gemini", "gen_ai.request.model": "gpt-4.1-mini"}, {"provider": "openai"},
    ),
    "seconds to the first token": (CALL | {"gen_ai.server.time_to_first_token": 0.35}, {"time_to_first_token_ms": "350"}),
}  # fmt: skip


def test_attributes_of_all_years_and_makers(tmp_path: Path) -> None:
    spans = [span(name, named) for name, (named, _) in GENERATIONS.items()]
    _, rows = imported(tmp_path, json.dumps(document(*spans)) + "\n")
    found = by_id(rows)
    for name, (_, expected) in GENERATIONS.items():
        row = found[name]
        assert {column: row[column] for column in expected} == expected, name
        assert (row["input_tokens"], row["output_tokens"], row["latency_ms"]) == ("1000", "100", "1500"), name
        assert row["cost_source"] in ("reported", "computed"), name
    assert "secret" not in (tmp_path / "calls.csv").read_text()


def b64(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


def snake(one: dict[str, Any]) -> dict[str, Any]:
    kinds = {"intValue": "int_value", "stringValue": "string_value"}
    return {
        "trace_id": one["traceId"], "span_id": one["spanId"], "status": {},
        "start_time_unix_nano": one["startTimeUnixNano"], "end_time_unix_nano": one["endTimeUnixNano"],
        "attributes": [
            {"key": entry["key"], "value": {kinds[kind]: thing for kind, thing in entry["value"].items()}}
            for entry in one["attributes"]
        ],
    }  # fmt: skip


ONE = span("eee19b7ec3c1b174", CALL)
IN_BASE64 = ONE | {"traceId": b64(TRACE), "spanId": b64("eee19b7ec3c1b174"), "parentSpanId": "AAAAAAAAAAA="}
RESOURCE = {"attributes": attributes({"service.name": "shop-api"})}
TAGS = [{"key": key, "type": "string", "value": thing} for key, thing in CALL.items()]
SHAPES: dict[str, Any] = {
    "a line": document(ONE),
    "a list of documents": [document(ONE)],
    "numbers": document(ONE | {"attributes": attributes(CALL, bare_numbers=True)}),
    "no parent of zeros": document(ONE | {"parentSpanId": "0000000000000000"}),
    "Tempo": {"batches": [{"resource": RESOURCE, "instrumentationLibrarySpans": [{"spans": [IN_BASE64]}]}]},
    "Tempo v2": {"trace": document(IN_BASE64)},
    "a resource behind its spans": {"resourceSpans": [{"scopeSpans": [{"spans": [ONE]}], "resource": RESOURCE}]},
    "one resource": {"resource": RESOURCE, "scopeSpans": [{"spans": [ONE]}]},
    "names of protocol buffers": {"resource_spans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"string_value": "shop-api"}}]},
        "scope_spans": [{"spans": [snake(ONE)]}]}]},
    "Jaeger": {"data": [{"traceID": TRACE, "processes": {"p1": {"serviceName": "shop-api"}}, "spans": [{
        "traceID": TRACE, "spanID": "eee19b7ec3c1b174", "processID": "p1", "references": [], "tags": TAGS,
        "startTime": START // 1000, "duration": 1_500_000}]}]},
    "console": {"name": "chat", "context": {"trace_id": "0x" + TRACE, "span_id": "0xeee19b7ec3c1b174"},
        "start_time": "2026-03-01T10:00:00.000000Z", "end_time": "2026-03-01T10:00:01.500000Z", "parent_id": None,
        "attributes": CALL, "status": {"status_code": "UNSET"}, "resource": {"attributes": {"service.name": "shop-api"}}},
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_of_files_give_the_same_call(tmp_path: Path, shape: str, indent: int | None) -> None:
    _, [row] = imported(tmp_path, json.dumps(SHAPES[shape], indent=indent))
    assert (row["call_id"], row["trace_id"], row["product_id"]) == ("eee19b7ec3c1b174", TRACE, "shop-api")
    assert (row["timestamp"], row["latency_ms"]) == ("2026-03-01T10:00:00.000000Z", "1500")
    # 1,000 input at $2.50 and 100 output at $10 for a million
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == ("1000", "100", "0.003500000")


def test_spans_in_hexadecimal_and_in_base64_are_the_same_spans(tmp_path: Path) -> None:
    first, second, target = tmp_path / "otlp", tmp_path / "tempo", tmp_path / "calls.csv"
    first.write_text(json.dumps(document(ONE)))
    second.write_text(json.dumps(SHAPES["Tempo"]))
    assert import_files(target, first, second).skipped == {"repeated_in_file": 1}
    assert import_files(target, second).skipped == {"already_imported": 1}


def test_an_id_is_that_of_a_span_within_its_trace(tmp_path: Path) -> None:
    spans = [
        span("01", CALL, trace="a" * 32),
        span("01", CALL, trace="b" * 32),
        span("01", CALL, trace="b" * 32),
    ]
    report, rows = imported(tmp_path, document(*spans))
    assert {row["trace_id"] for row in rows} == {"a" * 32, "b" * 32}
    assert report.skipped == {"repeated_in_file": 1}
    assert import_files(tmp_path / "calls.csv", tmp_path / "export").skipped == {
        "already_imported": 2, "repeated_in_file": 1,
    }  # fmt: skip


def test_frameworks_clients_and_agents_measure_one_call_once(tmp_path: Path) -> None:
    answered = CALL | {"gen_ai.response.id": "r1"}
    spans = [
        span("agent", CALL | {"gen_ai.operation.name": "invoke_agent"}),
        span("framework", CALL, "agent"),
        span("client", answered, "framework"),
        # another instrumentation of the same call, under a trace of its own
        span("other", answered, trace="c" * 32),
        span("tool", {"gen_ai.operation.name": "execute_tool"}, "agent"),
    ]
    report, rows = imported(tmp_path, document(*spans))
    assert [row["request_id"] for row in rows] == ["r1"]
    assert report.skipped == {"nested": 1, "not_a_call": 2, "same_answer": 1}
    assert report.double_counts_avoided == 2


def test_failures_are_calls_of_models_only(tmp_path: Path) -> None:
    failed = {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o"}
    spans = [
        span("type", failed | {"error.type": "RateLimitError"}, status={"code": 2, "message": "429"}),
        span("name", failed, status={"code": "STATUS_CODE_ERROR"}),
        span("http", {"http.method": "GET"}, status={"code": 2}),
        span("tool", {"gen_ai.operation.name": "execute_tool", "error.type": "x"}, status={"code": 2}),
        span("unused", failed),
    ]
    report, rows = imported(tmp_path, document(*spans))
    assert {row["call_id"]: (row["status"], row["input_tokens"], row["latency_ms"]) for row in rows} == {
        "type": ("error", "0", "1500"), "name": ("error", "0", "1500"),
    }  # fmt: skip
    assert report.skipped == {"not_a_call": 2, "no_usage": 1}


def test_totals_without_the_cache_are_recognised_by_calls_that_cannot_be_otherwise(tmp_path: Path) -> None:
    """An old instrumentation of Anthropic: 20 tokens of input beside 1,000 that were read from the cache."""
    usage = {
        "gen_ai.operation.name": "chat", "gen_ai.system": "anthropic", "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.usage.output_tokens": 30,
    }  # fmt: skip
    spans = [
        span("small", usage | {"gen_ai.usage.input_tokens": 20, "gen_ai.usage.cache_read_input_tokens": 1000}),
        span("large", usage | {"gen_ai.usage.input_tokens": 5000, "gen_ai.usage.cache_read_input_tokens": 1000}),
        span("failed", usage | {"gen_ai.usage.input_tokens": 0, "gen_ai.usage.cache_read_input_tokens": 7, "error.type": "x"}),
    ]  # fmt: skip
    report, rows = imported(tmp_path, document(*spans))
    found = by_id(rows)
    assert (found["small"]["input_tokens"], found["large"]["input_tokens"]) == ("1020", "6000")
    [semantics] = report.token_semantics
    assert (semantics.cached_inside, semantics.cached_calls) == (False, 2)
    # read the other way, the uncached input would have been 0 instead of 20 and 4,000 instead of 5,000, at $3
    assert semantics.at_stake_usd == (20 + 1000) * Decimal(3) / 1_000_000


def test_a_document_of_many_spans_is_cut_and_keeps_resource_and_order(tmp_path: Path) -> None:
    """Longer than any line that is read at once, in one list, with the resource at the end."""
    spans = [
        span(f"{n:016x}", CALL | {"gen_ai.response.id": f"r{n}", "pad": "x" * 400}) for n in range(1, 3001)
    ]
    source, target = tmp_path / "export", tmp_path / "calls.csv"
    source.write_text(
        json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}], "resource": RESOURCE}]})
    )
    assert source.stat().st_size > 2 << 20
    report = import_files(target, source)
    rows = written(target)
    assert (report.rows_read, report.calls) == (3000, 3000)
    assert {row["product_id"] for row in rows} == {"shop-api"}
    assert sum(int(row["input_tokens"]) for row in rows) == 3_000_000


COUNTED: dict[str, Any] = {
    "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100,
}  # fmt: skip


def spans_of(*each: dict[str, Any]) -> dict[str, Any]:
    """Spans of one trace with these attributes, the first around the others."""
    return {
        "resourceSpans": [{"scopeSpans": [{"spans": [
            {
                "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": f"b7ad6b716920000{number}",
                "parentSpanId": "b7ad6b7169200000" if number else "", "startTimeUnixNano": "1767610000000000000",
                "endTimeUnixNano": "1767610001000000000",
                "attributes": [
                    {"key": key, "value": {"stringValue": value} if isinstance(value, str) else {"doubleValue": value}}
                    for key, value in said.items()
                ],
            }
            for number, said in enumerate(each)
        ]}]}]
    }  # fmt: skip


def test_any_operation_with_a_model_and_usage_that_no_span_below_has_is_a_call(tmp_path: Path) -> None:
    named = [COUNTED | {"gen_ai.operation.name": name} for name in ("call_llm", "responses", "chat")]
    agent = COUNTED | {"gen_ai.operation.name": "shop_assistant"}
    report, rows = imported(tmp_path, spans_of(agent, *named, {"gen_ai.operation.name": "execute_tool"}))
    assert report.skipped == {"nested": 1, "not_a_call": 1}
    assert sorted(row["task_type"] for row in rows) == ["call_llm", "chat", "responses"]
    # 1,000 input at $2.50 and 100 output at $10 for a million, three times
    assert report.cost.computed_usd == Decimal("0.0105")


def test_wrappers_and_tools_with_usage_are_no_calls_even_alone(tmp_path: Path) -> None:
    wrappers = [
        COUNTED | {"gen_ai.operation.name": name} for name in ("invoke_agent", "execute_tool", "retrieval")
    ]
    report, _ = imported(tmp_path, spans_of(*wrappers))
    assert report.skipped == {"not_a_call": 3}


@pytest.mark.parametrize(
    "cost",
    [
        {"operation.cost": 0.0077}, {"gen_ai.cost.total_cost": 0.0077}, {"litellm.cost.total": 0.0077},
        {"gen_ai.usage.input_cost": 0.005, "gen_ai.usage.output_cost": 0.0027},
        {"gen_ai.usage.cost": 0.0077, "gen_ai.usage.input_cost": 1.0, "gen_ai.usage.output_cost": 1.0},
        {"llm.cost.prompt": 0.005, "llm.cost.completion": 0.0027},
    ],
)  # fmt: skip
def test_a_cost_under_any_name_is_the_reported_one(tmp_path: Path, cost: dict[str, float]) -> None:
    _, rows = imported(tmp_path, spans_of(COUNTED | cost))
    assert (rows[0]["cost_usd"], rows[0]["cost_source"]) == ("0.007700000", "reported")


@pytest.mark.parametrize("word", ["unknown", "None", "NULL", "n/a"])
def test_a_word_is_no_model_and_a_framework_no_provider(tmp_path: Path, word: str) -> None:
    said = COUNTED | {
        "gen_ai.provider.name": "langchain", "gen_ai.request.model": word, "gen_ai.response.model": word,
    }  # fmt: skip
    beside = {"traceloop.association.properties.ls_model_name": "anthropic/claude-opus-4-5-20251101"}
    _, rows = imported(tmp_path, spans_of(said | beside))
    assert (rows[0]["provider"], rows[0]["model"]) == ("anthropic", "claude-opus-4-5-20251101")
    # 1,000 input at $5 and 100 output at $25 for a million
    assert rows[0]["cost_usd"] == "0.007500000"


def test_without_any_model_the_cost_is_unknown(tmp_path: Path) -> None:
    report, rows = imported(tmp_path, spans_of(COUNTED | {"gen_ai.request.model": "unknown"}))
    assert (rows[0]["model"], rows[0]["cost_source"], report.cost.unknown_calls) == ("", "unknown", 1)


def test_the_kind_of_a_span_of_phoenix_makes_a_failed_one_a_call(tmp_path: Path) -> None:
    span = {
        "context": {"trace_id": "t1", "span_id": "a1"}, "span_kind": "LLM", "parent_id": None, "status_code": "ERROR",
        "start_time": "2026-01-05T10:00:01+00:00", "end_time": "2026-01-05T10:00:02+00:00",
        "attributes": {"llm.model_name": "gpt-4o", "llm.provider": "openai"},
    }  # fmt: skip
    chain = span | {"context": {"trace_id": "t1", "span_id": "a2"}, "span_kind": "CHAIN"}
    report, rows = imported(tmp_path, [span, chain])
    assert (report.calls, rows[0]["status"], report.skipped) == (1, "error", {"not_a_call": 1})
