"""What this report says in the ten-line summary that closes a run: how long answers take."""

from analyzers.performance.result import Performance
from analyzers.words.defaults import default
from analyzers.words.figures import percent
from reporting.document import Figures, SummaryLine

P95 = 0.95


def summary_lines(result: Performance) -> tuple[SummaryLine, ...]:
    """How long answers take."""
    overall = result.overall
    if overall.compliance is None:
        figures: Figures = {"within_sla_share": None, "p95_ms": None}
        return (SummaryLine("Response time", "not known: no call has a latency", figures=figures),)
    limit = f"{result.limit_ms / 1000:,.1f} s"
    target = f"{default(own=result.own_levels)}target {percent(result.target)}"
    words = f"{percent(overall.compliance)} of calls within {limit} ({target})"
    slow = overall.at(P95)
    p95 = slow.value if slow else None
    if p95 is not None:
        words += f"; 95% took at most {p95 / 1000:,.1f} s"
    figures = {"within_sla_share": overall.compliance, "p95_ms": p95}
    return (SummaryLine("Response time", words, figures=figures),)
