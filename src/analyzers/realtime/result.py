"""Real-time decision making as numbers: what is wrong, what it cost and who must act."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from analyzers.advice.cheaper_models import Switch
from analyzers.budgets.budget_state import BudgetState
from analyzers.realtime.anomaly_search import Search
from analyzers.realtime.outliers import LongAnswers, Outliers
from analyzers.realtime.waste import CostlierSeller, Failures, Violations
from analyzers.usage.period import PeriodResult
from analyzers.usage.sums import Usage, share
from methods.concentration import Concentration


@dataclass(frozen=True)
class CustomerRisk:
    """A customer's cost in the last 7 complete days and in the 7 before, and the risk it is.

    High: the cost more than doubled by at least the dollar floor, or it has an anomaly in
    these weeks. Medium: it grew by
    half. Lapsed: silent for longer than its past habits explain. Else low.
    """

    customer: str
    organization: str
    organizations: int
    earlier_usd: Decimal
    later_usd: Decimal
    cost_usd: Decimal
    last_day: date
    band: str
    why: str

    @property
    def growth(self) -> Decimal | None:
        """Relative change; None where the earlier week is zero."""
        return share(self.later_usd - self.earlier_usd, self.earlier_usd)


@dataclass(frozen=True)
class LastDay:
    """The last 24 hours of the data, the 24 before, and the mean cost of the 7 complete days before.

    `before` is None where the data begin later.
    """

    until: datetime
    usage: Usage
    before: Usage | None
    usual_usd: Decimal | None


@dataclass(frozen=True)
class Realtime(PeriodResult):
    """The result of `finops_realtime`."""

    first_day: date
    last_day: date
    total: Usage
    last: LastDay
    search: Search
    outliers: Outliers
    budgets: tuple[BudgetState, ...]
    budget_shares: tuple[Decimal, ...]
    violations: tuple[Violations, ...]
    limit_ms: int
    own_levels: bool
    """Whether the limit is the user's own, not the one shipped."""
    failures: tuple[Failures, ...]
    knows_status: bool
    error_rate_max: Decimal
    premium: tuple[Switch, ...]
    switch_share: Decimal
    long_answers: tuple[LongAnswers, ...]
    sellers: tuple[CostlierSeller, ...]
    providers: Concentration
    top_provider: str
    risks: tuple[CustomerRisk, ...]
    rules: dict[str, Decimal]

    @property
    def failed_usd(self) -> Decimal | None:
        """What failed calls are known to cost; None without a status, or where none of them has a known cost."""
        costs = [entry.failed_usd for entry in self.failures]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal(0)) if self.knows_status and (known or not costs) else None

    @property
    def anomaly_usd(self) -> Decimal:
        """Dollars over expectation, no call counted twice: those of the lead of each burst."""
        return Decimal(sum(event.excess_usd for event in self.search.bursts))

    @property
    def missing_usd(self) -> Decimal:
        """Dollars below expectation of the falls, no call counted twice."""
        return Decimal(-sum(event.excess_usd for event in self.search.events if event.is_fall))
