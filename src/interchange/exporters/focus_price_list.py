"""FOCUS export: seller, maker, SKUs (`SkuPriceId`, `SkuPriceDetails`) and list prices of each model.

Decided once a model; as relations of an SQL statement, so that the calls can be joined with them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from foundation.sql_text import literal
from settings.meters import BY_NAME, METERS
from settings.model import Settings
from settings.price_rows import PriceRow
from settings.rates import NANO_USD
from settings.terms import Terms

MAKERS = {
    "amazon": "Amazon", "meta": "Meta", "moonshotai": "Moonshot AI", "nvidia": "NVIDIA", "qwen": "Alibaba Cloud",
    "writer": "Writer", "zai": "Z.ai",
}  # fmt: skip
"""Makers that sell through others only; the names of those that sell themselves stand in pricing.toml."""
UNKNOWN = "Unknown"


ALL_TOKENS = "all"
"""The meter of all tokens together, where they have no price or are used beside what is no token."""
ALWAYS = ("input", "cached_input", "cache_write", "output")
"""The meters that every file has, in the order in which a cost is divided; those of `further_meters` follow."""
FURTHER = tuple(meter for meter in METERS if meter.name not in ALWAYS)
SELLER_COLUMNS = "provider, model, provider_name, service_name, publisher_name, billing_account"
_RATE_COLUMNS = (
    "rate_id, provider, model, service_tier, speed, inference_geo, starts, ends, above_input_tokens, "
    "until_input_tokens, week_from, week_until"
)


def token_type(meter: str) -> str:
    """A meter as a file names it: cached-input."""
    return meter.replace("_", "-")


def label(meter: str) -> str:
    """A meter as people read it: Cached Input Tokens."""
    words = (word if word[0].isdigit() else word.capitalize() for word in meter.split("_"))
    return f"{' '.join(words)} Tokens"


@dataclass(frozen=True)
class PriceList:
    """Sellers of the models called, and the rates of each row of prices, as rows of SQL values.

    A row holds for calls of its days and sizes; a model without a rate has none. `meters` are those of which some call
    has tokens, behind those that every file has.
    """

    sellers: tuple[str, ...]
    rates: tuple[str, ...]
    meters: tuple[str, ...] = ALWAYS

    @property
    def rate_columns(self) -> str:
        """The columns of `rates`."""
        places = range(1, len(self.meters) + 1)
        return f"{_RATE_COLUMNS}, {', '.join(f'list_{place}, contracted_{place}' for place in places)}"


def price_list(called: Iterable[Terms], settings: Settings, further: Iterable[str] = ()) -> PriceList:
    """The price list for calls of these terms, named as the calls name them, with these further meters."""
    meters = (*ALWAYS, *further)
    called = sorted(called)
    models = sorted({(terms.provider, terms.model) for terms in called})
    rows = [row for row in settings.pricing.price_rows(called) if _has_prices(row)]
    return PriceList(
        tuple(_seller(settings, provider, model) for provider, model in models),
        tuple(_rate(settings, number, row, meters) for number, row in enumerate(rows)),
        meters,
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


def _rate(settings: Settings, rate_id: int, row: PriceRow, meters: Sequence[str]) -> str:
    discounts = settings.focus.negotiated_discounts
    terms = row.terms
    discount = discounts.get(settings.pricing.provider_id(terms.provider), Decimal(0))
    days = f"timestamp '{row.starts}', timestamp '{row.ends}'"
    sizes = f"{row.above_input_tokens}, {row.until_input_tokens}, {row.week_from}, {row.week_until}"
    listed = [row.rate_by_key[BY_NAME[name].rate] for name in meters]
    prices = (f"{_decimal(price)}, {_decimal(price and price * (1 - discount))}" for price in listed)
    return f"({rate_id}, {', '.join(map(literal, terms[:5]))}, {days}, {sizes}, {', '.join(prices)})"


def _has_prices(row: PriceRow) -> bool:
    return all(row.rate_by_key[BY_NAME[name].rate] is not None for name in ALWAYS)


def _decimal(value: Decimal | None) -> str:
    """SQL for a price; NULL where there is none."""
    if value is None:
        return "cast(null as decimal(18,9))"
    return f"cast('{value.quantize(NANO_USD, ROUND_HALF_EVEN):f}' as decimal(18,9))"
