"""Row X1 of the fault matrix: a CSV for spreadsheets runs nothing, and stays RFC 4180 with numbers that are numbers."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.schema import COLUMNS, Kind
from interchange.spreadsheet_text import guarded_sql, unguarded_sql
from tests.interchange.exporters.exporting import DANGEROUS, HARMLESS, exported, odd_file, odd_rows

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BLANKS = "\t\r\n \x01\x1f\x7f\u0085\u00a0\u200b\u2028\u3000\ufeff"
FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")
ASK = f"select {guarded_sql('$text')}, {unguarded_sql(guarded_sql('$text'))}, {unguarded_sql('$text')}"


def runs(text: str) -> bool:
    """Whether a spreadsheet may run a text of blanks, quotes, signs and letters: said without a pattern."""
    rest = text.lstrip(BLANKS + "'")
    return rest.startswith(FORMULA_SIGNS) or any(sign in text[: len(text) - len(rest)] for sign in "\t\r\n")


def test_x1_dangerous_texts_get_a_quote_and_others_stay(tmp_path: Path) -> None:
    exported(odd_file(tmp_path), tmp_path / "sheet.csv", "csv")
    with (tmp_path / "sheet.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, strict=True))
    found = [row["customer_id"] for row in rows]
    assert found == [f"'{text}" for text in DANGEROUS] + list(HARMLESS)
    assert [row["call_id"] for row in rows] == [f"{text}#{number}" for number, text in enumerate(found)]


def test_x1_numbers_stay_numbers(tmp_path: Path) -> None:
    exported(odd_file(tmp_path), tmp_path / "sheet.csv", "csv", allow_credits=True)
    with (tmp_path / "sheet.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    numeric = [column.name for column in COLUMNS if column.kind in (Kind.COUNT, Kind.DECIMAL)]
    for row in rows:
        assert all(not row[name] or NUMBER.fullmatch(row[name]) for name in numeric)
    assert [Decimal(row["cost_usd"] or 0) for row in rows] == [
        Decimal(row["cost_usd"] or 0) for row in odd_rows()
    ]


def test_x1_a_credit_keeps_its_minus(tmp_path: Path) -> None:
    source = odd_file(tmp_path)
    source.write_text(source.read_text().replace("0.000000006", "-0.000000006"))
    exported(source, tmp_path / "sheet.csv", "csv", allow_credits=True)
    assert ",-0.000000006," in (tmp_path / "sheet.csv").read_text()


def test_x1_bom_crlf_and_quotes(tmp_path: Path) -> None:
    exported(odd_file(tmp_path), tmp_path / "sheet.csv", "csv")
    raw = (tmp_path / "sheet.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbftimestamp,call_id,")
    text = raw.decode("utf-8-sig")
    records = list(csv.reader(io.StringIO(text, newline="")))
    ends = sum(field.count("\r\n") for record in records for field in record)
    assert text.count("\r\n") == len(records) + ends
    assert {len(record) for record in records} == {len(COLUMNS)}


def test_x1_plain_leaves_texts_alone(tmp_path: Path) -> None:
    exported(odd_file(tmp_path), tmp_path / "plain.csv", "csv", plain=True)
    raw = (tmp_path / "plain.csv").read_bytes()
    assert raw.startswith(b"timestamp,call_id,")
    with (tmp_path / "plain.csv").open(newline="", encoding="utf-8") as file:
        assert [row["customer_id"] for row in csv.DictReader(file)] == list(DANGEROUS + HARMLESS)


_ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=10)
_NEAR_DANGER = st.text(st.sampled_from(BLANKS + "'=+-@＝＋－＠ab1"), max_size=6)


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        yield connection


@settings(max_examples=200, deadline=None)
@given(text=_ANY_TEXT | _NEAR_DANGER)
def test_x1_the_guard_comes_off(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    guarded, back, bare = engine.execute(ASK, {"text": text}).fetchone()
    assert back == text
    assert guarded in (text, f"'{text}")
    assert bare in (text, text[1:])


@settings(max_examples=200, deadline=None)
@given(text=_NEAR_DANGER)
def test_x1_the_guard_covers_all_that_runs_and_nothing_else(
    engine: duckdb.DuckDBPyConnection, text: str
) -> None:
    assert engine.execute(ASK, {"text": text}).fetchone()[0] == (f"'{text}" if runs(text) else text)
