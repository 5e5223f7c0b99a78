"""What is advised: nothing on healthy data, on a planted problem that problem alone, and always on rows of the page."""

import dataclasses
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from analyzers.instances import analyzers
from calls.engine import open_calls
from reporting.contents import blocks_of
from reporting.document import Document, Table
from settings.loader import load_settings
from settings.rates import cost
from tests.calls import call_files

SETTINGS = dataclasses.replace(load_settings(), own_plans=True)
START = datetime(2026, 9, 1, 9, tzinfo=UTC)
DAYS, CUSTOMERS, ORGANIZATIONS, CALLS_A_DAY = 28, 24, 6, 14
Rows = list[dict[str, Any]]


@cache
def priced(model: str, tokens_in: int, tokens_out: int) -> Decimal:
    amount = cost(SETTINGS.pricing.rate("openai", model, START.date(), tokens_in), tokens_in, tokens_out)
    assert amount is not None
    return amount


def call(rng: random.Random, day: int, customer: int, **changed: Any) -> dict[str, Any]:
    """A short question in working hours to a cheap model that answers in about a second."""
    moment = START + timedelta(days=day, seconds=rng.uniform(0, 8 * 3600))
    row = {
        "timestamp": moment.isoformat().replace("+00:00", "Z"),
        "call_id": f"{rng.getrandbits(64):016x}",
        "provider": "openai",
        "model": "gpt-6-luna",
        "input_tokens": int(rng.lognormvariate(6.8, 0.3)),
        "output_tokens": int(rng.lognormvariate(5.0, 0.3)),
        "latency_ms": int(rng.lognormvariate(6.9, 0.3)),
        "customer_id": f"customer-{customer:02}",
        "subscription_tier": "starter",
        "organization_id": f"organization-{customer % ORGANIZATIONS}",
        "product_id": "desk",
        "feature_id": f"feature-{rng.randrange(3)}",
        "task_type": "qa",
        "environment": "staging" if rng.random() < 0.05 else "production",
        "session_id": f"{rng.getrandbits(32):08x}",
        "status": "error" if rng.random() < 0.005 else "success",
        "cached_input_tokens": 0,
    } | changed
    row["cached_input_tokens"] = int(row["input_tokens"]) // 3
    row.setdefault("cost_usd", priced(row["model"], int(row["input_tokens"]), int(row["output_tokens"])))
    return row


def healthy(seed: int) -> Rows:
    """A month of customers alike who pay far more than they cost, in working hours, with nothing out of the way."""
    rng = random.Random(seed)
    return [
        call(rng, day, customer)
        for day in range(DAYS)
        for customer in range(CUSTOMERS)
        for _ in range(CALLS_A_DAY)
    ]


def edges() -> Rows:
    """A call in the first and in the last hour of the period, so that all its days are complete."""
    rng = random.Random(0)
    first = START.replace(hour=0, minute=1)
    moments = (first, first + timedelta(days=DAYS - 1, hours=23))
    return [call(rng, 0, 0, timestamp=moment.isoformat().replace("+00:00", "Z")) for moment in moments]


def documents(path: Path, rows: Iterable[dict[str, Any]]) -> dict[str, Document]:
    """Every report of these rows."""
    texts = [{name: str(value) for name, value in row.items()} for row in [*rows, *edges()]]
    with open_calls(call_files.staged(path / "calls.csv", texts)) as calls:
        return {each.id: each.document(each.analyze(calls, SETTINGS)) for each in analyzers()}


def advised(found: dict[str, Document]) -> set[tuple[str, str]]:
    """The report and the first word of the id of all advice."""
    return {
        (identity, advice.id.split("-")[0])
        for identity, document in found.items()
        for advice in document.recommendations
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_healthy_data_get_no_advice_and_raise_no_alert(tmp_path: Path, seed: int) -> None:
    found = documents(tmp_path, healthy(seed))
    assert advised(found) == set()
    assert [alert.title for document in found.values() for alert in document.alerts] == []


def changed(rows: Rows, chosen: Any, **values: Any) -> Rows:
    """The rows with values changed where `chosen` says so, at the list price of what they are then."""
    for row in filter(chosen, rows):
        row.update(values)
        size = int(row["input_tokens"]), int(row["output_tokens"])
        row["cost_usd"] = values.get("cost_usd", priced(row["model"], *size))
    return rows


def failing() -> Rows:
    """One call in twenty fails, and costs two cents where others cost a third of one."""
    rng = random.Random(4)
    rows = changed(healthy(1), lambda _: True, cost_usd="0.003")
    return changed(rows, lambda _: rng.random() < 0.05, status="error", cost_usd="0.02")


def premium() -> Rows:
    """Half of the calls of each customer go to a standard model."""
    rng = random.Random(4)
    return changed(healthy(1), lambda _: rng.random() < 0.5, model="gpt-6.1-sol")


def unnamed() -> Rows:
    """A third of the organizations is not named, by calls that cost a cent."""
    rows = changed(healthy(1), lambda _: True, cost_usd="0.003")
    return changed(
        rows, lambda row: row["organization_id"] < "organization-2", organization_id="", cost_usd="0.003"
    )


def experiments() -> Rows:
    """One organization spends a third of its money on development."""
    rng = random.Random(4)
    mine = changed(healthy(1), lambda _: True, cost_usd="0.002")
    return changed(
        mine,
        lambda row: row["organization_id"] == "organization-3" and rng.random() < 0.3,
        environment="development",
        cost_usd="0.002",
    )


def wordy() -> Rows:
    """One organization sends prompts of eight times the usual length."""
    rng = random.Random(4)
    rows = healthy(1)
    for row in rows:
        if row["organization_id"] == "organization-3":
            row["input_tokens"] = int(rng.lognormvariate(8.9, 0.3))
            row["cached_input_tokens"] = row["input_tokens"] // 3
        row["cost_usd"] = Decimal(row["input_tokens"] + row["output_tokens"]) / 500_000
    return rows


def loss() -> Rows:
    """One customer costs $39 per month and pays $29, since its calls are costly: so is its organization's price."""
    return changed(healthy(1), lambda row: row["customer_id"] == "customer-07", cost_usd="0.093")


PROBLEMS = {
    failing: {("finops_realtime", "failures")},
    premium: {
        ("finops_understanding", "switch"),
        ("finops_optimization", "switch"),
        ("finops_performance", "best"),
    },
    unnamed: {("finops_alignment", "name")},
    experiments: {("finops_alignment", "non")},
    wordy: {("finops_understanding", "bloat")},
    loss: {("customer_profitability", "loss"), ("finops_alignment", "costly")},
}


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda each: each.__name__)
def test_a_planted_problem_is_advised_on_and_nothing_else(tmp_path: Path, problem: Any) -> None:
    assert advised(documents(tmp_path, problem())) == PROBLEMS[problem]


@pytest.fixture(scope="module")
def simulated(small_csv: Path) -> dict[str, Document]:
    with open_calls(small_csv) as calls:
        return {each.id: each.document(each.analyze(calls, SETTINGS)) for each in analyzers()}


def test_all_advice_names_whom_how_much_and_the_rows_it_rests_on(simulated: dict[str, Document]) -> None:
    assert sum(len(document.recommendations) for document in simulated.values()) > 10
    for document in simulated.values():
        amounts = [advice.usd_month for advice in document.recommendations]
        assert amounts == sorted(amounts, reverse=True)
        assert len({advice.id for advice in document.recommendations}) == len(amounts)
        tables = {block.id: block for block in blocks_of(document) if isinstance(block, Table)}
        for advice in document.recommendations:
            assert advice.usd_month > 0
            assert all((advice.action, advice.subject, advice.why, advice.rows))
            assert any(character.isdigit() for character in advice.rows)
            assert advice.target_row in {row.key for row in tables[advice.target].rows}, advice
