import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.backtest import Backtest, backtest, mase, measured_coverage
from methods.candidates import (
    CANDIDATES,
    TREND_WINDOW,
    damped_trend,
    seasonal_naive,
    trend_and_weekday,
    weekday_profile,
)
from methods.conformal import exceedance, half_width, residuals_needed
from methods.forecast import Forecast, ForecastDay, ForecastTotal, Grade, forecast, grade

WEEKDAYS = np.array([10.0, 12, 14, 16, 18, 4, 3])


def noisy(days: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.maximum(np.tile(WEEKDAYS, days // 7 + 1)[:days] * 10 + random.normal(0, 8, days), 0)


def at(day: int) -> np.ndarray:
    return np.array([day])


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
        from statsmodels.tsa.holtwinters import Holt

        from methods.candidates import DAMPING, LEVEL_WEIGHTS, TREND_WEIGHTS

        series = np.linspace(50, 80, 13) + np.random.default_rng(1).normal(0, 1, 13)  # < 2 weeks: no weekdays
        fits = [
            Holt(
                series,
                damped_trend=True,
                initialization_method="known",
                initial_level=series[:7].mean(),
                initial_trend=0,
            ).fit(smoothing_level=a, smoothing_trend=b, damping_trend=p, optimized=False)
            for a in LEVEL_WEIGHTS
            for b in TREND_WEIGHTS
            for p in DAMPING
        ]
        best = min(fits, key=lambda fit: fit.sse)
        assert damped_trend(series, at(13), 10)[0] == pytest.approx(best.forecast(10))

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
        assert half_width(np.arange(3.0), 0.8) is None
        assert half_width(np.array([1.0, -4.0, 2.0, 3.0]), 0.8) == 4
        assert half_width(np.arange(18.0), 0.95) is None
        assert half_width(np.arange(19.0), 0.95) == 18

    def test_rank_by_hand(self) -> None:
        # 9 errors: the ceil(10 x 0.8) = 8th smallest
        assert half_width(np.arange(1.0, 10.0), 0.8) == 8

    def test_a_further_error_falls_inside_as_often_as_promised(self) -> None:
        draws = np.random.default_rng(5).standard_t(3, size=(4000, 20))
        inside = [abs(row[19]) <= half_width(row[:19], 0.8) for row in draws]  # type: ignore[operator]
        assert np.mean(inside) == pytest.approx(0.8, abs=0.02)

    def test_exceedance_is_never_certain(self) -> None:
        errors = np.array([1.0, 2.0, 3.0])
        assert exceedance(errors, 10) == pytest.approx(0.5 / 4)
        assert exceedance(errors, 1.5) == pytest.approx(2.5 / 4)
        assert exceedance(np.zeros(0), 1) is None


class TestBacktest:
    def test_errors_by_hand(self) -> None:
        # from day 7 on: seasonal-naive of 0..9 says 0, 1, 2; 7, 8, 9 came
        got = backtest(np.arange(10.0), CANDIDATES[1], 7, 2)
        assert got.residuals[0].tolist() == [7, 7]
        assert np.isnan(got.residuals[2]).tolist() == [False, True]
        assert got.wape(1) == pytest.approx(21 / 24)
        assert got.of_sums(2).tolist() == [14, 14]

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
        assert got.judged == 2 + 1


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
        assert judged[20] == {"seasonal_naive", "damped_trend"}
        assert judged[22] == judged[21] == {"seasonal_naive", "damped_trend", "trend_weekday"}

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

    def test_the_least_error_is_chosen(self) -> None:
        line = 100 + 5.0 * np.arange(60) + np.tile(WEEKDAYS, 9)[:60]
        got = forecast(line, 7)
        assert got.method == "trend_weekday"
        assert got.wape == min(score.wape for score in got.scores if score.wape is not None)

    def test_beyond_the_backtest_is_labelled_and_has_no_interval(self) -> None:
        got = forecast(noisy(42), 90)
        assert got.reach == 28
        assert [got.days[index].extrapolated for index in (27, 28)] == [False, True]
        assert got.days[28].interval_80 is None
        assert [got.total(days).extrapolated for days in (25, 26)] == [False, True]

    def test_an_extrapolated_range_spans_what_every_method_would_say(self) -> None:
        """History of a slow fall: one method carries it on, one repeats the last week."""
        history = np.linspace(300, 200, 56) + np.tile([3.0, -3], 28)
        got = forecast(history, 365)
        year = got.total(365)
        assert year.extrapolated
        repeated = seasonal_naive(history, at(56), 365)[0].sum()
        assert got.method == "trend_weekday"
        assert year.amount < 0.8 * repeated
        assert year.interval_80.low < year.amount
        assert year.interval_80.high > repeated

    def test_an_extrapolated_range_widens_with_the_days(self) -> None:
        got = forecast(noisy(42), 90)
        shorter, longer = got.total(30).interval_80, got.total(60).interval_80
        assert longer.high - longer.low >= 2 * (shorter.high - shorter.low) * (1 - 1e-9)

    def test_a_trend_goes_on_for_as_long_as_it_was_seen(self) -> None:
        """21 days from 400 down to 200 a day, ten a day: after another 21 it stays."""
        falling = 400 - 10.0 * np.arange(21)
        got = trend_and_weekday(falling, at(21), 42)[0]
        assert got[:7] == pytest.approx(190 - 10 * np.arange(7))
        assert got[20] == pytest.approx(0, abs=1e-6)
        assert got[21:28] == pytest.approx(got[28:35])

    def test_a_sum_is_surer_than_the_sum_of_its_days(self) -> None:
        got = forecast(noisy(60), 7)
        total = got.total(7).interval_80
        assert total is not None
        days = sum(day.interval_80.high - day.interval_80.low for day in got.days if day.interval_80)
        assert total.high - total.low < 0.8 * days

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
