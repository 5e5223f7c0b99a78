"""Organizational alignment as numbers: whose cost it is, how much of it is named, and what each is charged."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from analyzers.alignment.statement_lines import StatementLine
from analyzers.alignment.statements import Chargeback
from analyzers.usage.earlier_period import Compared
from analyzers.usage.period import PeriodResult
from analyzers.usage.sums import Breakdown, Usage, share
from analyzers.usage.timeline import Cell

BARS = 12
"""Bars of a chart of names; the table beside it has all."""
PRODUCTION = frozenset({"production", "prod", "live"})
"""Names of the environment that serves customers, in lower case."""


class Maturity(StrEnum):
    """How much of the cost is allocated, in the FinOps Framework's terms."""

    CRAWL = "crawl"
    WALK = "walk"
    RUN = "run"


WALK_FROM = Decimal("0.8")
RUN_FROM = Decimal("0.9")


def maturity(covered: Decimal | None) -> Maturity | None:
    """The grade of a share of cost that is allocated: run from 90%, walk from 80%; None where it is unknown."""
    if covered is None:
        return None
    if covered >= RUN_FROM:
        return Maturity.RUN
    return Maturity.WALK if covered >= WALK_FROM else Maturity.CRAWL


@dataclass(frozen=True)
class Path:
    """What one environment of one feature of one product of one organization used; '' is unallocated."""

    organization: str
    product: str
    feature: str
    environment: str
    usage: Usage

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The four names, the widest first."""
        return self.organization, self.product, self.feature, self.environment


@dataclass(frozen=True)
class MonthLine:
    """The usage of one name in each calendar month of `Alignment.months`."""

    name: str
    months: tuple[Usage, ...]
    usage: Usage


@dataclass(frozen=True)
class Coverage:
    """How much of the usage names a value of a dimension."""

    dimension: str
    named: Usage
    total: Usage

    @property
    def cost_share(self) -> Decimal | None:
        """Named cost over all known cost; None without known cost."""
        return share(self.named.cost_usd, self.total.cost_usd)

    @property
    def call_share(self) -> Decimal | None:
        """Calls that name a value over all calls."""
        return share(self.named.calls, self.total.calls)

    @property
    def grade(self) -> Maturity | None:
        """The grade of the cost share."""
        return maturity(self.cost_share)

    @property
    def unallocated_usd(self) -> Decimal:
        """Known cost that names no value."""
        return self.total.cost_usd - self.named.cost_usd

    @property
    def unnamed_at_least(self) -> bool:
        """Whether the cost of some calls that name no value is unknown or a lower bound."""
        total, named = self.total, self.named
        return total.unpriced_calls > named.unpriced_calls or total.partial_calls > named.partial_calls


@dataclass(frozen=True)
class ModelShare:
    """The priced tokens of one model and their share of the organization's."""

    provider: str
    model: str
    tokens: int
    share: Decimal


@dataclass(frozen=True)
class Efficiency:
    """How costly an organization's tokens are beside what all pay for the same tasks.

    `expected_usd` is its priced tokens at the mean price of each task over all calls; `mix_usd_per_1k` is
    its mix of models at each model's mean price. Both cover the calls of known cost.
    """

    organization: str
    usage: Usage
    expected_usd: Decimal
    mix_usd_per_1k: Decimal | None
    models: tuple[ModelShare, ...]
    compared: bool
    """Whether it has enough calls of known cost to be compared."""

    @property
    def index(self) -> Decimal | None:
        """Cost over expected cost: 1 is the mean for the same tasks; None where nothing is expected."""
        return share(self.usage.cost_usd, self.expected_usd)

    @property
    def excess_usd(self) -> Decimal:
        """Cost above the mean price of the same tasks, over the period; negative below it."""
        return self.usage.cost_usd - self.expected_usd


@dataclass(frozen=True)
class Environments:
    """An organization's usage in production, elsewhere, and without a named environment."""

    organization: str
    production: Usage
    other: Usage
    unnamed: Usage
    compared: bool
    unusual: bool = False
    """Whether it spends outside production far more than the others, for a dollar in it."""

    @property
    def other_share(self) -> Decimal | None:
        """Non-production cost over the cost of named environments."""
        return share(self.other.cost_usd, self.production.cost_usd + self.other.cost_usd)

    @property
    def other_ratio(self) -> Decimal | None:
        """Non-production cost for each dollar of production; None without production cost."""
        return share(self.other.cost_usd, self.production.cost_usd)

    def other_at(self, ratio: Decimal | None) -> Decimal | None:
        """Non-production cost at another organization's ratio, if that is lower; None where it is unknown."""
        if ratio is None:
            return None
        return min(self.other.cost_usd, self.production.cost_usd * ratio)


@dataclass(frozen=True)
class Alignment(PeriodResult):
    """The result of `finops_alignment`."""

    first_day: date
    last_day: date
    breakdown: Breakdown
    paths: tuple[Path, ...]
    months: tuple[date, ...]
    """The first day of each calendar month of the period."""
    by_month: dict[str, tuple[MonthLine, ...]]
    coverage: tuple[Coverage, ...]
    efficiency: tuple[Efficiency, ...]
    comparison_calls: int
    knows_tasks: bool
    environments: tuple[Environments, ...]
    chargeback: Chargeback
    statement_lines: tuple[StatementLine, ...]
    """The statements of the latest whole month, else of the latest, line by line."""
    cells: tuple[Cell, ...]
    """Those of the organizations that are drawn as bars."""
    versus: Compared[Usage] | None
    coverage_versus: Compared[Decimal | None] | None
    columns: frozenset[str]
    narrowed: bool
    """Whether filters chose the calls: shared cost is then split among those who are left, and statements are numbered
    anew."""

    @property
    def total(self) -> Usage:
        """All calls."""
        return self.breakdown.total

    @property
    def knows_organizations(self) -> bool:
        """Whether any call names an organization."""
        return self.breakdown.allocated("organization_id")

    @property
    def organizations(self) -> int:
        """Named organizations."""
        return sum(1 for group in self.breakdown.by("organization_id") if group.name)

    @property
    def organization_coverage(self) -> Coverage:
        """The coverage by organization."""
        return self.coverage[0]

    @property
    def most_efficient(self) -> Efficiency | None:
        """The organization with the lowest price for its tasks; None where fewer than two can be compared."""
        compared = [entry for entry in self.efficiency if entry.compared and entry.index is not None]
        if len(compared) < 2:
            return None
        return min(compared, key=lambda entry: (entry.index or Decimal(0), entry.organization))

    @property
    def leanest(self) -> Environments | None:
        """The organization with the least non-production cost a production dollar, among those that have some."""
        compared = [entry for entry in self.environments if entry.compared and entry.other_ratio]
        if len(compared) < 2:
            return None
        return min(compared, key=lambda entry: (entry.other_ratio or Decimal(0), entry.organization))

    @property
    def non_production_usd(self) -> Decimal:
        """Cost of named environments other than production."""
        return sum((entry.other.cost_usd for entry in self.environments), Decimal(0))

    @property
    def non_production_share(self) -> Decimal | None:
        """Non-production cost over the cost of named environments."""
        production = sum((entry.production.cost_usd for entry in self.environments), Decimal(0))
        return share(self.non_production_usd, production + self.non_production_usd)

    @property
    def non_production_at_best_usd(self) -> Decimal | None:
        """What non-production would cost at the leanest organization's ratio; None where there is none."""
        best = self.leanest
        if best is None:
            return None
        return sum((self.lean_usd(entry) or Decimal(0) for entry in self.environments), Decimal(0))

    def lean_usd(self, entry: Environments) -> Decimal | None:
        """Non-production cost of one organization at the leanest one's ratio.

        Where there is no production cost to hold it against, it stays as it is.
        """
        best = self.leanest
        if best is None:
            return None
        return entry.other_at(best.other_ratio) if entry.production.cost_usd else entry.other.cost_usd
