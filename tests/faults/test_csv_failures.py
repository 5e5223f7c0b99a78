"""Rows C15 and C19 to C22 of the fault matrix: writers that die, disks that fill, files nobody may write."""

import csv
import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from calls.engine import open_calls
from calls.file import journal
from calls.file.locking import beside
from calls.schema import COLUMN_NAMES
from calls.writing.store import append_rows, append_staged, overwrite_staged
from foundation.outcome import UsageError, UserError
from tests.calls.call_files import ids, row, rows, staged, text, write
from tests.faults.injection import RENAMES, ended, failing, killing, limited, python, small_disk
from tests.running import run_script

APPEND = (
    "import sys; from pathlib import Path; from calls.writing.store import append_staged; "
    "append_staged(Path(sys.argv[1]), Path(sys.argv[2]))"
)
READ = "import sys; from calls.engine import open_calls; assert open_calls(sys.argv[1]).source.used == 3"
OVERWRITE = APPEND.replace("append_staged", "overwrite_staged")
SIMULATE = ("simulator/core.py", "--customers", "3", "--days", "5", "--end-date", "2026-11-20", "--quiet")
MANY_WRITES = 60
LINKS = "link,linkat"


def assert_whole(path: Path) -> None:
    """One header, and as many fields as it has in every row."""
    with path.open(newline="", encoding="utf-8") as file:
        entries = list(csv.reader(file, strict=True))
    assert {len(entry) for entry in entries} == {len(entries[0])}
    assert entries.count(entries[0]) == 1


def umask() -> int:
    """What this process takes from the modes of new files."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def aside(path: Path) -> bytes:
    """What was moved aside, all together."""
    return b"".join(part.read_bytes() for part in sorted(path.parent.glob(f"{path.name}.torn-*")))


def test_c15_torn_last_line_at_every_byte_is_moved_aside(tmp_path: Path) -> None:
    whole = text([row(0), row(1)]).encode()
    start = whole.index(row(1)["timestamp"].encode())
    path = tmp_path / "x.csv"
    for cut in range(start + 1, len(whole)):
        path.write_bytes(whole[:cut])
        append_rows(path, [row(2)])
        (kept,) = tmp_path.glob("x.csv.torn-*")
        assert kept.read_bytes() == whole[start:cut]
        assert ids(path) == ["call_000000", "call_000002"]
        kept.unlink()


def test_c15_torn_header_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"timestamp,call_i")
    append_rows(path, [row(2)])
    assert ids(path) == ["call_000002"]
    assert aside(path) == b"timestamp,call_i"


def test_c15_who_appends_is_told_what_was_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    run_script(*SIMULATE, "--out", path)
    with path.open("ab") as file:
        file.write(b"2026-11-20T00:00:00Z,call_to")
    said = run_script("simulator/scenarios/burst_traffic.py", *SIMULATE[1:], "--out", path).stderr
    (kept,) = tmp_path.glob("x.csv.torn-*")
    assert f"its last 28 bytes are kept in {kept.name}" in said
    assert kept.read_bytes() == b"2026-11-20T00:00:00Z,call_to"


@pytest.mark.parametrize("calls", ["write", "fsync", "unlink"])
@pytest.mark.parametrize("exists", [True, False])
def test_c19_kill_at_every_write(tmp_path: Path, calls: str, exists: bool) -> None:
    path = tmp_path / "x.csv"
    part = staged(tmp_path / "part.csv", [row(number, user_agent="u" * 300) for number in range(100, 9_000)])
    added = ids(part)
    for when in range(1, MANY_WRITES):
        for leftover in tmp_path.glob("x.csv*"):
            leftover.unlink()
        if exists:
            append_rows(path, rows(3))
        else:
            path.touch()
        before = ids(path) if exists else []
        tracer = killing(calls, when, path, journal.journal_path(path))
        code, _ = ended(python("-c", APPEND, path, part, before=tracer))
        if code == 0:
            assert when > 1
            assert ids(path) == before + added
            return
        if path.exists() and exists:
            with open_calls(path) as opened:
                assert opened.source.used in {len(before), len(before) + len(added)}
        append_rows(path, [row(99_999)])
        assert ids(path) in ([*before, "call_099999"], [*before, *added, "call_099999"])
        assert_whole(path)
    pytest.fail("the append never ran through")


def test_c19_kill_while_a_new_file_gets_its_name(tmp_path: Path) -> None:
    path, part = tmp_path / "x.csv", staged(tmp_path / "part.csv", rows(3))
    code, _ = ended(python("-c", APPEND, path, part, before=killing(LINKS, 1, path)))
    assert code != 0
    assert not path.exists()
    assert ended(python("-c", APPEND, path, part))[0] == 0
    assert path.read_bytes() == part.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o644 & ~umask()


def test_c19_a_filesystem_without_links_gets_a_copy(tmp_path: Path) -> None:
    path, part = tmp_path / "x.csv", staged(tmp_path / "part.csv", rows(3))
    code, _ = ended(python("-c", APPEND, path, part, before=failing(LINKS, "EPERM", "1+", path)))
    assert code == 0
    assert path.read_bytes() == part.read_bytes()
    assert not path.samefile(part)


@pytest.mark.parametrize("calls", ["fsync", "ftruncate", "write"])
def test_c19_kill_while_a_torn_tail_is_moved_aside(tmp_path: Path, calls: str) -> None:
    """The torn bytes are in the file, aside, or in both; they are nowhere lost, and no row is glued to them."""
    path = tmp_path / "x.csv"
    part = staged(tmp_path / "part.csv", [row(5)])
    for when in range(1, MANY_WRITES):
        for leftover in tmp_path.glob("x.csv*"):
            leftover.unlink()
        path.write_bytes(text(rows(3), COLUMN_NAMES).encode() + b"torn tail")
        code, _ = ended(python("-c", APPEND, path, part, before=killing(calls, when)))
        append_rows(path, [row(6)])
        assert b"torn tail" in aside(path)
        assert ids(path)[:3] == ["call_000000", "call_000001", "call_000002"]
        assert ids(path)[-1] == "call_000006"
        assert_whole(path)
        if code == 0:
            return
    pytest.fail("the append never ran through")


@pytest.mark.parametrize("calls", ["fsync", RENAMES])
def test_c19_kill_while_a_file_is_replaced(tmp_path: Path, calls: str) -> None:
    path = tmp_path / "x.csv"
    for when in range(1, MANY_WRITES):
        append_rows(path, rows(3)) if not path.exists() else overwrite_staged(
            path, staged(tmp_path / "old.csv", rows(3))
        )
        part = staged(tmp_path / "new.csv", [row(7), row(8)])
        code, _ = ended(python("-c", OVERWRITE, path, part, before=killing(calls, when)))
        assert ids(path) in (["call_000000", "call_000001", "call_000002"], ["call_000007", "call_000008"])
        if code == 0:
            assert when > 1
            return
    pytest.fail("the replacement never ran through")


@pytest.mark.parametrize("when", [1, 2, 3, 4])
def test_c19_in_process_counterpart(tmp_path: Path, when: int) -> None:
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


def test_c19_a_killed_simulator_leaves_nothing_beside_the_file_once_another_has_run(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    run_script(*SIMULATE, "--out", path)
    before = ids(path)
    code, _ = ended(python(*SIMULATE, "--out", path, before=killing("sendfile", 1)))
    assert code != 0
    assert ids(path) == before
    assert [entry for entry in tmp_path.iterdir() if entry.is_dir()] != []
    run_script(*SIMULATE, "--out", path)
    assert {entry.name for entry in tmp_path.iterdir()} == {"x.csv", "x.csv.lock"}


@pytest.mark.parametrize(
    ("calls", "error", "when"), [("write", "ENOSPC", "2"), ("write", "EIO", "1"), ("fsync", "EIO", "1")]
)
def test_c20_disk_fails(tmp_path: Path, calls: str, error: str, when: str) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    before = path.read_bytes()
    part = staged(tmp_path / "part.csv", [row(number, user_agent="u" * 900) for number in range(100, 5_000)])
    code, stderr = ended(python("-c", APPEND, path, part, before=failing(calls, error, when, path)))
    assert code == 1
    assert "could not be written" in stderr.splitlines()[-1]
    assert path.read_bytes() == before
    assert not journal.journal_path(path).exists()
    append_rows(path, [row(3)])
    assert len(ids(path)) == 4


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EFBIG, errno.EIO])
def test_c20_in_process_counterpart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
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
    with pytest.raises(UserError, match="could not be written"):
        append_rows(path, [row(4)])
    assert path.read_bytes() == before


def test_c20_rows_that_others_write_beside_a_failing_append_are_kept_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that holds no lock appends between our last write and its failure."""
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    foreign = text([row(8)], COLUMN_NAMES).splitlines(keepends=True)[1].encode()
    real = os.write

    def failing_beside_another(descriptor: int, data: bytes) -> int:
        if os.fstat(descriptor).st_ino != path.stat().st_ino:
            return real(descriptor, data)
        if len(data) > 100:
            return real(descriptor, bytes(data)[:100])
        with path.open("ab") as other:
            other.write(foreign)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", failing_beside_another)
    with pytest.raises(UserError, match="No space left"):
        append_rows(path, [row(4)])
    monkeypatch.undo()
    with open_calls(path) as calls:
        assert (calls.source.used, calls.source.torn_tail) == (3, True)
    append_rows(path, [row(5)])
    assert ids(path) == ["call_000000", "call_000001", "call_000002", "call_000005"]
    assert foreign in aside(path)


def test_c20_full_disk(tmp_path: Path) -> None:
    """A filesystem of 1 MiB, or, where the system grants none, files of at most 1 MiB."""
    disk = tmp_path / "disk"
    with small_disk(disk, 1_024) as granted:
        path = disk / "x.csv"
        append_rows(path, rows(3))
        before = path.read_bytes()
        large = staged(tmp_path / "part.csv", rows(9_000))
        command = python("-c", APPEND, path, large, before=() if granted else limited(1_024))
        code, stderr = ended(command)
        assert code == 1
        assert "could not be written" in stderr.splitlines()[-1]
        assert path.read_bytes() == before
        append_rows(path, [row(3)], wait=5)
        assert len(ids(path)) == 4


def test_c20_full_disk_under_a_script(tmp_path: Path) -> None:
    """One sentence, no traceback, the old calls as they were, nothing left beside them."""
    disk = tmp_path / "disk"
    with small_disk(disk, 400) as granted:
        path = disk / "x.csv"
        append_rows(path, rows(3))
        before = path.read_bytes()
        larger = ("simulator/core.py", "--customers", "20", "--days", "30", "--quiet", "--out", path)
        code, stderr = ended(python(*larger, before=() if granted else limited(400)))
        assert code == 1
        assert len(stderr.strip().splitlines()) == 1
        assert stderr.startswith("❌ ")
        assert path.read_bytes() == before
        assert {entry.name for entry in disk.iterdir()} <= {"x.csv", "x.csv.lock"}


@pytest.mark.parametrize("kibibytes", [800, 1_000])
def test_c20_full_disk_while_rows_are_replaced(tmp_path: Path, kibibytes: int) -> None:
    """Fuller records of half the calls: the disk is full, not the file unreadable. Larger disks fill up later."""
    disk, export = tmp_path / "disk", tmp_path / "export.csv"
    write(export, [row(number, output_tokens="900") for number in range(1_500, 3_200)])
    with small_disk(disk, kibibytes) as granted:
        if not granted:
            pytest.skip("no filesystem of its own is granted here")
        path = write(disk / "x.csv", rows(3_000))
        before = path.read_bytes()
        code, stderr = ended(python("import_usage.py", export, "--out", path, "--quiet"))
        assert (code, path.read_bytes()) == (1, before)
        assert "No space left on device); nothing was written" in stderr
        assert {entry.name for entry in disk.iterdir()} <= {"x.csv", "x.csv.lock", "x.csv.import.lock"}


def test_c20_file_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    before = path.read_bytes()
    part = staged(tmp_path / "part.csv", rows(2_000))
    code, stderr = ended(python("-c", APPEND, path, part, before=limited(64)))
    assert code == 1
    assert "could not be written" in stderr
    assert path.read_bytes() == before


def test_c20_full_device_is_no_csv() -> None:
    with pytest.raises(UsageError, match="not a regular file"):
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
        with pytest.raises(UsageError, match="not a regular file"):
            write_to()


def as_nobody() -> tuple[str, ...]:
    """What makes a command run without root's power to write everywhere."""
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.getuid() == 0 else ()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_c21_read_only(tmp_path: Path, what: str) -> None:
    for folder in (*tmp_path.parents[:2], tmp_path):
        folder.chmod(0o755)
    place = tmp_path / "place"
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    path = place / "x.csv"
    append_rows(path, rows(3))
    before = path.read_bytes()
    beside(path, ".lock").chmod(0o666)
    path.chmod(0o444 if what == "file" else 0o666)
    place.chmod(0o777 if what == "file" else 0o555)
    part = staged(tmp_path / "part.csv", [row(9)])
    script = (
        "import sys; from pathlib import Path; from foundation.console import run; from calls.writing.store import append_staged\n"
        "sys.exit(run(lambda: bool(append_staged(Path(sys.argv[1]), Path(sys.argv[2])))))"
    )
    code, stderr = ended(python("-c", script, path, part, before=as_nobody()))
    place.chmod(0o777)
    assert code == 1
    assert len(stderr.strip().splitlines()) == 1
    assert str(path) in stderr
    assert "Permission denied" in stderr
    assert path.read_bytes() == before


def test_c21_in_process_counterpart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, [row(0)])
    real = os.open

    def refusing(name: object, flags: int, *more: object, **options: object) -> int:
        if Path(str(name)) == path and flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(name, flags, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(UserError, match="Permission denied"):
        append_rows(path, [row(1)])


def test_c21_a_link_in_the_place_of_the_lock_harms_nothing(tmp_path: Path) -> None:
    """Who may write to the folder must not make another user's run empty a file elsewhere."""
    path, treasure = tmp_path / "x.csv", tmp_path / "treasure"
    append_rows(path, rows(3))
    treasure.write_text("mine")
    beside(path, ".lock").unlink()
    beside(path, ".lock").symlink_to(treasure)
    with pytest.raises(OSError, match="symbolic links"):
        append_rows(path, [row(4)])
    assert treasure.read_text() == "mine"


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_c21_what_is_no_note_in_the_place_of_the_journal_harms_nothing(tmp_path: Path, kind: str) -> None:
    path, treasure = tmp_path / "x.csv", tmp_path / "treasure"
    append_rows(path, rows(3))
    treasure.write_text("mine")
    place = journal.journal_path(path)
    {"link": lambda: place.symlink_to(treasure), "fifo": lambda: os.mkfifo(place), "folder": place.mkdir}[
        kind
    ]()
    with open_calls(path) as calls:
        assert calls.source.used == 3
    if kind == "folder":
        with pytest.raises(UserError, match="could not be written"):
            append_rows(path, [row(4)])
        place.rmdir()
    append_rows(path, [row(4)])
    assert len(ids(path)) == 4
    assert treasure.read_text() == "mine"


@pytest.mark.parametrize("note", ["{inode} -5\n", "{inode} 5", "{inode}\n", "x y\n", "0 1\n"])
def test_c21_a_note_of_the_journal_that_cannot_be_is_none(tmp_path: Path, note: str) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    journal.journal_path(path).write_text(note.format(inode=path.stat().st_ino))
    with open_calls(path) as calls:
        assert calls.source.used == 3
    append_rows(path, [row(4)])
    assert len(ids(path)) == 4


def test_c21_a_socket_in_the_place_of_the_lock_keeps_no_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    beside(path, ".lock").unlink()
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind("x.csv.lock")
        assert ended(python("-c", READ, path)) == (0, "")


def test_c21_a_replaced_file_can_be_read_by_the_same_people(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    append_rows(path, rows(3))
    path.chmod(0o600)
    overwrite_staged(path, staged(tmp_path / "new.csv", rows(5)))
    assert len(ids(path)) == 5
    assert path.stat().st_mode & 0o777 == 0o600


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
    with pytest.raises(UserError, match="another process has been writing"):
        append_rows(path, [row(0)], wait=0.1)
    holder.kill()
    holder.communicate()
    append_rows(path, [row(0)], wait=10)
    assert ids(path) == ["call_000000"]


def test_c20_an_import_on_a_full_disk_names_the_file(tmp_path: Path) -> None:
    """A disk, or where none is granted a limit on every file, that is smaller than the calls."""
    export, disk = tmp_path / "export.csv", tmp_path / "disk"
    export.write_text(text(rows(20_000)))
    with small_disk(disk, 1_024) as granted:
        target = disk / "calls.csv"
        flags = ("import_usage.py", export, "--out", target, "--quiet")
        code, stderr = ended(python(*flags, before=() if granted else limited(1_024)))
        assert code == 1
        assert len(stderr.strip().splitlines()) == 1
        assert str(target) in stderr
        assert "No space left on device" in stderr or not granted
        assert [path.name for path in disk.glob("*.csv")] == []
