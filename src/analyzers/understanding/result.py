"""Usage and cost as numbers: totals, parts, time, forecast, what changed and what could be cheaper."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.advice.cheaper_models import Switch
from analyzers.budgets.budget_state import BudgetState, MonthAhead, MonthOutlook
from analyzers.ledger.months import Ledger
from analyzers.understanding.credits import Credits
from analyzers.understanding.seats import SeatCosts
from analyzers.usage.earlier_period import Compared
from analyzers.usage.period import PeriodResult
from analyzers.usage.sums import Breakdown, Group, Usage, total_usage
from analyzers.usage.timeline import Day, Timeline
from calls.source import Unpriced
from methods.concentration import Concentration
from methods.cost_bridge import CostBridge
from methods.forecast import Forecast, ForecastTotal

OUTLOOK_DAYS = (30, 90, 365)


@dataclass(frozen=True)
class WeekHour:
    """The calls of one hour of the week (weekday 1 is Monday) over all weeks; `days` are such weekdays."""

    weekday: int
    hour: int
    usage: Usage
    days: int

    @property
    def calls_per_day(self) -> Decimal | None:
        """Mean calls in this hour on such a weekday; None where the period has none."""
        return Decimal(self.usage.calls) / self.days if self.days else None


@dataclass(frozen=True)
class Weekday:
    """The complete days of one weekday (1 is Monday)."""

    weekday: int
    days: int
    usage: Usage

    @property
    def cost_per_day_usd(self) -> Decimal | None:
        """Mean cost of such a day; None where the period has no complete one."""
        return self.usage.cost_usd / self.days if self.days else None


@dataclass(frozen=True)
class Bloat:
    """An organization whose calls for a task are longer than its peers'.

    `peer_tokens` is the median, over the other organizations, of their mean tokens per call for the task.
    """

    organization: str
    task: str
    usage: Usage
    peer_tokens: Decimal
    peers: int

    @property
    def excess_share(self) -> Decimal:
        """The share of its tokens above the peers' length."""
        return 1 - self.peer_tokens * self.usage.calls / self.usage.tokens

    @property
    def excess_usd(self) -> Decimal:
        """What the tokens above the peers' length cost over the period."""
        return self.usage.cost_usd * self.excess_share


@dataclass(frozen=True)
class NamedChange:
    """The known cost of a name of a dimension in the earlier and the later of the two periods compared.

    None where it has calls and none has a known cost.
    """

    dimension: str
    name: tuple[str, ...]
    before_usd: Decimal | None
    now_usd: Decimal | None


@dataclass(frozen=True)
class Understanding(PeriodResult):
    """The result of `finops_understanding`. Amounts are USD over the period unless named otherwise."""

    first_day: date
    last_day: date
    timezone: str
    breakdown: Breakdown
    time: Timeline
    versus: Compared[Usage] | None
    changes: tuple[NamedChange, ...]
    week_hours: tuple[WeekHour, ...]
    weekdays: tuple[Weekday, ...]
    forecast: Forecast | None
    forecast_reason: str
    ledger: Ledger
    credits: Credits
    month: MonthOutlook | None
    months_ahead: tuple[MonthAhead, ...]
    budgets: tuple[BudgetState, ...]
    seats: SeatCosts | None
    bridge: CostBridge[str] | None
    bridge_reason: str
    provider_concentration: Concentration
    customer_concentration: Concentration | None
    switches: tuple[Switch, ...]
    switch_share: Decimal
    bloats: tuple[Bloat, ...]
    unpriced: tuple[Unpriced, ...]
    columns: frozenset[str]

    @property
    def total(self) -> Usage:
        """All calls of the period."""
        return self.breakdown.total

    @property
    def daily_burn_usd(self) -> Decimal | None:
        """Mean cost of a complete day; of the period's days where none is complete."""
        if self.total.known_cost_usd is None:
            return None
        days: tuple[Day, ...] = self.time.complete or self.time.days
        return total_usage(day.usage for day in days).cost_usd / len(days)

    @property
    def outlook(self) -> tuple[ForecastTotal, ...]:
        """The next 30, 90 and 365 days; empty where nothing is forecast."""
        return tuple(self.forecast.total(days) for days in OUTLOOK_DAYS) if self.forecast else ()

    def by(self, *names: str) -> tuple[Group, ...]:
        """The groups of a dimension, the most expensive first."""
        return self.breakdown.by(*names)
