import statistics

import numpy as np
import pytest

from methods.anomaly import Rule, find_anomalies, history_sentence
from methods.baseline import baseline, modified_z
from methods.count_tail import upper_tail
from methods.level_shift import best_split, level_shift

RULE = Rule()


def traffic(series: int, days: int, slots: int = 24, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    by_hour = np.outer(random.uniform(2, 10, series), 1 + 0.5 * np.sin(np.arange(slots) / slots * 2 * np.pi))
    return random.poisson(by_hour[:, None, :] * np.ones((1, days, 1))).astype(float)


def expected_by_loops(values: np.ndarray, day: int, slot: int) -> tuple[float, float]:
    """The two expectations of a slot of one series, the lower first, as the docstring of `baseline` says them."""
    past = sorted(values[max(day - 28, 0) : day, slot])
    middle = statistics.median(past)
    spread = max(1.4826 * (past[3 * len(past) // 4] - middle), max(middle, 1) ** 0.5)
    pooled = statistics.mean(min(value, middle + 3 * spread) for value in past)
    weeks = [values[day - 7 * back, slot] for back in range(1, 9) if day >= 7 * back]
    weekday = statistics.median(weeks) if weeks else 0.0
    return min(pooled, weekday), max(pooled, weekday)


class TestBaseline:
    def test_by_hand(self) -> None:
        # no own miss is known on the second judged day but that of the first: 6 against a mean of 4 is off by 2
        usual = baseline(np.array([[[4.0], [6.0], [8.0]]]), 2)
        assert usual.expected[0, 2, 0] == pytest.approx(5)
        assert usual.scale[0, 2, 0] == pytest.approx(5**0.5)
        assert modified_z(np.array([[[4.0], [6.0], [8.0]]]), usual)[0, 2, 0] == pytest.approx(3 / 5**0.5)

    def test_as_loops_say(self) -> None:
        values = np.random.default_rng(7).negative_binomial(2, 0.1, (1, 75, 3)).astype(float)
        squares: dict[int, float] = {}
        usual = baseline(values, 14)
        for day in range(7, 75):
            known = [squares[past] for past in range(max(day - 56, 7), day)]
            own = statistics.mean(known) ** 0.5 if known else 0.0
            capped = []
            for slot in range(3):
                low, high = expected_by_loops(values[0], day, slot)
                scale = max(own, max(high, 1) ** 0.5)
                miss = max(values[0, day, slot] - high, low - values[0, day, slot], 0)
                capped.append(min(miss, 6 * scale) ** 2)
                if day >= 14:
                    assert usual.expected[0, day, slot] == pytest.approx(high)
                    assert usual.scale[0, day, slot] == pytest.approx(scale)
            squares[day] = statistics.mean(capped)

    def test_all_equal_falls_back_on_chance(self) -> None:
        usual = baseline(np.full((1, 5, 1), 9.0), 3)
        assert usual.scale[0, 4, 0] == pytest.approx(3)

    def test_an_empty_slot_has_a_scale_of_one(self) -> None:
        assert baseline(np.zeros((1, 5, 1)), 3).scale[0, 4, 0] == 1

    def test_history_is_needed_up_to_the_day(self) -> None:
        usual = baseline(np.ones((1, 16, 1)), 14)
        assert np.isnan(usual.expected[0, :14, 0]).all()
        assert not np.isnan(usual.expected[0, 14:, 0]).any()

    def test_the_day_itself_and_later_ones_are_not_used(self) -> None:
        calm, wild = np.ones((1, 30, 1)), np.ones((1, 30, 1))
        wild[0, 20:] = 500
        assert baseline(calm, 14).expected[0, 20, 0] == baseline(wild, 14).expected[0, 20, 0]
        assert baseline(calm, 14).scale[0, 20, 0] == baseline(wild, 14).scale[0, 20, 0]

    def test_a_weekly_rhythm_is_expected_from_the_second_week_on(self) -> None:
        week = np.array([10.0, 10, 10, 10, 10, 40, 40])
        values = np.tile(week, 6)[None, :, None]
        usual = baseline(values, 14)
        assert (usual.expected[0, 14:, 0] >= values[0, 14:, 0]).all()
        assert usual.scale[0, 19, 0] == pytest.approx(40**0.5)  # six equal weeks miss nothing

    def test_a_past_burst_moves_the_expectation_little(self) -> None:
        values = np.full((1, 20, 1), 10.0)
        values[0, 4] = 10_000
        assert baseline(values, 14).expected[0, 19, 0] < 11

    def test_a_past_burst_counts_as_six_scales(self) -> None:
        values = np.full((1, 40, 1), 9.0)
        values[0, 20] = 10_000
        # of the days 7 to 38 one missed by 6 x 3 at most; a week later the burst's weekday is one of three
        assert baseline(values, 14).scale[0, 39, 0] == pytest.approx(max((18**2 / 32) ** 0.5, 3))


@pytest.mark.parametrize(("count", "mean"), [(0, 2.0), (1, 0.5), (4, 0.2), (30, 10.0), (400, 300.0)])
def test_poisson_tail_is_scipys(count: int, mean: float) -> None:
    from scipy import stats

    assert upper_tail(count, mean, mean**0.5) == pytest.approx(stats.poisson.sf(count - 1, mean), rel=1e-9)


@pytest.mark.parametrize(
    ("count", "mean", "deviation"), [(30, 10.0, 8.0), (5, 1.0, 2.0), (19_999, 15_000.0, 900.0)]
)
def test_negative_binomial_tail_is_scipys(count: int, mean: float, deviation: float) -> None:
    from scipy import stats

    size, share = mean**2 / (deviation**2 - mean), mean / deviation**2
    assert upper_tail(count, mean, deviation) == pytest.approx(
        stats.nbinom.sf(count - 1, size, share), rel=1e-6
    )


def test_the_normal_tail_takes_over_for_large_counts() -> None:
    from scipy import stats

    assert upper_tail(30_000, 28_000, 900) == pytest.approx(stats.norm.sf((29_999.5 - 28_000) / 900))


def test_never_seen_is_not_impossible() -> None:
    assert 0 < upper_tail(5, 0.0, 1.0) < 0.05


class TestFindings:
    def test_a_burst_is_found_with_its_dollars(self) -> None:
        calls = traffic(5, 30)
        calls[2, 20, 10:13] += 100
        got = find_anomalies(calls, calls * 0.5, RULE)
        assert [(each.series, each.first, each.last) for each in got.findings] == [(2, 490, 492)]
        found = got.findings[0]
        assert found.calls == calls[2, 20, 10:13].sum()
        assert found.usd == pytest.approx(found.calls * 0.5)
        assert found.excess_usd == pytest.approx((found.calls - found.expected_calls) * 0.5)

    def test_quiet_traffic_gives_nothing(self) -> None:
        calls = traffic(200, 60, seed=3)
        assert find_anomalies(calls, calls, RULE).findings == ()

    def test_nothing_is_judged_within_the_first_fourteen_days(self) -> None:
        early, late = np.full((2, 14, 1), 5.0), np.full((2, 15, 1), 5.0)
        early[0, 13], late[0, 14] = 500, 500
        assert find_anomalies(early, early, RULE).judged == 0
        assert find_anomalies(early, early, RULE).findings == ()
        assert [each.first for each in find_anomalies(late, late, RULE).findings] == [14]

    def test_the_ratio_must_be_exceeded_not_met(self) -> None:
        calls = np.full((1, 20, 1), 1000.0)
        calls[0, 19] = 1500
        assert find_anomalies(calls, calls, RULE).findings == ()
        calls[0, 19] = 1501
        assert len(find_anomalies(calls, calls, RULE).findings) == 1

    def test_the_floor_is_on_dollars_over_expectation(self) -> None:
        calls = np.full((1, 20, 1), 10.0)
        calls[0, 19] = 110
        found = find_anomalies(calls, calls * 0.1, RULE).findings[0]
        assert found.excess_usd == pytest.approx(10)
        assert len(find_anomalies(calls, calls * 0.1, Rule(floor_usd=9.99)).findings) == 1
        assert find_anomalies(calls, calls * 0.1, Rule(floor_usd=10.01)).findings == ()

    def test_dollars_rank(self) -> None:
        calls = traffic(2, 30)
        calls[0, 20, 5] += 300
        calls[1, 22, 5] += 100
        prices = np.array([0.01, 1.0])[:, None, None]
        got = find_anomalies(calls, calls * prices, RULE)
        assert [each.series for each in got.findings] == [1, 0]

    def test_a_costly_call_alone_is_no_burst(self) -> None:
        calls = traffic(1, 30)
        usd = calls * 0.01
        usd[0, 20, 5] += 1000
        assert find_anomalies(calls, usd, RULE).findings == ()

    def test_a_lasting_change_is_a_shift_not_a_row_of_spikes(self) -> None:
        calls = traffic(1, 60)
        calls[0, 30:] *= 5
        got = find_anomalies(calls, calls, RULE)
        assert got.findings == ()
        assert [(each.series, each.shift.day) for each in got.shifts] == [(0, 30)]

    def test_a_burst_before_a_lasting_change_is_still_found(self) -> None:
        calls = traffic(1, 60)
        calls[0, 20, 10] += 200
        calls[0, 40:] *= 5
        calls[0, 57, 10] += 600
        got = find_anomalies(calls, calls, RULE)
        assert [each.shift.day for each in got.shifts] == [40]
        assert sorted(each.first for each in got.findings) == [20 * 24 + 10, 57 * 24 + 10]

    def test_expected_dollars_are_at_the_price_of_the_days_before(self) -> None:
        """Calls cost $1 until day 20; what they cost later, and in the burst itself, says nothing about it."""
        calls = np.full((1, 30, 1), 10.0)
        calls[0, 20] = 110
        usd = calls * np.where(np.arange(30) < 20, 1.0, 7.0)[None, :, None]
        (found,) = find_anomalies(calls, usd, RULE).findings
        assert (found.usd, found.expected_usd) == (770, pytest.approx(10))

    def test_a_new_source_is_named_and_not_called_a_spike(self) -> None:
        calls = traffic(2, 60)
        calls[1, :25] = 0
        got = find_anomalies(calls, calls, RULE)
        assert [(each.series, each.day) for each in got.new_sources] == [(1, 25)]
        assert got.findings == ()

    def test_an_unknown_source_of_nothing_is_not_new(self) -> None:
        got = find_anomalies(np.zeros((1, 60, 1)), np.zeros((1, 60, 1)), RULE)
        assert (got.findings, got.shifts, got.new_sources) == ((), (), ())

    def test_one_day_says_what_is_missing(self) -> None:
        assert find_anomalies(np.ones((1, 1, 24)), np.ones((1, 1, 24)), RULE).judged == 0
        assert history_sentence(14, RULE) == "14 days of history: anomalies need more than 14."
        assert history_sentence(15, RULE) is None


class TestLevelShift:
    def test_a_step_is_found_on_its_day(self) -> None:
        found = level_shift([10.0, 11, 9] * 10 + [30.0, 31, 29] * 5)
        assert found is not None
        assert (found.day, found.before, found.after, found.ratio) == (30, 10, 30, 3)

    def test_a_fall_is_a_shift_too(self) -> None:
        found = level_shift([30.0, 31, 29] * 7 + [10.0, 11, 9] * 7)
        assert found is not None
        assert found.after < found.before

    def test_a_spike_is_none(self) -> None:
        assert level_shift([10.0, 11, 9] * 10 + [90.0, 91] + [10.0, 11, 9] * 5) is None

    def test_a_trend_is_none(self) -> None:
        assert level_shift(np.linspace(10, 60, 60)) is None

    @pytest.mark.parametrize("a_day", [0.97, 0.98, 1.02, 1.03])
    def test_steady_growth_and_decline_have_no_lasting_change(self, a_day: float) -> None:
        random = np.random.default_rng(8)
        found = [level_shift(random.poisson(40 * a_day ** np.arange(60))) for _ in range(100)]
        assert sum(each is not None for each in found) <= 3

    def test_who_leaves_has_a_lasting_change(self) -> None:
        calls = np.random.default_rng(1).poisson(np.where(np.arange(60) < 35, 12, 0))
        found = level_shift(calls)
        assert found is not None
        assert (found.day, found.after) == (35, 0)

    @pytest.mark.parametrize("days", [[], [1.0], [1.0] * 13, [1.0] * 40, [0.0] * 40])
    def test_short_and_flat_series_have_none(self, days: list[float]) -> None:
        assert level_shift(days) is None

    def test_it_needs_seven_days_on_either_side(self) -> None:
        found = level_shift([1.0, 1.1, 0.9] * 11 + [50.0] * 7)
        assert found is not None
        assert found.day == 33

    def test_the_split_is_the_one_of_the_least_p_value_of_scipys_rank_sum_test(self) -> None:
        from scipy import stats

        values = np.random.default_rng(4).normal(size=30)
        splits = range(7, 24)
        p_values = [stats.ranksums(values[:split], values[split:]).pvalue for split in splits]
        assert best_split(values) == (
            int(np.argmin(p_values)) + 7,
            pytest.approx(min(min(p_values) * len(splits), 1)),
        )

    def test_noise_seldom_shifts(self) -> None:
        random = np.random.default_rng(11)
        found = [level_shift(random.poisson(20, 60)) for _ in range(200)]
        assert sum(each is not None for each in found) == 0
