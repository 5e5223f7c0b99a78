"""What this report says in the ten-line summary that closes a run: spend and forecast."""

from analyzers.budgets.standing import BudgetState
from analyzers.understanding.result import Understanding
from analyzers.usage.compared import LAST_WEEKS, relative
from analyzers.words.figures import cents, counted, percent, usd
from analyzers.words.opening import bound_words, cost_words
from methods.forecast import ForecastTotal
from reporting.document import Figures, SummaryLine


def summary_lines(result: Understanding) -> tuple[SummaryLine, ...]:
    """What was spent, how that changed, and what is to come."""
    return _spend(result), _forecast(result)


def _spend(result: Understanding) -> SummaryLine:
    total = result.total
    if total.known_cost_usd is None:
        return SummaryLine("Spend", "not known: no call has a known cost", figures={"total_usd": None})
    words = f"{cost_words(total)} in {counted(result.period_days, 'day')}"
    versus = result.versus
    later = versus.now.known_cost_usd if versus else None
    moved = relative(versus.before.known_cost_usd, later) if versus else None
    if versus is not None and later is not None and moved is not None:
        words += (
            f"; {usd(later)} in {versus.periods.now}, {percent(abs(moved))} {'more' if moved > 0 else 'less'} than in "
            f"{versus.periods.before}"
        )
    figures: Figures = {
        "total_usd": total.known_cost_usd,
        "last_7_days_usd": later if versus and versus.periods == LAST_WEEKS else None,
        "change_share": moved,
    }
    return SummaryLine("Spend", words, figures=figures)


def _forecast(result: Understanding) -> SummaryLine:
    if not result.outlook:
        return SummaryLine(
            "Forecast", f"not known: {result.forecast_reason}", figures={"next_30_days_usd": None}
        )
    ahead = result.outlook[0]
    whole = next((state for state in result.budgets if state.scope == "total"), None)
    amount = bound_words(cents(ahead.amount), result.total.unpriced_calls, "at least")
    return SummaryLine(
        "Forecast",
        f"{amount} in the next {ahead.days} days{_range(ahead)}{_against_budget(whole, result.total.unpriced_calls)}",
        figures={
            "next_30_days_usd": cents(ahead.amount),
            "low_80_usd": cents(ahead.interval_80.low) if ahead.interval_80 else None,
            "high_80_usd": cents(ahead.interval_80.high) if ahead.interval_80 else None,
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
