"""The workbench of an import: it has a place for each column of a call."""

from pathlib import Path

from calls.schema import COLUMNS
from interchange.importers.draft import draft_name
from interchange.importers.staging import workbench


def test_records_have_each_column_of_a_call(tmp_path: Path) -> None:
    with workbench(tmp_path) as connection:
        held = {name for name, *_ in connection.execute("describe records").fetchall()}
    assert {draft_name(column.name) for column in COLUMNS} <= held
