"""Rows C15 and C17 to C22 of the fault matrix: writers that die, disks that fill, files that change while read."""

import csv
import errno
import fcntl
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from calls import journal, store
from calls.engine import open_calls
from calls.loading import load
from calls.locking import beside, exclusive
from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from calls.store import append_rows, append_staged, overwrite_staged
from outcome import Misuse, Problem
from tests.calls.call_files import ids, row, rows, staged, text, write

ROOT = Path(__file__).resolve().parents[2]
APPEND_STAGED = (
    "import sys; from pathlib import Path; from calls.store import append_staged; "
    "append_staged(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def child(*arguments: object, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Python in a process of its own, in src/."""
    command = [*before, sys.executable, "-c", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT / "src", stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, stderr = process.communicate(timeout=120)
    return process.returncode, stderr


def assert_whole(path: Path) -> None:
    """One header, and as many fields as it has in every row."""
    with path.open(newline="", encoding="utf-8") as file:
        entries = list(csv.reader(file, strict=True))
    assert {len(entry) for entry in entries} == {len(entries[0])}
    assert entries.count(entries[0]) == 1


def test_c15_torn_last_line_at_every_byte_is_moved_aside(tmp_path: Path) -> None:
    whole = text([row(0), row(1)]).encode()
    start = whole.index(row(1)["timestamp"].encode())
    path = tmp_path / "x.csv"
    for cut in range(start + 1, len(whole)):
        path.write_bytes(whole[:cut])
        append_rows(path, [row(2)])
        (aside,) = tmp_path.glob("x.csv.torn-*")
        assert aside.read_bytes() == whole[start:cut]
        assert ids(path) == ["call_000000", "call_000002"]
        aside.unlink()


def test_c15_torn_header_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"timestamp,call_i")
    append_rows(path, [row(2)])
    assert ids(path) == ["call_000002"]
    assert [aside.read_bytes() for aside in tmp_path.glob("x.csv.torn-*")] == [b"timestamp,call_i"]


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
    from calls import loading

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


@pytest.mark.parametrize(("writers", "each"), [(2, 50_000), (8, 5_000), (20, 200)])
def test_c18_appenders_at_once(tmp_path: Path, writers: int, each: int) -> None:
    path = tmp_path / "x.csv"
    parts = []
    for writer in range(writers):
        part = tmp_path / f"part{writer}.csv"
        line = ",".join(row(0).get(name, "") for name in COLUMN_NAMES)
        lines = (line.replace("call_000000", f"w{writer}_{number}", 1) for number in range(each))
        part.write_text(",".join(COLUMN_NAMES) + "\n" + "\n".join(lines) + "\n")
        parts.append(part)
    assert [ended(process) for process in [child(APPEND_STAGED, path, part) for part in parts]] == [
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


@pytest.mark.parametrize("calls_killed", ["write", "fsync"])
@pytest.mark.parametrize("exists", [True, False])
def test_c19_kill_at_every_write(tmp_path: Path, calls_killed: str, exists: bool) -> None:
    path = tmp_path / "x.csv"
    part = staged(tmp_path / "part.csv", [row(number, user_agent="u" * 300) for number in range(100, 9_000)])
    added = ids(part)
    for when in range(1, 60):
        for leftover in tmp_path.glob("x.csv*"):
            leftover.unlink()
        if exists:
            append_rows(path, rows(3))
        before = ids(path) if exists else []
        tracer = (
            "strace", "-f", "-qq", "-o", os.devnull, "-P", str(path), "-P", str(journal.journal_path(path)),
            "-e", f"trace={calls_killed}", "-e", f"inject={calls_killed}:signal=KILL:when={when}",
        )  # fmt: skip
        code, _ = ended(child(APPEND_STAGED, path, part, before=tracer))
        if code == 0:
            assert when > 1
            assert ids(path) == before + added
            return
        if path.exists() and exists:
            with open_calls(path) as calls:
                assert calls.source.used in {len(before), len(before) + len(added)}
        append_rows(path, [row(99_999)])
        assert ids(path) in ([*before, "call_099999"], [*before, *added, "call_099999"])
        assert_whole(path)
    pytest.fail("the append never ran through")


@pytest.mark.parametrize("when", [1, 2, 3, 4])
def test_c19_in_process_twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    """A process that dies leaves journal and half an append behind, whatever it had written so far."""
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    part = staged(tmp_path / "part.csv", [row(number, user_agent="u" * 900) for number in range(100, 5_000)])
    process = os.fork()
    if process == 0:
        real, count = os.write, [0]

        def dying(descriptor: int, data: bytes) -> int:
            count[0] += 1
            if count[0] > when:
                real(descriptor, bytes(data)[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(descriptor, data)

        os.write = dying  # type: ignore[assignment]
        append_staged(path, part)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    with open_calls(path) as calls:
        assert calls.source.used == 3
        assert calls.source.torn_tail
    append_rows(path, [row(50_000)])
    assert ids(path) == ["call_000000", "call_000001", "call_000002", "call_050000"]


@pytest.mark.parametrize(
    "failure", ["write:error=ENOSPC:when=2", "write:error=EIO:when=1", "fsync:error=EIO:when=1"]
)
def test_c20_disk_fails(tmp_path: Path, failure: str) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    before = path.read_bytes()
    part = staged(tmp_path / "part.csv", [row(number, user_agent="u" * 900) for number in range(100, 5_000)])
    tracer = ("strace", "-f", "-qq", "-o", os.devnull, "-P", str(path), "-e", f"inject={failure}")
    code, stderr = ended(child(APPEND_STAGED, path, part, before=tracer))
    assert code == 1
    assert "could not be written" in stderr.splitlines()[-1]
    assert path.read_bytes() == before
    assert not journal.journal_path(path).exists()
    append_rows(path, [row(3)])
    assert len(ids(path)) == 4


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EFBIG, errno.EIO])
def test_c20_in_process_twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    before = path.read_bytes()
    real = os.write

    def short_then_failing(descriptor: int, data: bytes) -> int:
        if os.fstat(descriptor).st_ino != path.stat().st_ino:
            return real(descriptor, data)
        if os.fstat(descriptor).st_size == len(before):
            return real(descriptor, bytes(data)[:50])
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "write", short_then_failing)
    with pytest.raises(Problem, match="could not be written"):
        append_rows(path, [row(4)])
    assert path.read_bytes() == before


def test_c20_file_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    before = path.read_bytes()
    part = staged(tmp_path / "part.csv", rows(2_000))
    limited = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); "
    )
    code, stderr = ended(child(limited + APPEND_STAGED, path, part))
    assert code == 1
    assert "could not be written" in stderr
    assert path.read_bytes() == before
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_c20_full_device_is_no_csv(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="not a regular file"):
        append_rows(Path("/dev/full"), [row(0)])


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_c21_target_is_no_regular_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.csv"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    for write_to in (
        lambda: append_rows(path, [row(0)]),
        lambda: append_staged(path, staged(tmp_path / "s.csv", rows(1))),
        lambda: overwrite_staged(path, staged(tmp_path / "s.csv", rows(1))),
    ):
        with pytest.raises(Misuse, match="not a regular file"):
            write_to()


def test_c21_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, [row(0)])
    real = os.open

    def refusing(name: object, flags: int, *more: object, **options: object) -> int:
        if Path(str(name)) == path and flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(name, flags, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(Problem, match="Permission denied"):
        append_rows(path, [row(1)])


def test_c22_lock_of_a_killed_holder(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); "
            "print(1, flush=True); time.sleep(600)",
            beside(path, ".lock"),
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(Problem, match="another process has been writing"):
        append_rows(path, [row(0)], wait=0.1)
    holder.kill()
    holder.communicate()
    append_rows(path, [row(0)], wait=10)
    assert ids(path) == ["call_000000"]


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
    with pytest.raises(Misuse, match="lacks column 'timestamp'"):
        append_rows(path, [row(0)])
    assert path.read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bulk", [True, False])
def test_rows_follow_the_header_of_the_file(tmp_path: Path, end: str, bulk: bool) -> None:
    names = ("error_code", *reversed(REQUIRED_NAMES), "status")
    path = write(tmp_path / "x.csv", [row(0, error_code="E1", status="error")], names, end)
    new = row(1, customer_id='a,"b"\nc', status="success", region="eu")
    dropped = append_staged(path, staged(tmp_path / "s.csv", [new])) if bulk else append_rows(path, [new])
    assert dropped == ("region",)
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines[1]["customer_id"].replace("\r\n", "\n") == 'a,"b"\nc'
    assert (lines[1]["error_code"], lines[1]["status"], lines[1]["call_id"]) == ("", "success", "call_000001")
    with open_calls(path) as calls:
        assert (calls.source.accepted, calls.source.rejected) == (2, {})
        assert calls.sql("select sum(cost_usd) as c from calls")[0].c == Decimal("0.003")


def test_an_unknown_column_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="'colour'"):
        append_rows(tmp_path / "x.csv", [row(0) | {"colour": "red"}])
    assert list(tmp_path.iterdir()) == []


def test_overwrite_replaces(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    part = staged(store.staging_path(path), [row(7, customer_id="a\nb"), row(8)])
    overwrite_staged(path, part)
    assert ids(path) == ["call_000007", "call_000008"]
    assert not part.exists()
