"""How a report's first sentence begins: the period and what its calls cost, "at least" where some is unknown."""

from datetime import date
from decimal import Decimal

from analyzers.usage.sums import Usage
from analyzers.words.figures import counted, days, joined, usd


def cost_words(use: Usage) -> str:
    """The known cost of some calls, with what it leaves out: "$3.00", "at least $3.00", "an unknown amount"."""
    if use.known_cost_usd is None:
        return "an unknown amount"
    return f"{'at least ' if use.at_least else ''}{usd(use.known_cost_usd)}"


def bound_words(amount: Decimal, use: Usage, bound: str) -> str:
    """Dollars that rest on the known cost of some calls, behind "at least" or "at most" where some of it is lacking."""
    return f"{bound} {usd(amount)}" if use.at_least else usd(amount)


def lacking_words(use: Usage) -> str:
    """The calls whose cost is not known in full: "2 calls of unknown cost and 1 call of a lower bound", or ""."""
    parts = ((use.unpriced_calls, "of unknown cost"), (use.partial_calls, "of a lower bound"))
    return joined([f"{counted(calls, 'call')} {what}" for calls, what in parts if calls], "and")


def period_words(first: date, last: date) -> str:
    """The period at the start of a sentence: "On 24 Oct 2026", "From 24 Oct to 22 Nov 2026"."""
    return ("On " if first == last else "From ") + days(first, last)
