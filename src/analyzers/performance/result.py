"""Performance as numbers: waits, service levels, lines, the frontier, and the best model for each task."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.performance.latency import ALL, CUSTOMER, MODEL, MODEL_TASK, PROVIDER, TASK, Service
from analyzers.usage.earlier_period import Compared
from analyzers.usage.period import PeriodResult
from analyzers.usage.sums import Usage, share
from methods.frontier import Standing
from methods.robust_line import Line
from methods.slo import BurnHour, ErrorBudget


@dataclass(frozen=True)
class ModelLine:
    """Latency against output tokens of a model: the intercept is waiting in ms, the slope ms per token."""

    provider: str
    model: str
    line: Line
    calls: int


@dataclass(frozen=True)
class Bucket:
    """Calls of a model that took at least `from_ms` and less than the next bucket's."""

    provider: str
    model: str
    from_ms: int
    calls: int


@dataclass(frozen=True)
class TaskChoice:
    """The cheapest model that meets the SLA for a task, and what moving the rest to it would save.

    `best` is None where no model with enough calls meets it. Savings cover the period and all calls that
    are more expensive elsewhere.
    """

    task: str
    best: Service | None
    candidates: int
    moved_calls: int
    moved_from: tuple[str, ...]
    saving_usd: Decimal


@dataclass(frozen=True)
class Performance(PeriodResult):
    """The result of `finops_performance`."""

    first_day: date
    last_day: date
    total: Usage
    limit_ms: int
    target: Decimal
    error_rate_max: Decimal
    own_levels: bool
    """Whether limit, target and error rate are the user's own, not those shipped."""
    percentile_calls: int
    comparison_calls: int
    switch_share: Decimal
    groups: dict[str, tuple[Service, ...]]
    knows_status: bool
    lines: tuple[ModelLine, ...]
    buckets: tuple[Bucket, ...]
    frontier: tuple[Standing[str], ...]
    choices: tuple[TaskChoice, ...]
    budget: ErrorBudget
    burn: BurnHour | None
    late_by_day: tuple[tuple[date, int, int], ...]
    """(day, timed calls, late calls)."""
    versus_compliance: Compared[Decimal | None] | None

    @property
    def overall(self) -> Service:
        """All calls."""
        return self.groups["all"][0]

    @property
    def timed_share(self) -> Decimal | None:
        """Calls with a latency over all calls."""
        return share(self.overall.timed, self.overall.calls)


GROUP_NAMES = {
    "all": ALL,
    "provider": PROVIDER,
    "model": MODEL,
    "task": TASK,
    "model_task": MODEL_TASK,
    "customer": CUSTOMER,
}
