"""Calls and dollars by day and hour of many series: all calls, each model, each feature, each customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analyzers.usage.numbered_keys import keys_sql, numbered_sql, same_keys
from calls.dimensions import BY_ID
from calls.engine import Calls
from methods.baseline import Cube

HOURS = 24

Key = tuple[str, str]
"""The kind of a series (total, model, feature, customer) and its name."""

AMOUNTS = """
with keyed as ({keyed})
select keyed.place as series, date_diff('day', cast($first_day as date), {day}) as day_number, {slot} as slot,
       cast(sum(used.calls) as double) as calls,
       cast(coalesce(sum(used.known_cost), 0) as double) as usd
from {rollup} as used
join keyed on {same}
where {day} >= cast($first_day as date)
group by 1, 2, 3
"""
"""`series` counts the keys, `day_number` the days since the first one."""

BUSIEST = """customer_id in (
    select customer_id
    from (select customer_id, row_number() over (order by total desc, customer_id) as place
          from (select customer_id, sum(calls) as total
                from daily_customers
                where customer_id <> '' and local_day >= cast($first_day as date)
                group by customer_id) as totals) as ranked
    where place <= $customers)"""

BUSY = """customer_id in (
    select customer_id from daily_customers
    where customer_id <> '' and local_day >= cast($first_day as date)
    group by customer_id having sum(calls) >= $least)"""


@dataclass(frozen=True)
class CallSeries:
    """Series in the order of their keys: `calls` and `usd` have the shape (series, days, slots).

    Slots are the 24 hours of the reporting zone's clock, or one for the whole day. Calls of unknown cost count
    as nothing in `usd`.
    """

    keys: tuple[Key, ...]
    calls: Cube
    usd: Cube

    @property
    def by_day(self) -> "CallSeries":
        """The same with one slot per day."""
        return CallSeries(
            self.keys, self.calls.sum(axis=2, keepdims=True), self.usd.sum(axis=2, keepdims=True)
        )

    def named(self) -> "CallSeries":
        """Without the series that have no name."""
        kept = [place for place, (kind, name) in enumerate(self.keys) if kind == "total" or name]
        return self._chosen(kept)

    def __add__(self, other: "CallSeries") -> "CallSeries":
        both = CallSeries(
            (*self.keys, *other.keys),
            np.concatenate([self.calls, other.calls]),
            np.concatenate([self.usd, other.usd]),
        )
        return both._chosen(sorted(range(len(both.keys)), key=both.keys.__getitem__))

    def _chosen(self, places: Sequence[int]) -> "CallSeries":
        return CallSeries(tuple(self.keys[place] for place in places), self.calls[places], self.usd[places])


def services(calls: Calls, first: date, days: int) -> CallSeries:
    """By hour: each model, each feature and all calls."""
    models = _asked(
        calls=calls, kind="model", names=BY_ID["model"].columns, rollup="hourly_use", first=first, days=days
    )
    features = _asked(
        calls=calls,
        kind="feature",
        names=BY_ID["feature"].columns,
        rollup="hourly_features",
        first=first,
        days=days,
    )
    total = CallSeries(
        (("total", ""),), models.calls.sum(axis=0, keepdims=True), models.usd.sum(axis=0, keepdims=True)
    )
    return models.named() + features.named() + total


def customers_by_hour(calls: Calls, first: date, days: int, *, least: int) -> CallSeries:
    """Each customer with at least so many calls, by hour."""
    return _asked(
        calls=calls,
        kind="customer",
        names=BY_ID["customer"].columns,
        rollup="hourly_customers",
        first=first,
        days=days,
        kept=BUSY,
        least=least,
    )


def customers_by_day(calls: Calls, first: date, days: int, *, most: int) -> CallSeries:
    """The customers with the most calls, so many at most, by day."""
    return _asked(
        calls=calls,
        kind="customer",
        names=BY_ID["customer"].columns,
        rollup="daily_customers",
        first=first,
        days=days,
        kept=BUSIEST,
        hourly=False,
        customers=most,
    )


def _asked(
    calls: Calls,
    kind: str,
    names: tuple[str, ...],
    rollup: str,
    first: date,
    days: int,
    kept: str = "",
    *,
    hourly: bool = True,
    **values: Any,
) -> CallSeries:
    """The series of one rollup by its names."""
    day = "cast(local_hour as date)" if hourly else "local_day"
    chosen = rollup, names, " and ".join(filter(None, (f"{day} >= cast($first_day as date)", kept)))
    amounts = AMOUNTS.format(
        keyed=numbered_sql(*chosen),
        rollup=rollup,
        day=day,
        slot="extract(hour from local_hour)" if hourly else "0",
        same=same_keys(names, "keyed", "used"),
    )
    values["first_day"] = first.isoformat()
    keys = tuple((kind, " ".join(filter(None, row))) for row in calls.sql(keys_sql(*chosen), **values))
    asked = calls.columns(amounts, **values)
    places = tuple(asked[column].astype(np.int64) for column in ("series", "day_number", "slot"))
    cubes = np.zeros((2, len(keys), days, HOURS if hourly else 1))
    for cube, measure in zip(cubes, ("calls", "usd"), strict=True):
        cube[places] = asked[measure]
    return CallSeries(keys, *cubes)
