"""All of pricing.toml: providers, models and their rates, plans and offers, and how a price is found."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from settings.call_price import CallPrice, call_price
from settings.model_names import Variant, place_of, spellings, variant_of, without_route
from settings.plans import Offers, Plan
from settings.price_rows import FREE, NO_LIMIT, PriceRow, Resolver, Rules
from settings.rates import Model, Price, Provider, Rate
from settings.terms import Factor, Hours, SameRates, Terms, UnitPrice

LAST_DAY = date(9999, 12, 31)
NO_VARIANT = Variant("")


class Identity(NamedTuple):
    """The model that a call names, and what its name says of the terms."""

    model: Model | None
    variant: Variant


@dataclass(frozen=True)
class Pricing:
    """Prices that we pay and prices that we charge."""

    provider: tuple[Provider, ...]
    model: tuple[Model, ...]
    plan: tuple[Plan, ...]
    offer: Offers
    hours: tuple[Hours, ...] = ()
    factor: tuple[Factor, ...] = ()
    same_rates: tuple[SameRates, ...] = ()
    meter: tuple[UnitPrice, ...] = ()

    def provider_id(self, name: str) -> str:
        """A provider's id for any of its names; an unknown name is its own id, in lower case."""
        lowered = name.strip().lower()
        return self._provider_ids.get(lowered, lowered)

    def find(self, provider: str, model: str) -> Model | None:
        """The model that a call names; without a provider, the one that its own maker sells."""
        return self.identify(provider, model).model

    def identify(self, provider: str, model: str) -> Identity:
        """The model that a call names, and the variant of it that its name says: an entry of that name goes first."""
        named = (provider, model)
        if named not in self._found:
            self._found[named] = self._identified(provider, model)
        return self._found[named]

    def _identified(self, provider: str, model: str) -> Identity:
        exact = self._looked_up(provider, model)
        variant = None if exact else variant_of(model)
        if exact or variant is None:
            return Identity(exact, NO_VARIANT)
        base = None if variant.other else self._looked_up(provider, variant.base)
        return Identity(base, variant if base or variant.free else NO_VARIANT)

    def _looked_up(self, provider: str, model: str) -> Model | None:
        if not provider.strip():
            return next((self._by_name[name] for name in spellings(model) if name in self._by_name), None)
        for seller in self._sellers(self.provider_id(provider)):
            for name in spellings(model):
                if (seller, name) in self._by_seller:
                    return self._by_seller[seller, name]
        return None

    def rate(self, provider: str, model: str, day: date, input_tokens: int = 0) -> Rate | None:
        """The standard rates of a model on a day for a call of that size; None where they are unknown.

        Rates of another tier, speed or hour are not among them, nor are factors: see `rows_of`.
        """
        asked = (provider, model, day)
        if asked not in self._rates:
            self._rates[asked] = self._rates_of(*asked)
        for above, until, rate in self._rates[asked]:
            if above < input_tokens <= until:
                return rate
        return None

    def variant_rate(self, terms: Terms, day: date, input_tokens: int = 0) -> Rate | None:
        """The rates of a tier or speed of a model at noon (UTC) of a day; None where they are unknown.

        Unlike `rate`, it knows factors by place and by contract.
        """
        noon = datetime.combine(day, time(12))
        minute = noon.weekday() * 1440 + noon.hour * 60
        row = next((row for row in self.rows_of(terms) if row.holds(noon, input_tokens, minute)), None)
        if row is None or row.gap or not self.find(terms.provider, terms.model):
            return None
        return Rate(**row.rate_by_key)  # type: ignore[arg-type]

    def size_class(self, input_tokens: int) -> int:
        """A number that two sizes of calls share if every model's rates are the same for both."""
        return bisect_left(self._limits, input_tokens)

    @cached_property
    def _limits(self) -> list[int]:
        """The sizes above which some model's rates differ."""
        return sorted(
            {
                size
                for model in self.model
                for price in model.price
                for size in (price.above_input_tokens, price.until_input_tokens)
                if size
            }
        )

    def _rates_of(self, provider: str, model: str, day: date) -> tuple[tuple[int, int, Rate], ...]:
        """The rates of one day, each with the sizes between which it holds."""
        found, variant = self.identify(provider, model)
        dated = _dated_rates(found.price) if found and variant == NO_VARIANT else ()
        return tuple(entry[2:] for entry in dated if entry[0] <= day < entry[1])

    def price_rows(self, terms: Iterable[Terms]) -> list[PriceRow]:
        """The rates of each set of terms, named as given, so that calls join on their own words."""
        return [row for each in terms for row in self.rows_of(each)]

    def rows_of(self, terms: Terms, prices: tuple[Price, ...] | None = None) -> tuple[PriceRow, ...]:
        """The rates of one set of terms; of other `prices` than those of the list where they are given."""
        if prices is not None:
            return self._resolved(terms, prices)
        if terms not in self._rows:
            self._rows[terms] = self._resolved(terms, None)
        return self._rows[terms]

    def call_price(
        self, terms: Terms, instant: datetime, counts: Mapping[str, int | None], units: Decimal | None = None
    ) -> CallPrice:
        """What a call costs; see `settings.call_price`."""
        return call_price(self.rows_of(terms), instant, counts, units)

    def _resolved(self, terms: Terms, prices: tuple[Price, ...] | None) -> tuple[PriceRow, ...]:
        model, variant = self.identify(terms.provider, terms.model)
        seller = self.provider_id(terms.provider) or (model.provider if model else "")
        own = (FREE,) if variant.free else model.price if model else ()
        resolver = Resolver(
            terms=terms,
            provider=seller,
            name=model.model if model else without_route(terms.model).lower(),
            prices=own if prices is None else prices,
            variant=variant,
            place=place_of(terms.model),
            rules=self._rules,
        )
        return tuple(resolver.rows())

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self.hours, self.factor, self.same_rates, self.meter)

    @cached_property
    def _rows(self) -> dict[Terms, tuple[PriceRow, ...]]:
        """What `rows_of` has found before."""
        return {}

    def _sellers(self, provider: str) -> Iterator[str]:
        yield provider
        yield from (entry.rates_of for entry in self.provider if entry.id == provider and entry.rates_of)

    @cached_property
    def _found(self) -> dict[tuple[str, str], Identity]:
        """What `identify` has found before: reports ask for the same few models again and again."""
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
def _dated_rates(prices: tuple[Price, ...]) -> tuple[tuple[date, date, int, int, Rate], ...]:
    """Each price with the day on which the next begins and the size from which the next one holds."""
    return tuple(_each_dated_rate(prices))


def _each_dated_rate(every: tuple[Price, ...]) -> Iterator[tuple[date, date, int, int, Rate]]:
    prices = [price for price in every if price.is_standard]
    days = sorted({price.valid_from for price in prices})
    until = dict(zip(days, [*days[1:], LAST_DAY], strict=True))
    for day in days:
        of_day = sorted(
            (price for price in prices if price.valid_from == day), key=lambda price: price.above_input_tokens
        )
        limits = [price.above_input_tokens for price in of_day[1:]] + [NO_LIMIT]
        for price, limit in zip(of_day, limits, strict=True):
            yield day, until[day], price.above_input_tokens, limit, price.rate
