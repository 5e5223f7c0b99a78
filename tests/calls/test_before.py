"""The calls of the equal period before: what a change is told against."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from calls.engine import open_calls
from calls.selection import Selection
from tests.calls import call_files

START = datetime(2026, 3, 1)  # noqa: DTZ001 - the file's times are UTC by definition


@pytest.fixture
def hourly(tmp_path: Path) -> Path:
    """A call every hour over eight days, the last on 8 March at 23:00; every third names staging."""
    rows = [
        call_files.row(0)
        | {
            "timestamp": (START + timedelta(hours=hour)).isoformat(),
            "call_id": f"h{hour:03}",
            "environment": "staging" if hour % 3 == 0 else "production",
        }
        for hour in range(8 * 24)
    ]
    return call_files.write(tmp_path / "calls.csv", rows)


def ids(calls) -> list[str]:
    return [row.call_id for row in calls.sql("select call_id from calls order by call_id")]


def test_the_span_is_as_long_as_the_period_and_ends_where_it_begins(hourly: Path) -> None:
    """From 7 March 12:00 to the last call at 8 March 23:00 are 35 hours; 35 before begin on 6 March at 1:00."""
    with open_calls(hourly, Selection(since="2026-03-07T12:00:00")) as calls:
        assert ids(calls) == [f"h{hour:03}" for hour in range(6 * 24 + 12, 192)]
        assert calls.before is not None
        assert ids(calls.before) == [f"h{hour:03}" for hour in range(5 * 24 + 1, 6 * 24 + 12)]


def test_a_span_back_from_the_last_call(hourly: Path) -> None:
    with open_calls(hourly, Selection(since="3d")) as calls:
        assert calls.before is not None
        assert ids(calls.before) == [f"h{hour:03}" for hour in range(191 - 144, 191 - 72)]


def test_whole_days_are_compared_with_whole_days(hourly: Path) -> None:
    """The last day has a call in its last hour: two days from midnight on, and the two before."""
    with open_calls(hourly, Selection(since="2026-03-07")) as calls:
        assert calls.before is not None
        assert ids(calls.before) == [f"h{hour:03}" for hour in range(4 * 24, 6 * 24)]


def test_an_end_ends_the_period(hourly: Path) -> None:
    with open_calls(hourly, Selection(since="2026-03-04", until="2026-03-05")) as calls:
        assert calls.before is not None
        assert ids(calls.before) == [f"h{hour:03}" for hour in range(24, 72)]


def test_the_other_filters_hold_before_as_well(hourly: Path) -> None:
    with open_calls(
        hourly, Selection(since="3d", where=[("environment", "staging")], timezone="Asia/Tokyo")
    ) as calls:
        assert calls.before is not None
        assert {row.environment for row in calls.before.sql("select environment from calls")} == {"staging"}
        assert calls.before.source.filters.timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("since", "reaches"), [("2026-03-04T23:30:00", True), ("2026-03-04T23:29:59", False), (None, False)]
)
def test_the_file_must_reach_back_that_far(hourly: Path, since: str | None, reaches: bool) -> None:
    """Half of the 191 hours between the first and the last call."""
    with open_calls(hourly, Selection(since=since)) as calls:
        assert (calls.before is not None) is reaches


def test_before_a_span_without_any_call_there_is_nothing(hourly: Path) -> None:
    with open_calls(
        hourly, Selection(since="2026-03-08T22:00:00", where=[("environment", "production")])
    ) as calls:
        assert calls.before is None


def test_it_is_closed_together_with_the_calls(hourly: Path) -> None:
    with open_calls(hourly, Selection(since="3d")) as calls:
        before = calls.before
    assert before is not None
    with pytest.raises(Exception, match=r"(?i)connection.*closed"):
        ids(before)
