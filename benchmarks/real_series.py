"""How the methods do on real series: `python3 benchmarks/real_series.py FOLDER`.

`FOLDER`/hourly holds files of hour, calls, anomalous (1 in labelled windows); `FOLDER`/daily of day, value. Every
third series by name is unseen: methods were tuned on the others. Figures are printed for all, the tuned and the
unseen ones, each with a 90 % bootstrap interval over series.

Anomalies are judged after day 14; alarms within two hours of each other are one. Recall is taken over labelled
windows with an hour of at least 1.5 times the median of its hour of the day; an alarm outside of every window is
false. Theta, ETS and ARIMA join where statsforecast is installed.
"""

import sys
from pathlib import Path

import real_anomalies
import real_files
import real_forecasts
import real_margins


def anomalies(folder: Path) -> None:
    """Labelled windows and injected bursts."""
    series = real_files.hourly_series(folder, real_anomalies.LEAST_DAYS)
    if not series:
        return
    real_anomalies.print_tallies("anomalies, labelled", real_anomalies.labelled_tallies(series))
    real_anomalies.print_tallies("bursts of 3 times, injected", real_anomalies.injected_tallies(series))


def forecasts(folder: Path) -> None:
    """Daily amounts, months, and margins."""
    series = real_files.daily_series(folder)
    if not series:
        return
    asked = {"this toolkit": real_forecasts.toolkit, "seasonal-naive": real_forecasts.seasonal_naive}
    real_forecasts.print_forecasts(series, {**asked, **real_forecasts.peers()})
    real_forecasts.print_months(series)
    real_margins.print_margins(series)


def main() -> int:
    """Measures and prints."""
    if len(sys.argv) != 2:
        print("usage: real_series.py FOLDER", file=sys.stderr)
        return 2
    anomalies(Path(sys.argv[1]))
    forecasts(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
