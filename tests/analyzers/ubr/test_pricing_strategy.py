"""Pricing strategy: bills worked by hand, splits that add up, and a recommendation only where it earns."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.pricing_strategy.plan_bills import ONE, candidate_offers, packs_bought, tier_for
from analyzers.revenue.paid import billing
from analyzers.revenue.plan_lines import Span, months_of
from analyzers.ubr.pricing_strategy import PricingStrategyAnalyzer
from analyzers.usage.sums import Usage
from methods.elasticity import portfolio_band
from reporting.document import Confidence
from settings.loader import load_settings
from settings.plans import AllowanceTier, CreditOffer, HybridOffer, Offers, TieredOffer, UsageOffer

D = Decimal
SETTINGS = dataclasses.replace(load_settings(), own_plans=True)
PRICES = {"starter": D(29), "pro": D(99)}

OFFERS = Offers(
    tiered=(
        TieredOffer(
            "tiered",
            (AllowanceTier("starter", D(29), 1_000_000, D(10)), AllowanceTier("pro", D(99), 5_000_000, D(8))),
        ),
    ),
    usage=(UsageOffer("usage", D(16)),),
    hybrid=(HybridOffer("hybrid", D(19), D("0.5")),),
    credits=(CreditOffer("credits", D(25), 1000, D(500), rollover=False),),
)


def month(tokens, cost="1", day=0.5, **values):
    return {"day": day, "input_tokens": tokens, "output_tokens": 0, "cost_usd": cost, **values}


def bills(make_calls, rows, factor=ONE):
    """The bill of the first customer under each offer, by its id."""
    account = billing(make_calls(rows), PRICES).accounts[0]
    return {offer.id: offer.bill(account, factor) for offer in candidate_offers(OFFERS)}


def both(calls, chosen=SETTINGS):
    analyzer = PricingStrategyAnalyzer()
    result = analyzer.analyze(calls, chosen)
    return result, analyzer.document(result)


@pytest.mark.parametrize(
    ("tokens", "tiered", "credits"),
    [
        (0, "29", "0"),
        (1, "29", "25"),
        (1_000_000, "29", "25"),
        (1_000_001, "29.00001", "25"),
        (2_000_000, "39", "25"),  # 500 credits a million: a pack covers 2,000,000 tokens
        (2_000_001, "39.00001", "50"),
        (3_500_000, "54", "50"),
    ],
)
def test_allowance_overage_and_packs_at_their_bounds(make_calls, tokens, tiered, credits):
    found = bills(make_calls, [month(tokens), month(0, "0", day=29.5)])
    assert (found["tiered"], found["credits"]) == (D(tiered), D(credits))


def test_usage_and_hybrid_worked_by_hand(make_calls):
    found = bills(make_calls, [month(2_500_000, "12.50"), month(0, "0", day=29.5)])
    assert found["usage"] == 40  # 2.5 x 16
    assert found["hybrid"] == D("37.75")  # 19 + 12.50 x 1.5


def test_a_cost_plus_bill_moves_with_token_prices_and_the_others_do_not(make_calls):
    rows = [month(2_500_000, "10"), month(0, "0", day=29.5)]
    same, costly = bills(make_calls, rows), bills(make_calls, rows, D("1.3"))
    assert costly["hybrid"] - same["hybrid"] == D("4.5")  # 10 x 0.3 x 1.5
    assert {name for name in same if same[name] != costly[name]} == {"hybrid"}


def test_months_are_billed_one_by_one_a_silent_one_too(make_calls):
    """1.5 million tokens in the first and the third month: half a million over the allowance, twice."""
    found = bills(make_calls, [month(1_500_000), month(1_500_000, day=65), month(0, "0", day=90.5)])
    assert found["tiered"] == 3 * 29 + 2 * 5
    assert found["credits"] == 2 * 25
    assert found["hybrid"] == 3 * 19 + D("1.5") * 2


def test_a_short_last_month_has_a_part_of_base_price_and_allowance(make_calls):
    """September and 1 to 15 October: 15 of 31 days of the base and of a million included tokens."""
    found = bills(make_calls, [month(0, "0"), month(700_000, day=44.5)])
    over = 700_000 - D(1_000_000) * 15 / 31
    nano = D("1e-9")
    assert found["tiered"] == 29 + (D(29) * 15 / 31).quantize(nano) + (over * 10 / 1_000_000).quantize(nano)
    assert found["hybrid"] == 19 + (D(19) * 15 / 31).quantize(nano) + D("1.5")
    assert found["credits"] == 25


def test_credits_that_roll_over_cover_the_next_month():
    uses = [Usage(calls=1, priced_calls=1, input_tokens=tokens) for tokens in (1_000_000, 1_000_000, 1)]
    kept = CreditOffer("c", D(25), 1000, D(500), rollover=True)
    lost = CreditOffer("c", D(25), 1000, D(500), rollover=False)
    assert (packs_bought(kept, uses), packs_bought(lost, uses)) == (2, 3)


def test_a_plan_without_a_tier_takes_the_cheapest_that_costs_as_much():
    tiers = OFFERS.tiered[0]

    def month_of(plan, price):
        return months_of([Span(plan, D(price), date(2026, 9, 1), date(2026, 9, 30))])[0]

    assert tier_for(tiers, month_of("gold", 50)).plan == "pro"
    assert tier_for(tiers, month_of("gold", 500)).plan == "pro"
    assert tier_for(tiers, month_of("gold", 20)).plan == "starter"
    assert tier_for(tiers, month_of("pro", 1)).plan == "pro"


def customers_of(*uses):
    """Customers who use `tokens` at `cost` in a month of 30 days."""
    rows = []
    for name, tokens, cost in uses:
        rows.append(month(tokens, cost, customer_id=name))
        rows.append(month(0, "0", day=29.5, customer_id=name))
    return rows


def test_outcomes_count_winners_losers_shocks_and_the_unprofitable(make_calls, blocks_of):
    """usage is $16 a million: ann pays 8 for 29, ben 32, cid 160; a shock is more than half as much again."""
    rows = customers_of(("ann", 500_000, "1"), ("ben", 2_000_000, "5"), ("cid", 10_000_000, "60"))
    result, document = both(make_calls(rows))
    usage = next(offer for offer in result.offers if offer.id == "usage")
    changes = next(row for row in blocks_of(document)["bill-spread"].rows if row.key == "usage").cells
    assert changes[1:5] == (1, 2, 1, 29)  # the one of the shock pays 29 today
    assert changes[6] == pytest.approx(32 / 29 - 1)  # ben's, the one in the middle
    assert (usage.revenue_usd, usage.cost_usd, usage.margin_usd) == (200, 66, 134)
    assert (usage.winners, usage.losers, usage.shocks, usage.unprofitable) == (1, 2, 1, 0)
    assert usage.grandfathered == 0  # cid's bill is a shock, but cid costs more than it pays
    flat = result.offers[0]
    assert (flat.revenue_usd, flat.margin_usd, flat.unprofitable) == (87, 21, 1)
    assert flat.unprofitable_share == D(1) / 3
    assert {entry.customer: entry.segment for entry in result.customers} == {
        "ann": "low",
        "ben": "medium",
        "cid": "high",
    }


@pytest.mark.parametrize(("tokens", "shocks"), [(2_718_750, 0), (2_718_751, 1)])
def test_a_shock_is_more_than_the_limit(make_calls, tokens, shocks):
    """29 x 1.5 = 43.50 = 2.71875 million tokens at $16: exactly the limit is no shock."""
    result, _ = both(make_calls(customers_of(("ann", tokens, "1"))))
    assert next(offer for offer in result.offers if offer.id == "usage").shocks == shocks


def test_break_even_volume_is_the_textbook_ratio(make_calls):
    """Margin 40 %, prices up 10 %: a fifth of the volume may go."""
    result, _ = both(make_calls(customers_of(("ann", 1000, "17.4"))))
    step = next(entry for entry in result.price_steps if entry.change == D("0.1"))
    assert step.response.break_even_volume == pytest.approx(-0.2)
    down = next(entry for entry in result.price_steps if entry.change == D("-0.2"))
    assert down.response.break_even_volume == pytest.approx(1.0)


def test_the_response_lies_between_the_ends_of_the_range(make_calls):
    """One customer at $29 and cost 5, prices up 20 %: volume is 1.2 to the power of the elasticity."""
    result, _ = both(make_calls(customers_of(("ann", 1000, "5"))))
    response = next(entry for entry in result.price_steps if entry.change == D("0.2")).response
    profits = [1.2**elasticity * (29 * 1.2 - 5) for elasticity in (-4.2, -2.6, -1.0)]
    assert float(response.middle_usd) == pytest.approx(profits[1], abs=0.2)
    assert profits[0] < float(response.low_usd) < float(response.high_usd) < profits[2]
    assert response.loses == pytest.approx((-1.187 + 4.2) / 3.2, abs=0.02)  # where 29.8 x 1.2^e is below 24


def test_customers_who_all_answer_alike_add_up_to_one():
    together = portfolio_band([300], [360], [120], (-1.5, -0.2))
    apart = portfolio_band([100, 200], [120, 240], [20, 100], (-1.5, -0.2))
    assert (apart.low, apart.middle, apart.high, apart.loses) == pytest.approx(
        (together.low, together.middle, together.high, together.loses), rel=1e-4
    )


def test_who_pays_nothing_today_keeps_its_volume():
    band = portfolio_band([0], [10], [4], (-1.5, -0.2))
    assert (band.low, band.high, band.loses) == (6, 6, 0)


def test_token_prices_up_and_down_thirty_percent(make_calls):
    result, document = both(make_calls(customers_of(("ann", 1_000_000, "10"))))
    flat = result.offers[0]
    assert [flat.margin_at(D(factor)) for factor in ("0.7", "1", "1.3")] == [22, 19, 16]
    hybrid = next(offer for offer in result.offers if offer.id == "hybrid")
    assert [hybrid.margin_at(D(factor)) for factor in ("0.7", "1", "1.3")] == [
        D("23.2"),  # 19 + 7 x 0.6
        25,
        D("26.8"),
    ]
    assert "token-prices" in {
        getattr(block, "id", "") for section in document.sections for block in section.blocks
    }


def test_loss_makers_move_profitable_shocks_stay_and_the_advice_says_who(make_calls, sound):
    rows = customers_of(("big", 20_000_000, "90"), ("mid", 4_000_000, "8"), ("sml", 1_700_000, "2"))
    result, document = both(make_calls(rows))
    assert result.recommended
    [advice] = document.recommendations
    assert advice.action.startswith(f"Move to the {result.candidate.id} offer")
    [migration] = [section for section in document.sections if section.id == "migration"]
    at_once, talks, kept = (block.text for block in migration.blocks)
    assert "move the 1 whose bill stays or falls" in at_once
    assert talks.startswith("Speak first to big (+")
    assert "Grandfather 1 customer" in kept
    assert kept.endswith("mid.")
    assert advice.usd_month == result.gain_usd_month
    # if big, whose bill rises, leaves: mid keeps $29 at a cost of 8, sml $29 at 2
    assert (result.candidate.stayers_usd, result.candidate.capped) == (21 + 27, 1)
    assert "If every customer whose bill rises left" in advice.why
    assert advice.confidence is Confidence.MEDIUM
    sound(document)


def test_where_no_offer_earns_more_the_plans_of_today_stay(make_calls, sound):
    result, document = both(make_calls(customers_of(("ann", 1000, "0.01"), ("ben", 2000, "0.02"))))
    assert not result.recommended
    assert document.recommendations == ()
    assert "migration" not in {section.id for section in document.sections}
    assert document.finding.startswith("Keep today's plans")
    sound(document)


def test_unknown_prices_are_left_out_and_named(make_calls, sound):
    rows = [*customers_of(("ann", 1000, "1")), month(1000, "3", customer_id="zed", subscription_tier="gold")]
    result, document = both(make_calls(rows))
    assert (result.excluded, result.excluded_cost_usd, result.offers[0].cost_usd) == (1, 3, 1)
    assert result.use.cost_usd == 4
    sound(document)


EDGES = {
    "one call": [{}],
    "one call of unknown cost": [{"cost_usd": ""}],
    "no customers": [{"day": day, "customer_id": "", "subscription_tier": ""} for day in range(20)],
    "no plans": [{"day": day, "subscription_tier": ""} for day in range(3)],
    "zero revenue": [{"day": day, "tier_price_usd": "0"} for day in range(20)],
    "all free": [{"day": day, "cost_usd": "0"} for day in range(20)],
    "no tokens": [{"day": day, "input_tokens": 0, "output_tokens": 0} for day in range(20)],
    "no revenue and no cost": [{"tier_price_usd": "0", "cost_usd": "0"}],
}


@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
def test_edges_give_plain_sentences_instead_of_undefined_figures(make_calls, rows, sound):
    result, document = both(make_calls(rows))
    sound(document)
    assert document.finding
    assert result.use.calls == len(rows)


def test_more_than_500_customers_end_in_a_row_other(make_calls, sound, blocks_of):
    rows = [{"customer_id": f"c{number:04d}", "day": number % 3} for number in range(502)]
    _, document = both(make_calls(rows))
    table = blocks_of(document)["customers"]
    assert (len(table.rows), table.rows[-1].cells[0]) == (501, "Other (2)")
    sound(document)


ROW = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["ann", "ben", "cid", "dan", "zed", ""]),
        "subscription_tier": st.sampled_from(["starter", "pro", "gold"]),
        "day": st.integers(0, 70),
        "cost_usd": st.one_of(st.just(""), st.decimals(0, 20, places=9).map(str)),
        "input_tokens": st.integers(0, 5_000_000),
    }
)


@pytest.mark.slow
@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROW, min_size=1, max_size=25))
def test_offers_segments_and_customers_add_up(make_calls, rows, sound):
    result, document = both(make_calls(rows))
    for index, offer in enumerate(result.offers):
        assert offer.revenue_usd == sum(entry.bills_usd[index] for entry in result.customers)
        assert offer.revenue_usd == sum(segment.revenue_usd[index] for segment in result.segments)
        assert offer.cost_usd == sum(segment.cost_usd for segment in result.segments)
        assert offer.unprofitable == sum(segment.unprofitable[index] for segment in result.segments)
        assert offer.winners + offer.losers <= offer.customers
        assert offer.shocks <= offer.losers
    left = result.offers[0].cost_usd if result.offers else 0
    assert left + result.excluded_cost_usd + result.unallocated.cost_usd == result.use.cost_usd
    sound(document)
