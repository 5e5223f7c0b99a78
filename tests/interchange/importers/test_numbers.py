"""Numbers as people and spreadsheets write them: marks for thousands and decimals, words, signs and codes."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from foundation.outcome import UsageError
from interchange.importers.report_text import brief_lines
from tests.interchange.importers.importing import build_mapping, import_files, imported, written

MAPS = ["timestamp=when", "model=llm", "input_tokens=prompt", "output_tokens=completion", "cost_usd=usd"]
GPT_4O_IN, GPT_4O_OUT = Decimal("2.50"), Decimal("10.00")
"""USD for a million tokens."""


def table(*rows: str, header: str = "when;llm;prompt;completion") -> str:
    lines = [f"2026-11-20T08:{number:02}:00Z;gpt-4o;{row}" for number, row in enumerate(rows)]
    return "\n".join([header, *lines]) + "\n"


def read(tmp_path: Path, text: str, decimal: str = "", **options: Any) -> list[tuple[int, int]]:
    maps = [entry for entry in MAPS if entry.partition("=")[2] in text.partition("\n")[0].split(";")]
    mapping = build_mapping(maps, ["provider=openai"], decimal=decimal)
    report, rows = imported(tmp_path, text, mapping=mapping, **options)
    assert not report.skipped
    return [(int(row["input_tokens"]), int(row["output_tokens"])) for row in rows]


def test_a_column_with_digits_behind_a_point_has_thousands_throughout(tmp_path: Path) -> None:
    text = table("12.000;1.000", "250.000;30.000", "1.250;300", "900;300")
    assert read(tmp_path, text) == [(12_000, 1_000), (250_000, 30_000), (1_250, 300), (900, 300)]
    costs = sum(Decimal(row["cost_usd"]) for row in written(tmp_path / "calls.csv"))
    expected = (
        (12_000 + 250_000 + 1_250 + 900) * GPT_4O_IN + (1_000 + 30_000 + 300 + 300) * GPT_4O_OUT
    ) / 1_000_000
    assert costs == expected == Decimal("0.976375")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("1.234.567;1.000",), (1_234_567, 1_000)),
        (("12,000;1,250",), (12_000, 1_250)),
        (("1,000;300", "900;20"), (1_000, 300)),
        (("12 000;1'250",), (12_000, 1_250)),
        (("12\u202f000;1\u00a0250",), (12_000, 1_250)),
        (("1.000;12,0",), (1_000, 12)),
        # Floats: each number has decimals, and one has too many digits before the point to part thousands.
        (("1.000;300.000", "1250.000;20.000"), (1, 300)),
        (("1.000;12.0",), (1, 12)),
        (("1.000;0.000",), (1, 0)),
    ],
)  # fmt: skip
def test_the_numbers_of_a_file_tell_how_it_is_written(
    tmp_path: Path, rows: tuple[str, ...], expected: tuple[int, int]
) -> None:
    assert read(tmp_path, table(*rows))[0] == expected


@pytest.mark.parametrize(
    "rows", [("1.000;300.000",), ("1,000;300,000",), ("1.000;300", "1250;20"), ("1.250;12.5",)]
)
def test_a_file_that_tells_nothing_is_refused_with_its_column_and_the_flag(
    tmp_path: Path, rows: tuple[str, ...]
) -> None:
    with pytest.raises(
        UsageError, match=r"in column prompt may be 1,\d{3} or 1\.\d{3}.*--decimal , or --decimal \."
    ):
        read(tmp_path, table(*rows))
    assert not (tmp_path / "calls.csv").exists()


@pytest.mark.parametrize(("decimal", "expected"), [(",", (1_000, 300_000)), (".", (1, 300))])
def test_the_user_says_how_a_file_is_written(tmp_path: Path, decimal: str, expected: tuple[int, int]) -> None:
    assert read(tmp_path, table("1.000;300.000"), decimal) == [expected]


def test_a_decimal_comma_in_a_cost_tells_of_the_counts_too(tmp_path: Path) -> None:
    text = table("1.000;300;0,0055", "2.000;100;1.234,5", header="when;llm;prompt;completion;usd")
    assert read(tmp_path, text) == [(1_000, 300), (2_000, 100)]
    costs = [row["cost_usd"] for row in written(tmp_path / "calls.csv")]
    assert costs == ["0.005500000", "1234.500000000"]


def test_a_cost_of_three_decimals_needs_no_flag(tmp_path: Path) -> None:
    read(tmp_path, table("1000;300;1.234", header="when;llm;prompt;completion;usd"))
    assert written(tmp_path / "calls.csv")[0]["cost_usd"] == "1.234000000"


def test_what_is_written_the_other_way_is_no_number(tmp_path: Path) -> None:
    text = table("1000;300;0.125", "2000;100;0,5", header="when;llm;prompt;completion;usd")
    mapping = build_mapping(MAPS, ["provider=openai"], decimal=",")
    report, rows = imported(tmp_path, text, mapping=mapping)
    assert report.skipped == {"bad_number": 1}
    assert [row["cost_usd"] for row in rows] == ["0.500000000"]


def test_numbers_of_json_and_parquet_have_a_point_for_decimals(tmp_path: Path) -> None:
    record = '{"timestamp": "2026-11-20T08:00:00Z", "model": "gpt-4o", "input_tokens": 12.000, "output_tokens": 1.000}'
    _, rows = imported(tmp_path, record + "\n")
    assert (rows[0]["input_tokens"], rows[0]["output_tokens"]) == ("12", "1")
    source, target = tmp_path / "calls.parquet", tmp_path / "from_parquet.csv"
    duckdb.sql(f"""copy (select '2026-11-20T08:00:00Z' as "timestamp", 'gpt-4o' as model,
        cast(12 as decimal(18,3)) as input_tokens, cast(1.0 as double) as output_tokens)
        to '{source}' (format parquet)""")
    import_files(target, source)
    assert (written(target)[0]["input_tokens"], written(target)[0]["output_tokens"]) == ("12", "1")


@pytest.mark.parametrize("word", ["Included", "Free", "-", "—", "n/a", "null", "NaN"])
def test_a_word_in_a_cost_cell_is_no_known_cost_and_keeps_the_call(tmp_path: Path, word: str) -> None:
    text = table(f"1000;100;{word}", "1000;100;$0.02", header="when;llm;prompt;completion;usd")
    mapping = build_mapping(MAPS, ["provider=house"])
    report, rows = imported(tmp_path, text, mapping=mapping)
    assert [(row["cost_usd"], row["cost_source"]) for row in rows] == [
        ("", "unknown"),
        ("0.020000000", "reported"),
    ]
    assert report.cost_words == {word: 1}
    assert any(f"reports no cost ({word})" in line for line in brief_lines(report))


def test_a_cost_of_another_currency_is_not_taken_for_dollars(tmp_path: Path) -> None:
    text = table("1000;100;€0.02", "1000;100;0.02", header="when;llm;prompt;completion;usd")
    with pytest.raises(UsageError, match="gives costs in EUR"):
        imported(tmp_path, text, mapping=build_mapping(MAPS, []))


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("500", "error"), ("400", "error"), ("429", "error"), ("200", "success"), ("399", "success"), ("OK", "success"),
        ("failed", "error"), ("Failure", "error"), ("TIMEOUT", "error"), ("timed_out", "error"), ("error", "error"),
        ("Succeeded", "success"), ("", ""),
    ],
)  # fmt: skip
def test_codes_and_words_of_status_mean_success_or_error(tmp_path: Path, said: str, status: str) -> None:
    text = table(f"10;3;{said}", header="when;llm;prompt;completion;result")
    report, rows = imported(tmp_path, text, mapping=build_mapping([*MAPS[:-1], "status=result"], []))
    assert rows[0]["status"] == status
    assert report.totals.errors == (status == "error")
    assert report.status_words == {}


def test_a_status_that_is_not_known_is_said(tmp_path: Path) -> None:
    text = table("10;3;purple", "10;3;ok", header="when;llm;prompt;completion;result")
    report, _ = imported(tmp_path, text, mapping=build_mapping([*MAPS[:-1], "status=result"], []))
    assert report.status_words == {"purple": 1}
    assert any("(purple)" in line for line in brief_lines(report))


GATEWAY = """time,model,fresh,read,written,output
2026-01-05T10:00:00Z,house-model,4700,1200,0,33
2026-01-05T10:02:00Z,house-model,9000,700,300,40
"""
APART = [
    "timestamp=time",
    "model=model",
    "cached_input_tokens=read",
    "cache_write_tokens=written",
    "output_tokens=output",
]


def test_counts_that_the_user_says_are_apart_are_added(tmp_path: Path) -> None:
    mapping = build_mapping([*APART, "uncached_input_tokens=fresh"], ["provider=own"])
    report, _ = imported(tmp_path, GATEWAY, mapping=mapping)
    assert report.totals.input_tokens == 4700 + 1200 + 9000 + 700 + 300
    assert not any("uncached_input_tokens" in line for line in brief_lines(report))


def test_a_guess_about_cached_tokens_is_said_without_a_flag(tmp_path: Path) -> None:
    mapping = build_mapping([*APART, "input_tokens=fresh"], ["provider=own"])
    report, _ = imported(tmp_path, GATEWAY, mapping=mapping)
    assert report.totals.input_tokens == 4700 + 9000
    assert any("--map uncached_input_tokens=FIELD" in line for line in brief_lines(report))


def test_reasoning_that_the_user_says_is_apart_is_added(tmp_path: Path) -> None:
    text = "time,model,input,text,thought\n2026-01-05T10:00:00Z,house-model,100,33,20\n"
    maps = [
        "timestamp=time",
        "model=model",
        "input_tokens=input",
        "text_output_tokens=text",
        "reasoning_tokens=thought",
    ]
    report, _ = imported(tmp_path, text, mapping=build_mapping(maps, []))
    assert report.totals.output_tokens == 33 + 20


def test_a_record_around_others_is_none_where_the_user_names_its_parent(tmp_path: Path) -> None:
    text = (
        "id,above,run,time,input,output,usd\nroot,,t,2026-01-05T10:00:00Z,1500,160,0.00535\n"
        "a,root,t,2026-01-05T10:00:01Z,1000,100,0.0035\nb,root,t,2026-01-05T10:00:02Z,500,60,0.00185\n"
        "root,,u,2026-01-05T11:00:00Z,7,1,0.5\n"
    )
    maps = [
        "call_id=id", "parent_id=above", "trace_id=run", "timestamp=time", "input_tokens=input",
        "output_tokens=output", "cost_usd=usd",
    ]  # fmt: skip
    report, rows = imported(tmp_path, text, mapping=build_mapping(maps, []))
    assert report.skipped == {"nested": 1}
    assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal("0.0035") + Decimal("0.00185") + Decimal(
        "0.5"
    )
    again = import_files(tmp_path / "calls.csv", tmp_path / "export", mapping=build_mapping(maps, []))
    assert again.calls == 0
