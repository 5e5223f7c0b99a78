"""What performance tracking answers with metering, and what an invoice alone would."""

from analyzers.performance.result import Performance
from analyzers.usage.sums import ZERO
from analyzers.words.against_invoice import NOTHING_NAMED, metering_section
from analyzers.words.figures import counted, sentence, usd
from reporting.document import Section


def against_invoice(result: Performance) -> Section:
    """How long calls take, and whether a price is worth it."""
    found = result.overall.at(0.95)
    wait = f"95% of calls within {found.value / 1000:,.1f} s" if found and found.value else NOTHING_NAMED
    beaten = sum(1 for entry in result.frontier if entry.beaten_by)
    saved = sum((choice.saving_usd for choice in result.choices), ZERO)
    return metering_section(
        ("How long do users wait?", "What the provider's status page says", sentence(wait)),
        (
            "Is a costly model worth it?",
            "Its list price and its name",
            f"{beaten:,} of {counted(len(result.frontier), 'model')} beaten on price and wait, on your own calls",
        ),
        (
            "Which model should do which task?",
            "The one somebody chose at the start",
            f"Measured for {counted(len(result.choices), 'task')}; moving every call would save "
            f"{usd(saved * result.month_factor)} per month",
        ),
    )
