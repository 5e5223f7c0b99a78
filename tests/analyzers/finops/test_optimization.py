"""Levers that never overlap, and commitments, tiers and caches worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.finops.optimization import FinopsOptimization, volume_discount
from analyzers.optimization.charts import switch_matrix
from analyzers.optimization.hourly_demand import clock_hours
from calls.engine import open_calls
from calls.schema import COLUMN_NAMES
from settings.model import VolumeTier
from tests.calls.call_files import row
from tests.calls.call_files import write as write_calls

from .conftest import random_rows, write

REPORT = FinopsOptimization()


def levers_of(result):
    return {lever.id: lever for lever in result.levers}


def only(settings, **changed):
    """Settings with every lever off but those given."""
    off = {
        "batch_discount": Decimal(0),
        "deferrable_task_types": (),
        "repeatable_input_share": Decimal(0),
        "switch_share": Decimal(0),
    }
    return replace(settings, levers=replace(settings.levers, **(off | changed)))


@given(seed=st.integers(0, 10_000), count=st.integers(1, 80))
@hypothesis_settings(max_examples=10, deadline=None)
def test_the_levers_lead_from_today_to_best(tmp_path_factory, settings, seed, count):
    calls = open_calls(write(tmp_path_factory.mktemp("levers") / "calls.csv", random_rows(seed, count, 10)))
    eager = replace(settings, sample=replace(settings.sample, comparison_calls=1))
    result = REPORT.analyze(calls, eager)
    cost = result.total.cost_usd
    for lever in result.levers:
        assert lever.before_usd == cost
        assert 0 <= lever.saving_usd <= cost
        assert lever.saving_usd == sum(entry.usd for entry in result.savings if entry.lever == lever.id)
        cost -= lever.saving_usd
    assert result.best_usd == cost >= 0
    assert result.best_usd + result.saving_usd == result.total.cost_usd


def hourly(days: int, count=lambda _: 1, **values):
    return [
        {"day": hour / 24, "cost_usd": "0.1", **values}
        for hour in range(24 * days)
        for _ in range(count(hour))
    ]


def test_a_constant_demand_is_committed_in_full(make_calls, settings):
    result = REPORT.analyze(make_calls(hourly(10)), only(settings))
    (found,) = result.commitments
    assert found.plan.chosen.level == 1000
    assert (found.plan.chosen.coverage, found.plan.chosen.utilisation) == (1, 1)
    assert found.plan.break_even_utilisation == pytest.approx(0.8)
    assert found.saving_usd == pytest.approx(Decimal("4.8"))
    assert found.break_even_month == 10  # by its end 10 of 12 months are used, and 12 x 0.8 are paid
    assert found.regret_usd == pytest.approx(0)
    assert levers_of(result)["commit"].saving_usd == pytest.approx(Decimal("4.8"))


def test_at_a_fifth_less_demand_the_commitment_saves_nothing(make_calls, settings):
    (found,) = REPORT.analyze(make_calls(hourly(10)), only(settings)).commitments
    # 1,000 tokens per hour committed at 80 % of the price, 800 of them used: the break-even utilisation
    assert found.saving_if_fewer_usd == pytest.approx(0, abs=1e-9)


def test_rare_use_is_not_committed(make_calls, settings):
    result = REPORT.analyze(make_calls(hourly(10, lambda hour: 4 if hour % 24 == 12 else 0)), only(settings))
    (found,) = result.commitments
    assert (found.plan.chosen.level, found.saving_usd) == (0, 0)
    assert found.break_even_month is None
    assert levers_of(result)["commit"].saving_usd == 0


@pytest.mark.parametrize(("days", "judged"), [(6, False), (7, True)])
def test_a_commitment_needs_a_week(make_calls, settings, days, judged):
    result = REPORT.analyze(make_calls(hourly(days)), only(settings))
    assert bool(result.commitments) is judged
    assert (result.commitment_reason == "") is judged


def test_only_tasks_that_can_wait_are_batched(make_calls, settings):
    rows = [{"task_type": "summarization", "cost_usd": "6"}, {"task_type": "qa", "cost_usd": "4"}]
    wait = only(settings, batch_discount=Decimal("0.5"), deferrable_task_types=("summarization",))
    result = REPORT.analyze(make_calls(rows), wait)
    assert levers_of(result)["batch"].saving_usd == 3
    assert result.deferrable_usd == 6
    (advice,) = REPORT.document(result).recommendations
    assert (advice.subject, advice.usd_month) == ("summarization", 90)


@pytest.mark.parametrize("tier", ["batch", "Batch", "flex"])
def test_a_batch_that_is_one_already_saves_nothing_and_is_not_committed(tmp_path, settings, tier):
    wait = only(settings, batch_discount=Decimal("0.5"), deferrable_task_types=("summarization",))
    known = {"cost_usd": "2", "task_type": "summarization"}
    rows = [row(hour * 60, **known, service_tier=tier) for hour in range(24 * 8)]
    rows += [row(hour * 60 + 1, **known) for hour in range(3)]
    with open_calls(write_calls(tmp_path / "calls.csv", rows, COLUMN_NAMES)) as calls:
        result = REPORT.analyze(calls, wait)
    # three calls of 2 USD wait at the standard price: half of 6; no hour of the others is committed
    assert levers_of(result)["batch"].saving_usd == 3
    assert levers_of(result)["commit"].saving_usd == 0
    assert (result.deferrable_usd, result.deferred_usd) == (2 * 24 * 8 + 6, 2 * 24 * 8)
    [waiting] = [section for section in REPORT.document(result).sections if section.id == "waiting"]
    assert "$384.00 of it is bought as batch or flex already" in str(waiting.blocks[0])


@pytest.mark.parametrize(("task", "least"), [("summarization", "at least $6.00"), ("qa", "cost $6.00")])
def test_what_could_wait_says_at_least_where_a_cost_of_it_is_a_lower_bound(tmp_path, settings, task, least):
    wait = only(settings, batch_discount=Decimal("0.5"), deferrable_task_types=("summarization",))
    partial = {"cost_usd": "4", "cost_source": "partial", "cost_gap": "code_execution", "task_type": task}
    rows = [row(0, cost_usd="6" if task == "qa" else "2", task_type="summarization"), row(1, **partial)]
    with open_calls(write_calls(tmp_path / "calls.csv", rows, COLUMN_NAMES)) as calls:
        result = REPORT.analyze(calls, wait)
    assert (result.deferrable_usd, result.deferrable_at_least) == (6, task == "summarization")
    [waiting] = [section for section in REPORT.document(result).sections if section.id == "waiting"]
    assert least in str(waiting.blocks[0])


def test_a_commitment_covers_the_calls_that_are_no_batch(tmp_path, settings):
    plain = [row(hour * 60, cost_usd="2", task_type="qa") for hour in range(24 * 8)]
    with open_calls(write_calls(tmp_path / "plain.csv", plain, COLUMN_NAMES)) as calls:
        alone = levers_of(REPORT.analyze(calls, only(settings)))["commit"].saving_usd
    batch = [row(hour * 60 + 1, cost_usd="2", task_type="qa", service_tier="batch") for hour in range(24 * 8)]
    with open_calls(write_calls(tmp_path / "both.csv", [*plain, *batch], COLUMN_NAMES)) as calls:
        both = levers_of(REPORT.analyze(calls, only(settings)))["commit"].saving_usd
    assert both == alone > 0


@pytest.mark.parametrize(("cached", "left"), [(0, 5_000), (2_000, 3_000), (4_999, 1), (5_000, 0), (8_000, 0)])
def test_a_cache_serves_what_repeats_and_is_not_cached_yet(make_calls, settings, cached, left):
    rows = [{"input_tokens": 10_000, "output_tokens": 0, "cached_input_tokens": cached, "cost_usd": "1"}]
    result = REPORT.analyze(make_calls(rows), only(settings, repeatable_input_share=Decimal("0.5")))
    rate = settings.pricing.rate("openai", "gpt-5", result.last_day, 10_000)
    whole = (10_000 - cached) * rate.input_usd_per_mtok + cached * rate.cached_input_usd_per_mtok
    saved = left * (rate.input_usd_per_mtok - rate.cached_input_usd_per_mtok)
    assert levers_of(result)["cache"].saving_usd == round(saved / whole, 9)


def test_half_of_the_calls_that_can_move_do(make_calls, settings):
    costly = [{"day": place / 50, "cost_usd": "0.5"} for place in range(300)]
    cheap = [{"day": place / 50, "model": "gpt-5-mini", "cost_usd": "0.1"} for place in range(300)]
    result = REPORT.analyze(make_calls(costly + cheap), only(settings, switch_share=Decimal("0.5")))
    (switch,) = result.switches
    saving = levers_of(result)["switch"].saving_usd
    assert saving == round(switch.saving_usd / 2, 9)
    (entry,) = [entry for entry in result.savings if entry.lever == "switch"]
    assert (entry.subject, entry.calls) == ("gpt-5 to gpt-5-mini", 150)


def test_the_matrix_of_switches_adds_up_over_tasks(make_calls, settings):
    rows = [
        {"day": place / 50, "cost_usd": usd, "model": model, "task_type": task}
        for model, usd in (("gpt-5", "0.5"), ("gpt-5-mini", "0.1"))
        for task in ("qa", "code")
        for place in range(300)
    ]
    result = REPORT.analyze(make_calls(rows), only(settings))
    matrix = switch_matrix(result)
    assert (matrix.row_labels, matrix.column_labels) == (("openai gpt-5",), ("openai gpt-5-mini",))
    assert matrix.values == ((sum(each.saving_usd for each in result.switches) * result.month_factor,),)


@pytest.mark.parametrize(
    ("first", "odd"), [(date(2026, 3, 28), {26: 0}), (date(2026, 10, 24), {26: 2}), (date(2026, 6, 1), {})]
)
def test_the_hours_of_the_clock_are_counted_as_they_pass(first, odd):
    """In Berlin 2 o'clock does not come on 29 March 2026, and comes twice on 25 October."""
    counts = clock_hours(first, 3, ZoneInfo("Europe/Berlin"))
    assert {place: count for place, count in enumerate(counts.tolist()) if count != 1} == odd
    assert counts.sum() == 72 + sum(count - 1 for count in odd.values())


@pytest.mark.parametrize(("days_to", "hours"), [(date(2026, 3, 29), 239), (date(2026, 10, 25), 241)])
def test_a_change_of_the_clock_neither_idles_nor_doubles_an_hour(make_calls, settings, days_to, hours):
    """Ten days around the change, a call every real hour: all of it can be committed to."""
    start = (days_to - timedelta(days=5) - date(2026, 9, 1)).days
    rows = [{"day": start + hour / 24, "cost_usd": "0.1"} for hour in range(hours)]
    offset = 1 if hours == 239 else 2  # midnight in Berlin, in hours before midnight UTC
    rows = [{**row, "day": row["day"] - offset / 24} for row in rows]
    calls = make_calls(rows, timezone="Europe/Berlin")
    (found,) = REPORT.analyze(calls, only(settings)).commitments
    assert calls.source.period.days == 10
    assert (found.plan.chosen.hours, found.plan.chosen.level) == (hours, 1000)
    assert found.plan.chosen.utilisation == 1


def test_nothing_to_gain_gives_no_advice(make_calls, settings):
    result = REPORT.analyze(make_calls([{}]), only(settings))
    assert REPORT.document(result).recommendations == ()
    assert result.saving_usd == 0


TIERS = (
    VolumeTier("openai", Decimal(100), Decimal("0.05")),
    VolumeTier("openai", Decimal(500), Decimal("0.10")),
)


@pytest.mark.parametrize(("spend", "saved"), [(100, 0), (101, "0.05"), (500, 20), (501, "20.1"), (0, 0)])
def test_a_tier_discounts_the_spend_within_it(spend, saved):
    assert volume_discount(TIERS, Decimal(spend)) == Decimal(saved)


def test_the_next_tier_and_what_is_missing(make_calls, settings):
    rows = [{"day": place, "cost_usd": "10"} for place in range(30)]
    rows += [{"provider": "anthropic", "cost_usd": "300"}]
    result = REPORT.analyze(make_calls(rows), replace(settings, volume_tier=TIERS))
    state = next(entry for entry in result.volumes if entry.provider == "openai")
    assert (state.month_usd, state.discount_usd) == (300, 10)
    assert (state.next_from_usd, state.distance_usd) == (500, 200)
    assert state.consolidated_usd == 30


def test_unknown_cost_says_what_is_missing(make_calls, settings):
    document = REPORT.document(REPORT.analyze(make_calls([{"cost_usd": ""}]), settings))
    assert "No call has a known cost" in document.finding
    assert document.recommendations == ()
