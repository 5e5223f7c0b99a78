"""Pricing strategy as numbers: every customer's use under every offer, and what a change may do."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import Usage, share

SEGMENTS = ("low", "medium", "high")
"""Thirds of the customers by tokens per month."""


@dataclass(frozen=True)
class CustomerBills:
    """One customer's use and its bill under each offer, in the order of the offers; the first is today's.

    `organization` is that of most of its calls; `organizations` counts those that its calls name.
    """

    customer: str
    organization: str
    organizations: int
    plan: str
    segment: str
    tokens: int
    cost_usd: Decimal
    unpriced_calls: int
    partial_calls: int
    bills_usd: tuple[Decimal, ...]

    @property
    def today_usd(self) -> Decimal:
        """What it pays today."""
        return self.bills_usd[0]

    def increase_usd(self, offer: int) -> Decimal:
        """How much more it would pay; negative where it would pay less."""
        return self.bills_usd[offer] - self.today_usd

    def change(self, offer: int) -> Decimal | None:
        """The increase over today's bill; None where it pays nothing today."""
        return share(self.increase_usd(offer), self.today_usd)

    def is_shock(self, offer: int, limit: Decimal) -> bool:
        """Whether the bill rises by more than the limit; from nothing, whether it rises at all."""
        change = self.change(offer)
        return self.increase_usd(offer) > 0 if change is None else change > limit

    def is_grandfathered(self, offer: int, limit: Decimal) -> bool:
        """Whether it pays for itself today and its bill would be a shock: then it keeps its plan."""
        return self.today_usd >= self.cost_usd and self.is_shock(offer, limit)

    def moved_usd(self, offer: int, limit: Decimal) -> Decimal:
        """Its bill when it is moved: that of today if it is grandfathered, else its rise ends at the limit."""
        if self.is_grandfathered(offer, limit):
            return self.today_usd
        most = self.today_usd * (1 + limit) if self.today_usd else self.bills_usd[offer]
        return min(self.bills_usd[offer], most)


@dataclass(frozen=True)
class Spread:
    """The 10th percentile, the median and the 90th percentile of a figure over customers."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Response:
    """The margin of the period after customers have answered, over the range of elasticities, in USD.

    `loses` is the share of draws that earn less than today. `break_even_volume` is the relative change of
    volume at which the margin is today's; None where no volume makes up for it.
    """

    low_usd: Decimal
    middle_usd: Decimal
    high_usd: Decimal
    loses: float
    break_even_volume: float | None


@dataclass(frozen=True)
class OfferOutcome:
    """All customers under one offer, with the use that they have today.

    `at_risk_usd` is what the customers with a bill shock pay today, over the period: who may leave for it.
    `migrated` and `migrated_revenue_usd` leave the grandfathered customers on their plan of today, and end every other
    rise at the limit of a bill shock: `capped` customers. `stayers_usd` is the margin if each whose bill rises leaves.
    """

    id: str
    terms: str
    customers: int
    revenue_usd: Decimal
    cost_usd: Decimal
    unprofitable: int
    winners: int
    losers: int
    shocks: int
    at_risk_usd: Decimal
    bill: Spread
    change: Spread | None
    top_decile_share: float | None
    response: Response
    grandfathered: int
    capped: int
    stayers_usd: Decimal
    migrated_revenue_usd: Decimal
    migrated: Response
    revenue_cheap_usd: Decimal
    revenue_costly_usd: Decimal

    @property
    def margin_usd(self) -> Decimal:
        """Revenue less cost, before anybody answers."""
        return self.revenue_usd - self.cost_usd

    @property
    def margin_share(self) -> Decimal | None:
        """Margin over revenue; None without revenue."""
        return share(self.margin_usd, self.revenue_usd)

    @property
    def unprofitable_share(self) -> Decimal | None:
        """Customers whose bill is below their cost, over all."""
        return share(self.unprofitable, self.customers)

    def margin_at(self, cost_factor: Decimal) -> Decimal:
        """The margin when tokens cost 30 % less (0.7), the same, or 30 % more (1.3)."""
        revenue = {Decimal("0.7"): self.revenue_cheap_usd, Decimal("1.3"): self.revenue_costly_usd}
        return revenue.get(cost_factor, self.revenue_usd) - self.cost_usd * cost_factor


@dataclass(frozen=True)
class SegmentOutcome:
    """One segment of customers under each offer, in the order of the offers."""

    segment: str
    customers: int
    tokens: int
    cost_usd: Decimal
    revenue_usd: tuple[Decimal, ...]
    unprofitable: tuple[int, ...]


@dataclass(frozen=True)
class PriceStep:
    """All of today's prices changed by one share, and what the range of elasticities makes of it."""

    change: Decimal
    response: Response


@dataclass(frozen=True)
class PricingStrategy:
    """What to charge: offers, customers under each, and the response."""

    first_day: date
    last_day: date
    period_days: int
    use: Usage
    excluded: int
    excluded_cost_usd: Decimal
    unallocated: Usage
    shock_limit: Decimal
    elasticity_low: Decimal
    elasticity_high: Decimal
    offers: tuple[OfferOutcome, ...]
    customers: tuple[CustomerBills, ...]
    segments: tuple[SegmentOutcome, ...]
    price_steps: tuple[PriceStep, ...]
    focus: int | None

    @property
    def today(self) -> OfferOutcome | None:
        """The plans as they are; None without a customer to bill."""
        return self.offers[0] if self.offers else None

    @property
    def candidate(self) -> OfferOutcome | None:
        """The offer that earns most with grandfathering after customers have answered, today's plans aside."""
        return None if self.focus is None else self.offers[self.focus]

    @property
    def gain_usd_month(self) -> Decimal | None:
        """What that offer earns more than today in 30 days, at the middle of the range; may be negative."""
        if self.today is None or self.candidate is None:
            return None
        gain = self.candidate.migrated.middle_usd - self.today.margin_usd
        return (gain * MONTH_DAYS / self.period_days).quantize(Decimal("0.01"))

    @property
    def recommended(self) -> bool:
        """Whether the offer earns more than today's plans in more than half of the draws."""
        gain, candidate = self.gain_usd_month, self.candidate
        return gain is not None and gain > 0 and candidate is not None and candidate.migrated.loses < 0.5
