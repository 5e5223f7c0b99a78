"""One-off days that the forecast leaves out: named, with what it were if they come again."""

from decimal import Decimal

from analyzers.understanding.result import Understanding
from analyzers.words.figures import day, listed, usd

AHEAD = 30
"""Days ahead over which both figures are given."""


def spike_words(result: Understanding) -> str:
    """Which one-off days the forecast leaves out, and what it were with them; '' without any."""
    found = result.forecast
    if found is None or not found.spikes:
        return ""
    days = [result.time.complete[spike.day].day for spike in found.spikes]
    named = listed([
        f"{day(when)} ({usd(Decimal(spike.amount))}, usual {usd(Decimal(spike.usual))})"
        for when, spike in zip(days, found.spikes, strict=True)
    ])  # fmt: skip
    with_them = usd(Decimal(found.total_with_spikes(AHEAD)))
    one = "a one-off" if len(days) == 1 else "one-offs"
    return f"Taken as {one} and kept out: {named}. If such days come again, the next {AHEAD} days cost {with_them}."
