"""What one customer paid and cost: its margin, its band, and next month's outlook."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from analyzers.revenue.plan_lines import NINE_DECIMALS
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import ZERO, Usage, share


class Band(StrEnum):
    """Margin bands; exactly 50 % is in the second, exactly 20 % too, and exactly 0 % in the third."""

    HIGH = "over 50%"
    MEDIUM = "20 to 50%"
    LOW = "0 to 20%"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"


def band_of(revenue_usd: Decimal | None, margin_usd: Decimal | None) -> Band:
    """The band of a margin: over 50 % of revenue, 20 to 50 % (both included), 0 up to 20 %, negative."""
    if revenue_usd is None or margin_usd is None:
        return Band.UNKNOWN
    if margin_usd < 0:
        return Band.NEGATIVE
    if margin_usd > revenue_usd * Decimal("0.5"):
        return Band.HIGH
    return Band.MEDIUM if revenue_usd and margin_usd >= revenue_usd * Decimal("0.2") else Band.LOW


@dataclass(frozen=True)
class Outlook:
    """Next month's margin of a customer: an 80 % interval in USD.

    `loss_probability` is the share of the months drawn whose cost exceeds the price.
    """

    low_usd: Decimal
    high_usd: Decimal
    loss_probability: float


@dataclass(frozen=True)
class CustomerMargin:
    """What a customer paid and cost over the period.

    `organization` is that of most of its calls; `organizations` counts those that its calls name.
    `pace_days` are the days from the first call to the end of the period; `current` says that the customer
    called in the last 30 days, and so is billed on. `outlook` is None where history is too short.
    """

    customer: str
    organization: str
    organizations: int
    plan: str
    monthly_usd: Decimal | None
    revenue_usd: Decimal | None
    use: Usage
    billed_days: int
    pace_days: int
    current: bool
    first_day: date
    last_day: date
    outlook: Outlook | None = None

    @property
    def margin_usd(self) -> Decimal | None:
        """Revenue less cost; None where either is unknown."""
        cost = self.use.known_cost_usd
        return None if self.revenue_usd is None or cost is None else self.revenue_usd - cost

    @property
    def margin_share(self) -> Decimal | None:
        """Margin over revenue; None without revenue."""
        return share(self.margin_usd, self.revenue_usd)

    @property
    def band(self) -> Band:
        """The margin band."""
        return band_of(self.revenue_usd, self.margin_usd)

    @property
    def loss_usd(self) -> Decimal:
        """How far cost exceeds revenue; 0 where it does not, or where the margin is unknown."""
        return max(ZERO, -(self.margin_usd or ZERO))

    @property
    def pace_cost_usd_month(self) -> Decimal | None:
        """The cost of 30 days at the pace since the customer's first call; None where cost is unknown."""
        cost = self.use.known_cost_usd
        return None if cost is None else (cost * MONTH_DAYS / self.pace_days).quantize(NINE_DECIMALS)

    @property
    def pace_tokens_month(self) -> int:
        """The tokens of 30 days at the same pace."""
        return self.use.tokens * MONTH_DAYS // self.pace_days
