"""What this report says in the ten-line summary that closes a run: the worst anomaly."""

from decimal import Decimal

from analyzers.realtime.actions import event_words
from analyzers.realtime.incidents import CURRENT
from analyzers.realtime.result import Realtime
from analyzers.words.figures import cents, counted, day, usd
from reporting.document import Figures, SummaryLine


def summary_lines(result: Realtime) -> tuple[SummaryLine, ...]:
    """The most expensive anomaly: a current one, where there is any."""
    search = result.search
    if search.reason:
        return (SummaryLine("Worst anomaly", f"not known: {search.reason}", figures={"anomalies": None}),)
    incidents = search.events
    if not incidents:
        words = f"none among {search.series:,} series of calls by hour and day"
        return (SummaryLine("Worst anomaly", words, figures={"anomalies": 0, "excess_usd": Decimal(0)}),)
    top = incidents[0].lead
    more = f"; {counted(len(incidents), 'incident')} in all" if len(incidents) > 1 else ""
    before = "" if search.current else f"none in the last {CURRENT.days} days; before: "
    times = f"{top.ratio:.1f} times the calls expected, " if top.ratio else ""
    if incidents[0].is_fall:
        words = (
            f"{before}{event_words(incidents[0])}, {usd(-incidents[0].excess_usd)} less than expected{more}"
        )
    else:
        words = (
            f"{before}{top.who} on {day(top.start)} from {top.start:%H}:00, "
            f"{times}{usd(top.excess_usd)} over{more}"
        )
    figures: Figures = {
        "anomalies": len(incidents),
        "excess_usd": cents(incidents[0].excess_usd),
        "start": top.start.isoformat(timespec="minutes"),
    }
    return (SummaryLine("Worst anomaly", words, figures=figures),)
