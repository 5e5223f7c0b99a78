"""What this report says in the ten-line summary that closes a run: the weakest feature."""

from decimal import Decimal

from analyzers.feature_economics.result import FeatureEconomics
from analyzers.words.figures import usd
from reporting.document import Figures, SummaryLine


def summary_lines(result: FeatureEconomics) -> tuple[SummaryLine, ...]:
    """The feature that returns least."""
    judged = [(entry, earning) for entry in result.judged if (earning := entry.earning) and earning.cost_usd]
    if not judged:
        why = "no call names a feature" if not result.named else "no feature has both a revenue and a cost"
        return (SummaryLine("Weakest feature", f"not known: {why}", figures={"margin_usd": None}),)
    worst, earning = min(judged, key=lambda pair: (pair[1].return_ratio or 0, pair[0].name))
    margin = earning.margin_usd or Decimal(0)
    verb = "loses" if margin < 0 else "earns"
    words = f"{worst.name} {verb} {usd(abs(margin))} after its cost of {usd(earning.cost_usd)}"
    if worst.standing:
        words += f"; verdict: {worst.standing.verdict.value}"
    figures: Figures = {"feature": worst.name, "margin_usd": margin, "return_share": earning.return_ratio}
    return (SummaryLine("Weakest feature", words, figures=figures),)
