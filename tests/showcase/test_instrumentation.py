"""Each way to meter, run as a reader runs it: with and without the SDK, on loopback and to a service that is named."""

import json
from decimal import Decimal

import pytest

from tests.showcase.demonstrations import demonstrated
from tests.showcase.metering.harness import process, stored

# gpt-4o-mini: 0.15 USD a million input tokens, 0.075 cached, 0.60 output; claude-haiku-4-5: 1.00, 0.10 read,
# 1.25 written, 5.00.
MTOK = Decimal(1_000_000)


def mini(uncached: int, cached: int, output: int) -> Decimal:
    return (uncached * Decimal("0.15") + cached * Decimal("0.075") + output * Decimal("0.60")) / MTOK


def asked(length: int) -> dict[str, object]:
    """What the assistant's call costs for a question of that many characters."""
    tokens = 800 + length // 4
    output = 120 + tokens // 10
    return {"input_tokens": tokens, "output_tokens": output, "cost_usd": mini(tokens - 400, 400, output)}


ANN = {
    "customer_id": "cust_ann",
    "organization_id": "org_acme",
    "subscription_tier": "pro",
    "feature_id": "chat",
    "task_type": "qa",
}
BOB = {
    "customer_id": "cust_bob",
    "organization_id": "org_acme",
    "subscription_tier": "enterprise",
    "feature_id": "summaries",
    "task_type": "summarization",
}
EVE = {
    "customer_id": "cust_eve",
    "organization_id": "org_globex",
    "subscription_tier": "starter",
    "feature_id": "chat",
    "task_type": "qa",
}
EVE_SEARCHING = EVE | {"feature_id": "search", "task_type": "classification"}
ROUND = [ANN | asked(32), BOB | asked(6_025), EVE | asked(27), EVE_SEARCHING | asked(25)]
FAILED = {"status": "error", "input_tokens": 0, "output_tokens": 0, "cost_usd": Decimal(0)}
PROVIDED = {
    "output_tokens": 120,
    "cached_input_tokens": 400,
}

EXPECTED = {
    "revenium_basic.py": ROUND[:1],
    "revenium_async.py": ROUND * 3,
    "revenium_queued.py": ROUND * 5,
    "revenium_batch.py": ROUND * 50,
    "revenium_errors.py": [ANN | FAILED, ANN | FAILED, ROUND[0], BOB | FAILED, ROUND[1], EVE | FAILED, EVE | FAILED, EVE | FAILED],
    "provider_sdks.py": [
        ANN | PROVIDED | {"input_tokens": 808, "reasoning_tokens": 64, "cost_usd": mini(408, 400, 120), "model": "gpt-4o-mini"},
        BOB | PROVIDED | {"input_tokens": 2306, "cost_usd": mini(1906, 400, 120), "status": "success"},
        EVE | FAILED | {"model": "overloaded"},
        EVE_SEARCHING | PROVIDED | {
            "input_tokens": 806, "cache_write_tokens": 200, "provider": "anthropic", "subscription_tier": "",
            "cost_usd": (206 + 400 * Decimal("0.10") + 200 * Decimal("1.25") + 120 * 5) / MTOK,
        },
    ],
    "revenium_decorators.py": [
        person | PROVIDED | {"task_type": task, "input_tokens": tokens, "cost_usd": mini(tokens - 400, 400, 120)}
        for person, task, tokens in [
            (ANN, "classification", 815), (ANN, "qa", 814), (EVE, "classification", 814), (EVE, "qa", 813),
        ]
    ],
    "opentelemetry_spans.py": [*ROUND, *ROUND, ANN | FAILED],
}  # fmt: skip
DIRECT_QUEUED_AND_PATCHED = ["revenium_basic.py", "revenium_queued.py", "provider_sdks.py"]
WITH_SDK = [name for name in EXPECTED if name != "opentelemetry_spans.py"]


def comparable(row: dict[str, object], names: set[str]) -> tuple[str, ...]:
    return tuple(
        f"{Decimal(str(row[name])):.9f}" if name == "cost_usd" else str(row[name]) for name in sorted(names)
    )


@pytest.mark.parametrize("script", EXPECTED)
def test_each_demonstration_meters_what_it_says_on_loopback(script, tmp_path):
    path = tmp_path / "calls.csv"
    done = demonstrated(f"instrumentation/{script}", "--data", path)
    assert done.stderr == ""
    rows, expected = stored(path), EXPECTED[script]
    assert len(rows) == len(expected)
    for group in {frozenset(entry) for entry in expected}:
        names = set(group)
        wanted = sorted(comparable(entry, names) for entry in expected if set(entry) == names)
        found = sorted(comparable(row, names) for row in rows)
        for entry in wanted:
            found.remove(entry)
    assert {row["environment"] for row in rows} == {"production"}
    assert {row["product_id"] for row in rows} == {"assistant"}
    assert len({row["call_id"] for row in rows}) == len(rows)
    total = sum((Decimal(row["cost_usd"]) for row in rows), Decimal(0))
    assert f"{total:.9f} USD (in " in done.stdout


@pytest.mark.parametrize("script", EXPECTED)
def test_where_the_extra_is_missing_what_would_be_sent_is_shown(script):
    blocked = "revenium_middleware,openai,anthropic,opentelemetry"
    done = demonstrated(f"instrumentation/{script}", blocked=blocked, GUARD_OFFLINE="all")
    assert done.stderr == ""
    assert "pip install -e '.[revenium]'" in done.stdout
    assert "org_acme" in done.stdout
    if script in WITH_SDK:
        start = done.stdout.index("This is what would be sent")
        body, _ = json.JSONDecoder().raw_decode(done.stdout, done.stdout.index("{", start))
        assert body["subscriber"] == {"id": "cust_ann"}
        assert (body["organizationName"], body["productName"]) == ("org_acme", "assistant")
        assert body["inputTokenCount"] == (0 if script == "revenium_errors.py" else 808)


def test_with_key_and_address_in_the_environment_the_same_code_talks_to_that_service(tmp_path):
    path = tmp_path / "service.csv"
    with process(path, environment={"METERING_API_KEYS": "hak_mine"}) as service:
        named = {"REVENIUM_METERING_API_KEY": "hak_mine", "REVENIUM_METERING_BASE_URL": service.url}
        for script in DIRECT_QUEUED_AND_PATCHED:
            done = demonstrated(f"instrumentation/{script}", **named)
            assert f"goes to {service.url}" in " ".join(done.stdout.split())
            assert done.stderr == ""
    assert len(stored(path)) == sum(len(EXPECTED[script]) for script in DIRECT_QUEUED_AND_PATCHED)


@pytest.mark.parametrize(
    ("name", "value"),
    [("REVENIUM_METERING_API_KEY", "hak_mine"), ("REVENIUM_METERING_BASE_URL", "https://api.revenium.ai")],
)
def test_a_key_or_an_address_alone_sends_nothing_anywhere(name, value):
    done = demonstrated("instrumentation/revenium_basic.py", **{name: value})
    assert f"{name} alone is set" in done.stdout
    assert "Nothing leaves this machine" in done.stdout


def test_a_proxy_in_the_environment_is_not_used_for_loopback(tmp_path):
    dead = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")
    demonstrated("instrumentation/revenium_basic.py", "--data", tmp_path / "calls.csv", **dead)
    assert len(stored(tmp_path / "calls.csv")) == 1


def test_a_bad_flag_is_one_sentence():
    done = demonstrated("instrumentation/revenium_basic.py", "--fast", code=2)
    assert len(done.stderr.splitlines()) == 1
    assert "--help" in done.stderr


def test_a_service_that_does_not_take_the_call_is_one_sentence(tmp_path):
    with process(tmp_path / "service.csv", environment={"METERING_API_KEYS": "hak_other"}) as service:
        named = {"REVENIUM_METERING_API_KEY": "hak_mine", "REVENIUM_METERING_BASE_URL": service.url}
        done = demonstrated("instrumentation/revenium_basic.py", code=1, **named)
    assert len(done.stderr.splitlines()) == 1
    assert "x-api-key" in done.stderr


def test_a_key_that_the_sdk_does_not_take_is_misuse():
    done = demonstrated("instrumentation/revenium_basic.py", code=2, REVENIUM_METERING_API_KEY="sk-123")
    assert "must begin with hak_ or rev_" in done.stderr
