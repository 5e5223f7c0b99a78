"""Published rates follow the collection: a change is a new dated row, and nothing of the past is touched."""

import csv
from datetime import date, timedelta

import pytest

from interchange.rate_refresh import compared, new_rows, write_rows
from refresh_rates import main
from settings.loader import load_settings
from settings.published import COLUMNS, PUBLISHED_PATH, read_rows

PRICING = load_settings().pricing
TODAY = date(2026, 11, 25)
ROWS = read_rows()
STANDARD = [row for row in ROWS if not (row["service_tier"] or row["speed"])]
TERRA = [row for row in STANDARD if (row["provider"], row["model"]) == ("openai", "gpt-6.1-terra")]


def test_the_shipped_rates_are_those_of_the_collection_and_only_the_day_of_comparison_changes():
    found = compared(ROWS, PRICING, TODAY)
    assert (found.added, found.gone, found.by_hand) == ([], [], [])
    kept = [name for name in COLUMNS if name != "checked"]
    assert [[row[name] for name in kept] for row in found.rows] == [
        [row[name] for name in kept] for row in ROWS
    ]
    in_force = [
        row
        for row in found.rows
        if row["model"] == "gpt-5.6-sol" and row["provider"] == "openai" and not row["service_tier"]
    ]
    assert {(row["from"], row["checked"]) for row in in_force} == {
        ("2026-01-01", "2026-11-24"),
        ("2026-08-21", "2026-11-25"),
    }


def test_a_rate_that_changed_becomes_a_row_of_today_and_the_old_one_stays():
    old = [row | {"output_usd_per_mtok": "99"} for row in TERRA]
    found = compared(old, PRICING, TODAY)
    assert [row["output_usd_per_mtok"] for row in found.rows] == ["99", "99", "5", "7.5"]
    assert [(row["from"], row["above_input_tokens"]) for row in found.added] == [
        ("2026-11-25", ""),
        ("2026-11-25", "272000"),
    ]
    assert found.added[0] == TERRA[0] | {"from": "2026-11-25", "checked": "2026-11-25"}
    again = compared(found.rows, PRICING, TODAY + timedelta(days=1))
    assert again.added == []


def test_a_change_with_a_date_has_that_date_even_in_the_future():
    sol = [row for row in STANDARD if row["model"] == "gpt-5.6-sol" and row["provider"] == "openai"]
    found = compared(sol[:2], PRICING, TODAY)
    assert [row["from"] for row in found.added] == ["2026-08-21", "2026-08-21"]
    flash = [row for row in ROWS if row["model"] == "gemini-3.8-flash"]
    found = compared(flash[:1], PRICING, TODAY)
    assert [row["from"] for row in found.added] == ["2027-01-01"]
    assert found.added[0]["input_usd_per_mtok"] == "1.5"


def test_a_model_that_is_no_longer_collected_is_named_and_kept():
    gone = [row | {"collected_as": "gpt-0"} for row in TERRA]
    found = compared(gone, PRICING, TODAY)
    assert (found.gone, found.rows) == (["openai/gpt-6.1-terra"], gone)


def test_a_model_is_added_with_its_rates_and_only_if_tokens_have_a_price():
    assert new_rows("openai", "gpt-6.1-terra", TODAY) == [row | {"checked": "2026-11-25"} for row in TERRA]
    for name in ("gpt-0", "whisper-1"):
        with pytest.raises(LookupError):
            new_rows("openai", name, TODAY)


def test_a_missing_or_unknown_model_is_one_sentence(tmp_path, capsys):
    path = tmp_path / "rates.csv"
    path.write_bytes(PUBLISHED_PATH.read_bytes())
    for name in ("openai/gpt-0", "nobody/gpt-0", "gpt-0", "openai/o3"):
        assert main(["--rates", str(path), "--write", "--add", name]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert path.read_bytes() == PUBLISHED_PATH.read_bytes()


def test_the_script_writes_what_it_says_and_keeps_the_comment(tmp_path, capsys):
    path = tmp_path / "rates.csv"
    rows = [row | {"input_usd_per_mtok": "77"} if row in TERRA else row for row in ROWS]
    path.write_bytes(PUBLISHED_PATH.read_bytes())
    write_rows(path, rows)
    before = path.read_bytes()
    assert main(["--rates", str(path)]) == 0
    assert path.read_bytes() == before
    assert "2 of them due" in capsys.readouterr().out
    assert main(["--rates", str(path), "--write"]) == 0
    assert "2 of them written" in capsys.readouterr().out
    assert len(read_rows(path)) == len(ROWS) + 2
    comment = [line for line in PUBLISHED_PATH.read_text().splitlines() if line.startswith("#")]
    assert path.read_text().splitlines()[: len(comment)] == comment


def test_every_row_of_the_file_has_all_columns():
    lines = [line for line in PUBLISHED_PATH.read_text().splitlines() if not line.startswith("#")]
    assert tuple(next(csv.reader(lines))) == COLUMNS
    assert {len(fields) for fields in csv.reader(lines)} == {len(COLUMNS)}
