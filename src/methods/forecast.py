"""What a daily amount will be: methods weighed by how they did on the past, with intervals from their errors.

The amounts are whole days of one zone, oldest first, gaps filled with 0. An unfinished last day must be left
out by the caller, or it drags the forecast down.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from methods.backtest import Backtest, MeasuredCoverage, actuals_of, mase, measured_coverage, origins_of
from methods.candidates import CANDIDATES, Candidate, Named
from methods.combination import JUDGED_HORIZON, combined
from methods.smoothing import WEEK
from methods.spikes import Spike, spikes, without
from methods.spread import Spread, spread
from methods.steady_growth import STEADY_GROWTH, is_steady

WEEKDAY_HISTORY = 2 * WEEK
"""Days of history that weekday effects need."""
COVERAGES = (0.80, 0.95)
COMBINATION = Named("combination", "weighted mean of the methods")


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

    Where no backtest of this history reaches, `extrapolated` is true: there the growth of errors with the days ahead is
    taken from other series alone.
    """

    days: int
    amount: float
    interval_80: Interval | None
    interval_95: Interval | None
    extrapolated: bool


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
    spikes: tuple[Spike, ...]
    """One-off days of the history, which the forecast leaves out: days counted from its first."""
    amounts_with_spikes: tuple[float, ...]
    """The amounts forecast if they are no one-off; empty without any."""
    _spread: Spread = field(compare=False, repr=False)

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
        amount = self._amount(first, last)
        narrow, wide = (_around(amount, self._spread, first, last, each) for each in COVERAGES)
        return ForecastTotal(last - first, amount, narrow, wide, last > self.reach)

    def total_with_spikes(self, days: int) -> float:
        """The sum of the next `days` days if the spikes of the history are no one-off."""
        return math.fsum(self.amounts_with_spikes[:days]) if self.spikes else self._amount(0, days)

    def probability_above(self, limit: float, days: int) -> float | None:
        """How likely the sum of the next `days` days exceeds `limit`; None without a backtest."""
        if days == 0:
            return 1.0 if limit < 0 else 0.0
        return self._spread.above(0, days, limit - self._amount(0, days))

    def _amount(self, first: int, last: int) -> float:
        """The sum of the amounts of the days ahead after `first`, up to and with `last`."""
        return math.fsum(day.amount for day in self.days[first:last])

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
        return max(begun - self._amount(0, min(days_left, 1)), 0.0)

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

    Every method that the history suits forecasts from each earlier day; the forecast is their mean, weighed by how
    small their errors were up to seven days ahead. Growth at a steady rate is carried on alone. One-off days are kept
    out and named. Any length from one day on will do: before a week has passed the mean is all there is; the regression
    joins from three weeks on.

    Args:
        history: amounts of whole days, oldest first, none negative, at least one.
        horizon: days ahead, at least one.

    Raises:
        ValueError: There is no day of history or none to forecast.
    """
    if not len(history) or horizon < 1:
        raise ValueError("a forecast needs at least one day behind and one ahead")
    values = np.asarray(history, dtype=float)
    found = spikes(values)
    calm = _calm_forecast(without(values, found), horizon)
    if not found:
        return calm
    kept = tuple(day.amount for day in _calm_forecast(values, horizon).days)
    return replace(calm, spikes=found, amounts_with_spikes=kept)


def _calm_forecast(values: NDArray[np.float64], horizon: int) -> Forecast:
    """The forecast of amounts taken as they are."""
    chosen = _suited(values)
    origins = np.append(origins_of(values.size, max(each.needs for each in chosen)), values.size)
    actuals = actuals_of(values, origins, horizon)
    stack = np.array([each.forecasts(values, origins, horizon) for each in chosen])
    ahead, name = stack[0], Named(chosen[0].id, chosen[0].title)
    if len(chosen) > 1:
        ahead, name = combined(stack, actuals, origins)[0], COMBINATION
    past = Backtest(name, (actuals - ahead)[:-1], actuals[:-1])
    return _told(values, ahead[-1], past, [
        Backtest(each, (actuals - said)[:-1], actuals[:-1]) for each, said in zip(chosen, stack, strict=True)
    ])  # fmt: skip


def _told(
    values: NDArray[np.float64], amounts: NDArray[np.float64], past: Backtest, parts: Sequence[Backtest]
) -> Forecast:
    """The forecast of a method that did so on the past, and how its parts did."""
    errors = spread(past.residuals)
    tests = parts if len(parts) == 1 else [past, *parts]
    return Forecast(
        history_days=values.size,
        method=past.candidate.id,
        method_title=past.candidate.title,
        days=tuple(_day(errors, past.reach, ahead, float(amount)) for ahead, amount in enumerate(amounts, 1)),
        scores=tuple(_score(values, test) for test in tests if test.reach),
        wape=past.wape(JUDGED_HORIZON),
        mase=mase(values, past, JUDGED_HORIZON),
        coverage_80=measured_coverage(past, COVERAGES[0], JUDGED_HORIZON),
        coverage_95=measured_coverage(past, COVERAGES[1], JUDGED_HORIZON),
        reach=past.reach,
        spikes=(),
        amounts_with_spikes=(),
        _spread=errors,
    )


def grade(wape: float) -> Grade:
    """The FinOps grade of a backtest error."""
    limits = ((0.12, Grade.RUN), (0.15, Grade.WALK), (0.20, Grade.CRAWL))
    return next((name for limit, name in limits if wape <= limit), Grade.BELOW_CRAWL)


def _suited(values: NDArray[np.float64]) -> list[Candidate]:
    """The mean in the first week, steady growth alone, else what needs a week and what can be judged on one."""
    if values.size < WEEK:
        return list(CANDIDATES[:1])
    if is_steady(values):
        return [STEADY_GROWTH]
    return [each for each in CANDIDATES[1:] if each.needs == WEEK or each.needs + WEEK <= values.size]


def _score(values: NDArray[np.float64], test: Backtest) -> Score:
    error = test.wape(JUDGED_HORIZON)
    return Score(test.candidate.id, test.candidate.title, error, mase(values, test, JUDGED_HORIZON))


def _day(errors: Spread, reach: int, ahead: int, amount: float) -> ForecastDay:
    narrow, wide = (_around(amount, errors, ahead - 1, ahead, each) for each in COVERAGES)
    return ForecastDay(ahead, amount, narrow, wide, ahead > reach)


def _around(amount: float, errors: Spread, first: int, last: int, coverage: float) -> Interval | None:
    """The interval of a sum of days: of none, the amount itself."""
    if first == last:
        return Interval(coverage, amount, amount)
    width = errors.width(first, last, coverage)
    return None if width is None else Interval(coverage, max(amount - width, 0.0), amount + width)


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
