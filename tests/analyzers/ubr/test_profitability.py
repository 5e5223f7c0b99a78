"""Customer profitability against sums made by hand and against an independent count over the same rows."""

import csv
import dataclasses
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.advice.cheaper_models import switches, work
from analyzers.profitability.charts import whale_chart
from analyzers.profitability.customer_margin import Band, band_of
from analyzers.profitability.model_switch import customer_switches
from analyzers.profitability.result import RemedyKind, WhalePoint
from analyzers.ubr.profitability import CustomerProfitability
from reporting.document import Confidence, Note
from settings.loader import load_settings

D = Decimal
SETTINGS = dataclasses.replace(load_settings(), own_plans=True)


def analyze(calls, settings):
    return CustomerProfitability().analyze(calls, settings)


def both(calls, settings):
    analyzer = CustomerProfitability()
    result = analyzer.analyze(calls, settings)
    return result, analyzer.document(result)


def month_of(customer, total, plan="starter", days=30, **values):
    """A call a day whose costs add up to `total`."""
    cost = D(total) / days
    return [
        {
            "customer_id": customer,
            "day": day + 0.5,
            "cost_usd": f"{cost:.9f}",
            "subscription_tier": plan,
            **values,
        }
        for day in range(days)
    ]


@pytest.mark.parametrize(
    ("cost", "band"),
    [
        ("49.999999999", Band.HIGH),
        ("50", Band.MEDIUM),
        ("80", Band.MEDIUM),
        ("80.000000001", Band.LOW),
        ("100", Band.LOW),
        ("100.000000001", Band.NEGATIVE),
    ],
)
def test_bands_at_their_bounds(cost, band):
    assert band_of(D(100), 100 - D(cost)) is band


def test_bands_without_revenue():
    assert band_of(D(0), D(0)) is Band.LOW
    assert band_of(D(0), D(-1)) is Band.NEGATIVE
    assert band_of(None, None) is Band.UNKNOWN


def test_margins_worked_by_hand(make_calls, settings):
    rows = [
        *month_of("ann", "6", organization_id="acme"),
        *month_of("ben", "90", "pro", organization_id="bolt"),
        *month_of("cid", "60", organization_id="bolt"),
        {"customer_id": "", "cost_usd": "1.5", "organization_id": "acme"},
    ]
    result = analyze(make_calls(rows), settings)
    assert {entry.customer: entry.margin_usd for entry in result.customers} == {
        "ann": 23,
        "ben": 9,
        "cid": -31,
    }
    assert [entry.customer for entry in result.customers] == ["cid", "ben", "ann"]
    assert (result.revenue_usd, result.use.cost_usd) == (157, D("157.5"))
    assert result.margin_usd == D("-0.5")
    assert result.margin_share == D("-0.5") / 157
    groups = {group.name: (group.revenue_usd, group.margin_usd) for group in result.by_organization}
    assert groups == {"acme": (29, D("21.5")), "bolt": (128, -22)}
    plans = {group.name: (group.customers, group.unprofitable, group.margin_usd) for group in result.by_plan}
    assert plans == {"starter": (2, 1, -8), "pro": (1, 0, 9), "unallocated": (0, 0, D("-1.5"))}
    assert [point.margin_usd for point in result.whale] == [0, 23, 32, 1]
    assert {entry.band: entry.customers for entry in result.bands} == {
        Band.HIGH: 1,
        Band.MEDIUM: 0,
        Band.LOW: 1,
        Band.NEGATIVE: 1,
    }
    assert (len(result.loss_makers), result.loss_usd) == (1, 31)


def test_cards_can_be_narrowed_to_an_organization(make_calls, settings):
    rows = [
        *month_of("ann", "6", organization_id="acme"),
        *month_of("ben", "90", "pro", organization_id="bolt"),
    ]
    _, document = both(make_calls(rows), settings)
    cards = {
        card.id: {part.facets.organization: part.value for part in card.slices} for card in document.cards
    }
    assert cards["revenue"] == {"acme": 29, "bolt": 99}
    assert cards["cost"] == {"acme": 6, "bolt": 90}
    assert cards["margin"] == {"acme": 23, "bolt": 9}


def test_the_share_of_the_total_loss_runs_over_the_worst_first(make_calls, settings):
    rows = [*month_of("ann", "60"), *month_of("ben", "30"), *month_of("cid", "90")]
    losses = analyze(make_calls(rows), settings).loss_makers
    assert [(entry.margin.customer, entry.loss_share_running) for entry in losses] == [
        ("cid", D(61) / 93),
        ("ann", D(92) / 93),
        ("ben", 1),
    ]


def test_no_filter_takes_a_customer_of_two_organizations_for_one_of_either(make_calls, settings):
    rows = [
        *month_of("ann", "4", organization_id="acme"),
        *month_of("ann", "2", organization_id="bolt"),
        *month_of("ben", "3", organization_id="bolt"),
    ]
    _, document = both(make_calls(rows), settings)
    table = next(
        block
        for section in document.sections
        for block in section.blocks
        if getattr(block, "id", "") == "customers"
    )
    found = {row.key: row.facets.organization for row in table.rows}
    assert found == {"ann": None, "ben": "bolt"}


def test_a_customer_of_two_organizations_pays_in_each_by_its_calls(make_calls, settings):
    rows = [{"day": 0}, {"day": 10}, {"day": 20}, {"day": 29.5, "organization_id": "bolt", "cost_usd": "5"}]
    groups = {group.name: group for group in analyze(make_calls(rows), settings).by_organization}
    assert (groups["acme"].revenue_usd, groups["bolt"].revenue_usd) == (D("21.75"), D("7.25"))
    assert (groups["acme"].matched_cost_usd, groups["bolt"].matched_cost_usd) == (D("0.03"), 5)
    assert (groups["acme"].customers, groups["bolt"].customers) == (1, 0)


def test_break_even_of_a_plan(make_calls, settings):
    rows = month_of("ann", "6", input_tokens=1500, output_tokens=500)  # 30 calls of $0.20 and 2,000 tokens
    plan = analyze(make_calls(rows), settings).plans[0]
    assert (plan.plan, plan.break_even_calls, plan.break_even_tokens, plan.above) == (
        "starter",
        145,
        290_000,
        0,
    )


def test_remedies_worked_by_hand(make_calls, settings):
    """$60 per month on a $29 plan: pro leaves 39; $23.20 keeps 20 % of 29; $75 keeps 20 % of itself."""
    rows = month_of("cid", "60", input_tokens=1500, output_tokens=500)
    [entry] = analyze(make_calls(rows), settings).loss_makers
    remedies = {remedy.kind: remedy for remedy in entry.remedies}
    assert entry.margin_usd_month == -31
    upgrade, cap, price = (remedies[kind] for kind in (RemedyKind.UPGRADE, RemedyKind.CAP, RemedyKind.PRICE))
    assert (upgrade.margin_after_usd_month, upgrade.saving_usd_month) == (39, 70)
    assert (cap.margin_after_usd_month, cap.saving_usd_month) == (D("5.8"), D("36.8"))
    assert cap.detail == "at 23,200 tokens per month"  # 60,000 tokens x 23.2 / 60
    assert (price.detail, price.margin_after_usd_month) == ("to $75 per month", 15)
    assert entry.best is upgrade


@pytest.mark.parametrize(
    ("cost", "detail"),
    [("79.20", "to pro at $99.00 per month"), ("79.50", "to enterprise at $299.00 per month")],
)
def test_an_upgrade_aims_at_the_target_margin(make_calls, settings, cost, detail):
    """99 x 0.8 = 79.20 is the highest cost at which pro still leaves 20 %."""
    [entry] = analyze(make_calls(month_of("cid", cost)), settings).loss_makers
    assert entry.best.detail == detail


def test_where_no_plan_covers_the_cost_the_cap_is_recommended(make_calls, settings):
    [entry] = analyze(make_calls(month_of("cid", "600")), settings).loss_makers
    assert RemedyKind.UPGRADE not in {remedy.kind for remedy in entry.remedies}
    assert entry.best.kind is RemedyKind.CAP


def test_a_free_plan_has_no_cap_and_no_margin_share(make_calls, settings):
    [entry] = analyze(make_calls(month_of("cid", "6", tier_price_usd="0")), settings).loss_makers
    assert entry.margin.margin_share is None
    assert {remedy.kind for remedy in entry.remedies} == {RemedyKind.UPGRADE, RemedyKind.PRICE}


def test_a_model_switch_takes_the_cheapest_model_of_the_same_work_with_enough_calls(make_calls, settings):
    """1,000 tokens cost $0.10 on one model and $0.02 on another that 200 calls of the same work use."""
    cheap = {"model": "gpt-5-mini", "cost_usd": "0.02", "customer_id": "ann"}
    costly = {"model": "gpt-5", "cost_usd": "0.10", "customer_id": "cid"}
    other_work = {"model": "nano", "cost_usd": "0.001", "task_type": "code", "customer_id": "ann"}
    long_input = {
        "model": "pico",
        "cost_usd": "0.001",
        "input_tokens": 1000,
        "output_tokens": 0,
        "customer_id": "ann",
    }

    def rows(cheap_calls):
        spread = [{"day": number % 30} for number in range(900)]
        return [
            *({**cheap, **day} for day in spread[:cheap_calls]),
            *({**costly, **day} for day in spread[:400]),
            *({**other_work, **day} for day in spread[:300]),
            *({**long_input, **day} for day in spread[:300]),
        ]

    [entry] = analyze(make_calls(rows(200)), settings).loss_makers
    switch = next(remedy for remedy in entry.remedies if remedy.kind is RemedyKind.SWITCH)
    assert entry.margin_usd_month == 29 - 40
    assert (switch.saving_usd_month, switch.margin_after_usd_month) == (32, 21)
    assert switch.detail == "400 calls, mainly gpt-5 to gpt-5-mini"
    [entry] = analyze(make_calls(rows(199)), settings).loss_makers
    assert RemedyKind.SWITCH not in {remedy.kind for remedy in entry.remedies}


def test_the_switch_of_the_only_customer_is_that_of_all_work(make_calls, settings):
    """A premium model is not replaced by one two grades below, for a customer as for all."""
    models = {
        "gpt-6-astra": "0.30",
        "gpt-6.1-sol": "0.06",
        "gpt-6-luna": "0.003",
    }  # premium, standard, economy
    rows = [
        {"model": model, "cost_usd": cost, "day": number % 30}
        for model, cost in models.items()
        for number in range(200)
    ]
    calls = make_calls(rows)
    expected = switches(work(calls), settings.pricing, calls.source.period.last_day, 200)
    switch = customer_switches(calls, ["ann"], settings)["ann"]
    assert switch.moves == expected
    assert {(move.work.model, move.model) for move in expected} == {
        ("gpt-6-astra", "gpt-6.1-sol"),
        ("gpt-6.1-sol", "gpt-6-luna"),
    }
    assert switch.saving_share == sum(move.saving_usd for move in expected) / D("72.6")


def test_steady_use_has_a_certain_outlook(make_calls, settings):
    rows = [*month_of("ann", "15", days=30), *month_of("cid", "30", days=30)]
    outlook = {entry.customer: entry.outlook for entry in analyze(make_calls(rows), settings).customers}
    assert (outlook["ann"].low_usd, outlook["ann"].high_usd, outlook["ann"].loss_probability) == (14, 14, 0)
    assert (outlook["cid"].low_usd, outlook["cid"].high_usd, outlook["cid"].loss_probability) == (-1, -1, 1)


def test_an_uneven_use_has_a_range_and_a_probability(make_calls, settings):
    """One day in ten costs $9: a month of 30 drawn days costs more than $29 from 4 such days on."""
    rows = [
        {"customer_id": "ann", "day": day + 0.5, "cost_usd": "9" if day % 10 == 0 else "0"}
        for day in range(30)
    ]
    [entry] = analyze(make_calls(rows), settings).customers
    binomial = {0: 0.0424, 1: 0.1413, 2: 0.2277, 3: 0.2361}  # P(X = k), n = 30, p = 0.1
    assert entry.outlook.loss_probability == pytest.approx(1 - sum(binomial.values()), abs=0.05)
    assert entry.outlook.low_usd < 29 - 27 < entry.outlook.high_usd


@pytest.mark.parametrize(("days", "judged"), [(13, False), (14, True)])
def test_the_outlook_needs_14_days(make_calls, settings, days, judged, sound):
    result, document = both(make_calls(month_of("ann", "5", days=days)), settings)
    assert (result.customers[0].outlook is not None) is judged
    intro = document.sections[0].intro
    assert (intro == "13 days of history: the range of next month's margin needs 14.") is not judged
    sound(document)


def test_a_newcomer_is_marked_and_judged_by_its_own_days(make_calls, settings):
    rows = [
        *month_of("ann", "5"),
        *({"customer_id": "new", "day": day + 0.5, "cost_usd": "1"} for day in range(15, 30)),
        *({"customer_id": "late", "day": day + 0.5, "cost_usd": "1"} for day in range(17, 30)),
    ]
    found = {entry.customer: entry for entry in analyze(make_calls(rows), settings).customers}
    assert (found["new"].outlook.low_usd, found["new"].pace_cost_usd_month) == (-1, 30)
    assert (found["late"].pace_days, found["late"].outlook) == (13, None)


def test_the_margin_bridge_adds_up_and_names_what_moved(make_calls, settings):
    """30 days, twice the calls at half the tokens in the second half: volume doubles cost, tokens halve it back."""
    first = [{"day": day + 0.5, "cost_usd": "0.2", "input_tokens": 1800} for day in range(15)]
    second = [
        {"day": day + 0.5 + part, "cost_usd": "0.1", "input_tokens": 800}
        for day in range(15, 30)
        for part in (0, 0.1)
    ]
    bridge = analyze(make_calls([*first, *second]), settings).bridge
    steps = {step.name: step.usd for step in bridge.steps}
    assert (bridge.before_usd, bridge.after_usd) == (D("14.5") - 3, D("14.5") - 3)
    assert (steps["Number of calls"], steps["Tokens per call"], steps["Model price"]) == (-3, 3, 0)
    assert (bridge.first_start, bridge.first_end) == (date(2026, 9, 1), date(2026, 9, 15))
    assert (bridge.second_start, bridge.second_end) == (date(2026, 9, 16), date(2026, 9, 30))


def test_a_won_customer_and_a_costlier_plan_move_the_bridge(make_calls, settings):
    rows = [
        *({"day": day, "cost_usd": "0"} for day in (0, 59)),
        {"customer_id": "ben", "day": 30, "cost_usd": "0", "subscription_tier": "pro"},
        {"customer_id": "cid", "day": 0, "cost_usd": "0", "tier_price_usd": "29"},
        {"customer_id": "cid", "day": 40, "cost_usd": "0", "tier_price_usd": "39"},
    ]
    bridge = analyze(make_calls(rows), settings).bridge
    steps = {step.name: step.usd for step in bridge.steps}
    # October has 31 days, of which the second half has 30; the plan of $39 holds on the last 20
    assert steps["Customers won and lost"] == pytest.approx(99 * D(30) / 31, abs=D("1e-8"))
    assert steps["Days billed"] == pytest.approx(-2 * D(29) / 31, abs=D("1e-8"))
    assert steps["Plan price"] == pytest.approx(10 * D(20) / 31, abs=D("1e-8"))
    assert bridge.after_usd - bridge.before_usd == sum(steps.values())


def test_an_unknown_price_keeps_its_cost_out_of_the_margin_and_says_so(
    make_calls, settings, sound, blocks_of
):
    rows = [*month_of("ann", "6"), *month_of("zed", "9", "gold")]
    result, document = both(make_calls(rows), settings)
    assert (result.margin_usd, result.unmatched_cost_usd, result.use.cost_usd) == (23, 9, 15)
    assert result.bridge is None
    notes = [
        block.text for section in document.sections for block in section.blocks if isinstance(block, Note)
    ]
    assert any("The price of 1 of 2 customers is unknown" in text for text in notes)
    assert any("plan gold" in text for text in notes)
    sound(document)


def test_calls_of_unknown_cost_are_counted_and_totals_say_at_least(make_calls, settings, sound, blocks_of):
    rows = [*month_of("ann", "6"), {"day": 3, "cost_usd": "", "model": "mystery"}]
    result, document = both(make_calls(rows), settings)
    assert (result.margin_usd, result.use.unpriced_calls) == (23, 1)
    cost = next(card for card in document.cards if card.id == "cost")
    assert cost.value.at_least
    assert "a gross margin of at most $23.00" in document.summary[0]
    assert blocks_of(document)["unpriced"].rows[0].cells == ("openai", "mystery", 1)
    sound(document)


def test_recommendations_come_with_a_loss_and_only_then(make_calls, settings, sound):
    _, healthy = both(make_calls(month_of("ann", "6")), settings)
    assert healthy.recommendations == ()
    _, sick = both(make_calls([*month_of("ann", "6"), *month_of("cid", "60")]), settings)
    [advice] = sick.recommendations
    # to pro at $99 the bill of $29 more than triples: the customer may leave, and only the loss of $31 surely ends
    assert (advice.subject, advice.usd_month, advice.confidence) == ("cid (starter)", 31, Confidence.LOW)
    assert "Evidence: high; that the customer acts so: low." in advice.why
    assert "The bill rises by 241.4%" in advice.why
    assert (advice.target, advice.target_row) == ("losses-table", "cid")
    sound(healthy)
    sound(sick)


def test_who_has_left_is_no_longer_advised_on(make_calls, settings):
    rows = [*month_of("cid", "60", days=20), *month_of("ann", "6"), {"customer_id": "ann", "day": 50}]
    result, document = both(make_calls(rows), settings)
    assert [entry.margin.customer for entry in result.loss_makers] == ["cid"]
    assert document.recommendations == ()


def test_a_loss_with_little_history_is_advised_on_with_low_confidence(make_calls, settings):
    rows = [*month_of("ann", "6"), {"customer_id": "new", "day": 20, "cost_usd": "40"}]
    _, document = both(make_calls(rows), settings)
    assert [advice.confidence for advice in document.recommendations] == [Confidence.LOW]


EDGES = {
    "one call": [{}],
    "one call of unknown cost": [{"cost_usd": ""}],
    "one day": [{"day": part / 10, "customer_id": who} for part, who in enumerate("abc")],
    "all unknown": [{"day": day, "cost_usd": "", "subscription_tier": ""} for day in range(3)],
    "no customers": [{"day": day, "customer_id": "", "subscription_tier": ""} for day in range(20)],
    "zero revenue": [{"day": day, "tier_price_usd": "0"} for day in range(20)],
    "all free": [{"day": day, "cost_usd": "0"} for day in range(20)],
    "nothing named": [
        {
            "day": day,
            **dict.fromkeys(
                (
                    "provider",
                    "customer_id",
                    "subscription_tier",
                    "organization_id",
                    "feature_id",
                    "task_type",
                ),
                "",
            ),
        }
        for day in range(2)
    ],
}


@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
def test_edges_give_plain_sentences_instead_of_undefined_figures(make_calls, settings, rows, sound):
    result, document = both(make_calls(rows), settings)
    sound(document)
    assert document.summary
    assert document.finding
    assert result.use.calls == len(rows)


def test_a_cost_that_is_nowhere_known_is_not_shown_as_zero(make_calls, settings):
    _, document = both(make_calls([{"day": day, "cost_usd": ""} for day in range(3)]), settings)
    cost = next(card.value for card in document.cards if card.id == "cost")
    assert (cost.amount, cost.reason) == (None, "no call has a known cost")
    assert "3 calls cost an unknown amount" in document.summary[0]


def test_more_than_500_customers_end_in_a_row_other(make_calls, settings, sound, blocks_of):
    rows = [{"customer_id": f"c{number:04d}", "day": number % 3} for number in range(503)]
    _, document = both(make_calls(rows), settings)
    table = blocks_of(document)["customers"]
    assert len(table.rows) == 501
    assert table.rows[-1].cells[0] == "Other (3)"
    assert table.total.cells[8] == 503
    sound(document)


ROW = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["ann", "ben", "cid", "zed", ""]),
        "organization_id": st.sampled_from(["acme", "bolt", ""]),
        "subscription_tier": st.sampled_from(["starter", "pro", "gold", ""]),
        "model": st.sampled_from(["a", "b"]),
        "day": st.integers(0, 70),
        "cost_usd": st.one_of(st.just(""), st.decimals(0, 20, places=9).map(str)),
        "input_tokens": st.integers(0, 5000),
    }
)


@pytest.mark.slow
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROW, min_size=1, max_size=30))
def test_every_split_adds_up_to_an_independent_count(make_calls, rows, sound):
    calls = make_calls(rows)
    result, document = both(calls, SETTINGS)
    with Path(calls.source.path).open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    total = sum((D(line["cost_usd"]) for line in lines if line["cost_usd"]), D(0))
    assert result.use.cost_usd == total
    assert result.use.unpriced_calls == sum(1 for line in lines if not line["cost_usd"])
    by_organization = defaultdict(D)
    for line in lines:
        by_organization[line["organization_id"]] += D(line["cost_usd"] or 0)
    assert {group.name: group.use.cost_usd for group in result.by_organization} == by_organization
    assert sum(group.use.cost_usd for group in result.by_plan) == total
    assert sum(day.cost_usd for day in result.daily) == total
    assert sum(group.revenue_usd for group in result.by_organization) == sum(
        group.revenue_usd for group in result.by_plan
    )
    assert result.matched_cost_usd == sum(group.matched_cost_usd for group in result.by_organization)
    assert result.matched_cost_usd + result.unmatched_cost_usd == total
    assert sum(entry.customers for entry in result.bands) == len(result.customers)
    known = [entry.margin_usd for entry in result.customers if entry.margin_usd is not None]
    assert result.whale[-1].margin_usd == sum(known)
    assert result.loss_usd == -sum(margin for margin in known if margin < 0)
    if result.bridge:
        assert (
            result.bridge.before_usd + sum(step.usd for step in result.bridge.steps)
            == result.bridge.after_usd
        )
    sound(document)


@pytest.mark.parametrize(
    ("margins", "title"),
    [
        (("5",), "The only customer earns $5.00"),
        (("-5",), "The only customer loses $5.00"),
        (("5", "8"), "All 2 customers together earn $8.00; none gives any of it back"),
        (("5", "3"), "The best 1 of 2 customers earn $5.00; the last 1 takes $2.00 of it back"),
    ],
)
def test_the_whale_curve_is_titled_by_who_gives_margin_back(margins, title):
    points = tuple(WhalePoint(place, Decimal(margin)) for place, margin in enumerate(margins, 1))
    assert whale_chart(SimpleNamespace(whale=points, unallocated=SimpleNamespace(calls=0))).title == title
