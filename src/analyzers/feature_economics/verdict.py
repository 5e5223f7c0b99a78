"""The quadrant: what adoption and return suggest, and how far a feature is from another verdict."""

from decimal import ROUND_CEILING, Decimal

from analyzers.feature_economics.result import Earning, Standing, Verdict
from settings.model import Features


def standing(customers: int, all_customers: int, earning: Earning, limits: Features) -> Standing | None:
    """Where a feature stands; None where its cost is unknown or there is no customer."""
    if not earning.known or not all_customers:
        return None
    needed = fewest_customers(all_customers, limits.adoption_high)
    adopted = customers >= needed
    return Standing(
        verdict_of(adopted, _returns(earning.revenue_usd, earning.cost_usd, limits.return_high)),
        verdict_of(adopted, _returns(earning.equal_revenue_usd, earning.cost_usd, limits.return_high)),
        customers - needed,
        _spare_cost(earning, limits.return_high),
    )


def verdict_of(adopted: bool, returns: bool) -> Verdict:
    """The quadrant of high or low adoption and high or low return."""
    if returns:
        return Verdict.INVEST if adopted else Verdict.MAINTAIN
    return Verdict.OPTIMIZE if adopted else Verdict.SUNSET


def fewest_customers(all_customers: int, adoption_high: Decimal) -> int:
    """The fewest customers that make adoption high."""
    return int((adoption_high * all_customers).to_integral_value(ROUND_CEILING))


def _returns(revenue: Decimal, cost: Decimal, return_high: Decimal) -> bool:
    # the product instead of the ratio: a feature that costs nothing has a high return, not an undefined one
    return revenue - cost >= return_high * cost


def _spare_cost(earning: Earning, return_high: Decimal) -> Decimal | None:
    factor = 1 + return_high
    return earning.revenue_usd / factor - earning.cost_usd if factor > 0 else None
