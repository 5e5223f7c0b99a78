"""Scenario: demand has seasons, and capacity is bought for the peak.

Provisioned throughput, rate limits and commitments are sized by the busiest hour; most hours need a fraction of
it. The story measures the seasons, finds the work in the peak that could wait for the night, moves it there at
the price of batch processing, and shows what that does to cost and to the capacity that must be held. Then it
asks how much of what is left is steady enough to commit to.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzers.words.figures import counted, percent, usd
from calls.engine import Calls
from foundation.console import run
from methods.commitment import commitment_plan
from showcase.printed import heading, say, table
from showcase.scenarios.story import Scene, tell
from simulator.scenarios.seasonal_pattern import SeasonalPattern

PEAK_HOURS = 8
NIGHT_HOURS = 6
LEAST_DAYS = 7
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

HOURLY = """
select date_trunc('hour', "timestamp") as hour_start, sum(input_tokens + output_tokens) as tokens,
       sum(cost_usd) as cost
from calls group by 1 order by 1
"""


@dataclass(frozen=True)
class Demand:
    """Tokens and known dollars of every hour of the period, idle ones as 0."""

    first: datetime
    tokens: tuple[float, ...]
    usd: tuple[float, ...]

    @property
    def peak(self) -> float:
        """Tokens of the busiest hour: what capacity must be held for."""
        return max(self.tokens)

    @property
    def mean(self) -> float:
        """Tokens of a mean hour."""
        return sum(self.tokens) / len(self.tokens)


def demand(rows: Sequence[tuple[datetime, int, object]], first: datetime, hours: int) -> Demand:
    """The demand of so many hours from `first` on."""
    by_hour = {row[0]: row for row in rows}
    starts = [first + timedelta(hours=number) for number in range(hours)]
    found = [by_hour.get(start) for start in starts]
    return Demand(
        first,
        tuple(float(row[1]) if row else 0.0 for row in found),
        tuple(float(str(row[2])) if row and row[2] is not None else 0.0 for row in found),
    )


def story(scene: Scene) -> None:
    """From the seasons to what can wait, and to a commitment."""
    period = scene.calls.source.period
    first = datetime.combine(period.first_day, datetime.min.time())
    before = demand([tuple(row) for row in scene.calls.sql(HOURLY)], first, 24 * period.days)
    heading("1. Which seasons does the demand have?")
    peak = peak_hours(scene.calls)
    show_seasons(scene.calls, before, peak)
    if period.days < LEAST_DAYS:
        say(f"{period.days} days are too few to tell a season: a week is the least. Nothing to decide yet.")
        return
    heading("2. What in the peak could wait?")
    tasks = scene.settings.levers.deferrable_task_types
    if not show_deferrable(scene.calls, peak, tasks):
        say(
            f"Nothing: no call of the peak is of a task that can wait ({', '.join(tasks)}). Nothing to decide."
        )
        return
    heading("3. What to decide")
    discount = scene.settings.levers.batch_discount
    say(
        f"Work of these tasks that arrives in the {PEAK_HOURS} busiest hours is queued and done in the {NIGHT_HOURS} "
        f"hours after the next midnight (UTC), as a batch at {percent(discount)} less. Users of these features wait "
        "until the morning: ask them first. The work of the last day stays where it is: its night is not in the file. "
        "How long the moved calls take is left unknown."
    )
    heading("4. What it would have changed")
    with scene.what_if() as changed:
        count = changed.change(
            DEFER.format(hours=_listed(peak), tasks=_listed(tasks), night_us=NIGHT_HOURS * 3_600_000_000),
            last_day=period.last_day,
            left=1 - discount,
        )
        after = demand(changed.sql(HOURLY), first, 24 * period.days)
        print(f"{counted(count, 'call')} moved to the night\n")
        show_capacity(before, after)
        print()
        scene.compare(changed)
    heading("5. How much of the rest is steady enough to commit to?")
    show_commitment(after, float(scene.settings.commitment.discount))


DEFER = """
update calls set
    "timestamp" = cast(cast("timestamp" as date) + 1 as timestamp)
        + to_microseconds(cast(hash(call_id) % {night_us} as bigint)),
    cost_usd = cast(round_even(cost_usd * cast($left as decimal(9, 6)), 9) as decimal(18, 9)),
    cost_source = case when cost_usd is null then cost_source else 'computed' end,
    latency_ms = null, time_to_first_token_ms = null
where extract(hour from "timestamp") in ({hours}) and task_type in ({tasks})
    and cast("timestamp" as date) < $last_day
"""


def peak_hours(calls: Calls) -> list[int]:
    """The hours of the day (UTC) with most tokens."""
    rows = calls.sql(
        'select extract(hour from "timestamp") as hour_number, sum(input_tokens + output_tokens) as tokens '
        "from calls group by 1 order by tokens desc, hour_number"
    )
    return sorted(row.hour_number for row in rows[:PEAK_HOURS])


def show_seasons(calls: Calls, before: Demand, peak: Sequence[int]) -> None:
    """Weekdays and hours against the mean, and the busiest hour against both."""
    rows = calls.sql(
        """
        with by_day as (
            select cast("timestamp" as date) as utc_day, sum(input_tokens + output_tokens) as tokens
            from calls group by 1
        )
        select date_diff('day', cast(date_trunc('week', utc_day) as date), utc_day) as weekday,
               avg(cast(tokens as double)) as tokens
        from by_day group by 1 order by 1
        """
    )
    mean = before.mean * 24
    print(
        table(
            ("weekday", "tokens per day", "against the mean day"),
            [(WEEKDAYS[row.weekday], round(row.tokens), _against(row.tokens, mean)) for row in rows],
        )
    )
    print()
    say(
        f"The busiest hours of the day are {', '.join(f'{hour:02d}:00' for hour in peak)} (UTC). The busiest hour of "
        f"all took {before.peak:,.0f} tokens, {before.peak / before.mean:.1f} times the mean hour: of the capacity "
        f"held for it, {percent(1 - before.mean / before.peak)} is idle."
    )


def show_deferrable(calls: Calls, peak: Sequence[int], tasks: Sequence[str]) -> bool:
    """The calls of the peak that could wait, by task; whether there are any."""
    rows = calls.sql(
        f"""
        select task_type, count(*) as calls, sum(input_tokens + output_tokens) as tokens, sum(cost_usd) as cost
        from calls
        where extract(hour from "timestamp") in ({_listed(peak)}) and task_type in ({_listed(tasks)})
        group by task_type order by tokens desc, task_type
        """
    )
    if rows:
        lines = [
            (row.task_type, row.calls, int(row.tokens), "unknown" if row.cost is None else usd(row.cost))
            for row in rows
        ]
        print(table(("task", "calls in the peak", "tokens", "cost"), lines))
    return bool(rows)


def show_capacity(before: Demand, after: Demand) -> None:
    """The busiest hour and the share of idle capacity, before and after."""
    print(
        table(
            ("capacity", "before", "after", "change"),
            [
                (
                    "tokens of the busiest hour",
                    round(before.peak),
                    round(after.peak),
                    _against(after.peak, before.peak),
                ),
                (
                    "idle, if held for that hour",
                    percent(1 - before.mean / before.peak),
                    percent(1 - after.mean / after.peak),
                    "",
                ),
            ],
        )
    )


def show_commitment(after: Demand, discount: float) -> None:
    """The cheapest commitment for the demand in dollars per hour, and what it does if demand falls."""
    plan = commitment_plan(after.usd, discount)
    chosen, fewer = plan.chosen, plan.fewer
    if not chosen.level:
        say(
            f"Nothing: at a discount of {percent(discount)} a commitment pays only if it is used in more than "
            f"{percent(1 - discount)} of the hours, and the demand is 0 in too many of them."
        )
        return
    say(
        f"At a discount of {percent(discount)}, committing to {usd(chosen.level)} per hour is cheapest: "
        f"{percent(chosen.utilisation)} of it is used, it serves {percent(chosen.coverage)} of the demand and saves "
        f"{usd(chosen.saving)} of {usd(chosen.demand)} over the period. If demand falls by {percent(plan.drop)}, "
        f"the same commitment {'saves' if fewer.saving >= 0 else 'loses'} {usd(abs(fewer.saving))}."
    )


def _against(value: float, other: float) -> str:
    return f"{100 * (value / other - 1):+.1f}%" if other else "n/a"


def _listed(values: Sequence[object]) -> str:
    """Values as SQL literals; they come from the settings or are hours."""
    return ", ".join(
        str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
        for value in values
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Tells the story."""
    return tell(__doc__, "seasonal_capacity", story, argv, pattern=SeasonalPattern)


if __name__ == "__main__":
    sys.exit(run(main))
