"""What this report says in the ten-line summary that closes a run: the best saving."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.optimization.result import Optimization
from analyzers.words.figures import usd
from reporting.document import Figures, Recommendation, SummaryLine


def summary_lines(result: Optimization, recommendations: Sequence[Recommendation]) -> tuple[SummaryLine, ...]:
    """The recommendation that saves most, and what all levers save together."""
    if not result.total.priced_calls:
        figures: Figures = {"saving_usd_month": None, "all_savings_usd_month": None}
        return (SummaryLine("Best saving", "not known: no call has a known cost", figures=figures),)
    whole = result.saving_usd * result.month_factor
    best = max(recommendations, key=lambda entry: entry.usd_month, default=None)
    if best is None:
        figures = {"saving_usd_month": Decimal(0), "all_savings_usd_month": whole}
        return (SummaryLine("Best saving", "none found of a dollar per month or more", figures=figures),)
    words = (
        f"{usd(best.usd_month)} per month: {best.action[:1].lower()}{best.action[1:]}; "
        f"all savings together {usd(whole)} per month, {split_words(result)}"
    )
    figures = {
        "saving_usd_month": best.usd_month,
        "all_savings_usd_month": whole,
        "savings_to_test_usd_month": result.tested_usd * result.month_factor,
        "action": best.action,
    }
    return (SummaryLine("Best saving", words, figures=figures),)


def split_words(result: Optimization) -> str:
    """What of the savings has no risk to quality, and what must be tested first."""
    tested = result.tested_usd * result.month_factor
    safe = (result.saving_usd - result.tested_usd) * result.month_factor
    return f"{usd(safe)} without risk to quality and {usd(tested)} that need a test"
