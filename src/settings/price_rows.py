"""From a price list to rows that calls are joined with: which rate holds by tier, speed, size, hours and instant.

A row holds the rates of calls of one set of terms in a period, for a range of sizes and for hours of the week. The rows
of a set of terms cover all instants and sizes since the model's first price, each once: where no rate holds, a row
says in `gap` which term has none. Both the Python function and the SQL only look up the row and multiply.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from itertools import pairwise

from settings.meters import METERS, RATE_KEYS
from settings.model_names import Variant
from settings.rates import Price
from settings.terms import MINUTES_A_WEEK, Factor, Hours, SameRates, Terms, UnitPrice, service_tier_of
from settings.unit_prices import UnitPrices, is_named, tools_of

FIRST_INSTANT = datetime(1970, 1, 1)  # noqa: DTZ001  instants of calls are UTC without a zone
LAST_INSTANT = datetime(9999, 12, 31)  # noqa: DTZ001
NO_LIMIT = 2**62
RATE_STEP = Decimal("1e-10")
WEB_SEARCH = "web_search"
FREE = Price(FIRST_INSTANT.date(), FIRST_INSTANT.date(), "its name", Decimal(0), Decimal(0))
"""The price of what is free by its name."""


@dataclass(frozen=True)
class PriceRow:
    """Rates, as a row of a relation that calls are joined with.

    They hold for calls of these `terms` with `starts` <= instant < `ends`, `above_input_tokens` < input tokens <=
    `until_input_tokens` and `week_from` <= minute of the week < `week_until`.

    Attributes:
        rates: USD for a million tokens of each of `METERS`; None where they have none.
        search_usd: for a million web searches; `search_once` says that a call is billed for one at most.
        unit_usd: for a million of the call's `unit`, of which `unit_at_least` are billed.
        tools_usd: for all tools that `tool_units` names, times a million.
        gap: terms without a rate that make the cost unknown.
        partial_gap: what is billed beside the tokens and has no rate.
    """

    terms: Terms
    starts: datetime
    ends: datetime
    above_input_tokens: int
    until_input_tokens: int
    week_from: int
    week_until: int
    rates: tuple[Decimal | None, ...]
    search_usd: Decimal | None
    search_once: bool
    unit_usd: Decimal | None
    unit_at_least: Decimal
    tools_usd: Decimal
    gap: str = ""
    partial_gap: str = ""

    @property
    def rate_by_key(self) -> Mapping[str, Decimal | None]:
        """The rates by their key in a price."""
        return dict(zip(RATE_KEYS, self.rates, strict=True))

    def named(self, terms: Terms) -> "PriceRow":
        """The same rates for calls that say their terms in other words."""
        return replace(self, terms=terms)

    def within(self, starts: datetime, ends: datetime) -> "PriceRow":
        """The same rates for a part of their time."""
        return replace(self, starts=max(self.starts, starts), ends=min(self.ends, ends))

    def holds(self, instant: datetime, input_tokens: int, minute: int) -> bool:
        """Whether the row is that of a call."""
        return (
            self.starts <= instant < self.ends
            and self.above_input_tokens < input_tokens <= self.until_input_tokens
            and self.week_from <= minute < self.week_until
        )


@dataclass(frozen=True)
class Rules:
    """What a price list says beside the models' own rates."""

    hours: Sequence[Hours]
    factors: Sequence[Factor]
    same_rates: Sequence[SameRates]
    meters: Sequence[UnitPrice]


@dataclass(frozen=True)
class Resolver:
    """Makes the rows of one set of terms.

    Args:
        terms: as the calls say them.
        provider: who sells the model.
        name: the model's name in the price list, or as it was called.
        prices: its prices over time; none where it has none.
        variant: what the name says of the terms.
        place: the place that the name says.
        rules: all others.
    """

    terms: Terms
    provider: str
    name: str
    prices: tuple[Price, ...]
    variant: Variant
    place: str
    rules: Rules

    def rows(self) -> list[PriceRow]:
        """The rows; none where nothing is known of the model."""
        if not self.prices and not self._beside_tokens.of(self.terms.unit):
            return []
        edges = self._instants
        return [row for starts, ends in pairwise(edges) for row in self._rows_of(starts, ends)]

    @cached_property
    def tier(self) -> str:
        """The tier that counts: a batch marker in the name goes before what was said."""
        served = service_tier_of(self.terms.service_tier)
        wished = self.terms.service_tier.strip() == "" and self.variant.unreported_tier
        return self.variant.service_tier or wished or served

    @cached_property
    def speed(self) -> str:
        """The speed that counts."""
        said = self.terms.speed.strip().lower()
        return self.variant.speed or ("" if said == "standard" else said)

    @cached_property
    def geo(self) -> str:
        """The place that counts."""
        return self.terms.inference_geo.strip().lower() or self.place

    @cached_property
    def _instants(self) -> list[datetime]:
        """The instants at which something changes."""
        own = [price.starts for price in self.prices]
        days = [factor.valid_from for factor in self._factors]
        days += [meter.valid_from for unit in self._units for meter in self._beside_tokens.of(unit)]
        pauses = [end for hours in self._hours.values() for pause in hours.pauses for end in pause]
        changes = {*own, *(datetime.combine(day, datetime.min.time()) for day in days), *pauses}
        first = min(own, default=FIRST_INSTANT)
        return [first, *sorted(change for change in changes if change > first), LAST_INSTANT]

    @cached_property
    def _chosen(self) -> tuple[Price, ...]:
        """The prices of this tier and speed."""
        return tuple(p for p in self.prices if (p.service_tier, p.speed) == (self.tier, self.speed))

    @cached_property
    def _hours(self) -> dict[str, Hours]:
        named = {price.hours for price in self._chosen}
        return {hours.id: hours for hours in self.rules.hours if hours.id in named}

    def _rows_of(self, starts: datetime, ends: datetime) -> Iterator[PriceRow]:
        """The rows of a period in which nothing begins or ends."""
        special = [
            (minutes, price_set)
            for identity, hours in self._hours.items()
            if (price_set := self._latest(starts, identity)) and not self._paused(hours, starts)
            for minutes in hours.minutes
        ]
        common = self._latest(starts, "")
        for (week_from, week_until), prices in _filled(sorted(special, key=lambda each: each[0]), common):
            for above, until, price in _sizes(prices):
                yield self._row(starts, ends, (above, until), (week_from, week_until), price)

    @staticmethod
    def _paused(hours: Hours, instant: datetime) -> bool:
        return any(start <= instant < end for start, end in hours.pauses)

    def _latest(self, instant: datetime, hours: str) -> tuple[Price, ...]:
        """The prices in force: those of the latest day, of which there is one a size of call."""
        begun = [price for price in self._chosen if price.hours == hours and price.starts <= instant]
        latest = max((price.starts for price in begun), default=None)
        return tuple(price for price in begun if price.starts == latest)

    def _row(
        self,
        starts: datetime,
        ends: datetime,
        sizes: tuple[int, int],
        week: tuple[int, int],
        price: Price | None,
    ) -> PriceRow:
        factor = self._factor(starts)
        gaps = self._terms_without_price() if price is None and self.prices else []
        gaps += [f"inference_geo={self.geo}"] if factor is None else []
        rates = price.rate.all if price and factor is not None else (None,) * len(METERS)
        beside = self._beside_tokens
        search, unit = beside.in_force(WEB_SEARCH, starts), beside.in_force(self.terms.unit, starts)
        tools, unrated = beside.of_tools(self.terms.tool_units, starts)
        return PriceRow(
            terms=self.terms,
            starts=starts,
            ends=ends,
            above_input_tokens=sizes[0],
            until_input_tokens=sizes[1],
            week_from=week[0],
            week_until=week[1],
            rates=tuple(_times(rate, factor) for rate in rates),
            search_usd=search.usd_per_million if search else None,
            search_once=bool(search and search.once_per_call),
            unit_usd=unit.usd_per_million if unit else None,
            unit_at_least=unit.at_least if unit else Decimal(0),
            tools_usd=tools,
            gap=" ".join(gaps),
            partial_gap=" ".join([*unrated, *filter(None, [self.variant.meter])]),
        )

    def _terms_without_price(self) -> list[str]:
        """The terms for which there are no rates; both where only their combination has none."""
        tiers, speeds = {p.service_tier for p in self.prices}, {p.speed for p in self.prices}
        named = [("service_tier", self.tier, self.tier in tiers), ("speed", self.speed, self.speed in speeds)]
        special = [(f"{name}={value}", known) for name, value, known in named if value]
        lacking = [text for text, known in special if not known]
        return lacking or [text for text, _ in special]

    @cached_property
    def _factors(self) -> list[Factor]:
        return [
            factor
            for factor in self.rules.factors
            if factor.provider == self.provider and is_named(factor.models, self.name)
        ]

    def _factor(self, instant: datetime) -> Decimal | None:
        """What token rates are multiplied by; None where the place has no factor though others have."""
        contract = _latest_factor([each for each in self._factors if not each.inference_geo], instant)
        product = contract.factor if contract else Decimal(1)
        by_place = [each for each in self._factors if each.inference_geo]
        same = [
            g for each in self.rules.same_rates if each.provider == self.provider for g in each.inference_geo
        ]
        if not self.geo or self.geo in same or not by_place:
            return product
        found = _latest_factor(
            [each for each in by_place if {self.geo, "*"} & set(each.inference_geo)], instant
        )
        return product * found.factor if found else None

    @cached_property
    def _units(self) -> list[str]:
        return [WEB_SEARCH, self.terms.unit, *(name for name, _ in tools_of(self.terms.tool_units))]

    @cached_property
    def _beside_tokens(self) -> UnitPrices:
        return UnitPrices(self.provider, self.name, self.rules.meters)


def _filled(
    special: Sequence[tuple[tuple[int, int], tuple[Price, ...]]], common: tuple[Price, ...]
) -> Iterator[tuple[tuple[int, int], tuple[Price, ...]]]:
    """The week in intervals: those with hours of their own, and between them the common prices."""
    place = 0
    for (begin, end), prices in special:
        start = max(begin, place)
        if start >= end:
            continue
        if place < start:
            yield (place, start), common
        yield (start, end), prices
        place = end
    if place < MINUTES_A_WEEK:
        yield (place, MINUTES_A_WEEK), common


def _sizes(prices: Iterable[Price]) -> Iterator[tuple[int, int, Price | None]]:
    """The sizes of calls, each with its price; None where there is none."""
    ordered = sorted(prices, key=lambda price: price.above_input_tokens)
    if not ordered:
        yield -1, NO_LIMIT, None
        return
    if ordered[0].above_input_tokens > -1:
        yield -1, ordered[0].above_input_tokens, None
    limits = [price.above_input_tokens for price in ordered[1:]] + [NO_LIMIT]
    for price, limit in zip(ordered, limits, strict=True):
        until = min(price.until_input_tokens or NO_LIMIT, limit)
        yield price.above_input_tokens, until, price
        if until < limit:
            yield until, limit, None


def _latest_factor(factors: Iterable[Factor], instant: datetime) -> Factor | None:
    """The factor in force: one that names its place goes before one for any, then the latest."""
    begun = [factor for factor in factors if factor.valid_from <= instant.date()]
    return max(begun, key=lambda each: ("*" not in each.inference_geo, each.valid_from), default=None)


def _times(rate: Decimal | None, factor: Decimal | None) -> Decimal | None:
    if rate is None or factor is None:
        return None
    return rate if factor == 1 else (rate * factor).quantize(RATE_STEP, ROUND_HALF_EVEN)
