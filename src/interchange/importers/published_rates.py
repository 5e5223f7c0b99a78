"""Rates of models that pricing.toml does not have, from the package genai-prices (the extra `prices`).

It carries the published prices of many providers and works offline. One lookup a provider, model and day.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from settings.pricing import NO_LIMIT, PriceRow
from settings.rates import Rate

PROVIDER_NAMES = {"bedrock": "aws", "xai": "x-ai"}


def installed() -> bool:
    """Whether the extra `prices` is installed."""
    return find_spec("genai_prices") is not None


def rows(wanted: Iterable[tuple[str, str, str, str, date]]) -> list[PriceRow]:
    """Rates for (named provider, named model, provider, model, day); a model without a price has none."""
    found: list[PriceRow] = []
    for named_provider, named_model, provider, model, day in wanted:
        prices = published_price(provider, model, day)
        if prices is not None:
            found += [
                PriceRow(named_provider, named_model, day, day + timedelta(days=1), *span)
                for span in spans(prices)
            ]
    return found


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


def spans(price: Any) -> Iterator[tuple[int, int, Rate]]:
    """(above, until, rate) for each size of call that has rates of its own."""
    names = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")
    values = [getattr(price, name, None) for name in names]
    if values[0] is None:
        return
    starts = sorted({tier.start for value in values for tier in getattr(value, "tiers", ())})
    edges = [-1, *starts]
    for above, until in zip(edges, [*starts, NO_LIMIT], strict=True):
        yield above, until, _rate([_at(value, above) for value in values])


def _at(value: Any, above: int) -> Decimal | None:
    """A price at a size: a plain number holds for all."""
    if not hasattr(value, "tiers"):
        return None if value is None else Decimal(value)
    reached = [tier.price for tier in value.tiers if tier.start <= above]
    return Decimal(reached[-1] if reached else value.base)


def _rate(values: list[Decimal | None]) -> Rate:
    base, output, read, write, hour = values
    known = base or Decimal(0)
    written = known if write is None else write
    return Rate(
        known,
        output or Decimal(0),
        known if read is None else read,
        written,
        written if hour is None else hour,
    )
