"""Anomalies, outliers, waste and risk: found where they were made, and nowhere else."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from analyzers.budgets.alerts import level_alert
from analyzers.budgets.budget_state import BudgetState
from analyzers.finops.realtime import FinopsRealtime
from analyzers.ledger.windows import Window
from analyzers.realtime.actions import actions
from analyzers.realtime.anomaly_search import Search
from analyzers.realtime.customer_risk import customer_risks, is_lapsed
from calls.engine import open_calls
from reporting.document import Level, Table
from simulator.scenarios.gradual_decline import GradualDecline

REPORT = FinopsRealtime()
NOTHING = Search(date(2026, 9, 30), (), (), (), (), (), (), 0, 0, "short")
SHARES = (Decimal("0.8"), Decimal("0.9"), Decimal(1))


def steady(days: int, **values):
    """About four calls per hour, the same for all hours."""
    rng = random.Random(3)
    return [
        {"day": day + (hour + rng.random()) / 24, "cost_usd": "0.1", **values}
        for day in range(days)
        for hour in range(24)
        for _ in range(rng.randint(3, 5))
    ]


def burst(day: int, hour: int, count: int = 80, **values):
    return [{"day": day + (hour + place / count) / 24, "cost_usd": "0.1", **values} for place in range(count)]


def test_a_burst_is_found_at_its_hour_and_priced(make_calls, settings):
    result = REPORT.analyze(make_calls(steady(21) + burst(18, 11)), settings)
    found = next(entry for entry in result.search.hours if entry.kind == "total")
    assert found.start.isoformat() == "2026-09-19T11:00:00"
    assert found.calls >= 80
    assert found.excess_usd == pytest.approx((found.calls - found.expected_calls) * 0.1, rel=0.02)
    document = REPORT.document(result)
    assert any("19 Sep 2026" in alert.title for alert in document.alerts)
    assert any("Find the cause" in action.what for action in actions(result))


def test_findings_at_one_time_are_one_event_and_its_dollars_count_once(make_calls, settings):
    """A burst of one customer's feature shows in the total, the model, the feature and the customer."""
    rows = steady(21) + burst(18, 11, feature_id="f2", customer_id="bob") + burst(20, 4)
    rows += [{"day": day + 0.5, "feature_id": "f2", "customer_id": "bob"} for day in range(21)]
    result = REPORT.analyze(make_calls(rows), settings)
    one, two = sorted(result.search.events, key=lambda event: event.lead.start)
    assert (one.lead.start.day, two.lead.start.day) == (19, 21)
    assert {part.kind for part in (one.lead, *one.parts)} == {"total", "model", "feature", "customer"}
    assert result.anomaly_usd == pytest.approx(one.lead.excess_usd + two.lead.excess_usd)
    document = REPORT.document(result)
    card = next(card for card in document.cards if card.id == "anomalies")
    blocks = [block for section in document.sections for block in section.blocks]
    listed = [block.rows for block in blocks if isinstance(block, Table) and block.id == "anomalies"]
    assert card.value.amount == len(listed[0]) == len(document.alerts) == 2
    assert document.summary_lines[0].figures["anomalies"] == 2
    assert document.summary_lines[0].text.endswith("; 2 incidents in all")
    told = [action for action in actions(result) if action.what.startswith("Find the cause")]
    assert [action.usd for action in told] == sorted(
        (round(Decimal(event.lead.excess_usd), 2) for event in (one, two)), reverse=True
    )


def test_a_customer_whose_calls_stop_is_in_the_action_list(make_calls, settings):
    rows = steady(40) + [{"day": day + 0.5, "customer_id": "gone", "cost_usd": "2"} for day in range(30)]
    told = [
        action
        for action in actions(REPORT.analyze(make_calls(rows), settings))
        if "calls stopped" in action.what
    ]
    assert [action.what.split(":")[0] for action in told] == ["Ask gone why its calls stopped"]


def test_the_last_24_hours_are_compared_with_the_24_before(make_calls, settings):
    rows = [{"day": hour / 24, "cost_usd": "1" if hour < 24 else "3"} for hour in range(48)]
    result = REPORT.analyze(make_calls(rows), settings)
    assert (result.last.before.cost_usd, result.last.usage.cost_usd) == (24, 72)
    assert REPORT.document(result).cards[0].change.value.amount == 2
    assert REPORT.analyze(make_calls(rows[1:]), settings).last.before is None


def test_an_anomaly_before_the_last_two_weeks_is_no_risk_today(make_calls, settings):
    def bands(day):
        rows = [*steady(40, customer_id="ann"), *burst(day, 11, customer_id="ann")]
        (risk,) = REPORT.analyze(make_calls([*rows, {"day": 39.99}]), settings).risks
        return risk.band

    assert bands(20) == "low"
    assert bands(30) == "high"


def test_steady_calls_have_no_anomaly(make_calls, settings):
    result = REPORT.analyze(make_calls(steady(21)), settings)
    assert result.search.ranked == ()
    assert result.search.judged > 0
    assert REPORT.document(result).alerts == ()


@pytest.mark.parametrize(("days", "judged"), [(14, False), (15, True)])
def test_anomalies_need_more_than_two_weeks(make_calls, settings, days, judged):
    search = REPORT.analyze(make_calls(steady(days) + burst(days - 1, 11)), settings).search
    assert (search.reason == "") is judged
    assert bool(search.ranked) is judged


def test_a_small_burst_below_the_dollar_floor_is_not_reported(make_calls, settings):
    strict = replace(settings, anomaly=replace(settings.anomaly, floor_usd=Decimal(1000)))
    assert REPORT.analyze(make_calls(steady(21) + burst(18, 11)), strict).search.ranked == ()


def test_a_feature_that_appears_is_new_and_no_anomaly(make_calls, settings):
    late = [{"day": day + 0.5, "feature_id": "draft", "cost_usd": "0.1"} for day in range(18, 21)]
    search = REPORT.analyze(make_calls(steady(21) + late), settings).search
    assert [(entry.kind, entry.name, entry.day) for entry in search.new] == [
        ("feature", "draft", date(2026, 9, 19))
    ]


def varied(count: int = 300):
    rng = random.Random(5)
    return [
        {"day": place / 100, "cost_usd": f"{0.01 * rng.lognormvariate(0, 0.2):.9f}"} for place in range(count)
    ]


def test_per_call_a_hundred_times_as_costly_is_an_outlier(make_calls, settings):
    result = REPORT.analyze(make_calls([*varied(), {"day": 1, "cost_usd": "1"}]), settings)
    assert result.outliers.count == 1
    (call,) = result.outliers.listed
    assert call.cost_usd == 1
    assert call.usual_usd == pytest.approx(0.01, rel=0.1)
    assert result.outliers.excess_usd == pytest.approx(1 - call.usual_usd)


def test_calls_alike_have_no_outlier(make_calls, settings):
    assert REPORT.analyze(make_calls(varied()), settings).outliers.count == 0


def test_failures_and_retries_are_counted_and_priced(make_calls, settings):
    second = 1 / 86_400
    rows = [
        {"day": 0, "session_id": "s", "status": "error", "cost_usd": "0.25"},
        {"day": 60 * second, "session_id": "s", "status": "success", "cost_usd": "0.5"},
        {"day": 1, "session_id": "t", "status": "error", "cost_usd": ""},
        {"day": 1 + 61 * second, "session_id": "t", "status": "success", "cost_usd": "0.5"},
        {"day": 2, "session_id": "", "status": "error", "cost_usd": "1"},
        {"day": 2 + second, "session_id": "", "status": "success"},
    ]
    (found,) = REPORT.analyze(make_calls(rows), settings).failures
    assert (found.failed, found.failed_usd) == (3, Decimal("1.25"))
    assert (found.retries, found.retries_usd) == (1, Decimal("0.5"))


def test_a_fallback_to_another_model_is_a_retry_of_the_model_that_answers(make_calls, settings):
    second = 1 / 86_400
    rows = [
        {"day": 0, "session_id": "s", "status": "error", "cost_usd": "0.25", "model": "gpt-5"},
        {"day": 5 * second, "session_id": "s", "status": "success", "cost_usd": "0.5", "model": "gpt-5-mini"},
        {
            "day": 6 * second,
            "session_id": "s",
            "task_type": "other",
            "status": "success",
            "model": "gpt-5-nano",
        },
        {"day": 1, "session_id": "u", "status": "success", "model": "gpt-5-nano"},
    ]
    found = {entry.model: entry for entry in REPORT.analyze(make_calls(rows), settings).failures}
    assert set(found) == {"gpt-5", "gpt-5-mini"}
    assert (found["gpt-5"].failed, found["gpt-5"].retries) == (1, 0)
    mini = found["gpt-5-mini"]
    assert (mini.failed, mini.failed_usd, mini.retries, mini.retries_usd) == (0, 0, 1, Decimal("0.5"))


def test_failures_are_recommended_only_where_they_cost(make_calls, settings):
    free = [{"status": "error", "cost_usd": "0"}, {"status": "success"}]
    costly = [{"status": "error", "cost_usd": "3"}, {"status": "success"}]
    quiet, loud = (REPORT.document(REPORT.analyze(make_calls(rows), settings)) for rows in (free, costly))
    assert not [a for a in quiet.recommendations if a.id.startswith("failures")]
    assert [a.usd_month for a in loud.recommendations if a.id.startswith("failures")] == [90]


def test_answers_beyond_three_times_the_usual_are_priced(make_calls, settings):
    rows = [{"day": place / 100, "output_tokens": 200} for place in range(150)]
    rows.append({"day": 1, "output_tokens": 10_600})
    result = REPORT.analyze(make_calls(rows), settings)
    (found,) = result.long_answers
    rate = settings.pricing.rate("openai", "gpt-5", result.last_day).output_usd_per_mtok
    assert (found.calls, found.excess_tokens) == (1, 10_000)
    assert found.excess_usd == rate / 100


@pytest.mark.parametrize(("longest", "advised"), [(3_990_000, False), (4_000_000, True)])
def test_excess_is_advised_on_from_a_tenth_of_the_output_on(make_calls, settings, longest, advised):
    """150 answers of 200,000 tokens and one of 4 million: 3.4 million beyond, a tenth of 34 million."""
    rows = [{"day": place / 100, "output_tokens": 200_000} for place in range(150)]
    rows.append({"day": 1, "output_tokens": longest})
    result = REPORT.analyze(make_calls(rows), settings)
    advice = [entry for entry in REPORT.document(result).recommendations if entry.id.startswith("answers")]
    assert bool(advice) is advised
    assert result.long_answers[0].excess_usd > 1


@pytest.mark.parametrize(("fine", "advised"), [(49, False), (48, True)])
def test_failures_are_advised_on_above_the_rate_allowed(make_calls, settings, fine, advised):
    rows = [{"status": "error", "cost_usd": "9"}] + [{"status": "success"}] * fine
    result = REPORT.analyze(make_calls(rows), settings)
    assert bool(REPORT.document(result).recommendations) is advised
    assert any("Mend" in action.what for action in actions(result)) is advised


def test_the_same_model_of_a_costlier_seller_is_named(make_calls, settings):
    rows = [
        {"day": place / 100, "provider": name, "model": "own-model", "cost_usd": usd}
        for name, usd in (("here", "0.2"), ("there", "0.1"))
        for place in range(10)
    ]
    (found,) = REPORT.analyze(make_calls(rows), settings).sellers
    assert (found.provider, found.cheaper) == ("here", "there")
    assert found.saving_usd == 1


def test_late_calls_by_severity(make_calls, settings):
    rows = [{"latency_ms": wait} for wait in (10_000, 10_001, 20_001, 50_001)]
    (found,) = REPORT.analyze(make_calls(rows), settings).violations
    assert (found.late, found.very_late, found.extremely_late) == (3, 2, 1)
    assert found.severity == "critical"


def budget(spent: str, estimate=None):
    september = Window(date(2026, 9, 1), date(2026, 9, 30))
    return BudgetState(
        scope="total",
        name="",
        length="month",
        budget_usd=Decimal(100),
        window=september,
        spent_usd=Decimal(spent),
        days_gone=20,
        days_left=10,
        covered_from=None,
        partial_day=None,
        window_end=estimate,
        exhaustion=None,
        overrun_probability=None,
        driver=None,
    )


@pytest.mark.parametrize(
    ("spent", "level", "said"),
    [
        ("79.99", None, ""),
        ("80", Level.WARNING, "80%"),
        ("90", Level.WARNING, "90%"),
        ("100", Level.CRITICAL, "100%"),
    ],
)
def test_budget_alerts_rise_at_their_levels(spent, level, said):
    alert = level_alert(budget(spent), SHARES)
    assert (alert and alert.level) == level
    assert alert is None or said in alert.title


def customer(name: str, days, cost: str):
    return [
        {"day": day + hour / 24, "customer_id": name, "cost_usd": cost}
        for day in days
        for hour in (0.5, 23.5)
    ]


def test_customers_are_banded_by_their_jump(make_calls, settings):
    rows = customer("flat", range(28), "1")
    rows += customer("doubled", range(21), "1") + customer("doubled", range(21, 28), "2.01")
    rows += customer("grown", range(21), "1") + customer("grown", range(21, 28), "1.6")
    rows += customer("gone", range(18), "1")
    risks = {risk.customer: risk.band for risk in REPORT.analyze(make_calls(rows), settings).risks}
    assert risks == {"doubled": "high", "grown": "medium", "gone": "lapsed", "flat": "low"}


@pytest.mark.parametrize(("silent", "lapsed"), [(6, False), (7, True)])
def test_a_daily_customer_lapses_after_a_week(silent, lapsed):
    assert is_lapsed(date(2026, 9, 1), date(2026, 9, 20), 20, date(2026, 9, 20 + silent)) is lapsed


def test_a_rare_customer_is_not_lapsed_by_a_usual_gap():
    assert not is_lapsed(date(2026, 9, 1), date(2026, 9, 15), 3, date(2026, 9, 27))


def test_the_last_day_is_24_hours(make_calls, settings):
    rows = [{"day": place / 24, "cost_usd": "1"} for place in range(72)]
    last = REPORT.analyze(make_calls(rows), settings).last
    assert last.usage.cost_usd == 24
    assert last.usual_usd == 24


def test_no_search_is_an_empty_search():
    assert NOTHING.ranked == ()


def test_dollars_over_expectation_count_no_call_twice(make_calls, settings):
    result = REPORT.analyze(make_calls(steady(21) + burst(18, 11)), settings)
    by_kind = {found.kind for found in result.search.ranked}
    assert {"total", "model", "feature"} <= by_kind
    burst_usd = next(found.excess_usd for found in result.search.ranked if found.kind == "total")
    assert float(result.anomaly_usd) == pytest.approx(burst_usd, rel=0.05)


@pytest.mark.slow
def test_customers_who_left_the_decline_pattern_are_named(tmp_path, settings):
    """Over four seeds: of who left more than 10 days before the end at least 90 %, of who stayed at most 2 %."""
    named = {"left": [], "stayed": []}
    for seed in range(11, 15):
        simulated = GradualDecline(num_days=60, seed=seed, end_date=date(2026, 11, 1))
        simulated.write(tmp_path / f"{seed}.csv")
        with open_calls(tmp_path / f"{seed}.csv") as calls:
            risks = {risk.customer: risk.band for risk in customer_risks(calls, NOTHING, Decimal(1))}
        gone = {churn.customer: churn.day for churn in simulated.churns}
        for number, customer in enumerate(sorted(risks)):
            days_gone = (date(2026, 11, 1) - gone[number]).days + 1 if number in gone else 0
            if not days_gone or days_gone > 10:
                named["left" if days_gone else "stayed"].append(risks[customer] == "lapsed")
    assert len(named["left"]) > 15
    assert sum(named["left"]) >= 0.9 * len(named["left"])
    assert sum(named["stayed"]) <= 0.02 * len(named["stayed"])
