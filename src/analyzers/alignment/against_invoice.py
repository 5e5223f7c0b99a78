"""What organizational alignment answers with metering, and what an invoice alone would."""

from analyzers.alignment.result import Alignment
from analyzers.words.against_invoice import NOTHING_NAMED, metering_section
from analyzers.words.figures import counted, percent, sentence, usd
from reporting.document import Section


def against_invoice(result: Alignment) -> Section:
    """Whose cost it is."""
    bill = result.chargeback
    charged = (
        f"{counted(len(bill.statements), 'statement')} over {usd(bill.total_usd)}, adding up to the cent"
    )
    named = result.organization_coverage.cost_share
    return metering_section(
        (
            "Whose cost is it?",
            "Everybody's: the invoice names no team",
            f"{percent(named)} of cost names an organization"
            if named is not None
            else sentence(NOTHING_NAMED),
        ),
        (
            "Can it be billed?",
            "By a key agreed once a year",
            charged if bill.statements else sentence(NOTHING_NAMED),
        ),
        (
            "Who buys well?",
            "No two teams can be compared",
            f"{counted(sum(1 for entry in result.efficiency if entry.compared), 'organization')} compared on the "
            "price of the same work",
        ),
    )
