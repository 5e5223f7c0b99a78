"""Folders for what is not in place yet: those of living processes stay, those of dead ones go."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from calls.file.scratch import remove_abandoned, scratch_folder
from tests.running import SRC

HOLDER = (
    "import sys, time; from pathlib import Path; from calls.file.scratch import scratch_folder\n"
    "with scratch_folder(Path(sys.argv[1]), '.work-') as folder:\n"
    "    (folder / 'rows').write_text('half'); print(folder, flush=True); time.sleep(600)"
)


def holder(parent: Path) -> tuple["subprocess.Popen[str]", Path]:
    """A process that holds a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, parent], cwd=SRC, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def folders(parent: Path) -> set[str]:
    return {path.name for path in parent.iterdir()}


def fill_and_fail(parent: Path) -> None:
    with scratch_folder(parent, ".work-") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
        assert (folder.parent, folder.stat().st_mode & 0o777) == (parent, 0o700)
        raise RuntimeError


def test_a_folder_is_gone_at_the_end_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        fill_and_fail(tmp_path)
    assert folders(tmp_path) == set()


def test_what_a_killed_process_left_goes_with_the_next_one(tmp_path: Path) -> None:
    process, folder = holder(tmp_path)
    process.kill()
    process.communicate()
    assert (folder / "rows").exists()
    with scratch_folder(tmp_path, ".work-") as mine:
        assert folders(tmp_path) == {mine.name}


def test_the_folder_of_a_living_process_stays(tmp_path: Path) -> None:
    process, folder = holder(tmp_path)
    try:
        process.send_signal(signal.SIGSTOP)  # it lives, though it does nothing
        with scratch_folder(tmp_path, ".work-"):
            assert (folder / "rows").read_text() == "half"
        assert folders(tmp_path) == {folder.name}
    finally:
        process.kill()
        process.communicate()


def test_other_names_files_and_links_stay(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "treasure").write_text("mine")
    parent = tmp_path / "parent"
    parent.mkdir()
    (parent / ".work-link").symlink_to(outside)
    (parent / ".work-file").write_text("mine")
    (parent / "work").mkdir()
    remove_abandoned(parent, ".work-")
    assert folders(parent) == {".work-link", ".work-file", "work"}
    assert (outside / "treasure").read_text() == "mine"


def test_many_at_once_never_take_each_other_s_folder_away(tmp_path: Path) -> None:
    lost = []

    def work() -> None:
        for number in range(60):
            with scratch_folder(tmp_path, ".work-") as folder:
                (folder / "rows").write_text(str(number))
                if (folder / "rows").read_text() != str(number):
                    lost.append(folder)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []
    assert folders(tmp_path) == set()


def test_a_folder_taken_for_abandoned_while_it_is_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process cleans up between the making of the folder and the lock on it."""
    real, cleaned = os.open, []

    def cleaning(path: object, *more: object, **options: object) -> int:
        descriptor = real(path, *more, **options)  # type: ignore[arg-type]
        if not cleaned and str(path).startswith(str(tmp_path / ".work-")):
            cleaned.append(path)
            Path(str(path)).rmdir()
        return descriptor

    monkeypatch.setattr(os, "open", cleaning)
    with scratch_folder(tmp_path, ".work-") as folder:
        assert folder.is_dir()
        assert str(folder) != cleaned[0]


@pytest.mark.parametrize("number", [9, 38])
def test_where_there_are_no_locks_folders_are_made_and_none_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / ".work-old").mkdir()

    def no_locks(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with scratch_folder(tmp_path, ".work-") as folder:
        assert folders(tmp_path) == {".work-old", folder.name}
    assert folders(tmp_path) == {".work-old"}
