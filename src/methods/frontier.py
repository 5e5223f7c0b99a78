"""The frontier: who is not beaten on both of two counts at once, such as price and latency."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
Amount = float


@dataclass(frozen=True)
class Contender(Generic[KeyT]):
    """Something judged by a cost and a wait, both better when smaller."""

    key: KeyT
    cost: Amount
    wait: Amount


@dataclass(frozen=True)
class Standing(Generic[KeyT]):
    """A contender and the one that beats it on both counts (the cheapest such); None on the frontier."""

    contender: Contender[KeyT]
    beaten_by: Contender[KeyT] | None

    @property
    def on_frontier(self) -> bool:
        """Whether nobody beats it."""
        return self.beaten_by is None


def standings(contenders: Sequence[Contender[KeyT]]) -> tuple[Standing[KeyT], ...]:
    """Each contender with who beats it, in the order of cost and wait.

    One beats another when it is no worse on either count and better on one; equals do not beat each other.

    Source: Pareto dominance; Ehrgott, Multicriteria Optimization (2005), chapter 2.
    """
    ordered = sorted(contenders, key=lambda each: (each.cost, each.wait))
    return tuple(Standing(each, next((o for o in ordered if beats(o, each)), None)) for each in ordered)


def beats(one: Contender[KeyT], other: Contender[KeyT]) -> bool:
    """Whether `one` is no worse on either count and better on one."""
    no_worse = one.cost <= other.cost and one.wait <= other.wait
    return no_worse and (one.cost < other.cost or one.wait < other.wait)
