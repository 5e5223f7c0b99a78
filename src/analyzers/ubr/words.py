"""What these reports say alike."""

from analyzers.usage import Usage
from analyzers.wording import usd


def cost_words(use: Usage) -> str:
    """The known cost of some calls, with what it leaves out: "$3.00", "at least $3.00", "an unknown amount"."""
    if use.known_cost_usd is None:
        return "an unknown amount"
    return f"{'at least ' if use.at_least else ''}{usd(use.known_cost_usd)}"
