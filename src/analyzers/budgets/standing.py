"""Where the budgets of settings.toml stand in the calendar month, and where they will end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analyzers.budgets.drivers import SCOPES, Driver, budget_drivers
from analyzers.usage.sums import ZERO, share
from analyzers.usage.timeline import Day, Timeline, timeline
from calls.engine import Calls
from methods.forecast import Exhaustion, Forecast, ForecastTotal, forecast
from settings.model import Budget, Settings

LEAST_DAYS = 7
"""Complete days of history below which no cost is forecast."""
HORIZON = 365

BY_DAY = {
    "organization_id": ("local_day", "daily_organizations"),
    "product_id": ("local_day", "daily_organizations"),
    "customer_id": ("local_day", "daily_customers"),
}
"""What a day is in the rollup that holds a column."""


@dataclass(frozen=True)
class BudgetState:
    """A monthly budget, what of it is spent, and how the month will end.

    The month is the calendar month of the first day that is still to come. `spent_usd` covers its complete
    days that the file holds; `covered_from` is the first of them where the file begins within the month.
    Forecast figures are None where history is too short for them.
    """

    scope: str
    name: str
    monthly_usd: Decimal
    month: date
    spent_usd: Decimal
    days_gone: int
    days_left: int
    covered_from: date | None
    month_end: ForecastTotal | None
    exhaustion: Exhaustion | None
    overrun_probability: float | None
    driver: Driver | None
    """The model that drives its cost; None where nothing is spent."""
    crossed_on: date | None = None
    """The day on which what was spent reached the budget, if it did."""

    @property
    def title(self) -> str:
        """Whom it is for, in words."""
        return "all calls" if self.scope == "total" else f"{self.scope} {self.name}"

    @property
    def month_days(self) -> int:
        """The days of the calendar month."""
        return self.days_gone + self.days_left

    @property
    def spent_share(self) -> Decimal | None:
        """Spent over budget; None where the budget is zero."""
        return share(self.spent_usd, self.monthly_usd)

    @property
    def pace_share(self) -> Decimal:
        """The share of the month that is over: spending evenly would have used as much of the budget."""
        return Decimal(self.days_gone) / self.month_days

    @property
    def estimate_usd(self) -> Decimal | None:
        """What the month comes to by the forecast, to the cent."""
        return None if self.month_end is None else round(Decimal(self.month_end.amount), 2)

    @property
    def overrun_usd(self) -> Decimal | None:
        """How far the estimate exceeds the budget; negative where it stays below."""
        return None if self.estimate_usd is None else self.estimate_usd - self.monthly_usd

    @property
    def runs_out_on(self) -> date | None:
        """The day on which the budget is used up, by what is spent or else by the forecast; None if it is not."""
        if self.crossed_on is not None:
            return self.crossed_on
        if self.exhaustion is None or self.exhaustion.day is None:
            return None
        return self.month + timedelta(days=self.days_gone + self.exhaustion.day - 1)


@dataclass(frozen=True)
class MonthOutlook:
    """What the calendar month of the first day to come will cost, all calls together.

    `spent_usd` covers its complete days that the file holds, from `covered_from` on where the file begins
    within the month.
    """

    month: date
    spent_usd: Decimal
    days_left: int
    covered_from: date | None
    end: ForecastTotal

    @property
    def estimate_usd(self) -> Decimal:
        """What the month comes to, to the cent."""
        return round(Decimal(self.end.amount), 2)


def cost_forecast(days: Sequence[Decimal], horizon: int = HORIZON) -> Forecast | None:
    """The forecast of a daily cost; None where there are fewer than `LEAST_DAYS` days or nothing was spent."""
    if len(days) < LEAST_DAYS or not any(days):
        return None
    return forecast([float(max(amount, ZERO)) for amount in days], horizon)


def budget_states(calls: Calls, settings: Settings) -> tuple[BudgetState, ...]:
    """The state of every budget, in the order of settings.toml."""
    time = timeline(calls)
    if not settings.budget or not time.complete:
        return ()
    series, drivers = _series(calls, settings.budget), budget_drivers(calls, settings.budget)
    return tuple(
        _state(budget, time, series[budget.scope, budget.name], drivers.get((budget.scope, budget.name)))
        for budget in settings.budget
    )


def _series(calls: Calls, budgets: Sequence[Budget]) -> Mapping[tuple[str, str], dict[date, Decimal]]:
    """The known cost by day of each budget's calls."""
    series: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(dict)
    series["total", ""] = {day.day: day.usage.cost_usd for day in timeline(calls).days}
    wanted = {SCOPES[budget.scope] for budget in budgets if budget.scope in SCOPES}
    names = {(budget.scope, budget.name) for budget in budgets}
    for scope, column in SCOPES.items():
        if column not in wanted:
            continue
        for row in calls.sql(_by_day_and(column)):
            if (scope, row.name) in names:
                series[scope, row.name][row.local_day] = row.known_cost or ZERO
    return series


def _by_day_and(column: str) -> str:
    day, rollup = BY_DAY[column]
    return (
        f"select {day} as local_day, {column} as name, sum(known_cost) as known_cost from {rollup} "
        f"where {day} is not null group by {day}, {column} order by local_day, name"
    )


def month_outlook(time: Timeline) -> MonthOutlook | None:
    """The outlook for the month; None where history is too short for a forecast."""
    days = time.complete
    if not days:
        return None
    month = _month_of(days)
    spent = sum((day.usage.cost_usd for day in days if day.day >= month.first), ZERO)
    expected = cost_forecast([day.usage.cost_usd for day in days], month.left)
    if expected is None:
        return None
    return MonthOutlook(
        month.first, spent, month.left, month.covered_from, expected.month_end(float(spent), month.left)
    )


@dataclass(frozen=True)
class _MonthSoFar:
    """The calendar month of the first day to come: how much of it is gone, left, and in the file."""

    first: date
    gone: int
    left: int
    covered_from: date | None


def _month_of(complete: Sequence[Day]) -> _MonthSoFar:
    ahead, begin = complete[-1].day + timedelta(days=1), complete[0].day
    first = ahead.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    covered = begin if first < begin < ahead else None
    return _MonthSoFar(first, (ahead - first).days, (following - ahead).days, covered)


def _state(
    budget: Budget, time: Timeline, spent: Mapping[date, Decimal], driver: Driver | None
) -> BudgetState:
    month = _month_of(time.complete)
    total = sum((spent.get(day.day, ZERO) for day in time.complete if day.day >= month.first), ZERO)
    expected = cost_forecast([spent.get(day.day, ZERO) for day in time.complete], month.left)
    remaining = float(budget.monthly_usd - total)
    return BudgetState(
        scope=budget.scope,
        name=budget.name,
        monthly_usd=budget.monthly_usd,
        month=month.first,
        spent_usd=total,
        days_gone=month.gone,
        days_left=month.left,
        covered_from=month.covered_from,
        month_end=expected.month_end(float(total), month.left) if expected else None,
        exhaustion=expected.exhaustion(remaining, month.left) if expected else None,
        overrun_probability=expected.probability_above(remaining, month.left) if expected else None,
        driver=driver,
        crossed_on=_crossing(
            budget.monthly_usd, [day.day for day in time.complete if day.day >= month.first], spent
        ),
    )


def _crossing(budget_usd: Decimal, days: Sequence[date], spent: Mapping[date, Decimal]) -> date | None:
    """The first day by whose end the month's spend is above the budget."""
    running = ZERO
    for day in days:
        running += spent.get(day, ZERO)
        if running > budget_usd:
            return day
    return None
