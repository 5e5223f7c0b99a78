"""Ten thousand calls through the real SDK while the metering server is killed twice; the pages show what was sent."""

import csv
import json
import random
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest

from showcase.instrumentation.delivery import Delivery
from showcase.metadata.builders import ReveniumMetadataBuilder
from showcase.metadata.completion import Completion, Usage, completion_body
from tests.running import run_script
from tests.showcase.metering.harness import Process, process, stored

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

CALLS = 10_000
KILLED_AFTER = (3_000, 7_000)
THREADS = 48
BEGUN = datetime(2026, 10, 1, tzinfo=UTC)
# USD a million tokens: input, cached input, output.
RATES = {
    ("openai", "gpt-4o-mini"): (Decimal("0.15"), Decimal("0.075"), Decimal("0.60")),
    ("anthropic", "claude-haiku-4-5"): (Decimal("1.00"), Decimal("0.10"), Decimal("5.00")),
}


def priced(model: tuple[str, str], usage: Usage) -> Decimal:
    fresh, cached, output = RATES[model]
    tokens = (usage.input_tokens - usage.cached_input_tokens) * fresh + usage.cached_input_tokens * cached
    return ((tokens + usage.output_tokens * output) / 1_000_000).quantize(Decimal("1e-9"), ROUND_HALF_EVEN)


def calls() -> dict[str, tuple[dict[str, object], dict[str, str]]]:
    """By call id: the body to send, and the columns that must be stored, worked out here."""
    draw = random.Random(11)
    made = {}
    for number in range(CALLS):
        model = draw.choice(list(RATES))
        cached = draw.randrange(0, 500)
        usage = Usage(cached + draw.randrange(1, 4_000), draw.randrange(1, 900), cached_input_tokens=cached)
        reported = Decimal(draw.randrange(10**6)).scaleb(-9) if number % 2 else None
        customer = draw.randrange(40)
        metadata = {
            "customer_id": f"cust_{customer:02d}",
            "organization_id": f"org_{customer % 7}",
            "product_id": draw.choice(["assistant", "search", "reports"]),
            "feature_id": draw.choice(["chat", "summaries", "tagging"]),
            "subscription_tier": ("starter", "pro", "enterprise")[customer % 3],
            "task_type": draw.choice(["qa", "summarization", "classification"]),
            "environment": "production",
        }
        begun = BEGUN + timedelta(seconds=250 * number)
        ended = begun + timedelta(milliseconds=draw.randrange(50, 9_000))
        made_call = Completion(*model, usage, begun, ended, call_id=f"call-{number:05d}", cost_usd=reported)
        cost = priced(model, usage) if reported is None else reported
        made[made_call.call_id] = (
            completion_body(made_call, ReveniumMetadataBuilder.from_call(metadata)),
            metadata
            | {
                "provider": model[0],
                "model": model[1],
                "input_tokens": str(usage.input_tokens),
                "cached_input_tokens": str(usage.cached_input_tokens),
                "output_tokens": str(usage.output_tokens),
                "cost_usd": f"{cost:.9f}",
                "latency_ms": str(made_call.milliseconds),
            },
        )
    return made


class Killer:
    """Kills the server as soon as so many calls are acknowledged, looks into the file, and starts it again."""

    def __init__(self, server: Process) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._acknowledged: set[str] = set()
        self.lost: list[set[str]] = []

    def acknowledged(self, call_id: str) -> None:
        with self._lock:
            self._acknowledged.add(call_id)
            if len(self._acknowledged) not in KILLED_AFTER:
                return
        self._server.kill()
        with self._lock:
            known = set(self._acknowledged)
        with self._server.path.open(encoding="utf-8", newline="") as file:
            self.lost.append(known - {row["call_id"] for row in csv.DictReader(file)})
        self._server.start()


@pytest.fixture(scope="module")
def sent() -> dict[str, tuple[dict[str, object], dict[str, str]]]:
    return calls()


@pytest.fixture(scope="module")
def metered(sent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from revenium_middleware._metering import ReveniumMetering

    """The CSV of all calls, sent over a server that was killed twice."""
    path = tmp_path_factory.mktemp("ten-thousand") / "calls.csv"
    with (
        process(path) as server,
        ReveniumMetering(api_key="hak_test", base_url=f"{server.url}/meter/") as client,
    ):
        killer, delivery = Killer(server), Delivery(client)

        def send(body: dict[str, object]) -> None:
            killer.acknowledged(delivery.send(body).call_id)

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(send, (body for body, _ in sent.values())))
        assert server.stop() == 0
    assert killer.lost == [set(), set()]
    return path


def test_each_acknowledged_call_is_there_once_and_right(sent, metered):
    rows = stored(metered)
    assert Counter(row["call_id"] for row in rows) == Counter(list(sent))
    for row in rows:
        expected = sent[row["call_id"]][1]
        found = {name: row[name] for name in expected} | {"cost_usd": f"{Decimal(row['cost_usd']):.9f}"}
        assert found == expected, row["call_id"]


def test_sending_all_again_after_a_restart_adds_nothing(sent, metered):
    from revenium_middleware._metering import ReveniumMetering

    before = metered.read_bytes()
    some = [body for body, _ in list(sent.values())[::20]]
    with (
        process(metered) as server,
        ReveniumMetering(api_key="hak_test", base_url=f"{server.url}/meter/") as client,
    ):
        delivered = Delivery(client).send_all(some, THREADS)
    assert [entry.failed_attempts for entry in delivered] == [0] * len(some)
    assert metered.read_bytes() == before


def test_pages_and_json_reports_show_the_totals_that_were_sent(sent, metered, tmp_path):
    run_script("run_all_analyzers.py", "--data", metered, "--out", tmp_path, "--quiet")
    expected = [columns for _, columns in sent.values()]
    total = sum((Decimal(columns["cost_usd"]) for columns in expected), Decimal(0))
    json_reports = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "json").glob("*.json")}
    reports = {name: json_report for name, json_report in json_reports.items() if "result" in json_report}
    assert len(reports) == 8
    for json_report in reports.values():
        source = json_report["source"]
        assert Decimal(source["total_usd"]) == total
        assert (source["accepted"], source["used"], source["rejected"], source["duplicates"]) == (
            CALLS,
            CALLS,
            {},
            0,
        )

    usage = json_reports["customer_profitability"]["result"]["use"]
    assert int(usage["input_tokens"]) == sum(int(columns["input_tokens"]) for columns in expected)
    assert int(usage["output_tokens"]) == sum(int(columns["output_tokens"]) for columns in expected)

    by_customer: dict[str, Decimal] = defaultdict(Decimal)
    for columns in expected:
        by_customer[columns["customer_id"]] += Decimal(columns["cost_usd"])
    customers = json_reports["customer_profitability"]["result"]["customers"]
    assert {entry["customer"]: Decimal(entry["use"]["known_cost_usd"]) for entry in customers} == by_customer

    shown = f"${total.quantize(Decimal('0.01'), ROUND_HALF_EVEN):,}"
    for name in ("finops_understanding", "customer_profitability", "finops_alignment"):
        assert shown in (tmp_path / f"html/{name}.html").read_text(encoding="utf-8"), name
