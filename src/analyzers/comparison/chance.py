"""Which differences between two files exceed chance: another draw of the same organizations.

Calls of one organization resemble each other, so organizations are drawn, not calls: whoever is in both files
is drawn as a pair. Without organizations customers are drawn. Where few of them are most of a figure, a draw says
little of its scatter, and their two sides are swapped instead.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzers.comparison.organization_sums import (
    CALLS,
    DAYS,
    KNOWN_COST,
    MARGIN,
    REVENUE,
    CostOf,
    MonthsOf,
    PaidFor,
    Sum,
    Sums,
    Total,
    sums_of,
)
from analyzers.comparison.result import COMPARED, Chance, Difference
from analyzers.revenue.paid import Billing
from calls.dimensions import BY_ID, UNALLOCATED
from calls.engine import Calls
from methods.bootstrap import cluster_sums
from methods.false_discovery import benjamini_yekutieli
from methods.sign_flips import sign_flip_p_values
from methods.student_t import two_sided

LEAST_CLUSTERS = 5
"""Organizations (or customers) without which chance cannot be judged."""
RATE = 0.05
DRAWS = 2000


@dataclass(frozen=True)
class Figure:
    """A figure that is a ratio of two sums; `scale` makes it one for the eye.

    A `proportional` figure is positive and judged by its ratio, any other by its difference.
    """

    name: str
    unit: str
    numerator: Sum
    denominator: Sum
    proportional: bool = True
    scale: float = 1.0


FIGURES = (
    Figure("calls per day", "count", CALLS, DAYS),
    Figure("cost per day", "usd", KNOWN_COST, DAYS),
    Figure("revenue per day", "usd", REVENUE, DAYS),
    Figure("margin per day", "usd", MARGIN, DAYS, proportional=False),
    Figure("cost per call", "usd_rate", KNOWN_COST, Total("priced_calls")),
    Figure("cost per 1,000 tokens", "usd_rate", KNOWN_COST, Total("priced_tokens"), scale=1000.0),
    Figure("input tokens per call", "tokens", Total("input_total"), CALLS),
    Figure("output tokens per call", "tokens", Total("output_total"), CALLS),
    Figure("mean latency", "ms", Total("latency_total"), Total("timed_calls")),
    Figure("error rate", "share", Total("errors"), CALLS, proportional=False),
)


def chance(before: Calls, after: Calls, bills: tuple[Billing, Billing]) -> Chance:
    """Judges every figure and every share of cost by cluster bootstrap or swapped clusters."""
    dimension = BY_ID["organization" if _has_organizations(bills) else "customer"]
    kind, noun = dimension.column, dimension.plural
    sides = sums_of(before, kind, bills[0]), sums_of(after, kind, bills[1])
    clusters = sorted(set(sides[0].by_cluster[CALLS]) | set(sides[1].by_cluster[CALLS]))
    if len(clusters) < LEAST_CLUSTERS:
        return Chance((), noun, len(clusters), f"chance cannot be judged from {len(clusters)} {noun}")
    figures = list(_figures(*sides, with_revenue=_all_priced(bills)))
    return Chance(_judged(figures, sides, clusters), noun, len(clusters))


def _has_organizations(bills: tuple[Billing, Billing]) -> bool:
    return any(
        name for bill in bills for account in bill.accounts for name, _ in account.by_organization
    ) or any(name for bill in bills for name, _ in bill.unallocated)


def _all_priced(bills: tuple[Billing, Billing]) -> bool:
    """Whether there are customers and each one's revenue is known."""
    accounts = [account for bill in bills for account in bill.accounts]
    return bool(accounts) and all(account.revenue_usd is not None for account in accounts)


def _figures(before: Sums, after: Sums, *, with_revenue: bool) -> Iterator[Figure]:
    """The figures that both files have, and the share of cost of each value of each dimension."""
    for figure in FIGURES:
        known = with_revenue or figure.numerator not in {REVENUE, MARGIN}
        if known and all(side.total(figure.denominator) for side in (before, after)):
            yield figure
    if with_revenue:
        shared = before.by_cluster.keys() & after.by_cluster.keys()
        for months in sorted(each for each in shared if isinstance(each, MonthsOf)):
            name = f"monthly price of plan {months.plan or UNALLOCATED}"
            yield Figure(name, "usd", PaidFor(months.plan), months)
    if before.total(KNOWN_COST) and after.total(KNOWN_COST):
        titles = {dimension.column: dimension.title for dimension in COMPARED}
        either = {*before.by_cluster, *after.by_cluster}
        for cost in sorted(each for each in either if isinstance(each, CostOf)):
            title = f"share of cost of {titles[cost.column]} {cost.value or UNALLOCATED}"
            yield Figure(title, "share", cost, KNOWN_COST, proportional=False)


class _Draws:
    """Sums of both files over clusters drawn with replacement, both files on the same draws."""

    def __init__(self, sides: tuple[Sums, Sums], wanted: Sequence[Sum], clusters: Sequence[str]) -> None:
        self._sides = sides
        self._place = {each: place for place, each in enumerate(wanted)}
        columns = [
            [side.by_cluster[sum_].get(each, 0.0) for each in clusters] for side in sides for sum_ in wanted
        ]
        self._drawn = cluster_sums(np.column_stack(columns), DRAWS)

    def ratios(self, side: int, figure: Figure) -> NDArray[np.float64]:
        """A figure of one file in each draw; NaN where its denominator is zero."""
        numerator, denominator = self._sums(side, figure.numerator), self._sums(side, figure.denominator)
        out = np.full_like(numerator, np.nan)
        return np.asarray(np.divide(numerator, denominator, out=out, where=denominator != 0))

    def _sums(self, side: int, wanted: Sum) -> NDArray[np.float64]:
        if wanted == DAYS:
            return np.full(DRAWS, float(self._sides[side].days))
        return np.asarray(self._drawn[:, side * len(self._place) + self._place[wanted]])


def _judged(
    figures: Sequence[Figure], sides: tuple[Sums, Sums], clusters: Sequence[str]
) -> tuple[Difference, ...]:
    wanted = dict.fromkeys(each for figure in figures for each in (figure.numerator, figure.denominator))
    draws = _Draws(sides, [each for each in wanted if each != DAYS], clusters)
    values = [tuple(side.total(f.numerator) / side.total(f.denominator) for side in sides) for f in figures]
    by_swaps = _by_swaps(figures, sides, clusters)
    p_values = [
        _p_value(
            figure,
            before,
            after,
            (draws.ratios(0, figure), draws.ratios(1, figure)),
            _clusters_with(sides, figure.numerator),
            by_swaps.get(figure),
        )
        for figure, (before, after) in zip(figures, values, strict=True)
    ]
    return tuple(
        Difference(
            figure=figure.name,
            unit=figure.unit,
            before=before * figure.scale,
            after=after * figure.scale,
            p_value=p_value,
            significant=stands,
        )
        for figure, (before, after), p_value, stands in zip(
            figures, values, p_values, _standing(p_values), strict=True
        )
    )


def _by_swaps(
    figures: Sequence[Figure], sides: tuple[Sums, Sums], clusters: Sequence[str]
) -> dict[Figure, float]:
    """The p-values of the figures of which few clusters are most."""
    found = [figure for figure in figures if not _alike(sides, figure.numerator)]
    if not found:
        return {}
    differences = np.column_stack([_differences(sides, figure, clusters) for figure in found])
    return dict(zip(found, sign_flip_p_values(differences).tolist(), strict=True))


def _clusters_with(sides: tuple[Sums, Sums], wanted: Sum) -> int:
    """How many clusters a figure rests on: those that add to it in either file."""
    return len({cluster for side in sides for cluster, amount in side.by_cluster[wanted].items() if amount})


def _alike(sides: tuple[Sums, Sums], wanted: Sum) -> bool:
    """Whether the clusters of a figure count about alike: as many as half of them would, if they did.

    Where one organization is most of a figure, few draws say how it scatters, and the t statistic of the bootstrap
    holds its rate no longer.

    Source: for the effective number, Kish, Survey Sampling (1965), section 11.7.
    """
    amounts: dict[str, float] = defaultdict(float)
    for side in sides:
        for cluster, amount in side.by_cluster[wanted].items():
            amounts[cluster] += abs(amount) / side.days
    squares = math.fsum(amount**2 for amount in amounts.values())
    effective = math.fsum(amounts.values()) ** 2 / squares if squares else 0.0
    return 2 * effective >= _clusters_with(sides, wanted)


def _differences(sides: tuple[Sums, Sums], figure: Figure, clusters: Sequence[str]) -> NDArray[np.float64]:
    """What each cluster adds to the difference per day of a figure, against its ratio in both files together."""
    numerators, denominators = (
        [_per_day(side, wanted, clusters) for side in sides]
        for wanted in (figure.numerator, figure.denominator)
    )
    change = numerators[1] - numerators[0]
    if figure.denominator == DAYS:
        return change
    ratio = sum(each.sum() for each in numerators) / sum(each.sum() for each in denominators)
    return np.asarray(change - ratio * (denominators[1] - denominators[0]))


def _per_day(side: Sums, wanted: Sum, clusters: Sequence[str]) -> NDArray[np.float64]:
    amounts = side.by_cluster[wanted]
    return np.array([amounts.get(each, 0.0) for each in clusters]) / side.days


def _standing(p_values: Sequence[float | None]) -> list[bool]:
    """Shares of one whole depend on each other, hence the more careful procedure."""
    known = [p_value for p_value in p_values if p_value is not None]
    stands = iter(benjamini_yekutieli(known, RATE).tolist())
    return [p_value is not None and next(stands) for p_value in p_values]


def _p_value(
    figure: Figure,
    before: float,
    after: float,
    drawn: tuple[NDArray[np.float64], NDArray[np.float64]],
    clusters: int,
    by_swaps: float | None,
) -> float | None:
    """By the t statistic of the difference (of logarithms, if proportional) over its bootstrap deviation.

    `clusters` add to the figure; `by_swaps` is the p-value that stands instead where few of them are most of it. None
    where they are fewer than `LEAST_CLUSTERS`, or too many draws have none.
    """
    if clusters < LEAST_CLUSTERS:
        return None
    if math.isclose(after, before, rel_tol=1e-12, abs_tol=1e-15):
        return 1.0
    if by_swaps is not None:
        return by_swaps
    logarithmic = figure.proportional and before > 0 and after > 0
    shift = math.log(after / before) if logarithmic else after - before
    shifts = _shifts(drawn, logarithmic=logarithmic)
    if shifts.size < DRAWS / 2:
        return None
    deviation = float(shifts.std()) * math.sqrt(clusters / (clusters - 1))  # the bootstrap's own bias
    return two_sided(shift / deviation if deviation > 1e-15 else math.inf, clusters - 1)


def _shifts(
    drawn: tuple[NDArray[np.float64], NDArray[np.float64]], *, logarithmic: bool
) -> NDArray[np.float64]:
    before, after = drawn
    if not logarithmic:
        shifts = after - before
        return np.asarray(shifts[~np.isnan(shifts)])
    usable = (before > 0) & (after > 0)
    return np.asarray(np.log(after[usable] / before[usable]))
