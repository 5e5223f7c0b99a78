"""50 calls whose price depends on a term, each with its sum written out, through every door that prices calls.

`tests/samples/pricing/cases.csv` says what each must cost (`expected_cost_usd`, or that it is unknown), which terms have no
rate (`expected_gap`), and the `arithmetic`, which is worked out here first.
"""

import csv
import json
import re
import subprocess
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from calls.schema import COLUMN_NAMES
from calls.writing.store import append_rows
from interchange.importers.import_run import Order, run_import
from interchange.importers.mapping_text import build_mapping
from interchange.repricing import reprice
from settings.loader import load_settings
from settings.price_sql import PriceSql, create_sql, insert_sqls
from settings.terms import Terms
from showcase.metering.counts import TERM_FIELDS, UNIT_FIELDS
from tests.calls.spark.sessions import one_session
from tests.checkout import ROOT
from tests.interchange.importers.importing import written
from tests.showcase.metering.harness import connected, serving

CASES = list(csv.DictReader((ROOT / "tests/samples/pricing/cases.csv").read_text("utf-8").splitlines()))
PRICING = load_settings().pricing
COUNTS = (*(name for name in COLUMN_NAMES if name.endswith("_tokens")), "web_search_requests")
SOURCE = {"exact": "computed", "unknown": "unknown", "lower_bound": "partial", "reported": "reported"}
PRICED = [case for case in CASES if case["expected_status"] != "reported"]


def usd(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def outcome(case: dict[str, str]) -> tuple[Decimal | None, str, str]:
    return usd(case["expected_cost_usd"]), case["expected_gap"], SOURCE[case["expected_status"]]


def terms_of(case: dict[str, str]) -> Terms:
    return Terms(**{name: case[name] for name in Terms._fields})


def counts_of(case: dict[str, str]) -> dict[str, int | None]:
    return {name: int(case[name]) if case.get(name) else None for name in COUNTS}


def row_of(case: dict[str, str]) -> dict[str, str]:
    """The case as a row of the CSV of calls, its cost unknown."""
    return {name: case[name] for name in COLUMN_NAMES if case.get(name)} | {
        "call_id": case["id"],
        "timestamp": case["timestamp"],
    }


@pytest.mark.parametrize("case", PRICED, ids=lambda case: case["id"])
def test_the_sum_that_is_written_out_is_the_price(case: dict[str, str]) -> None:
    if not case["expected_cost_usd"]:
        assert case["arithmetic"] == "no published rate for these terms"
        return
    sum_ = case["arithmetic"].rpartition(" = ")[0]
    sum_ = re.sub(r"(\d) [a-z][^+)]*? x ", r"\1 * ", sum_).replace("/M", "/1000000").replace(" x ", " * ")
    sum_ = re.sub(r" \* ([\d.]+)", r" * Fraction('\1')", re.sub(r"\(5 %\)", "", sum_))
    exact = eval(sum_, {"Fraction": Fraction})  # noqa: S307  a sum of our own file
    assert Decimal(round(exact * 10**9)).scaleb(-9) == usd(case["expected_cost_usd"])


@pytest.mark.parametrize("case", PRICED, ids=lambda case: case["id"])
def test_in_python(case: dict[str, str]) -> None:
    instant = datetime.fromisoformat(case["timestamp"]).replace(tzinfo=None)
    found = PRICING.call_price(terms_of(case), instant, counts_of(case), usd(case["units"]))
    assert (found.usd, found.gap, found.cost_source) == outcome(case)


def test_in_sql() -> None:
    with duckdb.connect() as connection:
        names = (*Terms._fields, *COUNTS)
        columns = ", ".join(f"{name} {'bigint' if name in COUNTS else 'varchar'}" for name in names)
        connection.execute(
            f'create table calls (id varchar, "timestamp" timestamp, units decimal(18,9), {columns})'
        )
        for case in PRICED:
            counts = counts_of(case)
            values = [
                case["id"],
                case["timestamp"].rstrip("Z"),
                usd(case["units"]),
                *terms_of(case),
                *counts.values(),
            ]
            connection.execute(f"insert into calls values ({', '.join('?' for _ in values)})", values)
        rows = PRICING.price_rows({terms_of(case) for case in PRICED})
        connection.execute(create_sql("prices"))
        for insert in insert_sqls("prices", rows):
            connection.execute(insert)
        sql = PriceSql(rows, (*COUNTS, "units"), lambda name: f'c."{name}"')
        found = connection.execute(
            f"select id, {sql.usd}, {sql.gap} from calls as c left join prices as p on {sql.join} order by id"
        ).fetchall()
    assert found == sorted((case["id"], *outcome(case)[:2]) for case in PRICED)


@pytest.mark.spark
def test_in_spark() -> None:
    from calls.spark.dialect import to_spark

    names = ("id", "timestamp", "units", *Terms._fields, *COUNTS)
    kinds = {"timestamp": "timestamp_ntz", "units": "decimal(18,9)"} | dict.fromkeys(COUNTS, "bigint")
    schema = ", ".join(f"`{name}` {kinds.get(name, 'string')}" for name in names)
    calls = [
        (
            case["id"],
            datetime.fromisoformat(case["timestamp"]).replace(tzinfo=None),
            usd(case["units"]),
            *terms_of(case),
            *counts_of(case).values(),
        )
        for case in PRICED
    ]
    with one_session() as session:
        session.createDataFrame(calls, schema).createOrReplaceTempView("calls")
        rows = PRICING.price_rows({terms_of(case) for case in PRICED})
        values = ", ".join(sql.partition(" values ")[2] for sql in insert_sqls("prices", rows))
        with duckdb.connect() as connection:
            connection.execute(create_sql("prices"))
            named = ", ".join(row[0] for row in connection.execute("describe prices").fetchall())
        relation = f"select * from (values {values}) as made({named})"
        session.sql(to_spark(relation)).createOrReplaceTempView("prices")
        sql = PriceSql(rows, (*COUNTS, "units"), lambda name: f'c."{name}"')
        query = f"select id, {sql.usd} as usd, {sql.gap} as gap from calls as c left join prices as p on {sql.join}"
        found = {row.id: (row.usd, row.gap) for row in session.sql(to_spark(query)).collect()}
    assert found == {case["id"]: outcome(case)[:2] for case in PRICED}


FIELDS = {
    "transactionId": "id", "requestTime": "timestamp", "provider": "provider", "model": "model",
    "actualServiceTier": "service_tier", "speed": "speed", "inferenceGeo": "inference_geo", "toolUnits": "tool_units",
    "billingUnit": "unit",
}  # fmt: skip
PARTS = {"cacheReadTokenCount": "cached_input_tokens", "cacheCreationTokenCount": "cache_write_tokens"}


def body_of(case: dict[str, str]) -> dict[str, object]:
    """The case as an application meters it: input and output as the provider counts them, with the total of all."""
    numbers = {name: int(case[column]) for name, column in PARTS.items() if case[column]}
    apart = sum(numbers.values()) if case["provider"] == "anthropic" else 0
    given, output = int(case["input_tokens"]) - apart, int(case["output_tokens"])
    numbers |= {"inputTokenCount": given, "outputTokenCount": output}
    numbers |= {name: int(case[column]) for column, name in TERM_FIELDS.items() if case.get(column)}
    body: dict[str, object] = {name: case[column] for name, column in FIELDS.items() if case[column]}
    if case["units"]:
        body[UNIT_FIELDS.get(case["unit"], "unitCount")] = int(case["units"])
    return body | numbers | {"stopReason": "END", "requestDuration": 1000}


def test_by_the_metering_server(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as connection:
        for case in PRICED:
            assert connection.post(body_of(case))[0] == 201
    assert outcomes(path) == {case["id"]: outcome(case) for case in PRICED}
    before = path.read_bytes()
    again = reprice(path, PRICING, computed_too=True)
    assert (again.added_usd, again.kept, again.passed_over) == (0, 0, 0)
    assert len(path.read_bytes()) == len(before)


def test_an_import_of_metering_bodies_gives_what_the_server_gives(tmp_path: Path) -> None:
    source, target = tmp_path / "bodies.jsonl", tmp_path / "calls.csv"
    source.write_text("".join(json.dumps(body_of(case)) + "\n" for case in PRICED))
    run_import(Order([str(source)], target, PRICING, published_rates=False))
    assert outcomes(target) == {case["id"]: outcome(case) for case in PRICED}


def outcomes(path: Path) -> dict[str, tuple[Decimal | None, str, str]]:
    return {
        row["call_id"]: (usd(row["cost_usd"]), row["cost_gap"], row["cost_source"]) for row in written(path)
    }


def test_by_import_and_nothing_changes_by_repricing(tmp_path: Path) -> None:
    source, target = tmp_path / "export.csv", tmp_path / "calls.csv"
    names = ["timestamp", "id", "provider", "model", *COUNTS, *Terms._fields[2:], "units"]
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(PRICED)
    run_import(
        Order(
            [str(source)], target, PRICING, mapping=build_mapping(["call_id=id"], []), published_rates=False
        )
    )
    assert outcomes(target) == {case["id"]: outcome(case) for case in PRICED}
    before = target.read_bytes()
    again = reprice(target, PRICING, computed_too=True)
    assert (again.added_usd, again.kept, again.passed_over) == (0, 0, 0)
    assert outcomes(target) == {case["id"]: outcome(case) for case in PRICED}
    assert len(target.read_bytes()) == len(before)


def test_by_repricing_calls_of_unknown_cost(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    append_rows(path, [row_of(case) for case in PRICED])
    result = reprice(path, PRICING)
    assert result.assumed_standard == 0
    expected: dict[str, Any] = {case["id"]: outcome(case) for case in PRICED}
    found = outcomes(path)
    assert {name: each[:2] for name, each in found.items()} == {n: each[:2] for n, each in expected.items()}
    assert {name: each[2] for name, each in found.items() if each[0] is not None} == {
        name: each[2] for name, each in expected.items() if each[0] is not None
    }


def test_the_scripts_say_which_terms_have_no_rate(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    append_rows(path, [row_of(case) for case in PRICED])
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "reprice.py", "--data", str(path)],
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    for gap in {case["expected_gap"] for case in PRICED if case["expected_gap"]}:
        assert gap in done.stdout
