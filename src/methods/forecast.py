"""What a daily amount will be: a method chosen by how it did on the past, with intervals from its errors.

The amounts are whole days of one zone, oldest first, gaps filled with 0. An unfinished last day must be left
out by the caller, or it drags the forecast down.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from methods.backtest import Backtest, MeasuredCoverage, backtest, mase, measured_coverage
from methods.candidates import CANDIDATES, WEEK, Candidate
from methods.conformal import exceedance, half_width, residuals_needed

JUDGED_HORIZON = WEEK
"""Methods are chosen by their errors up to this many days ahead."""
WEEKDAY_HISTORY = 2 * WEEK
"""Days of history that weekday effects need."""
COVERAGES = (0.80, 0.95)


class Grade(StrEnum):
    """How mature a forecast is, by its backtest error: FinOps Framework, capability Forecasting."""

    RUN = "run"
    WALK = "walk"
    CRAWL = "crawl"
    BELOW_CRAWL = "below crawl"


@dataclass(frozen=True)
class Interval:
    """Where an amount falls with the stated coverage; never below zero."""

    coverage: float
    low: float
    high: float


@dataclass(frozen=True)
class ForecastDay:
    """One day ahead (1 is tomorrow). Intervals are missing where too few past errors exist.

    `extrapolated` says that no backtest reaches this far.
    """

    ahead: int
    amount: float
    interval_80: Interval | None
    interval_95: Interval | None
    extrapolated: bool


@dataclass(frozen=True)
class ForecastTotal:
    """The sum of the next `days` days, with intervals from the errors of such sums in the past.

    Where the backtest does not reach, `extrapolated` is true and the intervals span those of all candidates
    that were judged, each that of the longest sum it reaches, widened in proportion: a range, no more.
    """

    days: int
    amount: float
    interval_80: Interval | None
    interval_95: Interval | None
    extrapolated: bool


@dataclass(frozen=True)
class _Run:
    """What one candidate says of the days ahead, and how it did on the past."""

    amounts: tuple[float, ...]
    past: Backtest = field(compare=False, repr=False)

    def amount(self, first: int, last: int) -> float:
        """The sum of the days ahead after `first`, up to and with `last`."""
        return math.fsum(self.amounts[first:last])

    def errors(self, first: int, last: int) -> tuple[NDArray[np.float64], bool]:
        """Errors of that sum, and whether they are scaled up from a shorter one that begins tomorrow."""
        if first == last:
            return np.zeros(residuals_needed(COVERAGES[1])), False
        if last <= self._longest:
            return self.past.of_sums(last, first), False
        if not self._longest:
            return np.zeros(0), True
        return self.past.of_sums(self._longest) * ((last - first) / self._longest), True

    def interval(self, first: int, last: int, coverage: float) -> Interval | None:
        """Where that sum falls."""
        width = half_width(self.errors(first, last)[0], coverage)
        return _interval(self.amount(first, last), width, coverage)

    @cached_property
    def _longest(self) -> int:
        """The most days ahead for whose sum there are enough past errors; the fewer days, the more errors."""
        enough = residuals_needed(COVERAGES[0])
        return max(
            (upto for upto in range(1, self.past.reach + 1) if self.past.of_sums(upto).size >= enough),
            default=0,
        )


@dataclass(frozen=True)
class Score:
    """How a candidate did on the past. Figures are None where the past could not judge it."""

    id: str
    title: str
    wape: float | None
    mase: float | None


@dataclass(frozen=True)
class Exhaustion:
    """When a budget runs out, counted in days ahead (1 is tomorrow, 0 is past), and how likely that is.

    `day` is None where the forecast stays within the budget. `early` and `late` are the days on which the
    upper and the lower 80 % bound of the sum cross it, None where they do not within the days looked at.
    `probability` is that of crossing within the days looked at, None without a backtest.
    """

    day: int | None
    early: int | None
    late: int | None
    probability: float | None


@dataclass(frozen=True)
class Forecast:
    """The forecast of a daily amount.

    `history_days` were seen. `scores` lists every candidate that was judged, `method` the one chosen.
    """

    history_days: int
    method: str
    method_title: str
    days: tuple[ForecastDay, ...]
    scores: tuple[Score, ...]
    wape: float | None
    mase: float | None
    coverage_80: MeasuredCoverage
    coverage_95: MeasuredCoverage
    reach: int
    """Days ahead for which at least one past forecast could be judged."""
    _chosen: _Run
    _judged: tuple[_Run, ...]
    """Every candidate that was judged, the chosen one among them."""

    @property
    def grade(self) -> Grade | None:
        """Within 12 % run, 15 % walk, 20 % crawl; None where nothing could be judged."""
        return None if self.wape is None else grade(self.wape)

    @property
    def knows_weekdays(self) -> bool:
        """Whether the history is long enough for weekday effects."""
        return self.history_days >= WEEKDAY_HISTORY

    def total(self, days: int) -> ForecastTotal:
        """The sum of the next `days` days, from none to as many as were forecast, with its intervals."""
        return self.between(0, days)

    def between(self, first: int, last: int) -> ForecastTotal:
        """The sum of the days ahead after `first`, up to and with `last`, with its intervals."""
        extrapolated = self._chosen.errors(first, last)[1]
        runs = self._judged if extrapolated else (self._chosen,)
        narrow, wide = (_hull([run.interval(first, last, each) for run in runs]) for each in COVERAGES)
        return ForecastTotal(last - first, self._chosen.amount(first, last), narrow, wide, extrapolated)

    def probability_above(self, limit: float, days: int) -> float | None:
        """How likely the sum of the next `days` days exceeds `limit`; None without a backtest."""
        if days == 0:
            return 1.0 if limit < 0 else 0.0
        return exceedance(self._chosen.errors(0, days)[0], limit - self._chosen.amount(0, days))

    def window_end(self, spent: float, begun: float, days_left: int) -> ForecastTotal:
        """What a window such as a month comes to: `spent` so far and what its `days_left` days add, none or more.

        `begun` is what of `spent` fell on the first of the days left, which is not over: that day comes to no less.
        So no estimate and no end of an interval lies below `spent`.
        """
        rest, over = self.total(days_left), spent - begun + self.lift(begun, days_left)
        narrow, wide = (_shifted(each, over, spent) for each in (rest.interval_80, rest.interval_95))
        return ForecastTotal(days_left, max(over + rest.amount, spent), narrow, wide, rest.extrapolated)

    def lift(self, begun: float, days_left: int) -> float:
        """How far what the first of the days left has already exceeds its forecast; zero where it does not."""
        return max(begun - self._chosen.amount(0, min(days_left, 1)), 0.0)

    def exhaustion(self, remaining: float, days: int) -> Exhaustion:
        """When `remaining` dollars run out within the next `days` days."""
        if remaining <= 0:
            return Exhaustion(0, 0, 0, 1.0)
        totals = [self.total(upto) for upto in range(1, days + 1)]
        return Exhaustion(
            _first_above([total.amount for total in totals], remaining),
            _first_above([_bound(total, upper=True) for total in totals], remaining),
            _first_above([_bound(total, upper=False) for total in totals], remaining),
            self.probability_above(remaining, days),
        )


def forecast(history: Sequence[float], horizon: int) -> Forecast:
    """Forecasts the next `horizon` days of a daily amount.

    Every candidate that the history suits is judged by rolling-origin backtest, all on the same days; the
    least absolute error up to seven days ahead wins, the simpler candidate on a tie. A candidate joins when a
    week is left to judge it on, so that from two weeks on the choice rests on seven origins or more. Any
    length from one day on will do: before a week has passed the mean is all there is.

    Args:
        history: amounts of whole days, oldest first, none negative, at least one.
        horizon: days ahead, at least one.

    Raises:
        ValueError: There is no day of history or none to forecast.
    """
    if not len(history) or horizon < 1:
        raise ValueError("a forecast needs at least one day behind and one ahead")
    values = np.asarray(history, dtype=float)
    tests = _tests(values, horizon)
    best = min(tests, key=_judgement)
    runs = {test.candidate.id: _run(values, test, horizon) for test in tests}
    chosen = runs[best.candidate.id]
    return Forecast(
        history_days=values.size,
        method=best.candidate.id,
        method_title=best.candidate.title,
        days=tuple(_day(best, ahead, amount) for ahead, amount in enumerate(chosen.amounts, 1)),
        scores=tuple(_score(values, test) for test in tests if test.reach),
        wape=best.wape(JUDGED_HORIZON),
        mase=mase(values, best, JUDGED_HORIZON),
        coverage_80=measured_coverage(best, COVERAGES[0], JUDGED_HORIZON),
        coverage_95=measured_coverage(best, COVERAGES[1], JUDGED_HORIZON),
        reach=best.reach,
        _chosen=chosen,
        _judged=tuple(runs[test.candidate.id] for test in tests if test.reach),
    )


def _run(values: NDArray[np.float64], test: Backtest, horizon: int) -> _Run:
    amounts = test.candidate.forecasts(values, np.array([values.size]), horizon)[0]
    return _Run(tuple(amounts.tolist()), test)


def grade(wape: float) -> Grade:
    """The FinOps grade of a backtest error."""
    limits = ((0.12, Grade.RUN), (0.15, Grade.WALK), (0.20, Grade.CRAWL))
    return next((name for limit, name in limits if wape <= limit), Grade.BELOW_CRAWL)


def _tests(values: NDArray[np.float64], horizon: int) -> list[Backtest]:
    """A backtest of each candidate that the history suits, from the same origin on for all of them."""
    chosen = _suited(values.size)
    first = max(candidate.needs for candidate in chosen)
    return [backtest(values, candidate, first, horizon) for candidate in chosen]


def _suited(days: int) -> list[Candidate]:
    """The mean in the first week, then what needs a week, then what needs two and a third to be judged on."""
    if days < WEEK:
        return list(CANDIDATES[:1])
    return [each for each in CANDIDATES[1:] if each.needs == WEEK or each.needs + WEEK <= days]


def _judgement(test: Backtest) -> float:
    return test.mean_absolute_error(JUDGED_HORIZON)


def _score(values: NDArray[np.float64], test: Backtest) -> Score:
    error = test.wape(JUDGED_HORIZON)
    return Score(test.candidate.id, test.candidate.title, error, mase(values, test, JUDGED_HORIZON))


def _day(test: Backtest, ahead: int, amount: float) -> ForecastDay:
    errors = test.residuals[:, ahead - 1]
    narrow, wide = (_interval(amount, half_width(errors, coverage), coverage) for coverage in COVERAGES)
    return ForecastDay(ahead, amount, narrow, wide, ahead > test.reach)


def _interval(amount: float, width: float | None, coverage: float) -> Interval | None:
    return None if width is None else Interval(coverage, max(amount - width, 0.0), amount + width)


def _hull(intervals: Sequence[Interval | None]) -> Interval | None:
    """The interval that spans all of these; None where there is none."""
    known = [interval for interval in intervals if interval]
    if not known:
        return None
    low, high = min(each.low for each in known), max(each.high for each in known)
    return Interval(known[0].coverage, low, high)


def _shifted(interval: Interval | None, by: float, least: float) -> Interval | None:
    return interval and Interval(
        interval.coverage, max(interval.low + by, least), max(interval.high + by, least)
    )


def _bound(total: ForecastTotal, *, upper: bool) -> float:
    """The 80 % bound of a sum; the sum itself where there is none."""
    if total.interval_80 is None:
        return total.amount
    return total.interval_80.high if upper else total.interval_80.low


def _first_above(amounts: Sequence[float], limit: float) -> int | None:
    return next((ahead for ahead, amount in enumerate(amounts, 1) if amount > limit), None)
