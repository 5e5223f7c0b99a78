"""The traps of real exports, one by one: tokens, costs, nesting, times, errors, aggregates."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import NoUsableData, UsageError
from tests.interchange.importers.importing import build_mapping, import_files, imported, written
from tests.running import run_script


def litellm(**fields: Any) -> dict[str, Any]:
    return {
        "request_id": "r1", "call_type": "acompletion", "startTime": "2026-03-01 10:00:00.000000",
        "endTime": "2026-03-01 10:00:02.500000", "model": "gpt-4o", "custom_llm_provider": "openai",
        "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "spend": 0.5, "cache_hit": "None",
        "metadata": "{}", "status": "success",
    } | fields  # fmt: skip


def otlp(*spans: dict[str, Any], key: str = "resourceSpans", scope: str = "scopeSpans") -> dict[str, Any]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "app"}}]}
    return {key: [{"resource": resource, scope: [{"spans": list(spans)}]}]}


def span(
    span_id: str, parent: str = "", trace: str = "t1", status: int = 0, **attributes: Any
) -> dict[str, Any]:
    def value(thing: Any) -> dict[str, Any]:
        return {"intValue": str(thing)} if isinstance(thing, int) else {"stringValue": thing}

    return {
        "traceId": trace, "spanId": span_id, "parentSpanId": parent, "name": "chat", "kind": "SPAN_KIND_CLIENT",
        "startTimeUnixNano": "1772359200000000000", "endTimeUnixNano": "1772359201500000000",
        "status": {"code": status} if status else {},
        "attributes": [{"key": key.replace("__", "."), "value": value(thing)} for key, thing in attributes.items()],
    }  # fmt: skip


CHAT = {
    "gen_ai__operation__name": "chat", "gen_ai__provider__name": "openai", "gen_ai__request__model": "gpt-4o",
    "gen_ai__usage__input_tokens": 100, "gen_ai__usage__output_tokens": 10,
}  # fmt: skip


def langfuse(**fields: Any) -> dict[str, Any]:
    return {
        "id": "o1", "traceId": "t1", "type": "GENERATION", "name": "answer", "startTime": "2026-03-01T10:00:00.000Z",
        "endTime": "2026-03-01T10:00:01.000Z", "model": "gpt-4o", "internalModelId": "m1",
        "usageDetails": {"input": 100, "output": 10, "total": 110}, "costDetails": {"total": 0.01}, "level": "DEFAULT",
    } | fields  # fmt: skip


def test_a_present_zero_is_free_and_a_missing_cost_is_computed(tmp_path: Path) -> None:
    entry = {"model_map_information": {"model_map_value": {"input_cost_per_token": 0.0}}}
    records = [
        litellm(request_id="hit", spend=0, cache_hit="True"),
        litellm(request_id="entry", spend=0, metadata=json.dumps(entry)),
        litellm(request_id="zero", spend=0),
        litellm(request_id="absent", spend=None),
    ]
    _, rows = imported(tmp_path, records)
    by_id = {row["call_id"]: (row["cost_usd"], row["cost_source"]) for row in rows}
    free = ("0.000000000", "reported")
    # 1,000 input at $2.50 and 100 output at $10 for a million; a zero beside tokens says nothing by itself
    computed = ("0.003500000", "computed")
    assert by_id == {"hit": free, "entry": free, "zero": computed, "absent": computed}


def test_an_unknown_model_is_unknown_never_zero(tmp_path: Path) -> None:
    report, rows = imported(tmp_path, [litellm(spend=None, model="acme-1", custom_llm_provider="acme")])
    assert (rows[0]["cost_usd"], rows[0]["cost_source"]) == ("", "unknown")
    assert report.cost.unknown_calls == 1
    assert [(entry.provider, entry.model, entry.calls) for entry in report.unpriced] == [
        ("acme", "acme-1", 1)
    ]


def test_a_failure_stays_a_row_with_its_latency(tmp_path: Path) -> None:
    metadata = json.dumps({"error_information": {"error_code": "429"}})
    failed = litellm(status="failure", prompt_tokens=0, completion_tokens=0, spend=0, metadata=metadata)
    report, rows = imported(tmp_path, [failed])
    assert (rows[0]["status"], rows[0]["latency_ms"], rows[0]["cost_usd"]) == ("error", "2500", "0.000000000")
    assert report.totals.errors == 1


@pytest.mark.parametrize("wrap", ["lines", "list", "page"])
def test_the_shapes_of_litellm_read_alike(tmp_path: Path, wrap: str) -> None:
    details = {"usage_object": {"prompt_tokens_details": {"cached_tokens": 600}}}
    records = [
        litellm(request_id="a", metadata=details),
        litellm(request_id="b", metadata=json.dumps(details)),
    ]
    shapes: dict[str, Any] = {
        "lines": records, "list": json.dumps(records, indent=2), "page": {"data": records, "total": 2, "page": 1}
    }  # fmt: skip
    _, rows = imported(tmp_path, shapes[wrap])
    assert [row["cached_input_tokens"] for row in rows] == ["600", "600"]


def test_a_list_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    text = json.dumps([litellm(request_id=f"r{n}") for n in range(5)])
    report, rows = imported(tmp_path, text[:-40])
    assert len(rows) == 4
    assert report.skipped == {"not_json": 1}


def test_bad_lines_are_counted_and_the_rest_kept(tmp_path: Path) -> None:
    lines = [json.dumps(litellm(request_id="a")), "{broken", "[1, 2]", json.dumps(litellm(request_id="b"))]
    report, _ = imported(tmp_path, "\n".join(lines))
    assert (report.calls, report.skipped) == (2, {"not_an_object": 1, "not_json": 1})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"prompt_tokens": "1.5"}, "bad_number"),
        ({"prompt_tokens": "1_000"}, "bad_number"),
        ({"prompt_tokens": -1}, "bad_number"),
        ({"spend": "0x10"}, "bad_number"),
        ({"spend": -0.5}, "negative_cost"),
        ({"startTime": "2026-02-30 10:00:00"}, "bad_timestamp"),
        ({"startTime": "9999-01-01"}, "bad_timestamp"),
        ({"startTime": None}, "no_timestamp"),
        ({"model": "x" * 70_000}, "field_too_large"),
    ],
)
def test_a_record_that_cannot_be_read_is_skipped_with_its_reason(
    tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    report, _ = imported(tmp_path, [litellm(request_id="good"), litellm(request_id="bad", **fields)])
    assert report.skipped == {reason: 1}


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T10:00:00Z", "2026-03-01 10:00:00", "2026-03-01T12:00:00+02:00", "2026-03-01 10:00:00.0000009",
        "1772359200", "1772359200.0", "1772359200000", "1772359200000000", "1772359200000000000",
    ],
)  # fmt: skip
def test_every_way_to_write_a_time_gives_the_same_instant(tmp_path: Path, text: str) -> None:
    _, rows = imported(tmp_path, [litellm(startTime=text, endTime=None)])
    assert rows[0]["timestamp"] == "2026-03-01T10:00:00.000000Z"


def test_cached_tokens_outside_the_total_are_found_and_added(tmp_path: Path) -> None:
    usage = {"gen_ai.usage.cache_read.input_tokens": 1000, "gen_ai.usage.cache_creation.input_tokens": 200}
    attributes = {
        "gen_ai__operation__name": "chat", "gen_ai__system": "anthropic", "gen_ai__request__model": "claude-sonnet-4-6",
        "gen_ai__usage__input_tokens": 20, "gen_ai__usage__output_tokens": 30,
    } | {key.replace(".", "__"): value for key, value in usage.items()}  # fmt: skip
    report, rows = imported(tmp_path, [otlp(span("a", **attributes))])
    assert (rows[0]["input_tokens"], rows[0]["cached_input_tokens"], rows[0]["cache_write_tokens"]) == (
        "1220",
        "1000",
        "200",
    )
    # $3 input, $0.30 read, $3.75 written, $15 output for a million
    expected = (20 * Decimal(3) + 1000 * Decimal("0.3") + 200 * Decimal("3.75") + 30 * 15) / 1_000_000
    assert Decimal(rows[0]["cost_usd"]) == expected
    [found] = report.token_semantics
    assert not found.cached_inside
    assert found.at_stake_usd is not None


def test_cached_tokens_inside_the_total_are_not_added(tmp_path: Path) -> None:
    report, rows = imported(tmp_path, [otlp(span("a", **CHAT, gen_ai__usage__cache_read__input_tokens=80))])
    assert (rows[0]["input_tokens"], rows[0]["cached_input_tokens"]) == ("100", "80")
    [found] = report.token_semantics
    # had they stood outside, 80 more tokens at $2.50 would have been paid
    assert (found.cached_inside, found.at_stake_usd) == (True, 80 * Decimal("2.5") / 1_000_000)


def test_a_wrapper_with_usage_is_dropped_however_deep_its_call_lies(tmp_path: Path) -> None:
    spans = [
        span("root", **CHAT), span("tool", "root", gen_ai__operation__name="execute_tool"),
        span("call", "tool", **CHAT), span("other", **CHAT),
    ]  # fmt: skip
    report, rows = imported(tmp_path, [otlp(*spans)])
    assert {row["call_id"] for row in rows} == {"call", "other"}
    assert report.skipped == {"nested": 1, "not_a_call": 1}


def test_nesting_is_seen_across_lines(tmp_path: Path) -> None:
    report, rows = imported(tmp_path, [otlp(span("call", "root", **CHAT)), otlp(span("root", **CHAT))])
    assert [row["call_id"] for row in rows] == ["call"]
    assert report.double_counts_avoided == 1


def test_one_answer_in_two_traces_is_one_call(tmp_path: Path) -> None:
    both = CHAT | {"gen_ai__response__id": "chatcmpl-1"}
    report, rows = imported(tmp_path, [otlp(span("a", **both)), otlp(span("b", trace="t2", **both))])
    assert len(rows) == 1
    assert rows[0]["request_id"] == "chatcmpl-1"
    assert report.skipped == {"same_answer": 1}
    again, _ = imported(tmp_path / "..", [otlp(span("c", trace="t3", **both))])
    assert again.calls == 1


def test_an_answer_imported_before_is_not_imported_again(tmp_path: Path) -> None:
    both = CHAT | {"gen_ai__response__id": "chatcmpl-1"}
    first, second, target = tmp_path / "1", tmp_path / "2", tmp_path / "calls.csv"
    first.write_text(json.dumps(otlp(span("a", **both))))
    second.write_text(json.dumps(otlp(span("b", trace="t2", **both))))
    assert import_files(target, first).calls == 1
    again = import_files(target, second)
    assert (again.rows_read, again.added, again.same, again.convergence.replaced.calls) == (1, 0, 0, 1)
    assert [row["call_id"] for row in written(target)] == ["b"]
    before = target.read_bytes()
    for file in (first, second):
        assert import_files(target, file).calls == 0
    assert target.read_bytes() == before


def test_a_failed_span_is_an_error_and_an_agent_is_no_call(tmp_path: Path) -> None:
    failed = {
        "gen_ai__operation__name": "chat",
        "gen_ai__request__model": "gpt-4o",
        "error__type": "RateLimitError",
    }
    agent = CHAT | {"gen_ai__operation__name": "invoke_agent"}
    report, rows = imported(tmp_path, [otlp(span("f", status=2, **failed), span("g", **agent))])
    assert [(row["call_id"], row["status"], row["input_tokens"]) for row in rows] == [("f", "error", "0")]
    assert report.skipped == {"not_a_call": 1}


@pytest.mark.parametrize("shape", ["tempo", "old_scope", "numbers", "jaeger", "console"])
def test_other_shapes_of_spans(tmp_path: Path, shape: str) -> None:
    one = span("a", **CHAT)
    numbers = json.loads(json.dumps(one).replace('"intValue": "100"', '"intValue": 100'))
    tags = [
        {"key": entry["key"], "value": next(iter(entry["value"].values()))} for entry in one["attributes"]
    ]
    shapes: dict[str, Any] = {
        "tempo": otlp(one, key="batches"),
        "old_scope": otlp(one, key="batches", scope="instrumentationLibrarySpans"),
        "numbers": otlp(numbers),
        "jaeger": {"data": [{"traceID": "t1", "processes": {"p1": {"serviceName": "app", "tags": []}}, "spans": [{
            "traceID": "t1", "spanID": "a", "processID": "p1", "operationName": "chat", "references": [],
            "startTime": 1772359200000000, "duration": 1500000, "tags": tags}]}]},
        "console": {"name": "chat", "context": {"trace_id": "0x1", "span_id": "a"}, "parent_id": None,
            "start_time": "2026-03-01T10:00:00.000000Z", "end_time": "2026-03-01T10:00:01.500000Z",
            "status": {"status_code": "UNSET"}, "attributes": {tag["key"]: tag["value"] for tag in tags},
            "resource": {"attributes": {"service.name": "app"}}},
    }  # fmt: skip
    _, rows = imported(tmp_path, shapes[shape])
    [row] = rows
    assert (row["call_id"], row["input_tokens"], row["output_tokens"], row["latency_ms"]) == (
        "a",
        "100",
        "10",
        "1500",
    )
    assert (row["provider"], row["model"], row["product_id"]) == ("openai", "gpt-4o", "app")
    assert row["timestamp"] == "2026-03-01T10:00:00.000000Z"


def test_old_attribute_names_and_openinference(tmp_path: Path) -> None:
    old = {
        "gen_ai__system": "az.ai.openai", "gen_ai__request__model": "gpt-4o", "llm__request__type": "chat",
        "gen_ai__usage__prompt_tokens": 7, "gen_ai__usage__completion_tokens": 3,
    }  # fmt: skip
    inference = {
        "openinference__span__kind": "LLM", "llm__model_name": "gpt-4o", "llm__token_count__prompt": 9,
        "llm__token_count__completion": 2, "llm__cost__total": "0.25",
    }  # fmt: skip
    _, rows = imported(tmp_path, [otlp(span("a", **old), span("b", **inference))])
    by_id = {row["call_id"]: row for row in rows}
    assert (by_id["a"]["provider"], by_id["a"]["input_tokens"], by_id["a"]["output_tokens"]) == (
        "azure",
        "7",
        "3",
    )
    assert (by_id["b"]["input_tokens"], by_id["b"]["cost_usd"], by_id["b"]["cost_source"]) == (
        "9",
        "0.250000000",
        "reported",
    )


def test_a_provider_that_cannot_have_the_model_gives_way_to_the_model(tmp_path: Path) -> None:
    wrong = CHAT | {"gen_ai__provider__name": "gcp.vertex.agent", "gen_ai__request__model": "gpt-4.1-mini"}
    _, rows = imported(tmp_path, [otlp(span("a", **wrong))])
    assert rows[0]["provider"] == "openai"


def test_disjoint_parts_of_langfuse_add_up(tmp_path: Path) -> None:
    usage = {
        "input": 20,
        "input_cached_tokens": 1000,
        "input_cache_creation": 200,
        "output": 30,
        "output_reasoning": 5,
    }
    _, rows = imported(tmp_path, [langfuse(usageDetails=usage)])
    row = rows[0]
    assert (row["input_tokens"], row["output_tokens"]) == ("1220", "35")
    assert (row["cached_input_tokens"], row["cache_write_tokens"], row["reasoning_tokens"]) == (
        "1000",
        "200",
        "5",
    )


def test_details_inside_langfuse_totals_are_not_added(tmp_path: Path) -> None:
    usage = {"input": 100, "output": 30, "prompt_details.cache_read": 80, "completion_details.reasoning": 20}
    _, rows = imported(tmp_path, [langfuse(usageDetails=usage)])
    row = rows[0]
    assert (row["input_tokens"], row["output_tokens"]) == ("100", "30")
    assert (row["cached_input_tokens"], row["reasoning_tokens"]) == ("80", "20")


def test_zero_cost_without_a_price_definition_is_not_free_in_langfuse(tmp_path: Path) -> None:
    records = [
        langfuse(id="free", costDetails={"total": 0}),
        langfuse(id="unmatched", costDetails={}, totalCost=0, internalModelId=None),
    ]  # fmt: skip
    _, rows = imported(tmp_path, records)
    by_id = {row["call_id"]: row for row in rows}
    assert (by_id["free"]["cost_usd"], by_id["free"]["cost_source"]) == ("0.000000000", "reported")
    # 100 input at $2.50 and 10 output at $10 for a million
    assert (by_id["unmatched"]["cost_usd"], by_id["unmatched"]["cost_source"]) == ("0.000350000", "computed")


def test_markers_are_dropped_and_errors_kept_in_langfuse(tmp_path: Path) -> None:
    nothing: dict[str, Any] = {"usageDetails": {}, "costDetails": {}, "totalCost": 0}
    records = [
        langfuse(id="start", **nothing), langfuse(id="failed", level="ERROR", **nothing), langfuse(id="s", type="SPAN"),
    ]  # fmt: skip
    report, rows = imported(tmp_path, records)
    assert [(row["call_id"], row["status"]) for row in rows] == [("failed", "error")]
    assert report.skipped == {"no_usage": 1, "not_a_call": 1}


def test_the_blob_export_of_langfuse_as_csv(tmp_path: Path) -> None:
    text = (
        "id,trace_id,type,parent_observation_id,start_time,end_time,provided_model_name,usage_details,cost_details,"
        "total_cost,latency,user_id,session_id,environment,level,metadata,internal_model_id\n"
        'o1,t1,GENERATION,,2026-03-01 10:00:00.000000,2026-03-01 10:00:01.250000,gpt-4o,"{""input"":5,""output"":2}",'
        '"{""total"":0.5}",0.5,1.25,u1,s1,default,DEFAULT,"{""feature"":""search""}",m1\n'
    )
    _, rows = imported(tmp_path, text)
    row = rows[0]
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == ("5", "2", "0.500000000")
    assert (row["customer_id"], row["session_id"], row["feature_id"]) == ("u1", "s1", "search")
    assert (row["environment"], row["latency_ms"]) == ("", "1250")


def helicone(**fields: Any) -> dict[str, Any]:
    return {
        "request_id": "h1", "response_id": "x", "request_created_at": "2026-03-01T10:00:00Z",
        "response_created_at": "2026-03-01T10:00:01Z", "response_status": 200, "response_model": "gpt-4o",
        "provider": "OPENAI", "prompt_tokens": 100, "completion_tokens": 10, "delay_ms": 900, "cost": 0.2,
        "request_user_id": "", "request_properties": {"Helicone-Session-Id": "s1", "feature": "search"},
    } | fields  # fmt: skip


def test_helicone_rows_properties_statuses_and_cache_hits(tmp_path: Path) -> None:
    records = [
        helicone(), helicone(request_id="h2", response_status=-3, prompt_tokens=0, completion_tokens=0, cost=None),
        helicone(request_id="h3", cache_reference_id="11111111-1111-1111-1111-111111111111"),
        helicone(request_id="h4", provider="ANTHROPIC", response_model="claude-sonnet-4-6", prompt_tokens=20,
                 prompt_cache_read_tokens=1000, prompt_cache_write_tokens=200),
    ]  # fmt: skip
    _, rows = imported(tmp_path, {"data": records, "error": None})
    by_id = {row["call_id"]: row for row in rows}
    assert (by_id["h1"]["session_id"], by_id["h1"]["feature_id"], by_id["h1"]["latency_ms"]) == (
        "s1",
        "search",
        "900",
    )
    assert (by_id["h1"]["provider"], by_id["h2"]["status"], by_id["h3"]["cost_usd"]) == (
        "openai",
        "error",
        "0.000000000",
    )
    assert by_id["h4"]["input_tokens"] == "1220"


def test_the_csv_of_helicone_without_latency_cost_or_id(tmp_path: Path) -> None:
    cell = json.dumps({"feature": "search"}).replace('"', '""').replace('"', '""')
    text = (
        "response_id,response_created_at,response_status,request_created_at,request_body,request_properties,"
        "request_user_id,model,prompt_tokens,completion_tokens,latency,cost_usd\n"
        f'r1,2026-03-01T10:00:02Z,200,2026-03-01T10:00:00Z,"{{}}","{cell}",u1,gpt-4o,1000,100,,\n'
    )
    _, rows = imported(tmp_path, text)
    row = rows[0]
    assert (row["call_id"], row["latency_ms"], row["cost_usd"], row["customer_id"]) == (
        "r1",
        "2000",
        "0.003500000",
        "u1",
    )
    assert row["feature_id"] == "search"


def test_openrouter_adds_what_was_spent_with_an_own_key(tmp_path: Path) -> None:
    text = (
        "api_key_name,generation_id,created_at,cost_total,cost_cache,byok_usage_inference,tokens_prompt,tokens_completion,"
        "tokens_cached,model_permaslug,provider_name,variant,cancelled,user,generation_time_ms,app_name\n"
        "key,g1,2026-03-01 10:00:00.000,0.01,-0.005,0.02,100,10,80,openai/gpt-4o-2024-08-06,Azure,standard,false,,"
        "1200,App\n"
        "key,g2,2026-03-01 10:00:01.000,0,,0,100,10,0,nvidia/nemotron:free,Nebius,free,true,u9,800,App\n"
    )
    _, rows = imported(tmp_path, text)
    assert [(row["model"], row["cost_usd"], row["cost_source"]) for row in rows] == [
        ("gpt-4o-2024-08-06", "0.030000000", "reported"), ("nemotron:free", "0.000000000", "reported"),
    ]  # fmt: skip
    assert [(row["organization_id"], row["product_id"], row["customer_id"]) for row in rows] == [
        ("key", "App", ""),
        ("key", "App", "u9"),
    ]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (
            json.dumps([{"startTime": "2026-03-01", "spend": 1.5, "users": {}, "models": {"gpt-4o": 1.5}}]),
            "summarize=false",
        ),
        (
            json.dumps(
                {
                    "object": "page",
                    "data": [{"object": "bucket", "start_time": 1, "end_time": 2, "results": []}],
                }
            ),
            "reconcile",
        ),
        (
            json.dumps({"data": [{"starting_at": "a", "ending_at": "b", "results": []}], "has_more": False}),
            "reconcile",
        ),
        ("start_time,end_time,start_time_iso,end_time_iso\n1,2,a,b\n", "reconcile"),
        ("usage_date_utc,model_version,usage_output_tokens\n2026-03-01,x,1\n", "reconcile"),
        ("Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens\n2026-03-01,x,1,0,5,100\n", "generations"),
        ("BilledCost,ChargePeriodStart,ChargePeriodEnd\n1,a,b\n", "reconcile"),
    ],
)
def test_totals_are_refused_with_the_export_to_use_instead(tmp_path: Path, text: str, advice: str) -> None:
    with pytest.raises(UsageError, match=advice):
        imported(tmp_path, text)
    assert not (tmp_path / "calls.csv").exists()


def test_a_mapping_reaches_paths_tags_constants_and_relative_times(tmp_path: Path) -> None:
    records = [
        {"t": 1.5, "n": {"in": 5, "out": 2}, "tags": ["feature:search"], "extra": json.dumps({"who": "c1"})}
    ]
    mapping = build_mapping(
        [
            "timestamp=t",
            "input_tokens=n.in",
            "output_tokens=n.out",
            "feature_id=tag:feature",
            "customer_id=extra.who",
        ],
        ["provider=openai", "model=gpt-4o", "customer_id=nobody"],
        start="2026-03-01T10:00:00Z",
    )
    _, rows = imported(tmp_path, records, mapping=mapping)
    row = rows[0]
    assert (row["timestamp"], row["feature_id"], row["customer_id"]) == (
        "2026-03-01T10:00:01.500000Z",
        "search",
        "c1",
    )
    # 5 input at $2.50 and 2 output at $10 for a million
    assert row["cost_usd"] == "0.000032500"


def test_the_customers_file_says_plan_price_and_organization(tmp_path: Path) -> None:
    customers = tmp_path / "customers.csv"
    customers.write_text("customer_id,subscription_tier,tier_price_usd,organization_id\nc1,pro,129,org-9\n")
    records = [litellm(request_id="a", end_user="c1"), litellm(request_id="b", end_user="c2")]
    _, rows = imported(tmp_path, records, customers=str(customers))
    by_id = {row["call_id"]: row for row in rows}
    assert (by_id["a"]["subscription_tier"], by_id["a"]["tier_price_usd"], by_id["a"]["organization_id"]) == (
        "pro", "129.000000000", "org-9",
    )  # fmt: skip
    assert (by_id["b"]["subscription_tier"], by_id["b"]["tier_price_usd"]) == ("", "")


def test_rows_without_ids_are_the_same_rows_in_a_second_import(tmp_path: Path) -> None:
    text = "when,in,out\n2026-03-01,1,2\n2026-03-01,1,2\n"
    mapping = build_mapping(["timestamp=when", "input_tokens=in", "output_tokens=out"], ["model=gpt-4o"])
    report, rows = imported(tmp_path, text, mapping=mapping)
    assert report.calls == 2
    assert len({row["call_id"] for row in rows}) == 2
    assert import_files(tmp_path / "calls.csv", tmp_path / "export", mapping=mapping).calls == 0


def test_a_ragged_csv_loses_only_its_bad_lines(tmp_path: Path) -> None:
    text = "when,in,out\n2026-03-01,1,2\n2026-03-01,1\n2026-03-01,1,2,3\n2026-03-02,4,5\n"
    mapping = build_mapping(["timestamp=when", "input_tokens=in", "output_tokens=out"], [])
    report, rows = imported(tmp_path, text, mapping=mapping)
    assert [row["input_tokens"] for row in rows] == ["1", "4"]
    assert report.skipped == {"bad_line": 2}


def test_calls_of_this_toolkit_import_as_they_are(tmp_path: Path) -> None:
    _, first = imported(tmp_path, [litellm(spend=None, request_id="a"), litellm(request_id="b")])
    copy = tmp_path / "copy.csv"
    import_files(copy, tmp_path / "calls.csv")
    assert written(copy) == first


def test_what_is_no_export_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--map"):
        imported(tmp_path, "a,b\n1,2\n")
    with pytest.raises(NoUsableData):
        imported(tmp_path, "")
    with pytest.raises(UsageError, match="not a file"):
        import_files(tmp_path / "x.csv", tmp_path / "missing")


def test_records_that_are_left_out_are_said_even_when_quiet(tmp_path):
    export = tmp_path / "export.csv"
    export.write_text(
        "when,model,in,out\n2026-11-20,gpt-4o,12,3\n2026-11-21,gpt-4o,many,3\nsome day,gpt-4o,12,3\n"
    )
    flags = [
        "--map",
        "timestamp=when",
        "--map",
        "input_tokens=in",
        "--map",
        "output_tokens=out",
        "--quiet",
        "--max-bad-rows",
        "1",
    ]
    said = run_script(
        "import_usage.py", export, "--format", "csv", *flags, "--out", tmp_path / "calls.csv"
    ).stderr
    assert "2 records were left out: " in said
    assert "1 for a number that cannot be read" in said
    assert "1 for a time that cannot be read" in said


TOTALS = {
    "ccusage": {"daily": [{"date": "2026-01-05", "inputTokens": 100, "outputTokens": 20, "totalCost": 0.12}], "totals": {"totalCost": 0.12}},
    "analytics": {"data": [{"date": "2026-01-05T00:00:00Z", "actor": {}, "core_metrics": {}, "model_breakdown": []}]},
    "metrics": {"resourceMetrics": [{"scopeMetrics": []}]},
    "GitHub": "date,username,product,sku,model,quantity,unit_type\n2026-01-05,dev,copilot,copilot_premium_request,GPT,3,requests\n",
    "premium requests": "Timestamp,User,Model,Requests Used\n2026-01-05T10:00:00Z,dev,GPT,3\n",
    "OpenAI": "start_time_iso,end_time_iso,num_model_requests,model,input_tokens,output_tokens\n"
    "2026-01-05T00:00:00+00:00,2026-01-06T00:00:00+00:00,5,gpt-4o,1000,200\n",
}  # fmt: skip


@pytest.mark.parametrize("maps", [[], ["timestamp=date", "input_tokens=quantity", "output_tokens=quantity"]])
@pytest.mark.parametrize("name", TOTALS)
def test_totals_are_no_calls_whatever_the_mapping(tmp_path: Path, name: str, maps: list[str]) -> None:
    with pytest.raises(UsageError, match=f"{name.partition(' ')[2] or name}.*(export|import|use)"):
        imported(tmp_path, TOTALS[name], mapping=build_mapping(maps, []))


def reused(number: int, **fields: Any) -> dict[str, Any]:
    start = f"2026-03-01 10:{number:02}:00.000000"
    metadata = json.dumps({"litellm_call_id": "job-42"})
    return litellm(request_id=f"chatcmpl-{number}", startTime=start, spend=0.0035, metadata=metadata) | fields


def test_calls_of_a_job_that_share_an_id_are_told_apart_by_their_requests(tmp_path: Path) -> None:
    report, rows = imported(tmp_path, [reused(number) for number in range(10)] + [reused(3)])
    assert report.skipped == {"repeated_in_file": 1}
    assert sum(Decimal(row["cost_usd"]) for row in rows) == 10 * Decimal("0.0035")
    more = tmp_path / "more.jsonl"
    more.write_text("".join(json.dumps(reused(number)) + "\n" for number in range(12)))
    assert import_files(tmp_path / "calls.csv", more).calls == 2
    assert import_files(tmp_path / "calls.csv", more).calls == 0


def test_a_billed_attempt_that_failed_over_keeps_its_dollars(tmp_path: Path) -> None:
    _, rows = imported(tmp_path, [reused(1, spend=0.01, status="failure"), reused(2, model="gpt-4o-mini")])
    assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal("0.01") + Decimal("0.0035")


@pytest.mark.parametrize("word", ["None", "null", "undefined"])
def test_a_word_for_a_missing_id_is_no_id(tmp_path: Path, word: str) -> None:
    records = [litellm(request_id=word, spend=0.0035, prompt_tokens=1000 + number) for number in range(10)]
    report, rows = imported(tmp_path, records)
    assert report.calls == 10
    assert sum(Decimal(row["cost_usd"]) for row in rows) == 10 * Decimal("0.0035")
    assert import_files(tmp_path / "calls.csv", tmp_path / "export").calls == 0


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_line_longer_than_the_engine_takes_is_read_or_counted(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """The engine leaves out such a line behind a short one, and says nothing."""
    record = {"timestamp": "2026-03-01T10:00:00Z", "model": "gpt-4o", "input_tokens": 1, "output_tokens": 2}
    wide = record | {f"k{number}": number for number in range(300_000)}
    long = record | {"input_tokens": 3, "prompt": "x" * 5_000_000}
    source = tmp_path / "export"
    source.write_bytes(pack("".join(json.dumps(each) + "\n" for each in (record, wide, long)).encode()))
    report = import_files(tmp_path / "calls.csv", source)
    assert (report.rows_read, report.calls, report.skipped) == (3, 2, {"not_json": 1})
    assert [each["input_tokens"] for each in written(tmp_path / "calls.csv")] == ["1", "3"]
