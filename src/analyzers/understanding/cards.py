"""The headline figures of usage and cost."""

from analyzers.understanding.result import Understanding
from analyzers.usage.compared import Compared, change
from analyzers.usage.tables import cost_value, total_slices
from analyzers.words.figures import counted
from analyzers.words.opening import bound_words
from reporting.document import Change, MetricCard, Unit, Value


def cards(result: Understanding) -> tuple[MetricCard, ...]:
    """All cards, the headline first."""
    total, time = result.total, result.time
    trend = result.time.cost_usd if total.priced_calls else ()
    unknown = "no call has a known cost"
    return (
        MetricCard(
            "cost",
            "Total cost",
            cost_value(total),
            _unpriced(result),
            _moved(result, "cost_usd", rise_is_good=False),
            trend,
            total_slices(time.cells, lambda cell: cell.cost_usd) if total.priced_calls else (),
            highlight=True,
        ),
        MetricCard(
            "calls",
            "Calls",
            Value(total.calls, Unit.COUNT),
            "",
            _moved(result, "calls"),
            tuple(entry.usage.calls for entry in time.days),
            total_slices(time.cells, lambda cell: cell.calls),
        ),
        MetricCard(
            "tokens",
            "Tokens",
            Value(total.tokens, Unit.TOKENS),
            "",
            _moved(result, "tokens"),
            slices=total_slices(time.cells, lambda cell: cell.tokens),
        ),
        MetricCard(
            "cost-per-call",
            "Cost a call",
            Value(total.cost_per_call_usd, Unit.USD_RATE, unknown),
            change=_moved(result, "cost_per_call_usd", rise_is_good=False),
        ),
        MetricCard(
            "cost-per-1k",
            "Cost per 1,000 tokens",
            Value(total.cost_per_1k_tokens_usd, Unit.USD_RATE, unknown),
            change=_moved(result, "cost_per_1k_tokens_usd", rise_is_good=False),
        ),
        MetricCard(
            "burn",
            "Daily burn",
            Value(result.daily_burn_usd, Unit.USD, unknown, total.at_least),
            f"mean of {counted(len(time.complete), 'complete day')}" if time.complete else "no complete day",
        ),
        _month_card(result),
    )


def _month_card(result: Understanding) -> MetricCard:
    month = result.month
    if month is None:
        return MetricCard("month-end", "Month-end estimate", Value(None, Unit.USD, result.forecast_reason))
    spent = bound_words(month.spent_usd, result.total.unpriced_calls, "at least")
    words = f"{month.month:%b %Y}: {spent} spent, {counted(month.days_left, 'day')} forecast"
    if month.covered_from:
        words += f"; the file begins on {month.covered_from}"
    low = result.total.at_least or month.covered_from is not None
    return MetricCard(
        "month-end",
        "Month-end estimate",
        Value(month.estimate_usd, Unit.USD, at_least=low),
        words,
        highlight=True,
    )


def _moved(result: Understanding, figure: str, *, rise_is_good: bool | None = None) -> Change | None:
    versus = result.versus
    if versus is None:
        return None
    figures = getattr(versus.before, figure), getattr(versus.now, figure)
    return change(Compared(*figures, versus.spans), rise_is_good=rise_is_good)


def _unpriced(result: Understanding) -> str:
    unknown = result.total.unpriced_calls
    return f"{counted(unknown, 'call')} of unknown cost" if unknown else ""
