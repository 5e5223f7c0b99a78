"""Section on when it is spent: hours of the week, weekdays, and the sum as it grows."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from analyzers.understanding.result import Understanding, Weekday, WeekHour
from analyzers.usage.cells import DAILY_COST, RUNNING_COST
from analyzers.usage.sums import Usage, total_usage
from analyzers.usage.timeline import Timeline, hours
from analyzers.words.figures import counted, day, usd
from calls.engine import Calls
from reporting.document import Block, Chart, ChartKind, HeatMap, Note, Section, Series, Unit

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK = 7
"""Days of calls below which no hour of the week is called the busiest."""


def week_hours(calls: Calls, time: Timeline) -> tuple[WeekHour, ...]:
    """All 168 hours of the week."""
    found: dict[tuple[int, int], list[Usage]] = defaultdict(list)
    for entry in hours(calls):
        found[entry.hour.isoweekday(), entry.hour.hour].append(entry.usage)
    days: dict[int, int] = defaultdict(int)
    for counted_day in time.days:
        days[counted_day.day.isoweekday()] += 1
    return tuple(
        WeekHour(weekday, hour, total_usage(found[weekday, hour]), days[weekday])
        for weekday in range(1, 8)
        for hour in range(24)
    )


def weekdays(time: Timeline) -> tuple[Weekday, ...]:
    """The complete days of each weekday."""
    grouped = {
        weekday: [d.usage for d in time.complete if d.day.isoweekday() == weekday] for weekday in range(1, 8)
    }
    return tuple(Weekday(weekday, len(uses), total_usage(uses)) for weekday, uses in grouped.items())


def section(result: Understanding) -> Section:
    """Busy hours, costly weekdays, and the sum as it grows."""
    blocks: list[Block] = [_heat_map(result)]
    if any(entry.cost_per_day_usd for entry in result.weekdays) and result.total.priced_calls:
        blocks += [_weekday_chart(result), _cumulative_chart(result)]
    else:
        blocks.append(Note("No complete day with a known cost: a profile by weekday needs at least one."))
    return Section("time", "When it is spent", blocks=tuple(blocks))


def _heat_map(result: Understanding) -> HeatMap:
    """Mean calls by hour and weekday."""
    busiest = max(result.week_hours, key=lambda entry: entry.calls_per_day or 0)
    title = (
        f"The busiest hour is {LONG_WEEKDAYS[busiest.weekday - 1]} from {busiest.hour}:00"
        if result.period_days >= WEEK
        else f"{counted(result.period_days, 'day')} of calls: too few to tell a busy hour"
    )
    values = tuple(
        tuple(entry.calls_per_day for entry in result.week_hours if entry.weekday == weekday)
        for weekday in range(1, 8)
    )
    return HeatMap(
        id="hour-by-weekday",
        title=title,
        subject="Mean calls by hour and weekday",
        row_title="Weekday",
        column_title="Hour",
        row_labels=WEEKDAYS,
        column_labels=tuple(f"{hour:02}" for hour in range(24)),
        values=values,
        unit=Unit.COUNT,
        note=f"Calls in each hour over the number of such weekdays in the period; hours of {result.timezone}.",
    )


def _weekday_chart(result: Understanding) -> Chart:
    """Mean cost of a day by weekday."""
    known = [entry for entry in result.weekdays if entry.cost_per_day_usd is not None]
    high = max(known, key=lambda entry: entry.cost_per_day_usd or 0)
    low = min(known, key=lambda entry: entry.cost_per_day_usd or 0)
    title = (
        f"{LONG_WEEKDAYS[high.weekday - 1]}s cost most, {usd(high.cost_per_day_usd or 0)} per day; "
        f"{LONG_WEEKDAYS[low.weekday - 1]}s least, {usd(low.cost_per_day_usd or 0)}"
    )
    return Chart(
        id="weekday-profile",
        kind=ChartKind.BAR,
        title=title
        if high is not low
        else f"Only {LONG_WEEKDAYS[high.weekday - 1]}s are complete in this period",
        subject="Mean cost of a complete day by weekday",
        label_title="Weekday",
        labels=WEEKDAYS,
        series=(
            Series(
                "Mean cost per day",
                tuple(entry.cost_per_day_usd for entry in result.weekdays),
                sum=DAILY_COST,
            ),
        ),
        unit=Unit.USD,
        by="weekday",
        members=tuple(str(entry.weekday) for entry in result.weekdays),
    )


def _cumulative_chart(result: Understanding) -> Chart:
    """Cost added up over the period."""
    running, sums = Decimal(0), []
    for amount in result.time.cost_usd:
        running += amount
        sums.append(running)
    labels = tuple(entry.day.isoformat() for entry in result.time.days)
    return Chart(
        id="cumulative-cost",
        kind=ChartKind.LINE,
        title=_by_when_half(result, sums),
        subject="Cost added up over the period",
        label_title="Day",
        labels=labels,
        series=(Series("Cumulative cost", tuple(sums), sum=RUNNING_COST),),
        unit=Unit.USD,
        method="totals",
        by="period",
        members=labels,
    )


def _by_when_half(result: Understanding, sums: Sequence[Decimal]) -> str:
    """By when half of the cost was spent; where credits are allowed, they can outweigh all cost."""
    total = sums[-1]
    if total < 0:
        return f"Credits outweigh the cost: it adds up to {usd(total)}"
    half = next(entry.day for entry, held in zip(result.time.days, sums, strict=True) if held * 2 >= total)
    return f"Half of the {usd(total)} was spent by {day(half)}"
