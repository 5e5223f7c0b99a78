"""What usage and cost answers with metering, and what an invoice alone would."""

from analyzers.understanding.result import Understanding
from analyzers.words.against_invoice import NOTHING_NAMED, metering_section
from analyzers.words.figures import counted, sentence, usd
from analyzers.words.opening import cost_words, lacking_words
from calls.dimensions import chosen
from reporting.document import Section


def against_invoice(result: Understanding) -> Section:
    """What is spent, on what, and where it goes."""
    parts = [
        counted(len(result.by(each.column)), each.title, each.plural)
        for each in chosen("product", "feature", "organization", "customer")
        if result.breakdown.allocated(each.column)
    ]
    total = result.outlook[0] if result.forecast else None
    ahead = f"{usd(total.amount)} in the next {total.days} days" if total else result.forecast_reason
    if total and total.interval_80:
        ahead += f", {usd(total.interval_80.low)} to {usd(total.interval_80.high)} in four of five cases"
    lacking = lacking_words(result.total)
    return metering_section(
        (
            "What do we spend?",
            "One sum, when the invoice comes",
            f"{sentence(cost_words(result.total))} in {counted(result.total.calls, 'call')}, "
            f"{f'with {lacking}' if lacking else 'each with its own cost'}"
            if result.total.priced_calls
            else f"{counted(result.total.calls, 'call')}, none of known cost yet",
        ),
        (
            "On what?",
            "Models and keys, as far as the invoice lists them",
            sentence(", ".join(parts) or NOTHING_NAMED),
        ),
        ("Where is it going?", "Last month's sum, carried forward", sentence(ahead)),
    )
