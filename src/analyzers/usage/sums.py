"""The one set of sums that every report shares: calls, tokens and cost, in total and by dimension.

All reports take their totals from here, so that they agree to the last digit. Sums and counts are stored;
ratios are properties that decide their own zero denominator. An unknown cost is counted, never taken as zero:
`cost_usd` is the sum of the known costs and ratios divide by the calls and tokens behind it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce, wraps
from operator import add
from threading import RLock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from calls.dimensions import DIMENSIONS, MONTHLY
from calls.engine import Calls
from calls.rollups.definition import SUM_TYPE

ZERO = Decimal(0)

_COUNTED = (
    "calls", "priced_calls", "partial_calls", "input_total", "output_total", "cached_total", "cache_write_total",
    "reasoning_total", "priced_total",
)  # fmt: skip

MEASURES = ",\n       ".join(
    ["sum(known_cost) as known_cost", *(f"cast(sum({name}) as {SUM_TYPE}) as {name}" for name in _COUNTED)]
)
"""The sums of a `Usage`, to select from a rollup under any GROUP BY; `usage_of` reads them.

A sum of whole numbers is wider than they are, and rows of such numbers come back at a quarter of the speed.
"""

_FINER = {
    "hourly_use": ("provider", "model", "task_type"),
    "daily_organizations": ("provider", "organization_id"),
}
"""Groupings that others are added up from, by the rollup that they are asked of."""

ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    rollup: (_FINER[rollup],)
    if rollup in _FINER
    else tuple(each.columns for each in DIMENSIONS if each.rollup == rollup)
    for rollup in ("daily_customers", MONTHLY, *_FINER)
}
"""The groupings that `breakdown` asks of each rollup."""

DERIVED: dict[tuple[str, ...], tuple[str, ...]] = {
    each.columns: finer for rollup, finer in _FINER.items() for each in DIMENSIONS if each.rollup == rollup
}
"""Groupings that are added up from finer ones."""

Answer = TypeVar("Answer")


def cached_per_calls(question: Callable[[Calls], Answer]) -> Callable[[Calls], Answer]:
    """Keeps a question's answer as long as the calls live, so that several reports ask it once."""
    answers: WeakKeyDictionary[Calls, Answer] = WeakKeyDictionary()
    asking = RLock()

    @wraps(question)
    def ask(calls: Calls) -> Answer:
        with asking:
            if calls not in answers:
                answers[calls] = question(calls)
            return answers[calls]

    return ask


@dataclass(frozen=True)
class Usage:
    """Calls, tokens and cost (USD, exact) of some group of calls.

    `input_tokens` and `output_tokens` are inclusive; the cached, written and reasoning tokens are parts of
    them. `priced_calls` and `priced_tokens` are those behind `cost_usd`, the sum of the known costs.
    """

    calls: int = 0
    priced_calls: int = 0
    cost_usd: Decimal = ZERO
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    priced_tokens: int = 0
    partial_calls: int = 0
    """Priced calls whose cost is a lower bound."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            priced_calls=self.priced_calls + other.priced_calls,
            cost_usd=self.cost_usd + other.cost_usd,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_input_tokens=self.cached_input_tokens + other.cached_input_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            priced_tokens=self.priced_tokens + other.priced_tokens,
            partial_calls=self.partial_calls + other.partial_calls,
        )

    @property
    def unpriced_calls(self) -> int:
        """Calls whose cost is unknown."""
        return self.calls - self.priced_calls

    @property
    def at_least(self) -> bool:
        """Whether some cost is unknown or a lower bound, so that the true cost is at least the sum."""
        return self.unpriced_calls + self.partial_calls > 0

    @property
    def known_cost_usd(self) -> Decimal | None:
        """The cost; None where there are calls and not one has a known cost."""
        return None if self.calls and not self.priced_calls else self.cost_usd

    @property
    def tokens(self) -> int:
        """Input and output tokens."""
        return self.input_tokens + self.output_tokens

    @property
    def cost_per_call_usd(self) -> Decimal | None:
        """Mean cost of a priced call; None without one."""
        return self.cost_usd / self.priced_calls if self.priced_calls else None

    @property
    def cost_per_1k_tokens_usd(self) -> Decimal | None:
        """Cost of 1,000 tokens over the priced calls; None without priced tokens."""
        return self.cost_usd * 1000 / self.priced_tokens if self.priced_tokens else None

    @property
    def tokens_per_call(self) -> Decimal | None:
        """Mean tokens per call; None without calls."""
        return Decimal(self.tokens) / self.calls if self.calls else None

    @property
    def output_per_call(self) -> Decimal | None:
        """Mean output tokens per call; None without calls."""
        return Decimal(self.output_tokens) / self.calls if self.calls else None

    @property
    def input_share(self) -> Decimal | None:
        """Input tokens over all tokens; None without tokens."""
        return share(self.input_tokens, self.tokens)

    @property
    def output_share(self) -> Decimal | None:
        """Output tokens over all tokens; None without tokens."""
        return share(self.output_tokens, self.tokens)

    @property
    def cached_share(self) -> Decimal | None:
        """Cached input tokens over input tokens; None without input tokens."""
        return share(self.cached_input_tokens, self.input_tokens)

    @property
    def reasoning_share(self) -> Decimal | None:
        """Reasoning tokens over output tokens; None without output tokens."""
        return share(self.reasoning_tokens, self.output_tokens)


@dataclass(frozen=True)
class Group:
    """One value of a dimension (several, joined, of a combined one) and what its calls used."""

    key: tuple[str, ...]
    usage: Usage

    @property
    def name(self) -> str:
        """The last part of the key: the model of (provider, model); '' where it is unallocated."""
        return self.key[-1]


@dataclass(frozen=True)
class Breakdown:
    """The usage of all calls, in total and by each grouping, the most expensive group first."""

    total: Usage
    groups: dict[tuple[str, ...], tuple[Group, ...]]

    def by(self, *names: str) -> tuple[Group, ...]:
        """The groups of one dimension, the most expensive first."""
        return self.groups[names]

    def allocated(self, name: str) -> bool:
        """Whether any call names a value in this dimension."""
        return any(group.name for group in self.groups[name,])


def share(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """`part / whole`; None where either is unknown or the whole is zero."""
    return None if part is None or not whole else Decimal(part) / Decimal(whole)


def usage_of(row: Any) -> Usage:
    """The usage in a row that selected `MEASURES`."""
    return Usage(
        calls=int(row.calls),
        priced_calls=int(row.priced_calls),
        cost_usd=row.known_cost if row.known_cost is not None else ZERO,
        input_tokens=int(row.input_total or 0),
        output_tokens=int(row.output_total or 0),
        cached_input_tokens=int(row.cached_total or 0),
        cache_write_tokens=int(row.cache_write_total or 0),
        reasoning_tokens=int(row.reasoning_total or 0),
        priced_tokens=int(row.priced_total or 0),
        partial_calls=int(row.partial_calls or 0),
    )


def total_usage(usages: Iterable[Usage]) -> Usage:
    """The sum of some usages; of none, a usage of zero calls."""
    return reduce(add, usages, Usage())


def costliest_first(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Groups by falling cost, then tokens, then key."""
    return tuple(sorted(groups, key=lambda group: (-group.usage.cost_usd, -group.usage.tokens, group.key)))


@cached_per_calls
def breakdown(calls: Calls) -> Breakdown:
    """The usage of all calls, in total and by each of `ASKED` and `DERIVED`."""
    found = {names: _grouped(calls, rollup, names) for rollup, asked in ASKED.items() for names in asked}
    found |= {names: _added_up(found[finer], finer, names) for names, finer in DERIVED.items()}
    groups = {names: costliest_first(entries) for names, entries in found.items()}
    return Breakdown(total_usage(group.usage for group in groups["provider",]), groups)


def _grouped(calls: Calls, rollup: str, names: tuple[str, ...]) -> list[Group]:
    keys = ", ".join(names)
    rows = calls.sql(f"select {keys}, {MEASURES} from {rollup} group by {keys}")
    return [Group(tuple(getattr(row, name) for name in names), usage_of(row)) for row in rows]


def _added_up(groups: Iterable[Group], finer: tuple[str, ...], names: tuple[str, ...]) -> list[Group]:
    """The groups of a grouping, from those of a finer one."""
    places = [finer.index(name) for name in names]
    sums: dict[tuple[str, ...], Usage] = defaultdict(Usage)
    for group in groups:
        sums[tuple(group.key[place] for place in places)] += group.usage
    return [Group(key, usage) for key, usage in sums.items()]
