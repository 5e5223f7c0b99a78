"""All of pricing.toml: providers, models and their rates, plans and offers, and how a price is found."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple

from settings.model_names import spellings
from settings.plans import Offers, Plan
from settings.rates import Model, Price, Provider, Rate

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(9999, 12, 31)
NO_LIMIT = 2**62


class PriceRow(NamedTuple):
    """Rates of one model, as rows of a relation that calls are joined with.

    They hold for calls with `valid_from` <= day < `valid_until` and
    `above_input_tokens` < input tokens <= `until_input_tokens`.
    """

    provider: str
    model: str
    valid_from: date
    valid_until: date
    above_input_tokens: int
    until_input_tokens: int
    rate: Rate


@dataclass(frozen=True)
class Pricing:
    """Prices that we pay and prices that we charge."""

    provider: tuple[Provider, ...]
    model: tuple[Model, ...]
    plan: tuple[Plan, ...]
    offer: Offers

    def provider_id(self, name: str) -> str:
        """A provider's id for any of its names; an unknown name is its own id, in lower case."""
        lowered = name.strip().lower()
        return self._provider_ids.get(lowered, lowered)

    def find(self, provider: str, model: str) -> Model | None:
        """The model that a call names; without a provider, the one that its own maker sells."""
        named = (provider, model)
        if named not in self._found:
            self._found[named] = self._looked_up(provider, model)
        return self._found[named]

    def _looked_up(self, provider: str, model: str) -> Model | None:
        if not provider.strip():
            return next((self._by_name[name] for name in spellings(model) if name in self._by_name), None)
        for seller in self._sellers(self.provider_id(provider)):
            for name in spellings(model):
                if (seller, name) in self._by_seller:
                    return self._by_seller[seller, name]
        return None

    def rate(self, provider: str, model: str, day: date, input_tokens: int = 0) -> Rate | None:
        """The rates of a model on a day for a call of that size; None where they are unknown."""
        asked = (provider, model, day)
        if asked not in self._rates:
            self._rates[asked] = self._rates_of(*asked)
        for above, until, rate in self._rates[asked]:
            if above < input_tokens <= until:
                return rate
        return None

    def size_class(self, input_tokens: int) -> int:
        """A number that two sizes of calls share if every model's rates are the same for both."""
        return bisect_left(self._limits, input_tokens)

    @cached_property
    def _limits(self) -> list[int]:
        """The sizes above which some model's rates differ."""
        return sorted({price.above_input_tokens for model in self.model for price in model.price})

    def _rates_of(self, provider: str, model: str, day: date) -> tuple[tuple[int, int, Rate], ...]:
        """The rates of one day, each with the sizes between which it holds."""
        found = self.find(provider, model)
        spans = _spans(found.price) if found else ()
        return tuple(span[2:] for span in spans if span[0] <= day < span[1])

    def price_rows(self, models: Iterable[tuple[str, str]]) -> list[PriceRow]:
        """Rates for each (provider, model), named as given, so that calls join on their own names."""
        rows = []
        for provider, model in models:
            found = self.find(provider, model)
            if found:
                rows += [PriceRow(provider, model, *span) for span in _spans(found.price)]
        return rows

    def _sellers(self, provider: str) -> Iterator[str]:
        yield provider
        yield from (entry.rates_of for entry in self.provider if entry.id == provider and entry.rates_of)

    @cached_property
    def _found(self) -> dict[tuple[str, str], Model | None]:
        """What `find` has found before: reports ask for the same few models again and again."""
        return {}

    @cached_property
    def _rates(self) -> dict[tuple[str, str, date], tuple[tuple[int, int, Rate], ...]]:
        """What `rate` has found before."""
        return {}

    @cached_property
    def _provider_ids(self) -> dict[str, str]:
        return {
            name.strip().lower(): entry.id for entry in self.provider for name in (entry.id, *entry.aliases)
        }

    @cached_property
    def _by_seller(self) -> dict[tuple[str, str], Model]:
        return {
            (entry.provider, name.lower()): entry
            for entry in self.model
            for name in (entry.model, *entry.aliases)
        }

    @cached_property
    def _by_name(self) -> dict[str, Model]:
        """Models by name alone: a maker's own offer goes before a reseller's."""
        resold_first = sorted(self.model, key=lambda entry: entry.provider == entry.maker)
        return {name.lower(): entry for entry in resold_first for name in (entry.model, *entry.aliases)}


@lru_cache(maxsize=4096)
def _spans(prices: tuple[Price, ...]) -> tuple[tuple[date, date, int, int, Rate], ...]:
    """Each price with the day on which the next begins and the size from which the next one holds."""
    return tuple(_spans_of(prices))


def _spans_of(prices: tuple[Price, ...]) -> Iterator[tuple[date, date, int, int, Rate]]:
    days = sorted({price.valid_from for price in prices})
    until = dict(zip(days, [*days[1:], LAST_DAY], strict=True))
    for day in days:
        of_day = sorted(
            (price for price in prices if price.valid_from == day), key=lambda price: price.above_input_tokens
        )
        limits = [price.above_input_tokens for price in of_day[1:]] + [NO_LIMIT]
        for price, limit in zip(of_day, limits, strict=True):
            yield day, until[day], price.above_input_tokens, limit, price.rate
