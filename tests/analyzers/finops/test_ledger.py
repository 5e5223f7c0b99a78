"""The calendar months of a file, and the budgets that are read from them, against sums worked out by hand."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from analyzers.budgets.budget_state import budget_states
from analyzers.finops.realtime import FinopsRealtime
from analyzers.finops.understanding import FinopsUnderstanding
from analyzers.ledger.months import ledger, ledger_of
from analyzers.ledger.windows import ONE_DAY, Cycle, Window
from analyzers.understanding.summary_lines import summary_lines
from analyzers.usage.sums import Usage
from analyzers.usage.timeline import Day, Timeline
from calls.engine import open_calls
from calls.selection import Selection
from reporting.document import Level
from settings.loader import load_settings
from settings.model import Budget
from tests.analyzers.finops.conftest import full_rows, write

SETTINGS = load_settings()
REPORTS = (FinopsUnderstanding(), FinopsRealtime())


def hourly(day: int, cost: str, hours=range(24)):
    """Calls of a day in these hours, which cost that much together."""
    return [{"day": day + (hour + 0.5) / 24, "cost_usd": str(Decimal(cost) / len(hours))} for hour in hours]


def with_budgets(settings, *budgets):
    return replace(settings, budget=budgets)


def budget(monthly, **values):
    return Budget(
        **{"scope": "total", "name": "", "monthly_usd": None if monthly is None else Decimal(monthly)}
        | values
    )


def alerts_of(calls, settings):
    return [alert for each in REPORTS for alert in each.document(each.analyze(calls, settings)).alerts]


class TestTheMonthThatIsSpentAlready:
    """20 days of $10, then $2,000 until 15:00 of the 21st: $2,200 of a budget of $1,000."""

    @pytest.fixture
    def calls(self, make_calls):
        rows = [row for day in range(20) for row in hourly(day, "10.08")]
        return make_calls([*rows, *hourly(20, "2000", range(16))])

    def test_spent_is_every_dollar(self, calls, settings):
        """20 x 10.08 + 2,000 = 2,201.60; nine days of 10.08 follow: 2,292.32."""
        (state,) = budget_states(calls, with_budgets(settings, budget(1000)))
        assert (state.spent_usd, state.crossed_on) == (Decimal("2201.60"), date(2026, 9, 21))
        assert state.estimate_usd == Decimal("2292.32")
        assert (state.partial_day, state.days_gone, state.days_left) == (date(2026, 9, 21), 20, 10)
        assert (state.overrun_probability, state.runs_out_on) == (1.0, date(2026, 9, 21))

    def test_both_reports_alert_and_name_the_day(self, calls, settings):
        alerts = [a for a in alerts_of(calls, with_budgets(settings, budget(1000))) if a.target == "budgets"]
        assert [alert.level for alert in alerts] == [Level.CRITICAL, Level.CRITICAL]
        assert all("21 Sep 2026" in alert.title + alert.text for alert in alerts)
        assert {alert.usd for alert in alerts} == {Decimal("1292.32")}

    def test_the_summary_and_the_page_agree(self, calls, settings):
        report = FinopsUnderstanding()
        result = report.analyze(calls, with_budgets(settings, budget(1000)))
        spend, forecast = summary_lines(result)
        assert "the last lacks hours" in spend.text
        assert "$2,201.60 of $1,000.00 spent, over the budget since 21 Sep 2026" in forecast.text
        assert forecast.figures["month_end_usd"] == result.month.estimate_usd == Decimal("2292.32")
        assert forecast.figures["month_spent_usd"] == Decimal("2201.60")

    def test_without_a_forecast_spent_alone_alerts(self, make_calls, settings):
        """Three days of $10 are no history; $30 of $25 are spent on the third."""
        calls = make_calls([row for day in range(3) for row in hourly(day, "9.60")])
        (state,) = budget_states(calls, with_budgets(settings, budget(25)))
        assert (state.estimate_usd, state.overrun_usd) == (None, Decimal("3.80"))
        assert state.crossed_on == date(2026, 9, 3)
        levels = [a.level for a in alerts_of(calls, with_budgets(settings, budget(25))) if a.dedup_key]
        assert levels == [Level.CRITICAL, Level.CRITICAL]


def test_a_day_of_office_hours_counts(make_calls, settings):
    """$40 a working day from 9 to 17; the last one is the 30th, a day that lacks hours, and carries it over $1,000.

    From 1 Sep 2026, a Tuesday, September has 22 working days: $880. The last brings $160 in place of $40: $1,000
    and $0.01 more than a budget of $999.99.
    """
    working = [day for day in range(30) if date(2026, 9, 1 + day).weekday() < 5]
    rows = [row for day in working[:-1] for row in hourly(day, "40", range(9, 17))]
    calls = make_calls([*rows, *hourly(working[-1], "160", range(9, 17))])
    assert len(working) == 22
    (state,) = budget_states(calls, with_budgets(settings, budget("999.99")))
    assert (state.spent_usd, state.crossed_on) == (1000, date(2026, 9, 30))
    assert state.estimate_usd >= 1000


class TestClosedMonths:
    """$2 a day from September on: a closed month of $60, an open one."""

    @pytest.fixture
    def calls(self, make_calls):
        return make_calls([row for day in range(40) for row in hourly(day, "2.40")])

    def test_a_closed_month_over_its_budget_is_an_alert(self, calls, settings):
        """30 x 2.40 = $72 of $71.99, crossed on the last day; October, 31 x 2.40 = $74.40, is heading there."""
        chosen = with_budgets(settings, budget("71.99"))
        (state,) = budget_states(calls, chosen)
        (closed,) = state.closed
        assert (closed.spent_usd, closed.crossed_on) == (72, date(2026, 9, 30))
        assert (state.spent_usd, state.estimate_usd) == (24, Decimal("74.40"))
        found = [a for a in alerts_of(calls, chosen) if a.target == "closed-budgets"]
        assert [a.level for a in found] == [Level.CRITICAL] * 2
        assert found[0].title == "The budget for all calls was overrun in Sep 2026"

    def test_only_the_last_closed_window_is_an_alert(self, make_calls, settings):
        """September of $360 is over a budget of $100, October of $74.40 is not: the table says it, no alert does."""
        rows = [row for day in range(30) for row in hourly(day, "12")]
        rows += [row for day in range(30, 66) for row in hourly(day, "2.40")]
        calls, chosen = make_calls(rows), with_budgets(settings, budget(100))
        (state,) = budget_states(calls, chosen)
        assert [each.spent_usd for each in state.closed] == [360, Decimal("74.40")]
        assert [each.window.title for each in state.exceeded] == ["Sep 2026"]
        assert [a for a in alerts_of(calls, chosen) if a.target == "closed-budgets"] == []

    def test_a_closed_month_within_its_budget_is_none(self, calls, settings):
        assert alerts_of(calls, with_budgets(settings, budget("74.40"))) == []

    def test_the_months_say_which_is_closed(self, calls):
        found = ledger(calls)
        assert [(m.window.title, m.closed, m.usage.cost_usd) for m in found.months] == [
            ("Sep 2026", True, 72),
            ("Oct 2026", False, 24),
        ]
        assert found.open == found.months[1]

    def test_the_next_months_are_forecast_by_name(self, calls, settings):
        """November has 30 days of $2.40, December 31."""
        report = FinopsUnderstanding()
        result = report.analyze(calls, settings)
        ahead = {each.window.title: round(each.total.amount, 2) for each in result.months_ahead}
        assert ahead == {"Nov 2026": 72.0, "Dec 2026": 74.4, "Jan 2027": 74.4}
        assert any("November 2026: $72.00, 80% from" in line for line in report.document(result).summary)


@pytest.mark.parametrize(
    ("cycle", "day", "first", "last"),
    [
        (Cycle("day"), "2026-11-30", "2026-11-30", "2026-11-30"),
        (Cycle("week"), "2026-11-29", "2026-11-23", "2026-11-29"),
        (Cycle("week"), "2026-11-30", "2026-11-30", "2026-12-06"),
        (Cycle("month"), "2028-02-29", "2028-02-01", "2028-02-29"),
        (Cycle("month", 15), "2026-11-14", "2026-10-15", "2026-11-14"),
        (Cycle("month", 15), "2026-11-15", "2026-11-15", "2026-12-14"),
        (Cycle("month", 31), "2026-02-27", "2026-01-31", "2026-02-27"),
        (Cycle("month", 31), "2026-02-28", "2026-02-28", "2026-03-30"),
        (Cycle("quarter"), "2026-12-31", "2026-10-01", "2026-12-31"),
        (Cycle("quarter", 1, 2), "2026-01-31", "2025-11-01", "2026-01-31"),
        (Cycle("year"), "2026-01-01", "2026-01-01", "2026-12-31"),
        (Cycle("year", 6, 4), "2026-04-05", "2025-04-06", "2026-04-05"),
        (Cycle("year", 6, 4), "2026-04-06", "2026-04-06", "2027-04-05"),
    ],
)
def test_a_window_begins_and_ends(cycle, day, first, last):
    assert cycle.around(date.fromisoformat(day)) == Window(
        date.fromisoformat(first), date.fromisoformat(last)
    )


@given(
    st.dates(),
    st.sampled_from(["day", "week", "month", "quarter", "year"]),
    st.integers(1, 31),
    st.integers(1, 12),
)
def test_windows_adjoin_and_hold_their_days(day, length, start_day, start_month):
    cycle = Cycle(length, start_day, start_month)
    window = cycle.around(day)
    assert window.holds(day)
    assert cycle.around(window.first) == cycle.around(window.last) == window
    if window.last < date.max:
        assert cycle.around(window.last + ONE_DAY).first == window.last + ONE_DAY


class TestWindowsOfBudgets:
    """$2.40 a day for 40 days from Tuesday, 1 Sep 2026, to 10 Oct 2026."""

    @pytest.fixture
    def calls(self, make_calls):
        return make_calls([row for day in range(40) for row in hourly(day, "2.40")])

    @pytest.mark.parametrize(
        ("window", "values", "days", "expected_days"),
        [
            ("day", {}, 0, 1),  # 11 Oct
            ("week", {}, 6, 7),  # from Monday, 5 Oct
            ("month", {}, 10, 31),
            ("month", {"start_day": 15}, 26, 30),  # from 15 Sep to 14 Oct
            ("quarter", {}, 10, 92),
            ("year", {}, 40, 40 + 82),  # from 1 Sep, where the file begins, to 31 Dec
            ("year", {"start_day": 6, "start_month": 10}, 5, 365),  # from 6 Oct 2026 to 5 Oct 2027
        ],
    )
    def test_each_counts_its_own_days(self, calls, settings, window, values, days, expected_days):
        chosen = budget(None, usd=Decimal(1000), window=window, **values)
        (state,) = budget_states(calls, with_budgets(settings, chosen))
        assert state.spent_usd == days * Decimal("2.40")
        assert state.estimate_usd == round(expected_days * Decimal("2.40"), 2)
        closed = sum(each.spent_usd for each in state.closed)
        assert closed + state.spent_usd == 96

    @pytest.mark.parametrize(
        ("scope", "name", "spent"), [("feature", "chat", 24), ("feature", "find", 5), ("customer", "bob", 5)]
    )
    def test_a_budget_of_a_feature_counts_its_calls_only(self, make_calls, settings, scope, name, spent):
        """Ten days of $2.40 are chat's and ann's, one of $5 is find's and bob's."""
        rows = [row for day in range(10) for row in hourly(day, "2.40")]
        rows += [{"day": 3.2, "cost_usd": "5", "feature_id": "find", "customer_id": "bob"}]
        (state,) = budget_states(make_calls(rows), with_budgets(settings, budget(9, scope=scope, name=name)))
        assert state.spent_usd == spent


ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati", "Europe/Berlin")
MOMENTS = st.lists(
    st.tuples(
        st.datetimes(datetime(2026, 1, 25), datetime(2026, 4, 5)),  # noqa: DTZ001 - the file's times are UTC
        st.one_of(st.none(), st.integers(0, 10**12)),
    ),
    min_size=1,
    max_size=60,
)


@pytest.mark.slow
@examples(max_examples=25, deadline=None)
@given(MOMENTS, st.sampled_from(ZONES))
def test_the_months_add_up_to_the_file(tmp_path_factory, moments, zone):
    rows = full_rows(
        {
            "timestamp": moment.isoformat(timespec="microseconds") + "Z",
            "cost_usd": "" if nano is None else str(Decimal(nano).scaleb(-9)),
        }
        for moment, nano in moments
    )
    path = write(tmp_path_factory.mktemp("ledger") / "calls.csv", rows)
    expected: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    numbers: Counter[tuple[int, int]] = Counter()
    for moment, nano in moments:
        local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        expected[local.year, local.month] += Decimal(nano or 0).scaleb(-9)
        numbers[local.year, local.month] += 1
    with open_calls(path, Selection(timezone=zone)) as calls:
        found = ledger(calls)
    assert {
        (month.window.first.year, month.window.first.month): (month.usage.cost_usd, month.usage.calls)
        for month in found.months
        if month.usage.calls
    } == {key: (expected[key], numbers[key]) for key in expected}
    assert found.total.cost_usd == sum(expected.values())


def test_calls_of_an_impossible_time_have_a_line_of_their_own(make_calls):
    """One of $3 in the year 2090 beside two days of $2.40: 3 + 4.80 = $7.80 in all."""
    rows = [row for day in range(2) for row in hourly(day, "2.40")]
    found = ledger(make_calls([*rows, {"timestamp": "2090-01-01T00:00:00.000000Z", "cost_usd": "3"}]))
    assert [month.window.title for month in found.months] == ["Sep 2026"]
    assert (found.undated.cost_usd, found.total.cost_usd) == (3, Decimal("7.80"))


def days_of(costs, *, last_whole: bool) -> Timeline:
    last = len(costs) - 1
    return Timeline(
        tuple(
            Day(date(2026, 9, 1) + place * ONE_DAY, Usage(1, 1, Decimal(cost)), last_whole or place < last)
            for place, cost in enumerate(costs)
        ),
        (),
    )


COSTS = st.lists(st.decimals(0, 10_000, places=9), min_size=1, max_size=45)


@given(COSTS)
def test_a_later_cut_of_the_file_never_shows_less_spent(costs):
    """Each day of the file as its last, begun and whole: no month loses a dollar."""
    spent: dict[Window, Decimal] = {}
    for count in range(1, len(costs) + 1):
        for last_whole in (False, True):
            found = ledger_of(days_of(costs[:count], last_whole=last_whole), Usage())
            for month in found.months:
                assert month.usage.cost_usd >= spent.get(month.window, Decimal(0))
                spent[month.window] = month.usage.cost_usd


@pytest.mark.slow
@examples(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10**13), min_size=8, max_size=40), st.booleans())
def test_no_estimate_is_below_what_is_spent(tmp_path_factory, costs, last_whole):
    rows = []
    for day, nano in enumerate(costs):
        late = last_whole or day + 1 < len(costs)
        rows += [{"day": day + 0.5 / 24, "cost_usd": str(Decimal(nano).scaleb(-9))}]
        rows += [{"day": day + (23.5 if late else 12) / 24, "cost_usd": "0"}]
    path = write(tmp_path_factory.mktemp("cut") / "calls.csv", full_rows(rows))
    chosen = with_budgets(SETTINGS, budget(5000), budget(None, usd=Decimal(9000), window="week"))
    with open_calls(path, Selection()) as calls:
        result = FinopsUnderstanding().analyze(calls, chosen)
    for state in result.budgets:
        if state.window_end:
            assert state.estimate_usd >= state.spent_usd
            bounds = state.window_end.interval_80
            assert bounds is None or bounds.low >= float(state.spent_usd)
    if result.month:
        assert result.month.estimate_usd >= result.month.spent_usd


def test_no_budget_is_in_force_that_the_user_has_not_set(make_calls, settings):
    """$400 a day are $12,000 of a month: more than the $7,500 that stand in settings.toml as a comment."""
    calls = make_calls([row for day in range(20) for row in hourly(day, "400")])
    assert settings.budget == ()
    for report in REPORTS:
        result = report.analyze(calls, settings)
        document = report.document(result)
        assert result.budgets == ()
        assert not [alert for alert in document.alerts if "budget" in alert.title]
        notes = [b.text for s in document.sections for b in s.blocks if hasattr(b, "text")]
        assert any("[[budget]]" in note and "--settings" in note for note in notes)
    (forecast,) = (line for line in summary_lines_of(calls, settings) if line.label == "Forecast")
    assert forecast.text.endswith("Sep 2026 ends near $12,000.00, no budget is set")


def summary_lines_of(calls, settings):
    report = FinopsUnderstanding()
    return report.document(report.analyze(calls, settings)).summary_lines


INSTANTS = st.one_of(
    st.datetimes(datetime(2024, 2, 20), datetime(2024, 4, 2)),  # noqa: DTZ001 - 29 February, clocks change in March
    st.datetimes(datetime(2024, 10, 25), datetime(2024, 11, 10)),  # noqa: DTZ001 - and in October and November
    st.sampled_from([datetime(2014, 12, 30), datetime(2090, 1, 1)]),  # noqa: DTZ001 - not plausible
)
CUT_CALLS = st.lists(
    st.tuples(INSTANTS, st.one_of(st.none(), st.integers(0, 10**12))),
    min_size=2,
    max_size=50,
    unique_by=lambda call: call[0],
)
WINDOWS = st.tuples(
    st.sampled_from(["day", "week", "month", "quarter", "year"]),
    st.sampled_from([1, 15, 29, 30, 31]),
    st.integers(1, 12),
)
CUT_ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
)


@pytest.mark.slow
@examples(max_examples=12, deadline=None)
@given(CUT_CALLS, st.sampled_from(CUT_ZONES), WINDOWS, st.data())
def test_any_cut_of_any_file_adds_up_in_months_and_windows(tmp_path_factory, moments, zone, window, data):
    """Months, undated calls and windows of a budget sum to the file; a cut at any call never shows more than all."""
    length, start_day, start_month = window
    moments = sorted(moments)
    cut = data.draw(st.integers(1, len(moments)))
    dated = [when for when, _ in moments[:cut] if when.year == 2024]
    if not dated:
        return
    chosen = with_budgets(
        SETTINGS,
        budget(None, usd=Decimal(400), window=length)
        if length in ("day", "week")
        else budget(
            None,
            usd=Decimal(400),
            window=length,
            start_day=start_day,
            start_month=start_month if length != "month" else 1,
        ),
    )
    months = []
    for number in (cut, len(moments)):
        path = write(
            tmp_path_factory.mktemp("cut") / "calls.csv", full_rows(map(dated_row, moments[:number]))
        )
        with open_calls(path, Selection(timezone=zone)) as calls:
            found = ledger(calls)
            (state,) = budget_states(calls, chosen)
        exact, undated = (nano_sum(moments[:number], years) for years in ((2014, 2024, 2090), (2014, 2090)))
        assert found.total.cost_usd == exact
        assert found.undated.cost_usd == undated
        assert sum((each.spent_usd for each in state.closed), state.spent_usd) == exact - undated
        assert state.estimate_usd is None or state.estimate_usd >= state.spent_usd
        months.append({each.window: each.usage.cost_usd for each in found.months})
    assert all(spent <= months[1][each] for each, spent in months[0].items())


def nano_sum(moments, years):
    """What calls of some years cost."""
    return Decimal(sum(nano or 0 for when, nano in moments if when.year in years)).scaleb(-9)


def dated_row(call):
    when, nano = call
    cost = "" if nano is None else str(Decimal(nano).scaleb(-9))
    return {"timestamp": when.isoformat(timespec="microseconds") + "Z", "cost_usd": cost}


def test_a_budget_for_a_name_that_no_call_has_is_said(make_calls, settings):
    """A misspelled customer would never be overrun; it is a note, which fails no run."""
    calls = make_calls([row for day in range(20) for row in hourly(day, "2.40")])
    chosen = with_budgets(settings, budget(10, scope="customer", name="Ann"), budget(9000))
    found = [alert for alert in alerts_of(calls, chosen) if "counts no call" in alert.title]
    assert [alert.level for alert in found] == [Level.INFO] * 2
    assert found[0].title == "The budget for customer Ann counts no call"
    assert {alert.dedup_key for alert in found} == {"budget/customer/Ann/unused"}
