"""Waits and service levels against numpy and figures worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from analyzers.finops.performance import FinopsPerformance
from methods.percentile import interval_ranks

REPORT = FinopsPerformance()


def latencies(rows, **wanted):
    return [
        row["latency_ms"]
        for row in rows
        if row["latency_ms"] != "" and all(row[name] == value for name, value in wanted.items())
    ]


def test_percentiles_are_numpys(busy, settings):
    result = REPORT.analyze(busy.calls, settings)
    for model in result.groups["model"]:
        mine = latencies(busy.rows, provider=model.key[0], model=model.key[1])
        for found in model.percentiles:
            assert found.sample == len(mine)
            assert found.value == pytest.approx(np.quantile(mine, found.share))
            ends = (rank - 1 for rank in interval_ranks(len(mine), found.share))
            ordered = sorted(mine)
            assert [found.low, found.high] == [ordered[end] if 0 <= end < len(mine) else None for end in ends]


def test_task_and_total_percentiles_are_numpys(busy, settings):
    result = REPORT.analyze(busy.calls, settings)
    whole = result.overall.at(0.95)
    assert whole.value == pytest.approx(np.quantile(latencies(busy.rows), 0.95))
    for task in result.groups["task"]:
        assert task.at(0.5).value == pytest.approx(np.median(latencies(busy.rows, task_type=task.name)))


@pytest.mark.parametrize(("count", "shown"), [(99, False), (100, True)])
def test_a_percentile_needs_a_minimum_sample(make_calls, settings, count, shown):
    result = REPORT.analyze(make_calls([{"day": place / 50} for place in range(count)]), settings)
    assert (result.overall.at(0.95).value is not None) is shown


def test_compliance_counts_the_limit_itself_as_in_time(make_calls, settings):
    rows = [{"latency_ms": wait} for wait in (9_999, 10_000, 10_001, "")]
    overall = REPORT.analyze(make_calls(rows), settings).overall
    assert (overall.timed, overall.in_time, overall.late) == (3, 2, 1)
    assert overall.compliance == Decimal(2) / 3


def test_speed_is_output_over_seconds_of_timed_calls(make_calls, settings):
    rows = [
        {"latency_ms": 1_000, "output_tokens": 100},
        {"latency_ms": 3_000, "output_tokens": 500},
        {"latency_ms": ""},
    ]
    overall = REPORT.analyze(make_calls(rows), settings).overall
    assert overall.tokens_per_second == 150
    assert overall.efficiency == Decimal(150) / overall.cost_per_1k_tokens_usd


def test_error_budget_and_the_hour_that_burns_it(make_calls, settings):
    quiet = [{"day": hour / 24 + place / 2400} for hour in range(10) for place in range(40)]
    slow = [{"day": 5 / 24 + place / 2400, "latency_ms": 20_000} for place in range(10)]
    result = REPORT.analyze(make_calls(quiet + slow), settings)
    assert (result.budget.calls, result.budget.bad) == (410, 10)
    assert result.budget.remaining == pytest.approx(1 - 10 / (0.05 * 410))
    assert result.burn.hour.hour == 5
    assert (result.burn.budget.calls, result.burn.budget.bad) == (50, 10)


def test_the_line_finds_waiting_and_pace(make_calls, settings):
    rows = [
        {
            "day": place / 100,
            "output_tokens": 12 + 25 * (place % 20),
            "latency_ms": 400 + 8 * (12 + 25 * (place % 20)),
        }
        for place in range(400)
    ]
    (line,) = REPORT.analyze(make_calls(rows), settings).lines
    assert line.line.intercept == pytest.approx(400)
    assert line.line.slope == pytest.approx(8)


def test_the_distribution_holds_every_timed_call(busy, settings):
    result = REPORT.analyze(busy.calls, settings)
    assert sum(bucket.calls for bucket in result.buckets) == len(latencies(busy.rows))


def two_models(slow_ms: int = 900, costly: str = "0.5"):
    cheap = [
        {"day": place / 50, "model": "gpt-5-mini", "cost_usd": "0.1", "latency_ms": slow_ms}
        for place in range(250)
    ]
    return cheap + [{"day": place / 50, "model": "gpt-5", "cost_usd": costly} for place in range(250)]


def test_the_cheapest_model_within_the_sla_is_best(make_calls, settings):
    result = REPORT.analyze(make_calls(two_models()), settings)
    (choice,) = result.choices
    assert choice.best.key == ("openai", "gpt-5-mini", "qa")
    assert (choice.moved_calls, choice.moved_from) == (250, ("gpt-5",))
    (advice,) = REPORT.document(result).recommendations
    expected = choice.saving_usd * settings.levers.switch_share * 30 / result.period_days
    assert advice.usd_month == pytest.approx(expected)


def test_a_model_that_misses_the_sla_is_not_best(make_calls, settings):
    result = REPORT.analyze(make_calls(two_models(slow_ms=20_000)), settings)
    assert result.choices[0].best.key[1] == "gpt-5"
    assert REPORT.document(result).recommendations == ()
    assert any("gpt-5-mini" in alert.title for alert in REPORT.document(result).alerts)


def test_who_is_costlier_and_slower_is_beaten(make_calls, settings):
    rows = two_models()
    for row in rows:
        if row["model"] == "gpt-5":
            row["latency_ms"] = 2_000
    standings = REPORT.analyze(make_calls(rows), settings).frontier
    assert [(s.contender.key, s.on_frontier) for s in standings] == [
        ("openai gpt-5-mini", True),
        ("openai gpt-5", False),
    ]


def test_without_latency_the_page_says_so(make_calls, settings):
    result = REPORT.analyze(make_calls([{"latency_ms": ""}]), settings)
    document = REPORT.document(result)
    assert "No call has a latency" in document.finding
    assert document.cards[0].value.amount is None


def test_errors_are_unknown_without_a_status(make_calls, settings):
    unknown = REPORT.document(REPORT.analyze(make_calls([{}]), settings))
    known = REPORT.document(
        REPORT.analyze(make_calls([{"status": "error"}, {"status": "success"}]), settings)
    )
    rates = {card.id: card.value for card in known.cards}
    assert rates["errors"].amount == Decimal("0.5")
    assert next(card for card in unknown.cards if card.id == "errors").value.amount is None


def test_the_target_is_a_setting(make_calls, settings):
    strict = replace(settings, service_levels=replace(settings.service_levels, latency_ms=500))
    assert REPORT.analyze(make_calls([{}], late_after_ms=500), strict).overall.late == 1
