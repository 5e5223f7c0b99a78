"""Dated rates of a model in USD per million tokens, and what a call costs at a rate.

Rates are history: a change is a new dated row, so that a call is priced as it was on its day. A provider may
charge more for long prompts; such a rate is a row of its own with `above_input_tokens`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated

from settings.constraints import Dollars, Filled, Key, Means, OneOf, Within
from settings.meters import BY_NAME, METERS, RATE_KEYS, signs

NANO_USD = Decimal("0.000000001")
MTOK = Decimal(1_000_000)
_BOUNDS = Dollars(100_000)


@dataclass(frozen=True)
class Rate:
    """What a million tokens of each meter cost, in USD; None where they have no rate."""

    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_input_usd_per_mtok: Decimal
    cache_write_usd_per_mtok: Decimal
    cache_write_1h_usd_per_mtok: Decimal | None = None
    cache_write_12h_usd_per_mtok: Decimal | None = None
    input_audio_usd_per_mtok: Decimal | None = None
    input_image_usd_per_mtok: Decimal | None = None
    input_video_usd_per_mtok: Decimal | None = None
    cached_input_audio_usd_per_mtok: Decimal | None = None
    cached_input_image_usd_per_mtok: Decimal | None = None
    output_audio_usd_per_mtok: Decimal | None = None
    output_image_usd_per_mtok: Decimal | None = None
    output_video_usd_per_mtok: Decimal | None = None

    def undercuts(self, other: "Rate") -> bool:
        """Whether no token costs more than at the other rate, and uncached input and output cost less."""
        cheaper = (
            self.input_usd_per_mtok < other.input_usd_per_mtok
            and self.output_usd_per_mtok < other.output_usd_per_mtok
        )
        pairs = zip(self.all, other.all, strict=True)
        return cheaper and all(
            theirs is None or (mine is not None and mine <= theirs) for mine, theirs in pairs
        )

    @property
    def all(self) -> tuple[Decimal | None, ...]:
        """The rates, in the order of `settings.meters.METERS`."""
        return tuple(getattr(self, name) for name in RATE_KEYS)


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
    cache_write_12h_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million input tokens written to a cache kept for 12 hours")
    ] = None
    input_audio_usd_per_mtok: Annotated[Decimal | None, _BOUNDS, Means("a million input tokens of audio")] = (
        None
    )
    input_image_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million input tokens of images")
    ] = None
    input_video_usd_per_mtok: Annotated[Decimal | None, _BOUNDS, Means("a million input tokens of video")] = (
        None
    )
    cached_input_audio_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million input tokens of audio read from a cache")
    ] = None
    cached_input_image_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million input tokens of images read from a cache")
    ] = None
    output_audio_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million output tokens of audio")
    ] = None
    output_image_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million output tokens of images")
    ] = None
    output_video_usd_per_mtok: Annotated[
        Decimal | None, _BOUNDS, Means("a million output tokens of video")
    ] = None
    until_input_tokens: Annotated[
        int,
        Within(0, 10_000_000),
        Means("the rates hold for calls with no more input tokens than this; 0: any"),
    ] = 0
    service_tier: Annotated[
        str, Means("the tier for which the rates hold, such as batch; empty: standard")
    ] = ""
    speed: Annotated[str, Means("the speed for which the rates hold, such as fast")] = ""
    hours: Annotated[str, Means("the [[hours]] in which the rates hold; empty: in all others")] = ""
    from_time: Annotated[str, Means("the time (UTC) of the first day from which the rates hold")] = "00:00"

    @property
    def starts(self) -> datetime:
        """The first instant (UTC) at which the rates hold."""
        return datetime.combine(self.valid_from, time.fromisoformat(self.from_time))

    @property
    def rate(self) -> Rate:
        """The rates of all meters: its own, or those of the wider meter that stand in for it."""
        named = {meter.name: getattr(self, meter.rate) for meter in METERS}
        found: dict[str, Decimal | None] = {}
        for meter in METERS:
            own = named[meter.name]
            stands_in = meter.otherwise and (not meter.only_without or named[meter.only_without] is None)
            found[meter.rate] = found[BY_NAME[meter.otherwise].rate] if own is None and stands_in else own
        return Rate(**found)  # type: ignore[arg-type]  # the first four always have one

    @property
    def is_standard(self) -> bool:
        """Whether the rates hold without a special term."""
        return not (self.service_tier or self.speed or self.hours)


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
    keep_listed_prices: Annotated[
        bool,
        Means("whether the lists' prices of the model stay beside these; done when the lists are joined"),
    ] = False


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
    """What tokens cost in USD at one rate, rounded half-even to nine decimals; None where a rate is unknown.

    It is unknown, too, where the parts of a count are larger than it is.

    `input_tokens` is the inclusive total; reads and writes are parts of it, and `cache_write_1h_tokens` is a
    part of `cache_write_tokens`. Unknown parts count as none. A call with its terms is priced by
    `settings.call_price`.
    """
    counts = {
        "input_tokens": input_tokens, "output_tokens": output_tokens, "cached_input_tokens": cached_input_tokens,
        "cache_write_tokens": cache_write_tokens, "cache_write_1h_tokens": cache_write_1h_tokens,
    }  # fmt: skip
    if rate is None:
        return None
    total = Decimal(0)
    for meter in METERS:
        if (counts.get(meter.column) or not meter.within) and (tokens := tokens_alone(meter.name, counts)):
            usd: Decimal | None = getattr(rate, meter.rate)
            if usd is None or tokens < 0:
                return None
            total += tokens * usd
    return (total / MTOK).quantize(NANO_USD, ROUND_HALF_EVEN)


def tokens_alone(meter: str, counts: Mapping[str, int | None]) -> int:
    """The tokens of a meter that are in none within it; unknown counts are none."""
    return sum(sign * (counts.get(column) or 0) for column, sign in signs(meter).items())
