"""What can be set: frozen dataclasses whose field metadata say which values are possible.

Each section of settings.toml is one dataclass here, each key one field. The loader reads the bounds from the
metadata, so that a new setting is one field here and one line in settings.toml.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


def within(low: str | int, high: str | int, meaning: str) -> Any:
    """A number setting: its bounds, both allowed, and what it means."""
    return field(metadata={"low": Decimal(low), "high": Decimal(high), "meaning": meaning})


def one_of(*allowed: str, meaning: str) -> Any:
    """A text setting with a closed list of values."""
    return field(metadata={"allowed": allowed, "meaning": meaning})


@dataclass(frozen=True)
class ServiceLevels:
    """What a call may take and how often it may fail: [service_levels]."""

    latency_ms: int = within(1, 3_600_000, "a call slower than this violates the SLA")
    compliance_target: Decimal = within("0.5", "0.99999", "share of calls that must be within the latency")
    error_rate_max: Decimal = within(0, 1, "share of calls that may fail")


@dataclass(frozen=True)
class Anomaly:
    """When an hour or a day is called anomalous: [anomaly]."""

    modified_z: Decimal = within(1, 100, "modified z-score above which a value is anomalous")
    ratio: Decimal = within(1, 1000, "actual over expected calls above which a value is anomalous")
    floor_usd: Decimal = within(0, 1_000_000, "dollars over expectation below which nothing is reported")
    history_days: int = within(1, 365, "days of history before anything is judged")
    false_discovery_rate: Decimal = within("0.0001", "0.5", "share of false findings tolerated over all series")


@dataclass(frozen=True)
class Sample:
    """How many calls a statistic needs: [sample]."""

    percentile_calls: int = within(1, 1_000_000, "calls needed before a percentile is shown")
    comparison_calls: int = within(1, 1_000_000, "calls needed before a model is compared or recommended")


@dataclass(frozen=True)
class Commitment:
    """Terms of a commitment to buy tokens ahead: [commitment]."""

    discount: Decimal = within("0.01", "0.95", "discount on committed tokens")
    term_months: int = within(1, 60, "how long a commitment binds")


@dataclass(frozen=True)
class Levers:
    """What could be bought better, and how much of it is thought possible: [levers]."""

    batch_discount: Decimal = within(0, 1, "discount of batch processing")
    deferrable_task_types: tuple[str, ...] = field(metadata={"meaning": "task types that can wait for a batch"})
    repeatable_input_share: Decimal = within(0, 1, "share of uncached input assumed repeatable")
    switch_share: Decimal = within(0, 1, "share of eligible calls assumed to move to a cheaper model")
    test_share: Decimal = within(0, 1, "share of calls to test first before a model is switched")


@dataclass(frozen=True)
class VolumeTier:
    """A discount from a month's spend with one provider on: [[volume_tier]]."""

    provider: str
    from_usd_month: Decimal = within(0, 1_000_000_000, "monthly spend from which the discount holds")
    discount: Decimal = within(0, 1, "discount on the spend above it")


@dataclass(frozen=True)
class Budget:
    """A monthly budget: [[budget]]."""

    scope: str = one_of("total", "organization", "product", "customer", meaning="what the budget covers")
    name: str = field(metadata={"meaning": "the organization, product or customer; empty for the total"})
    monthly_usd: Decimal = within(0, 1_000_000_000, "dollars a calendar month")


@dataclass(frozen=True)
class Alerts:
    """When a run is called a warning or critical: [alerts]."""

    budget_shares: tuple[Decimal, ...] = field(metadata={"low": Decimal(0), "high": Decimal(10), "meaning": "shares of a budget at which alerts rise"})
    margin_floor_warning: Decimal = within(-10, 1, "gross margin below which a run is a warning")
    margin_floor_critical: Decimal = within(-10, 1, "gross margin below which a run is critical")


@dataclass(frozen=True)
class Chargeback:
    """How costs are charged to organizations: [chargeback]."""

    shared_method: str = one_of("even", "proportional", "fixed", meaning="how shared cost is split")
    shared_monthly_usd: Decimal = within(0, 1_000_000_000, "shared platform cost a month")
    fixed_shares: dict[str, Decimal] = field(metadata={"low": Decimal(0), "high": Decimal(1), "meaning": "share by organization when fixed"})
    markup: Decimal = within(0, 10, "markup on the cost charged")
    adjustments_usd: dict[str, Decimal] = field(metadata={"low": Decimal(-1_000_000_000), "high": Decimal(1_000_000_000), "meaning": "credits (negative) and fees by organization"})


@dataclass(frozen=True)
class Churn:
    """What a price change may do to customers, as the user believes: [churn]."""

    elasticity_low: Decimal = within(-10, 0, "lower end of the price elasticity of demand")
    elasticity_high: Decimal = within(-10, 0, "upper end of the price elasticity of demand")
    bill_shock_share: Decimal = within(0, 100, "increase of a bill above which it is a shock")


@dataclass(frozen=True)
class Features:
    """When a feature is worth investing in: [features]."""

    adoption_high: Decimal = within(0, 1, "share of customers from which adoption is high")
    return_high: Decimal = within(-1, 1000, "attributed margin over cost from which a return is high")
    lift_min_support: int = within(1, 1_000_000, "customers that must use both features of a bundle")


@dataclass(frozen=True)
class Plan:
    """A plan of pricing.toml: [[plan]]."""

    id: str
    monthly_usd: Decimal = within(0, 1_000_000, "price a month")


@dataclass(frozen=True)
class Settings:
    """All of settings.toml."""

    service_levels: ServiceLevels
    anomaly: Anomaly
    sample: Sample
    commitment: Commitment
    levers: Levers
    alerts: Alerts
    chargeback: Chargeback
    churn: Churn
    features: Features
    budget: tuple[Budget, ...]
    volume_tier: tuple[VolumeTier, ...]
