from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.backtest import Backtest, backtest, mase, measured_coverage
from methods.candidates import (
    CANDIDATES,
    TREND_WINDOW,
    damped_log_trend,
    damped_trend,
    seasonal_naive,
    theta,
    trend_and_weekday,
    weekday_mean,
)
from methods.combination import combined
from methods.conformal import exceedance, residuals_needed
from methods.forecast import Forecast, ForecastDay, ForecastTotal, Grade, forecast, grade
from methods.smoothing import DAMPING, LEVEL_WEIGHTS, TREND_WEIGHTS, weekday_profile
from methods.spikes import Spike, spikes
from methods.spread import scale, spread
from methods.steady_growth import is_steady, log_line

WEEKDAYS = np.array([10.0, 12, 14, 16, 18, 4, 3])


def noisy(days: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.maximum(np.tile(WEEKDAYS, days // 7 + 1)[:days] * 10 + random.normal(0, 8, days), 0)


def at(day: int) -> np.ndarray:
    return np.array([day])


def best_holt(series: np.ndarray) -> Any:
    """Of the fits of statsmodels at each of our weights the one with the smallest squared errors."""
    from statsmodels.tsa.holtwinters import Holt

    start = {"initialization_method": "known", "initial_level": series[:7].mean(), "initial_trend": 0}
    fits = [
        Holt(series, damped_trend=True, **start).fit(
            smoothing_level=level, smoothing_trend=trend, damping_trend=damping, optimized=False
        )
        for level in LEVEL_WEIGHTS
        for trend in TREND_WEIGHTS
        for damping in DAMPING
    ]
    return min(fits, key=lambda fit: fit.sse)


class TestCandidates:
    def test_seasonal_naive_repeats_the_last_week(self) -> None:
        got = seasonal_naive(np.arange(10.0), at(10), 9)[0]
        assert got.tolist() == [3, 4, 5, 6, 7, 8, 9, 3, 4]

    def test_regression_continues_a_line_with_weekdays_exactly(self) -> None:
        series = np.tile(WEEKDAYS, 6) + 2 * np.arange(42)
        expected = np.tile(WEEKDAYS, 2) + 2 * np.arange(42, 56)
        assert trend_and_weekday(series, at(42), 14)[0] == pytest.approx(expected)

    def test_regression_agrees_with_statsmodels(self) -> None:
        import statsmodels.api as sm

        series = noisy(50)
        days = np.arange(57)
        design = np.column_stack([days, np.eye(7)[days % 7]])
        expected = sm.OLS(series, design[:50]).fit().predict(design[50:])
        assert trend_and_weekday(series, at(50), 7)[0] == pytest.approx(expected)

    def test_regression_forgets_what_is_older_than_its_window(self) -> None:
        old = np.concatenate([np.full(7, 1e6), noisy(TREND_WINDOW)])
        assert trend_and_weekday(old, at(old.size), 7)[0] == pytest.approx(
            trend_and_weekday(old[7:], at(TREND_WINDOW), 7)[0]
        )

    def test_damped_trend_is_statsmodels_holt_at_one_of_its_weights(self) -> None:
        series = np.linspace(50, 80, 13) + np.random.default_rng(1).normal(0, 1, 13)  # < 2 weeks: no weekdays
        assert damped_trend(series, at(13), 10)[0] == pytest.approx(best_holt(series).forecast(10))

    def test_a_weekday_mean_is_of_four_weeks(self) -> None:
        series = np.concatenate([np.full(7, 1000.0), np.arange(28.0)])
        # the weekday of the first day ahead came with 0, 7, 14 and 21; a second day's with 1, 8, 15 and 22
        assert weekday_mean(series, at(35), 9)[0].tolist() == [
            10.5,
            11.5,
            12.5,
            13.5,
            14.5,
            15.5,
            16.5,
            10.5,
            11.5,
        ]
        assert weekday_mean(np.arange(10.0), at(10), 2)[0].tolist() == [3, 4]

    def test_theta_is_simple_smoothing_of_statsmodels_with_a_drift(self) -> None:
        """Simple smoothing with half the slope as its drift: equation 6 of Hyndman and Billah (2003)."""
        from statsmodels.tsa.holtwinters import SimpleExpSmoothing

        series = np.linspace(50, 80, 13) + np.random.default_rng(1).normal(0, 3, 13)  # < 2 weeks: no weekdays
        days = np.arange(13)
        slope = np.polyfit(days, series, 1)[0]
        fits = [
            SimpleExpSmoothing(series, initialization_method="known", initial_level=series[:7].mean()).fit(
                smoothing_level=weight, optimized=False
            )
            for weight in LEVEL_WEIGHTS
        ]
        best = min(fits, key=lambda fit: fit.sse)
        weight = best.params["smoothing_level"]
        drift = slope / 2 * (np.arange(5) + (1 - (1 - weight) ** 13) / weight)
        assert theta(series, at(13), 5)[0] == pytest.approx(best.forecast(5) + drift)

    def test_damped_log_trend_is_holt_on_logarithms(self) -> None:
        series = np.geomspace(50, 200, 13) * np.random.default_rng(1).lognormal(0, 0.02, 13)
        shift = 0.05 * series.mean()
        expected = np.exp(best_holt(np.log(series + shift)).forecast(10)) - shift
        assert damped_log_trend(series, at(13), 10)[0] == pytest.approx(expected)

    def test_damped_trend_learns_weekdays(self) -> None:
        assert damped_trend(np.tile(WEEKDAYS, 6), at(42), 7)[0] == pytest.approx(WEEKDAYS, rel=1e-6)

    def test_a_profile_is_tied_to_the_first_day_however_long_the_history(self) -> None:
        expected = WEEKDAYS / WEEKDAYS.mean()
        for days in (14, 15, 20, 27):
            series = np.tile(WEEKDAYS, 4)[:days]
            assert weekday_profile(series) == pytest.approx(expected)

    def test_weekdays_need_two_weeks(self) -> None:
        assert weekday_profile(np.tile(WEEKDAYS, 2)[:13]).tolist() == [1.0] * 7

    @pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda each: each.id)
    def test_no_candidate_looks_ahead(self, candidate) -> None:
        known, other = noisy(40), noisy(40)
        other[30:] *= 5
        origins = np.array([20, 30])
        assert np.array_equal(candidate.forecasts(known, origins, 7), candidate.forecasts(other, origins, 7))


class TestConformal:
    def test_four_errors_for_80_and_19_for_95_percent(self) -> None:
        assert (residuals_needed(0.8), residuals_needed(0.95)) == (4, 19)

    def test_exceedance_is_never_certain(self) -> None:
        errors = np.array([1.0, 2.0, 3.0])
        assert exceedance(errors, 10) == pytest.approx(0.5 / 4)
        assert exceedance(errors, 1.5) == pytest.approx(2.5 / 4)
        assert exceedance(np.zeros(0), 1) is None


class TestCombination:
    def test_weights_are_inverse_squared_errors_known_then(self) -> None:
        # two methods that miss by 1 and by 3 every day: from the second week on 9 to 1
        origins, actuals = np.arange(20), np.full((20, 1), 10.0)
        stack = np.stack([np.full((20, 1), 11.0), np.full((20, 1), 13.0)])
        got, weights = combined(stack, actuals, origins)
        assert weights[:, 0].tolist() == [0.5, 0.5]  # nothing is known on the first day
        assert weights[:, 1:] == pytest.approx(np.repeat([[0.9], [0.1]], 19, axis=1))
        assert got[1:] == pytest.approx(np.full((19, 1), 11.2))

    def test_an_error_counts_when_its_day_is_over(self) -> None:
        origins, actuals = np.arange(4), np.full((4, 2), 10.0)
        stack = np.stack([np.full((4, 2), 10.0), np.full((4, 2), 10.0)])
        stack[0, 0, 1] = 20  # two days after the first origin
        weights = combined(stack, actuals, origins)[1]
        assert weights[0, 1] == weights[1, 1] == 0.5
        assert weights[0, 2] < 1e-6

    def test_methods_that_never_missed_count_alike(self) -> None:
        weights = combined(np.full((3, 9, 1), 4.0), np.full((9, 1), 4.0), np.arange(9))[1]
        assert weights == pytest.approx(np.full((3, 9), 1 / 3))


class TestSpread:
    def test_errors_grow_with_the_days_and_add_up_in_part(self) -> None:
        assert scale(0, 1) == 1
        assert scale(7, 8) == pytest.approx((1 + 0.15 * 7) ** 0.5)
        assert scale(0, 3) == pytest.approx(0.85 * (1 + 1.15**0.5 + 1.3**0.5))

    def test_the_rank_by_hand(self) -> None:
        # nine errors of tomorrow: the ceil(10 x 0.82) = 9th smallest for 80 %; too few for 95 %
        got = spread(np.arange(1.0, 10)[:, None])
        assert got.width(0, 1, 0.80) == 9
        assert got.width(0, 1, 0.95) is None

    def test_a_week_of_errors_says_the_size(self) -> None:
        residuals = np.full((5, 9), 1.0)
        residuals[:, 7:] = 1000
        assert spread(residuals).width(0, 1, 0.80) <= 1

    def test_the_chance_is_that_of_such_errors(self) -> None:
        got = spread(np.array([[1.0], [2], [-3], [4]]))
        assert got.above(0, 1, 1.5) == pytest.approx(2.5 / 5)


class TestSpikes:
    def test_a_day_far_above_all_around_is_one(self) -> None:
        values = np.tile([10.0, 20, 20, 20, 20, 20, 10], 5)
        values[34] = 61
        assert spikes(values) == (Spike(34, 61, 10),)
        values[34] = 60
        assert spikes(values) == ()

    def test_what_comes_twice_in_four_weeks_is_none(self) -> None:
        values = np.full(60, 10.0)
        values[[20, 48]] = 500
        assert spikes(values) == ()
        values[48], values[49] = 10, 500
        assert [each.day for each in spikes(values)] == [20, 49]

    def test_two_weeks_of_other_days_are_needed(self) -> None:
        assert spikes(np.array([10.0] * 13 + [500])) == ()
        assert len(spikes(np.array([10.0] * 14 + [500]))) == 1

    def test_a_forecast_keeps_it_out_and_says_both(self) -> None:
        history = [10.0] * 29 + [5000.0]
        got = forecast(history, 30)
        assert got.spikes == (Spike(29, 5000, 10),)
        assert got.total(30).amount == pytest.approx(300)
        assert got.total(30).interval_80.low <= 300 <= got.total(30).interval_80.high + 1e-6
        assert got.total_with_spikes(30) > 3000
        plain = forecast([10.0] * 30, 30)
        assert (plain.spikes, plain.total_with_spikes(30)) == ((), pytest.approx(300))


class TestSteadyGrowth:
    def test_it_is_carried_on_as_a_share(self) -> None:
        series = np.tile(WEEKDAYS, 9)[:60] * 2 ** (np.arange(60) / 30)
        ahead = np.tile(WEEKDAYS, 14)[60:90] * 2 ** (np.arange(60, 90) / 30)
        assert is_steady(series)
        assert log_line(series, at(60), 30)[0] == pytest.approx(ahead, rel=0.1)
        assert forecast(series, 30).method == "steady_growth"

    @pytest.mark.parametrize("shape", ["level", "step", "hump", "line"])
    def test_nothing_else_is(self, shape: str) -> None:
        days = np.arange(60)
        series = {
            "level": noisy(60),
            "step": np.where(days < 30, 10.0, 40),
            "hump": 10 + 30 * np.sin(days / 19),
            "line": 100 + 5.0 * days,
        }
        assert not is_steady(series[shape])

    def test_doubling_monthly_is_held_by_the_interval(self) -> None:
        held = 0
        for seed in range(60):
            noise = np.random.default_rng(seed).lognormal(0, 0.1, 90)
            series = np.tile(WEEKDAYS, 13)[:90] * 2 ** (np.arange(90) / 30) * noise
            total = forecast(series[:60], 30).total(30).interval_80
            held += total.low <= series[60:].sum() <= total.high
        assert held >= 42


class TestBacktest:
    def test_errors_by_hand(self) -> None:
        # from day 7 on: seasonal-naive of 0..9 says 0, 1, 2; 7, 8, 9 came
        got = backtest(np.arange(10.0), CANDIDATES[1], 7, 2)
        assert got.residuals[0].tolist() == [7, 7]
        assert np.isnan(got.residuals[2]).tolist() == [False, True]
        assert got.wape(1) == pytest.approx(21 / 24)

    def test_mase_of_seasonal_naive_is_one_on_the_days_it_is_scaled_by(self) -> None:
        series = noisy(40)
        assert mase(series, backtest(series, CANDIDATES[1], 7, 1), 1) == pytest.approx(1)

    def test_coverage_uses_only_what_was_known(self) -> None:
        # errors 1, 1, 1, 1, then 5: four are known on the fifth day, and the interval of 1 misses
        errors = np.array([[1.0], [1], [1], [1], [5]])
        got = measured_coverage(Backtest(CANDIDATES[1], errors, errors), 0.8, 1)
        assert (got.inside, got.judged) == (0, 1)

    def test_two_days_ahead_are_known_two_days_later(self) -> None:
        errors = np.ones((6, 2))
        got = measured_coverage(Backtest(CANDIDATES[1], errors, errors), 0.8, 2)
        assert got.judged == 2 * 2  # from the fifth origin on, four before it know an error


class TestForecast:
    def test_one_day_is_repeated_without_any_claim(self) -> None:
        got = forecast([5.0], 3)
        assert [day.amount for day in got.days] == [5, 5, 5]
        assert got.method == "mean"
        assert (got.wape, got.mase, got.grade, got.scores) == (None, None, None, ())
        assert all(day.interval_80 is None and day.extrapolated for day in got.days)
        assert got.total(3).interval_80 is None
        assert got.probability_above(10, 3) is None

    @pytest.mark.parametrize("days", [1, 2, 6, 7, 8, 13, 14, 15, 20, 21, 22, 42])
    def test_any_length_gives_finite_figures(self, days: int) -> None:
        got = forecast(noisy(days), 30)
        assert np.isfinite([day.amount for day in got.days]).all()
        assert got.history_days == days
        assert got.total(30).amount == pytest.approx(sum(day.amount for day in got.days))

    def test_weekday_effects_need_fourteen_days(self) -> None:
        assert [forecast(noisy(days), 1).knows_weekdays for days in (13, 14)] == [False, True]

    def test_regression_joins_with_a_week_to_be_judged_on(self) -> None:
        judged = {days: {score.id for score in forecast(noisy(days), 7).scores} for days in (20, 21, 22)}
        week = {"combination", "seasonal_naive", "damped_trend", "damped_log_trend", "weekday_mean", "theta"}
        assert judged[20] == week
        assert judged[22] == judged[21] == {*week, "trend_weekday"}

    def test_all_zero_stays_zero(self) -> None:
        got = forecast([0.0] * 30, 7)
        assert got.total(7).amount == 0
        assert (got.wape, got.mase) == (None, None)

    def test_all_equal_is_certain(self) -> None:
        got = forecast([4.0] * 30, 7)
        assert got.wape == pytest.approx(0, abs=1e-9)
        assert got.grade is Grade.RUN
        total = got.total(7)
        assert total.interval_80 is not None
        assert (total.interval_80.low, total.amount, total.interval_80.high) == pytest.approx((28, 28, 28))

    def test_the_combination_follows_the_method_that_fits(self) -> None:
        line = (
            100 + 5.0 * np.arange(60) + np.tile(WEEKDAYS, 9)[:60] + np.random.default_rng(3).normal(0, 1, 60)
        )
        got = forecast(line[:53], 7)
        assert got.method == "combination"
        expected = 100 + 5.0 * np.arange(53, 60) + np.tile(WEEKDAYS, 9)[53:60]
        assert [day.amount for day in got.days] == pytest.approx(expected, rel=0.02)

    def test_beyond_the_backtest_is_labelled(self) -> None:
        got = forecast(noisy(42), 90)
        assert got.reach == 28
        assert [got.days[index].extrapolated for index in (27, 28)] == [False, True]
        assert [got.total(days).extrapolated for days in (28, 29)] == [False, True]

    def test_intervals_widen_with_the_days(self) -> None:
        got = forecast(noisy(60), 90)
        widths = [day.interval_80.high - day.amount for day in got.days]
        assert widths == sorted(widths)
        assert all(day.interval_95.high >= day.interval_80.high for day in got.days)
        ends = [got.total(days).interval_80.high for days in range(91)]
        assert ends == sorted(ends)

    def test_a_trend_goes_on_for_as_long_as_it_was_seen(self) -> None:
        """21 days from 400 down to 200 a day, ten a day: after another 21 it stays."""
        falling = 400 - 10.0 * np.arange(21)
        got = trend_and_weekday(falling, at(21), 42)[0]
        assert got[:7] == pytest.approx(190 - 10 * np.arange(7))
        assert got[20] == pytest.approx(0, abs=1e-6)
        assert got[21:28] == pytest.approx(got[28:35])

    def test_a_sum_is_a_little_surer_than_the_sum_of_its_days(self) -> None:
        got = forecast(noisy(60), 7)
        days = sum(day.interval_80.high - day.amount for day in got.days)
        assert got.total(7).interval_80.high - got.total(7).amount == pytest.approx(0.85 * days)

    def test_intervals_hold_what_comes(self) -> None:
        inside = []
        for seed in range(60):
            series = noisy(49, seed)
            days = forecast(series[:42], 7).days
            inside += [
                d.interval_80.low <= came <= d.interval_80.high
                for d, came in zip(days, series[42:], strict=True)
            ]  # type: ignore[union-attr]
        assert 0.72 <= np.mean(inside) <= 0.90

    def test_month_end_adds_what_is_spent(self) -> None:
        got = forecast([4.0] * 30, 10)
        assert got.window_end(100.0, 0.0, 10).amount == pytest.approx(140)
        end = got.window_end(100.0, 0.0, 0)
        assert end.amount == 100
        assert end.interval_95 is not None
        assert (end.interval_95.low, end.interval_95.high) == (100, 100)

    @pytest.mark.parametrize(("begun", "end"), [(0, 140), (1, 139), (4, 136), (9, 136)])
    def test_a_day_that_has_begun_comes_to_its_forecast_or_to_what_it_has_already(
        self, begun: float, end: float
    ) -> None:
        """Of $100 spent, `begun` fell today. Ten days of $4 are left, today among them: 100 - begun + 10 x 4.

        A day of $9 has its forecast behind it: 100 + 9 x 4.
        """
        assert forecast([4.0] * 30, 10).window_end(100.0, begun, 10).amount == pytest.approx(end)

    def test_no_end_of_an_interval_is_below_what_is_spent(self) -> None:
        end = forecast(noisy(40), 10).window_end(500.0, 450.0, 3)
        assert end.interval_95 is not None
        assert 500 <= end.interval_95.low <= end.amount <= end.interval_95.high

    def test_a_sum_that_begins_later_adds_to_the_sum_before_it(self) -> None:
        got = forecast(noisy(60), 30)
        near, far, both = got.between(0, 10), got.between(10, 30), got.total(30)
        assert near.amount + far.amount == pytest.approx(both.amount)
        assert (near.days, far.days) == (10, 20)
        assert far.interval_80 is not None
        assert far.interval_80.low <= far.amount <= far.interval_80.high

    def test_a_budget_runs_out_on_the_day_its_sum_is_crossed(self) -> None:
        got = forecast([4.0] * 30, 10)
        assert got.exhaustion(19.9, 10).day == 5
        assert got.exhaustion(20.1, 10).day == 6
        assert got.exhaustion(41.0, 10).day is None
        assert got.exhaustion(0.0, 10) == got.exhaustion(-5.0, 10)
        assert got.exhaustion(0.0, 10).day == 0

    def test_the_likelier_the_sooner(self) -> None:
        got = forecast(noisy(60), 30)
        month = got.total(30).amount
        chances = [got.exhaustion(month * share, 30).probability for share in (0.5, 1.0, 1.5)]
        assert chances[0] > 0.9  # type: ignore[operator]
        assert chances[2] < 0.1  # type: ignore[operator]
        near = got.exhaustion(month * 0.8, 30)
        assert near.early is not None
        assert near.day is not None
        assert near.early <= near.day

    @pytest.mark.parametrize(
        ("wape", "name"),
        [
            (0.12, Grade.RUN),
            (0.1201, Grade.WALK),
            (0.15, Grade.WALK),
            (0.2, Grade.CRAWL),
            (0.2001, Grade.BELOW_CRAWL),
        ],
    )
    def test_grades_at_their_limits(self, wape: float, name: Grade) -> None:
        assert grade(wape) is name

    @pytest.mark.parametrize(("history", "horizon"), [([], 7), ([1.0], 0)])
    def test_nothing_behind_or_ahead_is_refused(self, history: list[float], horizon: int) -> None:
        with pytest.raises(ValueError, match="at least one day"):
            forecast(history, horizon)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.integers(1, 20))
    def test_never_negative_never_unordered(self, history: list[float], horizon: int) -> None:
        got: Forecast = forecast(history, horizon)
        parts: list[ForecastDay | ForecastTotal] = [*got.days, got.total(horizon)]
        for part in parts:
            assert part.amount >= 0
            for interval in (part.interval_80, part.interval_95):
                assert interval is None or 0 <= interval.low <= part.amount <= interval.high
