"""Credits, refunds and adjustments are rows that say so: then, and only then, a cost may be below zero."""

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import export_data
import import_usage
from calls.engine import open_calls
from calls.engine_choice import open_any
from calls.schema import CHARGE_CATEGORIES, COLUMN_NAMES
from calls.selection import Selection

ROWS = [
    *({"cost_usd": "10", "charge_category": said} for said in ("", "Usage")),
    {"cost_usd": "-25", "charge_category": "Credit", "input_tokens": "0", "output_tokens": "0"},
    {"cost_usd": "-3.5", "charge_category": "Refund"},
    {"cost_usd": "-1e-3", "charge_category": "Adjustment"},
    {"cost_usd": "-0", "charge_category": "Usage"},
]
SUM = Decimal("-8.501")  # 20 - 25 - 3.5 - 0.001
BAD = [
    {"cost_usd": "-1", "charge_category": ""},
    {"cost_usd": "-1", "charge_category": "Usage"},
    {"cost_usd": "1", "charge_category": "Promo"},
    {"cost_usd": "-1", "charge_category": "credit"},
]


def calls_file(path: Path, rows: list[dict[str, str]]) -> Path:
    base = {"timestamp": "2026-11-10T03:00:00.000000Z", "provider": "openai", "model": "gpt-4o"}
    with path.open("w", newline="") as target:
        writer = csv.DictWriter(target, COLUMN_NAMES, restval="", lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows):
            tokens = {"input_tokens": "1000", "output_tokens": "100", "cost_source": "reported"}
            writer.writerow(base | {"call_id": f"c{number}"} | tokens | row)
    return path


def total(path: Path, **selected: object) -> Decimal:
    return open_calls(path, Selection(**selected)).sql("select sum(cost_usd) as usd from calls")[0].usd


def test_a_cost_below_zero_that_says_what_it_is_counts(tmp_path):
    path = calls_file(tmp_path / "c.csv", ROWS)
    calls = open_calls(path)
    assert (calls.source.accepted, total(path)) == (6, SUM)


@pytest.mark.parametrize("quoted", [False, True])
def test_one_that_does_not_and_an_unknown_word_are_rejected(tmp_path, quoted: bool):
    path = calls_file(tmp_path / "c.csv", ROWS + BAD)
    if quoted:
        path.write_text(path.read_text().replace("gpt-4o", '"gpt-4o"'))
    calls = open_calls(path)
    assert (calls.source.accepted, total(path)) == (6, SUM)
    assert [(line.line, line.reason) for line in calls.source.rejected_lines] == [
        (8, "negative_cost"), (9, "negative_cost"), (10, "bad_charge_category"), (11, "bad_charge_category"),
    ]  # fmt: skip


def test_the_flag_allows_more_but_no_unknown_word(tmp_path):
    path = calls_file(tmp_path / "c.csv", ROWS + BAD)
    assert total(path, allow_credits=True) == SUM - 2


def test_parquet_says_the_same(tmp_path):
    path = calls_file(tmp_path / "c.csv", ROWS + BAD)
    target = tmp_path / "c.parquet"
    duckdb.sql(
        f"select * replace (cast(cost_usd as decimal(18,9)) as cost_usd, cast(\"timestamp\" as timestamp) as \"timestamp\","
        f" cast(input_tokens as bigint) as input_tokens, cast(output_tokens as bigint) as output_tokens)"
        f" from (select * from read_csv('{path}', all_varchar=true, header=true))"
    ).select("timestamp, call_id, provider, model, input_tokens, output_tokens, cost_usd, "
             + ", ".join(name for name in COLUMN_NAMES[7:19] if name != "latency_ms")
             + ", cast(null as bigint) as latency_ms, charge_category").write_parquet(str(target))  # fmt: skip
    calls = open_any(str(target), Selection())
    assert calls.sql("select sum(cost_usd) as usd, count(*) as n from calls") == [(SUM, 6)]


def imported(folder: Path, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    source = calls_file(folder / "in.csv", rows)
    assert import_usage.main([str(source), "--out", str(folder / "out.csv"), "--quiet"]) == 0
    with (folder / "out.csv").open(newline="") as found:
        return list(csv.DictReader(found))


def test_an_import_keeps_credits_and_names_the_column_for_those_that_say_nothing(tmp_path, capsys):
    found = imported(tmp_path, ROWS + BAD)
    assert sum(Decimal(row["cost_usd"]) for row in found) == SUM - 1  # tools write credit in any case
    assert {row["charge_category"] for row in found} == {"", *CHARGE_CATEGORIES}
    said = capsys.readouterr().err
    assert "2 for a negative cost that is not said to be a Credit, Refund or Adjustment" in said
    assert "--map charge_category=FIELD" in said
    assert "1 for a charge_category that is none of Usage, Credit, Refund and Adjustment" in said


def test_a_focus_export_has_them_as_charges_of_their_own(tmp_path):
    path = calls_file(tmp_path / "c.csv", ROWS[:5])
    assert (
        export_data.main(
            ["--format", "focus", "--data", str(path), "--out", str(tmp_path / "f.csv"), "--quiet"]
        )
        == 0
    )
    with (tmp_path / "f.csv").open(newline="") as found:
        charges = list(csv.DictReader(found))
    by_category: dict[str, Decimal] = {}
    for charge in charges:
        name = charge["ChargeCategory"]
        by_category[name] = by_category.get(name, Decimal(0)) + Decimal(charge["BilledCost"])
    assert by_category == {"Usage": 20, "Credit": -25, "Adjustment": Decimal("-3.501")}
    credit = next(charge for charge in charges if charge["ChargeCategory"] == "Credit")
    assert {credit[name] for name in ("ConsumedQuantity", "PricingQuantity", "SkuId", "ListUnitPrice")} == {
        ""
    }
    assert sum(int(charge["x_CallCount"]) for charge in charges) == 5
