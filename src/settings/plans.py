"""What customers are charged: the plans of today, and the offers that could replace them.

An offer's arithmetic is stated in its docstring and done by who re-rates usage. Tokens are input plus
output, both inclusive; a million of them is a Mtok.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from settings.constraints import Dollars, Filled, Means, Within

USD_MAX = 1_000_000
TOKENS_MAX = 10**15


@dataclass(frozen=True)
class Plan:
    """A plan of today, one price per month: [[plan]]."""

    id: Annotated[str, Filled(), Means("the plan as `subscription_tier` names it")]
    monthly_usd: Annotated[Decimal, Dollars(USD_MAX), Means("price per month")]


@dataclass(frozen=True)
class AllowanceTier:
    """One tier of a tiered offer: [[offer.tiered.tier]].

    Bill = `monthly_usd` + tokens above `included_tokens` x `overage_usd_per_mtok` / 1,000,000.
    """

    plan: Annotated[str, Filled(), Means("the plan whose customers get this tier")]
    monthly_usd: Annotated[Decimal, Dollars(USD_MAX), Means("base price per month")]
    included_tokens: Annotated[int, Within(0, TOKENS_MAX), Means("tokens per month within the base price")]
    overage_usd_per_mtok: Annotated[
        Decimal, Dollars(USD_MAX), Means("price of a million tokens above the included ones")
    ]


@dataclass(frozen=True)
class TieredOffer:
    """Included allowance and overage: [[offer.tiered]]."""

    id: Annotated[str, Filled(), Means("names the offer")]
    tier: Annotated[tuple[AllowanceTier, ...], Means("one tier a plan, in ascending order of price")]


@dataclass(frozen=True)
class UsageOffer:
    """Pure usage: [[offer.usage]]. Bill = tokens x `usd_per_mtok` / 1,000,000."""

    id: Annotated[str, Filled(), Means("names the offer")]
    usd_per_mtok: Annotated[Decimal, Dollars(USD_MAX), Means("price of a million tokens")]


@dataclass(frozen=True)
class HybridOffer:
    """Base and cost-plus: [[offer.hybrid]]. Bill = `base_usd` + cost x (1 + `cost_markup`)."""

    id: Annotated[str, Filled(), Means("names the offer")]
    base_usd: Annotated[Decimal, Dollars(USD_MAX), Means("base price per month")]
    cost_markup: Annotated[Decimal, Within(0, 100), Means("markup on what the calls cost")]


@dataclass(frozen=True)
class CreditOffer:
    """Prepaid credits: [[offer.credits]].

    Credits used = tokens x `credits_per_mtok` / 1,000,000; packs bought = credits used / `pack_credits`,
    rounded up; bill = packs x `pack_usd`. What is left of a pack is lost at the end of a month unless
    `rollover`.
    """

    id: Annotated[str, Filled(), Means("names the offer")]
    pack_usd: Annotated[Decimal, Dollars(USD_MAX), Means("price of one pack of credits")]
    pack_credits: Annotated[int, Within(1, TOKENS_MAX), Means("credits in one pack")]
    credits_per_mtok: Annotated[
        Decimal, Within("0.000001", TOKENS_MAX), Means("credits that a million tokens use")
    ]
    rollover: Annotated[bool, Means("whether unused credits are kept for the next month")]


@dataclass(frozen=True)
class Offers:
    """The offers to compare with the plans of today: [offer]."""

    tiered: tuple[TieredOffer, ...]
    usage: tuple[UsageOffer, ...]
    hybrid: tuple[HybridOffer, ...]
    credits: tuple[CreditOffer, ...]
