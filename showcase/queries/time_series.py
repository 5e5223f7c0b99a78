"""How cost moves: by day with a 7-day mean, by weekday, and by hour of the day.

Time is that of `--timezone`: a day begins where the team that reads this lives.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence

from calls.engine import Calls
from foundation.console import run
from showcase.printed import usd
from showcase.queries.asked import Answer, answer

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def daily(calls: Calls) -> Answer:
    """Cost by day, with the mean of the seven days up to it."""
    rows = calls.sql(
        """
        with by_day as (
            select local_day, count(*) as calls, sum(cost_usd) as cost from calls group by local_day
        )
        select local_day, calls, cost,
               avg(cast(cost as double)) over (order by local_day rows 6 preceding) as mean
        from by_day order by local_day
        """
    )
    return ("day", "calls", "cost (USD)", "7-day mean"), [
        (row.local_day, row.calls, usd(row.cost), "unknown" if row.mean is None else f"{row.mean:,.2f}")
        for row in rows
    ]


def weekday(calls: Calls) -> Answer:
    """Calls and cost of a mean day, by weekday."""
    rows = calls.sql(
        """
        with by_day as (
            select local_day, count(*) as calls, sum(cost_usd) as cost from calls group by local_day
        )
        select date_diff('day', cast(date_trunc('week', local_day) as date), local_day) as number_of_weekday,
               count(*) as weekdays, sum(calls) as all_calls, sum(cost) as cost
        from by_day group by 1 order by 1
        """
    )
    return ("weekday", "such days", "calls per day", "cost per day (USD)"), [
        (
            WEEKDAYS[row.number_of_weekday],
            row.weekdays,
            round(row.all_calls / row.weekdays),
            usd(None if row.cost is None else row.cost / row.weekdays),
        )
        for row in rows
    ]


def hour_of_day(calls: Calls) -> Answer:
    """Calls and cost by hour of the day."""
    rows = calls.sql(
        "select extract(hour from local_hour) as hour_number, count(*) as calls, sum(cost_usd) as cost "
        "from calls group by 1 order by 1"
    )
    return ("hour", "calls", "cost (USD)"), [
        (f"{row.hour_number:02d}:00", row.calls, usd(row.cost)) for row in rows
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Prints how the cost of a CSV of calls moves."""
    return answer(__doc__, lambda _: [daily, weekday, hour_of_day], argv)


if __name__ == "__main__":
    sys.exit(run(main))
