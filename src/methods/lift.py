"""Bundles: whether two features are used together more often than chance has it; association, not cause."""

import math
from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

from methods.false_discovery import benjamini_hochberg

FeatureT = TypeVar("FeatureT", bound=Hashable)


@dataclass(frozen=True)
class Pair(Generic[FeatureT]):
    """Two features over `customers` customers: who uses the first, the second, and both.

    `p_value` is that of Fisher's exact test for being used together more often than chance has it.
    """

    first: FeatureT
    second: FeatureT
    customers: int
    first_users: int
    second_users: int
    both: int
    p_value: float
    significant: bool

    @property
    def support(self) -> float:
        """Share of customers that use both."""
        return self.both / self.customers

    @property
    def lift(self) -> float:
        """Customers using both over what independence would give; above 1 is together."""
        return self.both * self.customers / (self.first_users * self.second_users)


def feature_pairs(
    users: Mapping[FeatureT, AbstractSet[Hashable]], customers: int, *, least_support: int, rate: float = 0.05
) -> tuple[Pair[FeatureT], ...]:
    """Pairs of features that at least `least_support` customers share, the most significant first.

    Args:
        users: the customers of each feature.
        customers: how many customers there are.
        least_support: customers that must use both.
        rate: share of false findings tolerated over all pairs tested (Benjamini-Hochberg).

    Source: Brin, Motwani, Ullman and Tsur, Dynamic Itemset Counting (1997), for lift; Fisher, The Logic of
    Inductive Inference (1935), for the test.
    """
    pairs = [
        (first, second, len(users[first] & users[second]))
        for first, second in combinations(users, 2)
        if len(users[first] & users[second]) >= max(least_support, 1)
    ]
    p_values = [fisher_greater(both, len(users[a]), len(users[b]), customers) for a, b, both in pairs]
    stands = benjamini_hochberg(p_values, rate)
    found = [
        Pair(
            first=a,
            second=b,
            customers=customers,
            first_users=len(users[a]),
            second_users=len(users[b]),
            both=both,
            p_value=p_value,
            significant=bool(stand),
        )
        for (a, b, both), p_value, stand in zip(pairs, p_values, stands, strict=True)
    ]
    return tuple(
        sorted(found, key=lambda pair: (pair.p_value, -pair.lift, str(pair.first), str(pair.second)))
    )


def fisher_greater(both: int, first: int, second: int, total: int) -> float:
    """The probability that chance alone gives at least `both` shared users, with the margins as they are.

    Source: Fisher's exact test, one-sided: the upper tail of the hypergeometric distribution.
    """
    ways = _log_choose(total, second)
    upto = min(first, second)
    logs = [
        _log_choose(first, shared) + _log_choose(total - first, second - shared) - ways
        for shared in range(max(both, first + second - total), upto + 1)
    ]
    return min(math.fsum(math.exp(value) for value in logs), 1.0)


def _log_choose(of: int, chosen: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)
