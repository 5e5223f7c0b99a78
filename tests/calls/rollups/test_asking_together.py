"""Several threads ask the same calls: each rollup is built once, and the processors are shared."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

import run_all_analyzers
from analyzers.instances import analyzers
from analyzers.registry import REPORTS
from analyzers.ubr.profitability import CustomerProfitability
from calls.duckdb_calls import DuckDBCalls
from calls.engine import Calls, open_calls
from calls.rollups import shared as rollups
from calls.rollups.definition import SingleCalls
from settings.loader import load_settings
from simulator.core import AICallSimulator
from tests.calls.call_files import rows, write
from tests.simulator.simulated import END

COUNTED = [name for name, rollup in rollups.ROLLUPS.items() if "calls" in getattr(rollup, "sums", {})]
ENDLESS = "select sum(range) as total from range(3000000000000)"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("together") / "calls.csv"
    AICallSimulator(30, 20, end_date=END).write(path)
    return path


def tables(calls: Calls) -> set[str]:
    return {entry.table_name for entry in calls.sql("select table_name from duckdb_tables()")}


def threads_of(calls: Calls) -> int:
    return int(calls.sql("select cast(current_setting('threads') as int) as number")[0].number)


def test_each_rollup_is_built_once_whoever_asks_first(simulated: Path) -> None:
    asked = [f"select cast(sum(calls) as bigint) as calls from {name}" for name in COUNTED]
    with open_calls(simulated) as calls:
        alone = {query: calls.sql(query)[0].calls for query in asked}
        everything = calls.sql("select count(*) as calls from calls")[0].calls
    assert alone[asked[0]] == everything > 0
    in_turns = [*asked, *reversed(asked)] * 2
    with open_calls(simulated) as calls, ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: calls.sql(query)[0].calls, in_turns))
    # Whoever built one a second time would be refused by the engine.
    assert together == [alone[query] for query in in_turns]


@pytest.mark.parametrize("askers", [1, 2, 3, 1000])
def test_askers_share_the_processors_and_each_has_one(tmp_path: Path, askers: int) -> None:
    with open_calls(write(tmp_path / "calls.csv", rows(3))) as calls:
        before = threads_of(calls)
        calls.divide_threads(askers)
        assert threads_of(calls) == max(1, before // askers)
        assert calls.sql("select count(*) as number from calls")[0].number == 3


def test_a_rollup_is_built_before_it_is_asked_for_with_what_it_is_made_of(tmp_path: Path) -> None:
    with open_calls(write(tmp_path / "calls.csv", rows(3))) as calls:
        calls.build("work")
        assert tables(calls) & rollups.ROLLUPS.keys() == {"customer_work", "work"}
        calls.build("work", "hourly_use")
        assert tables(calls) & rollups.ROLLUPS.keys() == {"customer_work", "work", "hourly_use"}


def test_what_is_being_built_can_be_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rollups.ROLLUPS, "work", SingleCalls(ENDLESS, needs=()))
    with open_calls(write(tmp_path / "calls.csv", rows(3))) as calls, ThreadPoolExecutor(1) as pool:
        building = pool.submit(calls.build, "work")
        while not building.done():
            calls.interrupt()
            time.sleep(0.05)
        assert isinstance(building.exception(), duckdb.InterruptException)
        assert "work" not in tables(calls)


def test_calls_stay_open_until_what_is_built_ahead_is_there(
    simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("at once")

    def build_late(calls: Calls, *_: str) -> None:
        time.sleep(0.5)
        answers.extend(calls.sql("select count(*) as number from calls"))

    answers: list[object] = []
    monkeypatch.setattr(CustomerProfitability, "analyze", fails)
    monkeypatch.setattr(DuckDBCalls, "build", build_late)
    flags = ["--data", str(simulated), "--out", str(tmp_path), "--only", "customer_profitability", "--quiet"]
    assert run_all_analyzers.main(flags) == 1
    assert len(answers) == 1


@pytest.mark.parametrize("identity", REPORTS)
def test_a_report_asks_for_what_is_built_for_it(simulated: Path, identity: str) -> None:
    (analyzer,) = analyzers([identity])
    with open_calls(simulated, use_enums=True) as calls:
        analyzer.analyze(calls, load_settings())
        assert set(analyzer.slow_rollups) <= tables(calls)
