"""The table of README.md and the tests agree: each row names tests that exist, each test stands in its row."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROWS = [f"{part}{number}" for part, count in (("C", 37), ("R", 11), ("V", 22), ("H", 4), ("X", 4), ("E", 3)) for number in range(1, count + 1)]  # fmt: skip
OWN = "CRVH"
"""The parts whose tests name nothing else by letter and number."""


def table() -> dict[str, list[Path]]:
    """The files of each row."""
    found: dict[str, list[Path]] = {}
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[CRVHXE]\d+", cells[0]):
            assert cells[0] not in found, cells[0]
            assert len(cells) == 4, line
            found[cells[0]] = [(HERE / name.strip()).resolve() for name in cells[2].split(",")]
    return found


def rows_in(path: Path) -> Iterator[tuple[str, str]]:
    """The rows that the tests of a file name, with the tests' names."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            numbers = re.match(r"test((?:_[a-z]\d+)+)_", node.name)
            for part, number in re.findall(r"_([a-z])0*(\d+)", numbers[1] if numbers else ""):
                yield f"{part.upper()}{number}", node.name


def test_the_table_has_every_row_once() -> None:
    assert list(table()) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_every_row_is_a_test_in_the_files_it_names(row: str) -> None:
    for path in table()[row]:
        assert path.is_file(), path
        assert row in {named for named, _ in rows_in(path)}, f"{path.name} has no test of row {row}"


def test_every_test_of_a_row_stands_in_the_table() -> None:
    listed = table()
    for path in sorted(HERE.glob("test_*.py")):
        for row, name in rows_in(path):
            if row[0] in OWN:
                assert path in listed[row], f"{path.name}: {name} is not in the table"


@pytest.mark.parametrize("row", ["C19", "C20", "C21", "R1", "R4"])
def test_rows_that_need_root_or_a_tracer_have_a_counterpart(row: str) -> None:
    names = [name for path in table()[row] for named, name in rows_in(path) if named == row]
    assert any(name.endswith("in_process_counterpart") for name in names)
