"""Price lists and calls made by a seed, in which every kind of term and tie occurs."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from settings.loader import load_settings
from settings.meters import METERS
from settings.pricing import Pricing
from settings.rates import Model, Price
from settings.terms import Factor, Hours, SameRates, Terms, UnitPrice

COUNT_COLUMNS = (*(meter.column for meter in METERS), "web_search_requests")
FIRST = datetime(2026, 11, 1)  # noqa: DTZ001  instants of calls are UTC without a zone
PROVIDERS, MODELS, TIERS = (
    ("openai", "anthropic", "acme"),
    ("m1", "m2", "m3"),
    ("", "default", "batch", "priority"),
)
SPEEDS, PLACES, UNITS = ("", "fast"), ("", "us", "eu", "global"), ("", "second", "page")
TOOLS = ("", "file_search:2", "code:1 file_search:1", "code:3", "odd")


class Case(NamedTuple):
    """A call to be priced."""

    terms: Terms
    instant: datetime
    counts: dict[str, int | None]
    units: Decimal | None


def made_pricing(seed: int) -> Pricing:
    """A price list with every kind of rate and rule, and gaps in all of them."""
    chance = random.Random(seed)
    models = tuple(
        Model(provider, model, provider, "standard", tuple(_prices(chance)))
        for provider in PROVIDERS[:2]
        for model in MODELS
        if chance.random() < 0.9
    )
    return replace(
        load_settings().pricing,
        model=models,
        hours=(Hours("peak", ("01:00-04:00", "22:00-02:00"), (1, 2, 3, 5), (FIRST.date(),), "Asia/Shanghai"),),
        factor=(
            Factor("openai", Decimal("1.1"), ("m1", "m2"), FIRST.date(), ("us", "eu")),
            Factor("openai", Decimal("0.93")),
            Factor("anthropic", Decimal("1.25"), ("m*",), FIRST.date() + timedelta(days=8), ("*",)),
        ),
        same_rates=(SameRates("anthropic", ("global",)),),
        meter=(
            UnitPrice("openai", "web_search", Decimal(10), "x", per=1000),
            UnitPrice("anthropic", "web_search", Decimal(35), "x", per=1000, once_per_call=True, models=("m1",)),
            UnitPrice("openai", "second", Decimal("0.111"), "x", per=3600, at_least=Decimal(10)),
            UnitPrice("acme", "page", Decimal(4), "x", per=1000),
            UnitPrice("openai", "file_search", Decimal("2.5"), "x", FIRST.date() + timedelta(days=3), 1000),
            UnitPrice("openai", "code", Decimal("0.03"), "x"),
        ),
    )  # fmt: skip


def _prices(chance: random.Random) -> list[Price]:
    found = []
    for tier, speed, hours in (
        ("", "", ""),
        ("", "", "peak"),
        ("batch", "", ""),
        ("priority", "fast", ""),
        ("", "fast", ""),
    ):
        if (tier or speed or hours) and chance.random() < 0.3:
            continue
        time = chance.choice(("00:00", "16:00"))
        for day in (0, 9) if chance.random() < 0.5 else (0,):
            sizes = (-1, 1000) if chance.random() < 0.5 else (-1,)
            for above in sizes:
                limit = 5000 if above == sizes[-1] and chance.random() < 0.3 else 0
                found.append(_price(chance, day, above, limit, tier, speed, hours, time))
    return found


def _price(
    chance: random.Random, day: int, above: int, limit: int, tier: str, speed: str, hours: str, time: str
) -> Price:
    rates = {meter.rate: _rate(chance) for meter in METERS if not meter.within or chance.random() < 0.6}
    return Price(
        FIRST.date() + timedelta(days=day), FIRST.date(), "x", above_input_tokens=above, until_input_tokens=limit,
        service_tier=tier, speed=speed, hours=hours, from_time=time, **rates,
    )  # fmt: skip


def _rate(chance: random.Random) -> Decimal:
    """Rates of which half a nano-dollar comes out now and then."""
    return chance.choice(
        (
            Decimal(0),
            Decimal("0.0005"),
            Decimal("0.0025"),
            Decimal(chance.randint(0, 10**6)) / 10**4,
            Decimal("0.123456789"),
        )
    )


def made_cases(seed: int, count: int) -> list[Case]:
    """Calls of every combination of terms, a tenth of them with parts larger than their whole."""
    chance = random.Random(seed)
    return [_case(chance) for _ in range(count)]


def _case(chance: random.Random) -> Case:
    terms = Terms(
        chance.choice(PROVIDERS), chance.choice(MODELS), chance.choice(TIERS), chance.choice(SPEEDS),
        chance.choice(PLACES), chance.choice(TOOLS) if chance.random() < 0.3 else "",
        chance.choice(UNITS) if chance.random() < 0.3 else "",
    )  # fmt: skip
    counts: dict[str, int | None] = {
        "input_tokens": chance.choice((0, 1, 999, 1000, 1001, 5000, 5001, chance.randint(0, 10**7))),
        "output_tokens": chance.choice((0, 1, chance.randint(0, 10**6))),
        "web_search_requests": chance.choice((None, 0, 1, 3)),
    }
    for meter in METERS[2:]:
        if chance.random() < 0.25:
            whole = min(counts.get(_column(outer)) or 0 for outer in meter.within)
            counts[meter.column] = chance.randint(0, max(whole // 4, int(chance.random() < 0.02) * 10**6))
    instant = FIRST + timedelta(minutes=chance.randint(-1000, 20 * 1440))
    return Case(terms, instant, counts, Decimal(chance.randint(0, 10**10)).scaleb(-6) if terms.unit else None)


def _column(meter: str) -> str:
    return next(each.column for each in METERS if each.name == meter)


def expected(pricing: Pricing, case: Case) -> tuple[Any, ...]:
    """What the Python function says of a call."""
    found = pricing.call_price(case.terms, case.instant, case.counts, case.units)
    return found.usd, found.gap, found.cost_source
