"""The measured claims, on a few of the seeds that the benchmarks take."""

from dataclasses import replace
from decimal import Decimal

import pytest

from benchmarks import anomaly_quality, compare_quality, forecast_quality
from settings.loader import load_settings


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", [anomaly_quality, forecast_quality], ids=["anomaly", "forecast"])
def test_the_goals_are_met(
    benchmark, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark, "SEEDS", range(4))
    assert benchmark.main() == 0, capsys.readouterr().out


@pytest.mark.slow
def test_the_goal_of_the_comparison_is_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare_quality, "PAIRS", 2)
    monkeypatch.setattr("sys.argv", ["compare_quality.py"])
    assert compare_quality.main() == 0, capsys.readouterr().out


@pytest.mark.slow
def test_a_blind_search_misses_the_goal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = load_settings()
    blind = replace(shipped, anomaly=replace(shipped.anomaly, modified_z=Decimal(20), ratio=Decimal(8)))
    monkeypatch.setattr(anomaly_quality, "SEEDS", range(2))
    monkeypatch.setattr(anomaly_quality, "load_settings", lambda: blind)
    assert anomaly_quality.main() == 1
    assert "MISSED" in capsys.readouterr().out
