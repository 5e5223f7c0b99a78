"""The cards of pricing strategy: the gain of the best offer, margin, revenue, unprofitable share, bill shocks."""

from analyzers.pricing_strategy.result import PricingStrategy
from analyzers.usage.cells import COST
from analyzers.usage.tables import cost_value
from analyzers.words.figures import usd
from reporting.document import MetricCard, Unit, Value


def missing(result: PricingStrategy) -> str:
    """Why nothing can be re-rated, or ''."""
    if result.offers:
        return ""
    if result.excluded:
        return "No customer has both a known price and a known cost, so bills cannot be compared."
    return "No call names a customer, so there is nobody to bill; prices cannot be compared."


def cards(result: PricingStrategy) -> tuple[MetricCard, ...]:
    """All cards, the headline first."""
    reason, flat, candidate = missing(result), result.today, result.candidate
    none = reason or "the price list holds no other offer"
    name = f"the {candidate.id} offer" if candidate else "another offer"
    return (
        MetricCard(
            id="gain",
            label=f"Gain per month: {name}",
            value=Value(result.gain_usd_month, Unit.USD, reason=none),
            note=_range(result),
        ),
        MetricCard(
            id="margin",
            label="Margin today",
            value=Value(flat.margin_usd if flat else None, Unit.USD, reason=reason),
        ),
        MetricCard(
            id="revenue",
            label="Revenue today",
            value=Value(flat.revenue_usd if flat else None, Unit.USD, reason=reason),
        ),
        MetricCard(
            id="unprofitable",
            label="Unprofitable share today",
            value=Value(flat.unprofitable_share if flat else None, Unit.SHARE, reason=reason),
        ),
        MetricCard(
            id="unprofitable-after",
            label=f"Unprofitable share with {name}",
            value=Value(candidate.unprofitable_share if candidate else None, Unit.SHARE, reason=none),
        ),
        MetricCard(
            id="shocks",
            label="Bill shocks",
            value=Value(candidate.shocks if candidate else None, Unit.COUNT, reason=none),
        ),
        MetricCard(
            id="cost",
            label="Cost of all calls",
            value=cost_value(result.use),
            sum=COST,
        ),
    )


def _range(result: PricingStrategy) -> str:
    candidate = result.candidate
    if candidate is None:
        return ""
    response = candidate.migrated
    return (
        f"margin {usd(response.low_usd)} to {usd(response.high_usd)} over the period, 5th to 95th percentile"
    )
