"""A folder given to an import: every export below it is read, whatever else lies there is named."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from foundation.outcome import NoUsableData, UsageError
from interchange.importers.import_run import Order, run_import
from interchange.importers.inputs import meant
from interchange.importers.report import ImportReport
from interchange.importers.report_text import brief_lines, report_lines
from settings.loader import load_settings

HEADER = "timestamp,call_id,provider,model,input_tokens,output_tokens,cost_usd\n"


def export(path: Path, *numbers: int) -> Path:
    """Calls of a cent each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        HEADER + "".join(f"2026-03-01T10:{n:02}:00Z,id-{n},openai,gpt-4o,10,5,0.01\n" for n in numbers)
    )
    return path


def imported(tmp_path: Path, *names: Path | str) -> ImportReport:
    order = Order(
        files=[str(name) for name in names], target=tmp_path / "calls.csv", pricing=load_settings().pricing
    )
    return run_import(order)


def costs(tmp_path: Path) -> dict[str, Decimal]:
    with (tmp_path / "calls.csv").open(newline="") as file:
        return {row["call_id"]: Decimal(row["cost_usd"]) for row in csv.DictReader(file)}


def test_all_exports_of_a_folder_are_imported_and_the_rest_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    export(folder / "a/2026/march.csv", 1, 2)
    export(folder / ".hidden/april.csv", 2, 3)
    (folder / "auth.json").write_text('{"token": "secret"}')
    (folder / "notes.txt").write_text("my secret,is here\nand,there\n")
    (folder / "picture.png").write_bytes(bytes(range(256)) * 40)
    (folder / "empty.jsonl").touch()
    report = imported(tmp_path, folder)
    assert costs(tmp_path) == dict.fromkeys(("id-1", "id-2", "id-3"), Decimal("0.01"))
    assert report.rows_read == 4
    assert report.added == 3
    assert [Path(entry.name).name for entry in report.passed_over] == [
        "auth.json",
        "notes.txt",
        "picture.png",
    ]
    assert all(entry.name in entry.reason for entry in report.passed_over)
    assert not any("secret" in entry.reason for entry in report.passed_over)
    assert [line for line in brief_lines(report) if line.startswith("Passed over: ")]
    again = imported(tmp_path, folder, folder / "a/2026/march.csv")
    assert (again.added, again.same, again.rows_read) == (0, 3, 4)


def test_only_some_of_many_files_that_are_none_are_named_at_once(tmp_path: Path) -> None:
    export(tmp_path / "home/calls.csv", 1)
    for number in range(8):
        (tmp_path / f"home/note-{number}.txt").write_text("x\n")
    report = imported(tmp_path, tmp_path / "home")
    assert sum("Passed over" in line for line in report_lines(report)) == 8
    assert [line for line in brief_lines(report) if "Passed over" in line][-1] == (
        "Passed over: 3 more files; --report names them"
    )


def test_a_file_that_is_named_must_be_an_export(tmp_path: Path) -> None:
    export(tmp_path / "home/calls.csv", 1)
    (tmp_path / "home/note.txt").write_text("nothing of interest\n")
    with pytest.raises(NoUsableData, match=r"note.txt has no records"):
        imported(tmp_path, tmp_path / "home/calls.csv", tmp_path / "home/note.txt")
    assert not (tmp_path / "calls.csv").exists()


def test_a_folder_without_exports_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with pytest.raises(UsageError, match="is a folder without files"):
        imported(tmp_path, tmp_path / "home")
    (tmp_path / "home/note.txt").write_text("nothing of interest\n")
    with pytest.raises(UsageError, match="none of 1 files is an export of a known format"):
        imported(tmp_path, tmp_path / "home")


def test_each_file_counts_once_and_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    path = export(tmp_path / "home/calls.csv", 1)
    (tmp_path / "home/round").symlink_to(tmp_path / "home")
    names = [str(path), str(tmp_path / "home"), str(tmp_path / "home/*.csv"), "-"]
    assert [entry.name for entry in meant(names)] == [str(path), "-"]
