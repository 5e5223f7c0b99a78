"""The scenarios: decisions that can be worked out by hand, their effect to the cent, and any CSV there is."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest

from calls.schema import COLUMN_NAMES
from tests.showcase.demonstrations import demonstrated

SCENARIOS = ("unprofitable_customers", "model_optimization", "seasonal_capacity", "feature_sunset")
NANO = Decimal("1e-9")
# USD a million tokens: input, output.
PRICES = {"starter": "29", "pro": "99", "enterprise": "299"}
GPT_4O, MINI = (Decimal("2.50"), Decimal(10)), (Decimal("0.15"), Decimal("0.60"))


def call(number: int, moment: str, **values: object) -> dict[str, object]:
    return {
        "timestamp": f"{moment}.000000Z", "call_id": f"c{number:05d}", "provider": "openai", "model": "gpt-4o",
        "input_tokens": 900, "output_tokens": 100, "cost_usd": "0.003250000", "latency_ms": 800, "task_type": "qa",
        "feature_id": "chat", "product_id": "assistant", "organization_id": "acme", "environment": "production",
        "tier_price_usd": PRICES.get(str(values.get("subscription_tier")), ""),
    } | values  # fmt: skip


def written(path: Path, calls: Iterable[dict[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMN_NAMES)
        writer.writeheader()
        writer.writerows(calls)
    return path


def read(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["call_id"]: row for row in csv.DictReader(file)}


def told(name: str, data: Path, out: Path, *arguments: object) -> str:
    done = demonstrated(
        f"scenarios/scenario_{name}.py", "--data", data, "--out", out, *arguments, GUARD_OFFLINE="all"
    )
    assert done.stderr == ""
    return done.stdout


def comparison(out: Path, name: str = "after") -> dict[str, object]:
    return json.loads((out / f"{name}.json").read_text())["result"]


def margin(side: dict[str, object]) -> Decimal:
    return Decimal(side["margin_usd"])


def priced(row: dict[str, str], rate: tuple[Decimal, Decimal]) -> Decimal:
    tokens = int(row["input_tokens"]) * rate[0] + int(row["output_tokens"]) * rate[1]
    return (tokens / 1_000_000).quantize(NANO, ROUND_HALF_EVEN)


def tokens_by_hour(rows: dict[str, dict[str, str]]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows.values():
        found[row["timestamp"][:13]] += int(row["input_tokens"]) + int(row["output_tokens"])
    return found


def test_each_loss_maker_gets_the_remedy_that_its_use_supports(tmp_path):
    days = [f"2026-06-{day:02d}" for day in range(1, 31)]
    calls, number = [], 0

    def add(customer: str, plan: str, count: int, usd: str) -> None:
        nonlocal number
        for place in range(count):
            day = days[place * 30 // count] if count > 1 else days[0]
            calls.append(
                call(
                    number,
                    f"{day}T{place % 24:02d}:00:00",
                    customer_id=customer,
                    subscription_tier=plan,
                    cost_usd=usd,
                )
            )
            number += 1
        calls.append(
            call(number, "2026-06-30T23:00:00", customer_id=customer, subscription_tier=plan, cost_usd="0")
        )
        number += 1

    add("heavy", "starter", 40, "1.5")  # pays 29, costs 60: pro at 99 leaves 39
    add("huge", "enterprise", 40, "10")  # pays 299, costs 400: no more expensive plan, no cheaper model
    add("light", "pro", 40, "0.5")  # pays 99, costs 20
    data = written(tmp_path / "june.csv", calls)
    said = told("unprofitable_customers", data, tmp_path / "out")
    assert (
        "2 of 3 customers lose $132.00 together; the others earn $79.00, and lose 167.1% of that"
        in " ".join(said.split())
    )
    assert "upgrade to pro at $99.00 per month" in said

    before, after = read(data), read(tmp_path / "out/after.csv")
    heavy = [row for row in after.values() if row["customer_id"] == "heavy"]
    assert len(heavy) == 41
    assert {(row["subscription_tier"], Decimal(row["tier_price_usd"])) for row in heavy} == {
        ("pro", Decimal(99))
    }
    # 41 calls of 1,000 tokens cost 400; the target margin of 20 % leaves 239.20 to spend: 24,518 tokens, 24 calls.
    huge = sorted(row["call_id"] for row in after.values() if row["customer_id"] == "huge")
    assert huge == sorted(id_ for id_, row in before.items() if row["customer_id"] == "huge")[:24]
    light = {id_: row for id_, row in after.items() if row["customer_id"] == "light"}
    assert {id_: Decimal(row["cost_usd"]) for id_, row in light.items()} == {
        id_: Decimal(row["cost_usd"]) for id_, row in before.items() if row["customer_id"] == "light"
    }

    result = comparison(tmp_path / "out")
    # Before: 427 - 480. After: 99 + 299 + 99 - 60 - 240 - 20.
    assert (margin(result["before"]), margin(result["after"])) == (Decimal(-53), Decimal(177))


def test_where_nobody_loses_money_there_is_nothing_to_decide(tmp_path):
    data = written(
        tmp_path / "calls.csv", [call(1, "2026-06-01T00:00:00", customer_id="a", subscription_tier="pro")]
    )
    assert "Nothing to decide" in told("unprofitable_customers", data, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten days of two models on the same task, 300 calls each, with customers; and another task on one model."""
    calls = []
    for number in range(900):
        moment = datetime.fromisoformat("2026-06-01T00:00:00") + timedelta(minutes=16 * number)
        costly = number % 3 < 1
        tokens = {"input_tokens": 500 + number % 400, "output_tokens": 50 + number % 90}
        kind = (
            {"task_type": "qa", "feature_id": "chat"}
            if number % 3 < 2
            else {"task_type": "code", "feature_id": "agent"}
        )
        row = call(
            number,
            moment.isoformat(),
            **tokens,
            **kind,
            customer_id=f"cust_{number % 7}",
            subscription_tier="starter",
        )
        rate = GPT_4O if costly or number % 3 == 2 else MINI
        calls.append(
            row
            | {"model": "gpt-4o" if rate is GPT_4O else "gpt-4o-mini", "cost_usd": f"{priced(row, rate):.9f}"}
        )
    return written(tmp_path_factory.mktemp("models") / "two.csv", calls)


def test_half_of_the_calls_that_can_move_do_and_cost_what_the_other_model_costs(two_models, tmp_path):
    said = told("model_optimization", two_models, tmp_path)
    before, after = read(two_models), read(tmp_path / "after.csv")
    assert before.keys() == after.keys()
    moved = [id_ for id_ in before if before[id_]["model"] != after[id_]["model"]]
    assert 120 <= len(moved) <= 180
    assert f"{len(moved)} calls moved" in said
    for id_, row in after.items():
        if id_ in moved:
            assert (before[id_]["task_type"], row["model"], row["latency_ms"]) == ("qa", "gpt-4o-mini", "")
            assert Decimal(row["cost_usd"]) == priced(row, MINI)
        else:
            assert Decimal(row["cost_usd"]) == Decimal(before[id_]["cost_usd"])
    saved = sum(priced(before[id_], GPT_4O) - priced(before[id_], MINI) for id_ in moved)
    result = comparison(tmp_path)
    assert margin(result["after"]) - margin(result["before"]) == saved
    told("model_optimization", two_models, tmp_path / "again")
    assert (tmp_path / "again/after.csv").read_bytes() == (tmp_path / "after.csv").read_bytes()


def test_a_feature_is_looked_at_from_both_sides(two_models, tmp_path):
    said = told("feature_sunset", two_models, tmp_path, "--feature", "chat")
    before, without = read(two_models), read(tmp_path / "without_feature.csv")
    assert without.keys() == {id_ for id_, row in before.items() if row["feature_id"] != "chat"}
    cheaper = read(tmp_path / "cheaper_models.csv")
    for id_, row in cheaper.items():
        moves = before[id_]["feature_id"] == "chat" and before[id_]["model"] == "gpt-4o"
        assert row["model"] == ("gpt-4o-mini" if moves else before[id_]["model"])
        assert Decimal(row["cost_usd"]) == (priced(row, MINI) if moves else Decimal(before[id_]["cost_usd"]))
    own = sum(Decimal(row["cost_usd"]) for row in before.values() if row["feature_id"] == "chat")
    saved = sum(Decimal(before[id_]["cost_usd"]) - Decimal(row["cost_usd"]) for id_, row in cheaper.items())
    assert f"without the feature  {round(own, 2):>28}".replace(" ", "") in said.replace("$", "").replace(
        " ", ""
    )
    result = comparison(tmp_path, "cheaper_models")
    assert margin(result["after"]) - margin(result["before"]) == saved
    # Two thirds of every customer's calls are in chat: all seven depend on it.
    assert "7 customers use it. 7 make at least 50% of their calls in it, 0 all of them." in " ".join(
        said.split()
    )
    assert "if the 7 leave" in said


def test_a_feature_that_does_not_exist_is_misuse(two_models):
    done = demonstrated(
        "scenarios/scenario_feature_sunset.py", "--data", two_models, "--feature", "nope", code=2
    )
    assert "there are" in done.stderr
    assert "agent" in done.stderr


def test_work_that_can_wait_goes_to_the_night_at_the_price_of_a_batch(tmp_path):
    calls = []
    for number in range(10 * 24 * 4):
        moment = datetime.fromisoformat("2026-06-01T00:00:00") + timedelta(minutes=15 * number)
        busy = 9 <= moment.hour < 17
        task = "summarization" if number % 2 else "qa"
        size = {"input_tokens": 4_000 if busy else 400, "output_tokens": 100}
        calls.append(
            call(
                number,
                moment.isoformat(),
                **size,
                task_type=task,
                customer_id="a",
                subscription_tier="pro",
                cost_usd="0.000000001" if number % 4 == 1 else "0.01",
            )
        )
    data = written(tmp_path / "calls.csv", calls)
    said = told("seasonal_capacity", data, tmp_path / "out")
    before, after = read(data), read(tmp_path / "out/after.csv")
    assert before.keys() == after.keys()
    moved = 0
    for id_, row in after.items():
        was, now = datetime.fromisoformat(before[id_]["timestamp"]), datetime.fromisoformat(row["timestamp"])
        waits = before[id_]["task_type"] == "summarization" and 9 <= was.hour < 17 and was.day < 10
        moved += waits
        if not waits:
            assert (now, Decimal(row["cost_usd"])) == (was, Decimal(before[id_]["cost_usd"]))
            continue
        assert now.date() == was.date() + timedelta(days=1)
        assert now.hour < 6
        half = (Decimal(before[id_]["cost_usd"]) / 2).quantize(NANO, ROUND_HALF_EVEN)
        assert (Decimal(row["cost_usd"]), row["latency_ms"]) == (half, "")
        assert row["input_tokens"] == before[id_]["input_tokens"]
    assert moved == 9 * 8 * 2
    assert f"{moved} calls moved to the night" in said
    busiest = [max(tokens_by_hour(rows).values()) for rows in (before, after)]
    assert busiest[0] == 16_400
    (line,) = [line.split() for line in said.splitlines() if line.startswith("tokens of the busiest hour")]
    assert line[-3:-1] == [f"{tokens:,}" for tokens in busiest]
    result = comparison(tmp_path / "out")
    assert (result["before"]["usage"]["calls"], result["before"]["usage"]["input_tokens"]) == (
        result["after"]["usage"]["calls"], result["after"]["usage"]["input_tokens"],
    )  # fmt: skip


def test_a_few_days_tell_no_season(tmp_path):
    data = written(tmp_path / "calls.csv", [call(n, f"2026-06-0{1 + n % 3}T0{n}:00:00") for n in range(9)])
    assert "3 days are too few" in told("seasonal_capacity", data, tmp_path / "out")


@pytest.mark.parametrize("name", SCENARIOS)
def test_any_csv_of_calls_will_do(name, imported, tmp_path):
    for number, path in enumerate(imported):
        assert told(name, path, tmp_path / str(number))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_simulated_file_tells_the_whole_story_and_stays_as_it_was(name, small_csv, tmp_path):
    before = small_csv.read_bytes()
    said = told(name, small_csv, tmp_path)
    assert "1. " in said
    assert small_csv.read_bytes() == before


def test_each_runs_right_after_the_installation_or_on_what_was_simulated(tmp_path):
    done = demonstrated("scenarios/scenario_unprofitable_customers.py", "--out", tmp_path)
    assert "Who loses money?" in done.stdout
    assert (tmp_path / "after.html").exists()
