"""Days that the user names as no anomaly."""

from datetime import date

import pytest

from foundation.outcome import UsageError
from settings.event import Event
from settings.loader import load_settings


def days(event: Event, year: int, month: int) -> list[int]:
    return [day for day in range(1, 29) if event.covers(date(year, month, day))]


def test_once_is_from_its_first_day_to_its_last() -> None:
    launch = Event("launch", date(2026, 3, 5), date(2026, 3, 7))
    assert days(launch, 2026, 3) == [5, 6, 7]
    assert days(launch, 2026, 4) == days(launch, 2027, 3) == []
    assert days(Event("day", date(2026, 3, 5)), 2026, 3) == [5]


def test_yearly_comes_every_year_before_and_after() -> None:
    holiday = Event("new year", date(2026, 12, 31), date(2027, 1, 2), "yearly")
    assert days(holiday, 2024, 1) == [1, 2]
    assert holiday.covers(date(2024, 12, 31))
    assert not holiday.covers(date(2024, 12, 30))


def test_monthly_begins_on_the_last_day_of_a_shorter_month() -> None:
    close = Event("closing", date(2026, 1, 31), date(2026, 2, 1), "monthly")
    assert close.covers(date(2026, 2, 28))
    assert close.covers(date(2026, 3, 1))
    assert not close.covers(date(2026, 3, 2))
    assert not close.covers(date(2026, 3, 30))


def test_weekly_is_on_the_same_weekdays() -> None:
    sale = Event("sale", date(2026, 3, 6), date(2026, 3, 7), "weekly")  # a Friday and a Saturday
    assert days(sale, 2026, 2) == [6, 7, 13, 14, 20, 21, 27, 28]


@pytest.mark.parametrize(
    ("recurs", "until", "said"),
    [
        ("once", "2026-03-04", "event launch.until is before from, 2026-03-05; swap the two"),
        ("weekly", "2026-03-11", "makes a weekly event of 7 days; 6 are the most"),
        ("hourly", "2026-03-06", "recurs"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, recurs: str, until: str, said: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'[[event]]\nname = "launch"\nfrom = 2026-03-05\nuntil = {until}\nrecurs = "{recurs}"\n')
    with pytest.raises(UsageError, match=said):
        load_settings(path)


def test_six_days_of_a_week_are_taken(tmp_path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[event]]\nname = "launch"\nfrom = 2026-03-05\nuntil = 2026-03-10\nrecurs = "weekly"\n')
    assert load_settings(path).event[0].days == 6
