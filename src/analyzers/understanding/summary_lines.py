"""What this report says in the ten-line summary that closes a run: spend and forecast."""

from analyzers.budgets.budget_state import BudgetState
from analyzers.understanding.credits import credit_words
from analyzers.understanding.range_basis import range_basis
from analyzers.understanding.result import Understanding
from analyzers.usage.earlier_period import LAST_WEEKS, relative
from analyzers.words.figures import cents, counted, day, percent, usd
from analyzers.words.opening import bound_words, cost_words
from methods.forecast import Forecast, ForecastTotal
from reporting.document import Figures, SummaryLine


def summary_lines(result: Understanding) -> tuple[SummaryLine, ...]:
    """What was spent, how that changed, and what is to come."""
    return _spend(result), _forecast(result)


def _spend(result: Understanding) -> SummaryLine:
    total = result.total
    if total.known_cost_usd is None:
        return SummaryLine("Spend", "not known: no call has a known cost", figures={"total_usd": None})
    words = f"{cost_words(total)} in {counted(result.period_days, 'day')}"
    parted = credit_words(result.credits, total)
    words += f" ({parted})" if parted else ""
    words += " (the last lacks hours)" if result.ledger.reach.partial_day else ""
    versus = result.versus
    later = versus.now.known_cost_usd if versus else None
    moved = relative(versus.before.known_cost_usd, later) if versus else None
    if versus is not None and later is not None and moved is not None:
        way = "more" if moved > 0 else "less"
        spent = bound_words(later, versus.now, "at least")
        words += (
            f"; {spent} in {versus.periods.now}, {percent(abs(moved))} {way} than in {versus.periods.before}"
        )
    figures: Figures = {
        "total_usd": total.known_cost_usd,
        "last_7_days_usd": later if versus and versus.periods == LAST_WEEKS else None,
        "change_share": moved,
        "credits_usd": result.credits.total_usd,
    }
    return SummaryLine("Spend", words, figures=figures)


def _forecast(result: Understanding) -> SummaryLine:
    whole = next((each for each in result.budgets if (each.scope, each.length) == ("total", "month")), None)
    figures: Figures = {
        "month": f"{result.ledger.open.window.first:%Y-%m}",
        "month_spent_usd": result.ledger.open.usage.known_cost_usd,
        "month_end_usd": result.month.estimate_usd if result.month else None,
        "budget_usd": whole.budget_usd if whole else None,
    }
    month = _month(result, whole)
    if not result.outlook:
        words = f"not known: {result.forecast_reason}"
        figures = {"next_30_days_usd": None, **figures}
        return SummaryLine("Forecast", f"{words.rstrip('.')}; {month}" if month else words, figures=figures)
    ahead = result.outlook[0]
    amount = bound_words(cents(ahead.amount), result.total, "at least")
    spikes = result.forecast.spikes if result.forecast else ()
    apart = f", {counted(len(spikes), 'one-off day')} kept out" if spikes else ""
    words = f"{amount} in the next {ahead.days} days{_range(ahead, result.forecast)}{apart}"
    figures = {
        "next_30_days_usd": cents(ahead.amount),
        "low_80_usd": cents(ahead.interval_80.low) if ahead.interval_80 else None,
        "high_80_usd": cents(ahead.interval_80.high) if ahead.interval_80 else None,
        **figures,
    }
    return SummaryLine("Forecast", f"{words}; {month}" if month else words, figures=figures)


def _range(ahead: ForecastTotal, found: Forecast | None) -> str:
    if ahead.interval_80 is None:
        return ""
    kind = "rough range" if ahead.extrapolated else "80% range"
    return f" ({kind} {usd(ahead.interval_80.low)} to {usd(ahead.interval_80.high)}; {range_basis(ahead, found)})"


def _month(result: Understanding, whole: BudgetState | None) -> str:
    """What the open month comes to, held against its budget where there is one; '' where neither is known."""
    use = result.total
    title = whole.window.title if whole else result.ledger.open.window.title
    estimate = whole.estimate_usd if whole else result.month.estimate_usd if result.month else None
    ends = ""
    if estimate is not None:
        ends = f"ends {'at or above' if use.at_least else 'near'} {usd(estimate)}"
    if whole is None or whole.overrun_usd is None:
        unset = "" if result.budgets else ", no budget is set"
        return f"{title} {ends}{unset}" if ends else ""
    if whole.crossed_on:
        spent = f"{bound_words(whole.spent_usd, use, 'at least')} of {usd(whole.budget_usd)} spent"
        crossed = f"{title}: {spent}, over the budget since {day(whole.crossed_on)}"
        return f"{crossed}; {ends}" if ends else crossed
    side, bound = ("over", "at least") if whole.overrun_usd > 0 else ("under", "at most")
    return f"{title} {ends}, {bound_words(abs(whole.overrun_usd), use, bound)} {side} the budget"
