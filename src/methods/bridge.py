"""Cost and margin bridges: why they changed, in parts that add up to the change to the last digit.

The effects are taken one after the other, in the order of price-volume-mix analysis: quantities change at
the old prices, then prices change at the new quantities. So each effect answers "and if this changed next",
and another order would shift some dollars between them. For every line

    volume = old cost x (all calls now / all calls before - 1)
    mix    = calls now x old cost per call - old cost x all calls now / all calls before
    tokens = calls now x (tokens per call now - before) x old cost per token
    price  = cost now - tokens now x old cost per token

A line that is new or has vanished has no price to compare with: it is mix in full. Each stage is rounded
half to even to nine decimals and an effect is the difference of two stages, so nothing is lost.

Source: price-volume-mix variance analysis, e.g. Horngren, Datar and Rajan, Cost Accounting, ch. 7 and 14.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)

ZERO = Decimal(0)
QUANTUM = Decimal("0.000000001")


@dataclass(frozen=True)
class Usage(Generic[KeyT]):
    """What one line (a model, or a model and task) used in a period.

    `calls`, `tokens` and `cost` cover the calls whose cost is known, `partial_calls` of them by a lower bound;
    `unpriced_calls` counts the others.
    """

    key: KeyT
    calls: int
    tokens: int
    cost: Decimal
    unpriced_calls: int = 0
    partial_calls: int = 0


@dataclass(frozen=True)
class CostEffects(Generic[KeyT]):
    """The change of the cost of one line, or of all lines (key None), in USD."""

    key: KeyT | None
    before: Decimal
    after: Decimal
    volume: Decimal
    """More or fewer calls altogether."""
    mix: Decimal
    """Calls moved between lines; new and vanished lines."""
    tokens: Decimal
    """Tokens per call."""
    price: Decimal
    """Cost per token within the line: list price, and the split of input, output and cache within it."""
    coverage: Decimal
    """Lines whose cost became known, or unknown, while they were in use."""

    @property
    def change(self) -> Decimal:
        """Cost after less cost before; the five effects add up to it."""
        return self.after - self.before


@dataclass(frozen=True)
class CostBridge(Generic[KeyT]):
    """The change of a cost explained, altogether and by line (the largest change first)."""

    total: CostEffects[KeyT]
    lines: tuple[CostEffects[KeyT], ...]
    unpriced_before: int
    unpriced_after: int
    partial_calls: int = 0
    """Calls of either side whose cost is a lower bound."""

    @property
    def at_least(self) -> bool:
        """True where some cost is missing on either side."""
        return self.unpriced_before + self.unpriced_after + self.partial_calls > 0


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


def cost_bridge(before: Iterable[Usage[KeyT]], after: Iterable[Usage[KeyT]]) -> CostBridge[KeyT]:
    """Explains the change of a cost between two periods or two files.

    Lines are matched by key; several usages of one key are added up. Either side may be empty: then the
    whole change is volume.
    """
    old, new = _by_key(before), _by_key(after)
    pairs = [(_of(old, key), _of(new, key)) for key in {**old, **new}]
    growth = _growth(pairs)
    lines = [_line(was, now, growth) for was, now in pairs]
    lines.sort(key=lambda line: (-abs(line.change), repr(line.key)))
    return CostBridge(
        _total(lines),
        tuple(lines),
        sum(usage.unpriced_calls for usage in old.values()),
        sum(usage.unpriced_calls for usage in new.values()),
        sum(usage.partial_calls for usage in (*old.values(), *new.values())),
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
    usage_before: Sequence[Usage[KeyT]],
    usage_after: Sequence[Usage[KeyT]],
) -> MarginBridge[KeyT]:
    """Explains the change of a margin: plan price and customers from revenue, the rest from cost."""
    return MarginBridge(
        revenue_effects(revenue_before, revenue_after), cost_bridge(usage_before, usage_after)
    )


def _of(usages: dict[KeyT, Usage[KeyT]], key: KeyT) -> Usage[KeyT]:
    return usages.get(key, Usage(key, 0, 0, ZERO))


def _growth(pairs: Iterable[tuple[Usage[KeyT], Usage[KeyT]]]) -> Fraction | None:
    """Calls now over calls before, without the lines whose cost is known on one side only."""
    known = [(was.calls, now.calls) for was, now in pairs if not _known_on_one_side(was, now)]
    before, after = sum(was for was, _ in known), sum(now for _, now in known)
    return Fraction(after, before) if before and after else None


def _line(was: Usage[KeyT], now: Usage[KeyT], growth: Fraction | None) -> CostEffects[KeyT]:
    key = now.key
    if _known_on_one_side(was, now):
        return CostEffects(
            key=key,
            before=was.cost,
            after=now.cost,
            volume=ZERO,
            mix=ZERO,
            tokens=ZERO,
            price=ZERO,
            coverage=now.cost - was.cost,
        )
    if growth is None:
        return CostEffects(
            key=key,
            before=was.cost,
            after=now.cost,
            volume=now.cost - was.cost,
            mix=ZERO,
            tokens=ZERO,
            price=ZERO,
            coverage=ZERO,
        )
    scaled = _round(Fraction(was.cost) * growth)
    mixed = _round(_at_old_cost_per_call(was, now))
    sized = _round(_at_old_cost_per_token(was, now))
    return CostEffects(
        key=key,
        before=was.cost,
        after=now.cost,
        volume=scaled - was.cost,
        mix=mixed - scaled,
        tokens=sized - mixed,
        price=now.cost - sized,
        coverage=ZERO,
    )


def _known_on_one_side(was: Usage[KeyT], now: Usage[KeyT]) -> bool:
    """Whether the line was in use on both sides but its cost is known on one only."""
    return (not was.calls and was.unpriced_calls > 0 and now.calls > 0) or (
        not now.calls and now.unpriced_calls > 0 and was.calls > 0
    )


def _at_old_cost_per_call(was: Usage[KeyT], now: Usage[KeyT]) -> Fraction:
    if not was.calls or not now.calls:
        return Fraction(now.cost)
    return Fraction(was.cost) * now.calls / was.calls


def _at_old_cost_per_token(was: Usage[KeyT], now: Usage[KeyT]) -> Fraction:
    """A line without tokens (priced by the call) has no tokens effect."""
    if not was.calls or not now.calls or not was.tokens or not now.tokens:
        return _at_old_cost_per_call(was, now)
    return Fraction(was.cost) * now.tokens / was.tokens


def _total(lines: Sequence[CostEffects[KeyT]]) -> CostEffects[KeyT]:
    def add(part: Callable[[CostEffects[KeyT]], Decimal]) -> Decimal:
        return sum((part(line) for line in lines), ZERO)

    return CostEffects(
        key=None,
        before=add(lambda line: line.before),
        after=add(lambda line: line.after),
        volume=add(lambda line: line.volume),
        mix=add(lambda line: line.mix),
        tokens=add(lambda line: line.tokens),
        price=add(lambda line: line.price),
        coverage=add(lambda line: line.coverage),
    )


def _by_key(usages: Iterable[Usage[KeyT]]) -> dict[KeyT, Usage[KeyT]]:
    merged: dict[KeyT, Usage[KeyT]] = {}
    for usage in usages:
        seen = merged.get(usage.key, Usage(usage.key, 0, 0, ZERO))
        merged[usage.key] = Usage(
            key=usage.key,
            calls=seen.calls + usage.calls,
            tokens=seen.tokens + usage.tokens,
            cost=seen.cost + usage.cost,
            unpriced_calls=seen.unpriced_calls + usage.unpriced_calls,
            partial_calls=seen.partial_calls + usage.partial_calls,
        )
    return merged


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
    return now.revenue - _round(Fraction(was.revenue) * Fraction(now.months) / Fraction(was.months))


def _round(amount: Fraction) -> Decimal:
    """Half to even, to nine decimals."""
    return Decimal(round(amount / Fraction(QUANTUM))).scaleb(QUANTUM.adjusted())
