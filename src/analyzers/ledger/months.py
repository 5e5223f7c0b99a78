"""What each calendar month cost: every call of the file counts in one; whether a month is closed or open.

A month is closed when the file holds its last day whole. The days are those of the reporting zone, and their sums
are the ones that all reports share, so that the months add up to the total of the file to the last digit.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.ledger.windows import CALENDAR_MONTHS, ONE_DAY, Cycle, Window
from analyzers.usage.sums import MEASURES, ZERO, Usage, cached_per_calls, total_usage, usage_of
from analyzers.usage.timeline import Timeline, timeline
from calls.engine import Calls

UNDATED = f"""
select {MEASURES}
from daily_organizations
where local_day is null
"""


@dataclass(frozen=True)
class Reach:
    """From the first to the last day of the file. `last_whole` says that the last day lacks no hours."""

    first_day: date
    last_day: date
    last_whole: bool

    @property
    def next_day(self) -> date:
        """The first day that is not over: the last one where it lacks hours, else the day after it."""
        return self.last_day + ONE_DAY if self.last_whole else self.last_day

    @property
    def partial_day(self) -> date | None:
        """The last day where it lacks hours."""
        return None if self.last_whole else self.last_day

    def closes(self, window: Window) -> bool:
        """Whether all days of a window are over."""
        return window.last < self.next_day

    def covered_from(self, window: Window) -> date | None:
        """The first day of the file where the file begins within a window; what was before is unknown."""
        return self.first_day if window.first < self.first_day <= window.last else None


@dataclass(frozen=True)
class Month:
    """A calendar month and what its calls used: all that the file holds, those of days that lack hours too.

    `covered_from` is the file's first day where it begins within the month, `partial_day` its last day where that
    lacks hours.
    """

    window: Window
    usage: Usage
    closed: bool
    covered_from: date | None = None
    partial_day: date | None = None


@dataclass(frozen=True)
class Ledger:
    """All calendar months from the first call to the last, the month that is open, and what lies in none.

    `undated` are the calls whose time is not plausible.
    """

    months: tuple[Month, ...]
    open: Month
    """The month of the first day that is not over: the last of `months`, or the one after it without a call yet."""
    reach: Reach
    undated: Usage

    @property
    def total(self) -> Usage:
        """The usage of all months and of the undated calls: that of the file."""
        return total_usage((*(month.usage for month in self.months), self.undated))

    @property
    def closed(self) -> tuple[Month, ...]:
        """The months that are over."""
        return tuple(month for month in self.months if month.closed)


def reach_of(time: Timeline) -> Reach:
    """How far the days of a file reach."""
    return Reach(time.days[0].day, time.days[-1].day, time.days[-1].complete)


@cached_per_calls
def ledger(calls: Calls) -> Ledger:
    """The calendar months of the calls, in the reporting zone."""
    undated = calls.sql(UNDATED)[0]
    return ledger_of(timeline(calls), usage_of(undated) if undated.calls else Usage())


def ledger_of(time: Timeline, undated: Usage) -> Ledger:
    """The calendar months of some days, and beside them what has no day."""
    reach = reach_of(time)
    by_month: dict[Window, list[Usage]] = defaultdict(list)
    for day in time.days:
        by_month[CALENDAR_MONTHS.around(day.day)].append(day.usage)
    months = tuple(_month(window, total_usage(usages), reach) for window, usages in by_month.items())
    if not months[-1].closed:
        return Ledger(months, months[-1], reach, undated)
    return Ledger(months, _month(CALENDAR_MONTHS.around(reach.next_day), Usage(), reach), reach, undated)


def _month(window: Window, usage: Usage, reach: Reach) -> Month:
    partial = reach.partial_day if reach.partial_day and window.holds(reach.partial_day) else None
    return Month(window, usage, reach.closes(window), reach.covered_from(window), partial)


@dataclass(frozen=True)
class Spent:
    """What was spent in a window: every dollar that the file holds. `crossed_on` is the first day above a limit."""

    window: Window
    spent_usd: Decimal
    covered_from: date | None
    crossed_on: date | None


def spent_by_window(
    days: Mapping[date, Decimal], cycle: Cycle, reach: Reach, limit_usd: Decimal
) -> tuple[Spent, ...]:
    """What was spent in each window from the file's first day to its first one that is not over."""
    by_window: dict[Window, list[date]] = defaultdict(list)
    for day in sorted(days):
        by_window[cycle.around(day)].append(day)
    windows = cycle.between(reach.first_day, reach.next_day)
    return tuple(
        _spent(window, {day: days[day] for day in by_window[window]}, reach, limit_usd) for window in windows
    )


def _spent(window: Window, days: Mapping[date, Decimal], reach: Reach, limit_usd: Decimal) -> Spent:
    running, crossed = ZERO, None
    for day, amount in days.items():
        running += amount
        if crossed is None and running > limit_usd:
            crossed = day
    return Spent(window, running, reach.covered_from(window), crossed)
