"""Any CSV, JSON lines or Parquet: columns by the user's mapping or by our own names, in files that are not clean."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import import_usage
from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from foundation.outcome import ExitCode, NoUsableData, UsageError
from interchange.importers.mapping import ColumnMapping
from interchange.importers.mapping_text import read_mapping
from tests.interchange.importers.importing import build_mapping, import_files, imported, written

WHEN_IN_OUT = build_mapping(["timestamp=when", "input_tokens=in", "output_tokens=out"], [])
WITH_WHO = build_mapping(["timestamp=when", "input_tokens=in", "output_tokens=out", "customer_id=who"], [])
HEADER = "when,in,out,who\n"
LINES = [f"2026-03-{day:02d},{day},2,c{day}" for day in range(1, 11)]


def with_line(place: int, line: str) -> str:
    return HEADER + "\n".join([*LINES[:place], line, *LINES[place + 1 :]]) + "\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('2026-03-05,5,2,"c5', "bad_line"),  # a quote that nobody closes
        ('2026-03-05,5,2,"c"5', "bad_line"),
        ("2026-03-05,5,2", "bad_line"),
        ("2026-03-05,5,2,c5,more", "bad_line"),
        ("2026-03-05,5,2," + "x" * 65_537, "field_too_large"),
        ("2026-03-05,5,2," + "x" * 9_000_000, "bad_line"),
        ("when,in,out,who", "bad_timestamp"),  # the header again
        (",,,", "no_timestamp"),
        ("2026-02-30,5,2,c5", "bad_timestamp"),
        ("2026-03-05,-5,2,c5", "bad_number"),
        ("2026-03-05,1_000,2,c5", "bad_number"),
        ("2026-03-05,１２,2,c5", "bad_number"),
    ],
)
def test_a_line_that_is_no_call_costs_only_itself(tmp_path: Path, line: str, reason: str) -> None:
    report, rows = imported(tmp_path, with_line(4, line), mapping=WITH_WHO)
    assert report.skipped == {reason: 1}
    assert [row["input_tokens"] for row in rows] == ["1", "2", "3", "4", "6", "7", "8", "9", "10"]
    assert import_files(tmp_path / "calls.csv", tmp_path / "export", mapping=WITH_WHO).calls == 0


@pytest.mark.parametrize(("length", "mapping"), [(65_536, WITH_WHO), (1_000_000, WHEN_IN_OUT)])
def test_a_long_field_is_kept_and_a_prompt_that_nobody_maps_costs_no_call(
    tmp_path: Path, length: int, mapping: ColumnMapping
) -> None:
    report, rows = imported(tmp_path, with_line(4, "2026-03-05,5,2," + "x" * length), mapping=mapping)
    assert (report.skipped, len(rows)) == ({}, 10)


def test_quotes_left_open_again_and_again(tmp_path: Path) -> None:
    lines = list(LINES)
    lines[2], lines[5] = '2026-03-03,3,2,"c3', '2026-03-06,6,2,"c6'
    lines[8] = '2026-03-09,9,2,"line\nbreak"'
    report, rows = imported(tmp_path, HEADER + "\n".join(lines), mapping=WHEN_IN_OUT)
    assert report.skipped == {"bad_line": 2}
    assert [row["input_tokens"] for row in rows] == ["1", "2", "4", "5", "7", "8", "9", "10"]


def test_many_bad_lines_cost_no_long_prompt_beside_them(tmp_path: Path) -> None:
    lines = [
        *LINES[:4],
        *['"', "x", "", "a,b"] * 200,
        '2026-03-05,50,2,"' + "line\n" * 40_000 + '"',
        *LINES[4:],
    ]
    report, rows = imported(tmp_path, HEADER + "\n".join(lines) + "\n", mapping=WHEN_IN_OUT)
    assert report.skipped == {"bad_line": 600}  # blank lines are none
    assert [row["input_tokens"] for row in rows] == ["1", "2", "3", "4", "50", "5", "6", "7", "8", "9", "10"]


def test_bytes_that_are_no_text_beside_a_quote_left_open(tmp_path: Path) -> None:
    lines = [line.encode() for line in LINES]
    lines[2], lines[5] = b'2026-03-03,3,2,"c3', b"2026-03-06,6,2,Jos\xe9"
    (tmp_path / "export").write_bytes(HEADER.encode() + b"\n".join(lines))
    report = import_files(tmp_path / "calls.csv", tmp_path / "export", mapping=WITH_WHO)
    assert (report.calls, report.skipped) == (8, {"bad_line": 2})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "mixed"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n", "\r\n \r\n", "\ufeff\r"])
def test_line_ends_marks_and_blank_lines_before_the_header(tmp_path: Path, end: str, before: str) -> None:
    text = HEADER + "\n".join(LINES) + "\n"
    text = text.replace("\n", "\r\n", 3) if end == "mixed" else text.replace("\n", end)
    source, target = tmp_path / "export", tmp_path / "calls.csv"
    source.write_bytes((before + text).encode())
    report = import_files(target, source, mapping=WHEN_IN_OUT)
    assert (report.calls, report.skipped) == (10, {})


def test_a_line_feed_within_quotes_in_a_file_with_other_line_ends(tmp_path: Path) -> None:
    text = 'when,in,out,who\r\n2026-03-01,1,2,"a\nb"\r\n2026-03-02,1,2,c\r\n'
    source, target = tmp_path / "export", tmp_path / "calls.csv"
    source.write_bytes(text.encode())
    assert import_files(target, source, mapping=WITH_WHO).calls == 2
    assert [row["customer_id"] for row in written(target)] == ["a\nb", "c"]


def test_nul_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    source, target = tmp_path / "export", tmp_path / "calls.csv"
    source.write_bytes(HEADER.encode() + b"2026-03-01,1,2,a\0b\n2026-03-02,2,2,Jos\xe9\n2026-03-03,3,2,c\n")
    report = import_files(target, source, mapping=WITH_WHO)
    assert report.skipped == {"bad_line": 1}
    assert [row["customer_id"] for row in written(target)] == ["a\ufffdb", "c"]


@pytest.mark.parametrize(
    "content",
    [
        'Model,model,ts,i,o\ngpt-4o,other,2026-03-01,1000,100\n',
        '{"Model":"gpt-4o","model":"other","ts":"2026-03-01","i":1000,"o":100}\n',
        '{\n "Model": "gpt-4o",\n "model": "other", "ts": "2026-03-01", "i": 1000, "o": 100\n}',
    ],
)  # fmt: skip
def test_names_that_differ_in_letter_case_only(tmp_path: Path, content: str) -> None:
    mapping = build_mapping(["timestamp=ts", "model=Model", "input_tokens=i", "output_tokens=o"], [])
    _, [row] = imported(tmp_path, content, mapping=mapping)
    assert (row["model"], row["cost_usd"]) == ("gpt-4o", "0.003500000")


def test_where_no_time_can_be_read_the_next_step_is_the_format_of_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "usage.csv"
    source.write_text(
        "timestamp,model,input_tokens,output_tokens\n25/11/2026 10:00,gpt-4o,1,2\n", encoding="utf-8"
    )
    code = import_usage.main([str(source), "--format", "csv", "--out", str(tmp_path / "calls.csv")])
    assert code == ExitCode.NO_DATA
    assert "No record became a call; say how times are written with --time-format" in capsys.readouterr().err


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    source = tmp_path / "usage.csv"
    source.write_text(HEADER + "\n".join(LINES), encoding="utf-8")
    with pytest.raises(UsageError, match="is a folder; name a CSV file in it"):
        import_files(tmp_path, source, format="csv", mapping=WHEN_IN_OUT)


def test_a_time_that_the_format_does_not_fit_is_counted_as_such(tmp_path: Path) -> None:
    mapping = build_mapping(
        ["timestamp=d", "input_tokens=i", "output_tokens=o"], [], time_format="%d/%m/%Y %H:%M"
    )
    report, rows = imported(tmp_path, "d,i,o\n01/03/2026 10:00,1,2\n99/99/2026 10:00,1,2\n", mapping=mapping)
    assert [row["timestamp"] for row in rows] == ["2026-03-01T10:00:00.000000Z"]
    assert report.skipped == {"bad_timestamp": 1}


def test_public_traces_with_relative_times(tmp_path: Path) -> None:
    burst = "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n" \
        "5,1,2.5,GPT-4,472,18,490,API log\nx,1,2.5,GPT-4,472,18,490,API log\n"  # fmt: skip
    mapping = build_mapping(
        ["timestamp=Timestamp", "latency_s=Elapsed time", "session_id=Session ID", "model=Model",
         "input_tokens=Request tokens", "output_tokens=Response tokens", "task_type=Log Type"],
        ["provider=openai"], start="2026-03-01T10:00:00+02:00",
    )  # fmt: skip
    report, [row] = imported(tmp_path, burst, mapping=mapping)
    assert (row["timestamp"], row["latency_ms"], row["task_type"]) == (
        "2026-03-01T08:00:05.000000Z", "2500", "API log",
    )  # fmt: skip
    assert report.skipped == {"bad_timestamp": 1}
    mooncake = '{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}\n'
    mapping = build_mapping(
        ["timestamp=timestamp", "input_tokens=input_length", "output_tokens=output_length"],
        ["model=m"], start="2026-03-01", unit="ms",
    )  # fmt: skip
    (tmp_path / "calls.csv").unlink()
    _, [row] = imported(tmp_path, mooncake, mapping=mapping)
    assert (row["timestamp"], row["input_tokens"]) == ("2026-03-01T00:00:27.482000Z", "6955")


def test_a_saved_mapping_says_all_that_flags_can(tmp_path: Path) -> None:
    saved = tmp_path / "mapping.toml"
    saved.write_text(
        'format = "csv"\nstart = "2026-03-01"\nunit = "ms"\n[map]\ntimestamp = "t"\ninput_tokens = "i"\n'
        'output_tokens = "o"\n[set]\nmodel = "gpt-4o"\nprovider = "openai"\nservice_tier = "batch"\n'
    )
    mapping, format_ = read_mapping(str(saved))
    assert format_ == "csv"
    _, [row] = imported(tmp_path, "t,i,o\n1500,1000,100\n", mapping=mapping, format=format_)
    # half of 1,000 at $2.50 and 100 at $10 for a million
    assert (row["timestamp"], row["cost_usd"]) == ("2026-03-01T00:00:01.500000Z", "0.001750000")


def test_a_mapped_column_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no column nope.*it has a, b"):
        imported(tmp_path, "a,b\n1,2\n", mapping=build_mapping(["timestamp=nope", "input_tokens=b"], []))


OWN = [
    dict.fromkeys(COLUMN_NAMES, "") | {
        "timestamp": "2026-03-01T10:00:00.123456Z", "call_id": "c1", "provider": "openai", "model": "gpt-4o",
        "input_tokens": "1000", "output_tokens": "100", "cost_usd": "0.001000000", "latency_ms": "1200",
        "customer_id": "O'Brien, \"x\"", "subscription_tier": "pro", "status": "success", "cost_source": "computed",
        "cached_input_tokens": "2000", "tier_price_usd": "99.000000000",
    },
    dict.fromkeys(COLUMN_NAMES, "") | {
        "timestamp": "2026-03-01T10:00:01.000000Z", "call_id": "c2", "provider": "acme", "model": "m", "status": "error",
        "input_tokens": "1", "output_tokens": "2", "cost_source": "unknown",
    },
]  # fmt: skip


def as_csv(rows: list[dict[str, str]], **options: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), **options)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("form", ["csv", "tabs", "lines", "list", "numbers", "parquet"])
def test_files_with_our_columns_need_no_mapping(tmp_path: Path, form: str) -> None:
    source, target = tmp_path / "export", tmp_path / "calls.csv"
    typed = [
        {key: int(text) if key.endswith("tokens") and text else text or None for key, text in row.items()}
        for row in OWN
    ]
    contents = {
        "csv": as_csv(OWN), "tabs": as_csv(OWN, delimiter="\t"), "list": json.dumps(OWN),
        "lines": "\n".join(map(json.dumps, OWN)), "numbers": json.dumps(typed, indent=1),
    }  # fmt: skip
    if form == "parquet":
        (tmp_path / "own.csv").write_text(contents["csv"])
        duckdb.sql(f"from read_csv('{tmp_path / 'own.csv'}')").write_parquet(str(source))
    else:
        source.write_text(contents[form])
    assert import_files(target, source).calls == 2
    # the part that is larger than its total stays as the file says it, and so does the cost that the file knows
    assert written(target) == OWN


def test_some_of_our_columns_are_enough(tmp_path: Path) -> None:
    names = ("timestamp", "model", "input_tokens", "output_tokens")
    text = as_csv([{name: OWN[0][name] for name in names}])
    _, [row] = imported(tmp_path, text)
    assert import_files(tmp_path / "calls.csv", tmp_path / "export").skipped == {"already_imported": 1}
    assert (row["cost_usd"], row["cost_source"], row["provider"]) == ("0.003500000", "computed", "openai")
    assert row["call_id"]
    assert set(REQUIRED_NAMES) <= row.keys()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "ZIP archive or a workbook"),
        (b"BZh91AY", "bzip2"),
        (b"<!doctype html><title>Sign in</title>", "asks to log in"),
        (b"\x1f\x8b\x08\x00broken", "cannot be read"),
        (b"PAR1 broken", "cannot be read as Parquet"),
        (b'{"resourceSpans":[]}', "no records"),
        (b"[]", "no records"),
        (b'{"data": []}', "no records"),
        (b"  \n ", "is empty"),
        (b"a,b\n1,2\n", "--map"),
    ],
)
def test_what_cannot_be_imported_is_said_in_one_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    source = tmp_path / "export"
    source.write_bytes(content)
    with pytest.raises((UsageError, NoUsableData), match=sentence) as refused:
        import_files(tmp_path / "calls.csv", source)
    assert "\n" not in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export"]


def test_totals_are_refused_whatever_format_is_asked_for(tmp_path: Path) -> None:
    focus = "BilledCost,BillingAccountId,ChargePeriodStart,ChargePeriodEnd\n1,a,2026-03-01,2026-03-02\n"
    for format_ in ("auto", "csv", "litellm"):
        with pytest.raises(UsageError, match="FOCUS"):
            imported(tmp_path, focus, format=format_)
