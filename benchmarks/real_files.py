"""Real series on disk, which of them are unseen while methods are tuned, and figures with bootstrap intervals."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOURS = 24
RESAMPLES = 2_000


@dataclass(frozen=True)
class Hourly:
    """Counts by hour from midnight on, in whole days, and which hours lie in a labelled window."""

    name: str
    calls: Numbers
    labelled: Flags


@dataclass(frozen=True)
class Daily:
    """Amounts by day."""

    name: str
    amounts: Numbers


def hourly_series(folder: Path, more_than_days: int) -> list[Hourly]:
    """The series of `folder`/hourly that outlast so many days, by name.

    Raises:
        ValueError: A file has a gap or a part of a day.
    """
    found = [_hourly(path) for path in sorted((folder / "hourly").glob("*.csv"))]
    return [each for each in found if each.calls.size > more_than_days * HOURS]


def _hourly(path: Path) -> Hourly:
    with path.open(newline="") as text:
        rows = list(csv.DictReader(text))
    hours = [datetime.fromisoformat(row["hour"]) for row in rows]
    steps = {(after - before).total_seconds() for before, after in pairwise(hours)}
    if steps != {3600.0} or hours[0].hour or len(hours) % HOURS:
        raise ValueError(f"{path.name}: hours must follow each other in whole days")
    calls = np.array([float(row["calls"]) for row in rows])
    return Hourly(path.stem, calls, np.array([row["anomalous"] == "1" for row in rows]))


def daily_series(folder: Path) -> list[Daily]:
    """The series of `folder`/daily, by name."""
    found = []
    for path in sorted((folder / "daily").glob("*.csv")):
        with path.open(newline="") as text:
            found.append(Daily(path.stem, np.array([float(row["value"]) for row in csv.DictReader(text)])))
    return found


def unseen(names: Sequence[str]) -> frozenset[str]:
    """Every third name in order of the alphabet: methods are tuned on the others."""
    return frozenset(sorted(names)[2::3])


def groups(names: Sequence[str]) -> dict[str, list[str]]:
    """All series, those tuned on, and those unseen; a group without any is left out."""
    apart = unseen(names)
    parts = {
        "all": list(names),
        "tuned": [name for name in names if name not in apart],
        "unseen": [name for name in names if name in apart],
    }
    return {group: members for group, members in parts.items() if members}


def with_interval(
    sums: Mapping[str, Numbers], names: Sequence[str], figure: Callable[[Numbers], float]
) -> tuple[float, float, float]:
    """A figure of summed tallies, and its 90 % percentile interval over resampled series.

    Args:
        sums: a row of amounts for each series.
        names: the series that count.
        figure: of the sum of rows; NaN where it has none.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
    """
    rows = np.array([sums[name] for name in names])
    drawn = np.random.default_rng(0).integers(len(names), size=(RESAMPLES, len(names)))
    figures = [figure(each) for each in rows[drawn].sum(axis=1)]
    known = [each for each in figures if not np.isnan(each)] or [np.nan]
    low, high = np.quantile(known, (0.05, 0.95))
    return figure(rows.sum(axis=0)), float(low), float(high)
