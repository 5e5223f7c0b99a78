"""Charts of usage and cost. Titles state the finding."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from analyzers.understanding.result import MEAN_DAYS, Understanding
from analyzers.usage.sums import Group, share
from analyzers.usage.tables import UNALLOCATED, day_slices, name_slices, shown_name
from analyzers.usage.timeline import rolling_mean
from analyzers.words.figures import counted, day, percent, unit_usd, usd
from methods.bridge import CostBridge
from methods.forecast import Forecast
from reporting.document import Chart, ChartKind, HeatMap, Mark, Series, SeriesRole, Slice, Unit

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK = 7
"""Days of calls below which no hour of the week is called the busiest."""
BARS = 12
"""Bars of a chart of names; the table beside it has all."""
AHEAD = 30
"""Days of forecast drawn."""
BEHIND = 60
"""Days of history drawn before them."""


def daily_chart(result: Understanding) -> Chart:
    """Cost by day with its 7-day mean."""
    days = result.time.days
    dearest = max(days, key=lambda entry: entry.usage.cost_usd)
    title = f"{day(dearest.day)} was the dearest day at {usd(dearest.usage.cost_usd)}"
    labels = tuple(entry.day.isoformat() for entry in days)
    cost = Series(
        "Cost",
        result.time.cost_usd,
        slices=day_slices(result.time.cells, result.first_day, lambda cell: cell.cost_usd),
    )
    series = [cost]
    if len(days) >= MEAN_DAYS:
        series.append(Series("7-day mean", rolling_mean(result.time.cost_usd), SeriesRole.REFERENCE))
    return Chart(
        "daily-cost",
        ChartKind.LINE,
        title,
        "Cost by day",
        "Day",
        labels,
        tuple(series),
        Unit.USD,
        method="totals",
        wide=True,
    )


def cumulative_chart(result: Understanding) -> Chart:
    """Cost added up over the period."""
    running, sums = Decimal(0), []
    for amount in result.time.cost_usd:
        running += amount
        sums.append(running)
    return Chart(
        "cumulative-cost",
        ChartKind.LINE,
        _by_when_half(result, sums),
        "Cost added up over the period",
        "Day",
        tuple(entry.day.isoformat() for entry in result.time.days),
        (Series("Cumulative cost", tuple(sums)),),
        Unit.USD,
        method="totals",
    )


def _by_when_half(result: Understanding, sums: Sequence[Decimal]) -> str:
    """By when half of the cost was spent; where credits are allowed, they can outweigh all cost."""
    total = sums[-1]
    if total < 0:
        return f"Credits outweigh the cost: it adds up to {usd(total)}"
    half = next(entry.day for entry, held in zip(result.time.days, sums, strict=True) if held * 2 >= total)
    return f"Half of the {usd(total)} was spent by {day(half)}"


def cost_chart(identity: str, noun: str, groups: Sequence[Group], result: Understanding) -> Chart:
    """Cost by name as bars, the dearest first."""
    shown = groups[:BARS]
    names = [group.name for group in shown]
    part = percent(share(shown[0].usage.cost_usd, result.total.cost_usd))
    slices: tuple[Slice, ...] = ()
    if identity in {"provider", "organization"}:
        slices = name_slices(
            result.time.cells,
            names,
            lambda cell: cell.provider if identity == "provider" else cell.organization,
        )
    first = shown[0].name
    title = f"{first or f'Calls without {noun}'} {'is' if first else 'are'} {part} of cost"
    series = Series("Cost", tuple(group.usage.known_cost_usd for group in shown), slices=slices)
    note = f"The {BARS} dearest of {len(groups)}; the table has all." if len(groups) > BARS else ""
    return Chart(
        f"cost-by-{identity}",
        ChartKind.BAR_HORIZONTAL,
        title,
        f"Cost by {noun}",
        noun.capitalize(),
        tuple(shown_name(name) for name in names),
        (series,),
        Unit.USD,
        note=note,
        method="totals",
    )


def heat_map(result: Understanding) -> HeatMap:
    """Mean calls by hour and weekday."""
    busiest = max(result.week_hours, key=lambda entry: entry.calls_a_day or 0)
    title = (
        f"The busiest hour is {LONG_WEEKDAYS[busiest.weekday - 1]} from {busiest.hour}:00"
        if result.period_days >= WEEK
        else f"{counted(result.period_days, 'day')} of calls: too few to tell a busy hour"
    )
    values = tuple(
        tuple(entry.calls_a_day for entry in result.week_hours if entry.weekday == weekday)
        for weekday in range(1, 8)
    )
    return HeatMap(
        "hour-by-weekday",
        title,
        "Mean calls by hour and weekday",
        "Weekday",
        "Hour",
        WEEKDAYS,
        tuple(f"{hour:02}" for hour in range(24)),
        values,
        Unit.COUNT,
        f"Calls in each hour over the number of such weekdays in the period; hours of {result.timezone}.",
    )


def weekday_chart(result: Understanding) -> Chart:
    """Mean cost of a day by weekday."""
    known = [entry for entry in result.weekdays if entry.cost_a_day_usd is not None]
    high = max(known, key=lambda entry: entry.cost_a_day_usd or 0)
    low = min(known, key=lambda entry: entry.cost_a_day_usd or 0)
    title = (
        f"{LONG_WEEKDAYS[high.weekday - 1]}s cost most, {usd(high.cost_a_day_usd or 0)} a day; "
        f"{LONG_WEEKDAYS[low.weekday - 1]}s least, {usd(low.cost_a_day_usd or 0)}"
    )
    return Chart(
        "weekday-profile",
        ChartKind.BAR,
        title if high is not low else f"Only {LONG_WEEKDAYS[high.weekday - 1]}s are complete in this period",
        "Mean cost of a complete day by weekday",
        "Weekday",
        WEEKDAYS,
        (Series("Mean cost a day", tuple(entry.cost_a_day_usd for entry in result.weekdays)),),
        Unit.USD,
    )


def forecast_chart(result: Understanding, forecast: Forecast) -> Chart:
    """The last days, the next 30, and the range they fall in."""
    behind = result.time.complete[-BEHIND:]
    ahead = forecast.days[:AHEAD]
    last = behind[-1].day
    labels = [entry.day.isoformat() for entry in behind]
    labels += [(last + timedelta(days=entry.ahead)).isoformat() for entry in ahead]
    gap: list[Decimal | float | None] = [None] * len(behind)
    lows = [entry.interval_80.low if entry.interval_80 else None for entry in ahead]
    highs = [entry.interval_80.high if entry.interval_80 else None for entry in ahead]
    series = [
        Series("Cost", (*(entry.usage.cost_usd for entry in behind), *([None] * len(ahead)))),
        Series("Forecast", (*gap, *(entry.amount for entry in ahead)), SeriesRole.FORECAST),
    ]
    if any(low is not None for low in lows):
        series.append(Series("80% range, low", (*gap, *lows), SeriesRole.BAND_LOW))
        series.append(Series("80% range, high", (*gap, *highs), SeriesRole.BAND_HIGH))
    amount = Decimal(forecast.total(len(ahead)).amount)
    return Chart(
        "forecast",
        ChartKind.LINE,
        f"The next {len(ahead)} days are forecast to cost {usd(amount)}",
        f"Cost by day and its forecast ({forecast.method_title})",
        "Day",
        tuple(labels),
        tuple(series),
        Unit.USD,
        (Mark("forecast begins", labels[len(behind)], vertical=True),),
        "Days without a band lie beyond what the backtest reaches: an extrapolation.",
        "forecast",
        wide=True,
    )


def bridge_chart(bridge: CostBridge[str], against: str) -> Chart:
    """The change of cost, effect by effect."""
    total = bridge.total
    steps = [
        ("Before", total.before),
        ("More calls" if total.volume > 0 else "Fewer calls", total.volume),
        ("Model mix", total.mix),
        ("Tokens a call", total.tokens),
        ("Price a token", total.price),
    ]
    if total.coverage:
        steps.append(("Cost became known or unknown", total.coverage))
    steps.append(("After", total.after))
    largest = max(steps[1:-1], key=lambda step: abs(step[1]))
    direction = "rose" if total.change > 0 else "fell"
    title = (
        f"Cost {direction} by {usd(abs(total.change))}; most of it: {largest[0].lower()}, {usd(largest[1])}"
        if total.change
        else "Cost did not change"
    )
    return Chart(
        "change-explained",
        ChartKind.WATERFALL,
        title,
        f"Change of cost, {against}",
        "Effect",
        tuple(name for name, _ in steps),
        (Series("Cost", tuple(amount for _, amount in steps)),),
        Unit.USD,
        method="bridge",
        rise_is_good=False,
    )


def price_map(result: Understanding) -> HeatMap | None:
    """Cost per 1,000 tokens by model and task; None where there is one of either."""
    groups = result.by("provider", "model", "task_type")
    tasks = [group.name for group in result.by("task_type")][:BARS]
    models = [group.key for group in result.by("provider", "model")][:BARS]
    prices = {group.key: group.usage.cost_per_1k_tokens_usd for group in groups}
    known = [price for price in prices.values() if price is not None]
    if len(tasks) < 2 or len(models) < 2 or not known:
        return None
    return HeatMap(
        "price-by-model-and-task",
        f"1,000 tokens cost between {unit_usd(min(known))} and {unit_usd(max(known))}",
        "Cost per 1,000 tokens by model and task",
        "Model",
        "Task",
        tuple(model or UNALLOCATED for _, model in models),
        tuple(shown_name(task) for task in tasks),
        tuple(tuple(prices.get((*model, task)) for task in tasks) for model in models),
        Unit.USD_RATE,
        method="tokens",
    )
