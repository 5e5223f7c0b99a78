import json
from pathlib import Path

import pytest

from compare_scenarios import main
from foundation.console import run
from tests.calls import call_files


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
