"""Calls read from Parquet on the embedded engine: the same as from the CSV they were exported from."""

import csv
import os
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analyzers.instances import analyzers
from calls.engine import open_calls
from calls.engine_choice import open_any
from calls.parquet.files import fingerprint_of
from calls.rollups.shared import ROLLUPS
from calls.selection import Selection
from foundation.outcome import NoUsableData, TooManyBadRows, UsageError
from interchange.exporters.export_run import Order, export
from reporting.json_report import plain_data
from settings.loader import load_settings
from simulator.core import AICallSimulator
from tests.calls import call_files
from tests.calls.parquet.parquet_cases import FAULTS, faulty, good, retyped
from tests.running import run_script

SETTINGS = load_settings()


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A CSV, and the folder it was exported to by day."""
    folder = tmp_path_factory.mktemp("simulated")
    AICallSimulator(num_customers=12, num_days=40, seed=5, end_date=date(2026, 4, 10)).write(
        folder / "calls.csv"
    )
    with open_calls(folder / "calls.csv", Selection(timezone="Europe/Berlin")) as calls:
        export(calls, Order("parquet", folder / "days", SETTINGS, by_day=True))
    return folder / "calls.csv", folder / "days"


@pytest.mark.slow
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"timezone": "America/St_Johns", "since": "14d"},
        {"where": (("provider", "openai"), ("environment", "it's"), ("environment", "production"))},
        {"since": "2026-03-20", "until": "2026-03-31T12:00", "timezone": "Europe/Berlin"},
    ],
)
def test_all_reports_are_those_of_the_csv(simulated: tuple[Path, Path], filters: dict[str, Any]) -> None:
    made = []
    for path in simulated:
        with open_any(path, Selection(**filters)) as calls:
            json_reports = {each.id: plain_data(each.analyze(calls, SETTINGS)) for each in analyzers()}
            sums = {name: sorted(map(repr, calls.sql(f"select * from {name}"))) for name in ROLLUPS}
            source = replace(calls.source, path="", size_bytes=0, mtime_ns=0, fingerprint="")
            made.append((source, json_reports, sums))
    assert made[0] == made[1]


def test_one_file_a_folder_and_a_pattern_are_the_same(simulated: tuple[Path, Path], tmp_path: Path) -> None:
    csv_file, days = simulated
    with open_calls(csv_file) as calls:
        calls.write_parquet(tmp_path / "one.PARQUET")
        expected = calls.source.used
    assert expected > 1000
    (days / "_temporary").mkdir(exist_ok=True)
    (days / "_temporary" / "half.parquet").write_bytes(b"PAR1")
    (days / "day=2026-04-10" / ".hidden.parquet").write_bytes(b"PAR1")
    for name in (tmp_path / "one.PARQUET", days, f"{days}/*/*.parquet", f"{days}/**/calls.parquet"):
        with open_any(name) as calls:
            assert calls.source.used == expected


def test_every_row_has_a_verdict(tmp_path: Path) -> None:
    with open_any(faulty(tmp_path)) as calls:
        source = calls.source
        calls.write_rejects(tmp_path / "rejects.csv")
        assert calls.sql("select count(*) as n from calls")[0].n == source.used
    assert source.rejected == Counter(FAULTS.values())
    assert (source.data_lines, source.accepted, source.duplicates) == (22, 22 - len(FAULTS) - 1, 1)
    assert source.flagged == {"shared_call_id": 2}
    with (tmp_path / "rejects.csv").open(newline="") as file:
        kept = list(csv.DictReader(file))
    assert Counter(row["reason"] for row in kept) == source.rejected
    assert {line.text for line in source.rejected_lines} == {row["text"] for row in kept}
    assert any("-0.000000001" in row["text"] and "call_000009" in row["text"] for row in kept)


def test_too_many_bad_rows_at_the_limit_and_above(tmp_path: Path) -> None:
    path, share = faulty(tmp_path), len(FAULTS) / 22
    open_any(path, Selection(max_bad_rows=share)).close()
    with pytest.raises(TooManyBadRows, match="10 of 22"):
        open_any(path, Selection(max_bad_rows=share - 0.01))


def test_a_value_that_looks_like_a_name_is_a_value(tmp_path: Path) -> None:
    csv_file, parquet = good(tmp_path)
    odd = retyped(parquet, tmp_path / "odd.parquet", "'$model_0' as provider")
    with open_calls(csv_file) as calls:
        model = calls.sql("select min(model) as model from calls")[0].model
    for where in ((("provider", "$model_0"), ("model", model)), (("model", model), ("provider", "$model_0"))):
        with open_any(odd, Selection(where=where)) as calls:
            assert {row.provider for row in calls.sql("select provider from calls")} == {"$model_0"}
    with pytest.raises(NoUsableData, match="passes the filters"):
        open_any(parquet, Selection(where=(("provider", "$model_0"), ("model", ") or true --"))))
    with pytest.raises(NoUsableData, match="passes the filters"):
        open_any(parquet, Selection(where=(("customer_id", "$model_0"), ("model", "') or true --"))))


def test_a_file_whose_name_is_no_utf8_is_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    name = os.fsdecode(os.fsencode(tmp_path / "folder") + b"/b\xff.parquet")
    parquet = good(tmp_path)[1]
    with open_any(parquet) as calls:
        expected = calls.source.used
    parquet.rename(name)
    for named in (name, str(tmp_path / "folder")):
        with open_any(named) as calls:
            assert calls.source.used == expected


def test_credits_are_kept_where_they_are_allowed(tmp_path: Path) -> None:
    with open_any(faulty(tmp_path), Selection(allow_credits=True)) as calls:
        assert "negative_cost" not in calls.source.rejected
        assert calls.source.flagged["credit"] == 1


def test_other_types_that_hold_the_same_are_read(tmp_path: Path) -> None:
    _, path = good(tmp_path)
    other = retyped(
        path,
        tmp_path / "other.parquet",
        'cast("timestamp" as timestamptz) as "timestamp", cast(input_tokens as usmallint) as input_tokens, '
        "cast(cost_usd as double) as cost_usd, cast(model as enum('m1')) as model",
    )
    query = 'select "timestamp", call_id, input_tokens, cost_usd, model from calls order by call_id'
    with open_any(path) as calls, open_any(other) as others:
        assert others.sql(query) == calls.sql(query)
        assert others.sql(query)[0].cost_usd == Decimal("0.001500000")


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        ("'10' as input_tokens", "'input_tokens' holds varchar, not bigint"),
        ("1.5 as input_tokens", "'input_tokens' holds decimal"),
        ("'2026' as \"timestamp\"", "'timestamp' holds varchar, not timestamp"),
        ("true as cost_usd", "'cost_usd' holds boolean"),
    ],
)
def test_types_that_cannot_be_those_of_per_call_are_refused(tmp_path: Path, replaced: str, said: str) -> None:
    path = retyped(good(tmp_path)[1], tmp_path / "other.parquet", replaced)
    with pytest.raises(NoUsableData, match=said):
        open_any(path)


def test_values_beyond_their_type_are_bad_numbers(tmp_path: Path) -> None:
    path = retyped(
        good(tmp_path)[1],
        tmp_path / "other.parquet",
        "case when call_id = 'call_000001' then cast('9223372036854775808' as decimal(20,0)) else 5 end as input_tokens, "
        "case when call_id = 'call_000002' then 1e9 when call_id = 'call_000003' then cast('nan' as double) "
        "else 999999999.0 end as cost_usd",
    )
    with open_any(path) as calls:
        assert calls.source.rejected == {"bad_number": 3}
        assert calls.source.used == 17


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no more")
    _, path = good(tmp_path)
    bare = tmp_path / "bare.parquet"
    with open_any(path) as calls:
        calls.sql(f"copy (select call_id, model from calls) to '{bare}' (format parquet)")
        nothing = tmp_path / "nothing.parquet"
        calls.sql(
            f"copy (select * exclude (local_hour, local_day, is_late) from calls limit 0) to '{nothing}'"
        )
    for name, said in {
        tmp_path / "empty": "there is no Parquet file",
        f"{tmp_path}/none-*.parquet": "there is no Parquet file",
        tmp_path / "none.parquet": "there is no Parquet file",
        tmp_path / "broken.parquet": "cannot be read as Parquet",
        bare: "columns 'timestamp', 'provider'",
        nothing: "not one row is a call",
    }.items():
        with pytest.raises(NoUsableData, match=said):
            open_any(name)
    with pytest.raises(UsageError, match="--engine spark"):
        open_any("s3a://bucket/calls")
    with pytest.raises(NoUsableData, match="none of 20 calls passes the filters"):
        open_any(path, Selection(where=(("model", "none"),)))


def test_a_customers_file_fills_the_same(tmp_path: Path) -> None:
    entries = [call_files.row(number, customer_id=f"c{number % 3}") for number in range(9)]
    entries.append(call_files.row(9, customer_id=""))
    mine = call_files.staged(tmp_path / "calls.csv", entries)
    (tmp_path / "customers.csv").write_text(
        "customer_id,subscription_tier,tier_price_usd\nc1,gold,49.5\nc9,x,1\n"
    )
    (tmp_path / "strangers.csv").write_text("customer_id,subscription_tier\nsomebody,gold\n")
    (tmp_path / "nobody.csv").write_text("customer_id,subscription_tier\n,gold\n")
    with open_calls(mine) as calls:
        calls.write_parquet(tmp_path / "calls.parquet")
    query = "select call_id, subscription_tier, tier_price_usd, organization_id from calls order by call_id"
    names = (mine, tmp_path / "calls.parquet")
    found = []
    for name in names:
        with open_any(name, Selection(customers=tmp_path / "customers.csv")) as calls:
            found.append((calls.sql(query), calls.source.columns))
        for unknown in ("strangers.csv", "nobody.csv"):
            with pytest.raises(UsageError, match="none of its 1 customers has a call"):
                open_any(name, Selection(customers=tmp_path / unknown))
    assert found[0] == found[1]
    assert found[0][0][1][1:] == ("gold", Decimal("49.5"), "org")


def test_the_fingerprint_of_a_folder_tells_every_change(tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    (folder / "day=2026-03-01").mkdir(parents=True)
    assert fingerprint_of(str(folder)) is None
    file = folder / "day=2026-03-01" / "calls.parquet"
    prints = []
    for content in (b"one", b"two"):
        (tmp_path / "new").write_bytes(content)
        (tmp_path / "new").replace(file)
        os.utime(file, ns=(1, 1))
        prints.append(fingerprint_of(str(folder)))
    (folder / "more.parquet").write_bytes(b"")
    prints.append(fingerprint_of(str(folder)))
    (folder / "_SUCCESS").write_bytes(b"")
    assert fingerprint_of(str(folder)) == prints[-1]
    assert len({*prints}) == 3


def test_every_script_that_reads_calls_takes_parquet(simulated: tuple[Path, Path], tmp_path: Path) -> None:
    csv_file, days = simulated
    out = tmp_path / "reports"
    done = run_script("run_all_analyzers.py", "--data", days, "--out", out, "--only", "finops_understanding")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"of {days.name}" in done.stdout
    done = run_script("export_data.py", "--data", days, "--format", "csv", "--out", tmp_path / "again.csv")
    assert (done.returncode, done.stderr) == (0, "")
    order = 'select * from calls order by "timestamp", call_id'
    with open_calls(csv_file) as calls, open_calls(tmp_path / "again.csv") as again:
        assert again.sql(order) == calls.sql(order)
    done = run_script("compare_scenarios.py", csv_file, days, "--out", tmp_path / "both.html")
    assert (done.returncode, done.stderr) == (0, "")
