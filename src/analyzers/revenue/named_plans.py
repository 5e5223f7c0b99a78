"""Which plan a customer is on, day by day, as its calls name them: changes of plan, trials, two plans at once.

A day whose calls name a plan is on it; a day without is on what the day before was on. Two plans that calls
name on the same days hold side by side. On the day of a change calls name the old plan and the new: the new
one holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from analyzers.ledger.windows import ONE_DAY
from analyzers.revenue.plan_lines import Span

Terms = tuple[str, Decimal | None]
"""A plan, and the price that the file names for it."""


@dataclass(frozen=True)
class Named:
    """The terms that calls of a day name, and when the last of these calls was."""

    day: date
    terms: Terms
    last_call: datetime


def spans_of(named: Iterable[Named], first: date, last: date, prices: Mapping[str, Decimal]) -> list[Span]:
    """The plans from a first to a last day.

    Args:
        named: what calls of these days name.
        first: the first day that is paid; before a plan is named, the first one named holds.
        last: the last day that is paid.
        prices: monthly price in USD by plan, for terms without a price.
    """
    days = _days(named)
    if not days:
        return [Span("", None, first, last)]
    begins = sorted(days)
    spans: list[Span] = []
    open_since: dict[Terms, date] = {}
    for place, day in enumerate(begins):
        held = _held(days, begins, place)
        start = first if place == 0 else day
        gone = [each for each in open_since if each not in held]
        spans += [span_of(terms, open_since.pop(terms), start - ONE_DAY, prices) for terms in gone]
        for terms in held:
            open_since.setdefault(terms, start)
    spans += [span_of(terms, since, last, prices) for terms, since in open_since.items()]
    return sorted(spans, key=lambda span: (span.first, span.last, span.plan))


def span_of(terms: Terms, first: date, last: date, prices: Mapping[str, Decimal]) -> Span:
    """The plan of some terms from a first to a last day, at its own price or that of the price list."""
    plan, price = terms
    return Span(plan, price if price is not None else prices.get(plan), first, last)


def _days(named: Iterable[Named]) -> dict[date, dict[Terms, datetime]]:
    """The terms of each day by their last call; a plan without a price takes the one that is named beside it."""
    entries = sorted(named, key=lambda entry: (entry.day, entry.last_call))
    known: dict[str, Decimal] = {}
    for entry in reversed(entries):
        if entry.terms[1] is not None:
            known[entry.terms[0]] = entry.terms[1]
    days: dict[date, dict[Terms, datetime]] = {}
    for entry in entries:
        plan, price = entry.terms
        if price is not None:
            known[plan] = price
        days.setdefault(entry.day, {})[plan, known.get(plan)] = entry.last_call
    return days


def _held(days: Mapping[date, Mapping[Terms, datetime]], begins: list[date], place: int) -> list[Terms]:
    """The terms of a day, less those that end on it because others begin."""
    today = days[begins[place]]
    before = days[begins[place - 1]] if place else {}
    after = days[begins[place + 1]] if place + 1 < len(begins) else {}
    fresh = [moment for terms, moment in today.items() if terms not in before]
    ended = {
        terms
        for terms, moment in today.items()
        if terms not in after and any(moment < other for other in fresh)
    }
    return [terms for terms in today if terms not in ended]
