"""Anomalies in real hourly series with labels: recall, precision and false alarms, beside rolling z-scores."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from real_files import HOURS, Flags, Hourly, Numbers, groups, with_interval

from methods.anomaly import Rule, find_anomalies
from settings.loader import load_settings

LEAST_DAYS = 21
JUDGED_FROM = 14 * HOURS
WEEK_HOURS = 7 * HOURS
ALARM_GAP = 2
"""Alarms no further apart than this many hours are one."""
STANDS_OUT = 1.5
"""A labelled window counts when some hour of it has this many times the median of its hour of the day."""
BURST_FACTOR = 3.0
BURST_HOURS = 6
LEVELS = (5.0, 20.0, 100.0, 500.0)
"""Mean calls an hour to which real series are thinned before bursts are injected."""

Detector = Callable[[Numbers], Flags]
"""From counts by hour to the hours that raise an alarm."""


def toolkit(calls: Numbers) -> Flags:
    """What the reports find, with the settings that ship, less the floor in dollars."""
    anomaly = load_settings().anomaly
    rule = Rule(
        modified_z=float(anomaly.modified_z),
        ratio=float(anomaly.ratio),
        history_days=anomaly.history_days,
        false_discovery_rate=float(anomaly.false_discovery_rate),
    )
    counts, alarms = calls.reshape(1, -1, HOURS), np.zeros(calls.size, dtype=bool)
    for found in find_anomalies(counts, counts, rule).findings:
        alarms[found.first : found.last + 1] = True
    return alarms


def rolling_z(limit: float) -> Detector:
    """Above the mean of the last seven days by so many of their standard deviations."""

    def alarms(calls: Numbers) -> Flags:
        past = np.lib.stride_tricks.sliding_window_view(calls, WEEK_HOURS)[:-1]
        above = calls[WEEK_HOURS:] - past.mean(axis=1) > limit * past.std(axis=1)
        return np.concatenate([np.zeros(WEEK_HOURS, dtype=bool), above])

    return alarms


DETECTORS: Mapping[str, Detector] = {
    "this toolkit": toolkit,
    "rolling 7-day z>3": rolling_z(3.0),
    "rolling 7-day z>4": rolling_z(4.0),
}


def runs(flags: Flags, gap: int) -> list[tuple[int, int]]:
    """First and last place of each run of flags; runs no further apart than `gap` are one."""
    places = np.flatnonzero(flags)
    if not places.size:
        return []
    parts = np.split(places, np.flatnonzero(np.diff(places) > gap) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts]


def windows(series: Hourly) -> list[tuple[int, int]]:
    """The labelled windows after the first 14 days that stand out, cut to these days."""
    usual = np.tile(np.median(series.calls.reshape(-1, HOURS), axis=0), series.calls.size // HOURS)
    stands_out = (series.calls > 0) & (series.calls >= STANDS_OUT * usual)
    found = [(max(first, JUDGED_FROM), last) for first, last in runs(series.labelled, 1)]
    return [(first, last) for first, last in found if stands_out[first : last + 1].any()]


def scored(alarms: Flags, true: Flags, wanted: Sequence[tuple[int, int]]) -> Numbers:
    """Windows, windows found, alarms, alarms that touch something true, and weeks judged."""
    judged = alarms.copy()
    judged[:JUDGED_FROM] = False
    raised = runs(judged, ALARM_GAP)
    return np.array([
        len(wanted),
        sum(bool(judged[first : last + 1].any()) for first, last in wanted),
        len(raised),
        sum(bool(true[first : last + 1].any()) for first, last in raised),
        (alarms.size - JUDGED_FROM) / WEEK_HOURS,
    ])  # fmt: skip


def recall(sums: Numbers) -> float:
    """Windows found over windows."""
    return float(sums[1] / sums[0]) if sums[0] else np.nan


def precision(sums: Numbers) -> float:
    """True alarms over alarms."""
    return float(sums[3] / sums[2]) if sums[2] else np.nan


def f1(sums: Numbers) -> float:
    """The harmonic mean of recall and precision."""
    both = recall(sums) + precision(sums)
    return 2 * recall(sums) * precision(sums) / both if both else 0.0


def false_alarms(sums: Numbers) -> float:
    """Alarms that touch nothing true, a series and week."""
    return float((sums[2] - sums[3]) / sums[4])


FIGURES: Mapping[str, Callable[[Numbers], float]] = {
    "F1": f1, "recall": recall, "precision": precision, "false alarms a series-week": false_alarms,
}  # fmt: skip


def labelled_tallies(series: Sequence[Hourly]) -> dict[str, dict[str, Numbers]]:
    """What each detector makes of the labels, by detector and series."""
    return {
        name: {each.name: scored(detect(each.calls), each.labelled, windows(each)) for each in series}
        for name, detect in DETECTORS.items()
    }


def with_bursts(series: Hourly, level: float) -> tuple[Numbers, list[tuple[int, int]]]:
    """The series thinned to so many calls an hour, with a burst in each whole week after day 14, and where.

    A burst lasts one to six hours, in which three times as many calls come as the series has there.
    """
    random = np.random.default_rng([int(level), series.calls.size, int(series.calls.sum()) % 2**31])
    means = series.calls * level / max(series.calls.mean(), 1e-9)
    factor, bursts = np.ones(means.size), []
    for week in range(JUDGED_FROM, means.size - WEEK_HOURS + 1, WEEK_HOURS):
        hours = int(random.integers(1, BURST_HOURS + 1))
        first = week + int(random.integers(0, WEEK_HOURS - hours))
        if not series.labelled[first : first + hours].any():
            factor[first : first + hours] = BURST_FACTOR
            bursts.append((first, first + hours - 1))
    return random.poisson(means * factor).astype(float), bursts


def injected_tallies(series: Sequence[Hourly]) -> dict[str, dict[str, Numbers]]:
    """What each detector makes of injected bursts, over all levels; labelled hours are no false alarms."""
    found: dict[str, dict[str, Numbers]] = {name: {} for name in DETECTORS}
    for each in series:
        sums = dict.fromkeys(DETECTORS, np.zeros(5))
        for level in LEVELS:
            calls, bursts = with_bursts(each, level)
            true = each.labelled.copy()
            for first, last in bursts:
                true[first : last + 1] = True
            for name, detect in DETECTORS.items():
                sums[name] = sums[name] + scored(detect(calls), true, bursts)
        for name in DETECTORS:
            found[name][each.name] = sums[name]
    return found


def print_tallies(title: str, tallies: Mapping[str, Mapping[str, Numbers]]) -> None:
    """A line for each detector and group of series."""
    names = sorted(next(iter(tallies.values())))
    print(f"\n{title}")
    for group, members in groups(names).items():
        for name, sums in tallies.items():
            parts = []
            for label, figure in FIGURES.items():
                value, low, high = with_interval(sums, members, figure)
                parts.append(f"{label} {value:.2f} ({low:.2f} to {high:.2f})")
            weeks = sum(sums[each][4] for each in members)
            print(f"  {group:<7}{name:<20}{'  '.join(parts)}  [{len(members)} series, {weeks:.0f} weeks]")
