"""Rate optimization as numbers: levers in order, commitments, switches, volume tiers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.advice.cheaper_models import Switch
from analyzers.usage.period import PeriodResult
from analyzers.usage.sums import ZERO, Usage, share
from methods.commitment import CommitmentPlan, Regret

TESTED = frozenset({"switch"})
"""Levers that change who answers, and so may change the quality of answers."""


@dataclass(frozen=True)
class Saving:
    """What one lever saves on one subject over the period, after the levers before it."""

    lever: str
    subject: str
    detail: str
    provider: str
    model: str
    task: str
    calls: int
    usd: Decimal
    grade_steps: int = 0


@dataclass(frozen=True)
class Lever:
    """A lever in the order of use: cost before and after it over the period."""

    id: str
    title: str
    before_usd: Decimal
    saving_usd: Decimal

    @property
    def after_usd(self) -> Decimal:
        """The cost that the next lever works on."""
        return self.before_usd - self.saving_usd

    @property
    def saving_share(self) -> Decimal | None:
        """Saving over the cost before; None where that is zero."""
        return share(self.saving_usd, self.before_usd)


@dataclass(frozen=True)
class Commitment:
    """A commitment on the hourly tokens of a model as it is used today.

    Figures of `plan` and `regret` are in tokens: times `usd_per_token` they are dollars over the period.
    """

    provider: str
    model: str
    usd_per_token: Decimal
    plan: CommitmentPlan
    regret: Regret | None
    break_even_month: int | None

    @property
    def saving_usd(self) -> Decimal:
        """Saved over the period at the chosen level."""
        return self.dollars(self.plan.chosen.saving)

    @property
    def saving_if_fewer_usd(self) -> Decimal:
        """Saved over the period if demand were lower by the plan's drop; negative is a loss."""
        return self.dollars(self.plan.fewer.saving)

    @property
    def regret_usd(self) -> Decimal | None:
        """What hindsight would have saved on top in the second half, chosen on the first."""
        return None if self.regret is None else self.dollars(self.regret.units)

    def dollars(self, tokens: float) -> Decimal:
        """Tokens at the full price."""
        return Decimal(tokens) * self.usd_per_token


@dataclass(frozen=True)
class Volume:
    """A provider's spend per month against its volume tiers; distances are None without a next tier."""

    provider: str
    month_usd: Decimal
    discount_usd: Decimal
    next_from_usd: Decimal | None
    next_discount: Decimal | None
    consolidated_usd: Decimal
    """Discount per month if all spend went to this provider."""

    @property
    def distance_usd(self) -> Decimal | None:
        """Spend per month that is missing to the next tier."""
        return None if self.next_from_usd is None else self.next_from_usd - self.month_usd


@dataclass(frozen=True)
class Optimization(PeriodResult):
    """The result of `finops_optimization`. Dollars are over the period unless named a month."""

    first_day: date
    last_day: date
    total: Usage
    levers: tuple[Lever, ...]
    savings: tuple[Saving, ...]
    switches: tuple[Switch, ...]
    commitments: tuple[Commitment, ...]
    commitment_reason: str
    volumes: tuple[Volume, ...]
    discount: Decimal
    term_months: int
    switch_share: Decimal
    test_share: Decimal
    repeatable_share: Decimal
    batch_discount: Decimal
    deferrable: tuple[str, ...]
    deferrable_usd: Decimal
    deferrable_at_least: bool
    """Whether the cost of some of these calls is unknown or a lower bound."""
    peak_usd: Decimal
    """Cost of calls that could wait, made in the 8 busiest hours of the day."""
    deferred_usd: Decimal
    """What of `deferrable_usd` is sent as a batch already, or bought at a price for calls that wait."""
    peak_hours: tuple[int, ...]

    @property
    def saving_usd(self) -> Decimal:
        """What all levers save over the period."""
        return sum((lever.saving_usd for lever in self.levers), ZERO)

    @property
    def tested_usd(self) -> Decimal:
        """What of it another model would have to do: its quality is not in the data, and must be tested first."""
        return sum((lever.saving_usd for lever in self.levers if lever.id in TESTED), ZERO)

    @property
    def best_usd(self) -> Decimal:
        """The cost after all levers."""
        return self.total.cost_usd - self.saving_usd

    @property
    def saving_share(self) -> Decimal | None:
        """Saving over today's cost; None without cost."""
        return share(self.saving_usd, self.total.cost_usd)
