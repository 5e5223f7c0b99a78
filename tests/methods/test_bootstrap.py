import numpy as np
import pytest

from methods.bootstrap import CHUNK, cluster_sums, day_draws


def test_a_draw_has_the_length_asked_for() -> None:
    assert (day_draws(12, 30, draws=50).sum(axis=1) == 30).all()


def test_the_same_seed_gives_the_same_draws_and_another_does_not() -> None:
    assert np.array_equal(day_draws(9, 30, seed=1), day_draws(9, 30, seed=1))
    assert not np.array_equal(day_draws(9, 30, seed=1), day_draws(9, 30, seed=2))


def test_moments_are_those_of_the_sum_of_drawn_days() -> None:
    days = np.random.default_rng(3).gamma(2, 5, 40)
    sums = day_draws(40, 30, draws=20_000) @ days
    assert sums.mean() == pytest.approx(30 * days.mean(), rel=0.01)
    assert sums.std() == pytest.approx(days.std() * 30**0.5, rel=0.03)


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
