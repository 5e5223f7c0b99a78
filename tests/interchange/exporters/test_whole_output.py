"""An export is there whole or not at all: full disks, killed writers, and targets that must not be replaced."""

import hashlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.outcome import ExitCode, UsageError, UserError
from interchange.exporters.export_run import SUFFIXES
from interchange.exporters.whole_output import replacing_file, replacing_folder
from tests.calls import call_files
from tests.interchange.exporters.exporting import exported
from tests.running import SRC, run_script


@pytest.fixture
def source(tmp_path: Path) -> Path:
    texts = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(4_000)]
    rows = [
        call_files.row(number, user_agent=text, customer_id=text, organization_id=text)
        for number, text in enumerate(texts)
    ]
    return call_files.write(tmp_path / "calls.csv", rows)


def small_files_only() -> None:
    """Lets this process write no file beyond 100 KB: the disk is full there."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


@pytest.mark.parametrize("format_", SUFFIXES)
def test_a_full_disk_is_one_sentence_and_the_old_file_stays(
    source: Path, tmp_path: Path, format_: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "export").write_text("old")
    done = subprocess.run(
        [sys.executable, str(SRC / "export_data.py"), "--format", format_, "--data", str(source),
         "--out", str(folder / "export")],
        capture_output=True, text=True, check=False, preexec_fn=small_files_only, cwd=SRC,
    )  # fmt: skip
    assert done.returncode == ExitCode.FAILED, done.stderr
    assert done.stderr.count("\n") == 1
    assert "could not be written" in done.stderr
    assert "what was there stays" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["export"]
    assert (folder / "export").read_text() == "old"


def test_a_full_disk_leaves_the_old_folder(source: Path, tmp_path: Path) -> None:
    exported(source, tmp_path / "days", "parquet", by_day=True)
    before = {path: path.read_bytes() for path in (tmp_path / "days").rglob("*.parquet")}
    done = subprocess.run(
        [sys.executable, str(SRC / "export_data.py"), "--format", "parquet", "--partition-by", "day", "--data",
         str(source), "--out", str(tmp_path / "days")],
        capture_output=True, text=True, check=False, cwd=SRC,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000)),
    )  # fmt: skip
    assert done.returncode in (ExitCode.FAILED, -signal.SIGXFSZ)
    assert {path: path.read_bytes() for path in (tmp_path / "days").rglob("*.parquet")} == before


@pytest.mark.parametrize("moment", ["write", "fsync", "rename"])
def test_a_killed_export_leaves_old_or_new_and_the_next_one_cleans_up(
    source: Path, tmp_path: Path, moment: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "export.jsonl"
    target.write_text("old")
    trace = {"rename": "rename,renameat,renameat2", "write": "write,pwrite64,writev"}.get(moment, moment)
    script = (
        "from pathlib import Path\n"
        "from tests.interchange.exporters.exporting import exported\n"
        f"exported(Path({str(source)!r}), Path({str(target)!r}), 'jsonl')\n"
    )
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={trace}", "-e",
         f"inject={trace}:signal=KILL:when=1", sys.executable, "-B", "-c", script],
        cwd=SRC.parent, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": f"{SRC.parent}:{SRC}"},
    )  # fmt: skip
    assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
    whole = target.read_text()
    assert whole == "old" or whole.count("\n") == 4_000
    exported(source, target, "jsonl")
    assert [path.name for path in folder.iterdir()] == ["export.jsonl"]
    assert target.read_text().count("\n") == 4_000


def test_a_run_beside_this_one_keeps_its_work(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    with replacing_file(target) as mine:
        mine.write_text("mine")
        other = mine.with_name(mine.name.replace(str(os.getpid()), str(os.getppid())))
        other.write_text("another's")
        with replacing_folder(tmp_path / "y") as folder:
            (folder / "z").write_text("z")
        assert other.exists()
        other.unlink()
    assert target.read_text() == "mine"


def test_a_folder_moved_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    aside = tmp_path / ".days.export-999999999-old"
    aside.mkdir()
    (aside / "kept").write_text("kept")
    with pytest.raises(UserError), replacing_folder(tmp_path / "days") as folder:
        raise OSError(28, os.strerror(28), str(folder))
    assert (tmp_path / "days" / "kept").read_text() == "kept"


def test_links_are_followed_and_stay(source: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "calls.jsonl").write_text("old")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real" / "calls.jsonl")
    exported(source, tmp_path / "link.jsonl", "jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real" / "calls.jsonl").read_text().count("\n") == 4_000


def test_what_must_not_be_replaced_is_refused(source: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.doc").write_text("precious")
    (tmp_path / "link.csv").symlink_to(source)
    for target, options, words in (
        (source, {}, "the file of the calls itself"),
        (tmp_path / "link.csv", {}, "the file of the calls itself"),
        (tmp_path / "pipe", {}, "not a regular file"),
        (tmp_path / "folder", {}, "not a regular file"),
        (tmp_path / "missing" / "x.csv", {}, "is not a folder"),
        (tmp_path / "folder", {"by_day": True}, "thesis.doc"),
        (tmp_path / "pipe", {"by_day": True}, "is a file"),
    ):
        with pytest.raises(UsageError, match=words):
            exported(source, target, "parquet" if options else "csv", **options)
    assert (tmp_path / "folder" / "thesis.doc").read_text() == "precious"


def test_kept_days_are_those_not_exported_anew(tmp_path: Path) -> None:
    rows = [call_files.row(day, timestamp=f"2026-03-{day:02d}T12:00:00Z") for day in (1, 2, 3)]
    source = call_files.write(tmp_path / "calls.csv", rows)
    folder = tmp_path / "days"
    exported(source, folder, "parquet", by_day=True)
    first = {path.parent.name: path.read_bytes() for path in folder.rglob("*.parquet")}
    call_files.write(source, [*rows, call_files.row(9, timestamp="2026-03-03T13:00:00Z")])
    exported(source, folder, "parquet", by_day=True, keep_days=True, since="2026-03-03")
    second = {path.parent.name: path.read_bytes() for path in folder.rglob("*.parquet")}
    assert sorted(second) == ["day=2026-03-01", "day=2026-03-02", "day=2026-03-03"]
    assert {day for day in first if first[day] != second[day]} == {"day=2026-03-03"}
    exported(source, folder, "parquet", by_day=True, since="2026-03-03")
    assert [path.name for path in folder.iterdir()] == ["day=2026-03-03"]


def test_an_empty_selection_changes_nothing(source: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("old")
    done = run_script("export_data.py", "--format", "csv", "--data", source, "--out", tmp_path / "x.csv",
                      "--where", "model=none", code=3)  # fmt: skip
    assert "none of 4,000 calls passes the filters" in done.stderr
    assert (tmp_path / "x.csv").read_text() == "old"
