"""Usage by day: which days are whole."""

from pathlib import Path

from analyzers.usage.timeline import timeline
from calls.engine import open_calls
from tests.calls import call_files


def test_per_day_without_calls_is_whole_and_costs_nothing(tmp_path: Path) -> None:
    """Calls on the 1st, 2nd, 9th and 10th: the days between are zero, not unknown."""
    days = (1, 2, 9, 10)
    entries = [
        call_files.row(number, timestamp=f"2026-03-{day:02d}T{hour:02d}:30:00.000000")
        for number, (day, hour) in enumerate((day, hour) for day in days for hour in (0, 23))
    ]
    with open_calls(call_files.write(tmp_path / "calls.csv", entries)) as calls:
        found = timeline(calls).days
    assert [(entry.day.day, entry.complete, entry.usage.calls) for entry in found] == [
        (day, True, 2 if day in days else 0) for day in range(1, 11)
    ]


def test_a_first_day_that_starts_late_and_a_last_that_ends_early_are_in_part(tmp_path: Path) -> None:
    entries = [
        call_files.row(number, timestamp=f"2026-03-{day:02d}T12:00:00.000000")
        for number, day in enumerate((1, 3))
    ]
    with open_calls(call_files.write(tmp_path / "calls.csv", entries)) as calls:
        assert [entry.complete for entry in timeline(calls).days] == [False, True, False]
