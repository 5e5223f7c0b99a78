"""What a FOCUS file says of each model that was called: who sells it, who made it, and its list prices.

Decided once a model; as relations of an SQL statement, so that the calls can be joined with them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from interchange.importers.sql_text import literal
from settings.model import Settings
from settings.pricing import PriceRow
from settings.rates import NANO_USD

MAKERS = {
    "amazon": "Amazon", "meta": "Meta", "moonshotai": "Moonshot AI", "nvidia": "NVIDIA", "qwen": "Alibaba Cloud",
    "writer": "Writer", "zai": "Z.ai",
}  # fmt: skip
"""Makers that sell through others only; the names of those that sell themselves stand in pricing.toml."""
UNKNOWN = "Unknown"

SELLER_COLUMNS = "provider, model, provider_name, service_name, publisher_name, billing_account"
SPAN_COLUMNS = "provider, model, valid_from, valid_until, above_input_tokens, until_input_tokens"
PRICE_COLUMNS = "provider, model, valid_from, above_input_tokens, meter, list_price, contracted_price"


class Meter(StrEnum):
    """The kinds of tokens that have a price of their own, and all tokens together where there is none."""

    INPUT = "input"
    CACHED_INPUT = "cached-input"
    CACHE_WRITE = "cache-write"
    OUTPUT = "output"
    ALL = "all"


@dataclass(frozen=True)
class PriceList:
    """Sellers of the models called, the spans of their rates, and the price of each meter in each span.

    All as rows of SQL values. A span holds for calls of its days and sizes; a model without a rate has none.
    """

    sellers: tuple[str, ...]
    spans: tuple[str, ...]
    prices: tuple[str, ...]


def price_list(models: Iterable[tuple[str, str]], settings: Settings) -> PriceList:
    """The price list for calls of these (provider, model), named as the calls name them."""
    models = sorted(models)
    rates = settings.pricing.price_rows(models)
    return PriceList(
        tuple(_seller(settings, provider, model) for provider, model in models),
        tuple(_span(row) for row in rates),
        tuple(_price(settings, row, meter, price) for row in rates for meter, price in _list_prices(row)),
    )


def relation(name: str, columns: str, rows: Sequence[str]) -> str:
    """A common table expression of literal rows; without rows it is empty but has its columns."""
    if rows:
        return f"{name}({columns}) as (values {', '.join(rows)})"
    nulls = ", ".join("null" for _ in columns.split(","))
    return f"{name}({columns}) as (select {nulls} where false)"


def _seller(settings: Settings, provider: str, model: str) -> str:
    pricing = settings.pricing
    id_ = pricing.provider_id(provider)
    known = next((entry for entry in pricing.provider if entry.id == id_), None)
    name = (known and known.name) or provider.strip() or UNKNOWN
    service = (known and known.service) or f"{name} API"
    found = pricing.find(provider, model)
    account = settings.focus.billing_accounts.get(id_, "")
    texts = (provider, model, name, service, _maker(settings, found.maker) if found else name, account)
    return f"({', '.join(map(literal, texts))})"


def _maker(settings: Settings, maker: str) -> str:
    names = {entry.id: entry.name for entry in settings.pricing.provider if entry.name}
    return names.get(maker) or MAKERS.get(maker, maker)


def _span(row: PriceRow) -> str:
    days = f"date '{row.valid_from}', date '{row.valid_until}'"
    sizes = f"{row.above_input_tokens}, {row.until_input_tokens}"
    return f"({literal(row.provider)}, {literal(row.model)}, {days}, {sizes})"


def _list_prices(row: PriceRow) -> tuple[tuple[Meter, Decimal], ...]:
    """USD for a million tokens of each meter."""
    return (
        (Meter.INPUT, row.rate.input_usd_per_mtok),
        (Meter.CACHED_INPUT, row.rate.cached_input_usd_per_mtok),
        (Meter.CACHE_WRITE, row.rate.cache_write_usd_per_mtok),
        (Meter.OUTPUT, row.rate.output_usd_per_mtok),
    )


def _price(settings: Settings, row: PriceRow, meter: Meter, price: Decimal) -> str:
    discounts = settings.focus.negotiated_discounts
    discount = discounts.get(settings.pricing.provider_id(row.provider), Decimal(0))
    key = f"{literal(row.provider)}, {literal(row.model)}, date '{row.valid_from}', {row.above_input_tokens}"
    return f"({key}, '{meter}', {_decimal(price)}, {_decimal(price * (1 - discount))})"


def _decimal(value: Decimal) -> str:
    return f"cast('{value.quantize(NANO_USD, ROUND_HALF_EVEN):f}' as decimal(18,9))"
