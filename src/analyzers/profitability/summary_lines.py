"""What this report says in the ten-line summary that closes a run: loss-makers."""

from analyzers.profitability.result import Profitability
from analyzers.words.figures import counted, percent, usd
from analyzers.words.opening import bound_words
from reporting.document import Figures, SummaryLine


def summary_lines(result: Profitability) -> tuple[SummaryLine, ...]:
    """Who costs more than they pay, and the margin of all."""
    if result.margin_usd is None:
        why = (
            "no customer has a known price: --customers FILE gives it"
            if result.customers
            else "no call names a customer"
        )
        return (
            SummaryLine(
                "Loss-makers", f"not known: {why}", figures={"loss_makers": None, "margin_usd": None}
            ),
        )
    number = len(result.loss_makers)
    words = f"none of {counted(result.known_customers, 'customer')}"
    if number:
        worst = result.loss_makers[0].margin
        words = (
            f"{number:,} of {counted(result.known_customers, 'customer')} "
            f"{'loses' if number == 1 else 'lose'} "
            f"{bound_words(result.loss_usd, result.use, 'at least')}, "
            f"most of all {worst.customer} ({usd(worst.loss_usd)})"
        )
    words += f"; margin of all {bound_words(result.margin_usd, result.use, 'at most')}"
    if result.margin_share is not None:
        words += f", {percent(result.margin_share)} of revenue"
    figures: Figures = {
        "loss_makers": number,
        "loss_usd": result.loss_usd,
        "margin_usd": result.margin_usd,
        "margin_share": result.margin_share,
    }
    return (SummaryLine("Loss-makers", words, figures=figures),)
