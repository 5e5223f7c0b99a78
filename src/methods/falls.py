"""Days with far fewer calls than their past explains, and calls that stopped: what did not come, and its dollars.

The counterpart of `methods.anomaly`, by day. A day is a fall when all hold: it lies further below its expectation than
the limit says, has fewer calls than half of it, and survives the control of false discoveries. Silence at the end of
the data is one fall from its first day on, if the past habits of the series do not explain it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from methods.anomaly import Rule
from methods.baseline import WEEK, lowest
from methods.count_tail import lower_tail
from methods.event_days import EventDays
from methods.false_discovery import benjamini_hochberg

Matrix = NDArray[np.float64]

PART = 2.0
"""A fall has fewer calls than the expectation over this."""
LEAST_SILENCE = WEEK
"""Days of silence before calls are said to have stopped."""
HABIT_DAYS = 4 * WEEK
"""What the calls of a silent series would have been is their mean over so many days before."""
BRIDGED_DAYS = 1
"""Falls of one series no further apart than this many usual days are one."""


@dataclass(frozen=True)
class Fall:
    """A run of days of one series: `series` is its row, `first` and `last` days from 0, both inclusive.

    `stopped` says that no call came since, up to the last day; such a run has no `least_z`, the modified z of the
    lowest day. Sums run over the days of the run.
    """

    series: int
    first: int
    last: int
    calls: int
    expected_calls: float
    usd: float
    expected_usd: float
    least_z: float | None
    stopped: bool

    @property
    def missing_usd(self) -> float:
        """Dollars below expectation."""
        return self.expected_usd - self.usd


def find_falls(
    calls: ArrayLike, usd: ArrayLike, rule: Rule, calendar: EventDays | None = None
) -> tuple[Fall, ...]:
    """Looks for falls in many series at once, the most missing dollars first.

    Args:
        calls: counts of shape (series, days), whole days alone, oldest first.
        usd: dollars, of the same shape.
        rule: limits of z, history, dollars and false discoveries.
        calendar: which days these are, and on which of them are events: no day of one is a fall, and none is in an
            expectation. What fell as far on the same day of both months before is no fall either.
    """
    counts, dollars = np.asarray(calls, dtype=float), np.asarray(usd, dtype=float)
    silent, silence = _silence(counts)
    expected, scale = lowest(calendar.calm(counts) if calendar else counts, rule.history_days)
    expected[
        np.arange(counts.shape[1])[None, :] < (counts > 0).argmax(axis=1)[:, None] + rule.history_days
    ] = np.nan
    for series, first in silent.items():
        expected[series, first:] = np.nan
    if calendar:
        expected[:, calendar.mask] = np.nan
    below = (expected - counts > rule.modified_z * scale) & (counts * PART < expected)
    places = [
        at
        for at in zip(*np.nonzero(below), strict=True)
        if not (calendar and calendar.comes_monthly(int(at[1]), _fell, counts[at[0]]))
    ]
    tails = [lower_tail(int(counts[at]), float(expected[at]), float(scale[at])) for at in places]
    judged = int((~np.isnan(expected)).sum()) + len(silence)
    stands = benjamini_hochberg([*tails, *silence.values()], rule.false_discovery_rate, judged)
    price = dollars.sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
    kept = [at for at, stand in zip(places, stands[: len(places)], strict=True) if stand]
    z = (counts - expected) / scale
    found = [_fall(run, counts, dollars, (expected, z), price) for run in _runs(kept)]
    ended = [series for series, stand in zip(silence, stands[len(places) :], strict=True) if stand]
    found += [_stop(series, silent[series], counts, price) for series in ended]
    worth = [each for each in found if each.missing_usd > 0 and each.missing_usd >= rule.floor_usd]
    return tuple(sorted(worth, key=lambda each: (-each.missing_usd, each.series, each.first)))


def _fell(amount: float, near: float) -> bool:
    return amount * PART < near


def _silence(counts: Matrix) -> tuple[dict[int, int], dict[int, float]]:
    """The first day of silence of each series that is silent for a week or more, and how its habits explain it.

    Who is active on a share p of days is silent for n days with a chance of (1 - p)^n. A series of less
    than a week has no habits yet.
    """
    days = counts.shape[1]
    active = counts > 0
    first, last = active.argmax(axis=1), days - 1 - active[:, ::-1].argmax(axis=1)
    length = days - 1 - last
    silent = active.any(axis=1) & (length >= LEAST_SILENCE)
    habits = {int(row): int(last[row]) + 1 for row in np.flatnonzero(silent)}
    chances = {
        row: float((1 - active[row].sum() / (last[row] - first[row] + 2)) ** length[row])
        for row in habits
        if last[row] - first[row] + 1 >= WEEK
    }
    return habits, chances


def _runs(places: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    runs: list[list[tuple[int, int]]] = []
    for series, day in places:
        if runs and runs[-1][-1][0] == series and day - runs[-1][-1][1] <= 1 + BRIDGED_DAYS:
            runs[-1].append((series, day))
        else:
            runs.append([(series, day)])
    return runs


def _fall(
    run: list[tuple[int, int]], counts: Matrix, dollars: Matrix, usual: tuple[Matrix, Matrix], price: Matrix
) -> Fall:
    series, first, last = int(run[0][0]), int(run[0][1]), int(run[-1][1])
    part = slice(first, last + 1)
    expected = float(np.nansum(usual[0][series, part]))
    return Fall(
        series,
        first,
        last,
        int(counts[series, part].sum()),
        expected,
        float(dollars[series, part].sum()),
        float(expected * price[series]),
        float(np.nanmin(usual[1][series, part])),
        stopped=False,
    )


def _stop(series: int, first: int, counts: Matrix, price: Matrix) -> Fall:
    days = counts.shape[1]
    expected = float(counts[series, max(first - HABIT_DAYS, 0) : first].mean() * (days - first))
    return Fall(
        series, first, days - 1, 0, expected, 0.0, float(expected * price[series]), None, stopped=True
    )
