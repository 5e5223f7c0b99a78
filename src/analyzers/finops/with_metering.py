"""The closing comparison of each FinOps report, in the figures of its result."""

from typing import TYPE_CHECKING

from analyzers.usage.sums import ZERO
from analyzers.words.figures import counted, day, percent, usd
from analyzers.words.opening import cost_words
from analyzers.words.with_metering import metering_section
from reporting.document import Section

if TYPE_CHECKING:  # each report has a section here, and none need load what the others are made of
    from analyzers.alignment.result import Alignment
    from analyzers.optimization.result import Optimization
    from analyzers.performance.result import Performance
    from analyzers.realtime.result import Realtime
    from analyzers.understanding.result import Understanding

NOTHING_NAMED = "nothing yet: the calls of this file do not name it"


def understanding_metering(result: "Understanding") -> Section:
    """What is spent, on what, and where it goes."""
    parts = [
        counted(len(result.by(column)), noun)
        for column, noun in (
            ("product_id", "product"),
            ("feature_id", "feature"),
            ("organization_id", "organization"),
            ("customer_id", "customer"),
        )
        if result.breakdown.allocated(column)
    ]
    total = result.outlook[0] if result.forecast else None
    ahead = f"{usd(total.amount)} in the next {total.days} days" if total else result.forecast_reason
    if total and total.interval_80:
        ahead += f", {usd(total.interval_80.low)} to {usd(total.interval_80.high)} in four of five cases"
    return metering_section(
        (
            "What do we spend?",
            "One sum, when the invoice comes",
            f"{_sentence(cost_words(result.total))} in {counted(result.total.calls, 'call')}, each with its own cost",
        ),
        (
            "On what?",
            "Models and keys, as far as the invoice lists them",
            _sentence(", ".join(parts) or NOTHING_NAMED),
        ),
        ("Where is it going?", "Last month's sum, carried forward", _sentence(ahead)),
    )


def performance_metering(result: "Performance") -> Section:
    """How long calls take, and whether a price is worth it."""
    found = result.overall.at(0.95)
    wait = f"95% of calls within {found.value / 1000:,.1f} s" if found and found.value else NOTHING_NAMED
    beaten = sum(1 for entry in result.frontier if entry.beaten_by)
    saved = sum((choice.saving_usd for choice in result.choices), ZERO)
    return metering_section(
        ("How long do users wait?", "What the provider's status page says", _sentence(wait)),
        (
            "Is a dear model worth it?",
            "Its list price and its name",
            f"{beaten:,} of {counted(len(result.frontier), 'model')} beaten on price and wait, on your own calls",
        ),
        (
            "Which model should do which task?",
            "The one somebody chose at the start",
            f"Measured for {counted(len(result.choices), 'task')}; moving every call would save "
            f"{usd(saved * result.month_factor)} a month",
        ),
    )


def realtime_metering(result: "Realtime") -> Section:
    """When something goes wrong, and who learns of it."""
    ranked = result.search.ranked
    burst = (
        f"{day(ranked[0].start)}, {ranked[0].start:%H}:00: {usd(ranked[0].excess_usd)} over expectation"
        if ranked
        else f"Within the hour; none in {counted(result.search.series, 'series', 'series')}"
    )
    failed = result.failed_usd
    cost = f"{usd(failed)} in this period" if failed is not None else NOTHING_NAMED
    return metering_section(
        ("When is a burst noticed?", "With the next invoice, after it is paid for", _sentence(burst)),
        ("Who caused it?", "Nobody can say", "The model, feature and customer, ranked by dollars"),
        ("What do failures and retries cost?", "Part of the sum, unseen", _sentence(cost)),
    )


def optimization_metering(result: "Optimization") -> Section:
    """What could be bought better."""
    month = usd(result.saving_usd * result.month_factor)
    return metering_section(
        (
            "What could be saved?",
            "A guess from list prices",
            f"{month} a month ({percent(result.saving_share)}), lever by lever on the same calls",
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


def alignment_metering(result: "Alignment") -> Section:
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
            else _sentence(NOTHING_NAMED),
        ),
        (
            "Can it be billed?",
            "By a key agreed once a year",
            charged if bill.statements else _sentence(NOTHING_NAMED),
        ),
        (
            "Who buys well?",
            "No two teams can be compared",
            f"{counted(sum(1 for entry in result.efficiency if entry.compared), 'organization')} compared on the "
            "price of the same work",
        ),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
