"""Feature economics: sums worked by hand, attribution that adds up, verdicts at their bounds, lift against scipy."""

import csv
import dataclasses
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.feature_economics.attribution import split_units
from analyzers.feature_economics.result import Earning, Verdict
from analyzers.feature_economics.verdict import fewest_customers, standing
from analyzers.revenue.paid import billing, price_list
from analyzers.ubr.feature_economics import FeatureEconomicsReport, fewest_making_half
from analyzers.ubr.profitability import CustomerProfitability
from methods.allocation import largest_remainder
from reporting.document import Confidence
from reporting.html_generator import render_report
from reporting.page_check import faults
from reporting.provenance import Provenance
from settings.loader import load_settings

D = Decimal
SETTINGS = dataclasses.replace(load_settings(), own_plans=True)
LIMITS = dataclasses.replace(SETTINGS.features, adoption_high=D("0.3"), return_high=D(1))


def both(calls, settings=SETTINGS):
    analyzer = FeatureEconomicsReport()
    result = analyzer.analyze(calls, settings)
    return result, analyzer.document(result)


def named(result):
    return {feature.name: feature for feature in result.features}


def uses(customer, feature, number, cost="0.1", **values):
    """`number` calls, one a day from the first day on."""
    return [
        {
            "customer_id": customer,
            "feature_id": feature,
            "day": day % 30 + 0.5,
            "cost_usd": cost,
            **values,
        }
        for day in range(number)
    ]


TWO = [*uses("ann", "chat", 30), *uses("ann", "search", 10, "2"), *uses("ben", "chat", 5)]


def rendered(document, calls):
    return render_report(
        document, Provenance(calls.source, "1.0", "digest", datetime(2026, 10, 1, tzinfo=UTC))
    )


def test_use_and_attribution_worked_by_hand(make_calls):
    """Each pays $29: ann's is split 30 to 10 over her calls, ben's is all chat's."""
    result, _ = both(make_calls(TWO))
    chat, search = named(result)["chat"], named(result)["search"]
    assert (chat.usage.calls, chat.usage.tokens, chat.usage.cost_usd) == (35, 35_000, D("3.5"))
    assert (chat.customers, chat.adoption, chat.cost_per_customer_usd) == (2, 1, D("1.75"))
    assert (search.customers, search.adoption, search.cost_per_customer_usd) == (1, D("0.5"), 20)
    assert (chat.earning.revenue_usd, search.earning.revenue_usd) == (D("50.75"), D("7.25"))
    assert (chat.earning.equal_revenue_usd, search.earning.equal_revenue_usd) == (D("43.5"), D("14.5"))
    assert (chat.earning.margin_usd, search.earning.margin_usd) == (D("47.25"), D("-12.75"))
    assert chat.earning.return_ratio == D("47.25") / D("3.5")
    assert search.earning.equal_return_ratio == D("-5.5") / 20
    assert (result.earning.revenue_usd, result.earning.margin_usd) == (58, D("34.5"))


def test_engagement_worked_by_hand(make_calls):
    """Ann uses chat on 30 of 30 days, ben on 5: 35 customer days of 60."""
    result, _ = both(make_calls(TWO))
    chat = named(result)["chat"].engagement
    assert (chat.daily_customers, chat.window_customers, chat.stickiness) == (D(35) / 30, 2, D(35) / 60)
    assert (chat.power_users, chat.top_customer, chat.top_share) == (1, "ann", D(30) / 35)


def test_stickiness_looks_at_the_last_30_days(make_calls):
    rows = [{"day": 0.5, "customer_id": "old"}, {"day": 10.5}, {"day": 39.5}, {"day": 39.6}]
    found = named(both(make_calls(rows))[0])["chat"].engagement
    # the window is day 10 to day 39: old is out of it, ann has two of its days
    assert (found.window_days, found.window_customers, found.active_days) == (30, 1, 2)


@pytest.mark.parametrize(
    ("calls", "makers"), [([5, 3, 2], 1), ([4, 3, 3], 2), ([1, 1, 1, 1], 2), ([1], 1), ([], 0)]
)
def test_power_users_make_half_of_the_calls(calls, makers):
    assert fewest_making_half(calls) == makers


def test_the_trend_compares_two_weeks(make_calls):
    rows = [
        {"day": day + hour, "cost_usd": "1" if day < 7 else "3"} for day in range(14) for hour in (0.01, 0.97)
    ]
    chat = named(both(make_calls(rows))[0])["chat"]
    assert (chat.cost_versus.before, chat.cost_versus.now) == (14, 42)
    assert (chat.calls_versus.before, chat.calls_versus.now) == (14, 14)
    assert named(both(make_calls(rows[1:]))[0])["chat"].cost_versus is None  # the first day lacks its morning


def test_calls_without_a_feature_or_a_customer_have_lines_of_their_own(make_calls, sound):
    rows = [
        *uses("ann", "chat", 15),
        *uses("ann", "", 15),
        *uses("ben", "", 30),
        *uses("", "chat", 4, "0.5"),
    ]
    result, document = both(make_calls(rows))
    lines = named(result)
    assert lines["chat"].earning.revenue_usd == D("14.5")
    assert lines[""].earning.revenue_usd == D("43.5")
    assert (lines[""].standing, lines["chat"].customers) == (None, 1)
    assert lines["chat"].earning.cost_usd == D("3.5")
    assert lines["chat"].cost_per_customer_usd == D("1.5")
    sound(document)


def test_revenue_and_margin_are_those_of_customer_profitability(make_calls):
    rows = [*TWO, *uses("cid", "chat", 3, subscription_tier="gold"), *uses("", "search", 2)]
    calls = make_calls(rows)
    result, _ = both(calls)
    other = CustomerProfitability().analyze(calls, SETTINGS)
    assert (result.earning.revenue_usd, result.earning.margin_usd) == (other.revenue_usd, other.margin_usd)
    assert result.unknown_revenue_cost_usd == D("0.3")


@pytest.mark.parametrize(
    ("customers", "cost", "verdict"),
    [
        (3, "50", Verdict.INVEST),
        (2, "50", Verdict.MAINTAIN),
        (3, "50.000000001", Verdict.OPTIMIZE),
        (2, "50.000000001", Verdict.SUNSET),
    ],
)
def test_verdicts_at_their_bounds(customers, cost, verdict):
    """Of 10 customers 3 are 30 %; $100 of revenue over $50 of cost is a return of exactly 1."""
    found = standing(customers, 10, Earning(D(100), D(100), D(cost), 5, 5), LIMITS)
    assert (found.verdict, found.robust) == (verdict, True)
    assert found.spare_customers == customers - 3
    assert found.spare_cost_usd == 50 - D(cost)


@pytest.mark.parametrize(("share", "all_customers", "needed"), [("0.3", 10, 3), ("0.3", 11, 4), ("0", 5, 0)])
def test_the_fewest_customers_of_a_high_adoption(share, all_customers, needed):
    assert fewest_customers(all_customers, D(share)) == needed


def test_a_feature_without_cost_returns_much_and_one_of_unknown_cost_has_no_verdict():
    assert standing(1, 10, Earning(D(0), D(0), D(0), 5, 5), LIMITS).verdict is Verdict.MAINTAIN
    assert standing(1, 10, Earning(D(9), D(9), D(0), 5, 0), LIMITS) is None
    always = dataclasses.replace(LIMITS, return_high=D(-1))
    assert standing(1, 10, Earning(D(0), D(0), D(9), 5, 5), always).spare_cost_usd is None


def test_a_verdict_that_hangs_on_the_rule_is_not_firm():
    found = standing(5, 10, Earning(D(100), D(99), D(50), 5, 5), LIMITS)
    assert (found.verdict, found.equal_verdict, found.robust) == (Verdict.INVEST, Verdict.OPTIMIZE, False)


def paired(shared):
    """24 customers: `shared` use both features, three more use one each, the others none."""
    rows = []
    for number in range(24):
        features = ["a", "b"] if number < shared else ["a"] if number < shared + 3 else ["b"]
        rows += uses(f"c{number:02d}", "", 1)
        rows += [row for name in features if number < shared + 6 for row in uses(f"c{number:02d}", name, 1)]
    return rows


@pytest.mark.parametrize("shared", [5, 8, 12])
def test_lift_agrees_with_fisher_of_scipy(make_calls, shared):
    from scipy import stats

    [bundle] = both(make_calls(paired(shared)))[0].bundles
    users = shared + 3
    table = [[shared, 3], [3, 24 - shared - 6]]
    assert bundle.lift == D(shared * 24) / (users * users)
    assert bundle.expected == D(users * users) / 24
    assert bundle.p_value == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)
    assert bundle.significant == (bundle.p_value <= 0.05)


def test_bundles_need_their_support(make_calls, sound):
    assert SETTINGS.features.lift_min_support == 5
    result, document = both(make_calls(paired(4)))
    assert result.bundles == ()
    assert any("No two features share" in block.text for block in section(document, "bundles").blocks)
    sound(document)


def section(document, identity):
    return next(entry for entry in document.sections if entry.id == identity)


def test_what_profitable_customers_share_is_flagged_before_it_is_sunset(make_calls, sound, blocks_of):
    """Chat costs $60 and brings $33, 10 of 30 calls of ann's $99; she costs 62 over all, and so earns 37."""
    rows = [
        *uses("ann", "draft", 20, subscription_tier="pro"),
        *uses("ann", "chat", 10, "6", subscription_tier="pro"),
    ]
    rows += uses("bob", "draft", 30)
    result, document = both(make_calls(rows))
    chat = named(result)["chat"]
    assert chat.loss_usd == 60 - D(33)
    assert (chat.shared, chat.sharing.customers, chat.sharing.margin_usd) == (True, 1, 99 - D(62))
    assert [alert.usd for alert in document.alerts] == [27]
    [row] = blocks_of(document)["shared"].rows
    assert row.cells[-1] == "ask them first"
    [advice] = [entry for entry in document.recommendations if entry.subject == "chat"]
    assert "do not sunset it before asking" in advice.why
    assert advice.usd_month == 27
    sound(document)
    assert not faults(rendered(document, make_calls(rows)))


def test_a_lonely_loss_that_no_profitable_customer_uses_is_sunset(make_calls, sound):
    rows = [row for number in range(4) for row in uses(f"c{number}", "chat", 30)]
    rows += uses("zed", "relic", 300, "1")
    result, document = both(make_calls(rows))
    relic = named(result)["relic"]
    assert (relic.standing.verdict, relic.shared) == (Verdict.SUNSET, False)
    [advice] = document.recommendations
    assert advice.action.startswith("Sunset relic")
    assert (advice.usd_month, advice.confidence) == (271, Confidence.MEDIUM)  # $300 of cost, $29 of revenue
    sound(document)


@pytest.mark.parametrize(("cost", "saving"), [("0.483333333", None), ("0.5", "0.5")])
def test_a_low_return_of_a_used_feature_is_advised_on_and_a_high_one_is_not(make_calls, cost, saving):
    """$29 of revenue allow $14.50 of cost at a return of 1; 30 calls of 50 cents are $15."""
    _, document = both(make_calls(uses("ann", "chat", 30, cost)))
    assert [advice.usd_month for advice in document.recommendations] == ([D(saving)] if saving else [])


UNKNOWN_COST = [{"cost_usd": "", "day": day} for day in range(3)]
EDGES = {
    "one call": [{}],
    "one customer": uses("ann", "chat", 30),
    "all unknown cost": UNKNOWN_COST,
    "unknown cost of features only": [*UNKNOWN_COST, {"feature_id": "", "cost_usd": "1"}],
    "no features": [{"feature_id": "", "day": day} for day in range(3)],
    "no customers": [{"customer_id": "", "feature_id": name} for name in ("a", "b")],
    "nothing named": [{"customer_id": "", "feature_id": "", "organization_id": "", "subscription_tier": ""}],
    "no price": [{"subscription_tier": "gold"}],
    "zero revenue": [{"tier_price_usd": "0", "cost_usd": "1", "day": day} for day in range(20)],
    "free calls": [{"cost_usd": "0"}],
}  # fmt: skip


@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
def test_edges_give_plain_sentences_and_whole_pages(make_calls, rows, sound):
    calls = make_calls(rows)
    result, document = both(calls)
    assert document.finding
    assert result.total.calls == len(rows)
    sound(document)
    assert not faults(rendered(document, calls))


def test_without_features_the_page_says_what_cannot_be_known(make_calls):
    _, document = both(make_calls(EDGES["no features"]))
    assert document.finding.startswith("No call names a feature")
    assert document.headline.value.amount is None
    assert document.recommendations == document.alerts == ()


def test_without_customers_costs_stand_and_returns_do_not(make_calls, blocks_of):
    _, document = both(make_calls(EDGES["no customers"]))
    assert document.finding.startswith("No call names a customer")
    assert {"features", "feature-cost"} <= set(blocks_of(document))
    assert "returns" not in blocks_of(document)


def test_unknown_costs_are_counted_and_said(make_calls, blocks_of, sound):
    result, document = both(make_calls([*TWO, *uses("ann", "chat", 2, "", model="mystery")]))
    table = blocks_of(document)["features"]
    chat = next(row for row in table.rows if row.key == "chat")
    assert (chat.cells[2].amount, chat.cells[2].at_least) == (D("3.5"), True)
    assert result.total.unpriced_calls == 2
    assert [row.cells for row in blocks_of(document)["unpriced"].rows] == [("openai", "mystery", 2)]
    assert "at least $23.50" in document.summary[0]
    sound(document)


def test_more_than_500_features_end_in_a_row_other(make_calls, blocks_of, sound):
    rows = [{"feature_id": f"f{number:03d}", "customer_id": f"c{number % 7}"} for number in range(503)]
    result, document = both(make_calls(rows))
    table = blocks_of(document)["returns"]
    assert (len(table.rows), table.rows[-1].cells[0]) == (501, "Other (3)")
    assert sum(row.cells[1] for row in table.rows) == table.total.cells[1] == result.customer_revenue_usd
    sound(document)


@given(units=st.integers(0, 10**13), weights=st.lists(st.integers(1, 10**7), min_size=1, max_size=12))
def test_the_quick_split_is_that_of_largest_remainder(units, weights):
    parts = split_units(units, weights)
    assert parts == [int(part) for part in largest_remainder([D(w) for w in weights], D(units), D(1))]
    assert sum(parts) == units


ROW = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["ann", "ben", "cid", "zed", ""]),
        "feature_id": st.sampled_from(["a", "b", "c", ""]),
        "subscription_tier": st.sampled_from(["starter", "pro", "gold", ""]),
        "day": st.integers(0, 70),
        "cost_usd": st.one_of(st.just(""), st.decimals(0, 20, places=9).map(str)),
        "input_tokens": st.integers(0, 5000),
    }
)


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROW, min_size=1, max_size=30))
def test_attribution_adds_up_to_revenue_exactly(make_calls, rows, sound):
    calls = make_calls(rows)
    result, document = both(calls)
    accounts = billing(calls, price_list(SETTINGS)).accounts
    revenue = sum(account.revenue_usd for account in accounts if account.margin_usd is not None)
    parts = [feature.earning for feature in result.features if feature.earning]
    assert sum(part.revenue_usd for part in parts) == revenue
    assert sum(part.equal_revenue_usd for part in parts) == revenue
    if parts:
        assert sum(part.cost_usd for part in parts) + result.unknown_revenue_cost_usd == result.total.cost_usd
    with Path(calls.source.path).open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    expected = defaultdict(lambda: [0, D(0), set()])
    for line in lines:
        entry = expected[line["feature_id"]]
        entry[0] += 1
        entry[1] += D(line["cost_usd"] or 0)
        entry[2] |= {line["customer_id"]} - {""}
    found = {
        name: (entry.usage.calls, entry.usage.cost_usd, entry.customers)
        for name, entry in named(result).items()
    }
    assert found == {name: (count, cost, len(who)) for name, (count, cost, who) in expected.items()}
    sound(document)
