"""The relation `calls`: exact against an independent reader, its rollups, its Parquet copy, its fingerprint."""

import csv
import io
import os
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.engine import open_calls
from calls.engine_choice import EngineChoice, open_on
from calls.file import fingerprint
from calls.reading import vocabulary
from calls.reading.relation import DERIVED_COLUMNS
from calls.rollups.shared import BESIDE_SUMS
from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from calls.selection import Selection
from calls.writing.store import append_rows
from foundation.outcome import UsageError
from tests.calls.call_files import row, rows, text, write

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
COSTS = st.one_of(
    st.just(""),
    st.decimals(0, 900, places=9).map(lambda value: f"{value:f}"),
    st.sampled_from(["0", "1e-05", "0.5", "-1", "nan", "1_0", "x", " 2 ", "0.00000000051"]),
)
COUNTS = st.one_of(
    st.integers(0, 10**9).map(str), st.sampled_from(["", "1.5", "007", " 8 ", "+1", "1e2", "0x1F"])
)


def reference(entries: list[dict[str, str]]) -> tuple[int, Decimal, int]:
    """Good rows, their exact cost and tokens, by Python's own means."""
    good, cost, tokens = 0, Decimal(0), 0
    for entry in csv.DictReader(io.StringIO(text(entries), newline="")):
        count, price = entry["input_tokens"].strip(), entry["cost_usd"].strip()
        priced = price in {"", "1e-05"} or (
            price.replace(".", "", 1).isascii() and price.replace(".", "", 1).isdigit()
        )
        if count.isascii() and count.isdigit() and priced:
            good += 1
            cost += Decimal(price or 0).quantize(Decimal("1e-9"))
            tokens += int(count)
    return good, cost, tokens


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, TEXTS, COSTS, COUNTS), min_size=1, max_size=12))
def test_read_back_equals_an_independent_reader(
    tmp_path: Path, drawn: list[tuple[str, str, str, str]]
) -> None:
    entries = [row(0)] + [
        row(number + 1, customer_id=a, user_agent=b, cost_usd=cost, input_tokens=count)
        for number, (a, b, cost, count) in enumerate(drawn)
    ]
    path = write(tmp_path / "x.csv", entries)
    with open_calls(path) as calls:
        (total,) = calls.sql(
            "select count(*) as n, coalesce(sum(cost_usd), 0) as cost, sum(input_tokens) as tokens from calls"
        )
        assert tuple(total) == reference(entries)
        source = calls.source
        assert (
            source.accepted + source.rejected_total + source.duplicates == source.data_lines == len(entries)
        )
        texts = {entry["call_id"]: (entry["customer_id"], entry["user_agent"]) for entry in entries}
        for entry in calls.sql("select call_id, customer_id, user_agent from calls"):
            assert tuple(part.replace("\r\n", "\n") for part in entry[1:]) == tuple(
                part.replace("\r\n", "\n") for part in texts[entry.call_id]
            )


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_is_appended_is_read_back(tmp_path: Path, batches: list[list[str]]) -> None:
    path = tmp_path / "x.csv"
    path.unlink(missing_ok=True)
    number = 0
    expected = {}
    for batch in batches:
        entries = []
        for value in batch:
            entries.append(row(number, customer_id=value))
            expected[f"call_{number:06d}"] = value
            number += 1
        append_rows(path, entries)
    with open_calls(path) as calls:
        assert calls.source.rejected == {}
        assert {
            entry.call_id: entry.customer_id for entry in calls.sql("select call_id, customer_id from calls")
        } == expected


def test_rollups_add_up_to_the_calls(tmp_path: Path) -> None:
    entries = [
        row(
            n,
            feature_id=f"f{n % 3}",
            cost_usd="" if n % 5 == 0 else "0.25",
            status="error" if n % 7 == 0 else "success",
        )
        for n in range(300)
    ]
    calls = open_calls(
        write(tmp_path / "x.csv", entries, (*REQUIRED_NAMES, "status")), Selection(timezone="Asia/Tokyo")
    )
    for name in ("hourly_use", "daily_customers"):
        (total,) = calls.sql(
            f"select sum(calls) as n, sum(priced_calls) as priced, sum(known_cost) as cost, sum(failed) as errors, "
            f"sum(latency_total) as ms, sum(input_total) as tokens from {name}"
        )
        assert tuple(total) == (300, 240, Decimal(60), 43, 300 * 450, 300 * 100)
    by_feature = calls.sql(
        "select feature_id, sum(calls) as n from hourly_features group by feature_id order by feature_id"
    )
    assert [tuple(entry) for entry in by_feature] == [("f0", 100), ("f1", 100), ("f2", 100)]


def test_columns_left_out_keep_their_name_and_say_so(tmp_path: Path) -> None:
    calls = open_calls(
        write(tmp_path / "x.csv", rows(3)), Selection(excluded_columns=BESIDE_SUMS - {"call_id"})
    )
    assert calls.sql("select count(*) as n, max(call_id) as last from calls") == [(3, "call_000002")]
    with pytest.raises(duckdb.Error, match="request_id was not loaded"):
        calls.sql("select max(request_id) as r from calls")


@pytest.mark.parametrize("derived", [True, False])
def test_parquet_copy(tmp_path: Path, derived: bool) -> None:
    calls = open_calls(
        write(tmp_path / "x.csv", rows(50)),
        Selection(where=[("call_id", "call_000007"), ("call_id", "call_000009")]),
    )
    target = tmp_path / "it's.parquet"
    calls.write_parquet(target, derived=derived)
    copy = duckdb.connect().from_parquet(str(target).replace("'", "'"))
    assert copy.columns == [*COLUMN_NAMES, *(DERIVED_COLUMNS if derived else ())]
    assert copy.aggregate("count(*), sum(cost_usd)").fetchall() == [(2, Decimal("0.003"))]


def test_every_change_changes_the_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows(2_000))
    prints = [open_calls(path).source.fingerprint]
    assert fingerprint.of_file(path) == prints[0]
    before = path.stat()
    append_rows(path, [row(3_000)])
    prints.append(str(fingerprint.of_file(path)))
    with path.open("r+b") as file:  # same size, same time of change as before
        file.seek(90_000)
        file.write(b"9")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    prints.append(str(fingerprint.of_file(path)))
    copy = tmp_path / "copy"
    copy.write_bytes(path.read_bytes())
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    copy.replace(path)
    prints.append(str(fingerprint.of_file(path)))
    assert len(set(prints)) == 4
    assert fingerprint.of_file(tmp_path / "none") is None
    os.mkfifo(tmp_path / "fifo")
    assert fingerprint.of_file(tmp_path / "fifo") is None
    assert fingerprint.of_file(tmp_path) is None


def test_memory_limit_is_checked(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows(3))
    assert open_calls(path, Selection(memory_limit="200MB")).source.used == 3
    with pytest.raises(UsageError, match="--memory-limit"):
        open_calls(path, Selection(memory_limit="lots"))


def test_plausible_ranges_are_flagged_at_their_ends(tmp_path: Path) -> None:
    entries = [
        row(0, input_tokens="10000000", cost_usd="1000", latency_ms="3600000"),
        row(1, input_tokens="10000001", cost_usd="1000.000000001", latency_ms="3600001"),
    ]
    flagged = open_calls(write(tmp_path / "x.csv", entries)).source.flagged
    assert flagged == {
        "cost_usd_out_of_range": 1,
        "input_tokens_out_of_range": 1,
        "latency_ms_out_of_range": 1,
    }


@pytest.mark.parametrize(
    "name", ["\x01", "\x01no null\x01", "null", "NULL", "\\N", "NA", "NaN", "None", "''"]
)
def test_no_text_means_that_there_is_none(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "x.csv", [row(0, customer_id=name, model=name)])
    with open_calls(path) as calls:
        assert calls.sql("select customer_id, model from calls") == [(name, name)]


def test_what_can_be_done_meanwhile_is_started_once_on_every_way_of_reading(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows(9))
    with open_calls(path) as calls:
        calls.write_parquet(tmp_path / "x.parquet")
    bad = write(tmp_path / "bad.csv", [*rows(9), row(10, cost_usd="x")])
    for file, engine in (
        (path, EngineChoice()),
        (bad, EngineChoice()),
        (path, EngineChoice(cached=False, summed_bytes=1)),
        (tmp_path / "x.parquet", EngineChoice()),
    ):
        started: list[int] = []
        with open_on(engine, file, on_scan_start=lambda found=started: found.append(1)) as calls:
            assert calls.source.used == 9
        assert started == [1]


def test_columns_of_coded_texts_need_no_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setattr(vocabulary, "LEAST_BYTES", 0)
    path = write(tmp_path / "calls.csv", [row(number, provider="ba"[number % 2]) for number in range(60)])
    with open_calls(path, use_enums=True) as calls:
        assert "ENUM" in str(calls.sql("select typeof(provider) as kind from calls limit 1")[0].kind)
        found = calls.columns(
            "select provider, customer_id, sum(calls) as calls from customer_work "
            "where provider <> $name group by provider, customer_id order by provider",
            name="nobody",
        )
    assert found["provider"].tolist() == ["a", "b"]
    assert found["customer_id"].tolist() == ["cust", "cust"]
    assert found["calls"].tolist() == [30.0, 30.0]
