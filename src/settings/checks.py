"""Rules of the settings that no single value shows."""

from settings.model import Sections
from settings.plans import CreditOffer, HybridOffer, TieredOffer, UsageOffer
from settings.pricing import Pricing
from settings.rates import Provider
from settings.toml_binding import Place


def check_pricing(pricing: Pricing, place: Place) -> None:
    """Refuses names that stand twice or that nothing has, and models without a price for each of their dates.

    Raises:
        Misuse: names the file and the entry.
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
        spans = {(price.valid_from, price.above_input_tokens) for price in model.price}
        if not model.price or len(spans) < len(model.price):
            raise where.refuse("needs at least one price, and at most one a day and size of call")
        if {day for day, _ in spans} != {day for day, above in spans if above == -1}:
            raise where.refuse("needs, for each date, a price without above_input_tokens")


def check_sections(sections: Sections, place: Place) -> None:
    """Refuses thresholds that contradict each other, and budgets and tiers that stand twice.

    Raises:
        Misuse: names the file and the key.
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
        if (budget.scope == "total") != (budget.name == ""):
            raise place.at(f"budget[{number}].name").refuse(
                "names whom the budget is for; empty only for total"
            )
    _check_unique([f"{entry.scope} {entry.name}".strip() for entry in sections.budget], place.at("budget"))
    tiers = [f"{entry.provider} from {entry.from_usd_month.normalize():f}" for entry in sections.volume_tier]
    _check_unique(tiers, place.at("volume_tier"))


def _check_unique(ids: list[str], place: Place) -> None:
    for id_ in ids:
        if ids.count(id_) > 1:
            raise place.refuse(f'"{id_}" stands twice; each stands once')
