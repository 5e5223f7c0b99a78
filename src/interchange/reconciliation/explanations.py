"""Sentences on what may explain a difference between calls and bill."""

from collections.abc import Iterable

from calls.cost_gaps import Lacking, gap_sentences
from interchange.bills.charges import exact_sum
from interchange.reconciliation.dollars import signed, usd
from interchange.reconciliation.result import CallsAndBill, Row, sum_of


def explained(
    rows: list[Row],
    gaps: Iterable[Lacking],
    by_day: tuple[CallsAndBill, ...],
    by_model: tuple[CallsAndBill, ...],
) -> Iterable[str]:
    """What is unknown, computed, on one side only, and where the two differ most."""
    unknown = sum(row.unknown for row in rows)
    if unknown:
        models = sorted({row.model for row in rows if row.unknown})
        yield f"{unknown:,} calls have no known cost ({', '.join(models[:5])}): reprice.py fills what has a rate."
    yield from gap_sentences(gaps)
    computed = exact_sum(row.computed_usd for row in rows)
    if computed:
        yield f"{usd(computed)} of the calls' cost is computed from list prices, without discounts."
    yield from _one_sided("day", by_day)
    yield from _one_sided("model", by_model)
    yield from _largest("day", by_day)
    yield from _largest("model", by_model)


def _one_sided(what: str, pairs: tuple[CallsAndBill, ...]) -> Iterable[str]:
    only_billed = [entry for entry in pairs if entry.calls_usd is None]
    only_calls = [entry for entry in pairs if entry.billed_usd is None]
    for entries, side in (
        (only_billed, "on the bill but not in the calls"),
        (only_calls, "in the calls but not on the bill"),
    ):
        if entries:
            difference = abs(sum_of(entries))
            names = ", ".join(entry.name for entry in entries[:5])
            yield f"{len(entries):,} {what}{'s' if len(entries) > 1 else ''} {side} ({usd(difference)}): {names}."


def _largest(what: str, pairs: tuple[CallsAndBill, ...]) -> Iterable[str]:
    both = [entry for entry in pairs if entry.calls_usd is not None and entry.billed_usd is not None]
    worst = max(both, key=lambda entry: abs(entry.difference_usd), default=None)
    if worst is not None and worst.difference_usd:
        yield f"The {what} that differs most is {worst.name}: billed minus calls is {signed(worst.difference_usd)} USD."
