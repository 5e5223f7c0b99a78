"""The measured claims, on a few of the seeds that the benchmarks take."""

import pytest

from benchmarks import anomaly_quality, compare_quality, forecast_quality


@pytest.mark.parametrize("benchmark", [anomaly_quality, forecast_quality], ids=["anomaly", "forecast"])
def test_the_goals_are_met(
    benchmark, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark, "SEEDS", range(4))
    assert benchmark.main() == 0, capsys.readouterr().out


def test_the_goal_of_the_comparison_is_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare_quality, "PAIRS", 2)
    monkeypatch.setattr("sys.argv", ["compare_quality.py"])
    assert compare_quality.main() == 0, capsys.readouterr().out


def test_a_blind_search_misses_the_goal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blind = anomaly_quality.Rule(modified_z=20.0, ratio=8.0)
    monkeypatch.setattr(anomaly_quality, "SEEDS", range(2))
    monkeypatch.setattr(anomaly_quality, "shipped_rule", lambda: blind)
    assert anomaly_quality.main() == 1
    assert "MISSED" in capsys.readouterr().out
