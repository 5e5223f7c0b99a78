from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from methods.cost_bridge import LineUsage, cost_bridge
from methods.margin_bridge import Subscription, margin_bridge, revenue_effects

D = Decimal


def usage(key: str, calls: int, tokens: int, cost: str, unpriced: int = 0) -> LineUsage[str]:
    return LineUsage(key, calls, tokens, D(cost), unpriced)


def effects(before: list[LineUsage[str]], after: list[LineUsage[str]]) -> dict[str, Decimal]:
    total = cost_bridge(before, after).total
    names = ("volume", "mix", "tokens", "price", "coverage")
    return {name: getattr(total, name) for name in names if getattr(total, name)}


def test_twice_the_calls_is_volume() -> None:
    assert effects([usage("a", 10, 1000, "5")], [usage("a", 20, 2000, "10")]) == {"volume": D(5)}


def test_longer_calls_are_tokens() -> None:
    assert effects([usage("a", 10, 1000, "5")], [usage("a", 10, 1500, "7.5")]) == {"tokens": D("2.5")}


def test_a_costlier_token_is_price() -> None:
    assert effects([usage("a", 10, 1000, "5")], [usage("a", 10, 1000, "6")]) == {"price": D(1)}


def test_calls_moved_to_the_costlier_model_are_mix() -> None:
    # a costs 0.1 a call, b 1.0: moving 5 of 10 calls from a to b costs 5 x 0.9
    before = [usage("a", 10, 1000, "1"), usage("b", 10, 1000, "10")]
    after = [usage("a", 5, 500, "0.5"), usage("b", 15, 1500, "15")]
    assert effects(before, after) == {"mix": D("4.5")}


def test_all_at_once_worked_by_hand() -> None:
    # 10 -> 20 calls (x2): 5 -> 10; 100 -> 150 tokens per call: 10 -> 15; 0.005 -> 0.004 a token: 15 -> 12
    got = effects([usage("a", 10, 1000, "5")], [usage("a", 20, 3000, "12")])
    assert got == {"volume": D(5), "tokens": D(5), "price": D(-3)}


def test_new_and_vanished_models_are_mix() -> None:
    assert effects([usage("a", 10, 1000, "5")], [usage("b", 10, 700, "3")]) == {"mix": D(-2)}


def test_an_empty_side_is_volume() -> None:
    assert effects([], [usage("a", 10, 1000, "5")]) == {"volume": D(5)}
    assert effects([usage("a", 10, 1000, "5")], []) == {"volume": D(-5)}
    assert effects([], []) == {}


def test_a_model_priced_by_the_call_has_no_tokens_effect() -> None:
    assert effects([usage("a", 10, 0, "5")], [usage("a", 10, 0, "6")]) == {"price": D(1)}


def test_a_cost_that_becomes_known_is_coverage_not_volume() -> None:
    before = [usage("a", 10, 1000, "5"), usage("b", 0, 0, "0", unpriced=7)]
    after = [usage("a", 10, 1000, "5"), usage("b", 7, 700, "3")]
    assert effects(before, after) == {"coverage": D(3)}
    bridge = cost_bridge(before, after)
    assert (bridge.unpriced_before, bridge.unpriced_after, bridge.at_least) == (7, 0, True)


def test_all_unknown_changes_nothing_and_says_so() -> None:
    bridge = cost_bridge([usage("a", 0, 0, "0", 5)], [usage("a", 0, 0, "0", 9)])
    assert bridge.total.change == 0
    assert bridge.at_least


def test_lower_bounds_of_either_side_are_counted_and_make_the_change_one() -> None:
    before = [LineUsage("a", 10, 1000, D(5), partial_calls=2), LineUsage("a", 1, 1, D(1), partial_calls=1)]
    bridge = cost_bridge(before, [LineUsage("b", 1, 1, D(1), partial_calls=4)])
    assert (bridge.partial_calls, bridge.at_least) == (7, True)
    assert not cost_bridge([usage("a", 1, 1, "1")], [usage("a", 1, 1, "1")]).at_least


def test_usages_of_one_key_are_added_up() -> None:
    halves = [usage("a", 5, 500, "2"), usage("a", 5, 500, "3")]
    assert effects(halves, [usage("a", 10, 1000, "5")]) == {}


costs = st.integers(0, 10**15).map(lambda nano: D(nano).scaleb(-9))
usages = st.lists(
    st.builds(
        LineUsage,
        st.sampled_from("abcdef"),
        st.integers(0, 10**6),
        st.integers(0, 10**9),
        costs,
        st.integers(0, 3),
    ),
    max_size=8,
)


@given(usages, usages)
def test_effects_add_up_to_the_last_digit_by_line_and_in_total(
    before: list[LineUsage[str]], after: list[LineUsage[str]]
) -> None:
    bridge = cost_bridge(before, after)
    spent = sum((u.cost for u in after), D(0)) - sum((u.cost for u in before), D(0))
    assert bridge.total.change == spent
    assert sum((line.change for line in bridge.lines), D(0)) == spent
    for part in (bridge.total, *bridge.lines):
        assert part.volume + part.mix + part.tokens + part.price + part.coverage == part.change


def sub(key: str, months: str, revenue: str) -> Subscription[str]:
    return Subscription(key, D(months), D(revenue))


def test_a_higher_plan_price_is_plan_price_alone() -> None:
    before = [sub("c1/pro", "1", "99"), sub("c2/pro", "0.5", "49.5")]
    after = [sub("c1/pro", "1", "129"), sub("c2/pro", "0.5", "64.5")]
    got = revenue_effects(before, after)
    assert (got.customers, got.plan_price) == (D(0), D(45))


def test_customers_won_and_lost_and_changes_of_plan_are_kept_apart() -> None:
    """c1 goes from $99 to $299, c2 is lost with $99, c3 is won with $29."""

    def paid(customer: str, plan: str, revenue: str) -> Subscription[str]:
        return Subscription(f"{customer}/{plan}", D(1), D(revenue), customer)

    before = [paid("c1", "pro", "99"), paid("c2", "pro", "99")]
    after = [paid("c1", "enterprise", "299"), paid("c3", "basic", "29")]
    got = revenue_effects(before, after)
    assert (got.customers, got.plan_changes, got.days, got.plan_price) == (D(-70), D(200), D(0), D(0))
    assert got.change == D(130)


def test_lines_of_no_one_customer_have_no_changes_of_plan() -> None:
    got = revenue_effects([sub("pro", "1", "99")], [sub("enterprise", "1", "299")])
    assert (got.customers, got.plan_changes) == (D(200), D(0))


def test_more_months_of_the_same_customer_are_days_billed() -> None:
    """10 of 31 days against 10 of 30 at $99 a month: 33 less 31.935483871; a price of $108 instead adds 3."""
    before = [sub("c1/pro", str(D(10) / 31), "31.935483871")]
    got = revenue_effects(before, [sub("c1/pro", str(D(10) / 30), "33")])
    assert (got.customers, got.days, got.plan_price) == (D(0), D("1.064516129"), D(0))
    got = revenue_effects(before, [sub("c1/pro", str(D(10) / 30), "36")])
    assert (got.customers, got.days, got.plan_price) == (D(0), D("1.064516129"), D(3))


def test_a_free_plan_that_begins_to_cost_is_plan_price() -> None:
    assert revenue_effects([sub("c", "1", "0")], [sub("c", "1", "5")]).plan_price == D(5)


subscriptions = st.lists(
    st.builds(
        Subscription,
        st.sampled_from("abcdef"),
        st.integers(0, 10**4).map(lambda n: D(n) / 30),
        st.integers(0, 10**12).map(lambda n: D(n).scaleb(-9)),
    ),
    max_size=8,
)


@given(subscriptions, subscriptions, usages, usages)
def test_margin_steps_add_up_to_the_last_digit(
    paid_before: list[Subscription[str]],
    paid_after: list[Subscription[str]],
    before: list[LineUsage[str]],
    after: list[LineUsage[str]],
) -> None:
    bridge = margin_bridge(paid_before, paid_after, before, after)
    assert bridge.before + sum((amount for _, amount in bridge.steps), D(0)) == bridge.after
    assert bridge.after == sum((s.revenue for s in paid_after), D(0)) - sum((u.cost for u in after), D(0))
