"""Sets of pages on the disk: what a run writes, keeps, marks and removes."""

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UserError
from reporting import publishing
from reporting.document import MetricCard, Section, Unit, Value
from reporting.manifest import Manifest, load_manifest, verify
from reporting.manifest_entries import Status
from reporting.page_or_failure import Failure, Page
from reporting.provenance import Provenance
from reporting.publishing import publish, publish_beside
from tests.reporting import example

FIRST, SECOND = example.REPORTS[0], example.REPORTS[5]
LATER = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def pages(*reports: example.ExampleReport) -> list[Page]:
    """Pages with little on them, so that a set is made in no time."""
    made = []
    for page in example.pages(reports or (FIRST, SECOND)):
        document = replace(
            page.document, sections=(Section("who", "Who", blocks=(example.models(),)),), recommendations=()
        )
        made.append(replace(page, document=replace(document, alerts=())))
    return made


def provenance(fingerprint: str = "one", when: datetime | None = None) -> Provenance:
    changes: dict[str, Any] = {"source": replace(example.source(), fingerprint=fingerprint)}
    return example.provenance(**changes | ({"generated_at": when} if when else {}))


def again(folder: Path, failed: Sequence[Failure] = (), *, made: Sequence[Page] | None = None) -> Manifest:
    """A second run, a day later, on other data."""
    worked = pages(SECOND) if made is None else made
    return publish(folder, worked, failed, provenance("two", LATER))


def on_disk(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".publish.lock"
    }


def html(folder: Path, report: example.ExampleReport) -> str:
    return (folder / "html" / report.filename).read_text(encoding="utf-8")


def test_the_disk_holds_what_the_manifest_lists_and_nothing_else(tmp_path: Path) -> None:
    made = publish(tmp_path, pages(), [], provenance())
    assert load_manifest(tmp_path) == made
    assert verify(made, tmp_path) == ()
    assert on_disk(tmp_path) == {*made.files(), "html/manifest.json"}
    assert {entry.run_id for entry in made.pages} == {made.run_id}
    assert [(entry.status, entry.fingerprint, entry.attempted) for entry in made.pages] == [
        (Status.OK, "one", "one")
    ] * 2


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_files_have_the_permissions_that_the_user_gives_files(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        made = publish(tmp_path / "reports", pages(), [], provenance())
    finally:
        os.umask(before)
    assert {(tmp_path / "reports" / name).stat().st_mode & 0o777 for name in made.files()} == {mode}


def test_the_menu_has_categories_in_their_order_and_pages_by_theirs(tmp_path: Path) -> None:
    made = publish(tmp_path, pages(SECOND, example.REPORTS[1], FIRST), [], provenance())
    assert [entry.id for entry in made.pages] == [FIRST.id, example.REPORTS[1].id, SECOND.id]
    page = html(tmp_path, SECOND)
    assert page.index(FIRST.filename) < page.index(example.REPORTS[1].filename)
    assert f'href="{SECOND.filename}" data-carry aria-current="page"' in page


def test_a_failed_report_keeps_its_page_with_a_notice_and_its_own_time(tmp_path: Path) -> None:
    before = publish(tmp_path, pages(), [], provenance())
    made = again(tmp_path, [Failure(FIRST, "out of memory")])
    entry, earlier = made.page(FIRST.id), before.page(FIRST.id)
    assert entry
    assert earlier
    assert (entry.status, entry.reason, entry.failed_at) == (
        Status.STALE,
        "out of memory",
        LATER.isoformat(),
    )
    assert (entry.generated_at, entry.fingerprint, entry.run_id) == (
        earlier.generated_at,
        "one",
        before.run_id,
    )
    assert entry.attempted == "two"
    assert (entry.json_report, entry.headline) == (earlier.json_report, earlier.headline)
    page = html(tmp_path, FIRST)
    assert "The last refresh of this report failed</strong> (24 Nov 2026, 06:00 UTC): out of memory." in page
    assert "Old figures are shown, made at 23 Nov 2026, 06:00 UTC." in page
    card = (
        "Failed 24 Nov 2026, 06:00 UTC: out of memory. These figures were made 23 Nov 2026, 06:00 UTC.</span>"
    )
    assert card in (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert verify(made, tmp_path) == ()
    other = made.page(SECOND.id)
    assert other
    assert (other.status, other.run_id) == (Status.OK, made.run_id)


def test_a_second_failure_tells_the_new_reason_and_the_old_time(tmp_path: Path) -> None:
    first = publish(tmp_path, pages(), [], provenance()).page(FIRST.id)
    again(tmp_path, [Failure(FIRST, "out of memory")])
    entry = again(tmp_path, [Failure(FIRST, "disk full")]).page(FIRST.id)
    assert entry
    assert first
    assert (entry.reason, entry.generated_at) == ("disk full", first.generated_at)
    page = html(tmp_path, FIRST)
    assert page.count('id="stale-notice"') == 1
    assert "disk full" in page
    assert "out of memory" not in page


def test_a_report_that_works_again_is_like_new(tmp_path: Path) -> None:
    publish(tmp_path, pages(), [], provenance())
    again(tmp_path, [Failure(FIRST, "out of memory")])
    made = publish(tmp_path, pages(), [], provenance("three"))
    assert {entry.status for entry in made.pages} == {Status.OK}
    assert 'id="stale-notice"' not in html(tmp_path, FIRST)


def test_a_report_that_never_worked_has_a_page_that_says_so_and_no_json_report(tmp_path: Path) -> None:
    for reason in ("out of memory", "still out of memory"):
        made = again(tmp_path, [Failure(FIRST, reason)])
        entry = made.page(FIRST.id)
        assert entry
        assert (entry.status, entry.json_report, entry.fingerprint) == (Status.FAILED, None, "")
        assert reason in html(tmp_path, FIRST)
        assert f"json/{FIRST.id}.json" not in on_disk(tmp_path)
    index = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert "Failed 24 Nov 2026, 06:00 UTC: still out of memory. There are no figures." in index


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_an_earlier_page_that_is_not_the_listed_one_is_not_kept(tmp_path: Path, damage: str) -> None:
    publish(tmp_path, pages(), [], provenance())
    place = tmp_path / "html" / FIRST.filename
    place.unlink() if damage == "gone" else place.write_text("<!DOCTYPE html>forged</html>")
    made = again(tmp_path, [Failure(FIRST, "out of memory")])
    entry = made.page(FIRST.id)
    assert entry
    assert entry.status is Status.FAILED
    assert "forged" not in html(tmp_path, FIRST)
    assert verify(made, tmp_path) == ()
    assert on_disk(tmp_path) == {*made.files(), "html/manifest.json"}


@pytest.mark.parametrize("complete", [True, False])
def test_a_kept_page_whose_json_report_was_damaged_gives_the_json_report_up(
    tmp_path: Path, complete: bool
) -> None:
    publish(tmp_path, pages(), [], provenance())
    (tmp_path / "json" / f"{FIRST.id}.json").write_text("{")
    failed = [Failure(FIRST, "out of memory")] if complete else []
    made = publish(tmp_path, pages(SECOND), failed, provenance("two", LATER), complete=complete)
    entry = made.page(FIRST.id)
    assert entry
    assert (entry.status, entry.json_report) == (Status.STALE, None)
    assert verify(made, tmp_path) == ()
    assert on_disk(tmp_path) == {*made.files(), "html/manifest.json"}


@pytest.mark.parametrize(
    "part",
    [
        {"sections": (Section("odd", "Odd", blocks=(object(),)),)},
        {"cards": (MetricCard(id="nan", label="NaN", value=Value(Decimal("NaN"), Unit.USD)),)},
        {"headline": MetricCard(id="nan", label="NaN", value=Value(Decimal("NaN"), Unit.USD))},
        {"summary": None},
        {"title": "x</h1><h1>"},
    ],
    ids=["block", "number", "headline", "text", "title"],
)
def test_a_page_that_cannot_be_rendered_is_a_failure_of_its_own(tmp_path: Path, part: dict[str, Any]) -> None:
    broken, sound = pages()
    broken = replace(broken, document=replace(broken.document, **part))
    made = publish(tmp_path, [broken, sound], [], provenance())
    entry, other = made.page(FIRST.id), made.page(SECOND.id)
    assert entry
    assert other
    if "title" in part:
        assert entry.status is Status.OK  # escaped: there is nothing to be found wrong
        return
    assert entry.status is Status.FAILED
    assert entry.reason.startswith("its page could not be made: ")
    assert other.status is Status.OK
    assert verify(made, tmp_path) == ()


def test_a_result_without_a_json_form_is_a_failure_of_its_report(tmp_path: Path) -> None:
    broken, sound = pages()
    made = publish(tmp_path, [replace(broken, result=object()), sound], [], provenance())
    assert [entry.status for entry in made.pages] == [Status.FAILED, Status.OK]
    assert verify(made, tmp_path) == ()


def test_one_report_alone_leaves_the_others_and_marks_those_of_older_data(tmp_path: Path) -> None:
    before = publish(tmp_path, pages(), [], provenance())
    same = publish(tmp_path, pages(FIRST), [], provenance("one", LATER), complete=False)
    assert {entry.status for entry in same.pages} == {Status.OK}
    made = publish(tmp_path, pages(FIRST), [], provenance("two", LATER), complete=False)
    entry, other = made.page(SECOND.id), before.page(SECOND.id)
    assert entry
    assert other
    assert (entry.status, entry.reason) == (Status.STALE, "it was not made again when the data changed")
    assert (entry.generated_at, entry.json_report) == (other.generated_at, other.json_report)
    assert "This report is behind" in html(tmp_path, SECOND)
    assert made.highlights == before.highlights
    assert verify(made, tmp_path) == ()


def test_a_complete_run_removes_what_it_does_not_list(tmp_path: Path) -> None:
    publish(tmp_path, pages(), [], provenance())
    (tmp_path / "html" / "mine.html").write_text("not of this program")
    made = publish(tmp_path, pages(FIRST), [], provenance())
    assert on_disk(tmp_path) == {*made.files(), "html/manifest.json", "html/mine.html"}
    assert SECOND.filename not in html(tmp_path, FIRST)


def test_colours_of_a_single_run_follow_those_of_the_pages_that_stay(tmp_path: Path) -> None:
    publish(tmp_path, example.pages([SECOND]), [], provenance())
    made = publish(tmp_path, example.pages([FIRST]), [], provenance(), complete=False)
    assert made.entities == example.PROVIDERS
    assert publish(tmp_path, pages(), [], provenance(), complete=False).entities == example.PROVIDERS
    assert publish(tmp_path, pages(), [], provenance()).entities == ()


def test_highlights_are_those_asked_for_or_the_first_page_s(tmp_path: Path) -> None:
    cards = example.cards()
    made = publish(tmp_path, pages(), [], provenance())
    assert [figure.label for figure in made.highlights] == [
        card.label for card in cards if card.value.amount is not None
    ][:6]
    asked = publish(tmp_path, pages(), [], provenance(), highlights=cards[4:6])
    assert [figure.label for figure in asked.highlights] == [card.label for card in cards[4:6]]


def test_the_run_is_known_by_its_content(tmp_path: Path) -> None:
    runs = [
        publish(tmp_path / name, pages(), [], provenance(fingerprint)).run_id
        for name, fingerprint in (("a", "one"), ("b", "one"), ("c", "two"))
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_run_that_dies_before_its_manifest_leaves_nothing_that_stays_unlisted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, pages(), [], provenance())
    real = Path.replace

    def dying(self: Path, target: Path) -> Path:
        if target.name == "manifest.json":
            raise OSError(28, "No space left on device", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", dying)
    with pytest.raises(OSError, match="No space left"):
        again(tmp_path, made=pages(FIRST))
    monkeypatch.undo()
    earlier = load_manifest(tmp_path)
    assert earlier
    assert verify(earlier, tmp_path) != ()
    made = again(tmp_path, made=pages(FIRST))
    assert verify(made, tmp_path) == ()
    assert on_disk(tmp_path) == {*made.files(), "html/manifest.json"}


def test_a_forged_manifest_removes_no_file_outside(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    publish(reports, pages(), [], provenance())
    treasure = tmp_path / "treasure.html"
    treasure.write_text("mine")
    place = reports / "html" / "manifest.json"
    raw = json.loads(place.read_text())
    raw["pages"][0]["filename"] = "../../treasure.html"
    place.write_text(json.dumps(raw))
    made = publish(reports, pages(SECOND), [], provenance("two"))
    assert treasure.read_text() == "mine"
    assert verify(made, reports) == ()


def test_a_page_that_is_a_link_is_replaced_and_its_target_stays(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    publish(reports, pages(), [], provenance())
    target = tmp_path / "target"
    target.write_text("mine")
    place = reports / "html" / FIRST.filename
    place.unlink()
    place.symlink_to(target)
    made = publish(reports, pages(), [], provenance())
    assert target.read_text() == "mine"
    assert not place.is_symlink()
    assert verify(made, reports) == ()


def test_what_belongs_to_a_set_is_written_only_while_the_set_is_there(tmp_path: Path) -> None:
    first = publish(tmp_path, pages(), [], provenance())
    publish_beside(tmp_path, "summary.txt", "first", first)
    second = again(tmp_path, made=pages())
    publish_beside(tmp_path, "summary.txt", "late word of the first", first)
    assert (tmp_path / "summary.txt").read_text() == "first"
    publish_beside(tmp_path, "summary.txt", "second", second)
    assert (tmp_path / "summary.txt").read_text() == "second"
    assert on_disk(tmp_path) == {*second.files(), "html/manifest.json", "summary.txt"}


def test_who_publishes_too_long_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "WAIT_SECONDS", 0.1)
    publish(tmp_path, pages(), [], provenance())
    with (tmp_path / ".publish.lock").open() as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another run has been publishing"):
            publish(tmp_path, pages(), [], provenance("two"))
    assert publish(tmp_path, pages(), [], provenance("two")).source.fingerprint == "two"


@pytest.mark.parametrize("nanoseconds", [10**30, -(10**30), 1 << 62])
def test_a_file_of_an_impossible_time_is_still_reported_on(tmp_path: Path, nanoseconds: int) -> None:
    source = replace(example.source(), mtime_ns=nanoseconds)
    made = publish(tmp_path, pages(), [], example.provenance(source=source))
    assert {entry.status for entry in made.pages} == {Status.OK}
    assert load_manifest(tmp_path) == made
