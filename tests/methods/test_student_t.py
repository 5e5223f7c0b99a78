import pytest

from methods.student_t import two_sided


@pytest.mark.parametrize("degrees", [1, 2, 7, 9, 40, 500])
@pytest.mark.parametrize("statistic", [0.0, 0.3, -2.0, 4.5, 12.0])
def test_the_tail_is_scipys(statistic: float, degrees: int) -> None:
    from scipy import stats

    expected = 2 * stats.t.sf(abs(statistic), degrees)
    assert two_sided(statistic, degrees) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_infinitely_far_is_impossible() -> None:
    assert two_sided(float("inf"), 7) == pytest.approx(0, abs=1e-12)
