import numpy as np
import pytest

from methods.robust_line import MOST_POINTS, theil_sen, weighted_median


def test_a_line_is_found_exactly() -> None:
    line = theil_sen([1, 2, 5, 9], [203, 206, 215, 227])
    assert line is not None
    assert (line.slope, line.intercept, line.at(100)) == (3, 200, 500)


def test_slope_and_intercept_are_scipys() -> None:
    from scipy import stats

    random = np.random.default_rng(2)
    x = random.uniform(0, 1000, 60)
    y = 300 + 12 * x + random.standard_t(2, 60) * 50
    theirs = stats.theilslopes(y, x, method="joint")
    line = theil_sen(x, y)
    assert line is not None
    assert line.slope == pytest.approx(theirs.slope)
    assert line.intercept == pytest.approx(theirs.intercept)


def test_a_quarter_of_wild_points_does_not_tilt_it() -> None:
    x = np.arange(40.0)
    y = 10 + 2 * x
    y[::4] += 10_000
    line = theil_sen(x, y)
    assert line is not None
    assert line.slope == pytest.approx(2, abs=0.05)


def test_a_heavy_bin_counts_as_the_points_it_holds() -> None:
    line = theil_sen([0, 1, 2], [0, 1, 100], weights=[50, 50, 1])
    assert line is not None
    assert line.slope == 1


@pytest.mark.parametrize("points", [([], []), ([1.0], [5.0]), ([3.0, 3.0], [1.0, 9.0])])
def test_no_line_without_two_places(points: tuple[list[float], list[float]]) -> None:
    assert theil_sen(*points) is None


def test_too_many_points_are_refused() -> None:
    many = np.arange(MOST_POINTS + 1.0)
    with pytest.raises(ValueError, match="bin the points"):
        theil_sen(many, many)


def test_a_weighted_median_is_that_of_the_repeated_values() -> None:
    random = np.random.default_rng(9)
    for _ in range(100):
        values, weights = random.integers(0, 9, 7).astype(float), random.integers(1, 5, 7)
        expected = np.median(np.repeat(values, weights))
        assert weighted_median(values, weights.astype(float)) == expected
