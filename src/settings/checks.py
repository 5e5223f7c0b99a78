"""Rules of the settings that no single value shows."""

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from settings.event import LONGEST, Event
from settings.listed_prices import KEEP
from settings.model import Budget, Sections
from settings.plans import CreditOffer, HybridOffer, TieredOffer, UsageOffer
from settings.pricing import Pricing
from settings.rates import Model, Price, Provider
from settings.terms import Hours
from settings.toml_binding import Place

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_PERIOD = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)")


def check_pricing(pricing: Pricing, place: Place) -> None:
    """Refuses names that stand twice or that nothing has, and models without a price for each of their dates.

    Raises:
        UsageError: names the file and the entry.
    """
    _check_providers(pricing.provider, place)
    offers: list[TieredOffer | UsageOffer | HybridOffer | CreditOffer] = [
        *pricing.offer.tiered,
        *pricing.offer.usage,
        *pricing.offer.hybrid,
        *pricing.offer.credits,
    ]
    _check_unique([offer.id for offer in offers], place.at("offer"))
    _check_unique([plan.id for plan in pricing.plan], place.at("plan"))
    _check_models(pricing, place)
    _check_unique([entry.id for entry in pricing.hours], place.at("hours"))
    _check_hours(pricing.hours, place)
    for name, entries in (
        ("factor", pricing.factor),
        ("meter", pricing.meter),
        ("same_rates", pricing.same_rates),
    ):
        for entry in entries:
            known_as = pricing.provider_id(entry.provider)
            if known_as != entry.provider:
                raise place.at(name).refuse(
                    f'has provider "{entry.provider}", which calls know as "{known_as}"; write that'
                )


def _check_providers(providers: tuple[Provider, ...], place: Place) -> None:
    _check_unique([name for entry in providers for name in (entry.id, *entry.aliases)], place.at("provider"))
    ids = [entry.id for entry in providers]
    for entry in providers:
        if entry.rates_of and entry.rates_of not in ids:
            raise place.at(f"provider {entry.id}.rates_of").refuse(
                f'is "{entry.rates_of}"; allowed are {", ".join(ids)}'
            )


def _check_models(pricing: Pricing, place: Place) -> None:
    seen: set[tuple[str, str]] = set()
    for model in pricing.model:
        where = place.at(f"model {model.provider}/{model.model}")
        known_as = pricing.provider_id(model.provider)
        if known_as != model.provider:
            raise where.refuse(
                f'has provider "{model.provider}", which calls know as "{known_as}"; write that'
            )
        for name in (model.model, *model.aliases):
            if (model.provider, name.lower()) in seen:
                raise where.refuse(f'names "{name}", which another entry has too; each name stands once')
            seen.add((model.provider, name.lower()))
        _check_prices(model, pricing, where)


def _check_prices(model: Model, pricing: Pricing, where: Place) -> None:
    entries = {(*_terms(price), price.above_input_tokens) for price in model.price}
    if not model.price or len(entries) < len(model.price):
        raise where.refuse("needs at least one price, and at most one a day and size of call")
    if {entry[:-1] for entry in entries} != {entry[:-1] for entry in entries if entry[-1] == -1}:
        raise where.refuse("needs, for each date, a price without above_input_tokens")
    if not any(price.is_standard for price in model.price):
        raise where.refuse(
            "needs a price without service_tier, speed and hours; where a list has the model, "
            f"{KEEP} = true keeps its prices beside these"
        )
    known = {hours.id for hours in pricing.hours}
    for price in model.price:
        if price.hours and price.hours not in known:
            raise where.refuse(
                f'names hours "{price.hours}"; allowed are {", ".join(sorted(known)) or "none"}'
            )
        if not _TIME.fullmatch(price.from_time):
            raise where.refuse(f'has from_time "{price.from_time}"; write a time such as 16:00')


def _terms(price: Price) -> tuple[object, ...]:
    return (
        price.starts if _TIME.fullmatch(price.from_time) else None,
        price.service_tier,
        price.speed,
        price.hours,
    )


def _check_hours(hours: Iterable[Hours], place: Place) -> None:
    for entry in hours:
        where = place.at(f"hours {entry.id}")
        if not entry.utc or not all(_PERIOD.fullmatch(period) for period in entry.utc):
            raise where.refuse("needs periods of the day in UTC, such as 01:00-04:00")
        try:
            zone = ZoneInfo(entry.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise where.refuse(f'names zone "{entry.zone}"; write one such as Asia/Shanghai') from None
        if len({datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}) > 1:
            raise where.refuse(
                f'names zone "{entry.zone}", whose clocks change; name one without summer time'
            )


def check_sections(sections: Sections, place: Place) -> None:
    """Refuses thresholds that contradict each other, and budgets, seats and tiers that stand twice.

    Raises:
        UsageError: names the file and the key.
    """
    churn = sections.churn
    if churn.elasticity_low > churn.elasticity_high:
        raise place.at("churn.elasticity_low").refuse("is above elasticity_high; swap the two")
    if sections.alerts.margin_floor_critical > sections.alerts.margin_floor_warning:
        raise place.at("alerts.margin_floor_critical").refuse("is above margin_floor_warning; swap the two")
    shares = sections.chargeback.fixed_shares
    if sections.chargeback.shared_method == "fixed" and sum(shares.values()) != 1:
        raise place.at("chargeback.fixed_shares").refuse(
            f"sums to {sum(shares.values())}; shares must sum to 1"
        )
    for number, budget in enumerate(sections.budget, start=1):
        _check_budget(budget, place.at(f"budget[{number}]"))
    budgets = [" ".join(filter(None, (each.scope, each.name, each.window))) for each in sections.budget]
    _check_unique(budgets, place.at("budget"))
    _check_unique([each.name for each in sections.seat], place.at("seat"))
    for each in sections.seat:
        if each.until and each.until < each.first:
            raise place.at(f"seat {each.name}.until").refuse(f"is before from, {each.first}; swap the two")
    for event in sections.event:
        _check_event(event, place.at(f"event {event.name}"))
    tiers = [f"{entry.provider} from {entry.from_usd_month.normalize():f}" for entry in sections.volume_tier]
    _check_unique(tiers, place.at("volume_tier"))


def _check_event(event: Event, place: Place) -> None:
    if event.days < 1:
        raise place.at("until").refuse(f"is before from, {event.first}; swap the two")
    longest = LONGEST.get(event.recurs, event.days)
    if event.days > longest:
        raise place.at("until").refuse(
            f"makes a {event.recurs} event of {event.days} days; {longest} are the most, since some days must be judged"
        )


def _check_budget(budget: Budget, place: Place) -> None:
    if (budget.scope == "total") != (budget.name == ""):
        raise place.at("name").refuse("names whom the budget is for; empty only for total")
    if (budget.usd is None) == (budget.monthly_usd is None):
        raise place.refuse("needs its dollars once: monthly_usd, or usd with a window")
    if budget.monthly_usd is not None and budget.window != "month":
        raise place.at("window").refuse(f'is "{budget.window}"; give usd in place of monthly_usd with it')
    if budget.start_day != 1 and budget.window in ("day", "week"):
        raise place.at("start_day").refuse("is for a month, quarter or year; weeks begin on Monday")
    if budget.start_month != 1 and budget.window not in ("quarter", "year"):
        raise place.at("start_month").refuse("is for a quarter or year")


def _check_unique(ids: list[str], place: Place) -> None:
    for id_ in ids:
        if ids.count(id_) > 1:
            raise place.refuse(f'"{id_}" stands twice; each stands once')
