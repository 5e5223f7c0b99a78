"""The cost bridge: why a cost changed (volume, mix, tokens, price), in parts that add up to the last digit.

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
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)

ZERO = Decimal(0)
QUANTUM = Decimal("0.000000001")


@dataclass(frozen=True)
class LineUsage(Generic[KeyT]):
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


def cost_bridge(before: Iterable[LineUsage[KeyT]], after: Iterable[LineUsage[KeyT]]) -> CostBridge[KeyT]:
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


def _of(usages: dict[KeyT, LineUsage[KeyT]], key: KeyT) -> LineUsage[KeyT]:
    return usages.get(key, LineUsage(key, 0, 0, ZERO))


def _growth(pairs: Iterable[tuple[LineUsage[KeyT], LineUsage[KeyT]]]) -> Fraction | None:
    """Calls now over calls before, without the lines whose cost is known on one side only."""
    known = [(was.calls, now.calls) for was, now in pairs if not _known_on_one_side(was, now)]
    before, after = sum(was for was, _ in known), sum(now for _, now in known)
    return Fraction(after, before) if before and after else None


def _line(was: LineUsage[KeyT], now: LineUsage[KeyT], growth: Fraction | None) -> CostEffects[KeyT]:
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
    scaled = nine_decimals(Fraction(was.cost) * growth)
    mixed = nine_decimals(_at_old_cost_per_call(was, now))
    sized = nine_decimals(_at_old_cost_per_token(was, now))
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


def _known_on_one_side(was: LineUsage[KeyT], now: LineUsage[KeyT]) -> bool:
    """Whether the line was in use on both sides but its cost is known on one only."""
    return (not was.calls and was.unpriced_calls > 0 and now.calls > 0) or (
        not now.calls and now.unpriced_calls > 0 and was.calls > 0
    )


def _at_old_cost_per_call(was: LineUsage[KeyT], now: LineUsage[KeyT]) -> Fraction:
    if not was.calls or not now.calls:
        return Fraction(now.cost)
    return Fraction(was.cost) * now.calls / was.calls


def _at_old_cost_per_token(was: LineUsage[KeyT], now: LineUsage[KeyT]) -> Fraction:
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


def _by_key(usages: Iterable[LineUsage[KeyT]]) -> dict[KeyT, LineUsage[KeyT]]:
    merged: dict[KeyT, LineUsage[KeyT]] = {}
    for usage in usages:
        seen = merged.get(usage.key, LineUsage(usage.key, 0, 0, ZERO))
        merged[usage.key] = LineUsage(
            key=usage.key,
            calls=seen.calls + usage.calls,
            tokens=seen.tokens + usage.tokens,
            cost=seen.cost + usage.cost,
            unpriced_calls=seen.unpriced_calls + usage.unpriced_calls,
            partial_calls=seen.partial_calls + usage.partial_calls,
        )
    return merged


def nine_decimals(amount: Fraction) -> Decimal:
    """Half to even, to nine decimals."""
    return Decimal(round(amount / Fraction(QUANTUM))).scaleb(QUANTUM.adjusted())
