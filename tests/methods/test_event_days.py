"""Named events and what comes every month are no anomaly, and named days are in no expectation."""

from datetime import date, timedelta

import numpy as np
import pytest

from methods.anomaly import Rule, find_anomalies
from methods.event_days import EventDays
from methods.falls import find_falls

FIRST = date(2026, 1, 1)
DAYS = 120


def flat(*high: str, factor: float = 4.0) -> np.ndarray:
    """A hundred calls a day, and some days with so many times as many."""
    calls = np.full(DAYS, 100.0)
    for day in high:
        calls[(date.fromisoformat(day) - FIRST).days] *= factor
    return calls


def found_days(calls: np.ndarray, named: frozenset[int] | None = frozenset()) -> list[str]:
    calendar = None if named is None else EventDays(FIRST, calls.size, named)
    found = find_anomalies(calls[None, :, None], calls[None, :, None], Rule(), calendar).findings
    return sorted(str(FIRST + timedelta(days=each.first)) for each in found)


def test_the_start_of_each_month_is_an_anomaly_twice_and_then_no_more() -> None:
    starts = flat("2026-02-01", "2026-03-01", "2026-04-01")
    assert found_days(starts) == ["2026-02-01", "2026-03-01"]
    assert found_days(starts, None) == ["2026-02-01", "2026-03-01", "2026-04-01"]


def test_the_end_of_months_of_any_length_comes_monthly_too() -> None:
    ends = flat("2026-01-31", "2026-02-28", "2026-03-31")
    assert found_days(ends) == ["2026-01-31", "2026-02-28"]


def test_much_more_than_in_the_months_before_is_an_anomaly() -> None:
    starts = flat("2026-02-01", "2026-03-01", "2026-04-01", factor=2.5)
    starts[90] = 501
    assert found_days(starts)[-1] == "2026-04-01"


def test_a_month_between_without_it_makes_it_an_anomaly() -> None:
    assert found_days(flat("2026-02-01", "2026-04-01")) == ["2026-02-01", "2026-04-01"]


def test_named_days_are_not_judged_and_in_no_expectation() -> None:
    calls = flat(*(f"2026-02-{day:02}" for day in range(10, 20)), "2026-02-24")
    named = frozenset(range(40, 50))
    assert found_days(calls, named) == ["2026-02-24"]
    calm = EventDays(FIRST, DAYS, named).calm(calls[None, :])
    assert calm[0, 40:50].tolist() == [100.0] * 10
    usual = flat("2026-02-24")
    both = [
        find_anomalies(each[None, :, None], each[None, :, None], Rule(), EventDays(FIRST, DAYS, named))
        for each in (calls, usual)
    ]
    assert both[0].findings[0].expected_calls == both[1].findings[0].expected_calls


def test_named_days_at_the_start_borrow_from_the_week_after() -> None:
    values = np.arange(10.0)[None, :]
    assert EventDays(FIRST, 10, frozenset({0, 1})).calm(values)[0].tolist() == [7, 8, *range(2, 10)]
    assert EventDays(FIRST, 2, frozenset({0, 1})).calm(values[:, :2])[0].tolist() == [0, 1]


@pytest.mark.parametrize("named", [True, False])
def test_a_holiday_is_no_fall_where_it_is_named(named: bool) -> None:
    calls = flat("2026-02-10", factor=0.1)
    calendar = EventDays(FIRST, DAYS, frozenset({40}) if named else frozenset())
    assert len(find_falls([calls], [calls], Rule(), calendar)) == (0 if named else 1)


def test_a_fall_of_every_month_is_none_the_third_time() -> None:
    calls = flat("2026-02-01", "2026-03-01", "2026-04-01", factor=0.1)
    falls = find_falls([calls], [calls], Rule(), EventDays(FIRST, DAYS))
    assert sorted(fall.first for fall in falls) == [31, 59]


def test_hours_of_a_day_that_comes_monthly_are_no_anomaly_though_they_scatter() -> None:
    random = np.random.default_rng(2)
    means = np.full((DAYS, 24), 20.0)
    for day in ("2026-02-01", "2026-03-01", "2026-04-01"):
        means[(date.fromisoformat(day) - FIRST).days, 8:18] *= 5
    calls = random.poisson(means).astype(float)[None]
    found = find_anomalies(calls, calls, Rule(), EventDays(FIRST, DAYS)).findings
    assert {each.first // 24 for each in found} == {31, 59}
