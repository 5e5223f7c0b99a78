"""The result of a comparison of two files of calls, as numbers: what stands in its JSON."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analyzers.comparison.equal_periods import FilePeriod
from analyzers.usage.sums import Usage, share
from calls.cost_gaps import Gap
from calls.dimensions import chosen
from methods.cost_bridge import CostBridge
from methods.margin_bridge import MarginBridge

COMPARED = chosen("provider", "model", "plan", "feature")
"""The dimensions by which the cost of two files is compared."""
LineKey = tuple[str, str, str]
"""Provider, model and task type."""


@dataclass(frozen=True)
class Side:
    """One of the two files: its lines, period and totals.

    Revenue and margin are None where no customer or not every price is known.
    """

    name: str
    path: str
    file_period: FilePeriod
    """The days of the whole file; those compared are `first_day` to `last_day`."""
    data_lines: int
    rejected: int
    duplicates: int
    gaps: tuple[Gap, ...]
    first_day: date
    last_day: date
    usage: Usage
    customers: int
    organizations: int
    revenue_usd: Decimal | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    cost_p50_usd: float | None
    cost_p95_usd: float | None

    @property
    def days(self) -> int:
        """Days of the period."""
        return (self.last_day - self.first_day).days + 1

    @property
    def margin_usd(self) -> Decimal | None:
        """Revenue less known cost."""
        return None if self.revenue_usd is None else self.revenue_usd - self.usage.cost_usd

    @property
    def margin_share(self) -> Decimal | None:
        """Margin over revenue; None without revenue."""
        return share(self.margin_usd, self.revenue_usd)

    @property
    def cost_per_day_usd(self) -> Decimal:
        """Known cost over days."""
        return self.usage.cost_usd / self.days


@dataclass(frozen=True)
class Part:
    """One value of a dimension in both files; a usage of zero calls where a file lacks it."""

    name: str
    before: Usage
    after: Usage

    @property
    def cost_change_usd(self) -> Decimal:
        """Known cost after less before."""
        return self.after.cost_usd - self.before.cost_usd


@dataclass(frozen=True)
class Crossing:
    """A customer that makes a loss in one file and none in the other."""

    customer: str
    plan: str
    margin_before_usd: Decimal
    margin_after_usd: Decimal

    @property
    def into_loss(self) -> bool:
        """Whether the loss is in the second file."""
        return self.margin_after_usd < 0

    @property
    def change_usd(self) -> Decimal:
        """Margin after less margin before."""
        return self.margin_after_usd - self.margin_before_usd


@dataclass(frozen=True)
class Difference:
    """A figure in both files, and how likely chance alone makes it differ as much.

    `p_value` is None where it cannot be judged; `significant` says that it survives the control of false
    discoveries over all figures judged.
    """

    figure: str
    unit: str
    before: float
    after: float
    p_value: float | None
    significant: bool

    @property
    def relative(self) -> float | None:
        """After over before, less one; None from zero."""
        return self.after / self.before - 1 if self.before else None


@dataclass(frozen=True)
class Chance:
    """Which differences exceed chance: judged over `clusters` of `kind`, or a reason why none is judged."""

    differences: tuple[Difference, ...]
    kind: str
    clusters: int
    reason: str = ""

    @property
    def significant(self) -> tuple[Difference, ...]:
        """Those that exceed chance."""
        return tuple(each for each in self.differences if each.significant)


@dataclass(frozen=True)
class Comparison:
    """Two files of calls: what changed from the first to the second, why, and what of it exceeds chance.

    `margin` is None where revenue is unknown on a side; `margin_reason` says why.
    """

    before: Side
    after: Side
    cost: CostBridge[LineKey]
    margin: MarginBridge[Any] | None
    margin_reason: str
    by_provider: tuple[Part, ...]
    by_model: tuple[Part, ...]
    by_plan: tuple[Part, ...]
    by_feature: tuple[Part, ...]
    crossings: tuple[Crossing, ...]
    customers_in_both: int
    customers_won: int
    customers_lost: int
    chance: Chance

    @property
    def cost_steps(self) -> tuple[tuple[str, Decimal], ...]:
        """Named effects on the cost, in order; they add up to its change."""
        total = self.cost.total
        return (
            ("volume", total.volume),
            ("model and task mix", total.mix),
            ("tokens per call", total.tokens),
            ("price", total.price),
            ("cost coverage", total.coverage),
        )

    @property
    def margin_steps(self) -> tuple[tuple[str, Decimal], ...]:
        """Named effects on the margin, in order; they add up to its change. Empty where it is unknown."""
        return self.margin.steps if self.margin else ()
