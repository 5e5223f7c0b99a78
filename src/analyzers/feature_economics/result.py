"""What feature economics finds: use, revenue and standing of each feature, bundles, and what is shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from analyzers.usage.earlier_period import Compared
from analyzers.usage.sums import ZERO, Usage, share, total_usage
from calls.source import Unpriced


class Verdict(StrEnum):
    """What adoption and return together suggest for a feature."""

    INVEST = "invest"
    MAINTAIN = "maintain"
    OPTIMIZE = "optimize"
    SUNSET = "sunset"


@dataclass(frozen=True)
class Engagement:
    """How customers use a feature.

    `active_days` adds up, over its customers, the days of the window (the last `window_days` of the period)
    on which each used it; `window_customers` used it in the window at all. `power_users` is the smallest
    number of customers that make at least half of the calls that name a customer.
    """

    window_days: int
    window_customers: int
    active_days: int
    customer_calls: int
    power_users: int
    top_customer: str
    top_calls: int

    @property
    def daily_customers(self) -> Decimal | None:
        """Mean customers per day over the window (DAU)."""
        return share(self.active_days, self.window_days)

    @property
    def stickiness(self) -> Decimal | None:
        """DAU over MAU: the share of the window's days on which its mean customer uses the feature."""
        return share(self.active_days, self.window_days * self.window_customers)

    @property
    def top_share(self) -> Decimal | None:
        """The share of the customers' calls that the largest one makes."""
        return share(self.top_calls, self.customer_calls)


@dataclass(frozen=True)
class Earning:
    """Revenue attributed and the cost set against it, in USD.

    `revenue_usd` follows the usage rule, `equal_revenue_usd` the equal split. `cost_usd` is the known cost
    of the `priced_calls` of `calls`: those of customers whose margin is known, and those without a customer.
    """

    revenue_usd: Decimal
    equal_revenue_usd: Decimal
    cost_usd: Decimal
    calls: int
    priced_calls: int

    def __add__(self, other: "Earning") -> "Earning":
        return Earning(
            self.revenue_usd + other.revenue_usd,
            self.equal_revenue_usd + other.equal_revenue_usd,
            self.cost_usd + other.cost_usd,
            self.calls + other.calls,
            self.priced_calls + other.priced_calls,
        )

    @property
    def known(self) -> bool:
        """Whether a margin can be told: some of the calls have a known cost."""
        return self.priced_calls > 0

    @property
    def margin_usd(self) -> Decimal | None:
        """Attributed revenue less cost; None where no cost is known."""
        return self.revenue_usd - self.cost_usd if self.known else None

    @property
    def equal_margin_usd(self) -> Decimal | None:
        """The margin under the equal split."""
        return self.equal_revenue_usd - self.cost_usd if self.known else None

    @property
    def return_ratio(self) -> Decimal | None:
        """Margin over cost; None without a known cost above zero."""
        return share(self.margin_usd, self.cost_usd)

    @property
    def equal_return_ratio(self) -> Decimal | None:
        """The return under the equal split."""
        return share(self.equal_margin_usd, self.cost_usd)


@dataclass(frozen=True)
class Standing:
    """Where a feature stands in the quadrant, and how far from another verdict.

    `spare_customers` is how many customers it has beyond the fewest that count as high adoption (negative:
    short of them); `spare_cost_usd` is how much its cost may rise before the return stops being high
    (negative: must fall), None where any cost leaves it high. `equal_verdict` is the verdict under the equal split.
    """

    verdict: Verdict
    equal_verdict: Verdict
    spare_customers: int
    spare_cost_usd: Decimal | None

    @property
    def robust(self) -> bool:
        """Whether both rules of attribution give the same verdict."""
        return self.verdict is self.equal_verdict


@dataclass(frozen=True)
class Sharing:
    """The profitable customers that use a feature.

    `margin_usd` and `revenue_usd` are theirs as customers, over all features.
    """

    customers: int
    revenue_usd: Decimal
    margin_usd: Decimal
    largest: tuple[str, ...]


@dataclass(frozen=True)
class Feature:
    """One feature; the name is '' for calls that name none.

    `customers` counts its adopters; `customer_usage` is the use of calls that name a customer. `earning`
    and `sharing` are None where no customer's margin is known, `standing` also for '' and where the
    feature's cost is unknown.
    """

    name: str
    products: tuple[str, ...]
    usage: Usage
    customers: int
    all_customers: int
    customer_cost_usd: Decimal
    customer_priced_calls: int
    engagement: Engagement
    cost_versus: Compared[Decimal] | None
    calls_versus: Compared[Decimal] | None
    earning: Earning | None
    standing: Standing | None
    sharing: Sharing | None

    @property
    def adoption(self) -> Decimal | None:
        """The share of all customers that use it; None without customers."""
        return share(self.customers, self.all_customers)

    @property
    def cost_per_customer_usd(self) -> Decimal | None:
        """Known cost of its customers' calls for each of them; None where none is known."""
        return self.customer_cost_usd / self.customers if self.customer_priced_calls else None

    @property
    def loss_usd(self) -> Decimal:
        """How far cost exceeds attributed revenue; 0 where it does not or cannot be known."""
        margin = self.earning.margin_usd if self.earning else None
        return max(ZERO, -(margin or ZERO))

    @property
    def shared(self) -> bool:
        """Whether it loses money and profitable customers use it: to be looked at before it is sunset."""
        return self.loss_usd > 0 and self.sharing is not None and self.sharing.customers > 0


@dataclass(frozen=True)
class Bundle:
    """Two features used by the same customers: association, not cause.

    `p_value` is Fisher's exact test, one-sided; `significant` after false discovery control over all pairs.
    """

    first: str
    second: str
    first_customers: int
    second_customers: int
    both: int
    all_customers: int
    p_value: float
    significant: bool

    @property
    def expected(self) -> Decimal:
        """Customers that would use both if the two were independent."""
        return Decimal(self.first_customers * self.second_customers) / self.all_customers

    @property
    def support(self) -> Decimal:
        """The share of customers that use both."""
        return Decimal(self.both) / self.all_customers

    @property
    def lift(self) -> Decimal:
        """Customers using both over what independence would give."""
        return Decimal(self.both * self.all_customers) / (self.first_customers * self.second_customers)


@dataclass(frozen=True)
class CostCell:
    """The known cost of one feature with one provider on one day; None where none of it is known."""

    feature: str
    day: date
    provider: str
    calls: int
    cost_usd: Decimal | None


@dataclass(frozen=True)
class FeatureEconomics:
    """Which features earn their tokens."""

    first_day: date
    last_day: date
    period_days: int
    filtered: bool
    adoption_high: Decimal
    return_high: Decimal
    least_support: int
    comparison_calls: int
    total: Usage
    features: tuple[Feature, ...]
    customers: int
    known_customers: int
    unknown_revenue_cost_usd: Decimal
    customer_revenue_usd: Decimal | None
    bundles: tuple[Bundle, ...]
    paired_features: int
    cells: tuple[CostCell, ...]
    cost_versus: Compared[Decimal] | None
    return_versus: Compared[Decimal | None] | None
    unpriced: tuple[Unpriced, ...]

    @property
    def named(self) -> tuple[Feature, ...]:
        """The features that have a name, the most expensive first."""
        return tuple(feature for feature in self.features if feature.name)

    @property
    def unallocated(self) -> Feature | None:
        """The calls that name no feature; None where all do."""
        return next((feature for feature in self.features if not feature.name), None)

    @property
    def judged(self) -> tuple[Feature, ...]:
        """The features with a verdict."""
        return tuple(feature for feature in self.named if feature.standing)

    @property
    def earning(self) -> Earning | None:
        """What all features earn, the unattributed line with them; None where no margin is known."""
        return total_earning(self.features)

    @property
    def losing(self) -> tuple[Feature, ...]:
        """The features whose cost exceeds their attributed revenue, the largest loss first."""
        found = [feature for feature in self.named if feature.loss_usd > 0]
        return tuple(sorted(found, key=lambda feature: (-feature.loss_usd, feature.name)))


def total_earning(features: Sequence[Feature]) -> Earning | None:
    """The earnings of some features together; None where none is known."""
    known = [feature.earning for feature in features if feature.earning]
    return sum(known, Earning(ZERO, ZERO, ZERO, 0, 0)) if known else None


def features_usage(features: Sequence[Feature]) -> Usage:
    """The use of some features together."""
    return total_usage(feature.usage for feature in features)
