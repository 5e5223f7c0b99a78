"""What a customer's real use would be billed under each way to charge: flat, tiered, usage, hybrid, credits.

Use is billed by calendar month. In a month of which the file or the customer has only some days, base prices
and included tokens are prorated by them; credit packs are not. Bills are exact, rounded half-even to nine decimals once
per month.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from analyzers.revenue.paid import Account
from analyzers.revenue.plan_lines import NINE_DECIMALS, Month
from analyzers.usage.sums import Usage
from analyzers.words.figures import round_usd
from settings.plans import AllowanceTier, CreditOffer, HybridOffer, Offers, TieredOffer, UsageOffer

MTOK = 1_000_000
ZERO = Decimal(0)
ONE = Decimal(1)

Bill = Callable[[Account, Decimal], Decimal]
"""The bill in USD of an account over its months, when tokens cost us that multiple of what they do."""


@dataclass(frozen=True)
class Offer:
    """A way to charge: its id, its terms in words, and its arithmetic."""

    id: str
    terms: str
    bill: Bill


def today() -> Offer:
    """The plans as they are."""
    return Offer("flat (today)", "the plan's monthly price", lambda account, _: account.revenue_usd or ZERO)


def candidate_offers(offers: Offers) -> tuple[Offer, ...]:
    """The offers of pricing.toml."""
    return (
        *(_tiered(offer) for offer in offers.tiered),
        *(_usage(offer) for offer in offers.usage),
        *(_hybrid(offer) for offer in offers.hybrid),
        *(_credits(offer) for offer in offers.credits),
    )


def _tiered(offer: TieredOffer) -> Offer:
    terms = "; ".join(
        f"{tier.plan} {round_usd(tier.monthly_usd)} with {tier.included_tokens:,} tokens, "
        f"then {round_usd(tier.overage_usd_per_mtok)} per million"
        for tier in offer.tier
    )

    def bill(account: Account, _: Decimal) -> Decimal:
        return sum(
            (_tier_bill(tier_for(offer, month), month, use) for month, use in account.used_months), ZERO
        )

    return Offer(offer.id, terms, bill)


def tier_for(offer: TieredOffer, month: Month) -> AllowanceTier:
    """The tier of the month's plan; for a plan without one, the cheapest that costs as much, else the last."""
    named = [tier for tier in offer.tier if tier.plan == month.plan]
    as_costly = [tier for tier in offer.tier if tier.monthly_usd >= (month.monthly_usd or ZERO)]
    return (*named, *as_costly, offer.tier[-1])[0]


def _tier_bill(tier: AllowanceTier, month: Month, use: Usage) -> Decimal:
    included = Decimal(tier.included_tokens) * month.days / month.window.days
    over = max(ZERO, use.tokens - included)
    return month.prorated(tier.monthly_usd) + _rounded(over * tier.overage_usd_per_mtok / MTOK)


def _usage(offer: UsageOffer) -> Offer:
    def bill(account: Account, _: Decimal) -> Decimal:
        return sum((_rounded(use.tokens * offer.usd_per_mtok / MTOK) for _, use in account.used_months), ZERO)

    return Offer(offer.id, f"{round_usd(offer.usd_per_mtok)} per million tokens, no base price", bill)


def _hybrid(offer: HybridOffer) -> Offer:
    def bill(account: Account, cost_factor: Decimal) -> Decimal:
        return sum(
            (
                month.prorated(offer.base_usd)
                + _rounded(use.cost_usd * cost_factor * (1 + offer.cost_markup))
                for month, use in account.used_months
            ),
            ZERO,
        )

    return Offer(
        offer.id, f"{round_usd(offer.base_usd)} per month and cost plus {offer.cost_markup:.0%}", bill
    )


def _credits(offer: CreditOffer) -> Offer:
    def bill(account: Account, _: Decimal) -> Decimal:
        return packs_bought(offer, [use for _, use in account.used_months]) * offer.pack_usd

    kept = "kept" if offer.rollover else "lost at the end of a month"
    per_pack = int(Decimal(offer.pack_credits) / offer.credits_per_mtok * MTOK)
    pack = f"{offer.pack_credits:,} credits ({per_pack:,} tokens) at {round_usd(offer.pack_usd)}"
    terms = f"packs of {pack}; the rest is {kept}"
    return Offer(offer.id, terms, bill)


def packs_bought(offer: CreditOffer, months: Sequence[Usage]) -> int:
    """Packs that cover each month's use; what is left of a pack is kept only if the offer says so."""
    bought, left = 0, ZERO
    for use in months:
        needed = use.tokens * offer.credits_per_mtok / MTOK - left
        packs = max(0, int((needed / offer.pack_credits).to_integral_value(ROUND_CEILING)))
        bought += packs
        left = packs * offer.pack_credits - needed if offer.rollover else ZERO
    return bought


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(NINE_DECIMALS)
