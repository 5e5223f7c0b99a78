"""What feature economics answers with metering, and what an invoice alone would."""

from analyzers.feature_economics.result import FeatureEconomics
from analyzers.words.against_invoice import metering_section
from analyzers.words.figures import counted, listed, usd
from reporting.document import Section


def against_invoice(result: FeatureEconomics) -> Section:
    """Which features earn their tokens. Only for results with named features."""
    costliest = result.named[0]
    losing = f"{counted(len(result.losing), 'feature')}: {listed([entry.name for entry in result.losing])}"
    return metering_section(
        (
            "What does a feature cost?",
            "Not known: an invoice knows models, not features",
            f"{counted(len(result.named), 'feature')} told apart; "
            f"{costliest.name} takes {usd(costliest.usage.cost_usd)}",
        ),
        (
            "Who uses it?",
            "Page views, if they are counted",
            f"{counted(result.customers, 'customer')}, call by call",
        ),
        (
            "Which lose money?",
            "Argued about",
            losing if result.losing else "No feature, by the revenue attributed to it",
        ),
    )
