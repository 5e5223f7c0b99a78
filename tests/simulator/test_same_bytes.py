"""The same arguments give the same bytes; other seeds and other days give other calls."""

import hashlib
from datetime import date

import pytest

from simulator.core import AICallSimulator
from tests.simulator.simulated import ALL, END, QUICK_START, all_calls

# Bytes depend on numpy's generators, DuckDB's printing and the rates of pricing.toml: a new digest is right only
# if one of them changed on purpose, or if a simulator did.
DIGEST = "0e4f2fdc8e8d2dbf1b9629503f22727e3f50c68b017dd5f83e4f41f8cc8f358e"


def test_the_quick_start_has_a_known_digest(tmp_path):
    path = tmp_path / "calls.csv"
    for number, pattern in enumerate(QUICK_START):
        pattern(end_date=END).write(path, append=number > 0)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == DIGEST


@pytest.mark.parametrize("pattern", ALL)
def test_two_runs_write_the_same_bytes(tmp_path, pattern):
    written = []
    for name in ("first.csv", "second.csv"):
        pattern(5, 3, 7, end_date=END).write(tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert written[0].endswith(b"\n")
    assert b"\r" not in written[0]


@pytest.mark.parametrize(
    "other", [{"seed": 8}, {"end_date": date(2026, 11, 19)}, {"num_days": 4}, {"num_customers": 6}]
)
def test_other_arguments_share_no_call(other):
    same = {"num_customers": 5, "num_days": 3, "seed": 7, "end_date": END}
    calls = all_calls(AICallSimulator(**same))["call_key"]
    others = all_calls(AICallSimulator(**(same | other)))["call_key"]
    assert not set(calls.tolist()) & set(others.tolist())


def test_patterns_share_no_call_and_no_customer(tmp_path):
    path = tmp_path / "calls.csv"
    for number, pattern in enumerate(ALL):
        pattern(6, 2, end_date=END).write(path, append=number > 0)
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    assert len({line[1] for line in lines}) == len(lines)
    assert len({line[8] for line in lines}) == 6 * len(ALL)


def test_other_prices_leave_the_calls_as_they_are():
    plain, costly = (
        AICallSimulator(5, 3, end_date=END),
        AICallSimulator(5, 3, end_date=END, tier_prices={"pro": 129}),
    )
    before, after = all_calls(plain), all_calls(costly)
    assert all((before[name] == after[name]).all() for name in before)
    assert costly.spelling.plans[1] == ("pro", 129)


def test_batches_printed_side_by_side_land_in_order(tmp_path):
    simulator = AICallSimulator(300, 30, end_date=END)
    assert len(list(simulator.traffic.batches())) > 1
    written = []
    totals = simulator.write(tmp_path / "calls.csv", advance=written.append)
    lines = (tmp_path / "calls.csv").read_text().splitlines()[1:]
    times = [line.partition(",")[0] for line in lines]
    assert times == sorted(times)
    assert len(lines) == totals.calls == sum(written) == simulator.total_calls
    keys = all_calls(simulator)["call_key"]
    assert [line.split(",")[1] for line in lines[:: len(lines) // 50]] == [
        f"call_{int(key):x}" for key in keys[:: len(lines) // 50]
    ]
