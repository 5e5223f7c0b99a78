"""What rate optimization answers with metering, and what an invoice alone would."""

from analyzers.optimization.result import Optimization
from analyzers.words.against_invoice import metering_section
from analyzers.words.figures import counted, percent, usd
from reporting.document import Section


def against_invoice(result: Optimization) -> Section:
    """What could be bought better."""
    month = usd(result.saving_usd * result.month_factor)
    return metering_section(
        (
            "What could be saved?",
            "A guess from list prices",
            f"{month} per month ({percent(result.saving_share)}), lever by lever on the same calls",
        ),
        (
            "How much should we commit to?",
            "Last month's total, hoped to repeat",
            f"The level of least cost in the hourly use of {counted(len(result.commitments), 'model')}",
        ),
        (
            "Which calls can move to a cheaper model?",
            "All or none",
            f"{counted(len(result.switches), 'switch', 'switches')} inside the same task and length",
        ),
    )
