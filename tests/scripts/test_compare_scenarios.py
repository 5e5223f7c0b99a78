import json
from decimal import Decimal
from pathlib import Path

import pytest

from calls.schema import REQUIRED_NAMES
from compare_scenarios import main
from foundation.console import run
from tests.calls import call_files
from tests.running import run_script


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    names = [
        str(call_files.write(tmp_path / f"{name}.csv", call_files.rows(count)))
        for name, count in (("a", 40), ("b", 60))
    ]
    return [*names, "--out", str(tmp_path / "out" / "page.html")]


def test_it_prints_a_table_and_writes_page_and_json_report(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(lambda: main(files)) == 0
    said = capsys.readouterr().out
    calls = next(line for line in said.splitlines() if line.startswith("Calls "))
    assert calls.split() == ["Calls", "40", "60", "+50.0%"]
    assert "Number of calls" in said
    assert "<title>Scenario comparison" in (tmp_path / "out" / "page.html").read_text()
    json_report = json.loads((tmp_path / "out" / "page.json").read_text())
    assert json_report["result"]["before"]["usage"]["calls"] == 40
    assert json_report["result"]["cost"]["total"]["change"] == "0.030000000"


def test_json_alone_is_one_object(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: main([*files, "--json"])) == 0
    assert json.loads(capsys.readouterr().out)["result"]["after"]["usage"]["calls"] == 60


def test_quiet_says_nothing(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: main([*files, "--quiet"])) == 0
    assert capsys.readouterr() == ("", "")


def test_filters_narrow_both_files(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: main([*files, "--json", "--until", "2026-03-01T10:00"])) == 0
    assert json.loads(capsys.readouterr().out)["result"]["before"]["usage"]["calls"] == 40
    assert run(lambda: main([*files, "--json", "--until", "2026-03-01T00:10"])) == 0
    assert json.loads(capsys.readouterr().out)["result"]["after"]["usage"]["calls"] == 10


def test_a_missing_file_is_a_sentence(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: main([files[0], "nowhere.csv"])) == 3
    assert "nowhere.csv" in capsys.readouterr().err


def test_a_missing_argument_is_misuse(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: main(files[:1])) == 2
    assert "--help" in capsys.readouterr().err


def test_a_folder_as_target_is_misuse(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(lambda: main([*files[:2], "--out", str(tmp_path)])) == 2
    assert "is a folder" in capsys.readouterr().err


class TestUnequalLength:
    """Two customers at $99 a month and $10 a day, all of October against ten days of November."""

    @pytest.fixture
    def files(self, tmp_path):
        def write(name, month, days, **changes):
            rows = [
                call_files.row(
                    number, timestamp=f"2026-{month}-{day:02}T{hour:02}:05:00.000000Z", customer_id=customer,
                    cost_usd="2.5", tier_price_usd="99", **changes,
                )
                for number, (day, hour, customer) in enumerate(
                    (day, hour, customer) for day in range(1, days + 1) for hour in (1, 23) for customer in ("acme", "globex")
                )
            ]  # fmt: skip
            return call_files.write(tmp_path / name, rows, (*REQUIRED_NAMES, "tier_price_usd"))

        return write("oct.csv", 10, 31), write("nov.csv", 11, 10)

    def test_the_first_days_of_both_are_compared(self, files, tmp_path):
        """Ten days at $10 on each side; 198 x 10 / 30 = $66 of revenue against 198 x 10 / 31."""
        done = run_script("compare_scenarios.py", *files, "--out", tmp_path / "c.html", "--json")
        result = json.loads(done.stdout)["result"]
        assert [Decimal(result[side]["usage"]["cost_usd"]) for side in ("before", "after")] == [100, 100]
        assert (result["before"]["last_day"], result["after"]["last_day"]) == ("2026-10-10", "2026-11-10")
        assert result["before"]["file_period"]["last_day"] == "2026-10-31"
        assert (result["customers_in_both"], result["customers_won"], result["customers_lost"]) == (2, 0, 0)
        revenue = result["margin"]["revenue"]
        assert Decimal(revenue["customers"]) == Decimal(revenue["plan_price"]) == 0
        assert Decimal(revenue["days"]) == 66 - 2 * Decimal("31.935483871")
        assert "Compared are the first 10 days of each" in (tmp_path / "c.html").read_text()

    def test_whole_files_are_compared_on_request(self, files, tmp_path):
        """$310 against $100; no customer is won or lost for that."""
        done = run_script(
            "compare_scenarios.py", *files, "--whole-files", "--out", tmp_path / "c.html", "--json"
        )
        result = json.loads(done.stdout)["result"]
        assert [Decimal(result[side]["usage"]["cost_usd"]) for side in ("before", "after")] == [310, 100]
        assert Decimal(result["margin"]["revenue"]["customers"]) == 0
        assert Decimal(result["margin"]["revenue"]["days"]) == 66 - 198
