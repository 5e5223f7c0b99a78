"""What each report says in the ten-line summary that closes a run: one line of plain words, two of spending.

A line that the data cannot support says so: "not known: no call has a latency".
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from analyzers.budgets.standing import BudgetState
from analyzers.usage.compared import LAST_WEEKS, relative
from analyzers.words.figures import counted, day, percent, usd
from analyzers.words.opening import bound_words, cost_words
from methods.forecast import ForecastTotal
from reporting.document import BriefLine, Number, Recommendation

if TYPE_CHECKING:  # each report has a line here, and none need load what the others are made of
    from analyzers.feature_economics.result import FeatureEconomics
    from analyzers.optimization.result import Optimization
    from analyzers.performance.result import Performance
    from analyzers.pricing_strategy.result import PricingStrategy
    from analyzers.profitability.result import Profitability
    from analyzers.realtime.result import Realtime
    from analyzers.understanding.result import Understanding

P95 = 0.95

Figures = dict[str, Number | str | None]


def understanding(result: "Understanding") -> tuple[BriefLine, ...]:
    """What was spent, how that changed, and what is to come."""
    return _spend(result), _forecast(result)


def _spend(result: "Understanding") -> BriefLine:
    total = result.total
    if total.known_cost_usd is None:
        return BriefLine("Spend", "not known: no call has a known cost", {"total_usd": None})
    words = f"{cost_words(total)} in {counted(result.period_days, 'day')}"
    versus = result.versus
    later = versus.now.known_cost_usd if versus else None
    moved = relative(versus.before.known_cost_usd, later) if versus else None
    if versus is not None and later is not None and moved is not None:
        words += (
            f"; {usd(later)} in {versus.spans.now}, {percent(abs(moved))} {'more' if moved > 0 else 'less'} than in "
            f"{versus.spans.before}"
        )
    figures: Figures = {
        "total_usd": total.known_cost_usd,
        "last_7_days_usd": later if versus and versus.spans == LAST_WEEKS else None,
        "change_share": moved,
    }
    return BriefLine("Spend", words, figures)


def _forecast(result: "Understanding") -> BriefLine:
    if not result.outlook:
        return BriefLine("Forecast", f"not known: {result.forecast_reason}", {"next_30_days_usd": None})
    ahead = result.outlook[0]
    whole = next((state for state in result.budgets if state.scope == "total"), None)
    amount = bound_words(_cents(ahead.amount), result.total.unpriced_calls, "at least")
    return BriefLine(
        "Forecast",
        f"{amount} in the next {ahead.days} days{_range(ahead)}{_against_budget(whole, result.total.unpriced_calls)}",
        {
            "next_30_days_usd": _cents(ahead.amount),
            "low_80_usd": _cents(ahead.interval_80.low) if ahead.interval_80 else None,
            "high_80_usd": _cents(ahead.interval_80.high) if ahead.interval_80 else None,
            "month_end_usd": whole.estimate_usd if whole else None,
            "budget_usd": whole.monthly_usd if whole else None,
        },
    )


def _range(ahead: ForecastTotal) -> str:
    if ahead.interval_80 is None:
        return ""
    kind = "rough range" if ahead.extrapolated else "80% range"
    return f" ({kind} {usd(ahead.interval_80.low)} to {usd(ahead.interval_80.high)})"


def _against_budget(state: BudgetState | None, unpriced_calls: int) -> str:
    if state is None or state.estimate_usd is None or state.overrun_usd is None:
        return ""
    side, bound = ("over", "at least") if state.overrun_usd > 0 else ("under", "at most")
    ends = "at or above" if unpriced_calls else "near"
    return (
        f"; {state.month:%b %Y} ends {ends} {usd(state.estimate_usd)}, "
        f"{bound_words(abs(state.overrun_usd), unpriced_calls, bound)} {side} the budget"
    )


def _cents(amount: float) -> Decimal:
    return round(Decimal(amount), 2)


def performance(result: "Performance") -> tuple[BriefLine, ...]:
    """How long answers take."""
    overall = result.overall
    if overall.compliance is None:
        figures: Figures = {"within_sla_share": None, "p95_ms": None}
        return (BriefLine("Response time", "not known: no call has a latency", figures),)
    limit = f"{result.limit_ms / 1000:,.1f} s"
    words = f"{percent(overall.compliance)} of calls within {limit} (target {percent(result.target)})"
    slow = overall.at(P95)
    p95 = slow.value if slow else None
    if p95 is not None:
        words += f"; 95% took at most {p95 / 1000:,.1f} s"
    figures = {"within_sla_share": overall.compliance, "p95_ms": p95}
    return (BriefLine("Response time", words, figures),)


def realtime(result: "Realtime") -> tuple[BriefLine, ...]:
    """The dearest anomaly."""
    search = result.search
    if search.reason:
        return (BriefLine("Worst anomaly", f"not known: {search.reason}", {"anomalies": None}),)
    if not search.ranked:
        words = f"none among {search.series:,} series of calls by hour and day"
        return (BriefLine("Worst anomaly", words, {"anomalies": 0, "excess_usd": Decimal(0)}),)
    top = search.ranked[0]
    more = f"; {counted(len(search.ranked), 'anomaly', 'anomalies')} in all" if len(search.ranked) > 1 else ""
    times = f"{top.ratio:.1f} times the calls expected, " if top.ratio else ""
    words = f"{top.who} on {day(top.start)} from {top.start:%H}:00, {times}{usd(top.excess_usd)} over{more}"
    figures: Figures = {
        "anomalies": len(search.ranked),
        "excess_usd": _cents(top.excess_usd),
        "start": top.start.isoformat(timespec="minutes"),
    }
    return (BriefLine("Worst anomaly", words, figures),)


def optimization(result: "Optimization", recommendations: Sequence[Recommendation]) -> tuple[BriefLine, ...]:
    """The recommendation that saves most, and what all levers save together."""
    if not result.total.priced_calls:
        figures: Figures = {"saving_usd_month": None, "all_savings_usd_month": None}
        return (BriefLine("Best saving", "not known: no call has a known cost", figures),)
    whole = result.saving_usd * result.month_factor
    best = max(recommendations, key=lambda entry: entry.usd_month, default=None)
    if best is None:
        figures = {"saving_usd_month": Decimal(0), "all_savings_usd_month": whole}
        return (BriefLine("Best saving", "none found of a dollar a month or more", figures),)
    words = (
        f"{usd(best.usd_month)} a month: {best.action[:1].lower()}{best.action[1:]}; "
        f"all savings together {usd(whole)} a month"
    )
    figures = {
        "saving_usd_month": best.usd_month,
        "all_savings_usd_month": whole,
        "action": best.action,
    }
    return (BriefLine("Best saving", words, figures),)


def profitability(result: "Profitability") -> tuple[BriefLine, ...]:
    """Who costs more than they pay, and the margin of all."""
    if result.margin_usd is None:
        why = "no plan has a known price" if result.customers else "no call names a customer"
        return (BriefLine("Loss-makers", f"not known: {why}", {"loss_makers": None, "margin_usd": None}),)
    number = len(result.loss_makers)
    words = f"none of {counted(result.known_customers, 'customer')}"
    if number:
        worst = result.loss_makers[0].margin
        words = (
            f"{number:,} of {counted(result.known_customers, 'customer')} "
            f"{'loses' if number == 1 else 'lose'} "
            f"{bound_words(result.loss_usd, result.use.unpriced_calls, 'at least')}, "
            f"most of all {worst.customer} ({usd(worst.loss_usd)})"
        )
    words += f"; margin of all {bound_words(result.margin_usd, result.use.unpriced_calls, 'at most')}"
    if result.margin_share is not None:
        words += f", {percent(result.margin_share)} of revenue"
    figures: Figures = {
        "loss_makers": number,
        "loss_usd": result.loss_usd,
        "margin_usd": result.margin_usd,
        "margin_share": result.margin_share,
    }
    return (BriefLine("Loss-makers", words, figures),)


def pricing_strategy(result: "PricingStrategy") -> tuple[BriefLine, ...]:
    """The price plan that would earn most."""
    candidate, gain = result.candidate, result.gain_usd_month
    if candidate is None or gain is None:
        why = "the price list holds no other offer" if result.offers else "no customer can be billed"
        return (BriefLine("Best prices", f"not known: {why}", {"gain_usd_month": None}),)
    figures: Figures = {"gain_usd_month": gain, "offer": candidate.id if result.recommended else "today"}
    if not result.recommended:
        words = f"those of today; the next best, {candidate.id}, changes the margin by {usd(gain)} a month"
        return (BriefLine("Best prices", words, figures),)
    words = f"{candidate.id}, {usd(gain)} a month more than today if customers answer as assumed"
    return (BriefLine("Best prices", words, figures),)


def feature_economics(result: "FeatureEconomics") -> tuple[BriefLine, ...]:
    """The feature that returns least."""
    judged = [(entry, earning) for entry in result.judged if (earning := entry.earning) and earning.cost_usd]
    if not judged:
        why = "no call names a feature" if not result.named else "no feature has both a revenue and a cost"
        return (BriefLine("Weakest feature", f"not known: {why}", {"margin_usd": None}),)
    worst, earning = min(judged, key=lambda pair: (pair[1].return_ratio or 0, pair[0].name))
    margin = earning.margin_usd or Decimal(0)
    verb = "loses" if margin < 0 else "earns"
    words = f"{worst.name} {verb} {usd(abs(margin))} after its cost of {usd(earning.cost_usd)}"
    if worst.standing:
        words += f"; verdict: {worst.standing.verdict.value}"
    figures: Figures = {"feature": worst.name, "margin_usd": margin, "return_share": earning.return_ratio}
    return (BriefLine("Weakest feature", words, figures),)
