import numpy as np
import pytest

from methods.count_regression import deviance, explained, fitted_counts


def terms(days: int) -> tuple[np.ndarray, np.ndarray]:
    trend = np.column_stack([np.ones(days), np.arange(days) / days])
    return trend, np.column_stack([trend, np.arange(days) >= days // 3])


@pytest.mark.parametrize("level", [0.5, 4.0, 300.0])
def test_it_is_statsmodels_poisson_regression(level: float) -> None:
    import statsmodels.api as sm

    trend, step = terms(60)
    counts = np.random.default_rng(2).poisson(level * np.exp(trend[:, 1])).astype(float)
    theirs = [sm.GLM(counts, x, family=sm.families.Poisson()).fit() for x in (trend, step)]
    assert fitted_counts(counts, trend) == pytest.approx(theirs[0].fittedvalues, rel=1e-5)
    assert deviance(counts, fitted_counts(counts, trend)) == pytest.approx(theirs[0].deviance, rel=1e-6)
    scatter = max(theirs[1].pearson_chi2 / theirs[1].df_resid, 1)
    assert explained(counts, trend, step) == pytest.approx(
        (theirs[0].deviance - theirs[1].deviance) / scatter, rel=1e-4, abs=1e-6
    )


def test_a_period_without_counts_has_a_fit() -> None:
    trend, step = terms(30)
    counts = np.where(np.arange(30) < 10, 8.0, 0.0)
    assert np.isfinite(fitted_counts(counts, step)).all()
    assert explained(counts, trend, step) > 9


def test_all_equal_leaves_nothing_to_explain() -> None:
    trend, step = terms(30)
    assert explained(np.full(30, 5.0), trend, step) == pytest.approx(0, abs=1e-6)


def test_chance_explains_about_one_unit_a_term() -> None:
    random = np.random.default_rng(9)
    trend, step = terms(60)
    found = [explained(random.poisson(12, 60).astype(float), trend, step) for _ in range(400)]
    assert np.mean(found) == pytest.approx(1, abs=0.2)
    assert np.mean(np.array(found) > 3.84) == pytest.approx(0.05, abs=0.03)
