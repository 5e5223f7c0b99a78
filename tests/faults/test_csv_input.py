"""Rows C1 to C16 and C24 of the fault matrix: what a file may hold, and what becomes of it."""

import csv
import io
import itertools
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from calls.engine import Calls, open_calls
from calls.reading.loading import load
from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from calls.selection import Selection
from foundation.outcome import ExitCode, NoUsableData, UsageError
from tests.calls.call_files import row, rows, text, write

SRC = Path(__file__).resolve().parents[2] / "src"
HEADER = ",".join(REQUIRED_NAMES)


def loaded(path: Path, **options: object) -> Calls:
    calls = open_calls(path, Selection(**options))
    source = calls.source
    assert source.accepted + source.rejected_total + source.duplicates == source.data_lines
    return calls


def signature(calls: Calls) -> list[tuple[object, ...]]:
    return [
        tuple(entry)
        for entry in calls.sql(
            'select call_id, "timestamp", cost_usd, input_tokens, customer_id from calls order by 1'
        )
    ]


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


SPECTRUM = {
    "comma_in_quotes": ('"123 Main Street, #4"', "123 Main Street, #4"),
    "empty": ('""', ""),
    "empty_crlf": ('""', ""),
    "escaped_quotes": ('"ha ""ha"" ha"', 'ha "ha" ha'),
    "json": ('"{""type"": ""Point"", ""coordinates"": [102.0, 0.5]}"', '{"type": "Point", "coordinates": [102.0, 0.5]}'),
    "newlines": ('"Once upon \na time"', "Once upon \na time"),
    "newlines_crlf": ('"Once upon \r\na time"', "Once upon \r\na time"),
    "quotes_and_newlines": ('"ha \n""ha"" \nha"', 'ha \n"ha" \nha'),
    "simple": ("abc", "abc"),
    "simple_crlf": ("abc", "abc"),
    "utf8": ("ʤ", "ʤ"),
    "blanks_kept": (" a ", " a "),
}  # fmt: skip
"""A value of each file of the csv-spectrum collection, as it stands there and as it reads."""


@pytest.mark.parametrize("name", SPECTRUM)
def test_c01_csv_dialect(tmp_path: Path, name: str) -> None:
    raw, value = SPECTRUM[name]
    end = "\r\n" if name.endswith("_crlf") else "\n"
    body = text([row(0), row(1, customer_id="PUT"), row(2)], end=end).replace("PUT", raw)
    path = tmp_path / "x.csv"
    path.write_bytes(body.encode())
    calls = loaded(path)
    assert calls.sql("select customer_id from calls where call_id = 'call_000001'") == [(value,)]
    assert calls.source.accepted == 3


def test_c01_a_file_in_another_encoding(tmp_path: Path) -> None:
    """The twelfth of the collection, location_coordinates, is no UTF-8: its lines with signs of Latin-1 are counted."""
    path = tmp_path / "x.csv"
    entries = [row(0), row(1, customer_id="N 40° 43' 10"), row(2)]
    path.write_bytes(text(entries).encode("latin-1"))
    calls = loaded(path)
    assert calls.source.rejected == {"encoding": 1}
    assert calls.source.accepted == 2


BAD_NUMBERS = [
    "abc",
    "1.5",
    "nan",
    "inf",
    "-inf",
    "1e309",
    "1_000",
    "١٢",
    "0x10",
    "+5",
    "1e3",
    "-5",
    "9" * 19,
]


@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_c02_c03_bad_token_counts(tmp_path: Path, value: str) -> None:
    clean = write(tmp_path / "clean.csv", [row(0), row(2)])
    dirty = write(tmp_path / "dirty.csv", [row(0), row(1, input_tokens=value), row(2)])
    calls = loaded(dirty)
    assert calls.source.rejected == {"bad_number": 1}
    assert signature(calls) == signature(loaded(clean))


@pytest.mark.parametrize(
    "value",
    [
        "abc",
        "nan",
        "inf",
        "-inf",
        "1e309",
        "1_000",
        "١٢",
        "0x10",
        "1.",
        ".5",
        "1,5",
        "1e",
        "$1",
        "1000000000",
    ],
)
def test_c02_c03_bad_costs(tmp_path: Path, value: str) -> None:
    calls = loaded(write(tmp_path / "x.csv", [row(0), row(1, cost_usd=value), row(2)]))
    assert calls.source.rejected == {"bad_number": 1}
    assert calls.source.used == 2


@pytest.mark.parametrize(
    ("column", "reason"),
    [("input_tokens", "missing_value"), ("call_id", "missing_value"), ("timestamp", "missing_value")],
)
def test_c03_needed_values(tmp_path: Path, column: str, reason: str) -> None:
    assert loaded(write(tmp_path / "x.csv", [row(0), row(1, **{column: ""})])).source.rejected == {reason: 1}


def test_c03_an_empty_cost_is_unknown_and_a_zero_is_free(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0, cost_usd=""), row(1, cost_usd="0"), row(2, latency_ms="")])
    calls = loaded(path)
    assert calls.sql("select count(*), count(cost_usd), count(latency_ms), sum(cost_usd) from calls") == [
        (3, 2, 2, Decimal("0.0015"))
    ]
    assert [(entry.provider, entry.model, entry.calls) for entry in calls.source.unpriced] == [
        ("openai", "m1", 1)
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [("0.5", "0.5"), ("1e-05", "0.00001"), ("1.5E-3", "0.0015"), ("7", "7"), (" 0.25 ", "0.25"), ("-0.0", "0"),
     ("0.0000000025", "0.000000002"), ("0.0000000035", "0.000000004"), ("0.00012345678901234567", "0.000123457"),
     ("1.2e2", "120"), ("1e-30", "0"), ("00.50", "0.5"), ("999999999.999999999", "999999999.999999999")],
)  # fmt: skip
def test_c02_legal_costs_are_exact(tmp_path: Path, written: str, read: str) -> None:
    calls = loaded(write(tmp_path / "x.csv", [row(0, cost_usd=written)]))
    assert calls.sql("select cost_usd from calls") == [(Decimal(read),)]
    lost = Decimal(written.strip()) != Decimal(read)
    assert calls.source.flagged.get("cost_rounded", 0) == lost


def test_c04_negative_costs(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0), row(1, cost_usd="-0.5")])
    assert loaded(path).source.rejected == {"negative_cost": 1}
    kept = loaded(path, allow_credits=True)
    assert kept.sql("select sum(cost_usd) from calls") == [(Decimal("-0.4985"),)]
    assert kept.source.flagged == {"credit": 1}


@pytest.mark.parametrize(
    ("cost", "flagged"),
    [("-1000", {"credit": 1}), ("-1000.000000001", {"credit": 1, "cost_usd_out_of_range": 1})],
)
def test_c04_a_credit_is_as_plausible_as_a_cost_of_its_size(
    tmp_path: Path, cost: str, flagged: dict[str, int]
) -> None:
    path = write(tmp_path / "x.csv", [row(0), row(1, cost_usd=cost)])
    assert loaded(path, allow_credits=True).source.flagged == flagged


def test_c05_byte_order_mark(tmp_path: Path) -> None:
    plain = write(tmp_path / "x.csv", rows(5))
    marked = tmp_path / "bom.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes())
    broken = tmp_path / "broken.csv"
    broken.write_bytes(marked.read_bytes() + b"x\n")
    assert signature(loaded(marked)) == signature(loaded(plain)) == signature(loaded(broken))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_c06_line_ends(tmp_path: Path, end: str) -> None:
    expected = signature(loaded(write(tmp_path / "lf.csv", rows(9))))
    assert signature(loaded(write(tmp_path / "x.csv", rows(9), end=end))) == expected


@pytest.mark.parametrize("first", ["\n", "\r\n"])
def test_c06_mixed_line_ends(tmp_path: Path, first: str) -> None:
    expected = signature(loaded(write(tmp_path / "lf.csv", rows(9))))
    mixed = tmp_path / "x.csv"
    ends = itertools.cycle([first, "\r\n", "\n"])
    mixed.write_bytes(
        b"".join(line.rstrip(b"\n") + next(ends).encode() for line in lines_of(tmp_path / "lf.csv"))
    )
    assert signature(loaded(mixed)) == expected


def test_c07_line_numbers_after_quoted_line_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0, customer_id="a\nb\nc"), row(1, input_tokens="x"), row(2)])
    rejected = loaded(path).source.rejected_lines
    assert [(entry.line, entry.reason) for entry in rejected] == [(5, "bad_number")]
    assert path.read_bytes()[rejected[0].byte_offset :].startswith(row(1)["timestamp"].encode())
    assert rejected[0].text.startswith(row(1)["timestamp"])


@pytest.mark.parametrize("column", ["customer_id", "provider", "user_agent", "cost_usd", "timestamp"])
@pytest.mark.parametrize("later_quote", [False, True])
def test_c08_unbalanced_quote(tmp_path: Path, column: str, later_quote: bool) -> None:
    entries = rows(200)
    if later_quote:
        entries[150]["customer_id"] = 'x, "y'
    body = text(entries).splitlines(keepends=True)
    fields = body[50].rstrip("\n").split(",")
    fields[REQUIRED_NAMES.index(column)] = '"' + fields[REQUIRED_NAMES.index(column)]
    body[50] = ",".join(fields) + "\n"
    path = tmp_path / "x.csv"
    path.write_text("".join(body))
    calls = loaded(path)
    assert calls.source.rejected == {"unbalanced_quote": 1}
    assert calls.source.accepted == 199
    assert [entry.line for entry in calls.source.rejected_lines] == [51]


@pytest.mark.parametrize("excluded_columns", [(), ("user_agent",), ("call_id", "session_id", "user_agent")])
def test_c08_two_stray_quotes_in_a_column_that_nobody_asks_for(
    tmp_path: Path, excluded_columns: tuple[str, ...]
) -> None:
    body = text(rows(30)).splitlines(keepends=True)
    at = REQUIRED_NAMES.index("user_agent")
    for place, quoted_end in ((10, False), (20, True)):
        fields = body[place].rstrip("\n").split(",")
        fields[at] = fields[at] + '"' if quoted_end else '"' + fields[at]
        body[place] = ",".join(fields) + "\n"
    path = tmp_path / "x.csv"
    path.write_text("".join(body))
    with open_calls(path, Selection(excluded_columns=excluded_columns)) as calls:
        assert calls.source.rejected == {"unbalanced_quote": 2}
        assert calls.source.accepted == 28


def test_c08_two_stray_quotes_that_would_swallow_rows(tmp_path: Path) -> None:
    body = text(rows(30)).splitlines(keepends=True)
    body[10] = body[10].replace(",cust,", ',"cust,')
    body[20] = body[20].replace(",cust,", ',cust",')
    path = tmp_path / "x.csv"
    path.write_text("".join(body))
    calls = loaded(path)
    assert calls.source.accepted >= 28
    assert {"call_000010", "call_000018", "call_000020"} <= {
        entry.call_id for entry in calls.sql("select call_id from calls")
    }


@pytest.mark.parametrize("line", ["a,b\n", ",".join(["x"] * 20) + "\n", "   \n", ",".join([""] * 18) + "\n"])
def test_c09_field_count(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "x.csv", rows(3))
    path.write_text(path.read_text() + line + "".join(text([row(7)]).splitlines(keepends=True)[1:]))
    calls = loaded(path)
    assert calls.source.rejected == {"field_count": 1}
    assert calls.source.accepted == 4


def test_c10_order_and_extra_columns_are_free(tmp_path: Path) -> None:
    plain = write(tmp_path / "x.csv", rows(4))
    names = ("Model", "error_code", *reversed(REQUIRED_NAMES), 'it\'s "odd"')
    other = write(tmp_path / "y.csv", rows(4, error_code="E7", Model="other"), names)
    assert signature(loaded(other)) == signature(loaded(plain))


@pytest.mark.parametrize("name", REQUIRED_NAMES)
def test_c10_missing_and_repeated_columns_are_named(tmp_path: Path, name: str) -> None:
    without = tuple(other for other in REQUIRED_NAMES if other != name)
    with pytest.raises(NoUsableData, match=f"'{name}' is missing"):
        open_calls(write(tmp_path / "x.csv", rows(2), without))
    twice = tmp_path / "y.csv"
    twice.write_text(
        "".join(line.rstrip("\n") + f",{name}\n" for line in text(rows(2)).splitlines(keepends=True))
    )
    with pytest.raises(NoUsableData, match=f"'{name}' stands twice"):
        open_calls(twice)


def test_c11_identical_rows_count_once_and_shared_ids_are_flagged(tmp_path: Path) -> None:
    entries = [row(0), row(1), row(1), row(1), row(2), row(2, customer_id="other"), row(2)]
    calls = loaded(write(tmp_path / "x.csv", entries))
    assert (calls.source.data_lines, calls.source.duplicates, calls.source.accepted) == (7, 3, 4)
    assert calls.source.flagged == {"shared_call_id": 2}
    assert sorted(entry.customer_id for entry in calls.sql("select customer_id from calls")) == [
        "cust",
        "cust",
        "cust",
        "other",
    ]


@pytest.mark.parametrize("column", ["request_id", "error_code"])
def test_c11_rows_that_differ_in_any_column_are_not_identical(tmp_path: Path, column: str) -> None:
    entries = [row(1, **{column: "1"}), row(1, **{column: "2"}), row(1, **{column: "2"})]
    path = write(tmp_path / "x.csv", entries, (*REQUIRED_NAMES, "error_code"))
    calls = loaded(path, excluded_columns=("request_id", "trace_id"))
    assert (calls.source.duplicates, calls.source.flagged) == (1, {"shared_call_id": 2})


@pytest.mark.parametrize("size", [65_537, 200_000, 3_000_000])
@pytest.mark.parametrize("quoted", [False, True])
def test_c12_large_fields(tmp_path: Path, size: int, quoted: bool) -> None:
    giant = ('"' if quoted else "") + "x" * size + ('"' if quoted else "")
    path = tmp_path / "x.csv"
    path.write_text(text([row(0), row(1, customer_id="PUT"), row(2)]).replace("PUT", giant))
    calls = loaded(path)
    assert calls.source.rejected == {"field_too_large": 1}
    assert calls.source.accepted == 2
    assert len(calls.source.rejected_lines[0].text) == 200


def test_c12_a_field_at_the_limit_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0), row(1, customer_id="x" * 65_536)])
    assert loaded(path).sql("select max(length(customer_id)) from calls") == [(65_536,)]


def test_c12_memory_stays_bounded(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows(10))
    script = (
        "import resource, sys; from calls.engine import open_calls; open_calls(sys.argv[1]); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    before = int(
        subprocess.run([sys.executable, "-c", script, path], cwd=SRC, capture_output=True, check=True).stdout
    )
    with path.open("ab") as file:
        file.write(
            b"2026-03-01T00:00:00," + b"x" * 100_000_000 + b"\n" + text([row(20)]).encode().split(b"\n", 1)[1]
        )
    after = int(
        subprocess.run([sys.executable, "-c", script, path], cwd=SRC, capture_output=True, check=True).stdout
    )
    assert after - before < 200 * 1024
    assert loaded(path).source.rejected == {"field_too_large": 1}


@pytest.mark.parametrize("junk", [b"\xff\xfe", b"\x00", b"\xed\xa0\x80", b"\xc3"])
@pytest.mark.parametrize("quoted", [False, True])
def test_c13_encoding(tmp_path: Path, junk: bytes, quoted: bool) -> None:
    body = text([row(0, customer_id="é"), row(1, customer_id="PUT"), row(2, customer_id='a "b"')]).encode()
    path = tmp_path / "x.csv"
    path.write_bytes(body.replace(b"PUT", b'"a' + junk + b'"' if quoted else b"a" + junk))
    calls = loaded(path)
    assert calls.source.rejected == {"encoding": 1}
    assert sorted(entry.customer_id for entry in calls.sql("select customer_id from calls")) == ['a "b"', "é"]
    assert calls.source.rejected_lines[0].text.isprintable()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", HEADER.encode(), (HEADER + "\n").encode(), (HEADER + "\n" + "x\n" * 5).encode(), b"\0\0\0"],
)
def test_c14_nothing_usable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(NoUsableData) as caught:
        open_calls(path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code is ExitCode.NO_DATA


def test_c14_missing_file_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoUsableData, match=r"run_all_simulators\.py"):
        open_calls(tmp_path / "none.csv")


@pytest.mark.slow
def test_c15_torn_last_line_at_every_byte(tmp_path: Path) -> None:
    """Through the loader with one connection, since a fresh engine a cut would take most of the time."""
    connection = duckdb.connect()
    whole = text([row(0), row(1), row(2, customer_id='a,"b"\nc')]).encode()
    start = whole.index(row(2)["timestamp"].encode())
    path = tmp_path / "x.csv"
    for cut in range(start + 1, len(whole)):
        path.write_bytes(whole[:cut])
        found = load(connection, path, frozenset(), allow_credits=False)
        kept = connection.execute("select call_id, cost_usd from accepted_calls order by 1").fetchall()
        assert kept == [("call_000000", Decimal("0.0015")), ("call_000001", Decimal("0.0015"))], cut
        assert found.torn_tail or found.rejects.counts == {"unbalanced_quote": 1}, cut
    connection.close()


def test_c16_repeated_header(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows(3))
    path.write_text(path.read_text() + text([row(7), row(8)]))
    calls = loaded(path)
    assert calls.source.rejected == {"repeated_header": 1}
    assert calls.source.accepted == 5


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_c21_no_regular_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.csv"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(UsageError, match="not a regular file"):
        open_calls(path)


TIMES = {
    "2026-03-01T10:00:00Z": "2026-03-01T10:00:00", "2026-03-01T10:00:00+02:00": "2026-03-01T08:00:00",
    "2026-03-01T10:00:00.5-0330": "2026-03-01T13:30:00.500000", "2026-03-01T10:00:00+02": "2026-03-01T08:00:00",
    "2026-03-01 10:00:00": "2026-03-01T10:00:00", "2026-03-01": "2026-03-01T00:00:00",
    "2026-03-01T10:00": "2026-03-01T10:00:00", "2026-03-01T10:00:00.123456789Z": "2026-03-01T10:00:00.123456",
    " 2026-03-01T10:00:00 ": "2026-03-01T10:00:00", "2026-03-31T23:30:00-01:00": "2026-04-01T00:30:00",
    "2028-02-29T00:00:00": "2028-02-29T00:00:00",
}  # fmt: skip


@pytest.mark.parametrize("written", TIMES)
@pytest.mark.parametrize("broken_elsewhere", [False, True])
def test_c24_times_are_utc(tmp_path: Path, written: str, broken_elsewhere: bool) -> None:
    entries = [row(0, timestamp=written)] + ([row(1, input_tokens="x")] if broken_elsewhere else [])
    calls = loaded(write(tmp_path / "x.csv", entries))
    assert calls.sql('select "timestamp" from calls')[0][0].isoformat() == TIMES[written]


@pytest.mark.parametrize(
    "value",
    ["2026-02-30T00:00:00", "9999-12-31T23:59:59", "1999-12-31T00:00:00", "2026-13-01", "infinity", "epoch", "now",
     "today", "2026-03-01T24:00:00", "2026-03-01T10:60:00", "1767225600", "03/01/2026", "2026-3-1", "2027-02-29",
     "2026-03-01T10:00:00+24:00", "2026-03-01T10:00:00 Europe/Berlin", "2026-03-01 (BC)"],
)  # fmt: skip
def test_c24_bad_times(tmp_path: Path, value: str) -> None:
    calls = loaded(write(tmp_path / "x.csv", [row(0), row(1, timestamp=value)]))
    assert calls.source.rejected == {"bad_timestamp": 1}


def test_c24_a_future_call_is_flagged(tmp_path: Path) -> None:
    calls = loaded(write(tmp_path / "x.csv", [row(0), row(1, timestamp="2099-01-01T00:00:00Z")]))
    assert calls.source.flagged["future_timestamp"] >= 1


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_c24_days_do_not_depend_on_the_machine(tmp_path: Path, zone: str) -> None:
    path = write(
        tmp_path / "x.csv",
        [row(0, timestamp="2026-03-01T23:30:00Z"), row(1, timestamp="2026-03-02T00:30:00")],
    )
    script = (
        "import sys; from calls.engine import open_calls; calls = open_calls(sys.argv[1]); "
        "[print(day, n) for day, n in calls.sql('select local_day, count(*) from calls group by 1 order by 1')]"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, path],
        cwd=SRC,
        env=os.environ | {"TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["2026-03-01", "1", "2026-03-02", "1"]


def test_all_columns_of_a_full_file_are_read(tmp_path: Path) -> None:
    full = row(
        0, cached_input_tokens="7", status="error", tier_price_usd="99", region="eu", cost_source="reported"
    )
    calls = loaded(write(tmp_path / "x.csv", [full], COLUMN_NAMES))
    assert calls.sql(
        "select cached_input_tokens, status, tier_price_usd, region, cache_write_tokens from calls"
    ) == [(7, "error", Decimal(99), "eu", None)]
    assert calls.source.columns == frozenset(COLUMN_NAMES)


def test_rejects_are_written_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0), *(row(number, input_tokens="x") for number in range(1, 1_501))])
    calls = loaded(path)
    assert len(calls.source.rejected_lines) == 1_000
    calls.write_rejects(tmp_path / "rejects.csv")
    with (tmp_path / "rejects.csv").open(newline="") as file:
        kept = list(csv.DictReader(file))
    assert [int(entry["line"]) for entry in kept] == list(range(3, 1_503))
    assert {entry["reason"] for entry in kept} == {"bad_number"}
    assert next(csv.reader(io.StringIO(kept[-1]["text"])))[1] == "call_001500"
