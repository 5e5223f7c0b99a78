"""What customer profitability answers with metering, and what an invoice alone would."""

from analyzers.profitability.methods import CHANCES
from analyzers.profitability.result import Profitability
from analyzers.words.against_invoice import metering_section
from analyzers.words.figures import counted, listed, percent, usd
from reporting.document import Section


def against_invoice(result: Profitability) -> Section:
    """Who pays for themselves. Only for results with a known margin."""
    worst = [entry.margin.customer for entry in result.loss_makers]
    losses = (
        f"{counted(len(worst), 'customer')}, {usd(result.loss_usd)} in all: {listed(worst)}"
        if worst
        else "No customer"
    )
    likely = sum(1 for entry in result.customers if entry.outlook and entry.outlook.loss_probability > 0.5)
    return metering_section(
        (
            "Do we earn money?",
            "Revenue less one invoice",
            f"{usd(result.margin_usd or 0)} ({percent(result.margin_share)} of revenue), customer by customer",
        ),
        ("Who costs more than they pay?", "Hidden in the mean", losses),
        (
            "Who will next month?",
            "Found out a quarter later",
            f"{counted(likely, 'customer')} more likely than not, from the days so far ({CHANCES})",
        ),
    )
