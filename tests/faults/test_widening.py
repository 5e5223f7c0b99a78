"""A header that lacks columns for what is appended: the file widens whole, and no row is lost or changed."""

import csv
import stat
from pathlib import Path

import pytest

from calls.engine import open_calls
from calls.schema import REQUIRED_NAMES, TERM_NAMES, TERMS_NOT_RECORDED
from calls.writing.store import append_rows, append_staged
from foundation.outcome import UserError
from tests.calls.call_files import ids, row, staged, write


def fields(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("bulk", [True, False])
def test_a_term_brings_all_columns_of_terms_and_old_calls_say_that_they_have_none(
    tmp_path: Path, bulk: bool
) -> None:
    path = write(tmp_path / "x.csv", [row(0), row(1)], (*REQUIRED_NAMES, "colour"))
    new = row(2, service_tier="batch")
    assert not (append_staged(path, staged(tmp_path / "s.csv", [new])) if bulk else append_rows(path, [new]))
    found = fields(path)
    assert tuple(found[0]) == (*REQUIRED_NAMES, "colour", *TERM_NAMES)
    assert [line["service_tier"] for line in found] == ["", "", "batch"]
    assert [line["cost_gap"] for line in found] == [TERMS_NOT_RECORDED, TERMS_NOT_RECORDED, ""]
    with open_calls(path) as calls:
        assert (calls.source.accepted, calls.source.rejected) == (3, {})
        [tier] = calls.sql("select service_tier from calls where call_id = 'call_000002'")
        assert tier.service_tier == "batch"


def test_a_wide_file_stays_wide_and_is_not_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, [row(0, service_tier="flex")])
    before = path.stat().st_ino, path.read_bytes()
    append_rows(path, [row(1)])
    assert path.stat().st_ino == before[0]
    assert path.read_bytes().startswith(before[1])


QUOTED = '"a ""b"",\n\nc"'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_the_same_bytes_with_quotes_line_ends_and_bad_lines_in_them(
    tmp_path: Path, end: str
) -> None:
    path = tmp_path / "x.csv"
    good = ",".join(row(0).get(name, "") for name in REQUIRED_NAMES)
    quoted = good.removesuffix(row(0)["user_agent"]) + QUOTED
    lines = [",".join(REQUIRED_NAMES), good, "", "too,few", quoted, "1,2" * 30, good]
    path.write_bytes(("\ufeff" + end.join(lines) + end).encode())
    append_rows(path, [row(1, region="eu")])
    widened = [line + "," if line else "" for line in lines[1:]]
    expected = "\ufeff" + end.join([lines[0] + ",region", *widened]) + end
    assert path.read_bytes().decode().startswith(expected)


def test_an_open_quote_leaves_the_file_as_it_is_and_the_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0), row(1)])
    with path.open("a") as file:
        file.write('2026-11-01T00:00:00Z,"open,openai,m,1,1\n')
    before = path.read_bytes()
    assert append_rows(path, [row(2, region="eu")]) == ("region",)
    assert path.read_bytes().startswith(before)


def test_who_may_read_the_file_stays_and_so_does_a_link(tmp_path: Path) -> None:
    path, link = write(tmp_path / "x.csv", [row(0)]), tmp_path / "current.csv"
    path.chmod(0o640)
    link.symlink_to(path)
    append_rows(link, [row(1, region="eu")])
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert ids(path) == ["call_000000", "call_000001"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["current.csv", "x.csv", "x.csv.lock"]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.csv", [row(0)])
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("calls.writing.widening.os.fsync", full)
    with pytest.raises(UserError, match="No space left"):
        append_rows(path, [row(1, region="eu")])
    monkeypatch.undo()
    assert path.read_bytes() == before
    append_rows(path, [row(1, region="eu")])
    assert ids(path) == ["call_000000", "call_000001"]
