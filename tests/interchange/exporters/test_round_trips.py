"""Our CSV -> each format that can carry it -> import: the same calls, to the last digit and character."""

import gzip
import json
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calls.schema import COLUMN_NAMES, COLUMNS, REQUIRED_NAMES
from tests.calls import call_files
from tests.interchange.exporters.exporting import everything, exported, odd_file, odd_rows, totals
from tests.interchange.importers.importing import import_files
from tests.running import run_script

CARRIERS = [
    ("csv", {}), ("csv", {"plain": True}), ("json", {}), ("jsonl", {}), ("parquet", {}),
]  # fmt: skip
PLAUSIBLE = (datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2099-12-31"))
TYPES = {"timestamp": "TIMESTAMP", "bigint": "BIGINT", "decimal(18,9)": "DECIMAL(18,9)", "varchar": "VARCHAR"}


@pytest.mark.parametrize("arguments", [("csv",), ("csv", "--plain"), ("json",), ("jsonl",), ("parquet",)])
def test_simulated_calls_come_back_by_the_scripts(
    small_csv: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    carrier, back = tmp_path / "carrier", tmp_path / "back.csv"
    run_script("export_data.py", "--data", small_csv, "--out", carrier, "--quiet", "--format", *arguments)
    report = json.loads(
        run_script("import_usage.py", carrier, "--format", "auto", "--out", back, "--json").stdout
    )
    assert report["calls"] == report["rows_read"] == totals(small_csv)["calls"]
    assert totals(back) == totals(small_csv)
    assert everything(back) == everything(small_csv)
    again = json.loads(run_script("import_usage.py", carrier, "--out", back, "--json").stdout)
    assert (again["calls"], again["skipped"]) == (0, {"already_imported": report["calls"]})


@pytest.mark.parametrize(("format_", "options"), CARRIERS)
def test_odd_texts_and_unknown_numbers_come_back(
    tmp_path: Path, format_: str, options: dict[str, bool]
) -> None:
    source, carrier, back = odd_file(tmp_path), tmp_path / "carrier", tmp_path / "back.csv"
    result = exported(source, carrier, format_, **options)
    assert (result.calls, result.unknown_cost_calls) == (len(odd_rows()), 8)
    import_files(back, carrier)
    # Blanks at the ends of a text are cut by an import.
    expected = {tuple(_stripped(value) for value in row) for row in everything(source)}
    assert {tuple(_stripped(value) for value in row) for row in everything(back)} == expected
    assert totals(back) == totals(source)


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def test_a_packed_export_comes_back(small_csv: Path, tmp_path: Path) -> None:
    exported(small_csv, tmp_path / "calls.jsonl", "jsonl")
    with (
        (tmp_path / "calls.jsonl").open("rb") as plain,
        gzip.open(tmp_path / "calls.jsonl.gz", "wb") as packed,
    ):
        shutil.copyfileobj(plain, packed)
    import_files(tmp_path / "back.csv", tmp_path / "calls.jsonl.gz")
    assert everything(tmp_path / "back.csv") == everything(small_csv)


def test_a_plain_export_is_a_file_of_calls_itself(small_csv: Path, tmp_path: Path) -> None:
    exported(small_csv, tmp_path / "plain.csv", "csv", plain=True)
    assert everything(tmp_path / "plain.csv") == everything(small_csv)
    times = [line.partition(",")[0] for line in (tmp_path / "plain.csv").read_text().splitlines()[1:]]
    assert times == sorted(times)


def test_the_spreadsheet_export_has_the_same_totals_when_analyzed_itself(tmp_path: Path) -> None:
    source = odd_file(tmp_path)
    exported(source, tmp_path / "sheet.csv", "csv")
    numbers = [column.name for column in COLUMNS if column.kind not in ("varchar",)]
    assert sorted(everything(tmp_path / "sheet.csv", numbers), key=str) == sorted(
        everything(source, numbers), key=str
    )


def test_only_columns_of_the_file_are_exported(tmp_path: Path) -> None:
    source = call_files.write(tmp_path / "calls.csv", call_files.rows(3), (*REQUIRED_NAMES, "status"))
    exported(source, tmp_path / "calls.jsonl", "jsonl")
    records = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert [tuple(record) for record in records] == [(*REQUIRED_NAMES, "status")] * 3
    assert records[0]["timestamp"] == "2026-03-01T00:00:00.000000Z"
    exported(source, tmp_path / "calls.parquet", "parquet")
    described = duckdb.sql(f"describe select * from '{tmp_path / 'calls.parquet'}'").fetchall()
    assert [(row[0], row[1]) for row in described] == [
        (column.name, TYPES[column.kind]) for column in COLUMNS if column.name in (*REQUIRED_NAMES, "status")
    ]


def test_json_costs_keep_all_decimals_and_unknown_is_null(tmp_path: Path) -> None:
    source = call_files.write(
        tmp_path / "c.csv",
        [call_files.row(0, cost_usd="123456789.123456789"), call_files.row(1, cost_usd="")],
    )
    exported(source, tmp_path / "calls.json", "json")
    first, second = json.loads((tmp_path / "calls.json").read_text(), parse_float=Decimal)
    assert first["cost_usd"] == Decimal("123456789.123456789")
    assert second["cost_usd"] is None


def test_days_of_a_partitioned_folder(tmp_path: Path) -> None:
    rows = [
        call_files.row(0, timestamp=f"2026-03-{day:02d}T23:30:00Z") | {"call_id": f"c{day}"}
        for day in (1, 1, 2, 5)
    ]
    rows[1]["call_id"] = "again"
    source = call_files.write(tmp_path / "c.csv", rows)
    result = exported(source, tmp_path / "utc", "parquet", by_day=True)
    assert result.files == 3
    assert [path.name for path in sorted((tmp_path / "utc").iterdir())] == [
        "day=2026-03-01", "day=2026-03-02", "day=2026-03-05",
    ]  # fmt: skip
    found = duckdb.sql(
        f"select day, call_id, typeof(day) from read_parquet('{tmp_path / 'utc'}/*/*.parquet', hive_partitioning=true) "
        "order by all"
    ).fetchall()
    assert [(str(day), identity) for day, identity, _ in found] == [
        ("2026-03-01", "again"), ("2026-03-01", "c1"), ("2026-03-02", "c2"), ("2026-03-05", "c5"),
    ]  # fmt: skip
    assert {kind for _, _, kind in found} == {"DATE"}
    for file in (tmp_path / "utc").rglob("*.parquet"):
        assert duckdb.sql(
            f"describe select * from read_parquet('{file}', hive_partitioning=false)"
        ).fetchall()[0][1] == ("TIMESTAMP")
    exported(source, tmp_path / "berlin", "parquet", by_day=True, timezone="Europe/Berlin")
    assert [path.name for path in sorted((tmp_path / "berlin").iterdir())] == [
        "day=2026-03-02", "day=2026-03-03", "day=2026-03-06",
    ]  # fmt: skip


@pytest.mark.slow
def test_filters_narrow_every_format(tmp_path: Path) -> None:
    rows = [call_files.row(number, model="m1" if number % 2 else "m2") for number in range(10)]
    source = call_files.write(tmp_path / "c.csv", rows)
    chosen = {"where": (("model", "m1"),), "since": "2026-03-01T00:03"}
    for format_, options in CARRIERS:
        carrier, back = tmp_path / f"{format_}{len(options)}", tmp_path / f"{format_}{len(options)}.back"
        result = exported(source, carrier, format_, **options, **chosen)
        import_files(back, carrier)
        assert result.calls == 4
        assert {row[0] for row in everything(back, ("call_id",))} == {
            f"call_{number:06d}" for number in (3, 5, 7, 9)
        }


_TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
_CALLS = st.fixed_dictionaries(
    {
        "customer_id": _TEXTS,
        "model": st.sampled_from(["m1", "=m", "m 2"]),
        "input_tokens": st.integers(0, 10**12).map(str),
        "output_tokens": st.integers(0, 10**12).map(str),
        # All eighteen digits that a cost can have.
        "cost_usd": st.just("") | st.decimals(0, 999_999_999, places=9).map(lambda cost: f"{cost:f}"),
        "timestamp": st.datetimes(*PLAUSIBLE).map(datetime.isoformat),
    }
)


_MANY_DIGITS = {
    "customer_id": "", "model": "m1", "input_tokens": "0", "output_tokens": "0",
    "cost_usd": "12499999.999999995", "timestamp": "2000-01-01T00:00:00",
}  # fmt: skip
"""A cost that no binary number holds."""


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@example([_MANY_DIGITS], ("json", {}))
@example([_MANY_DIGITS], ("jsonl", {}))
@example([_MANY_DIGITS | {"cost_usd": "8388607.999999999"}], ("json", {}))
@given(st.lists(_CALLS, min_size=1, max_size=20), st.sampled_from(CARRIERS))
def test_any_calls_come_back(tmp_path_factory: pytest.TempPathFactory, calls, carrier) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = [call_files.row(number) | changes for number, changes in enumerate(calls)]
    source = call_files.write(folder / "c.csv", rows)
    format_, options = carrier
    exported(source, folder / "carrier", format_, **options)
    import_files(folder / "back.csv", folder / "carrier")
    names = [name for name in COLUMN_NAMES if name not in ("cost_source", "customer_id")]
    assert everything(folder / "back.csv", names) == everything(source, names)
    trimmed = [[value.strip(" ") for value in row] for row in everything(source, ("customer_id",))]
    assert [list(row) for row in everything(folder / "back.csv", ("customer_id",))] == trimmed
