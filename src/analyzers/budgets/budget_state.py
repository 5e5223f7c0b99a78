"""Where the budgets of settings.toml stand in the window that is open, how it will end, and how closed ones did.

Spent is every dollar that the file holds. A last day that lacks hours counts with what it has; the forecast of it is
held against that, so that no estimate lies below what is spent.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.budgets.drivers import SCOPES, Driver, budget_drivers
from analyzers.ledger.months import Ledger, Month, Reach, Spent, ledger, reach_of, spent_by_window
from analyzers.ledger.windows import ONE_DAY, Cycle, Window
from analyzers.usage.sums import ZERO, share
from analyzers.usage.timeline import Timeline, timeline
from calls.engine import Calls
from methods.forecast import Exhaustion, Forecast, ForecastTotal, forecast
from settings.model import Budget, Settings

LEAST_DAYS = 7
"""Complete days of history below which no cost is forecast."""
HORIZON = 365
MONTHS_AHEAD = 3
"""Calendar months that are forecast after the open one."""

BY_DAY = {
    "organization_id": ("local_day", "daily_organizations"),
    "product_id": ("local_day", "daily_organizations"),
    "customer_id": ("local_day", "daily_customers"),
    "feature_id": ("cast(local_hour as date)", "hourly_features"),
}
"""What a day is in the rollup that holds a column."""
ADJECTIVES = {
    "day": "daily budget",
    "week": "weekly budget",
    "month": "budget",
    "quarter": "quarterly budget",
    "year": "yearly budget",
}

Daily = Mapping[date, Decimal]
"""Known cost in USD by day; a day without calls may be missing."""


@dataclass(frozen=True)
class BudgetState:
    """A budget, what of it is spent in the open window, how that will end, and what closed windows spent.

    The window is the one of the first day that is not over. `spent_usd` is every dollar of it that the file holds;
    `covered_from` is the file's first day where it begins within the window, `partial_day` its last day where that
    lacks hours: `days_left` counts it. Forecast figures are None where history is too short for them.
    """

    scope: str
    name: str
    length: str
    """day, week, month, quarter or year."""
    budget_usd: Decimal
    window: Window
    spent_usd: Decimal
    days_gone: int
    days_left: int
    covered_from: date | None
    partial_day: date | None
    window_end: ForecastTotal | None
    exhaustion: Exhaustion | None
    overrun_probability: float | None
    driver: Driver | None
    """The model that drives its cost; None where nothing is spent."""
    crossed_on: date | None = None
    """The day on which what was spent passed the budget, if it did."""
    closed: tuple[Spent, ...] = ()
    """The windows that are over, oldest first."""
    has_calls: bool = True
    """Whether any call of the file is one that the budget is for."""

    @property
    def title(self) -> str:
        """Whom it is for, in words."""
        return "all calls" if self.scope == "total" else f"{self.scope} {self.name}"

    @property
    def noun(self) -> str:
        """What it is called: "budget", "quarterly budget"."""
        return ADJECTIVES[self.length]

    @property
    def key(self) -> str:
        """What tells it from the other budgets."""
        return f"{self.scope}/{self.name}" + ("" if self.length == "month" else f"/{self.length}")

    @property
    def spent_share(self) -> Decimal | None:
        """Spent over budget; None where the budget is zero."""
        return share(self.spent_usd, self.budget_usd)

    @property
    def pace_share(self) -> Decimal:
        """The share of the window that is over: spending evenly would have used as much of the budget."""
        return Decimal(self.days_gone) / self.window.days

    @property
    def estimate_usd(self) -> Decimal | None:
        """What the window comes to by the forecast, to the cent, and never less than what is spent."""
        return None if self.window_end is None else _to_the_cent(self.window_end, self.spent_usd)

    @property
    def overrun_usd(self) -> Decimal | None:
        """How far the estimate exceeds the budget; negative where it stays below.

        Without an estimate it is what is spent above the budget; None where nothing is yet.
        """
        if self.estimate_usd is not None:
            return self.estimate_usd - self.budget_usd
        return self.spent_usd - self.budget_usd if self.spent_usd > self.budget_usd else None

    @property
    def is_overrun(self) -> bool:
        """Whether more is spent, or will be, than the budget allows."""
        return self.overrun_usd is not None and self.overrun_usd > 0

    @property
    def runs_out_on(self) -> date | None:
        """The day on which the budget is used up, by what is spent or else by the forecast; None if it is not."""
        if self.crossed_on is not None:
            return self.crossed_on
        if self.exhaustion is None or self.exhaustion.day is None:
            return None
        return self.window.first + (self.days_gone + self.exhaustion.day - 1) * ONE_DAY

    @property
    def exceeded(self) -> tuple[Spent, ...]:
        """The closed windows that spent more than the budget, oldest first."""
        return tuple(each for each in self.closed if each.spent_usd > self.budget_usd)


@dataclass(frozen=True)
class MonthOutlook:
    """What the open calendar month will cost, all calls together. `days_left` counts a day that lacks hours."""

    month: Month
    days_left: int
    end: ForecastTotal

    @property
    def spent_usd(self) -> Decimal:
        """Every dollar of the month that the file holds."""
        return self.month.usage.cost_usd

    @property
    def estimate_usd(self) -> Decimal:
        """What the month comes to, to the cent, and never less than what is spent."""
        return _to_the_cent(self.end, self.spent_usd)


@dataclass(frozen=True)
class MonthAhead:
    """What a calendar month that has not begun will cost."""

    window: Window
    total: ForecastTotal


def _to_the_cent(end: ForecastTotal, least: Decimal) -> Decimal:
    return max(round(Decimal(end.amount), 2), least)


def cost_forecast(days: Sequence[Decimal], horizon: int = HORIZON) -> Forecast | None:
    """The forecast of a daily cost; None where there are fewer than `LEAST_DAYS` days or nothing was spent."""
    if len(days) < LEAST_DAYS or not any(days):
        return None
    return forecast([float(max(amount, ZERO)) for amount in days], horizon)


def budget_states(calls: Calls, settings: Settings) -> tuple[BudgetState, ...]:
    """The state of every budget, in the order of settings.toml."""
    if not settings.budget:
        return ()
    time, drivers = timeline(calls), budget_drivers(calls, settings.budget)
    series = _series(calls, settings.budget)
    return tuple(
        _state(budget, time, series[budget.scope, budget.name], drivers.get((budget.scope, budget.name)))
        for budget in settings.budget
    )


def _series(calls: Calls, budgets: Sequence[Budget]) -> Mapping[tuple[str, str], Daily]:
    """The known cost by day of each budget's calls."""
    series: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(dict)
    series["total", ""] = {day.day: day.usage.cost_usd for day in timeline(calls).days}
    for scope, column in SCOPES.items():
        names = sorted({budget.name for budget in budgets if budget.scope == scope})
        if names:
            values = {f"name_{place}": name for place, name in enumerate(names)}
            for row in calls.sql(_by_day_and(column, values), **values):
                series[scope, row.name][row.local_day] = row.known_cost or ZERO
    return series


def _by_day_and(column: str, names: Mapping[str, str]) -> str:
    day, rollup = BY_DAY[column]
    listed = ", ".join(f"${key}" for key in names)
    return (
        f"select {day} as local_day, {column} as name, sum(known_cost) as known_cost from {rollup} "
        f"where {day} is not null and {column} in ({listed}) group by {day}, {column} order by local_day, name"
    )


def month_outlook(calls: Calls, expected: Forecast | None) -> MonthOutlook | None:
    """The outlook for the open month by the forecast of the daily cost; None where there is none."""
    if expected is None:
        return None
    found = ledger(calls)
    cost = {day.day: day.usage.cost_usd for day in timeline(calls).days}
    spent, left = float(found.open.usage.cost_usd), _days_left(found.reach, found.open.window)
    return MonthOutlook(found.open, left, expected.window_end(spent, _begun(cost, found.reach), left))


def months_ahead(found: Ledger, expected: Forecast | None) -> tuple[MonthAhead, ...]:
    """The next calendar months after the open one; none where nothing is forecast.

    Args:
        found: the ledger, whose first day that is not over is the forecast's first day ahead.
        expected: the forecast of the daily cost.
    """
    ahead: list[MonthAhead] = []
    window = found.open.window
    while expected is not None and len(ahead) < MONTHS_AHEAD:
        window = Cycle("month").around(window.last + ONE_DAY)
        first = (window.first - found.reach.next_day).days
        ahead.append(MonthAhead(window, expected.between(first, first + window.days)))
    return tuple(ahead)


def _days_left(reach: Reach, window: Window) -> int:
    """The days of an open window that are not over."""
    return (window.last - reach.next_day).days + 1


def _begun(spent: Daily, reach: Reach) -> float:
    """What fell on the first of the days that are not over."""
    return float(spent.get(reach.next_day, ZERO))


def _state(budget: Budget, time: Timeline, spent: Daily, driver: Driver | None) -> BudgetState:
    reach, limit = reach_of(time), budget.limit_usd
    cycle = Cycle(budget.window, budget.start_day, budget.start_month)
    *closed, now = spent_by_window(spent, cycle, reach, limit)
    left = _days_left(reach, now.window)
    expected = cost_forecast([spent.get(day.day, ZERO) for day in time.complete], max(left, LEAST_DAYS))
    begun, remaining = _begun(spent, reach), float(limit - now.spent_usd)
    room = remaining + begun - expected.lift(begun, left) if expected else remaining
    return BudgetState(
        scope=budget.scope,
        name=budget.name,
        length=budget.window,
        budget_usd=limit,
        window=now.window,
        spent_usd=now.spent_usd,
        days_gone=now.window.days - left,
        days_left=left,
        covered_from=now.covered_from,
        partial_day=reach.partial_day,
        window_end=expected.window_end(float(now.spent_usd), begun, left) if expected else None,
        exhaustion=expected.exhaustion(room, left) if expected else None,
        overrun_probability=_overrun_chance(expected, remaining, room, left),
        driver=driver,
        crossed_on=now.crossed_on if remaining < 0 else None,
        closed=tuple(closed),
        has_calls=bool(spent),
    )


def _overrun_chance(expected: Forecast | None, remaining: float, room: float, left: int) -> float | None:
    """How likely the window ends above its budget; certain where more is spent already."""
    if remaining < 0:
        return 1.0
    return expected.probability_above(room, left) if expected else None
