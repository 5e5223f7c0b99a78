"""What settings.toml can hold: one frozen dataclass a section (`[[budget]]`, `[anomaly]`, ...), one field a key.

The type of a field carries its bounds and its meaning (`settings.constraints`); the loader reads them, so
that a new setting is one field here and one line in settings.toml.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from settings.constraints import Dollars, Filled, Key, Means, OneOf, Within
from settings.event import Event
from settings.plans import Plan
from settings.pricing import Pricing

__all__ = ["Event", "Plan", "Settings"]

USD_MAX = 1_000_000_000


@dataclass(frozen=True)
class ServiceLevels:
    """What a call may take and how often it may fail: [service_levels]."""

    latency_ms: Annotated[int, Within(1, 3_600_000), Means("a call slower than this violates the SLA")]
    compliance_target: Annotated[
        Decimal, Within("0.5", "0.99999"), Means("share of calls that must be within the latency")
    ]
    error_rate_max: Annotated[Decimal, Within(0, 1), Means("share of calls that may fail")]


@dataclass(frozen=True)
class Anomaly:
    """When an hour or a day is called anomalous: [anomaly]."""

    modified_z: Annotated[Decimal, Within(1, 100), Means("robust z-score above which a value is anomalous")]
    ratio: Annotated[
        Decimal, Within(1, 1000), Means("actual over expected calls above which a value is anomalous")
    ]
    floor_usd: Annotated[
        Decimal, Within(0, 1_000_000), Means("dollars over expectation below which nothing is reported")
    ]
    history_days: Annotated[int, Within(1, 365), Means("days of history before anything is judged")]
    false_discovery_rate: Annotated[
        Decimal, Within("0.0001", "0.5"), Means("share of false findings tolerated over all series")
    ]


@dataclass(frozen=True)
class Sample:
    """How many calls a statistic needs: [sample]."""

    percentile_calls: Annotated[int, Within(1, 1_000_000), Means("calls needed before a percentile is shown")]
    comparison_calls: Annotated[
        int, Within(1, 1_000_000), Means("calls needed before a model is compared or recommended")
    ]


@dataclass(frozen=True)
class Commitment:
    """Terms of a commitment to buy tokens ahead: [commitment]."""

    discount: Annotated[Decimal, Within("0.01", "0.95"), Means("discount on committed tokens")]
    term_months: Annotated[int, Within(1, 60), Means("how long a commitment binds")]


@dataclass(frozen=True)
class Levers:
    """What could be bought better, and how much of it is thought possible: [levers]."""

    batch_discount: Annotated[Decimal, Within(0, 1), Means("discount of batch processing")]
    deferrable_task_types: Annotated[tuple[str, ...], Means("task types that can wait for a batch")]
    repeatable_input_share: Annotated[
        Decimal, Within(0, 1), Means("share of input assumed to repeat, cached input included")
    ]
    switch_share: Annotated[
        Decimal, Within(0, 1), Means("share of eligible calls assumed to move to a cheaper model")
    ]
    test_share: Annotated[
        Decimal, Within(0, 1), Means("share of calls to test first before a model is switched")
    ]


@dataclass(frozen=True)
class VolumeTier:
    """A discount from a month's spend with one provider on: [[volume_tier]]."""

    provider: Annotated[str, Filled(), Means("the provider that grants it")]
    from_usd_month: Annotated[Decimal, Dollars(USD_MAX), Means("monthly spend from which the discount holds")]
    discount: Annotated[Decimal, Within(0, 1), Means("discount on the spend above it")]


@dataclass(frozen=True)
class Budget:
    """A budget of a day, week, month, quarter or year: [[budget]]."""

    scope: Annotated[
        str,
        OneOf("total", "organization", "product", "customer", "feature"),
        Means("what the budget covers"),
    ]
    name: Annotated[str, Means("the organization, product, customer or feature; empty for the total")]
    monthly_usd: Annotated[
        Decimal | None, Dollars(USD_MAX), Means("dollars a month; stands in place of usd and window")
    ] = None
    usd: Annotated[Decimal | None, Dollars(USD_MAX), Means("dollars a window")] = None
    window: Annotated[
        str, OneOf("day", "week", "month", "quarter", "year"), Means("what the dollars are for")
    ] = "month"
    start_day: Annotated[
        int, Within(1, 31), Means("day of the month on which a month, quarter or year of the budget begins")
    ] = 1
    start_month: Annotated[int, Within(1, 12), Means("month in which the fiscal year begins")] = 1

    @property
    def limit_usd(self) -> Decimal:
        """Dollars a window, whichever key says them."""
        return next((each for each in (self.usd, self.monthly_usd) if each is not None), Decimal(0))


@dataclass(frozen=True)
class Seat:
    """A subscription that is paid by the month, whatever is used: [[seat]]."""

    name: Annotated[str, Filled(), Means("what is subscribed to, such as an assistant for the developers")]
    monthly_usd: Annotated[Decimal, Dollars(USD_MAX), Means("price of one seat per month")]
    first: Annotated[date, Key("from"), Means("first day that is paid")]
    seats: Annotated[int, Within(1, 10_000_000), Means("how many seats")] = 1
    until: Annotated[date | None, Means("last day that is paid, if it has ended")] = None
    provider: Annotated[str, Means("covers calls of this provider")] = ""
    organization: Annotated[str, Means("covers calls of this organization")] = ""
    product: Annotated[str, Means("covers calls of this product")] = ""


@dataclass(frozen=True)
class Alerts:
    """When a run is called a warning or critical: [alerts]."""

    budget_shares: Annotated[
        tuple[Decimal, ...], Within(0, 10), Means("shares of a budget at which alerts rise")
    ]
    margin_floor_warning: Annotated[
        Decimal, Within(-10, 1), Means("gross margin below which a run is a warning")
    ]
    margin_floor_critical: Annotated[
        Decimal,
        Within(-10, 1),
        Means("gross margin below which a run is critical, once a file of yours says it"),
    ]


@dataclass(frozen=True)
class Chargeback:
    """How costs are charged to organizations: [chargeback]."""

    shared_method: Annotated[str, OneOf("even", "proportional", "fixed"), Means("how shared cost is split")]
    shared_monthly_usd: Annotated[Decimal, Dollars(USD_MAX), Means("shared platform cost per month")]
    fixed_shares: Annotated[
        dict[str, Decimal], Within(0, 1), Means("share by organization when the method is fixed")
    ]
    markup: Annotated[Decimal, Within(0, 10), Means("markup on the cost charged")]
    adjustments_usd: Annotated[
        dict[str, Decimal],
        Within(-USD_MAX, USD_MAX),
        Means("credits (negative) and fees by organization"),
    ]


@dataclass(frozen=True)
class Churn:
    """What a price change may do to customers, as the user believes: [churn]."""

    elasticity_low: Annotated[Decimal, Within(-10, 0), Means("lower end of the price elasticity of demand")]
    elasticity_high: Annotated[Decimal, Within(-10, 0), Means("upper end of the price elasticity of demand")]
    bill_shock_share: Annotated[
        Decimal, Within(0, 100), Means("increase of a bill above which it is a shock")
    ]


@dataclass(frozen=True)
class Profitability:
    """What a customer should earn: [profitability]."""

    target_margin: Annotated[
        Decimal, Within(0, "0.95"), Means("margin of revenue that caps, upgrades and prices aim at")
    ]


@dataclass(frozen=True)
class Features:
    """When a feature is worth investing in: [features]."""

    adoption_high: Annotated[Decimal, Within(0, 1), Means("share of customers from which adoption is high")]
    return_high: Annotated[
        Decimal, Within(-1, 1000), Means("attributed margin over cost from which a return is high")
    ]
    lift_min_support: Annotated[
        int, Within(1, 1_000_000), Means("customers that must use both features of a bundle")
    ]


@dataclass(frozen=True)
class Focus:
    """What a FOCUS file says beyond the calls, by provider id: [focus]."""

    billing_accounts: Annotated[
        dict[str, str], Means("your account at a provider; without one, the organization is the account")
    ]
    negotiated_discounts: Annotated[
        dict[str, Decimal], Within(0, 1), Means("what a provider takes off its list prices by contract")
    ]


@dataclass(frozen=True, kw_only=True)
class Sections:
    """All of settings.toml."""

    service_levels: ServiceLevels
    anomaly: Anomaly
    sample: Sample
    commitment: Commitment
    levers: Levers
    alerts: Alerts
    chargeback: Chargeback
    churn: Churn
    profitability: Profitability
    features: Features
    focus: Focus
    budget: tuple[Budget, ...] = ()
    seat: tuple[Seat, ...] = ()
    event: tuple[Event, ...] = ()
    volume_tier: tuple[VolumeTier, ...]


@dataclass(frozen=True, kw_only=True)
class Settings(Sections):
    """All of settings.toml, and pricing.toml with it.

    `digest` is a hash of what both files say: it changes when a setting or a price does. `own_plans` says that the
    prices of plans are the user's own, not those shipped, `own_service_levels` the same of [service_levels],
    `own_margin_floors` of the floors in [alerts].
    """

    pricing: Pricing
    digest: str
    own_plans: bool = False
    own_service_levels: bool = False
    own_margin_floors: bool = False
