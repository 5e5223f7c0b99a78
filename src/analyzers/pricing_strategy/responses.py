"""Tables of pricing strategy on what customers may answer, and on what token prices may do."""

from collections.abc import Callable
from decimal import Decimal

from analyzers.pricing_strategy.result import OfferOutcome, PriceStep, PricingStrategy, Response
from analyzers.usage.tables import known_or
from analyzers.words.figures import signed
from reporting.document import Cell, Table, Unit, Value
from reporting.filled_tables import Entry, Fields, field, filled_table


def response_table(result: PricingStrategy) -> Table:
    """What each offer earns once customers have answered."""
    fields: Fields[OfferOutcome] = (
        field("offer", "Offer", lambda offer: offer.id),
        field("change", "Change of revenue", lambda offer: _change(offer, result.offers[0]), Unit.SHARE),
        *_response_fields(_response_of_offer),
        field("grandfathered", "Grandfathered customers", lambda offer: offer.grandfathered, Unit.COUNT),
        field("capped", "Customers whose rise is capped", lambda offer: offer.capped, Unit.COUNT),
        field(
            "migrated",
            "Margin with grandfathering and caps, median",
            lambda offer: offer.migrated.middle_usd,
            Unit.USD,
        ),
        field(
            "migrated_loses",
            "Share of draws below today, with grandfathering and caps",
            lambda offer: offer.migrated.loses,
            Unit.SHARE,
        ),
        field("stayers", "Margin if all whose bill rises leave", lambda offer: offer.stayers_usd, Unit.USD),
    )
    return filled_table(
        "response",
        "Offers after customers have answered",
        result.offers[1:],
        fields,
        key=lambda offer: offer.id,
        note=_elasticity_note(result),
        method="response",
    )


def price_table(result: PricingStrategy) -> Table:
    """What a change of all of today's prices earns once customers have answered."""
    fields: Fields[PriceStep] = (
        field("change", "Change of all prices", lambda step: step.change, Unit.SHARE),
        *_response_fields(_response_of_step),
    )
    return filled_table(
        "prices",
        "Today's plans at other prices",
        result.price_steps,
        fields,
        key=lambda step: f"{step.change:+}",
        note=_elasticity_note(result),
        method="response",
    )


def _response_of_offer(offer: OfferOutcome) -> Response:
    return offer.response


def _response_of_step(step: PriceStep) -> Response:
    return step.response


def _response_fields(response: Callable[[Entry], Response]) -> Fields[Entry]:
    """What entries earn once customers have answered."""
    reason = "no volume makes up for it, or there is no revenue today"
    return (
        field(
            "break_even",
            "Break-even change of volume",
            lambda each: known_or(response(each).break_even_volume, Unit.SHARE, reason),
            Unit.SHARE,
        ),
        field("low", "Margin, 5th percentile", lambda each: response(each).low_usd, Unit.USD),
        field("middle", "Margin, median", lambda each: response(each).middle_usd, Unit.USD),
        field("high", "Margin, 95th percentile", lambda each: response(each).high_usd, Unit.USD),
        field("loses", "Share of draws below today", lambda each: response(each).loses, Unit.SHARE),
    )


def _change(offer: OfferOutcome, flat: OfferOutcome) -> Cell:
    if not flat.revenue_usd:
        return Value(None, Unit.SHARE, reason="no revenue today")
    return offer.revenue_usd / flat.revenue_usd - 1


def _elasticity_note(result: PricingStrategy) -> str:
    return (
        f"Elasticity between {signed(result.elasticity_low)} and {signed(result.elasticity_high)}, as settings.toml "
        "says: a range that you set, not an estimate from these data. Over 1,851 published elasticities the mean is "
        "−2.6 (Bijmolt, van Heerde and Pieters, 2005)."
    )


def token_price_table(result: PricingStrategy) -> Table:
    """Margins when tokens cost us 30 % less or more."""
    fields: Fields[OfferOutcome] = (
        field("offer", "Offer", lambda offer: offer.id),
        field(
            "cheap", "Margin at token prices −30%", lambda offer: offer.margin_at(Decimal("0.7")), Unit.USD
        ),
        field("same", "Margin at today's", lambda offer: offer.margin_at(Decimal(1)), Unit.USD),
        field(
            "costly", "Margin at token prices +30%", lambda offer: offer.margin_at(Decimal("1.3")), Unit.USD
        ),
    )
    return filled_table(
        "token-prices",
        "Margins when token prices move",
        result.offers,
        fields,
        key=lambda offer: offer.id,
        method="token-prices",
    )
