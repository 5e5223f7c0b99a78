import numpy as np
import pytest

from methods.bootstrap import CHUNK, cluster_sums, day_draws, loss_risks, resampled_sums


def test_a_draw_has_the_length_asked_for() -> None:
    assert (day_draws(12, 30, draws=50).sum(axis=1) == 30).all()


def test_the_same_seed_gives_the_same_draws_and_another_does_not() -> None:
    assert np.array_equal(day_draws(9, 30, seed=1), day_draws(9, 30, seed=1))
    assert not np.array_equal(day_draws(9, 30, seed=1), day_draws(9, 30, seed=2))


def test_moments_are_those_of_the_sum_of_drawn_days() -> None:
    days = np.random.default_rng(3).gamma(2, 5, 40)
    sums = resampled_sums(days, 30, draws=20_000)[0]
    assert sums.mean() == pytest.approx(30 * days.mean(), rel=0.01)
    assert sums.std() == pytest.approx(days.std() * 30**0.5, rel=0.03)


def test_the_interval_is_scipys() -> None:
    from scipy import stats

    days = np.random.default_rng(3).gamma(2, 5, 60)
    (risk,) = loss_risks([days], [0.0], length=60, coverage=0.9, draws=10_000)
    got = risk.margin
    theirs = stats.bootstrap(
        (days,), np.sum, confidence_level=0.9, method="percentile", n_resamples=10_000, rng=1
    )
    assert got.low == pytest.approx(-theirs.confidence_interval.high, rel=0.01)
    assert got.high == pytest.approx(-theirs.confidence_interval.low, rel=0.01)


def test_one_day_has_no_spread() -> None:
    (got,) = loss_risks([[5.0]], [0.0], length=1)
    assert (got.margin.low, got.margin.high) == (-5, -5)


def test_risk_of_loss_at_its_ends_and_between() -> None:
    days = np.tile([1.0, 3.0], 15)  # a month costs 60 on average
    cheap, costly, even = loss_risks([days, days, days], [90.0, 30.0, 60.0])
    assert (cheap.probability_of_loss, costly.probability_of_loss) == (0, 1)
    assert 0.35 < even.probability_of_loss < 0.65
    assert even.margin.low < 0 < even.margin.high


def test_no_revenue_and_no_cost_is_no_loss() -> None:
    (got,) = loss_risks([[0.0] * 30], [0.0])
    assert got.probability_of_loss == 0
    assert (got.margin.low, got.margin.high) == (0, 0)


def test_the_spread_covers_the_next_month_of_the_same_process() -> None:
    random = np.random.default_rng(8)
    inside = []
    for _ in range(150):
        days, month = random.gamma(2, 5, 60), random.gamma(2, 5, 30).sum()
        (risk,) = loss_risks([days], [0.0], coverage=0.8, draws=400)
        inside.append(risk.margin.low <= -month <= risk.margin.high)
    assert 0.66 <= np.mean(inside) <= 0.9


def test_clusters_move_together() -> None:
    random = np.random.default_rng(1)
    clusters = np.column_stack([random.gamma(1, 10, 50), random.gamma(1, 10, 50)])
    sums = cluster_sums(clusters, draws=4000)
    assert sums.shape == (4000, 2)
    assert sums.mean(axis=0) == pytest.approx(clusters.sum(axis=0), rel=0.02)
    assert sums.std(axis=0) == pytest.approx(clusters.std(axis=0) * 50**0.5, rel=0.05)


def test_draws_of_any_number_are_all_made() -> None:
    assert cluster_sums([[1.0], [2.0]], draws=CHUNK + 1).shape == (CHUNK + 1, 1)


def test_one_cluster_has_no_spread() -> None:
    assert (cluster_sums([[3.0, 4.0]], draws=5) == [[3.0, 4.0]]).all()


@pytest.mark.parametrize("draws", [1, 2, 10, 11, 1000])
@pytest.mark.parametrize("coverage", [0.0, 0.5, 0.8, 1.0])
def test_the_margin_interval_is_numpys_quantiles(draws: int, coverage: float) -> None:
    daily = np.random.default_rng(5).gamma(2, 5, (7, 40))
    revenue = np.linspace(200, 400, 7)
    margins = revenue[:, None] - resampled_sums(daily, 30, draws)
    low, high = np.quantile(margins, [(1 - coverage) / 2, (1 + coverage) / 2], axis=1)
    risks = loss_risks(daily, revenue, coverage=coverage, draws=draws)
    assert [risk.margin.low for risk in risks] == pytest.approx(low.tolist(), rel=1e-12)
    assert [risk.margin.high for risk in risks] == pytest.approx(high.tolist(), rel=1e-12)
    assert [risk.probability_of_loss for risk in risks] == (margins < 0).mean(axis=1).tolist()
