"""What a metering body becomes in the CSV, and which bodies are refused, saying why."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.engine import open_calls
from interchange.importers.field_mapping import mapped_name
from interchange.importers.formats import revenium
from showcase.metering.body import COUNT_LIMIT, TEXT_LIMIT, BadBody, Body
from showcase.metering.counts import TERM_FIELDS, Conventions
from showcase.metering.ledger import stored_calls
from showcase.metering.record import row_of
from showcase.metering.submission import of_call
from tests.running import run_script
from tests.showcase.metering.harness import PRICING, ROOT, completion, connected, serving, stored

SAMPLES = ROOT / "tests/samples/generated_by_real_software"


def row(**changes: object) -> dict[str, str]:
    return row_of(Body.parsed(json.dumps(completion(**changes)).encode()), PRICING)


def test_every_field_finds_its_column():
    found = row(
        organizationName="org_1", agent="summaries", subscriptionTier="pro", environment="production",
        traceId="t1", traceName="s1", parentTransactionId="r1", region="eu", middlewareSource="app/1.0",
        cacheReadTokenCount=100, reasoningTokenCount=40, timeToFirstToken=310.4,
        agenticJobId="job-1", agenticJobName="triage", agenticJobType="support", retryNumber=2,
    )  # fmt: skip
    assert found == {
        "timestamp": "2026-03-01T12:00:00.000000Z", "call_id": "call-1", "provider": "openai", "model": "gpt-4o-mini",
        "input_tokens": "1200", "output_tokens": "340", "cost_usd": "0.006400000", "latency_ms": "1234",
        "customer_id": "cust_1", "subscription_tier": "pro", "organization_id": "org_1", "product_id": "assistant",
        "feature_id": "summaries", "task_type": "qa", "environment": "production", "request_id": "r1",
        "trace_id": "t1", "session_id": "s1", "user_agent": "app/1.0", "cached_input_tokens": "100",
        "cache_write_tokens": "0", "reasoning_tokens": "40", "status": "success", "region": "eu",
        "cost_source": "reported", "time_to_first_token_ms": "310", "run_id": "job-1", "agent_name": "summaries",
        "workflow": "triage", "parent_id": "r1", "retry_number": "2",
    }  # fmt: skip


def test_a_reported_cost_stays_as_it_was_sent_to_the_last_digit():
    body = json.dumps(completion()).replace("0.0064", "0.123456789")
    assert row_of(Body.parsed(body.encode()), PRICING)["cost_usd"] == "0.123456789"
    halves = json.dumps(completion()).replace("0.0064", "0.1000000005")
    assert row_of(Body.parsed(halves.encode()), PRICING)["cost_usd"] == "0.100000000"
    assert row(totalCost=0)["cost_usd"] == "0.000000000"


def test_a_cost_that_was_not_sent_is_computed_at_the_price_of_the_day():
    # gpt-4o-mini: 0.15 USD a million input tokens, 0.075 cached, 0.60 output.
    found = row(totalCost=None, cacheReadTokenCount=200)
    expected = (1000 * Decimal("0.15") + 200 * Decimal("0.075") + 340 * Decimal("0.60")) / 1_000_000
    assert (Decimal(found["cost_usd"]), found["cost_source"]) == (expected, "computed")


def test_a_model_without_a_price_has_an_unknown_cost():
    found = row(totalCost=None, model="house-model")
    assert (found["cost_usd"], found["cost_source"]) == ("", "unknown")


def test_a_failed_call_without_tokens_costs_nothing():
    found = row(totalCost=None, inputTokenCount=0, outputTokenCount=0, stopReason="ERROR", errorCode=429)
    assert (found["cost_usd"], found["status"]) == ("0", "error")


@pytest.mark.parametrize(
    ("changes", "input_tokens"),
    [
        ({"cacheReadTokenCount": 1200}, "1200"),
        ({"cacheReadTokenCount": 1201}, "1200"),
        ({"cacheReadTokenCount": 100, "totalTokenCount": 1640}, "1300"),
        ({"provider": "ANTHROPIC", "cacheReadTokenCount": 100, "cacheCreationTokenCount": 20}, "1320"),
        (
            {"provider": "bedrock", "model": "us.anthropic.claude-sonnet-4-5", "cacheReadTokenCount": 5},
            "1205",
        ),
    ],
    ids=["inside", "more than the input", "total says beside", "anthropic", "claude on bedrock"],
)
def test_input_tokens_are_inclusive_whatever_the_provider_counts(changes, input_tokens):
    assert row(**changes)["input_tokens"] == input_tokens


def test_parts_that_fit_no_reading_leave_the_cost_unknown_and_named():
    found = row(totalCost=None, cacheReadTokenCount=1201)
    assert (found["cost_usd"], found["cost_source"], found["cost_gap"]) == ("", "unknown", "input_tokens")
    found = row(totalCost=None, reasoningTokenCount=341)
    assert (found["output_tokens"], found["cost_source"], found["cost_gap"]) == (
        "340",
        "unknown",
        "reasoning_tokens",
    )


@pytest.mark.parametrize(
    ("stated", "changes", "counts"),
    [
        (Conventions(), {"cacheReadTokenCount": 100, "reasoningTokenCount": 40}, ("1200", "340")),
        (Conventions("outside", "outside"), {"cacheReadTokenCount": 100, "reasoningTokenCount": 40}, ("1300", "380")),
        (Conventions("inside"), {"provider": "anthropic", "cacheReadTokenCount": 100}, ("1200", "340")),
        (Conventions("inside"), {"cacheReadTokenCount": 100, "totalTokenCount": 1640}, ("1200", "340")),
        # 1,200 + 340 + 40 of reasoning; then with 100 cached as well
        (Conventions(), {"reasoningTokenCount": 40, "totalTokenCount": 1580}, ("1200", "380")),
        (Conventions(), {"cacheReadTokenCount": 100, "reasoningTokenCount": 40, "totalTokenCount": 1680}, ("1300", "380")),
        # a total of input and output alone tells nothing: Anthropic's own way stays
        (Conventions(), {"provider": "anthropic", "cacheReadTokenCount": 100, "totalTokenCount": 1540}, ("1300", "340")),
    ],
)  # fmt: skip
def test_what_is_stated_or_told_by_the_total_decides_where_parts_stand(stated, changes, counts):
    body = Body.parsed(json.dumps(completion(**changes)).encode())
    found = row_of(body, PRICING, stated)
    assert (found["input_tokens"], found["output_tokens"]) == counts


def test_the_terms_that_the_server_takes_are_those_that_an_import_reads():
    assert {mapped_name(column): name for column, name in TERM_FIELDS.items()} == revenium.TERM_FIELDS


@pytest.mark.parametrize("sent", [{"unitCount": -1}, {"unitCount": "many"}, {"unitCount": 1e8}])
def test_a_number_of_units_that_cannot_be_is_refused(sent):
    with pytest.raises(BadBody, match="unitCount"):
        row(billingUnit="PER_PAGE", **sent)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T12:00:00", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T12:00:00.1234567Z", "2026-03-01T12:00:00.123456Z"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00.000000Z"),
        ("2099-12-31T23:59:59Z", "2099-12-31T23:59:59.000000Z"),
    ],
)
def test_times_are_utc(sent, kept):
    assert row(requestTime=sent)["timestamp"] == kept


def test_a_missing_duration_is_the_time_between_request_and_response():
    assert row(requestDuration=None)["latency_ms"] == "1234"
    assert row(requestDuration=None, responseTime=None)["latency_ms"] == ""


BAD = {
    "no JSON": b"{",
    "no object": b"[1]",
    "not UTF-8": b'{"a": "\xff"}',
    "nested without end": b"[" * 200_000,
    "NaN": json.dumps(completion(totalCost=float("nan"))).encode(),
    "infinite": json.dumps(completion(totalCost=float("inf"))).encode(),
    "exponent beyond all": json.dumps(completion()).replace("0.0064", "1e99999999999999999999").encode(),
    "4,301 digits": b'{"inputTokenCount": ' + b"9" * 4_301 + b"}",
}
BAD_FIELDS: dict[str, list[Any]] = {
    "transactionId": [None, "", 7, "a\nb", "\ud800", "x" * (TEXT_LIMIT + 1)],
    "model": [None, "", ["gpt"], "a\x00b"],
    "provider": [None, {}],
    "inputTokenCount": [None, -1, 1.5, "12", True, COUNT_LIMIT + 1],
    "outputTokenCount": [None, -1, [], 1e300],
    "cacheReadTokenCount": [-1, "many"],
    "requestDuration": [-0.1, "fast", COUNT_LIMIT + 1],
    "requestTime": [None, "", "yesterday", "2026-02-30T00:00:00Z", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
                    "0001-01-01T00:00:00+14:00", 1_700_000_000],
    "totalCost": [-0.01, "1.00", True, 1e9],
    "subscriber": ["cust_1", [], {"id": 5}],
    "environment": [5, "tab\there"],
}  # fmt: skip


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_is_no_metering_body_is_refused(body):
    with pytest.raises(BadBody):
        row_of(Body.parsed(body), PRICING)


@pytest.mark.parametrize(
    ("field", "value"), [(name, bad) for name, values in BAD_FIELDS.items() for bad in values]
)
def test_a_field_that_holds_what_it_cannot_is_named(field, value):
    name = "id" if field == "subscriber" and value == {"id": 5} else field
    with pytest.raises(BadBody, match=rf"^{name} "):
        row(**{field: value})


def test_the_largest_values_are_taken():
    found = row(
        inputTokenCount=COUNT_LIMIT,
        transactionId="x" * TEXT_LIMIT,
        totalCost=999_999_999.0,
        totalTokenCount=None,
    )
    assert found["input_tokens"] == str(COUNT_LIMIT)
    assert found["call_id"] == "x" * TEXT_LIMIT
    assert found["cost_usd"] == "999999999.000000000"


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


CALLS = st.lists(
    st.tuples(
        TEXTS,
        TEXTS,
        TEXTS,
        st.integers(0, 10**9),
        st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2099-12-31")),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda call: call[0],
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CALLS)
def test_whatever_is_taken_the_reports_can_read_and_a_restart_knows_again(tmp_path, calls):
    path = tmp_path / f"{abs(hash(str(calls)))}.csv"
    bodies = [
        completion(
            transactionId=id_,
            subscriber={"id": customer},
            model=model,
            inputTokenCount=tokens,
            requestTime=moment.isoformat(),
        )
        for id_, customer, model, tokens, moment in calls
    ]
    with serving(path) as url, connected(url) as client:
        for body in bodies:
            status, answer = client.post(body)
            assert status == 201, answer
    with open_calls(path) as read:
        assert (read.source.accepted, read.source.rejected) == (len(bodies), {})
        assert {(r.call_id, r.customer_id) for r in read.sql("select call_id, customer_id from calls")} == {
            (id_, customer) for id_, customer, *_ in calls
        }
    known = stored_calls(path)
    for body in bodies:
        entry = of_call(row_of(Body.parsed(json.dumps(body).encode()), PRICING), body, "")
        assert known[entry.id] == entry.content


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("revenium_*")))
def test_requests_that_the_sdk_sent_give_the_rows_that_an_import_of_them_gives(tmp_path: Path, sample: str):
    requests = json.loads((SAMPLES / sample).read_text())
    sent = [request for request in requests if request["path"] == "/meter/v2/ai/completions"]
    served, imported = tmp_path / "served.csv", tmp_path / "imported.csv"
    with serving(served) as url, connected(url) as client:
        for request in sent:
            key = request["headers"].get("Idempotency-Key")
            status, answer = client.post(request["body"], **({"Idempotency_Key": key} if key else {}))
            assert status == 201, answer
    (tmp_path / sample).write_text(json.dumps(sent))
    run_script("import_usage.py", tmp_path / sample, "--out", imported, "--quiet")
    rows, expected = stored(served), stored(imported)
    assert len(rows) == len(expected) == len(sent)
    for mine, theirs in zip(
        sorted(rows, key=lambda r: r["call_id"]), sorted(expected, key=lambda r: r["call_id"]), strict=True
    ):
        for name in set(mine) - {"user_agent", "latency_ms", "cost_usd", "cost_source"}:
            assert (mine[name] or "0") == (theirs[name] or "0"), name
        assert Decimal(mine["cost_usd"] or -1) == Decimal(theirs["cost_usd"] or -1)
