"""What to do about a loss-maker: cap, upgrade, switch models, raise the price; and the margin after each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from analyzers.profitability.customer_margin import Band, CustomerMargin
from analyzers.profitability.model_switch import CustomerSwitch
from analyzers.profitability.result import LossMaker, Remedy, RemedyKind
from analyzers.usage.sums import ZERO
from analyzers.words.figures import round_usd, usd

ORDER = (RemedyKind.UPGRADE, RemedyKind.SWITCH, RemedyKind.CAP)
"""What is recommended first where it turns the loss: a price rise is shown, never recommended by itself."""


@dataclass(frozen=True)
class RemedyInputs:
    """What remedies are computed from: the price list, the switches by customer, and the margin to reach."""

    price_list: Mapping[str, Decimal]
    switches: Mapping[str, CustomerSwitch]
    target_margin: Decimal


def unprofitable(margins: Sequence[CustomerMargin]) -> list[CustomerMargin]:
    """Customers with a negative margin, the largest loss first."""
    losses = [margin for margin in margins if margin.band is Band.NEGATIVE]
    return sorted(losses, key=lambda margin: (-margin.loss_usd, margin.customer))


def loss_makers(margins: Sequence[CustomerMargin], means: RemedyInputs) -> tuple[LossMaker, ...]:
    """Every unprofitable customer with its remedies, the largest loss first."""
    losses = unprofitable(margins)
    total = sum((margin.loss_usd for margin in losses), ZERO)
    running, entries = ZERO, []
    for margin in losses:
        running += margin.loss_usd
        entries.append(_loss_maker(margin, running / total, means))
    return tuple(entries)


def _loss_maker(margin: CustomerMargin, running: Decimal, means: RemedyInputs) -> LossMaker:
    price, cost = margin.monthly_usd or ZERO, margin.pace_cost_usd_month or ZERO
    remedies = _remedies(margin, price, cost, means) if margin.current and cost > price else ()
    return LossMaker(margin, price - cost, remedies, _best(remedies), running)


def _remedies(
    margin: CustomerMargin, price: Decimal, cost: Decimal, means: RemedyInputs
) -> tuple[Remedy, ...]:
    options = (
        _upgrade(price, cost, means),
        _switch(price, cost, means.switches.get(margin.customer)),
        _cap(margin, price, cost, means.target_margin),
        _price(price, cost, means.target_margin),
    )
    return tuple(option for option in options if option is not None)


def _best(remedies: Sequence[Remedy]) -> Remedy | None:
    for kind in ORDER:
        for remedy in remedies:
            if remedy.kind is kind and remedy.margin_after_usd_month >= 0:
                return remedy
    return None


def _upgrade(price: Decimal, cost: Decimal, means: RemedyInputs) -> Remedy | None:
    """The cheapest of the more expensive plans that leaves the target margin; else, one that covers the cost."""
    costlier = sorted((fee, plan) for plan, fee in means.price_list.items() if fee > price)
    reaching = [(fee, plan) for fee, plan in costlier if fee - cost >= fee * means.target_margin]
    covering = reaching or [(fee, plan) for fee, plan in costlier if fee >= cost]
    if not covering:
        return None
    fee, plan = covering[0]
    return Remedy(RemedyKind.UPGRADE, f"to {plan} at {usd(fee)} per month", fee - cost, fee - price)


def _switch(price: Decimal, cost: Decimal, switch: CustomerSwitch | None) -> Remedy | None:
    if switch is None:
        return None
    saving = (cost * switch.saving_share).quantize(Decimal("0.01"))
    return Remedy(RemedyKind.SWITCH, switch.words, price - cost + saving, saving)


def _cap(margin: CustomerMargin, price: Decimal, cost: Decimal, target: Decimal) -> Remedy | None:
    """Use up to what the price pays for after the target margin; a free plan has no such cap."""
    if not price:
        return None
    allowed = price * (1 - target)
    tokens = int(margin.pace_tokens_month * allowed / cost)
    return Remedy(RemedyKind.CAP, f"at {tokens:,} tokens per month", price - allowed, cost - allowed)


def _price(price: Decimal, cost: Decimal, target: Decimal) -> Remedy:
    """The monthly price in whole dollars that leaves the target margin on today's use."""
    needed = (cost / (1 - target)).quantize(Decimal(1), ROUND_UP)
    return Remedy(RemedyKind.PRICE, f"to {round_usd(needed)} per month", needed - cost, needed - price)
