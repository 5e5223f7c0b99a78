"""Usage and cost against figures worked out by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from analyzers.budgets.budget_state import budget_states
from analyzers.budgets.drivers import Driver
from analyzers.finops.understanding import FinopsUnderstanding
from reporting.document import Chart
from settings.model import Budget

REPORT = FinopsUnderstanding()


def daily(days: int, cost, **values):
    """A call in the first and one in the last hour of each day, so that every day is complete."""
    return [
        {"day": day + hour / 24, "cost_usd": str(Decimal(cost(day)) / 2), **values}
        for day in range(days)
        for hour in (0.5, 23.5)
    ]


def test_change_compares_two_weeks(make_calls, settings):
    result = REPORT.analyze(make_calls(daily(14, lambda day: 1 if day < 7 else 2)), settings)
    assert (result.versus.before.cost_usd, result.versus.now.cost_usd) == (7, 14)
    card = REPORT.document(result).cards[0]
    assert card.change.value.amount == 1
    assert card.change.good is False


def test_thirteen_days_have_no_change_and_say_so(make_calls, settings):
    result = REPORT.analyze(make_calls(daily(13, lambda _: 1)), settings)
    assert result.versus is None
    assert result.bridge is None
    assert "14" in result.bridge_reason
    assert all(card.change is None for card in REPORT.document(result).cards)


def test_an_unfinished_last_day_is_not_compared(make_calls, settings):
    rows = [*daily(14, lambda _: 1), {"day": 14.25, "cost_usd": "50"}]
    result = REPORT.analyze(make_calls(rows), settings)
    assert result.versus.now.cost_usd == 7
    assert [day.day for day in result.time.complete][-1] == date(2026, 9, 14)
    assert result.daily_burn_usd == 1


def test_the_bridge_adds_up_and_names_the_price(make_calls, settings):
    result = REPORT.analyze(make_calls(daily(14, lambda day: 1 if day < 7 else 3)), settings)
    total = result.bridge.total
    assert total.price == 14
    assert (total.volume, total.mix, total.tokens, total.coverage) == (0, 0, 0, 0)
    assert total.change == 14


def test_the_bridge_of_random_calls_adds_up(busy, settings):
    result = REPORT.analyze(busy.calls, settings)
    total = result.bridge.total
    assert total.volume + total.mix + total.tokens + total.price + total.coverage == total.change
    assert total.change == result.versus.now.cost_usd - result.versus.before.cost_usd


def test_six_days_are_not_forecast(make_calls, settings):
    result = REPORT.analyze(make_calls(daily(6, lambda _: 1)), settings)
    assert result.forecast is None
    assert "needs 7" in result.forecast_reason
    assert result.outlook == ()


def test_a_steady_cost_is_forecast_to_go_on(make_calls, settings):
    result = REPORT.analyze(make_calls(daily(28, lambda _: 2)), settings)
    assert [total.amount for total in result.outlook] == pytest.approx([60, 180, 730])
    assert result.outlook[2].extrapolated


def test_unit_costs_leave_unknown_costs_out(make_calls, settings):
    rows = [{"cost_usd": "0.03"}, {"cost_usd": "0.01"}, {"cost_usd": ""}]
    total = REPORT.analyze(make_calls(rows), settings).total
    assert total.cost_per_call_usd == Decimal("0.02")
    assert total.cost_per_1k_tokens_usd == Decimal("0.02")
    assert total.at_least


def test_unknown_costs_make_the_forecast_a_lower_bound_and_leave_no_bar(make_calls, settings):
    rows = [*daily(28, lambda _: 2), {"day": 3, "cost_usd": "", "model": "mystery"}]
    document = REPORT.document(REPORT.analyze(make_calls(rows), settings))
    assert document.finding.endswith("The next 30 days: at least $60.00.")
    assert document.summary[-2].startswith("The next 30 days are forecast to cost at least $60.00")
    assert "October 2026: at least $62.00" in document.summary[-1]
    charts = [block for section in document.sections for block in section.blocks if isinstance(block, Chart)]
    chart = next(chart for chart in charts if chart.id == "cost-by-model")
    assert dict(zip(chart.labels, chart.series[0].values, strict=True))["mystery"] is None


def test_concentration_is_the_sum_of_squared_shares(make_calls, settings):
    rows = [{"cost_usd": "3"}, {"cost_usd": "1", "provider": "anthropic", "customer_id": "bob"}]
    result = REPORT.analyze(make_calls(rows), settings)
    assert result.provider_concentration.herfindahl == pytest.approx(0.75**2 + 0.25**2)
    assert result.customer_concentration.top_share == 0.75


def premium_rows(task="qa", calls=300, model="gpt-5-mini"):
    costly = [{"day": place / 20, "model": "gpt-5", "cost_usd": "0.5"} for place in range(calls)]
    cheap = [
        {"day": place / 20, "model": model, "cost_usd": "0.1", "task_type": task} for place in range(calls)
    ]
    return costly + cheap


def test_a_cheaper_model_for_the_same_task_is_recommended(make_calls, settings):
    result = REPORT.analyze(make_calls(premium_rows()), settings)
    (switch,) = result.switches
    here = settings.pricing.rate("openai", "gpt-5", result.last_day)
    there = settings.pricing.rate("openai", "gpt-5-mini", result.last_day)
    list_here = 800 * here.input_usd_per_mtok + 200 * here.output_usd_per_mtok
    list_there = 800 * there.input_usd_per_mtok + 200 * there.output_usd_per_mtok
    assert switch.usd_after == Decimal(150) * list_there / list_here
    advice = next(a for a in REPORT.document(result).recommendations if a.id.startswith("switch"))
    months = Decimal(30) / result.period_days
    assert advice.usd_month == switch.saving_usd * settings.levers.switch_share * months
    assert "gpt-5-mini" in advice.action


@pytest.mark.parametrize("rows", [premium_rows(task="summarization"), premium_rows(calls=150)])
def test_no_switch_without_the_same_task_or_enough_calls(make_calls, settings, rows):
    assert REPORT.analyze(make_calls(rows), settings).switches == ()


def organizations(longest: int):
    sizes = {"a": 1000, "b": 1000, "c": 1000, "long": longest}
    return [
        {"day": place / 20, "organization_id": name, "input_tokens": size - 200, "cost_usd": "1"}
        for name, size in sizes.items()
        for place in range(200)
    ]


def test_token_bloat_is_named_and_priced(make_calls, settings):
    (bloat,) = REPORT.analyze(make_calls(organizations(2000)), settings).bloats
    assert (bloat.organization, bloat.peer_tokens) == ("long", 1000)
    assert bloat.excess_usd == 100


def test_calls_half_as_long_again_are_no_bloat(make_calls, settings):
    assert REPORT.analyze(make_calls(organizations(1500)), settings).bloats == ()


def with_budget(settings, usd, scope="total", name=""):
    return replace(settings, budget=(Budget(scope, name, Decimal(usd)),))


def test_a_budget_that_will_not_hold_is_recommended_and_alerted(make_calls, settings):
    calls = make_calls(daily(20, lambda _: 2))
    (state,) = budget_states(calls, with_budget(settings, 50))
    assert (state.spent_usd, state.days_gone, state.days_left) == (40, 20, 10)
    assert state.estimate_usd == 60
    assert state.runs_out_on == date(2026, 9, 26)
    result = REPORT.analyze(calls, with_budget(settings, 50))
    document = REPORT.document(result)
    assert [advice.usd_month for advice in document.recommendations] == [10]
    assert len(document.alerts) == 1


def test_a_budget_that_holds_is_quiet(make_calls, settings):
    document = REPORT.document(REPORT.analyze(make_calls(daily(20, lambda _: 2)), with_budget(settings, 60)))
    assert document.recommendations == ()
    assert document.alerts == ()


def test_a_budget_of_an_organization_counts_its_calls_only(make_calls, settings):
    rows = daily(10, lambda _: 2) + daily(10, lambda _: 5, organization_id="blue")
    (state,) = budget_states(make_calls(rows), with_budget(settings, 100, "organization", "blue"))
    assert state.spent_usd == 50
    assert state.covered_from is None


def test_a_budget_that_is_used_up_names_the_day_it_was(make_calls, settings):
    """$2 per day: $40 are reached on the 20th day and passed on the 21st."""
    rows = daily(25, lambda _: 2)
    days = {
        usd: budget_states(make_calls(rows), with_budget(settings, usd))[0].runs_out_on
        for usd in (40, "39.99")
    }
    assert days == {40: date(2026, 9, 21), "39.99": date(2026, 9, 20)}


@pytest.mark.parametrize(
    ("scope", "name", "driver"),
    [
        ("total", "", Driver("openai", "gpt-5-mini", Decimal(21), Decimal(7))),
        ("organization", "blue", Driver("openai", "gpt-5-mini", Decimal(21), Decimal(7))),
        ("product", "p", Driver("openai", "gpt-5-mini", Decimal(21), Decimal(7))),
        ("customer", "bob", Driver("openai", "gpt-5", Decimal(126), Decimal(0))),
        ("feature", "bot", Driver("openai", "", Decimal(147), Decimal(7))),
    ],
)
def test_the_driver_of_a_budget_is_the_model_that_grew_most(make_calls, settings, scope, name, driver):
    """Within the budget's calls gpt-5-mini grows by $7 per week and gpt-5 costs more; elsewhere another grows faster.

    Of a customer's budget the most expensive is named, of a feature's the provider.
    """
    own = {"organization_id": "blue", "product_id": "p", "customer_id": "bob", "feature_id": "bot"}
    rows = daily(14, lambda _: 9, **own) + daily(
        14, lambda day: 1 if day < 7 else 2, model="gpt-5-mini", **own
    )
    if scope != "total":
        rows += daily(14, lambda day: 1 if day < 7 else 90, model="other", product_id="q")
    budgets = with_budget(settings, 1000, scope, name)
    (state,) = budget_states(make_calls(rows), budgets)
    assert state.driver == driver
    (state,) = budget_states(make_calls(daily(13, lambda _: 9, **own)), budgets)
    model = "" if scope == "feature" else "gpt-5"
    assert state.driver == Driver("openai", model, Decimal(117), Decimal(0))


def test_a_budget_of_nobody_has_no_driver(make_calls, settings):
    (state,) = budget_states(
        make_calls(daily(20, lambda _: 2)), with_budget(settings, 9, "customer", "nobody")
    )
    assert (state.driver, state.spent_usd, state.runs_out_on) == (None, 0, None)


def test_per_month_seen_in_part_is_at_least(make_calls, settings):
    rows = [{**row, "day": row["day"] + 9} for row in daily(10, lambda _: 2)]
    (state,) = budget_states(make_calls(rows), with_budget(settings, 100))
    assert state.covered_from == date(2026, 9, 10)


def test_the_month_ends_with_what_is_spent_and_what_is_forecast(make_calls, settings):
    result = REPORT.analyze(make_calls(daily(20, lambda _: 2)), settings)
    assert (result.month.spent_usd, result.month.days_left) == (40, 10)
    assert result.month.estimate_usd == 60


def test_after_per_month_is_over_the_next_one_is_estimated(make_calls, settings):
    month = REPORT.analyze(make_calls(daily(30, lambda _: 2)), settings).month
    assert (month.month.window.first, month.spent_usd, month.days_left) == (date(2026, 10, 1), 0, 31)
    assert month.estimate_usd == 62
