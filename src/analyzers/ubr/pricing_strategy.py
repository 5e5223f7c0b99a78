"""Pricing strategy: every customer's real use under every offer, and what to charge."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

import numpy as np

from analysis.run import run_one
from analyzers.base import Analyzer
from analyzers.pricing_strategy.page import page
from analyzers.pricing_strategy.plan_bills import ONE, Offer, candidate_offers, today
from analyzers.pricing_strategy.result import (
    SEGMENTS,
    CustomerBills,
    OfferOutcome,
    PriceStep,
    PricingStrategy,
    Response,
    SegmentOutcome,
    Spread,
)
from analyzers.revenue.paid import Account, billing, price_list
from analyzers.usage.sums import ZERO, breakdown, total_usage
from analyzers.words.figures import counted
from calls.engine import Calls
from methods.concentration import top_share
from methods.elasticity import MOST_GROWTH, Band, break_even_volume_change, portfolio_band
from methods.percentile import percentile
from reporting.document import Category, Document
from settings.model import Churn, Settings

CHEAP, COSTLY = Decimal("0.7"), Decimal("1.3")
NO_GROWTH = 1.0
"""A customer whose own bill falls under an offer uses no more for it: so a lower bill is only revenue lost."""
STEPS = tuple(Decimal(step) for step in ("-0.2", "-0.1", "0.05", "0.1", "0.2", "0.3"))
"""Changes of all of today's prices that are looked at."""


class PricingStrategyAnalyzer(Analyzer[PricingStrategy]):
    """Bills, margins and responses under each offer of pricing.toml."""

    id: ClassVar[str] = "pricing_strategy"
    title: ClassVar[str] = "Pricing strategy"
    question: ClassVar[str] = "What should we charge?"
    category: ClassVar[Category] = Category.UBR
    answers: ClassVar[tuple[tuple[str, str], ...]] = (("What to charge?", "offers-section"),)
    description: ClassVar[str] = (
        "Every customer's real use under flat, tiered, usage, hybrid and credit prices"
    )

    def analyze(self, calls: Calls, settings: Settings) -> PricingStrategy:
        """Bills of every customer under every offer, and the response over the range of elasticities."""
        bill = billing(calls, price_list(settings))
        accounts = [account for account in bill.accounts if account.margin_usd is not None]
        left_out = [account for account in bill.accounts if account.margin_usd is None]
        offers = (today(), *candidate_offers(settings.pricing.offer)) if accounts else ()
        customers = _customers(accounts, offers)
        outcomes = _outcomes(accounts, offers, customers, settings.churn)
        period = calls.source.period
        return PricingStrategy(
            first_day=period.first_day,
            last_day=period.last_day,
            period_days=period.days,
            use=breakdown(calls).total,
            excluded=len(left_out),
            excluded_cost_usd=total_usage(account.use for account in left_out).cost_usd,
            unallocated=bill.unallocated_use,
            shock_limit=settings.churn.bill_shock_share,
            elasticity_low=settings.churn.elasticity_low,
            elasticity_high=settings.churn.elasticity_high,
            offers=outcomes,
            customers=customers,
            segments=_segments(customers, len(offers)),
            price_steps=_price_steps(customers, settings.churn),
            focus=_focus(outcomes),
        )

    def steps(self, result: PricingStrategy) -> tuple[str, ...]:
        """What was done for it."""
        customers = counted(len(result.customers), "customer")
        return (
            f"Billing {customers} by {counted(len(result.offers), 'offer')}...",
            "Estimating how customers answer to other prices...",
        )

    def document(self, result: PricingStrategy) -> Document:
        """The page."""
        return page(self, result)


def _customers(accounts: Sequence[Account], offers: Sequence[Offer]) -> tuple[CustomerBills, ...]:
    segments = _by_tokens(accounts)
    return tuple(
        CustomerBills(
            customer=account.customer,
            organization=account.organization,
            organizations=len(account.by_organization),
            plan=account.plan,
            segment=segments[account.customer],
            tokens=account.use.tokens,
            cost_usd=account.use.cost_usd,
            unpriced_calls=account.use.unpriced_calls,
            partial_calls=account.use.partial_calls,
            bills_usd=tuple(offer.bill(account, ONE) for offer in offers),
        )
        for account in accounts
    )


def _by_tokens(accounts: Sequence[Account]) -> dict[str, str]:
    """The segment of each customer: thirds by tokens a billed day, ties by id."""
    ordered = sorted(accounts, key=lambda entry: (entry.use.tokens / entry.billed_days, entry.customer))
    return {
        account.customer: SEGMENTS[place * len(SEGMENTS) // len(ordered)]
        for place, account in enumerate(ordered)
    }


def _outcomes(
    accounts: Sequence[Account], offers: Sequence[Offer], customers: Sequence[CustomerBills], churn: Churn
) -> tuple[OfferOutcome, ...]:
    return tuple(_outcome(index, offer, accounts, customers, churn) for index, offer in enumerate(offers))


def _outcome(
    index: int, offer: Offer, accounts: Sequence[Account], customers: Sequence[CustomerBills], churn: Churn
) -> OfferOutcome:
    bills = [entry.bills_usd[index] for entry in customers]
    old = [entry.today_usd for entry in customers]
    kept = [entry.is_grandfathered(index, churn.bill_shock_share) for entry in customers]
    mixed = [entry.moved_usd(index, churn.bill_shock_share) for entry in customers]
    staying = [
        (bill, entry.cost_usd)
        for bill, entry in zip(mixed, customers, strict=True)
        if bill <= entry.today_usd
    ]
    shocked = [entry for entry in customers if entry.is_shock(index, churn.bill_shock_share)]
    changes = [change for entry in customers if (change := entry.change(index)) is not None]
    return OfferOutcome(
        id=offer.id,
        terms=offer.terms,
        customers=len(customers),
        revenue_usd=sum(bills, ZERO),
        cost_usd=sum((entry.cost_usd for entry in customers), ZERO),
        unprofitable=sum(1 for entry in customers if entry.bills_usd[index] < entry.cost_usd),
        winners=sum(1 for entry in customers if entry.increase_usd(index) < 0),
        losers=sum(1 for entry in customers if entry.increase_usd(index) > 0),
        shocks=len(shocked),
        at_risk_usd=sum((entry.today_usd for entry in shocked), ZERO),
        bill=_spread(bills),
        change=_spread(changes) if changes else None,
        top_decile_share=top_share(bills, max(1, len(bills) // 10)),
        response=_response(old, bills, customers, churn),
        grandfathered=sum(kept),
        capped=sum(
            1 for bill, full, keep in zip(mixed, bills, kept, strict=True) if bill < full and not keep
        ),
        stayers_usd=sum((bill - cost for bill, cost in staying), ZERO),
        migrated_revenue_usd=sum(mixed, ZERO),
        migrated=_response(old, mixed, customers, churn),
        revenue_cheap_usd=sum((offer.bill(account, CHEAP) for account in accounts), ZERO),
        revenue_costly_usd=sum((offer.bill(account, COSTLY) for account in accounts), ZERO),
    )


def _spread(amounts: Sequence[Decimal]) -> Spread:
    values = [float(amount) for amount in amounts]
    return Spread(percentile(values, 0.1), percentile(values, 0.5), percentile(values, 0.9))


def _response(
    old: Sequence[Decimal],
    new: Sequence[Decimal],
    customers: Sequence[CustomerBills],
    churn: Churn,
    most_growth: float = NO_GROWTH,
) -> Response:
    costs = [entry.cost_usd for entry in customers]
    elasticities = (float(churn.elasticity_low), float(churn.elasticity_high))
    as_floats = [np.array(values, dtype=float) for values in (old, new, costs)]
    band = portfolio_band(as_floats[0], as_floats[1], as_floats[2], elasticities, most_growth=most_growth)
    return _as_response(band, sum(old, ZERO), sum(new, ZERO), sum(costs, ZERO))


def _as_response(band: Band, old: Decimal, new: Decimal, cost: Decimal) -> Response:
    break_even = break_even_volume_change(float(new / old - 1), float((old - cost) / old)) if old else None
    low, middle, high = (Decimal(f"{value:.2f}") for value in (band.low, band.middle, band.high))
    return Response(low, middle, high, band.loses, break_even)


def _price_steps(customers: Sequence[CustomerBills], churn: Churn) -> tuple[PriceStep, ...]:
    old = [entry.today_usd for entry in customers]
    if not sum(old, ZERO):
        return ()
    return tuple(
        PriceStep(step, _response(old, [price * (1 + step) for price in old], customers, churn, MOST_GROWTH))
        for step in STEPS
    )


def _segments(customers: Sequence[CustomerBills], offers: int) -> tuple[SegmentOutcome, ...]:
    grouped = [(name, [entry for entry in customers if entry.segment == name]) for name in SEGMENTS]
    return tuple(_segment(name, entries, offers) for name, entries in grouped if entries)


def _segment(name: str, entries: Sequence[CustomerBills], offers: int) -> SegmentOutcome:
    return SegmentOutcome(
        segment=name,
        customers=len(entries),
        tokens=sum(entry.tokens for entry in entries),
        cost_usd=sum((entry.cost_usd for entry in entries), ZERO),
        revenue_usd=tuple(
            sum((entry.bills_usd[index] for entry in entries), ZERO) for index in range(offers)
        ),
        unprofitable=tuple(
            sum(1 for entry in entries if entry.bills_usd[index] < entry.cost_usd) for index in range(offers)
        ),
    )


def _focus(outcomes: Sequence[OfferOutcome]) -> int | None:
    """The offer that earns most with grandfathering, at the middle of the range; the first among equals."""
    candidates = range(1, len(outcomes))
    return max(candidates, key=lambda index: (outcomes[index].migrated.middle_usd, -index), default=None)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(PricingStrategyAnalyzer(), argv)


if __name__ == "__main__":
    sys.exit(main())
