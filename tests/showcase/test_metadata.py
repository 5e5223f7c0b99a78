"""What is metered about a call, hierarchical tags, and the block that meters itself."""

import asyncio
import contextvars
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from settings.loader import load_settings
from showcase.metadata.builders import OTEL_ATTRIBUTES, ReveniumMetadataBuilder
from showcase.metadata.completion import Completion, Failure, Usage, as_keywords, completion_body
from showcase.metadata.hierarchy import Tags, current_tags, tagged
from showcase.metadata.metered import metered
from showcase.metering.body import Body
from showcase.metering.record import row_of
from tests.running import run_script
from tests.showcase.demonstrations import demonstrated
from tests.showcase.metering.harness import stored

PRICING = load_settings().pricing
BEGUN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ENDED = BEGUN + timedelta(milliseconds=1_234)
EVERYTHING = {
    "customer_id": "cust_1", "organization_id": "org_1", "product_id": "assistant", "feature_id": "chat",
    "subscription_tier": "pro", "environment": "production", "task_type": "qa", "session_id": "s1",
    "trace_id": "t1", "request_id": "r1",
}  # fmt: skip


def completion(**changes: object) -> Completion:
    return Completion(
        **{
            "provider": "openai",
            "model": "gpt-4o-mini",
            "usage": Usage(1_200, 340),
            "begun": BEGUN,
            "ended": ENDED,
            **changes,
        }
    )


def row(made: Completion, metadata: ReveniumMetadataBuilder | None = None) -> dict[str, str]:
    """The row that our metering server makes of a completion."""
    body = json.dumps(completion_body(made, metadata or ReveniumMetadataBuilder())).encode()
    return row_of(Body.parsed(body), PRICING)


# The completion.


def test_metadata_comes_back_from_the_wire_as_it_was_said():
    found = row(completion(), ReveniumMetadataBuilder.from_call(EVERYTHING))
    assert {name: found[name] for name in EVERYTHING} == EVERYTHING


def test_a_row_becomes_a_body_and_the_same_row_again():
    first = row(completion(), ReveniumMetadataBuilder.from_call(EVERYTHING))
    assert row(completion(call_id=first["call_id"]), ReveniumMetadataBuilder.from_call(first)) == first


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ANTHROPIC", "bedrock"])
def test_tokens_are_inclusive_on_both_ends_whatever_the_provider_counts(provider):
    usage = Usage(1_200, 340, cached_input_tokens=700, cache_write_tokens=100, reasoning_tokens=40)
    made = completion(provider=provider, usage=usage)
    found = row(made)
    assert {name: int(found[name]) for name in vars(usage)} == vars(usage)
    beside = provider.lower() == "anthropic"
    assert completion_body(made, ReveniumMetadataBuilder())["inputTokenCount"] == (400 if beside else 1_200)


def test_a_cost_that_is_known_is_sent_and_one_that_is_not_is_left_to_the_service():
    assert row(completion(cost_usd=Decimal("0.123456789")))["cost_usd"] == "0.123456789"
    assert "totalCost" not in completion_body(completion(), ReveniumMetadataBuilder())
    assert row(completion(cost_usd=Decimal(0)))["cost_source"] == "reported"


def test_times_and_duration():
    body = completion_body(completion(begun=BEGUN.astimezone()), ReveniumMetadataBuilder())
    assert (body["requestTime"], body["responseTime"], body["requestDuration"]) == (
        "2026-03-01T12:00:00.000Z", "2026-03-01T12:00:01.234Z", 1_234,
    )  # fmt: skip


def test_a_failure_carries_its_kind_and_code():
    body = completion_body(
        completion(failure=Failure("RateLimitError", 429), stop_reason="ERROR", retry_number=2),
        ReveniumMetadataBuilder(),
    )
    assert (body["errorReason"], body["errorCode"], body["retryNumber"]) == ("RateLimitError", 429, 2)
    assert row(completion(failure=Failure("TimeoutError"), stop_reason="TIMEOUT"))["status"] == "error"


def test_keywords_are_those_of_the_sdk():
    from inspect import signature

    from revenium_middleware._metering.resources.ai import AIResource

    made = completion(cost_usd=Decimal(1), failure=Failure("X", 500), retry_number=1)
    keywords = as_keywords(completion_body(made, ReveniumMetadataBuilder.from_call(EVERYTHING)))
    taken = signature(AIResource.create_completion).parameters
    assert set(keywords) <= set(taken)
    assert {name for name, entry in taken.items() if entry.default is entry.empty} - {"self"} <= set(keywords)


@pytest.mark.parametrize(
    ("counts", "complaint"),
    [
        ((-1, 0), "from 0"),
        ((10, 5, 11), "part of input_tokens"),
        ((10, 5, 6, 5), "part of input_tokens"),
        ((10, 5, 0, 0, 6), "part of output_tokens"),
    ],
)
def test_impossible_counts_are_refused(counts, complaint):
    with pytest.raises(ValueError, match=complaint):
        Usage(*counts)


def test_parts_may_be_the_whole():
    assert Usage(10, 5, 6, 4, 5).input_tokens == 10


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"begun": BEGUN.replace(tzinfo=None)}, "time zone"),
        ({"ended": BEGUN - timedelta(microseconds=1)}, "cannot end before"),
        ({"stop_reason": "DONE"}, "allowed: END, "),
    ],
)
def test_an_impossible_call_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        completion(**changes)


def test_spans_carry_the_metadata_under_the_names_that_the_import_reads(tmp_path):
    attributes = {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini",
        **ReveniumMetadataBuilder.from_call(EVERYTHING).to_otel_attributes(),
    }  # fmt: skip
    pairs = [{"key": name, "value": {"stringValue": value}} for name, value in attributes.items()]
    pairs += [
        {"key": f"gen_ai.usage.{side}_tokens", "value": {"intValue": "10"}} for side in ("input", "output")
    ]
    span = {
        "traceId": "0fb3d45f09b0b06a5f3762f773ce8d29", "spanId": "a85a8ab2cf296352", "name": "chat", "kind": 3,
        "startTimeUnixNano": "1795459980388794690", "endTimeUnixNano": "1795459980409323589", "attributes": pairs,
    }  # fmt: skip
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "backend"}}]}
    spans = tmp_path / "spans.jsonl"
    spans.write_text(
        json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]})
    )
    run_script("import_usage.py", spans, "--out", tmp_path / "calls.csv", "--quiet")
    (found,) = stored(tmp_path / "calls.csv")
    assert {name: found[name] for name in OTEL_ATTRIBUTES} == {
        name: EVERYTHING[name] for name in OTEL_ATTRIBUTES
    }


# Hierarchical tags.

CONTRACT = Tags().organization("org_acme").product("assistant").feature("summaries").customer("cust_bob")


def test_a_tag_knows_its_path_and_where_it_counts():
    assert CONTRACT.path == "org_acme/assistant/summaries/cust_bob"
    assert [tags.path for tags in CONTRACT.upwards()] == [
        "org_acme", "org_acme/assistant", "org_acme/assistant/summaries", "org_acme/assistant/summaries/cust_bob",
    ]  # fmt: skip
    assert CONTRACT.metadata().build() == {
        "organization_id": "org_acme", "product_id": "assistant", "feature_id": "summaries", "customer_id": "cust_bob",
    }  # fmt: skip
    assert Tags.of_call(CONTRACT.metadata().build()) == CONTRACT


def test_levels_may_be_left_out_but_not_turned_around():
    assert Tags().organization("a").feature("f").path == "a/f"
    with pytest.raises(ValueError, match="product does not stand below feature"):
        Tags().feature("f").product("p")
    with pytest.raises(ValueError, match="organization does not stand below organization"):
        Tags().organization("a").organization("b")
    with pytest.raises(ValueError, match="no level 'team'"):
        Tags().below("team", "x")
    with pytest.raises(ValueError, match="customer_id is empty"):
        Tags().customer(" ")


def test_different_tags_have_different_paths():
    assert Tags().organization("a/b").path != Tags().organization("a").product("b").path


def test_blocks_nest_and_end():
    assert current_tags() == Tags()
    with tagged(product="assistant", organization="org_acme") as outer:
        assert outer.path == "org_acme/assistant"
        with pytest.raises(RuntimeError), tagged(feature="summaries"):  # noqa: PT012
            assert current_tags().path == "org_acme/assistant/summaries"
            raise RuntimeError
        assert current_tags() == outer
        with pytest.raises(ValueError, match="no level"), tagged(team="x"):
            pass
    assert current_tags() == Tags()


def test_tags_follow_tasks_and_copied_contexts_and_nothing_else():
    async def path() -> str:
        await asyncio.sleep(0)
        return current_tags().path

    async def two() -> list[str]:
        with tagged(organization="a"):
            first = asyncio.create_task(path())
        with tagged(organization="b"):
            second = asyncio.create_task(path())
        return [await first, await second]

    assert asyncio.run(two()) == ["a", "b"]
    with tagged(organization="a"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(contextvars.copy_context().run, lambda: current_tags().path).result() == "a"
        assert pool.submit(lambda: current_tags().path).result() == ""


# The block that meters itself.

METADATA = ReveniumMetadataBuilder().customer("cust_1")


def test_a_block_is_metered_once_when_it_ends():
    sent = []
    with metered(sent.append, METADATA, provider="openai", model="gpt-4o-mini") as call:
        call.used(Usage(10, 5), model="gpt-4o-mini-2024-07-18", call_id="chatcmpl-1", cost_usd=Decimal("0.5"))
        assert sent == []
    (body,) = sent
    assert (body["transactionId"], body["model"], body["inputTokenCount"], body["totalCost"], body["stopReason"]) == (
        "chatcmpl-1", "gpt-4o-mini-2024-07-18", 10, 0.5, "END",
    )  # fmt: skip
    assert body["subscriber"] == {"id": "cust_1"}


@pytest.mark.parametrize(
    ("error", "stop_reason"),
    [
        (ValueError("secret prompt"), "ERROR"),
        (TimeoutError(), "TIMEOUT"),
        (asyncio.CancelledError(), "CANCELLED"),
        (KeyboardInterrupt(), "CANCELLED"),
    ],
)
def test_a_failure_is_metered_and_goes_on(error, stop_reason):
    sent = []
    with pytest.raises(type(error)), metered(sent.append, METADATA, provider="openai", model="m"):
        raise error
    (body,) = sent
    assert (body["stopReason"], body["errorReason"], body["inputTokenCount"]) == (
        stop_reason,
        type(error).__name__,
        0,
    )
    assert "secret prompt" not in str(body)


def test_a_failure_after_the_answer_keeps_its_tokens():
    sent = []
    with pytest.raises(ValueError), metered(sent.append, METADATA, provider="openai", model="m") as call:  # noqa: PT011, PT012
        call.used(Usage(10, 5))
        raise ValueError
    assert (sent[0]["inputTokenCount"], sent[0]["stopReason"]) == (10, "ERROR")


def test_metering_that_fails_is_logged_and_never_raised(caplog):
    def broken(body: object) -> None:
        raise OSError("no space")

    with metered(broken, METADATA, provider="openai", model="m") as call:
        call.used(Usage(1, 1), call_id="call-7")
    assert "call-7 was not metered" in caplog.text


def test_a_block_that_says_nothing_is_not_metered_as_free(caplog):
    sent = []
    with metered(sent.append, METADATA, provider="openai", model="m"):
        pass
    assert sent == []
    assert "tokens are unknown" in caplog.text


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("builders.py", ["organizationName", "platinum"]),
        ("hierarchy.py", ["org_acme", "cust_bob", "does not stand below"]),
        ("metered.py", ['"stopReason": "END"', '"errorReason": "ConnectionError"', "still sees"]),
    ],
)
def test_each_file_is_a_demonstration(script, said):
    done = demonstrated(f"metadata/{script}", GUARD_OFFLINE="all")
    assert done.stderr == ""
    for text in said:
        assert text in done.stdout
