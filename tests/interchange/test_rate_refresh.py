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
TERRA_TIERS = [
    row for row in ROWS if (row["provider"], row["model"]) == ("openai", "gpt-6.1-terra") and row not in TERRA
]
VARIANTS = [row for row in ROWS if row not in STANDARD]


def said(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """What rows say beside the day on which they were compared."""
    return sorted(tuple(row[name] for name in COLUMNS if name != "checked") for row in rows)


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
    old = [*(row | {"output_usd_per_mtok": "99"} for row in TERRA), *TERRA_TIERS]
    found = compared(old, PRICING, TODAY)
    standard = [row["output_usd_per_mtok"] for row in found.rows if not row["service_tier"]]
    assert standard == ["99", "99", "5", "7.5"]
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
    assert [row["from"] for row in found.added if not row["service_tier"]] == ["2026-08-21", "2026-08-21"]
    flash = [row for row in ROWS if row["model"] == "gemini-3.8-flash"]
    found = compared(flash[:1], PRICING, TODAY)
    [due] = [row for row in found.added if not row["service_tier"]]
    assert (due["from"], due["input_usd_per_mtok"]) == ("2027-01-01", "1.5")


def test_the_rows_of_tiers_and_speeds_are_those_that_are_made_of_the_collection():
    """All of them are taken out, and made again."""
    found = compared(STANDARD, PRICING, TODAY)
    assert said(found.added) == said(VARIANTS)
    assert len(VARIANTS) > 150


def test_a_tier_that_changed_becomes_a_row_of_today_and_the_others_stay():
    def changed(row: dict[str, str]) -> dict[str, str]:
        return row | ({"input_usd_per_mtok": "99"} if row["service_tier"] == "priority" else {})

    found = compared([*TERRA, *map(changed, TERRA_TIERS)], PRICING, TODAY)
    assert {(row["service_tier"], row["from"], row["input_usd_per_mtok"]) for row in found.added} == {
        ("priority", "2026-11-25", "2"), ("priority", "2026-11-25", "4"),
    }  # fmt: skip
    assert len(found.rows) == len(TERRA) + len(TERRA_TIERS) + 2


def test_a_tier_that_is_not_sold_for_long_context_says_where_it_ends():
    [row] = [
        row
        for row in compared(STANDARD, PRICING, TODAY).added
        if (row["model"], row["service_tier"]) == ("gpt-5.5", "priority")
    ]
    assert (row["input_usd_per_mtok"], row["until_input_tokens"]) == ("12.5", "272000")


def test_a_model_that_is_no_longer_collected_is_named_and_kept():
    gone = [row | {"collected_as": "gpt-0"} for row in TERRA]
    found = compared(gone, PRICING, TODAY)
    assert (found.gone, found.rows) == (["openai/gpt-6.1-terra"], gone)


def test_a_model_is_added_with_its_rates_and_only_if_tokens_have_a_price():
    made = new_rows("openai", "gpt-6.1-terra", TODAY)
    assert made[: len(TERRA)] == [row | {"checked": "2026-11-25"} for row in TERRA]
    assert said(made) == said([*TERRA, *TERRA_TIERS])
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
