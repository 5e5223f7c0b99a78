"""Tables of what customers may answer, and of what token prices may do."""

from decimal import Decimal

from analyzers.pricing_strategy.result import OfferOutcome, PricingStrategy, Response
from analyzers.pricing_strategy.tables import or_reason
from analyzers.words.figures import signed
from reporting.document import Cell, Column, Row, Table, Unit, Value


def response_table(result: PricingStrategy) -> Table:
    """What each offer earns once customers have answered."""
    rows = tuple(
        Row(
            (offer.id, _change(offer, result.offers[0]), *_response_cells(offer.response), *_migrated(offer)),
            key=offer.id,
        )
        for offer in result.offers[1:]
    )
    columns = (
        Column("offer", "Offer"),
        Column("change", "Change of revenue", Unit.SHARE),
        *_RESPONSE,
        *_MIGRATED,
    )
    title = "Offers after customers have answered"
    return Table("response", title, columns, rows, note=_elasticity_note(result), method="response")


def price_table(result: PricingStrategy) -> Table:
    """What a change of all of today's prices earns once customers have answered."""
    rows = tuple(
        Row((step.change, *_response_cells(step.response)), key=f"{step.change:+}")
        for step in result.price_steps
    )
    columns = (Column("change", "Change of all prices", Unit.SHARE), *_RESPONSE)
    return Table(
        "prices",
        "Today's plans at other prices",
        columns,
        rows,
        note=_elasticity_note(result),
        method="response",
    )


_RESPONSE = (
    Column("break_even", "Break-even change of volume", Unit.SHARE),
    Column("low", "Margin, 5th percentile", Unit.USD),
    Column("middle", "Margin, median", Unit.USD),
    Column("high", "Margin, 95th percentile", Unit.USD),
    Column("loses", "Share of draws below today", Unit.SHARE),
)


_MIGRATED = (
    Column("grandfathered", "Grandfathered customers", Unit.COUNT),
    Column("migrated", "Margin with grandfathering, median", Unit.USD),
    Column("migrated_loses", "Share of draws below today, with grandfathering", Unit.SHARE),
)


def _migrated(offer: OfferOutcome) -> tuple[Cell, ...]:
    return offer.grandfathered, offer.migrated.middle_usd, offer.migrated.loses


def _response_cells(response: Response) -> tuple[Cell, ...]:
    reason = "no volume makes up for it, or there is no revenue today"
    return (
        or_reason(response.break_even_volume, Unit.SHARE, reason),
        response.low_usd,
        response.middle_usd,
        response.high_usd,
        response.loses,
    )


def _change(offer: OfferOutcome, flat: OfferOutcome) -> Cell:
    if not flat.revenue_usd:
        return Value(None, Unit.SHARE, "no revenue today")
    return offer.revenue_usd / flat.revenue_usd - 1


def _elasticity_note(result: PricingStrategy) -> str:
    return (
        f"Elasticity between {signed(result.elasticity_low)} and {signed(result.elasticity_high)}, as settings.toml "
        "says: a range that you set, not an estimate from these data."
    )


def token_price_table(result: PricingStrategy) -> Table:
    """Margins when tokens cost us 30 % less or more."""
    columns = (
        Column("offer", "Offer"),
        Column("cheap", "Margin at token prices −30%", Unit.USD),
        Column("same", "Margin at today's", Unit.USD),
        Column("dear", "Margin at token prices +30%", Unit.USD),
    )
    rows = tuple(
        Row((offer.id, *(offer.margin_at(Decimal(factor)) for factor in ("0.7", "1", "1.3"))), key=offer.id)
        for offer in result.offers
    )
    return Table("token-prices", "Margins when token prices move", columns, rows, method="token-prices")
