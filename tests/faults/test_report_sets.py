"""Rows R2 to R8 and R10: reports that fail, runs that meet, disks that fill, and when a set is no longer fresh."""

import csv
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import run_all_analyzers
from analyzers.instances import analyzers
from calls.file import fingerprint
from calls.writing.store import append_rows
from foundation.outcome import ExitCode
from reporting import publishing
from reporting.manifest import Manifest, is_fresh, load_manifest, verify
from reporting.manifest_entries import FileDigest, Status
from reporting.staging import write_flushed
from tests.faults.injection import ended, failing, limited, python, small_disk
from tests.faults.report_sets import MANIFEST, Contents, copied, set_on_disk
from tests.running import SRC, run_script
from viewer.generation import load_generation
from viewer.inputs import Inputs
from viewer.up_to_date import is_up_to_date

IDS = [analyzer.id for analyzer in analyzers()]
EPOCH = 1_795_000_000
CALLS_OF_THE_README = 430_000


def at(epoch: int) -> dict[str, str]:
    return os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}


def run(data: Path, reports: Path, *, epoch: int = EPOCH, code: int = 0) -> Contents:
    run_script("run_all_analyzers.py", "--data", data, "--out", reports, "--quiet", code=code, env=at(epoch))
    return set_on_disk(reports)


def manifest_of(reports: Path) -> Manifest:
    manifest = load_manifest(reports)
    assert manifest
    return manifest


@pytest.fixture(scope="module")
def before(small_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a run; copy them to change them."""
    reports = tmp_path_factory.mktemp("before") / "reports"
    run(small_csv, reports)
    return reports


def raises(*_: object) -> None:
    raise RuntimeError("the sensor of <row 7> is broken")


@pytest.mark.parametrize("number", range(len(IDS)))
def test_r02_one_report_fails_and_seven_are_new(
    small_csv: Path, before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    reports, failed = copied(before, tmp_path / "reports"), IDS[number]
    monkeypatch.setattr(type(analyzers()[number]), "analyze", raises)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH + 3_600))
    code = run_all_analyzers.main(["--data", str(small_csv), "--out", str(reports), "--quiet"])
    assert code == ExitCode.FAILED
    old, new = manifest_of(before), manifest_of(reports)
    for entry, earlier in zip(new.pages, old.pages, strict=True):
        page = (reports / "html" / entry.filename).read_text(encoding="utf-8")
        if entry.id == failed:
            assert (entry.status, entry.run_id) == (Status.STALE, old.run_id)
            assert entry.reason == "RuntimeError: the sensor of <row 7> is broken"
            assert "Old figures are shown, made at 18 Nov 2026, 11:06 UTC." in page
            assert "(18 Nov 2026, 12:06 UTC): RuntimeError: the sensor of &lt;row 7&gt; is broken." in page
            assert entry.json_report == earlier.json_report
        else:
            assert (entry.status, entry.run_id) == (Status.OK, new.run_id)
            assert entry.file != earlier.file
            assert 'id="stale-notice"' not in page
    card = landing_card((reports / "html" / "index.html").read_text(encoding="utf-8"), failed)
    assert "Stale" in card
    assert "Failed 18 Nov 2026, 12:06 UTC: RuntimeError: the sensor of &lt;row 7&gt; is broken." in card
    assert "These figures were made 18 Nov 2026, 11:06 UTC." in card
    assert verify(new, reports) == ()
    assert load_generation(reports).failures == (f"{analyzers()[number].title}: {entry_of(new, failed)}",)


def landing_card(page: str, identity: str) -> str:
    found = re.search(rf'<a class="report-card[^>]*data-page="{identity}">.*?</a>', page, re.DOTALL)
    assert found
    return found[0]


def entry_of(manifest: Manifest, identity: str) -> str:
    entry = manifest.page(identity)
    assert entry
    return entry.reason


def test_r02_all_reports_fail_and_all_pages_stay(
    small_csv: Path, before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = copied(before, tmp_path / "reports")
    for analyzer in analyzers():
        monkeypatch.setattr(type(analyzer), "analyze", raises)
    code = run_all_analyzers.main(["--data", str(small_csv), "--out", str(reports), "--quiet"])
    assert code == ExitCode.FAILED
    new = manifest_of(reports)
    assert {entry.status for entry in new.pages} == {Status.STALE}
    assert verify(new, reports) == ()
    for identity in IDS:
        json_report = f"json/{identity}.json"
        assert (reports / json_report).read_bytes() == (before / json_report).read_bytes()


def test_r03_two_runs_at_once_leave_the_set_of_one(small_csv: Path, tmp_path: Path) -> None:
    reports, other = tmp_path / "reports", tmp_path / "other.csv"
    lines = small_csv.read_bytes().splitlines(keepends=True)
    other.write_bytes(b"".join(lines[: len(lines) // 2]))
    flags = ("--out", reports, "--quiet")
    runs = [python("run_all_analyzers.py", "--data", data, *flags) for data in (small_csv, other)]
    assert [ended(each) for each in runs] == [(0, ""), (0, "")]
    manifest = manifest_of(reports)
    assert verify(manifest, reports) == ()
    assert {entry.run_id for entry in manifest.pages} == {manifest.run_id}
    assert {entry.fingerprint for entry in manifest.pages} == {manifest.source.fingerprint}
    assert f"{manifest.source.used:,} calls" in (reports / "summary.txt").read_text(encoding="utf-8")
    assert {path.name for path in reports.iterdir()} == {".publish.lock", "html", "json", "summary.txt"}


FIFTH_PAGE = 9
"""The write of the fifth page: each page before it has a JSON report."""


def assert_nothing_changed(reports: Path, before: Path) -> None:
    assert set_on_disk(reports) == set_on_disk(before)
    assert verify(manifest_of(reports), reports) == ()


def test_r04_the_fifth_page_does_not_fit_on_the_disk(small_csv: Path, before: Path, tmp_path: Path) -> None:
    reports = copied(before, tmp_path / "reports")
    flags = ("run_all_analyzers.py", "--data", small_csv, "--out", reports, "--quiet")
    tracer = failing("write", "ENOSPC", str(FIFTH_PAGE))
    code, stderr = ended(python(*flags, before=tracer))
    assert code == ExitCode.FAILED
    assert len(stderr.strip().splitlines()) == 1
    assert re.search(rf"{re.escape(str(reports))}/.+: No space left on device; make room", stderr)
    assert_nothing_changed(reports, before)
    assert not list(reports.glob(".staging-*"))
    run_script(*flags)
    assert_only_a_set(reports)


def assert_only_a_set(reports: Path) -> None:
    """The files that the manifest lists, and what lies beside it by name."""
    found = {str(path.relative_to(reports)) for path in reports.rglob("*") if path.is_file()}
    assert found == {*manifest_of(reports).files(), MANIFEST, ".publish.lock", "summary.txt"}


def test_r04_a_full_disk(small_csv: Path, before: Path, tmp_path: Path) -> None:
    """A disk with room for one set and half of another; where none is granted, a limit on every file's size."""
    disk = tmp_path / "disk"
    size = sum(path.stat().st_size for path in before.rglob("*") if path.is_file()) // 1_024
    with small_disk(disk, size + size // 2) as granted:
        reports = copied(before, disk / "reports")
        flags = ("run_all_analyzers.py", "--data", small_csv, "--out", reports, "--quiet")
        code, stderr = ended(python(*flags, before=() if granted else limited(200)))
        assert code == ExitCode.FAILED
        assert len(stderr.strip().splitlines()) == 1
        assert re.search(rf"{re.escape(str(reports))}/.+: (No space left on device|File too large)", stderr)
        assert_nothing_changed(reports, before)
        if granted:
            subprocess.run(["mount", "-o", f"remount,size={8 * size}k", str(disk)], check=True)
        run_script(*flags)
        assert_only_a_set(reports)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_r04_in_process_counterpart(
    small_csv: Path, before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    reports, real, written = copied(before, tmp_path / "reports"), write_flushed, []

    def full(path: Path, content: bytes) -> None:
        written.append(path)
        if len(written) == FIFTH_PAGE:
            path.write_bytes(content[:1_000])
            raise OSError(number, os.strerror(number), str(path))
        real(path, content)

    monkeypatch.setattr(publishing, "write_flushed", full)
    with pytest.raises(OSError, match=os.strerror(number)):
        run_all_analyzers.main(["--data", str(small_csv), "--out", str(reports), "--quiet"])
    assert written[-1].name == f"{IDS[4]}.html"
    assert_nothing_changed(reports, before)
    monkeypatch.undo()
    assert run_all_analyzers.main(["--data", str(small_csv), "--out", str(reports), "--quiet"]) == 0
    assert_only_a_set(reports)


def test_r05_the_manifest_is_what_lies_on_the_disk(before: Path) -> None:
    raw = json.loads((before / MANIFEST).read_text(encoding="utf-8"))
    assert [page["id"] for page in raw["pages"]] == IDS
    for page in raw["pages"]:
        assert page["run_id"] == raw["run_id"]
        for path, listed in (
            (before / "html" / page["filename"], page["file"]),
            (before / "json" / f"{page['id']}.json", page["json_report"]),
        ):
            assert listed == vars(FileDigest.of(path.read_bytes()))
    assert_only_a_set(before)
    embedded = re.search(
        r'<script type="application/json" id="manifest">(.*?)</script>',
        (before / "html/index.html").read_text(),
    )
    assert embedded
    assert json.loads(embedded[1]) == raw | {"index": None}
    run_script("verify_reports.py", "--out", before)


@pytest.mark.parametrize("damage", ["changed", "missing", "link"])
def test_r05_what_differs_from_the_manifest_is_named(before: Path, tmp_path: Path, damage: str) -> None:
    reports = copied(before, tmp_path / "reports")
    place = reports / "html" / "pricing_strategy.html"
    content = place.read_bytes()
    place.unlink()
    if damage == "changed":
        place.write_bytes(content[:-1] + b" ")
    if damage == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        place.symlink_to(tmp_path / "elsewhere")
    said = run_script("verify_reports.py", "--out", reports, code=ExitCode.FAILED)
    assert "html/pricing_strategy.html differs" in said.stderr


@pytest.mark.parametrize("stray", ["html/old.html", "json/old.json", "html/folder", "html/link.html"])
def test_r05_what_the_manifest_does_not_know_is_named(before: Path, tmp_path: Path, stray: str) -> None:
    reports = copied(before, tmp_path / "reports")
    if stray == "html/folder":
        (reports / stray).mkdir()
    elif stray == "html/link.html":
        (reports / stray).symlink_to("nowhere")
    else:
        (reports / stray).write_text("a page of nobody")
    said = run_script("verify_reports.py", "--out", reports, code=ExitCode.FAILED)
    assert f"{stray} is not in the manifest" in said.stderr
    assert "are whole" not in said.stdout
    found = json.loads(
        run_script("verify_reports.py", "--out", reports, "--json", code=ExitCode.FAILED).stdout
    )
    assert (found["stray"], found["differ"]) == ([stray], [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"format": 1, "reports": []}', "of an older version (format 1, now 5): run `"),
        ('{"format": 6, "pages": []}', "of a newer version of this tool (format 6, here 5): update"),
        ('{"format": 5', "html/manifest.json is damaged: run `"),
        ("[]", "html/manifest.json is damaged: run `"),
        (None, "There is no manifest: run `"),
    ],
)
def test_r05_a_manifest_that_cannot_be_used_is_told_by_its_cause(
    tmp_path: Path, content: str | None, said: str
) -> None:
    (tmp_path / "html").mkdir()
    if content:
        (tmp_path / "html" / "manifest.json").write_text(content)
    assert said in run_script("verify_reports.py", "--out", tmp_path, code=ExitCode.NO_DATA).stderr


def test_r06_the_same_input_gives_the_same_bytes(small_csv: Path, before: Path, tmp_path: Path) -> None:
    assert run(small_csv, tmp_path / "again") == set_on_disk(before)


def test_r06_another_time_changes_nothing_but_the_time(small_csv: Path, before: Path, tmp_path: Path) -> None:
    later = run(small_csv, tmp_path / "later", epoch=EPOCH + 86_400)
    times = re.compile(
        rb"2026-11-1[89]T11:06:40\+00:00|1[89] Nov 2026, 11:06|2026111[89]T110640Z-[0-9a-f]{10}"
    )
    for name, content in set_on_disk(before).items():
        if name not in {MANIFEST, "html/index.html"}:  # these hold digests
            assert times.sub(b"", content) == times.sub(b"", later[name]), name
            assert content != later[name]


def is_stale(reports: Path, data: Path) -> bool:
    return not is_up_to_date(
        load_generation(reports), Inputs(data, reports), tool_version=manifest_of(reports).tool_version
    )


def test_r07_rows_appended_during_a_run_make_its_set_stale(
    small_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, reports = tmp_path / "calls.csv", tmp_path / "reports"
    shutil.copy(small_csv, data)
    with data.open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    kind = type(analyzers()[-1])
    real = kind.analyze

    def slow(*arguments: Any) -> Any:
        append_rows(data, [last | {"call_id": "call_late"}])
        return real(*arguments)

    monkeypatch.setattr(kind, "analyze", slow)
    assert run_all_analyzers.main(["--data", str(data), "--out", str(reports), "--quiet"]) == 0
    monkeypatch.undo()
    written = (reports / MANIFEST).stat().st_mtime_ns
    assert written > data.stat().st_mtime_ns  # by the times alone the set would look fresh for ever
    first = manifest_of(reports)
    assert is_stale(reports, data)
    assert run_all_analyzers.main(["--data", str(data), "--out", str(reports), "--quiet"]) == 0
    assert manifest_of(reports).source.used == first.source.used + 1
    assert not is_stale(reports, data)


def copy_with_its_old_time(data: Path, other: Path) -> None:
    os.utime(other, (1_000_000_000, 1_000_000_000))
    subprocess.run(["cp", "-p", str(other), str(data)], check=True)


def give_it_the_manifest_s_time(data: Path, other: Path) -> None:
    shutil.copy(other, data)
    subprocess.run(["touch", "-r", str(data.parent / "reports" / MANIFEST), str(data)], check=True)


def keep_time_and_size(data: Path, other: Path) -> None:
    time = data.stat()
    content = data.read_bytes()
    data.write_bytes(content[:-40] + content[-40:].replace(b"success", b"erroneo"))
    os.utime(data, ns=(time.st_atime_ns, time.st_mtime_ns))
    assert data.stat().st_size == time.st_size


def restore_by_rename(data: Path, other: Path) -> None:
    os.utime(other, ns=(data.stat().st_atime_ns, data.stat().st_mtime_ns))
    other.replace(data)


@pytest.mark.parametrize(
    "change", [copy_with_its_old_time, give_it_the_manifest_s_time, keep_time_and_size, restore_by_rename]
)
def test_r08_a_change_that_times_do_not_show_makes_a_set_stale(
    small_csv: Path, tmp_path: Path, change: Callable[[Path, Path], None]
) -> None:
    data, other, reports = (tmp_path / name for name in ("calls.csv", "other.csv", "reports"))
    shutil.copy(small_csv, data)
    lines = small_csv.read_bytes().splitlines(keepends=True)
    other.write_bytes(b"".join(lines[:-50]))
    run(data, reports)
    assert not is_stale(reports, data)
    change(data, other)
    assert is_stale(reports, data)
    run(data, reports)
    assert not is_stale(reports, data)


def test_r08_a_file_of_another_name_with_the_same_bytes_is_another_file(
    small_csv: Path, before: Path, tmp_path: Path
) -> None:
    shutil.copy2(small_csv, tmp_path / "calls.csv")
    manifest = manifest_of(before)
    for data, fresh in ((small_csv, True), (tmp_path / "calls.csv", False), (tmp_path / "none", False)):
        found = fingerprint.of_file(data) or ""
        assert is_fresh(manifest, found, manifest.settings_digest, manifest.tool_version) is fresh


MEASURED = (
    "import resource, run_all_analyzers, sys; code = run_all_analyzers.main(sys.argv[1:]); "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
)
MEBIBYTES_AT_MOST = 1_024


@pytest.mark.slow
def test_r10_a_file_of_430_000_calls_in_bounded_memory(tmp_path: Path) -> None:
    """Eight reports of some 150 MB; how long they take is measured by benchmarks/scan_ratio.py."""
    data, reports = tmp_path / "calls.csv", tmp_path / "reports"
    run_script("run_all_simulators.py", "--customers", "150", "--out", data, "--quiet")
    with data.open("rb") as file:
        calls = sum(1 for _ in file) - 1
    assert calls >= CALLS_OF_THE_README
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "--data", str(data), "--out", str(reports), "--quiet"],
        cwd=SRC, capture_output=True, text=True, check=True,
    )  # fmt: skip
    manifest = manifest_of(reports)
    assert {entry.status for entry in manifest.pages} == {Status.OK}
    assert manifest.source.used == calls
    assert int(done.stdout.split()[-1]) < MEBIBYTES_AT_MOST * 1_024
