"""Rows C17 and C18 of the fault matrix: files that change while they are read, and many writers at once."""

import csv
import fcntl
import random
import subprocess
import threading
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from calls.engine import open_calls
from calls.file.locking import beside, exclusive
from calls.reading.loading import load
from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from calls.writing.store import append_rows, append_staged, overwrite_staged
from foundation.outcome import UsageError, UserError
from tests.calls.call_files import ids, row, rows, staged, text, write
from tests.faults.injection import ended, python

APPEND = (
    "import sys; from pathlib import Path; from calls.writing.store import append_staged; "
    "append_staged(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def assert_whole(path: Path) -> None:
    """One header, and as many fields as it has in every row."""
    with path.open(newline="", encoding="utf-8") as file:
        entries = list(csv.reader(file, strict=True))
    assert {len(entry) for entry in entries} == {len(entries[0])}
    assert entries.count(entries[0]) == 1


@pytest.mark.slow
def test_c17_file_replaced_while_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    versions = [text(rows(count, customer_id=f"v{count}")).encode() for count in (50, 4_000)]
    path.write_bytes(versions[0])
    stop = threading.Event()

    def swap() -> None:
        generator = random.Random(1)
        while not stop.is_set():
            fresh = tmp_path / "fresh"
            fresh.write_bytes(generator.choice(versions))
            fresh.replace(path)

    thread = threading.Thread(target=swap)
    thread.start()
    connection = duckdb.connect()
    signature = "select count(*), min(customer_id), max(customer_id) from accepted_calls"
    seen = set()
    try:
        for _ in range(200):
            load(connection, path, frozenset(), allow_credits=False)
            seen.add(connection.execute(signature).fetchall()[0])
    finally:
        stop.set()
        thread.join()
        connection.close()
    assert seen <= {(50, "v50", "v50"), (4_000, "v4000", "v4000")}


@pytest.mark.slow
def test_c17_file_growing_while_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(10))
    stop = threading.Event()

    def grow() -> None:
        batch = 1
        while not stop.is_set() and batch < 4_000:
            append_rows(path, [row(batch * 10 + place) for place in range(10)])
            batch += 1

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        for _ in range(15):
            with open_calls(path) as calls:
                assert calls.source.rejected == {}
                (seen,) = calls.sql(
                    "select count(*) as n, count(distinct call_id) as m, max(call_id) as last from calls"
                )
                assert seen.n % 10 == 0
                assert (seen.n, f"call_{seen.n - 1:06d}") == (seen.m, seen.last)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("damage", ["truncate", "rewrite"])
def test_c17_file_changed_between_look_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    from calls.reading import loading

    path = write(tmp_path / "x.csv", rows(300, customer_id="old"))
    real, done = loading._typed_load, []

    def interfering(*arguments: object, **options: object) -> bool:
        if not done:
            done.append(1)
            new = text(rows(20 if damage == "truncate" else 400, customer_id="new"))
            path.write_text(new)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "_typed_load", interfering)
    calls = open_calls(path)
    assert calls.sql("select distinct customer_id from calls") == [("new",)]
    assert calls.source.used == (20 if damage == "truncate" else 400)


@pytest.mark.parametrize(("writers", "each"), [(2, 50_000), (8, 50_000), (20, 500)])
def test_c18_appenders_at_once(tmp_path: Path, writers: int, each: int) -> None:
    path = tmp_path / "x.csv"
    parts = []
    for writer in range(writers):
        part = tmp_path / f"part{writer}.csv"
        line = ",".join(row(0).get(name, "") for name in COLUMN_NAMES)
        lines = (line.replace("call_000000", f"w{writer}_{number}", 1) for number in range(each))
        part.write_text(",".join(COLUMN_NAMES) + "\n" + "\n".join(lines) + "\n")
        parts.append(part)
    assert [ended(process) for process in [python("-c", APPEND, path, part) for part in parts]] == [
        (0, "")
    ] * writers
    found = ids(path)
    assert len(found) == writers * each
    assert len(set(found)) == writers * each
    assert_whole(path)


def test_c18_a_shell_that_pauses_within_a_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, [row(0)])
    line = text([row(1)], COLUMN_NAMES).splitlines()[1]
    script = f"printf '%s' '{line[:40]}' >> {path}; sleep 0.7; printf '%s\\n' '{line[40:]}' >> {path}"
    shell = subprocess.Popen(["flock", beside(path, ".lock"), "-c", script])
    while path.stat().st_size == len(text([row(0)], COLUMN_NAMES)):
        time.sleep(0.01)
    append_rows(path, [row(2)])
    assert shell.wait() == 0
    assert ids(path) == ["call_000000", "call_000001", "call_000002"]


def test_c18_readers_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, [row(0)])
    seen: list[int] = []
    with exclusive(path):
        thread = threading.Thread(target=lambda: seen.append(open_calls(path).source.used))
        thread.start()
        time.sleep(0.2)
        assert seen == []
    thread.join()
    assert seen == [1]


def test_lock_file_is_an_ordinary_flock(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with exclusive(path), beside(path, ".lock").open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_foreign_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="lacks column 'timestamp'"):
        append_rows(path, [row(0)])
    assert path.read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bulk", [True, False])
def test_rows_follow_the_header_of_the_file(tmp_path: Path, end: str, bulk: bool) -> None:
    names = ("error_code", *reversed(REQUIRED_NAMES), "status")
    path = write(tmp_path / "x.csv", [row(0, error_code="E1", status="error")], names, end)
    new = row(1, customer_id='a,"b"\nc', status="success", region="eu")
    before = path.read_bytes().decode().split(end)[1]
    dropped = append_staged(path, staged(tmp_path / "s.csv", [new])) if bulk else append_rows(path, [new])
    assert dropped == ()
    assert path.read_bytes().decode().split(end)[:2] == [",".join((*names, "region")), before + ","]
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines[1]["customer_id"].replace("\r\n", "\n") == 'a,"b"\nc'
    assert (lines[1]["error_code"], lines[1]["status"], lines[1]["call_id"]) == ("", "success", "call_000001")
    with open_calls(path) as calls:
        assert (calls.source.accepted, calls.source.rejected) == (2, {})
        assert calls.sql("select sum(cost_usd) as c from calls")[0].c == Decimal("0.003")


def test_an_unknown_column_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'colour'"):
        append_rows(tmp_path / "x.csv", [row(0) | {"colour": "red"}])
    assert list(tmp_path.iterdir()) == []


def test_overwrite_replaces(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    part = staged(tmp_path / "staged.csv", [row(7, customer_id="a\nb"), row(8)])
    overwrite_staged(path, part)
    assert ids(path) == ["call_000007", "call_000008"]
    assert not part.exists()


def test_overwrite_refuses_a_file_that_was_written_to_since_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    before = path.stat()
    append_rows(path, [row(3)])
    part = staged(tmp_path / "staged.csv", [row(7)])
    with pytest.raises(UserError, match="written to meanwhile"):
        overwrite_staged(path, part, since=before)
    assert len(ids(path)) == 4
    overwrite_staged(path, part, since=path.stat())
    assert ids(path) == ["call_000007"]


def test_c18_writers_by_another_name_of_the_file_meet_the_same_lock(tmp_path: Path) -> None:
    path, link = tmp_path / "x.csv", tmp_path / "elsewhere" / "current.csv"
    append_rows(path, [row(0)])
    link.parent.mkdir()
    link.symlink_to(path)
    with exclusive(path), pytest.raises(UserError, match="another process has been writing"):
        append_rows(link, [row(1)], wait=0.1)
    append_rows(link, [row(1)])
    assert ids(path) == ["call_000000", "call_000001"]
    assert [entry.name for entry in link.parent.iterdir()] == ["current.csv"]


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "x.csv", tmp_path / "current.csv"
    append_rows(path, [row(0)])
    link.symlink_to(path)
    overwrite_staged(link, staged(tmp_path / "staged.csv", [row(7)]))
    assert link.is_symlink()
    assert ids(path) == ["call_000007"]


def test_c18_a_writer_without_a_lock_loses_no_row_and_breaks_none(tmp_path: Path) -> None:
    """Another program appends whole rows at any time while ours append: all are there, once."""
    path = tmp_path / "x.csv"
    append_rows(path, [row(0)])
    line = text([row(0)], COLUMN_NAMES).splitlines(keepends=True)[1]
    script = (
        "import os, sys\n"
        "file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)\n"
        "for number in range(3000): os.write(file, sys.argv[2].replace('call_000000', f'other_{number}').encode())"
    )
    part = staged(tmp_path / "part.csv", [row(number, user_agent="u" * 200) for number in range(1, 6_001)])
    processes = [python("-c", script, path, line), python("-c", APPEND, path, part)]
    assert [ended(process) for process in processes] == [(0, ""), (0, "")]
    found = ids(path)
    assert sorted(found) == sorted(
        ["call_000000", *ids(part), *(f"other_{number}" for number in range(3_000))]
    )
    assert_whole(path)
