"""The benchmark on real series, by hand and on the few of them that are here."""

import numpy as np
import pytest
import real_anomalies
import real_files
import real_forecasts
import real_margins
import real_series
from real_files import Daily, Hourly

from tests.checkout import ROOT

SAMPLES = ROOT / "tests" / "samples" / "real_series"


def test_every_third_series_is_unseen() -> None:
    assert real_files.unseen(["d", "a", "c", "b", "f", "e"]) == {"c", "f"}


def test_an_interval_over_series_is_that_of_resampled_sums() -> None:
    sums = {"a": np.array([1.0, 1.0]), "b": np.array([3.0, 1.0])}
    value, low, high = real_files.with_interval(sums, ["a", "b"], lambda row: float(row[0] / row[1]))
    # two series are drawn as aa, ab, ba or bb: means 1, 2, 2, 3, a quarter of them at either end
    assert (value, low, high) == (2, 1, 3)


def test_alarms_are_counted_by_hand() -> None:
    alarms, labelled = np.zeros((2, 16 * 24), dtype=bool)
    labelled[340:345] = True
    alarms[[3, 341, 343, 350, 360]] = True  # 3 is before day 14; 341 and 343 are one alarm; 350 and 360 false
    got = real_anomalies.scored(alarms, labelled, [(340, 344), (370, 372)])
    assert got.tolist() == [2, 1, 3, 1, 2 / 7]
    assert real_anomalies.recall(got) == 1 / 2
    assert real_anomalies.precision(got) == 1 / 3
    assert real_anomalies.f1(got) == pytest.approx(2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3))
    assert real_anomalies.false_alarms(got) == 7


def test_a_window_counts_where_it_stands_out() -> None:
    calls, labelled = np.full(21 * 24, 10.0), np.zeros(21 * 24, dtype=bool)
    labelled[[340, 400]] = True
    calls[340], calls[400] = 15, 14
    assert real_anomalies.windows(Hourly("any", calls, labelled)) == [(340, 340)]


def test_rolling_z_looks_at_the_seven_days_before() -> None:
    calls = np.tile([9.0, 11.0], 100)  # mean 10, deviation 1
    calls[[180, 190]] = 13.5, 12.5
    assert np.flatnonzero(real_anomalies.rolling_z(3)(calls)).tolist() == [180]


def test_on_real_hours_the_search_beats_rolling_z() -> None:
    series = real_files.hourly_series(SAMPLES, real_anomalies.LEAST_DAYS)
    sums = {name: sum(rows.values()) for name, rows in real_anomalies.labelled_tallies(series).items()}
    here = sums.pop("this toolkit")
    assert here[4] == pytest.approx(15 / 7 + 38 / 7 + 40 / 7)
    assert real_anomalies.false_alarms(here) <= 0.5
    assert all(real_anomalies.f1(here) > real_anomalies.f1(other) for other in sums.values())


def test_errors_and_held_intervals_are_counted_by_hand() -> None:
    def flat(history: np.ndarray) -> real_forecasts.Said:
        thirty = np.full(30, 10.0)
        return real_forecasts.Said(thirty, thirty - 1, thirty + 1, (299, 301))

    # 14 days of history, then days of 10 but for one of 12: the last week says 8
    amounts = np.concatenate([np.full(14, 8.0), np.full(30, 10.0)])
    amounts[16] = 12
    row = real_forecasts.judged(Daily("any", amounts[:44]), 14, flat)
    assert row[1] == 1
    first = real_forecasts.judged(Daily("any", amounts[:21]), 14, flat)
    assert first[0] == pytest.approx((2 / 7) / (16 / 7))
    assert first[2:4].tolist() == [7, 6]
    assert first[-2:].tolist() == [0, 0]


@pytest.mark.slow
def test_everything_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["real_series.py", str(SAMPLES)])
    monkeypatch.setattr(real_forecasts, "MOST_ORIGINS", 2)
    monkeypatch.setattr(real_margins, "SEEDS", 1)
    assert real_series.main() == 0
    told = capsys.readouterr().out
    assert all(
        word in told
        for word in (
            "anomalies, labelled",
            "injected",
            "30-day total",
            "month-end",
            "run rate",
            "chance of a loss",
        )
    )


def test_chances_are_counted_by_tenths_and_the_rare_ones_apart() -> None:
    cases = [np.array(case) for case in ((1, 0.01, 0), (0, 0.1, 1), (1, 1.0, 1))]
    row = real_margins.tally(iter(cases))
    cells = row[2:].reshape(11, 3)
    assert row[:2].tolist() == [3, 2]
    assert cells[[0, 1, 9, 10]].tolist() == [[1, 0.01, 0], [1, 0.1, 1], [1, 1, 1], [1, 0.01, 0]]


@pytest.mark.slow
def test_on_a_real_series_chances_of_a_loss_come_true() -> None:
    taxi = next(each for each in real_files.daily_series(SAMPLES) if each.name == "nab_nyc_taxi")
    row = real_margins.tally(real_margins.real_cases(taxi))
    cells = row[2:].reshape(11, 3)
    assert row[0] == 100
    assert 0.7 <= row[1] / row[0] <= 1
    assert abs(cells[:10, 1].sum() - cells[:10, 2].sum()) <= 0.1 * row[0]


def test_simulated_customers_are_judged_as_one_file() -> None:
    panel = real_margins.panel(real_margins.AICallSimulator, 1)
    row = real_margins.tally(real_margins.panel_cases(panel))
    assert row[0] == 100
    assert 0.7 <= row[1] / row[0] <= 0.95
