"""What the page of usage and cost says first: its cards, the summary and the finding."""

from decimal import Decimal

from analyzers.understanding.credits import credit_words
from analyzers.understanding.months import months_words
from analyzers.understanding.one_off_days import spike_words
from analyzers.understanding.range_basis import range_basis
from analyzers.understanding.result import Understanding
from analyzers.usage.cells import CALLS, COST, COST_PER_1K, COST_PER_CALL, DAILY_COST, TOKENS
from analyzers.usage.earlier_period import Compared, change, relative
from analyzers.usage.tables import cost_value
from analyzers.words.figures import counted, day, percent, tokens, unit_usd, usd
from analyzers.words.opening import bound_words, cost_words, lacking_words, period_words
from methods.forecast import Forecast, ForecastTotal
from reporting.document import Change, MetricCard, Unit, Value

UNKNOWN = "no call has a known cost"


def cards(result: Understanding) -> tuple[MetricCard, ...]:
    """All cards, the headline first."""
    return (
        _cost_card(result),
        *_week_card(result),
        *_use_cards(result),
        *_unit_price_cards(result),
        _burn_card(result),
        _month_card(result),
        *_next_month_card(result),
    )


def _cost_card(result: Understanding) -> MetricCard:
    return MetricCard(
        id="cost",
        label="Total cost",
        value=cost_value(result.total),
        note=_cost_note(result),
        change=_moved(result, "cost_usd", rise_is_good=False),
        trend=result.time.known_cost_usd if result.total.priced_calls else (),
        sum=COST,
        highlight=True,
    )


def _use_cards(result: Understanding) -> tuple[MetricCard, ...]:
    """Calls and tokens."""
    total = result.total
    return (
        MetricCard(
            id="calls",
            label="Calls",
            value=Value(total.calls, Unit.COUNT),
            note="",
            change=_moved(result, "calls"),
            trend=tuple(entry.usage.calls for entry in result.time.days),
            sum=CALLS,
        ),
        MetricCard(
            id="tokens",
            label="Tokens",
            value=Value(total.tokens, Unit.TOKENS),
            note="",
            change=_moved(result, "tokens"),
            sum=TOKENS,
        ),
    )


def _unit_price_cards(result: Understanding) -> tuple[MetricCard, ...]:
    """Cost per call and per 1,000 tokens."""
    total = result.total
    return (
        MetricCard(
            id="cost-per-call",
            label="Cost per call",
            value=Value(total.cost_per_call_usd, Unit.USD_RATE, reason=UNKNOWN),
            change=_moved(result, "cost_per_call_usd", rise_is_good=False),
            sum=COST_PER_CALL,
        ),
        MetricCard(
            id="cost-per-1k",
            label="Cost per 1,000 tokens",
            value=Value(total.cost_per_1k_tokens_usd, Unit.USD_RATE, reason=UNKNOWN),
            change=_moved(result, "cost_per_1k_tokens_usd", rise_is_good=False),
            sum=COST_PER_1K,
        ),
    )


def _burn_card(result: Understanding) -> MetricCard:
    days = result.time.complete
    return MetricCard(
        id="burn",
        label="Average daily cost",
        value=Value(result.daily_burn_usd, Unit.USD, reason=UNKNOWN, at_least=result.total.at_least),
        note=f"mean of {counted(len(days), 'complete day')}" if days else "no complete day",
        sum=DAILY_COST,
    )


def _week_card(result: Understanding) -> tuple[MetricCard, ...]:
    """The cost of the later of the two periods compared, its change, and the model behind most of it."""
    versus = result.versus
    if versus is None or versus.now.known_cost_usd is None:
        return ()
    return (
        MetricCard(
            id="latest",
            label=f"Cost of {versus.periods.now}",
            value=Value(versus.now.known_cost_usd, Unit.USD, at_least=versus.now.at_least),
            note=_cause(result),
            change=_moved(result, "cost_usd", rise_is_good=False),
            highlight=True,
        ),
    )


def _cause(result: Understanding) -> str:
    """The model whose cost moved most in the direction of the change."""
    bridge = result.bridge
    if bridge is None or not bridge.lines or not bridge.total.change:
        return ""
    rise = bridge.total.change > 0
    line = (max if rise else min)(bridge.lines, key=lambda entry: entry.change)
    return f"most of it {line.key or 'a model without a name'}: {usd(abs(line.change))} {'more' if rise else 'less'}"


def _next_month_card(result: Understanding) -> tuple[MetricCard, ...]:
    """The next calendar month with its range."""
    if not result.months_ahead:
        return ()
    ahead = result.months_ahead[0]
    amount = round(Decimal(ahead.total.amount), 2)
    return (
        MetricCard(
            id="next-month",
            label=f"{ahead.window.first:%B %Y}, forecast",
            value=Value(amount, Unit.USD, at_least=result.total.at_least),
            note=_range_words(ahead.total, result.forecast),
            highlight=True,
        ),
    )


def _range_words(end: ForecastTotal, found: Forecast | None) -> str:
    if end.interval_80 is None:
        return "no range: too few days to test a forecast on"
    sure = " (extrapolated)" if end.extrapolated else ""
    return f"80% range {usd(end.interval_80.low)} to {usd(end.interval_80.high)}{sure}; {range_basis(end, found)}"


def _budget_words(result: Understanding) -> str:
    """What the open month comes to, held against its budget."""
    whole = next((each for each in result.budgets if (each.scope, each.length) == ("total", "month")), None)
    if whole is None or whole.overrun_usd is None:
        return ""
    side = "over" if whole.overrun_usd > 0 else "under"
    return f"; {usd(abs(whole.overrun_usd))} {side} the budget of {usd(whole.budget_usd)}"


def _month_card(result: Understanding) -> MetricCard:
    month = result.month
    if month is None:
        return MetricCard(
            id="month-end",
            label="Month-end estimate",
            value=Value(None, Unit.USD, reason=result.forecast_reason),
        )
    spent = bound_words(month.spent_usd, result.total, "at least")
    words = f"{month.month.window.title}: {spent} spent, {counted(month.days_left, 'day')} forecast"
    if month.month.partial_day:
        words += f"; {day(month.month.partial_day)} lacks hours"
    if month.month.covered_from:
        words += f"; the file begins on {day(month.month.covered_from)}"
    words += f"; {_range_words(month.end, result.forecast)}{_budget_words(result)}"
    low = result.total.at_least or month.month.covered_from is not None
    return MetricCard(
        id="month-end",
        label="Month-end estimate",
        value=Value(month.estimate_usd, Unit.USD, at_least=low),
        note=words,
        highlight=True,
    )


def _moved(result: Understanding, figure: str, *, rise_is_good: bool | None = None) -> Change | None:
    versus = result.versus
    if versus is None:
        return None
    figures = getattr(versus.before, figure), getattr(versus.now, figure)
    return change(Compared(*figures, versus.periods), rise_is_good=rise_is_good)


def _cost_note(result: Understanding) -> str:
    parts = credit_words(result.credits, result.total), lacking_words(result.total)
    return "; ".join(part for part in parts if part)


def summary(result: Understanding) -> tuple[str, ...]:
    """What calls cost, on what most is spent, and what is to come."""
    total = result.total
    period = period_words(result.first_day, result.last_day)
    first = f"{period}, {counted(total.calls, 'call')} with {tokens(total.tokens)} cost {cost_words(result.total)}"
    parted = credit_words(result.credits, total)
    first += f" ({parted})" if parted else ""
    if total.cost_per_call_usd is not None:
        first += f", {unit_usd(total.cost_per_call_usd)} per call"
    return (f"{first}.", _costliest(result), *_outlook_words(result))


def finding(result: Understanding) -> str:
    """The most expensive model, the change, and where it is going."""
    ahead = f" The next 30 days: {_outlook_amount(result)}." if result.outlook else ""
    return f"{_costliest(result)}{ahead}"


def _costliest(result: Understanding) -> str:
    top = result.by("provider", "model")[0]
    if result.total.known_cost_usd is None:
        return f"No call has a known cost; most tokens went to {top.name or 'an unnamed model'}."
    held = percent(top.usage.cost_usd / result.total.cost_usd) if result.total.cost_usd else "none"
    return f"The most expensive model, {top.name or 'unnamed'}, takes {held} of cost{_change_words(result)}."


def _change_words(result: Understanding) -> str:
    if result.versus is None:
        return ""
    moved = relative(result.versus.before.known_cost_usd, result.versus.now.known_cost_usd)
    if moved is None:
        return ""
    periods, more = result.versus.periods, "more" if moved > 0 else "less"
    return f"; {periods.now} cost {percent(abs(moved))} {more} than {periods.before}"


def _outlook_amount(result: Understanding) -> str:
    return bound_words(Decimal(result.outlook[0].amount), result.total, "at least")


def _outlook_words(result: Understanding) -> tuple[str, ...]:
    if result.forecast is None:
        return (result.forecast_reason,)
    total = result.outlook[0]
    words = f"The next 30 days are forecast to cost {_outlook_amount(result)}"
    if total.interval_80:
        kind = "rough range" if total.extrapolated else "80% range"
        words += f" ({kind} {usd(Decimal(total.interval_80.low))} to {usd(Decimal(total.interval_80.high))}; "
        words += f"{range_basis(total, result.forecast)})"
    return (f"{words}.", *filter(None, [spike_words(result)]), *months_words(result))
