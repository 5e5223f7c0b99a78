"""Row R1 of the fault matrix: a run is killed at each of its system calls in turn; what is served is whole."""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from calls.file.flushing import flush
from reporting import publishing, staging
from reporting.earlier import Earlier
from reporting.page_set import page_set
from reporting.publishing import publish
from tests.faults.injection import RENAMES, ended, killing, python
from tests.faults.report_sets import (
    MANIFEST,
    Contents,
    PausedRun,
    assert_every_file_whole,
    paused_run,
    put_on_disk,
    set_on_disk,
)
from tests.reporting import example
from tests.running import run_script
from tests.viewer.harness import SERVE, Viewer, free_port, started, viewer
from viewer.generation import NotPublishedError, load_generation

OLD, NEW = 1_795_000_000, 1_795_086_400
"""The times that pages of the two runs carry; all else in them is alike."""
LAST = 200


@dataclass(frozen=True)
class House:
    """A file of calls, the set made from it at the old time, and that of the new time."""

    data: Path
    old: Contents
    new: Contents


@pytest.fixture(scope="module")
def house(small_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    sets = []
    for epoch in (OLD, NEW):
        flags = ("--data", small_csv, "--out", folder / str(epoch), "--quiet")
        run_script("run_all_analyzers.py", *flags, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)})
        sets.append(set_on_disk(folder / str(epoch)))
    assert sets[0].keys() == sets[1].keys()
    assert all(sets[0][name] != sets[1][name] for name in sets[0])
    return House(small_csv, *sets)


@pytest.fixture(scope="module")
def again(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PausedRun, Path]]:
    """The new run, ready to write, and the folder that it writes to."""
    reports = tmp_path_factory.mktemp("again") / "reports"
    put_on_disk(reports, house.old)
    with paused_run(house.data, reports, NEW) as run:
        yield run, reports


@pytest.fixture(scope="module")
def running(
    house: House, again: tuple[PausedRun, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Viewer]:
    """A viewer of that folder which waits for whole sets and makes none itself."""
    folder = tmp_path_factory.mktemp("viewer")
    (folder / "reports").symlink_to(again[1])
    (folder / "calls.csv").symlink_to(house.data)
    with viewer(folder, calls=None, schedule={"settle": 3_600}) as serving:
        serving.until_state("fresh")
        yield serving


def served(running: Viewer) -> Contents:
    """Every file that the served manifest lists, each compared with it, and the manifest."""
    while True:
        manifest = running.get("/manifest.json").body
        found = {name: running.get("/" + name.removeprefix("html/")).body for name in listed(manifest)}
        if running.get("/manifest.json").body == manifest:  # else another set has taken its place meanwhile
            break
    assert {name: hashlib.sha256(body).hexdigest() for name, body in found.items()} == listed(manifest)
    return found | {MANIFEST: manifest}


def listed(manifest: bytes) -> dict[str, str]:
    """The digest of each file of a set."""
    raw = json.loads(manifest)
    files = {f"html/{page['filename']}": page["file"] for page in raw["pages"]}
    files |= {f"json/{page['id']}.json": page["json_report"] for page in raw["pages"]}
    files |= {"html/index.html": raw["index"], "json/data_quality.json": raw["quality"]}
    return {name: digest["sha256"] for name, digest in files.items()}


def newly_served(reports: Path) -> Contents | None:
    """What a viewer started now would serve at once; None where it runs the analyzers first."""
    try:
        generation = load_generation(reports)
    except NotPublishedError:
        return None
    names = {f"/{name.removeprefix('html/')}": name for name in set_on_disk(reports)}
    return {names[path]: content for path, content in generation.files.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "calls", ["write", "fsync", RENAMES, "unlink,unlinkat,rmdir", "mkdir,mkdirat,openat"]
)
def test_r01_killed_at_every_system_call_of_a_run(
    house: House, again: tuple[PausedRun, Path], running: Viewer, calls: str
) -> None:
    """Disk, running viewer, and a viewer that starts afterwards: old or new altogether, and never in between."""
    run, reports = again
    step = 1 if "openat" not in calls else 7  # modules and templates are opened, too
    for when in range(1, LAST, step):
        put_on_disk(reports, house.old)
        running.until(lambda: served(running) == house.old, "the old set")
        ending = run.end(calls, when)
        assert ending in {0, -signal.SIGKILL}
        assert_every_file_whole(reports, house.old, house.new)
        whole = set_on_disk(reports) if newly_served(reports) else None
        assert whole in (None, house.old, house.new)
        if whole == house.new:
            running.until(lambda: served(running) == house.new, "the new set")
        else:
            assert served(running) == house.old
        if ending == 0:
            assert whole == house.new
            assert when > 1
            assert sorted(path.name for path in reports.iterdir()) == [
                ".publish.lock", "html", "json", "summary.txt",
            ]  # fmt: skip
            return
    pytest.fail("the run never came to its end")


@pytest.mark.slow
@pytest.mark.parametrize("when", [1, 10, 19, 20])
def test_r01_a_viewer_started_after_a_killed_run_serves_a_whole_set(
    house: House, tmp_path: Path, when: int
) -> None:
    """The script itself is killed before its N-th rename (the 19th is the manifest's); the viewer heals the set."""
    reports = tmp_path / "reports"
    put_on_disk(reports, house.old)
    flags = ("run_all_analyzers.py", "--data", house.data, "--out", reports, "--quiet")
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(NEW)}
    code, _ = ended(python(*flags, before=killing(RENAMES, when), env=environment))
    assert code != 0
    assert_every_file_whole(reports, house.old, house.new)
    port = free_port()
    command = [sys.executable, str(SERVE), "--port", str(port), "--data", str(house.data)]
    command += ["--reports", str(reports), "--quiet"]
    with started(command, tmp_path, port=port) as serving:
        serving.until(lambda: complete_or_none(serving), "a set")
        if when in {
            1,
            20,
        }:  # before the first rename the set is the old one, after the manifest's the new one
            assert served(serving) == (house.old if when == 1 else house.new)
        serving.until_state("fresh")
        assert len(served(serving)) == len(house.old)


def complete_or_none(serving: Viewer) -> bool:
    """Whether a set is served, whole; before there is one, no page of any set is."""
    if serving.get("/health").status == 200:
        return served(serving) != {}
    assert serving.get("/finops_understanding.html").status == 404
    return False


class Death(Exception):
    """Stands for the end of a process in the counterpart below."""


def test_r01_in_process_counterpart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends before its N-th write, in the middle of it, before a flush, a rename or a removal."""
    pages = example.pages(example.REPORTS[:2])
    later = example.provenance(generated_at=example.provenance().generated_at.replace(hour=7))
    for folder, given in (("old", example.provenance()), ("new", later)):
        publish(tmp_path / folder, pages, [], given)
    old, new = set_on_disk(tmp_path / "old"), set_on_disk(tmp_path / "new")
    reports = tmp_path / "reports"
    put_on_disk(reports, old)
    made = page_set(Earlier(reports), pages, [], later, complete=True, highlights=())
    monkeypatch.setattr(publishing, "page_set", lambda *_, **__: made)  # rendering touches no disk
    for when in range(1, LAST):
        put_on_disk(reports, old)
        with monkeypatch.context() as patched:
            die_at(when, patched)
            try:
                publish(reports, pages, [], later)
            except Death:
                alive = False
            else:
                alive = True
        assert_every_file_whole(reports, old, new)
        assert newly_served(reports) in (None, old, new)
        if alive:
            assert when > 3 * len(old)
            return
    pytest.fail("the run never came to its end")


def die_at(when: int, patched: pytest.MonkeyPatch) -> None:
    """Ends the run at the N-th of its steps on the disk."""
    steps = [0]

    def counted(
        real: Callable[..., object], half: Callable[..., object] | None = None
    ) -> Callable[..., object]:
        def step(*arguments: object, **options: object) -> object:
            steps[0] += 1
            if steps[0] == when:
                if half:
                    half(*arguments)
                raise Death
            return real(*arguments, **options)

        return step

    def half_written(path: Path, content: bytes) -> None:
        path.write_bytes(content[: len(content) // 2])

    patched.setattr("reporting.publishing.write_flushed", counted(staging.write_flushed, half_written))
    patched.setattr("reporting.publishing.flush", counted(flush))
    patched.setattr(os, "fsync", counted(os.fsync))
    patched.setattr(os, "replace", counted(os.replace))
    patched.setattr(Path, "unlink", counted(Path.unlink))
