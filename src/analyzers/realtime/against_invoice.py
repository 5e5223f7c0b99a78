"""What real-time decision making answers with metering, and what an invoice alone would."""

from analyzers.realtime.result import Realtime
from analyzers.words.against_invoice import NOTHING_NAMED, metering_section
from analyzers.words.figures import counted, day, sentence, usd
from reporting.document import Section


def against_invoice(result: Realtime) -> Section:
    """When something goes wrong, and who learns of it."""
    ranked = [event.lead for event in result.search.bursts]
    burst = (
        f"{day(ranked[0].start)}, {ranked[0].start:%H}:00: {usd(ranked[0].excess_usd)} over expectation"
        if ranked
        else f"Within the hour; none in {counted(result.search.series, 'series', 'series')}"
    )
    failed = result.failed_usd
    cost = f"{usd(failed)} in this period" if failed is not None else NOTHING_NAMED
    return metering_section(
        ("When is a burst noticed?", "With the next invoice, after it is paid for", sentence(burst)),
        ("Who caused it?", "Nobody can say", "The model, feature and customer, ranked by dollars"),
        ("What do failures and retries cost?", "Part of the sum, unseen", sentence(cost)),
    )
