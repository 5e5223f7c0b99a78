"""Customer profitability as numbers: margins by customer, plan and organization, losses, remedies, bridge."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from analyzers.profitability.customer_margin import Band, CustomerMargin
from analyzers.profitability.replay import Replay
from analyzers.revenue.daily_margin import DailyMargin
from analyzers.usage.earlier_period import Compared
from analyzers.usage.sums import ZERO, Usage, share
from calls.source import Unpriced


@dataclass(frozen=True)
class MarginGroup:
    """Customers of one plan or organization together.

    `matched_cost_usd` is the cost of the calls behind known revenue and of unallocated calls: what the margin
    subtracts. `use` has the cost of all calls.
    """

    name: str
    customers: int
    unprofitable: int
    unknown: int
    revenue_usd: Decimal
    matched_cost_usd: Decimal
    loss_usd: Decimal
    use: Usage

    @property
    def margin_usd(self) -> Decimal | None:
        """Known revenue less the cost behind it; None where no revenue of its customers is known."""
        if self.customers and self.unknown == self.customers:
            return None
        return self.revenue_usd - self.matched_cost_usd

    @property
    def margin_share(self) -> Decimal | None:
        """Margin over revenue; None without revenue."""
        return share(self.margin_usd, self.revenue_usd)


@dataclass(frozen=True)
class BandCount:
    """The customers of one margin band together."""

    band: Band
    customers: int
    revenue_usd: Decimal
    cost_usd: Decimal

    @property
    def margin_usd(self) -> Decimal | None:
        """Margin of the band; None for the band of unknown margins."""
        return None if self.band is Band.UNKNOWN else self.revenue_usd - self.cost_usd


@dataclass(frozen=True)
class PlanEconomics:
    """How much use a plan's price pays for, at the mean cost of its customers' priced calls."""

    plan: str
    monthly_usd: Decimal
    customers: int
    above: int
    use: Usage

    @property
    def cost_per_call_usd(self) -> Decimal | None:
        """Mean cost of a priced call of the plan's customers."""
        return self.use.cost_per_call_usd

    @property
    def tokens_per_call(self) -> Decimal | None:
        """Mean tokens of a call of the plan's customers."""
        return share(self.use.tokens, self.use.calls)

    @property
    def break_even_calls(self) -> int | None:
        """Calls per month that cost what the plan brings, rounded down; None where calls cost nothing."""
        cost = self.cost_per_call_usd
        return int(self.monthly_usd / cost) if cost else None

    @property
    def break_even_tokens(self) -> int | None:
        """Tokens of that many calls, rounded down."""
        cost, tokens = self.cost_per_call_usd, self.tokens_per_call
        return int(self.monthly_usd / cost * tokens) if cost and tokens is not None else None


class RemedyKind(StrEnum):
    """What can be done about a loss-maker."""

    CAP = "cap usage"
    UPGRADE = "upgrade"
    SWITCH = "switch model"
    PRICE = "raise the price"


@dataclass(frozen=True)
class Remedy:
    """One way out of a loss.

    `detail` is the figure that the remedy turns on, in words; `saving_usd_month` is the margin after it less
    the margin before.
    """

    kind: RemedyKind
    detail: str
    margin_after_usd_month: Decimal
    saving_usd_month: Decimal


@dataclass(frozen=True)
class LossMaker:
    """A customer with a negative margin, and the ways out that its use supports.

    `margin_usd_month` is the monthly price less the cost of 30 days at the current pace.
    """

    margin: CustomerMargin
    margin_usd_month: Decimal
    remedies: tuple[Remedy, ...]
    best: Remedy | None
    loss_share_running: Decimal


@dataclass(frozen=True)
class BridgeStep:
    """One step of the margin bridge, in USD: positive raises the margin."""

    name: str
    usd: Decimal


@dataclass(frozen=True)
class MarginBridge:
    """What moved the margin from the first half of the period to the second; the steps add up exactly.

    All days are inclusive; the halves are equally long.
    """

    first_start: date
    first_end: date
    second_start: date
    second_end: date
    before_usd: Decimal
    after_usd: Decimal
    steps: tuple[BridgeStep, ...]


@dataclass(frozen=True)
class WhalePoint:
    """A point of the whale curve: the best `customers` together earn `margin_usd`."""

    customers: int
    margin_usd: Decimal


@dataclass(frozen=True)
class Profitability:
    """Who pays for themselves."""

    first_day: date
    last_day: date
    period_days: int
    filtered: bool
    target_margin: Decimal
    shock_limit: Decimal
    margin_floors: dict[str, Decimal]
    """Shares of revenue below which the margin is a "warning" and "critical"."""
    own_floors: bool
    """Whether the floors are the user's own, not those shipped."""
    outlook_days: int
    replay: Replay | None
    use: Usage
    unallocated: Usage
    customers: tuple[CustomerMargin, ...]
    by_plan: tuple[MarginGroup, ...]
    by_organization: tuple[MarginGroup, ...]
    bands: tuple[BandCount, ...]
    plans: tuple[PlanEconomics, ...]
    loss_makers: tuple[LossMaker, ...]
    whale: tuple[WhalePoint, ...]
    bridge: MarginBridge | None
    bridge_reason: str
    daily: tuple[DailyMargin, ...]
    revenue_versus: Compared[Decimal] | None
    cost_versus: Compared[Decimal] | None
    margin_versus: Compared[Decimal] | None
    unpriced: tuple[Unpriced, ...]

    @property
    def known_customers(self) -> int:
        """Customers whose margin is known."""
        return sum(group.customers - group.unknown for group in self.by_plan)

    @property
    def revenue_usd(self) -> Decimal | None:
        """Revenue of the customers whose margin is known; None without one."""
        if not self.known_customers:
            return None
        return sum((group.revenue_usd for group in self.by_plan), ZERO)

    @property
    def matched_cost_usd(self) -> Decimal:
        """The cost of those customers and of unallocated calls: what the margin subtracts."""
        return sum((group.matched_cost_usd for group in self.by_plan), ZERO)

    @property
    def unmatched_cost_usd(self) -> Decimal:
        """The cost of customers whose revenue is unknown: in no margin."""
        return self.use.cost_usd - self.matched_cost_usd

    @property
    def margin_usd(self) -> Decimal | None:
        """Gross margin: known revenue less the cost behind it and unallocated cost; None without revenue."""
        revenue = self.revenue_usd
        return None if revenue is None else revenue - self.matched_cost_usd

    @property
    def margin_share(self) -> Decimal | None:
        """Gross margin over revenue; None without revenue."""
        return share(self.margin_usd, self.revenue_usd)

    def short_of_usd(self, floor: Decimal) -> Decimal | None:
        """Dollars of margin that are missing to this share of revenue; None without a margin."""
        margin, revenue = self.margin_usd, self.revenue_usd
        return None if margin is None or revenue is None else revenue * floor - margin

    @property
    def loss_usd(self) -> Decimal:
        """What all unprofitable customers lose together."""
        return sum((entry.margin.loss_usd for entry in self.loss_makers), ZERO)
