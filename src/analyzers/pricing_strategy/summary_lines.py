"""What this report says in the ten-line summary that closes a run: the best prices."""

from analyzers.pricing_strategy.result import PricingStrategy
from analyzers.words.figures import usd
from reporting.document import Figures, SummaryLine


def summary_lines(result: PricingStrategy) -> tuple[SummaryLine, ...]:
    """The price plan that would earn most."""
    candidate, gain = result.candidate, result.gain_usd_month
    if candidate is None or gain is None:
        why = (
            "the price list holds no other offer"
            if result.offers
            else "no customer has a known price and cost"
        )
        return (SummaryLine("Best prices", f"not known: {why}", figures={"gain_usd_month": None}),)
    figures: Figures = {"gain_usd_month": gain, "offer": candidate.id if result.recommended else "today"}
    if not result.recommended:
        words = f"those of today; the next best, {candidate.id}, changes the margin by {usd(gain)} per month"
        return (SummaryLine("Best prices", words, figures=figures),)
    words = f"{candidate.id}, {usd(gain)} per month more than today if customers answer as assumed"
    return (SummaryLine("Best prices", words, figures=figures),)
