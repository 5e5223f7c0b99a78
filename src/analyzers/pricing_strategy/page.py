"""The page of pricing strategy: its sections in order, its summary and what is recommended."""

from decimal import Decimal
from typing import Any

from analyzers.advice.confidence import Sureness
from analyzers.base import Analyzer, report
from analyzers.pricing_strategy.against_invoice import against_invoice
from analyzers.pricing_strategy.cards import cards, missing
from analyzers.pricing_strategy.methods import METHODS
from analyzers.pricing_strategy.responses import price_table, response_table, token_price_table
from analyzers.pricing_strategy.result import CustomerBills, OfferOutcome, PricingStrategy
from analyzers.pricing_strategy.summary_lines import summary_lines
from analyzers.pricing_strategy.tables import (
    by_increase,
    change_table,
    customer_table,
    histogram,
    margin_chart,
    offer_table,
    segment_table,
)
from analyzers.revenue.paid import HOW_TO_GIVE
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import ZERO
from analyzers.words.figures import counted, listed, number_or_none, percent, signed, usd
from analyzers.words.opening import cost_words, lacking_words, period_words
from reporting.document import (
    Block,
    Confidence,
    Document,
    Note,
    Recommendation,
    Section,
)

SELDOM = 0.05
"""Below this share of draws that earn less than today, customers are thought to answer as assumed."""
FIRST_TALKS = 5
"""How many customers are named as those to speak to first."""


def page(analyzer: Analyzer[Any], result: PricingStrategy) -> Document:
    """The document of a result."""
    return report(
        analyzer,
        cards(result),
        summary=_summary(result),
        finding=_finding(result),
        sections=_sections(result),
        recommendations=_recommendations(result),
        methods=METHODS,
        summary_lines=summary_lines(result),
    )


def _finding(result: PricingStrategy) -> str:
    flat, candidate = result.today, result.candidate
    if flat is None:
        return missing(result)
    if candidate is None:
        return "The price list holds no offer to compare the plans of today with."
    gain = result.gain_usd_month or ZERO
    if not result.recommended:
        return (
            f"Keep today's plans: the best other offer, {candidate.id}, would earn {usd(gain)} per month against them "
            f"at the middle of the range of responses that settings.toml assumes."
        )
    return (
        f"The {candidate.id} offer would earn {usd(gain)} per month more at the middle of the range of responses "
        f"that settings.toml assumes, with "
        f"{counted(candidate.grandfathered, 'customer')} kept on today's plans."
    )


def _summary(result: PricingStrategy) -> tuple[str, ...]:
    flat = result.today
    period = period_words(result.first_day, result.last_day)
    if flat is None:
        return (
            f"{period}, {counted(result.use.calls, 'call')} cost {cost_words(result.use)}.",
            missing(result),
        )
    now = (
        f"{period}, today's plans brought {usd(flat.revenue_usd)} from {counted(flat.customers, 'customer')} at a "
        f"margin of {usd(flat.margin_usd)} ({percent(flat.margin_share)}); "
        f"{flat.unprofitable:,} cost more than they pay."
    )
    return (now, _finding(result), *_if_all_moved(result))


def _if_all_moved(result: PricingStrategy) -> tuple[str, ...]:
    candidate = result.candidate
    if candidate is None:
        return ()
    return (
        f"If all moved to it with today's use, {number_or_none(candidate.winners)} of "
        f"{counted(candidate.customers, 'customer')} would pay less and {number_or_none(candidate.losers)} more; "
        f"{number_or_none(candidate.unprofitable)} would cost more than they pay.",
    )


def _sections(result: PricingStrategy) -> tuple[Section, ...]:
    if not result.offers:
        return (Section("offers-section", "Offers", blocks=(Note(missing(result)),)),)
    sections = [
        Section(
            "offers-section", "Offers on today's use", blocks=(margin_chart(result), offer_table(result))
        ),
        _answers(result),
        Section("segments-section", "Segments", blocks=(segment_table(result),)),
        Section("token-price-section", "When token prices move", blocks=(token_price_table(result),)),
    ]
    if result.focus is not None:
        blocks: tuple[Block, ...] = (
            histogram(result, result.focus),
            change_table(result),
            customer_table(result, result.focus),
        )
        sections.append(Section("customers-section", "Winners and losers", blocks=blocks))
    return (*sections, *_migration(result), *_left_out(result), against_invoice(result))


def _answers(result: PricingStrategy) -> Section:
    blocks: list[Block] = []
    if len(result.offers) > 1:
        blocks.append(response_table(result))
    if result.price_steps:
        blocks.append(price_table(result))
    else:
        blocks.append(Note("Nobody pays anything today, so no change of price can be judged by elasticity."))
    return Section("answers", "How customers may respond", blocks=tuple(blocks))


def _left_out(result: PricingStrategy) -> tuple[Section, ...]:
    notes = []
    if result.excluded:
        notes.append(
            Note(
                f"{counted(result.excluded, 'customer')} of unknown price or cost are left out; their known cost is "
                f"{usd(result.excluded_cost_usd)}. {HOW_TO_GIVE}"
            )
        )
    if result.unallocated.calls:
        notes.append(
            Note(f"Calls without a customer cost {usd(result.unallocated.cost_usd)}; no offer bills them.")
        )
    if result.use.at_least:
        notes.append(Note(f"There are {lacking_words(result.use)}: true margins are lower."))
    return (Section("left-out", "What these figures leave out", blocks=tuple(notes)),) if notes else ()


def _recommendations(result: PricingStrategy) -> tuple[Recommendation, ...]:
    if not result.recommended or result.candidate is None or result.focus is None:
        return ()
    candidate = result.candidate
    sure = _sureness(result, candidate)
    return (
        Recommendation(
            id=f"move-to-{candidate.id}",
            action=f"Move to the {candidate.id} offer",
            subject=f"{counted(candidate.customers - candidate.grandfathered, 'customer')} and all new ones",
            usd_month=result.gain_usd_month or ZERO,
            confidence=sure.confidence,
            why=f"{sure.words} {_why(result, candidate)}",
            rows=f"the bills of {counted(candidate.customers, 'customer')} in {counted(result.period_days, 'day')}",
            target="offers",
            target_row=candidate.id,
        ),
    )


def _sureness(result: PricingStrategy, candidate: OfferOutcome) -> Sureness:
    """The bills are those of real use, of a month or of less; how customers answer is a range that somebody set."""
    evidence = Confidence.HIGH if result.period_days >= MONTH_DAYS else Confidence.MEDIUM
    acting = Confidence.MEDIUM if candidate.migrated.loses < SELDOM else Confidence.LOW
    return Sureness(evidence, acting, "the customer")


def _why(result: PricingStrategy, candidate: OfferOutcome) -> str:
    today, loses = result.offers[0], percent(candidate.migrated.loses)
    return (
        f"Bills follow use: {candidate.unprofitable:,} of {counted(candidate.customers, 'customer')} would cost more "
        f"than they pay, {today.unprofitable:,} do today. {loses} of simulated responses (elasticity "
        f"{signed(result.elasticity_low)} to {signed(result.elasticity_high)}, a range that you set) earn less than "
        "today. Grandfathered customers keep their plan and their use; no other bill rises by more than "
        f"{percent(result.shock_limit)} ({candidate.capped:,} are capped). If every customer whose bill rises left, "
        f"the margin of the period would be {usd(candidate.stayers_usd)}; today it is {usd(today.margin_usd)}."
    )


def _migration(result: PricingStrategy) -> tuple[Section, ...]:
    """Who moves at once, who is spoken to first, who keeps the plan of today; only with a recommendation."""
    if not result.recommended or result.focus is None:
        return ()
    focus, name = result.focus, f"the {result.offers[result.focus].id} offer"
    kept = grandfathered(result, focus)
    keeping = {entry.customer for entry in kept}
    moving = [entry for entry in by_increase(result, focus) if entry.customer not in keeping]
    calm = [entry for entry in moving if entry.increase_usd(focus) <= 0]
    notes = [
        f"Give new customers {name} first, and move the {len(calm):,} whose bill stays or falls at once.",
        _first_talks([entry for entry in moving if entry.increase_usd(focus) > 0], focus),
        _kept_plans(kept, result),
    ]
    return (
        Section("migration", f"How to move to {name}", blocks=tuple(Note(text) for text in notes if text)),
    )


def _first_talks(rising: list[CustomerBills], focus: int) -> str:
    if not rising:
        return ""
    first = [f"{entry.customer} (+{usd(entry.increase_usd(focus))})" for entry in rising[:FIRST_TALKS]]
    return (
        f"Speak first to {listed(first, FIRST_TALKS)}: of those who move, their bills rise most over the period. Move "
        f"the {counted(len(rising), 'customer')} whose bill rises at their next renewal, after notice."
    )


def _kept_plans(kept: list[CustomerBills], result: PricingStrategy) -> str:
    if not kept or result.focus is None:
        return ""
    waived = sum((entry.increase_usd(result.focus) for entry in kept), Decimal(0))
    month = usd(waived * MONTH_DAYS / result.period_days)
    return (
        f"Grandfather {counted(len(kept), 'customer')} who pay for themselves today and whose bill would rise by more "
        f"than {percent(result.shock_limit)}, {month} per month waived: "
        f"{listed([entry.customer for entry in kept], 5)}."
    )


def grandfathered(result: PricingStrategy, focus: int) -> list[CustomerBills]:
    """Customers with a bill shock who pay for themselves today, the largest increase first."""
    return [
        entry for entry in by_increase(result, focus) if entry.is_grandfathered(focus, result.shock_limit)
    ]
