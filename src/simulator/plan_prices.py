"""Plan prices of simulated customers: the price list, what `SUBSCRIPTION_TIERS` says otherwise, and `--tier`."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from foundation.outcome import UsageError
from settings.plans import Plan
from settings.pricing import Pricing

PRICE_MAX_USD = 1_000_000


def listed_prices(plans: Iterable[Plan]) -> dict[str, Decimal]:
    """Monthly price in USD by plan, cheapest first."""
    return {plan.id: plan.monthly_usd for plan in sorted(plans, key=lambda plan: plan.monthly_usd)}


def plan_prices(
    pricing: Pricing,
    tiers: Mapping[str, Decimal | float | str],
    shipped: Mapping[str, Decimal],
    overrides: Mapping[str, Decimal],
) -> dict[str, Decimal]:
    """Monthly price in USD by plan.

    Args:
        pricing: the price list that is in force.
        tiers: `SUBSCRIPTION_TIERS`, which a reader may have edited.
        shipped: the prices of settings/pricing.toml: a list that says otherwise goes before `tiers`.
        overrides: prices that go before everything else.

    Raises:
        UsageError: a price is none, or names a plan that the list lacks.
    """
    listed = listed_prices(pricing.plan)
    edited = {plan: _tier_price(plan, price) for plan, price in tiers.items()}
    for name, plans in (("SUBSCRIPTION_TIERS", edited.keys() - shipped.keys()), ("--tier", overrides)):
        unknown = [plan for plan in plans if plan not in listed]
        if unknown:
            raise UsageError(f"{name} names {unknown[0]!r}; plans are {', '.join(listed)}.")
    kept = {plan: price for plan, price in edited.items() if listed.get(plan) == shipped.get(plan)}
    return listed | kept | dict(overrides)


def plan_price(text: str) -> Decimal:
    """A monthly price in USD.

    Raises:
        ValueError: it is none; the message continues a sentence that names it.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(" is not a price; write one") from None
    if not value.is_finite() or not 0 <= value <= PRICE_MAX_USD or value != round(value, 9):
        raise ValueError(f": a price lies between 0 and {PRICE_MAX_USD:,} USD")
    return value


def _tier_price(plan: str, price: Decimal | float | str) -> Decimal:
    try:
        return plan_price(str(price))
    except ValueError as wrong:
        raise UsageError(f"SUBSCRIPTION_TIERS[{plan!r}] = {price!r}{wrong}, like 129.") from None
