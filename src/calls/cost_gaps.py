"""Calls whose cost lacks something (`cost_gap`): a term without a rate, or counts larger than their whole. How many.

The column `cost_gap` names it, call by call. Where the rest of such a call is priced, its cost is a lower bound;
elsewhere it is unknown. Whatever sums their dollars says so in the words that are made here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from calls.schema import TERMS_NOT_RECORDED

HAS_GAP = f"cost_gap not in ('', '{TERMS_NOT_RECORDED}')"
"""SQL that is true for a call whose cost lacks something."""
IS_PARTIAL = f"cost_usd is not null and {HAS_GAP}"
"""SQL that is true for a call whose cost is a lower bound."""
ALWAYS_RATED = frozenset(
    {
        "input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens", "input_image_tokens",
        "input_video_tokens", "reasoning_tokens",
    }
)  # fmt: skip
"""Counts for which every price has a rate: as a gap, one of them does not fit the others."""
NAMED = 3


class Lacking(Protocol):
    """Calls of one gap: see `Gap`."""

    @property
    def gap(self) -> str:
        """What is lacking."""

    @property
    def calls(self) -> int:
        """How many calls."""

    @property
    def is_partial(self) -> bool:
        """Whether their cost is a lower bound."""


@dataclass(frozen=True)
class Gap:
    """Used calls whose cost lacks the same thing.

    Attributes:
        gap: what is lacking, as `cost_gap` names it: service_tier=priority, code_execution, input_tokens.
        is_partial: whether the rest is priced, so that their cost is a lower bound; elsewhere it is unknown.
        calls: how many there are.
        known_cost_usd: the lower bounds added up; 0 where the cost is unknown.
    """

    gap: str
    is_partial: bool
    calls: int
    known_cost_usd: Decimal


IN_CALLS = (
    "select cost_gap, cost_usd is not null as is_partial, count(*) as n, "
    "cast(coalesce(sum(cost_usd), 0) as decimal(38,9)) as known "
    f"from calls where {HAS_GAP} group by cost_gap, cost_usd is not null order by n desc, cost_gap, is_partial"
)
"""The query of the gaps of all calls, the most calls first; its rows are the fields of `Gap`."""
IN_ROLLUP = (
    "select cost_gap, is_partial, cast(sum(calls) as bigint) as n, "
    "cast(coalesce(sum(known_cost), 0) as decimal(38,9)) as known "
    "from cost_gaps group by cost_gap, is_partial order by n desc, cost_gap, is_partial"
)
"""The same from the rollup `cost_gaps`."""


def is_miscount(gap: str) -> bool:
    """Whether it names counts that do not add up, for which no rate would help."""
    return not ALWAYS_RATED.isdisjoint(gap.split())


def gap_sentences(gaps: Iterable[Lacking]) -> tuple[str, ...]:
    """What sums of dollars leave out, one sentence a kind of gap; nothing where there is none."""
    unknown, miscounted, partial = _kinds(gaps)
    found = []
    if unknown:
        found.append(f"{_calls(unknown)} no known cost, since there is no rate for {_names(unknown)}.")
    if miscounted:
        found.append(
            f"{_calls(miscounted)} no known cost, since counts do not add up with their parts: {_names(miscounted)}."
        )
    if partial:
        found.append(
            f"{_calls(partial)} a cost of at least what is counted, since there is no rate for {_names(partial)}."
        )
    return tuple(found)


def gap_words(gaps: Iterable[Lacking]) -> list[str]:
    """The same in short, for a line that says how many calls are of unknown cost already."""
    unknown, miscounted, partial = _kinds(gaps)
    found = [f"no rate for {_names(unknown)}"] if unknown else []
    found += [f"counts that do not add up with their parts: {_names(miscounted)}"] if miscounted else []
    if partial:
        total = sum(each.calls for each in partial)
        found.append(f"{total:,} of at least what is counted, without a rate for {_names(partial)}")
    return found


def advice(gaps: Iterable[Lacking], unknown_calls: int) -> str:
    """What helps against unknown costs, as the end of a sentence: rates, other counts, or both.

    Args:
        gaps: those of the calls.
        unknown_calls: all calls of unknown cost, with a gap or without a price of their model.
    """
    miscounted = sum(each.calls for each in _kinds(gaps)[1])
    rates = "add rates to pricing.toml and run reprice.py"
    counts = "no rate helps where parts are larger than their whole: look at how the source counts them"
    if not miscounted:
        return rates
    return counts if miscounted >= unknown_calls else f"{rates}; {counts}"


def _kinds(gaps: Iterable[Lacking]) -> tuple[list[Lacking], list[Lacking], list[Lacking]]:
    """Those of unknown cost, those of counts that do not add up, and those of a cost that is a lower bound."""
    every = list(gaps)
    unknown = [each for each in every if not each.is_partial]
    return (
        [each for each in unknown if not is_miscount(each.gap)],
        [each for each in unknown if is_miscount(each.gap)],
        [each for each in every if each.is_partial],
    )


def _calls(gaps: Sequence[Lacking]) -> str:
    total = sum(each.calls for each in gaps)
    return f"{total:,} {'call has' if total == 1 else 'calls have'}"


def _names(gaps: Sequence[Lacking]) -> str:
    """What is lacking, with the number of calls where there is more than one thing."""
    if len(gaps) == 1:
        return gaps[0].gap
    names = [f"{each.gap} ({each.calls:,})" for each in gaps[:NAMED]]
    rest = len(gaps) - len(names)
    return ", ".join([*names, f"{rest:,} more"] if rest else names)
