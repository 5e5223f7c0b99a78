"""Tables and charts of pricing strategy: offers, winners and losers, segments, the bill of every customer."""

import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal

from analyzers.pricing_strategy.result import (
    CustomerBills,
    OfferOutcome,
    PricingStrategy,
    SegmentOutcome,
)
from analyzers.usage.sums import ZERO
from analyzers.usage.tables import known_or, shown_name
from analyzers.words.figures import counted, number_or_none, percent, usd
from reporting.document import Cell, Chart, ChartKind, Row, Series, Slice, Table, Unit, Value
from reporting.facets import one_organization
from reporting.filled_tables import Fields, field, filled_table, over, summed, together

MOST_SLICES = 500
"""Customers that filters can tell apart in a chart."""
BOUNDS = tuple(Decimal(bound) for bound in ("-0.5", "-0.2", "-0.05", "0.05", "0.2", "0.5", "1"))
"""Bounds of the classes of the histogram of bill changes; a change on a bound is in the class below it."""


def offer_table(result: PricingStrategy) -> Table:
    """Each offer with today's use: what it brings, who pays more, who pays less."""
    fields: Fields[OfferOutcome] = (
        field("offer", "Offer", lambda offer: offer.id),
        field("terms", "Terms", lambda offer: offer.terms),
        field("revenue", "Revenue", lambda offer: offer.revenue_usd, Unit.USD),
        field("margin", "Margin", lambda offer: offer.margin_usd, Unit.USD),
        field(
            "margin_share",
            "Margin of revenue",
            lambda offer: known_or(offer.margin_share, Unit.SHARE, "no revenue"),
            Unit.SHARE,
        ),
        field("unprofitable", "Unprofitable customers", lambda offer: offer.unprofitable, Unit.COUNT),
        field("unprofitable_share", "Share unprofitable", lambda offer: offer.unprofitable_share, Unit.SHARE),
        field("low", "Bill, 10th percentile", lambda offer: offer.bill.low, Unit.USD),
        field("middle", "Bill, median", lambda offer: offer.bill.middle, Unit.USD),
        field("high", "Bill, 90th percentile", lambda offer: offer.bill.high, Unit.USD),
        field(
            "top",
            "Revenue from the largest tenth of bills",
            lambda offer: known_or(offer.top_decile_share, Unit.SHARE, "no revenue"),
            Unit.SHARE,
        ),
    )
    return filled_table(
        "offers",
        "Offers on today's use",
        result.offers,
        fields,
        key=lambda offer: offer.id,
        method="rerating",
    )


def change_table(result: PricingStrategy) -> Table:
    """Winners and losers of each offer, and the spread of the change of their bills."""
    nobody = Value(None, Unit.SHARE, reason="nobody pays anything today")
    fields: Fields[OfferOutcome] = (
        field("offer", "Offer", lambda offer: offer.id),
        field("winners", "Pay less", lambda offer: offer.winners, Unit.COUNT),
        field("losers", "Pay more", lambda offer: offer.losers, Unit.COUNT),
        field("shocks", "Bill shocks", lambda offer: offer.shocks, Unit.COUNT),
        field("at-risk", "They pay today", lambda offer: offer.at_risk_usd, Unit.USD),
        field(
            "low",
            "Change of the bill, 10th percentile",
            lambda offer: offer.change.low if offer.change else nobody,
            Unit.SHARE,
        ),
        field(
            "middle",
            "Change of the bill, median",
            lambda offer: offer.change.middle if offer.change else nobody,
            Unit.SHARE,
        ),
        field(
            "high",
            "Change of the bill, 90th percentile",
            lambda offer: offer.change.high if offer.change else nobody,
            Unit.SHARE,
        ),
    )
    return filled_table(
        "bill-spread",
        "Winners and losers of each offer",
        result.offers[1:],
        fields,
        key=lambda offer: offer.id,
        note=f"A bill shock is a bill that rises by more than {percent(result.shock_limit)}; what these customers "
        "pay today is the revenue at risk of churn.",
        method="rerating",
    )


def margin_chart(result: PricingStrategy) -> Chart:
    """Margin by offer, the highest first."""
    ranked = sorted(result.offers, key=lambda offer: (-offer.margin_usd, offer.id))
    best, flat = ranked[0], result.offers[0]
    if best.id == flat.id:
        title = f"On today's use no offer earns more than today's plans, {usd(flat.margin_usd)}"
    else:
        gain = best.margin_usd - flat.margin_usd
        title = (
            f"On today's use the {best.id} offer earns {usd(gain)} more than today's plans, if nobody reacts"
        )
    return Chart(
        id="margin-by-offer",
        kind=ChartKind.BAR_HORIZONTAL,
        title=title,
        subject="Margin of the period by offer",
        label_title="Offer",
        labels=tuple(offer.id for offer in ranked),
        series=(Series("Margin", tuple(offer.margin_usd for offer in ranked)),),
        unit=Unit.USD,
        method="rerating",
    )


Priced = tuple[SegmentOutcome, int]
"""A segment under the offer at this place."""


def segment_table(result: PricingStrategy) -> Table:
    """Each segment under each offer."""
    fields: Fields[Priced] = (
        field("segment", "Use", lambda each: each[0].segment),
        field("offer", "Offer", lambda each: result.offers[each[1]].id),
        field("customers", "Customers", lambda each: each[0].customers, Unit.COUNT),
        field("tokens", "Tokens", lambda each: each[0].tokens, Unit.TOKENS),
        field("cost", "Cost", lambda each: each[0].cost_usd, Unit.USD),
        field("revenue", "Revenue", lambda each: each[0].revenue_usd[each[1]], Unit.USD),
        field("margin", "Margin", lambda each: each[0].revenue_usd[each[1]] - each[0].cost_usd, Unit.USD),
        field(
            "unprofitable", "Unprofitable customers", lambda each: each[0].unprofitable[each[1]], Unit.COUNT
        ),
        field(
            "change",
            "Change of bills",
            lambda each: known_or(
                _relative(each[0].revenue_usd[each[1]], each[0].revenue_usd[0]),
                Unit.SHARE,
                "pays nothing today",
            ),
            Unit.SHARE,
        ),
    )
    return filled_table(
        "segments",
        "Segments of use under each offer",
        [(segment, place) for segment in result.segments for place in range(len(result.offers))],
        fields,
        key=lambda each: f"{each[0].segment}-{result.offers[each[1]].id}",
        method="rerating",
    )


def _relative(new: Decimal, old: Decimal) -> Decimal | None:
    return new / old - 1 if old else None


def histogram(result: PricingStrategy, focus: int) -> Chart:
    """Customers by the change of their bill under one offer."""
    offer = result.offers[focus]
    labels = _class_names()
    classes = [_class_of(entry.change(focus)) for entry in result.customers]
    counts = tuple(classes.count(index) for index in range(len(labels)))
    slices = tuple(
        Slice(index, 1, facets=one_organization(entry.organization, entry.organizations))
        for index, entry in zip(classes, result.customers, strict=True)
    )
    title = (
        f"Under the {offer.id} offer, {offer.losers:,} of {counted(offer.customers, 'bill')} "
        f"{'rises' if offer.losers == 1 else 'rise'}, {number_or_none(offer.shocks)} of them by more than "
        f"{percent(result.shock_limit)}, and {number_or_none(offer.winners)} "
        f"{'fall' if offer.winners > 1 else 'falls'}"
    )
    series = Series("Customers", counts, slices=slices if len(slices) <= MOST_SLICES else ())
    return Chart(
        id="bill-changes",
        kind=ChartKind.BAR,
        title=title,
        subject=f"Customers by change of their bill under the {offer.id} offer",
        label_title="Change of the bill",
        labels=labels,
        series=(series,),
        unit=Unit.COUNT,
        method="rerating",
    )


def _class_names() -> tuple[str, ...]:
    words = [f"{bound:+.0%}".replace("-", "−") for bound in BOUNDS]
    inner = (f"{low} to {high}" for low, high in itertools.pairwise(words))
    return (f"{words[0]} and below", *inner, f"above {words[-1]}", "from nothing")


def _class_of(change: Decimal | None) -> int:
    if change is None:
        return len(BOUNDS) + 1
    return sum(1 for bound in BOUNDS if change > bound)


def customer_table(result: PricingStrategy, focus: int) -> Table:
    """Every customer's bill under every offer, the largest increase under the focus first."""
    ordered = by_increase(result, focus)
    fields: Fields[CustomerBills] = (
        field("customer", "Customer", lambda each: each.customer),
        field("organization", "Organization", lambda each: shown_name(each.organization)),
        field("plan", "Plan", lambda each: shown_name(each.plan)),
        field("segment", "Use", lambda each: each.segment),
        summed("tokens", "Tokens", lambda each: each.tokens, Unit.TOKENS),
        summed("cost", "Cost", _cost_of_customer, Unit.USD),
        *(
            over(f"bill{index}", f"Bill: {each.id}", _bills(index), Unit.USD)
            for index, each in enumerate(result.offers)
        ),
        *_focus_fields(result, focus),
    )
    everyone = f"All {counted(len(ordered), 'customer')}"
    return filled_table(
        "customers",
        "Customers under each offer",
        ordered,
        fields,
        facets=lambda each: one_organization(each.organization, each.organizations),
        key=lambda each: each.customer,
        total=Row(together(everyone, ordered, fields), key="total"),
        method="rerating",
    )


def _cost_of_customer(entry: CustomerBills) -> Value:
    return Value(entry.cost_usd, Unit.USD, at_least=entry.unpriced_calls + entry.partial_calls > 0)


def _bills(index: int) -> Callable[[Sequence[CustomerBills]], Decimal]:
    """What some customers pay under one offer."""
    return lambda some: sum((entry.bills_usd[index] for entry in some), ZERO)


def _focus_fields(result: PricingStrategy, focus: int) -> Fields[CustomerBills]:
    """How bills change from today, the first offer, to the offer in focus."""
    before, after, offer = _bills(0), _bills(focus), result.offers[focus].id

    def increase(some: Sequence[CustomerBills]) -> Decimal:
        return after(some) - before(some)

    def change(entry: CustomerBills) -> Cell:
        return known_or(entry.change(focus), Unit.SHARE, "pays nothing today")

    def change_of_all(some: Sequence[CustomerBills]) -> Cell:
        return known_or(_relative(after(some), before(some)), Unit.SHARE, "no revenue today")

    def shock(entry: CustomerBills) -> str:
        return "yes" if entry.is_shock(focus, result.shock_limit) else "no"

    return (
        over("increase", f"Increase under {offer}", increase, Unit.USD),
        field("change", f"Change under {offer}", change, Unit.SHARE, together=change_of_all),
        field("shock", "Bill shock", shock),
    )


def by_increase(result: PricingStrategy, focus: int) -> list[CustomerBills]:
    """Customers, the largest increase under an offer first."""
    return sorted(result.customers, key=lambda entry: (-entry.increase_usd(focus), entry.customer))
