"""The margin bridge: customers, changes of plan, days and plan price on top of the cost bridge, to the last digit."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Generic

from methods.cost_bridge import QUANTUM, ZERO, CostBridge, KeyT, LineUsage, cost_bridge, nine_decimals


@dataclass(frozen=True)
class Subscription(Generic[KeyT]):
    """What one line (a customer on a plan, or a plan) paid in a period: customer-months and USD.

    `customer` tells who changed plan from who was won or lost; None where a line is of no one customer.
    """

    key: KeyT
    months: Decimal
    revenue: Decimal
    customer: str | None = None

    def __add__(self, other: "Subscription[KeyT]") -> "Subscription[KeyT]":
        return Subscription(self.key, self.months + other.months, self.revenue + other.revenue, self.customer)


@dataclass(frozen=True)
class RevenueEffects:
    """The change of the revenue in USD: customers won and lost, changes of plan, days at old prices, prices."""

    before: Decimal
    after: Decimal
    customers: Decimal
    """Customers won and lost: lines that one side alone has, of customers that it alone has."""
    plan_changes: Decimal
    """Lines that one side alone has, of customers who are on both: what they pay on the new plan less the old."""
    days: Decimal
    """More or fewer customer-months of the same customer on the same plan, at the old price."""
    plan_price: Decimal
    """What the same customer on the same plan pays more or less per month."""

    @property
    def change(self) -> Decimal:
        """Revenue after less revenue before; the four effects add up to it."""
        return self.after - self.before


@dataclass(frozen=True)
class MarginBridge(Generic[KeyT]):
    """The change of a margin explained: what revenue added and what cost took."""

    revenue: RevenueEffects
    cost: CostBridge[KeyT]

    @property
    def before(self) -> Decimal:
        """Margin before."""
        return self.revenue.before - self.cost.total.before

    @property
    def after(self) -> Decimal:
        """Margin after."""
        return self.revenue.after - self.cost.total.after

    @property
    def change(self) -> Decimal:
        """Margin after less margin before; the steps add up to it."""
        return self.after - self.before

    @property
    def steps(self) -> tuple[tuple[str, Decimal], ...]:
        """Named effects on the margin, in order: a cost that rises counts as negative."""
        cost = self.cost.total
        return (
            ("customers", self.revenue.customers),
            ("plan changes", self.revenue.plan_changes),
            ("days billed", self.revenue.days),
            ("plan price", self.revenue.plan_price),
            ("volume", -cost.volume),
            ("model mix", -cost.mix),
            ("tokens per call", -cost.tokens),
            ("price", -cost.price),
            ("cost coverage", -cost.coverage),
        )


def revenue_effects(
    before: Iterable[Subscription[KeyT]], after: Iterable[Subscription[KeyT]]
) -> RevenueEffects:
    """Explains the change of a revenue by customers, changes of plan, the months that each pays, and plan price.

    Use (customer, plan) as key, so that who changes plan does not count under price.
    """
    old, new = _subscriptions(before), _subscriptions(after)
    both = old.keys() & new.keys()
    price = sum((_plan_price(old[key], new[key]) for key in both), ZERO)
    kept = sum((new[key].revenue - old[key].revenue for key in both), ZERO)
    paid_before = sum((line.revenue for line in old.values()), ZERO)
    paid_after = sum((line.revenue for line in new.values()), ZERO)
    stayed = {line.customer for line in old.values()} & {line.customer for line in new.values()} - {None}
    moved = sum(
        (line.revenue for key, line in new.items() if key not in both and line.customer in stayed), ZERO
    )
    moved -= sum(
        (line.revenue for key, line in old.items() if key not in both and line.customer in stayed), ZERO
    )
    customers = paid_after - paid_before - kept - moved
    return RevenueEffects(
        before=paid_before,
        after=paid_after,
        customers=customers,
        plan_changes=moved,
        days=kept - price,
        plan_price=price,
    )


def margin_bridge(
    revenue_before: Sequence[Subscription[Hashable]],
    revenue_after: Sequence[Subscription[Hashable]],
    usage_before: Sequence[LineUsage[KeyT]],
    usage_after: Sequence[LineUsage[KeyT]],
) -> MarginBridge[KeyT]:
    """Explains the change of a margin: plan price and customers from revenue, the rest from cost."""
    return MarginBridge(
        revenue_effects(revenue_before, revenue_after), cost_bridge(usage_before, usage_after)
    )


def _subscriptions(lines: Iterable[Subscription[KeyT]]) -> dict[KeyT, Subscription[KeyT]]:
    merged: dict[KeyT, Subscription[KeyT]] = {}
    for line in lines:
        seen = merged.get(line.key)
        merged[line.key] = line if seen is None else seen + line
    return merged


def _plan_price(was: Subscription[KeyT], now: Subscription[KeyT]) -> Decimal:
    if not was.months:
        return ZERO
    if was.months == now.months:
        return now.revenue - was.revenue.quantize(QUANTUM, ROUND_HALF_EVEN)
    return now.revenue - nine_decimals(Fraction(was.revenue) * Fraction(now.months) / Fraction(was.months))
