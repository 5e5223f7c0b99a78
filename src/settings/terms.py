"""Terms of a price beside a model's rates: hours, factors by place or contract, searches, tools, other units."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from settings.constraints import Dollars, Filled, Key, Means, Within

TIER_NAMES = {
    "default": "", "standard": "", "on_demand": "", "on-demand": "", "auto": "", "standard_only": "",
    "on_demand_priority": "priority", "on_demand_flex": "flex", "provisioned_throughput": "provisioned",
    "ptu": "provisioned",
}  # fmt: skip
"""Service tiers that have another name here; `auto` and `standard_only` are wishes, not what served."""
MINUTES_A_WEEK = 7 * 24 * 60


def service_tier_of(text: str) -> str:
    """The canonical name of a service tier; empty for the standard one."""
    name = text.strip().lower()
    return TIER_NAMES.get(name, name)


class Terms(NamedTuple):
    """What selects the rates of a call beside its instant and its size."""

    provider: str
    model: str
    service_tier: str = ""
    speed: str = ""
    inference_geo: str = ""
    tool_units: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Hours:
    """Hours of the week in which other rates hold: [[hours]]."""

    id: Annotated[str, Filled(), Means("the name by which a price names them")]
    utc: Annotated[
        tuple[str, ...], Means("periods of the day in UTC, such as 01:00-04:00: start in, end out")
    ]
    weekdays: Annotated[tuple[int, ...], Within(1, 7), Means("the days on which they hold; 1 is Monday")] = (
        1, 2, 3, 4, 5, 6, 7,
    )  # fmt: skip
    except_days: Annotated[tuple[date, ...], Means("days on which they do not hold, such as holidays")] = ()
    zone: Annotated[
        str, Means("the zone, without daylight-saving time, where weekdays and days are read")
    ] = "UTC"

    @property
    def offset(self) -> timedelta:
        """How far the clocks of the zone are ahead of UTC."""
        return ZoneInfo(self.zone).utcoffset(datetime(2026, 1, 1)) or timedelta(0)  # noqa: DTZ001  a wall clock

    @property
    def minutes(self) -> tuple[tuple[int, int], ...]:
        """Intervals of the week in minutes since Monday 00:00 UTC, start in, end out."""
        ahead = self.offset // timedelta(minutes=1)
        found = []
        for day in range(7):
            for period in self.utc:
                start, end = (day * 1440 + _minute(text) for text in period.split("-"))
                end += 1440 * (end <= start)
                midnights = range(-ahead % 1440, end, 1440)
                cuts = sorted(
                    (start, *(cut for cut in (*midnights, MINUTES_A_WEEK) if start < cut < end), end)
                )
                found += [
                    (first, last)
                    for first, last in pairwise(cuts)
                    if (first + ahead) // 1440 % 7 + 1 in self.weekdays
                ]
        return tuple(
            sorted((first % MINUTES_A_WEEK, (last - 1) % MINUTES_A_WEEK + 1) for first, last in found)
        )

    @property
    def pauses(self) -> tuple[tuple[datetime, datetime], ...]:
        """The periods of `except_days` in UTC."""
        midnights = [
            datetime.combine(day, datetime.min.time()) - self.offset for day in sorted(self.except_days)
        ]
        return tuple((midnight, midnight + timedelta(days=1)) for midnight in midnights)


def _minute(text: str) -> int:
    hours, _, minutes = text.strip().partition(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True)
class Factor:
    """What token rates are multiplied by, for a place or by contract: [[factor]]."""

    provider: Annotated[str, Filled(), Means("the provider that charges it")]
    factor: Annotated[Decimal, Within(0, 100), Means("what its token rates are multiplied by")]
    models: Annotated[tuple[str, ...], Means("names of models, * for any letters")] = ("*",)
    valid_from: Annotated[date, Key("from"), Means("the first day (UTC) on which it holds")] = date(
        1970, 1, 1
    )
    inference_geo: Annotated[
        tuple[str, ...], Means("the places in which it holds, * for any; none: in every call, as by contract")
    ] = ()


@dataclass(frozen=True)
class SameRates:
    """Places that change nothing: [[same_rates]]."""

    provider: Annotated[str, Filled(), Means("the provider")]
    inference_geo: Annotated[tuple[str, ...], Means("places at the model's own rates")]


@dataclass(frozen=True)
class UnitPrice:
    """What a unit costs that is not a token, such as a search or a second: [[meter]]."""

    provider: Annotated[str, Filled(), Means("the provider that bills it")]
    unit: Annotated[str, Filled(), Means("what is billed, as `unit` or `tool_units` of a call name it")]
    usd: Annotated[Decimal, Dollars(100_000), Means("the price of `per` units")]
    source: Annotated[str, Filled(), Means("the page on which the price stands published")]
    valid_from: Annotated[date, Key("from"), Means("the first day (UTC) on which the price holds")] = date(
        1970, 1, 1
    )
    per: Annotated[int, Within(1, 1_000_000_000), Means("how many units the price is for")] = 1
    models: Annotated[tuple[str, ...], Means("names of models, * for any letters")] = ("*",)
    at_least: Annotated[Decimal, Within(0, 1_000_000), Means("units that are billed at least")] = Decimal(0)
    once_per_call: Annotated[bool, Means("whether a call is billed for one unit, however many it has")] = (
        False
    )
    allowance: Annotated[str, Means("what is free, in words: shown, never taken off")] = ""

    @property
    def usd_per_million(self) -> Decimal:
        """The price of a million units, with ten decimals."""
        return (self.usd * 1_000_000 / self.per).quantize(Decimal("1e-10"))
