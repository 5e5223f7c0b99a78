"""What models cost: dated rates, and the cost of a call at a rate.

Rates are history: a change is a new dated row, so that a call is priced as it was on its day. A provider may
charge more for long prompts; such a rate is a row of its own with `above_input_tokens`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated

from settings.constraints import Dollars, Filled, Key, Means, OneOf, Within

NANO_USD = Decimal("0.000000001")
MTOK = Decimal(1_000_000)
_BOUNDS = Dollars(100_000)


@dataclass(frozen=True)
class Rate:
    """What a million tokens cost, in USD; without a cache rate, cached tokens cost what others do."""

    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_input_usd_per_mtok: Decimal
    cache_write_usd_per_mtok: Decimal
    cache_write_1h_usd_per_mtok: Decimal

    def undercuts(self, other: "Rate") -> bool:
        """Whether no token costs more than at the other rate, and uncached input and output cost less."""
        cheaper = (
            self.input_usd_per_mtok < other.input_usd_per_mtok
            and self.output_usd_per_mtok < other.output_usd_per_mtok
        )
        return cheaper and all(mine <= theirs for mine, theirs in zip(self._all, other._all, strict=True))

    @property
    def _all(self) -> tuple[Decimal, ...]:
        return (
            self.input_usd_per_mtok,
            self.output_usd_per_mtok,
            self.cached_input_usd_per_mtok,
            self.cache_write_usd_per_mtok,
            self.cache_write_1h_usd_per_mtok,
        )


@dataclass(frozen=True)
class Price:
    """Rates of a model from a day on: [[model.price]]."""

    valid_from: Annotated[date, Key("from"), Means("the first day (UTC) on which the rates hold")]
    checked: Annotated[date, Means("the day on which the rates were last compared with the source")]
    source: Annotated[str, Filled(), Means("the page on which the rates stand published")]
    input_usd_per_mtok: Annotated[Decimal, _BOUNDS, Means("a million uncached input tokens")]
    output_usd_per_mtok: Annotated[Decimal, _BOUNDS, Means("a million output tokens")]
    cached_input_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million input tokens read from a cache")
    ] = None
    cache_write_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million input tokens written to a cache")
    ] = None
    cache_write_1h_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million input tokens written to a cache kept for an hour")
    ] = None
    above_input_tokens: Annotated[
        int, Within(-1, 10_000_000), Means("the rates hold for calls with more input tokens than this")
    ] = -1

    @property
    def rate(self) -> Rate:
        """The rates, with a value for each kind of token."""
        write = _or(self.cache_write_usd_per_mtok, self.input_usd_per_mtok)
        return Rate(
            self.input_usd_per_mtok,
            self.output_usd_per_mtok,
            _or(self.cached_input_usd_per_mtok, self.input_usd_per_mtok),
            write,
            _or(self.cache_write_1h_usd_per_mtok, write),
        )


@dataclass(frozen=True)
class Model:
    """A model that a provider sells: [[model]].

    `maker` made it and `provider` sells it: Bedrock sells models of many makers. `grade` says which models
    compete: a premium one is not needed for a simple task.
    """

    provider: Annotated[str, Filled(), Means("who sells it")]
    model: Annotated[str, Filled(), Means("its name in the provider's API, without date or version suffix")]
    maker: Annotated[str, Filled(), Means("who made it")]
    grade: Annotated[
        str, OneOf("premium", "standard", "economy", "embedding"), Means("the class it competes in")
    ]
    price: Annotated[tuple[Price, ...], Means("its rates over time")]
    aliases: Annotated[tuple[str, ...], Means("other names of the same model")] = ()


@dataclass(frozen=True)
class Provider:
    """Who sells models: [[provider]]."""

    id: Annotated[str, Filled(), Means("the provider as `provider` names it")]
    aliases: Annotated[tuple[str, ...], Means("what other tools call it")] = ()
    rates_of: Annotated[
        str, Means("the provider whose published rates it charges for models that have none here")
    ] = ""
    name: Annotated[str, Means("who bills, as bills name it")] = ""
    service: Annotated[str, Means("the service that is billed, as bills name it")] = ""


def cost(
    rate: Rate | None,
    input_tokens: int,
    output_tokens: int,
    cached_input_tokens: int | None = None,
    cache_write_tokens: int | None = None,
    cache_write_1h_tokens: int | None = None,
) -> Decimal | None:
    """What a call costs in USD, rounded half-even to nine decimals; None where the rate is unknown.

    `input_tokens` is the inclusive total; reads and writes are parts of it, and `cache_write_1h_tokens` is a
    part of `cache_write_tokens`. Unknown parts count as none.
    """
    if rate is None:
        return None
    read, write, write_1h = cached_input_tokens or 0, cache_write_tokens or 0, cache_write_1h_tokens or 0
    total = (input_tokens - read - write) * rate.input_usd_per_mtok + output_tokens * rate.output_usd_per_mtok
    if read:
        total += read * rate.cached_input_usd_per_mtok
    if write or write_1h:
        total += (write - write_1h) * rate.cache_write_usd_per_mtok
        total += write_1h * rate.cache_write_1h_usd_per_mtok
    return (total / MTOK).quantize(NANO_USD, ROUND_HALF_EVEN)


def _or(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value
