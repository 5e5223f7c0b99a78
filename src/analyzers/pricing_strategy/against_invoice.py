"""What pricing strategy answers with metering, and what an invoice alone would."""

from analyzers.pricing_strategy.result import PricingStrategy
from analyzers.words.against_invoice import metering_section
from analyzers.words.figures import counted, number_or_none, usd
from reporting.document import Section


def against_invoice(result: PricingStrategy) -> Section:
    """What to charge. Only for results with offers."""
    candidate = result.candidate
    gain = (
        f"{usd(result.gain_usd_month or 0)} per month with {candidate.id}"
        if candidate
        else "No other offer is listed"
    )
    asked = (
        f"{counted(candidate.losers, 'customer')} pay more, {number_or_none(candidate.winners)} less"
        if candidate
        else "Nobody"
    )
    return metering_section(
        (
            "What would another price bring?",
            "What a competitor's page suggests",
            f"{gain}, re-rated on the real use of {counted(len(result.customers), 'customer')}",
        ),
        ("Who pays more, who less?", "Known when they complain", asked),
        (
            "Can use be billed at all?",
            "No: nothing counts it by customer",
            "Yes: every call names its customer",
        ),
    )
