"""Prices of an import from the package genai-prices, for models that pricing.toml does not have.

It carries the published prices of many providers and works offline. One lookup a provider, model and day.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from settings.model_names import without_route
from settings.rates import Price, Rate

RATE_NAMES = {
    "input_usd_per_mtok": "input_mtok", "output_usd_per_mtok": "output_mtok",
    "cached_input_usd_per_mtok": "cache_read_mtok", "cache_write_usd_per_mtok": "cache_write_mtok",
    "cache_write_1h_usd_per_mtok": "cache_write_1h_mtok", "input_audio_usd_per_mtok": "input_audio_mtok",
    "cached_input_audio_usd_per_mtok": "cache_audio_read_mtok", "output_audio_usd_per_mtok": "output_audio_mtok",
    "input_image_usd_per_mtok": "input_image_mtok", "output_image_usd_per_mtok": "output_image_mtok",
}  # fmt: skip
"""Our rates by the collection's names."""
ZEROS = {"input_usd_per_mtok": Decimal(0), "output_usd_per_mtok": Decimal(0)}
_OTHER_PRODUCT = re.compile(r"-latest$|^us-gov\.|^(?!ft:).*:[a-z]")
PROVIDER_NAMES = {"bedrock": "aws", "xai": "x-ai"}


def installed() -> bool:
    """Whether the extra `prices` is installed."""
    return find_spec("genai_prices") is not None


@lru_cache(maxsize=4096)
def published_price(provider: str, model: str, day: date) -> Any:
    """The collection's prices of a model on a day; None where it has none."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415  an extra, and half a second to import

    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    named = PROVIDER_NAMES.get(provider, provider)
    for provider_id in (named, None) if not named else (named,):
        try:
            usage = Usage(input_tokens=1, output_tokens=1)
            return calc_price(
                usage, model, provider_id=provider_id or None, genai_request_timestamp=moment
            ).model_price
        except (LookupError, ValueError):
            continue
    return None


def prices(provider: str, model: str, day: date) -> tuple[Price, ...]:
    """The collection's standard prices of a model on a day, one a size of call; none where it has none.

    A model whose price depends on the time of day has none here: the collection knows no days of the week. Nor has
    a name that moves from model to model, since the collection does not say when it did; nor a variant such as :nitro,
    nor GovCloud, which it prices as what they are variants of.
    """
    name = without_route(model).lower()
    if _OTHER_PRODUCT.search(name):
        return ()
    price = published_price(provider, model, day)
    return () if price is None or _by_the_hour(provider, model) else tuple(_by_size(price, day))


def _by_size(price: Any, day: date) -> Iterator[Price]:
    named = {key: getattr(price, name, None) for key, name in RATE_NAMES.items()}
    if named["input_usd_per_mtok"] is None:
        return
    starts = sorted({tier.start for value in named.values() for tier in getattr(value, "tiers", ())})
    for above in (-1, *starts):
        rates = ZEROS | {key: _at(value, above) for key, value in _known(named).items()}
        yield Price(day, day, "genai-prices", above_input_tokens=above, **rates)  # type: ignore[arg-type]


def _known(named: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in named.items() if value is not None}


def _by_the_hour(provider: str, model: str) -> bool:
    """Whether the collection has prices of a model by the time of day."""
    from genai_prices import data  # noqa: PLC0415

    entries = [entry for entry in data.providers if entry.id == PROVIDER_NAMES.get(provider, provider)]
    found = [info for entry in entries for info in entry.models if info.is_match(model)]
    return any(
        hasattr(each.constraint, "start_time")
        for info in found
        if isinstance(info.prices, list)
        for each in info.prices
    )


def rates_by_size(price: Any) -> Iterator[tuple[int, Rate]]:
    """(above, rate) for each size of call that has rates of its own."""
    for entry in _by_size(price, date.min):
        yield entry.above_input_tokens, entry.rate


def _at(value: Any, above: int) -> Decimal | None:
    """A price at a size: a plain number holds for all."""
    if not hasattr(value, "tiers"):
        return None if value is None else Decimal(value)
    reached = [tier.price for tier in value.tiers if tier.start <= above]
    return Decimal(reached[-1] if reached else value.base)
