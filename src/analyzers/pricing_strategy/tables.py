"""Tables and charts of pricing strategy."""

import itertools
from collections.abc import Sequence
from decimal import Decimal

from analyzers.pricing_strategy.result import (
    CustomerBills,
    OfferOutcome,
    PricingStrategy,
)
from analyzers.usage.sums import ZERO
from analyzers.words.figures import counted, number_or_none, percent, usd
from reporting.document import Cell, Chart, ChartKind, Column, Facets, Row, Series, Slice, Table, Unit, Value

ROWS = 500
"""Rows of a table on the page; the JSON holds all."""
BOUNDS = tuple(Decimal(bound) for bound in ("-0.5", "-0.2", "-0.05", "0.05", "0.2", "0.5", "1"))
"""Bounds of the classes of the histogram of bill changes; a change on a bound is in the class below it."""


def offer_table(result: PricingStrategy) -> Table:
    """Each offer with today's use: what it brings, who pays more, who pays less."""
    columns = (
        Column("offer", "Offer"),
        Column("terms", "Terms"),
        Column("revenue", "Revenue", Unit.USD),
        Column("margin", "Margin", Unit.USD),
        Column("margin_share", "Margin of revenue", Unit.SHARE),
        Column("unprofitable", "Unprofitable customers", Unit.COUNT),
        Column("unprofitable_share", "Share unprofitable", Unit.SHARE),
        Column("low", "Bill, 10th percentile", Unit.USD),
        Column("middle", "Bill, median", Unit.USD),
        Column("high", "Bill, 90th percentile", Unit.USD),
        Column("top", "Revenue from the largest tenth of bills", Unit.SHARE),
    )
    rows = tuple(_offer_row(offer) for offer in result.offers)
    return Table("offers", "Offers on today's use", columns, rows, method="rerating")


def _offer_row(offer: OfferOutcome) -> Row:
    return Row(
        (
            offer.id,
            offer.terms,
            offer.revenue_usd,
            offer.margin_usd,
            or_reason(offer.margin_share, Unit.SHARE, "no revenue"),
            offer.unprofitable,
            offer.unprofitable_share,
            offer.bill.low,
            offer.bill.middle,
            offer.bill.high,
            or_reason(offer.top_decile_share, Unit.SHARE, "no revenue"),
        ),
        key=offer.id,
    )


def change_table(result: PricingStrategy) -> Table:
    """Winners and losers of each offer, and the spread of the change of their bills."""
    columns = (
        Column("offer", "Offer"),
        Column("winners", "Pay less", Unit.COUNT),
        Column("losers", "Pay more", Unit.COUNT),
        Column("shocks", "Bill shocks", Unit.COUNT),
        Column("at-risk", "They pay today", Unit.USD),
        Column("low", "Change of the bill, 10th percentile", Unit.SHARE),
        Column("middle", "Change of the bill, median", Unit.SHARE),
        Column("high", "Change of the bill, 90th percentile", Unit.SHARE),
    )
    rows = tuple(_change_row(offer) for offer in result.offers[1:])
    note = (
        f"A bill shock is a bill that rises by more than {percent(result.shock_limit)}; what these customers pay "
        "today is the revenue at risk of churn."
    )
    return Table(
        "bill-spread", "Winners and losers of each offer", columns, rows, note=note, method="rerating"
    )


def _change_row(offer: OfferOutcome) -> Row:
    nobody = Value(None, Unit.SHARE, "nobody pays anything today")
    spread = offer.change
    changes = (nobody,) * 3 if spread is None else (spread.low, spread.middle, spread.high)
    counts = (offer.winners, offer.losers, offer.shocks)
    return Row((offer.id, *counts, offer.at_risk_usd, *changes), key=offer.id)


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
        "margin-by-offer",
        ChartKind.BAR_HORIZONTAL,
        title,
        "Margin of the period by offer",
        "Offer",
        tuple(offer.id for offer in ranked),
        (Series("Margin", tuple(offer.margin_usd for offer in ranked)),),
        Unit.USD,
        method="rerating",
    )


def segment_table(result: PricingStrategy) -> Table:
    """Each segment under each offer."""
    columns = (
        Column("segment", "Use"),
        Column("offer", "Offer"),
        Column("customers", "Customers", Unit.COUNT),
        Column("tokens", "Tokens", Unit.TOKENS),
        Column("cost", "Cost", Unit.USD),
        Column("revenue", "Revenue", Unit.USD),
        Column("margin", "Margin", Unit.USD),
        Column("unprofitable", "Unprofitable customers", Unit.COUNT),
        Column("change", "Change of bills", Unit.SHARE),
    )
    rows = tuple(
        Row(
            (
                segment.segment,
                offer.id,
                segment.customers,
                segment.tokens,
                segment.cost_usd,
                segment.revenue_usd[index],
                segment.revenue_usd[index] - segment.cost_usd,
                segment.unprofitable[index],
                or_reason(
                    _relative(segment.revenue_usd[index], segment.revenue_usd[0]),
                    Unit.SHARE,
                    "pays nothing today",
                ),
            ),
            key=f"{segment.segment}-{offer.id}",
        )
        for segment in result.segments
        for index, offer in enumerate(result.offers)
    )
    return Table("segments", "Segments of use under each offer", columns, rows, method="rerating")


def _relative(new: Decimal, old: Decimal) -> Decimal | None:
    return new / old - 1 if old else None


def histogram(result: PricingStrategy, focus: int) -> Chart:
    """Customers by the change of their bill under one offer."""
    offer = result.offers[focus]
    labels = _class_names()
    classes = [_class_of(entry.change(focus)) for entry in result.customers]
    counts = tuple(classes.count(index) for index in range(len(labels)))
    slices = tuple(
        Slice(index, 1, Facets(organization=entry.organization))
        for index, entry in zip(classes, result.customers, strict=True)
    )
    title = (
        f"Under the {offer.id} offer, {offer.losers:,} of {counted(offer.customers, 'bill')} "
        f"{'rises' if offer.losers == 1 else 'rise'}, {number_or_none(offer.shocks)} of them by more than "
        f"{percent(result.shock_limit)}, and {number_or_none(offer.winners)} "
        f"{'fall' if offer.winners > 1 else 'falls'}"
    )
    series = Series("Customers", counts, slices=slices if len(slices) <= ROWS else ())
    return Chart(
        "bill-changes",
        ChartKind.BAR,
        title,
        f"Customers by change of their bill under the {offer.id} offer",
        "Change of the bill",
        labels,
        (series,),
        Unit.COUNT,
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
    columns = (
        Column("customer", "Customer"),
        Column("organization", "Organization"),
        Column("plan", "Plan"),
        Column("segment", "Use"),
        Column("tokens", "Tokens", Unit.TOKENS),
        Column("cost", "Cost", Unit.USD),
        *(Column(f"bill{index}", f"Bill: {offer.id}", Unit.USD) for index, offer in enumerate(result.offers)),
        Column("increase", f"Increase under {result.offers[focus].id}", Unit.USD),
        Column("change", f"Change under {result.offers[focus].id}", Unit.SHARE),
        Column("shock", "Bill shock"),
    )
    ordered = by_increase(result, focus)
    rows = [_customer_row(entry, focus, result.shock_limit) for entry in ordered[:ROWS]]
    if len(ordered) > ROWS:
        rows.append(_sum_row(f"Other ({len(ordered) - ROWS:,} customers)", ordered[ROWS:], focus, "other"))
    total = _sum_row(f"All {counted(len(ordered), 'customer')}", ordered, focus, "total")
    return Table(
        "customers", "Customers under each offer", columns, tuple(rows), total=total, method="rerating"
    )


def by_increase(result: PricingStrategy, focus: int) -> list[CustomerBills]:
    """Customers, the largest increase under an offer first."""
    return sorted(result.customers, key=lambda entry: (-entry.increase_usd(focus), entry.customer))


def _customer_row(entry: CustomerBills, focus: int, limit: Decimal) -> Row:
    return Row(
        (
            entry.customer,
            entry.organization or "(unallocated)",
            entry.plan or "(none)",
            entry.segment,
            entry.tokens,
            Value(entry.cost_usd, Unit.USD, at_least=entry.unpriced_calls > 0),
            *entry.bills_usd,
            entry.increase_usd(focus),
            or_reason(entry.change(focus), Unit.SHARE, "pays nothing today"),
            "yes" if entry.is_shock(focus, limit) else "no",
        ),
        Facets(organization=entry.organization),
        entry.customer,
    )


def _sum_row(name: str, entries: Sequence[CustomerBills], focus: int, key: str) -> Row:
    bills = tuple(
        sum((entry.bills_usd[index] for entry in entries), ZERO) for index in range(len(entries[0].bills_usd))
    )
    return Row(
        (
            name,
            "",
            "",
            "",
            sum(entry.tokens for entry in entries),
            sum((entry.cost_usd for entry in entries), ZERO),
            *bills,
            bills[focus] - bills[0],
            or_reason(_relative(bills[focus], bills[0]), Unit.SHARE, "no revenue today"),
            "",
        ),
        key=key,
    )


def or_reason(amount: Decimal | float | None, unit: Unit, reason: str) -> Cell:
    """The amount, or an empty value with the reason why there is none."""
    return Value(None, unit, reason) if amount is None else amount
