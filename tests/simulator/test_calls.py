"""What each call says: tokens, latency, errors, sessions, ids."""

import csv
from collections import defaultdict

import numpy as np
import pytest

from calls.schema import COLUMN_BY_NAME, COLUMN_NAMES, RUN_NAMES, TERM_NAMES, Kind
from simulator.core import AICallSimulator
from simulator.models import ROSTER, Caching
from simulator.sampling import apportion, code_table, scrambled
from simulator.workload import FEATURES, TASK_CODE, TASKS
from tests.simulator.simulated import END, all_calls


@pytest.fixture(scope="module")
def calls():
    return all_calls(AICallSimulator(seed=9, end_date=END))


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("calls") / "calls.csv"
    AICallSimulator(20, 3, 9, end_date=END).write(path)
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def task_of(calls):
    return np.array([TASK_CODE[feature.task] for feature in FEATURES])[calls["feature"]]


def test_every_column_is_written_in_order_and_within_its_plausible_range(rows):
    assert tuple(rows[0]) == tuple(
        name for name in COLUMN_NAMES if name not in (*RUN_NAMES, *TERM_NAMES, "charge_category")
    )
    for name in rows[0]:
        column = COLUMN_BY_NAME[name]
        texts = [row[name] for row in rows]
        assert all(texts) or name == "time_to_first_token_ms", name
        if column.kind in {Kind.COUNT, Kind.DECIMAL}:
            values = [float(text) for text in texts if text]
            assert column.low <= min(values), name
            assert max(values) <= column.high, name


def test_parts_of_tokens_never_exceed_the_whole(calls):
    assert (calls["cached_tokens"] + calls["cache_write_tokens"] <= calls["input_tokens"]).all()
    assert (calls["reasoning_tokens"] <= calls["output_tokens"]).all()
    assert not ((calls["cached_tokens"] > 0) & (calls["cache_write_tokens"] > 0)).any()
    assert min(calls[name].min() for name in ("cached_tokens", "cache_write_tokens", "reasoning_tokens")) == 0


def test_only_models_that_can_cache_write_and_reason_do(calls):
    for code, model in enumerate(ROSTER):
        own = calls["model"] == code
        assert bool(calls["cache_write_tokens"][own].any()) == (model.caching is Caching.EXPLICIT)
        assert bool(calls["reasoning_tokens"][own].any()) == (model.reasoning_share > 0)
        assert calls["cached_tokens"][own].any()


def test_short_prompts_are_not_cached(calls):
    short = calls["input_tokens"] < 1_024
    assert calls["cached_tokens"][~short].any()
    assert not calls["cached_tokens"][short].any()


def test_tasks_have_their_own_sizes(calls):
    task, tokens = task_of(calls), calls["input_tokens"] + calls["output_tokens"]
    medians = {
        entry.name: np.median(tokens[(task == code) & ~calls["failed"]]) for code, entry in enumerate(TASKS)
    }
    assert 600 < medians["qa"] < 2_500
    assert 20_000 < medians["rag_analysis"] < 90_000
    assert medians["agentic_code"] > medians["rag_analysis"]


def test_failed_calls_have_no_output_and_those_turned_away_cost_nothing(calls):
    failed = calls["failed"]
    assert 0.006 < failed.mean() < 0.025
    assert not calls["output_tokens"][failed].any()
    assert calls["output_tokens"][~failed].all()
    rejected = failed & (calls["input_tokens"] == 0)
    assert 0.5 < rejected.sum() / failed.sum() < 0.9
    assert not calls["cost_nano_usd"][rejected].any()
    assert calls["cost_nano_usd"][failed & ~rejected].all()
    assert calls["latency_ms"][failed & ~rejected].min() >= 60_000
    assert (calls["first_token_ms"][failed] == -1).all()


def test_latency_grows_with_output_and_has_a_long_right_tail(calls):
    done = ~calls["failed"]
    assert (calls["first_token_ms"][done] <= calls["latency_ms"][done]).all()
    for code in range(len(ROSTER)):
        own = done & (calls["model"] == code)
        latency, output = calls["latency_ms"][own], calls["output_tokens"][own]
        assert np.corrcoef(output, latency)[0, 1] > 0.5
        assert np.percentile(latency, 99) > 4 * np.median(latency)


def test_premium_models_answer_more_slowly_than_economy_models(calls):
    first = {
        model.model: np.median(calls["first_token_ms"][(calls["model"] == code) & ~calls["failed"]])
        for code, model in enumerate(ROSTER)
    }
    assert first["gpt-6-luna"] < first["gpt-6.1-sol"] < first["claude-opus-5-5"]


def test_environments_have_their_shares(calls):
    shares = np.bincount(calls["environment"], minlength=3) / len(calls["environment"])
    assert shares == pytest.approx([0.95, 0.04, 0.01], abs=0.005)


def test_organizations_differ_in_their_model_mix(calls):
    shares = []
    for organization in range(calls["organization"].max() + 1):
        counts = np.bincount(calls["model"][calls["organization"] == organization], minlength=7)
        shares.append(counts / counts.sum())
    spread = np.ptp(np.array(shares), axis=0)
    assert (spread > 0.05).all()


def test_sessions_are_reused_within_a_customers_day_and_belong_to_one_customer(rows):
    days, calls_in = defaultdict(set), defaultdict(int)
    for row in rows:
        days[row["session_id"]].add((row["customer_id"], row["timestamp"][:10]))
        calls_in[row["session_id"]] += 1
    assert all(len(found) == 1 for found in days.values())
    assert max(calls_in.values()) > 3
    assert len(calls_in) < len(rows)


def test_ids_are_unique_and_traces_have_32_hex_digits(rows):
    assert len({row["call_id"] for row in rows}) == len({row["request_id"] for row in rows}) == len(rows)
    assert all(len(row["trace_id"]) == 32 and int(row["trace_id"], 16) for row in rows)
    assert len({row["trace_id"] for row in rows}) < len(rows)


def test_scrambled_keys_are_as_many_as_the_numbers():
    keys = scrambled(np.arange(200_000, dtype=np.uint64))
    assert len(np.unique(keys)) == 200_000
    assert {len(f"{int(key):x}") for key in keys[:1_000]} == {16}


def test_parts_of_a_whole_add_up_to_it():
    assert apportion(7, np.array([0.7, 0.2, 0.1])).tolist() == [5, 1, 1]
    assert apportion(1, np.array([0.7, 0.2, 0.1])).tolist() == [1, 0, 0]


def test_a_table_holds_codes_by_their_shares():
    assert np.bincount(code_table(np.array([3.0, 0.0, 1.0]))).tolist() == [768, 0, 256]
