"""How the outlook did a month ago: what was said then, and what came."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from analyzers.words.figures import counted, percent

LIMITS = tuple(map(Decimal, ("0.01", "0.1", "0.5", "0.9", "1")))
"""Chances of a loss up to which customers are counted together."""


@dataclass(frozen=True)
class Case:
    """The chance of a loss that was said of a customer, whether its interval held, and whether it lost money."""

    chance: float
    held: bool
    lost: bool


@dataclass(frozen=True)
class ChanceBand:
    """Customers of whom a chance above `above` and up to `upto` was said: how many, the mean chance, and the losses."""

    above: Decimal
    upto: Decimal
    customers: int
    mean_chance: float | None
    losses: int

    @property
    def lost_share(self) -> float | None:
        """The share that lost money; None without a customer."""
        return self.losses / self.customers if self.customers else None


@dataclass(frozen=True)
class Replay:
    """The last 30 days, as the days before them had them expected: customers, intervals held, and bands of chances."""

    customers: int
    held: int
    bands: tuple[ChanceBand, ...]


def replay_of(cases: Iterable[Case]) -> Replay:
    """What came of each chance."""
    every = tuple(cases)
    bands = tuple(
        _band(every, above, upto) for above, upto in zip((Decimal(-1), *LIMITS[:-1]), LIMITS, strict=True)
    )
    return Replay(len(every), sum(case.held for case in every), bands)


def replay_words(replay: Replay) -> str:
    """The replay in two sentences."""
    return (
        f"Replayed on this file: the last 30 days, foreseen from the days before them at today's prices, lay within "
        f"the range for {percent(replay.held / replay.customers)} of {counted(replay.customers, 'customer')}."
    )


def _band(cases: tuple[Case, ...], above: Decimal, upto: Decimal) -> ChanceBand:
    some = [case for case in cases if float(above) < case.chance <= float(upto)]
    mean = sum(case.chance for case in some) / len(some) if some else None
    return ChanceBand(max(above, Decimal(0)), upto, len(some), mean, sum(case.lost for case in some))
