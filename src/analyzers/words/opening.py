"""How a report's first sentence begins: the period and what its calls cost, alike in all reports."""

from datetime import date
from decimal import Decimal

from analyzers.usage.sums import Usage
from analyzers.words.figures import days, usd


def cost_words(use: Usage) -> str:
    """The known cost of some calls, with what it leaves out: "$3.00", "at least $3.00", "an unknown amount"."""
    if use.known_cost_usd is None:
        return "an unknown amount"
    return f"{'at least ' if use.at_least else ''}{usd(use.known_cost_usd)}"


def bound_words(amount: Decimal, unpriced_calls: int, bound: str) -> str:
    """Dollars that rest on known cost, behind "at least" or "at most" where the cost of some calls is unknown."""
    return f"{bound} {usd(amount)}" if unpriced_calls else usd(amount)


def period_words(first: date, last: date) -> str:
    """The period at the start of a sentence: "On 24 Oct 2026", "From 24 Oct to 22 Nov 2026"."""
    return ("On " if first == last else "From ") + days(first, last)
