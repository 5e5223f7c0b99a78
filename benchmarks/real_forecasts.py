"""Forecasts of real daily series: error over seasonal-naive, how often intervals hold, and month-end estimates."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from real_files import Daily, Numbers, groups, with_interval

from methods.forecast import Interval, forecast

WEEK = 7
AHEAD = 30
HISTORIES = (14, 30, 60)
MOST_ORIGINS = 20
"""A series is forecast from so many days at most, spread evenly."""
BANDS = ((1, 7), (8, 14), (15, 21), (22, 30))
"""Days ahead, first and last, over which the coverage of intervals is counted."""
MONTH = 30
MONTH_DAYS = (3, 5, 10, 15, 20, 25)
"""Days into a month on which its end is estimated."""
BEFORE = (14, 30)
"""Days of history before the month."""


@dataclass(frozen=True)
class Said:
    """What a method says of the days ahead: amounts, 80 % bounds of each day, and of their sum.

    Bounds are NaN where there are none.
    """

    amounts: Numbers
    low: Numbers
    high: Numbers
    total: tuple[float, float]


Forecaster = Callable[[Numbers], Said]


def bounds(interval: Interval | None) -> tuple[float, float]:
    """The ends of an interval, NaN without one."""
    return (interval.low, interval.high) if interval else (np.nan, np.nan)


def toolkit(history: Numbers) -> Said:
    """The forecast of the reports."""
    found = forecast(history.tolist(), AHEAD)
    low, high = np.array([bounds(day.interval_80) for day in found.days]).T
    return Said(
        np.array([day.amount for day in found.days]), low, high, bounds(found.total(AHEAD).interval_80)
    )


def seasonal_naive(history: Numbers) -> Said:
    """The same weekday of the last week."""
    nothing = np.full(AHEAD, np.nan)
    return Said(history[-WEEK:][np.arange(AHEAD) % WEEK], nothing, nothing, (np.nan, np.nan))


def peers() -> dict[str, Forecaster]:
    """Theta, ETS and ARIMA of statsforecast, where it is installed."""
    if importlib.util.find_spec("statsforecast") is None:
        return {}
    models = importlib.import_module("statsforecast.models")

    def of(kind: type) -> Forecaster:
        def said(history: Numbers) -> Said:
            model = kind(season_length=WEEK)
            got = model.forecast(y=history, h=AHEAD, level=[80])
            return Said(got["mean"], got["lo-80"], got["hi-80"], (np.nan, np.nan))

        return said

    return {name: of(getattr(models, name)) for name in ("AutoTheta", "AutoETS", "AutoARIMA")}


def origins(size: int, history: int, after: int) -> Iterator[int]:
    """Days of a series from which it is forecast: that much history before, so many days after."""
    last = size - after
    if last >= history:
        count = min(MOST_ORIGINS, last - history + 1)
        yield from np.unique(np.linspace(history, last, count).round().astype(int)).tolist()


def judged(series: Daily, history: int, ask: Forecaster) -> Numbers:
    """Absolute error over that of seasonal-naive over seven days, and 1; days judged and held by band; totals."""
    row = np.zeros(2 + 2 * (len(BANDS) + 1))
    for origin in origins(series.amounts.size, history, WEEK):
        past, came = series.amounts[origin - history : origin], series.amounts[origin : origin + AHEAD]
        said, naive = ask(past), seasonal_naive(past)
        week = slice(0, WEEK)
        row[0] += np.abs(said.amounts[week] - came[week]).mean()
        row[1] += np.abs(naive.amounts[week] - came[week]).mean()
        for place, (first, last) in enumerate(BANDS):
            low, high, true = (each[first - 1 : min(last, came.size)] for each in (said.low, said.high, came))
            known = ~np.isnan(low[: true.size])
            row[2 + 2 * place] += known.sum()
            row[3 + 2 * place] += ((low[: true.size] <= true) & (true <= high[: true.size]))[known].sum()
        if came.size == AHEAD and not np.isnan(said.total[0]):
            row[-2] += 1
            row[-1] += said.total[0] <= came.sum() <= said.total[1]
    row[:2] = (row[0] / row[1], 1) if row[1] else (0, 0)
    return row


def ratio(sums: Numbers) -> float:
    """The mean over series of the error over that of seasonal-naive."""
    return float(sums[0] / sums[1]) if sums[1] else np.nan


def held(place: int) -> Callable[[Numbers], float]:
    """The share held of a band, or of totals, which come after the bands."""

    def share(sums: Numbers) -> float:
        days, inside = sums[2:][2 * place : 2 * place + 2]
        return float(inside / days) if days else np.nan

    return share


def print_forecasts(series: Sequence[Daily], asked: Mapping[str, Forecaster]) -> None:
    """A line for each history, group and method."""
    for history in HISTORIES:
        usable = [each for each in series if each.amounts.size >= history + WEEK]
        if not usable:
            continue
        print(
            f"\nforecast from {history} days of history, 7-day error over seasonal-naive, 80 % intervals hold"
        )
        rows = {
            name: {each.name: judged(each, history, ask) for each in usable} for name, ask in asked.items()
        }
        for group, members in groups([each.name for each in usable]).items():
            for name, sums in rows.items():
                value, low, high = with_interval(sums, members, ratio)
                parts = [f"{name:<14} error {value:.3f} ({low:.3f} to {high:.3f})"]
                for place, label in enumerate(
                    [f"days {first}-{last}" for first, last in BANDS] + ["30-day total"]
                ):
                    value, low, high = with_interval(sums, members, held(place))
                    if not np.isnan(value):
                        parts.append(f"{label} {value:.0%} ({low:.0%} to {high:.0%})")
                print(f"  {group:<7}{'  '.join(parts)}  [{len(members)} series]")


def month_rows(series: Daily, day: int, before: int) -> Numbers:
    """Months judged, absolute error of the estimate and of the run rate over the month, intervals given and held."""
    row = np.zeros(5)
    for start in origins(series.amounts.size, before, MONTH):
        month = series.amounts[start : start + MONTH]
        if month.sum() <= 0:
            continue
        past = series.amounts[start - before : start + day]
        spent, total = float(month[:day].sum()), float(month.sum())
        end = forecast(past.tolist(), MONTH - day).window_end(spent, 0.0, MONTH - day)
        low, high = bounds(end.interval_80)
        row += (
            1,
            abs(end.amount - total) / total,
            abs(spent / day * MONTH - total) / total,
            not np.isnan(low),
            bool(low <= total <= high),
        )
    return row


def print_months(series: Sequence[Daily]) -> None:
    """A line for each history, day of the month and group."""
    for before in BEFORE:
        print(f"\nmonth-end, {before} days of history before the month")
        for day in MONTH_DAYS:
            rows = {each.name: month_rows(each, day, before) for each in series}
            rows = {name: row for name, row in rows.items() if row[0]}
            for group, members in groups(sorted(rows)).items():
                print(f"  day {day:<3}{group:<7} {month_words(rows, members)}  [{len(members)} series]")


def month_words(rows: Mapping[str, Numbers], members: Sequence[str]) -> str:
    """Errors of the estimate and of the run rate, and how often the interval holds."""
    figures = [
        with_interval(rows, members, lambda sums, at=at: float(sums[at] / sums[0]))  # type: ignore[misc]
        for at in (1, 2)
    ]
    here, rate = (f"{value:.3f} ({low:.3f} to {high:.3f})" for value, low, high in figures)
    value, low, high = with_interval(
        rows, members, lambda sums: float(sums[4] / sums[3]) if sums[3] else np.nan
    )
    return f"error {here}  run rate {rate}  80 % interval holds {value:.0%} ({low:.0%} to {high:.0%})"
