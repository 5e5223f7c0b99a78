"""What the viewer says on a page, and when data count as old."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.viewer.fake_analyzers import page, publish
from tests.viewer.harness import viewer
from viewer.generation import Generation, load_generation
from viewer.live_site import Site, State, View
from viewer.metrics import Metrics
from viewer.notices import age, page_policy, with_notice


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=3), "3 days"),
        (timedelta(seconds=-5), "less than a minute"),
    ],
)
def test_ages_are_told_in_the_largest_whole_unit(elapsed: timedelta, expected: str) -> None:
    assert age(elapsed) == expected


def test_a_notice_is_escaped_and_the_policy_stays() -> None:
    plain = page("title", "text")
    shown = with_notice(plain, "<script>alert(1)</script>\\1")
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;\\1" in shown
    assert page_policy(shown) == page_policy(plain)
    assert page_policy(plain).endswith("frame-ancestors 'none'")


def generation_written(tmp_path: Path, ago: timedelta) -> Generation:
    """A generation whose data file was last written so long ago."""
    data = tmp_path / "calls.csv"
    data.write_text("first")
    when = (datetime.now(UTC) - ago).timestamp()
    os.utime(data, (when, when))
    publish(tmp_path / "reports", "first", data, "")
    return load_generation(tmp_path / "reports")


@pytest.mark.parametrize(("hours", "told"), [(23.9, False), (24.1, True)])
def test_data_older_than_per_day_are_called_old(tmp_path: Path, hours: float, told: bool) -> None:
    site = Site(Metrics(), "make data")
    site.show(View(State.FRESH, generation_written(tmp_path, timedelta(hours=hours))))
    found = site.find("/")
    assert found
    assert (b"The data are 1 day old" in found.plain.body) is told


def test_pages_are_made_anew_only_when_something_changed(tmp_path: Path) -> None:
    site = Site(Metrics(), "make data")
    generation = generation_written(tmp_path, timedelta())
    site.show(View(State.FRESH, generation))
    before = site.find("/")
    site.show(View(State.REFRESHING, generation))
    assert site.find("/") is before
    site.show(View(State.FAILED, generation, "It failed."))
    assert site.find("/") is not before


def test_the_building_page_becomes_the_overview(tmp_path: Path) -> None:
    with viewer(tmp_path, calls="slow 1", fresh=False) as running:
        running.until_state("refreshing")
        landing = running.get("/")
        assert "Making the reports" in landing.text
        assert landing.headers["Refresh"]
        running.until_state("fresh")
        assert "Refresh" not in running.get("/").headers
