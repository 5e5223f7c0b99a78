"""Where work could move to: the cheapest target equals that of pricing every allowed one, whatever the rates are."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.advice.cheaper_models import GRADES, Switch, Work, switches, switches_to, targets, work
from analyzers.usage.sums import Usage
from calls.engine import open_calls
from calls.schema import COLUMN_NAMES
from settings.plans import Offers
from settings.pricing import Pricing
from settings.rates import Model, Price
from tests.calls.call_files import row, write

DAY = date(2026, 9, 30)
NEEDED = 10
RATES = st.sampled_from([Decimal(text) for text in ("0", "0.1", "0.5", "1", "2", "2.5", "10", "60")])
TOKENS = st.sampled_from([0, 1, 999, 12_000, 20_000, 20_001, 260_000, 900_000])


VARIANTS = (("", ""), ("batch", ""), ("", "fast"))
"""Tiers and speeds."""


@st.composite
def prices(draw: st.DrawFn) -> tuple[Price, ...]:
    """For some tiers and speeds, one rate for all sizes of calls, or one more for long ones."""
    chosen = [("", ""), *draw(st.lists(st.sampled_from(VARIANTS[1:]), unique=True))]
    return tuple(
        Price(
            date(2026, 1, 1), DAY, "page", *(draw(RATES) for _ in range(4)), above_input_tokens=limit,
            service_tier=tier, speed=speed,
        )
        for tier, speed in chosen
        for limit in (-1, *draw(st.lists(st.sampled_from([999, 20_000]), max_size=1)))
    )  # fmt: skip


@st.composite
def markets(draw: st.DrawFn) -> tuple[Pricing, list[Work]]:
    """Models of any rates and grades, some of them without a price, and work that they do."""
    names = [f"m{number}" for number in range(draw(st.integers(2, 6)))]
    known = tuple(
        Model("p", name, "maker", draw(st.sampled_from(GRADES)), draw(prices()))
        for name in names
        if draw(st.integers(0, 9))
    )
    lines = [draw(lines_of(name)) for name in names for _ in range(draw(st.integers(1, 2)))]
    unique = {(line.task, line.model, line.variant): line for line in lines}
    return Pricing((), known, (), Offers((), (), (), ())), list(unique.values())


@st.composite
def lines_of(draw: st.DrawFn, name: str) -> Work:
    calls = draw(st.sampled_from([1, NEEDED - 1, NEEDED, 40]))
    read, written, fresh, answer = (draw(TOKENS) for _ in range(4))
    cost = draw(st.decimals("0.01", "90", places=9))
    total = read + written + fresh
    usage = Usage(calls, calls, cost, total, answer, read, written, 0, total + answer)
    return Work(draw(st.sampled_from(["qa", "code"])), 0, "p", name, usage, *draw(st.sampled_from(VARIANTS)))


def list_price(pricing: Pricing, model: str, line: Work) -> Fraction | None:
    """Dollars of the work at the list, in its tier and speed, rounded half-even, by the table of prices itself."""
    usage, terms = line.usage, (line.service_tier, line.speed)
    size = usage.input_tokens // usage.calls
    rows = [
        price
        for entry in pricing.model
        for price in entry.price
        if entry.model == model
        and (price.service_tier, price.speed) == terms
        and price.above_input_tokens < size
    ]
    if not rows:
        return None
    rate = max(rows, key=lambda price: price.above_input_tokens)
    read, written = usage.cached_input_tokens, usage.cache_write_tokens
    parts = [
        (usage.input_tokens - read - written, rate.input_usd_per_mtok),
        (usage.output_tokens, rate.output_usd_per_mtok),
        (read, rate.cached_input_usd_per_mtok),
        (written, rate.cache_write_usd_per_mtok),
    ]
    dollars = sum(Fraction(tokens) * Fraction(price) for tokens, price in parts) / 1_000_000
    return Fraction(round(dollars * 10**9), 10**9)


def best_by_trying_all(line: Work, lines: list[Work], pricing: Pricing) -> Fraction | None:
    """What the work costs on the best target, by pricing it on each; None where none saves a tenth."""
    grades = {entry.model: GRADES.index(entry.grade) for entry in pricing.model}
    here = list_price(pricing, line.model, line)
    found = []
    for peer in lines:
        near = grades.get(line.model, 1) - grades.get(peer.model, 1) <= 1
        if peer.task != line.task or peer.model == line.model or not near or peer.usage.calls < NEEDED:
            continue
        there = list_price(pricing, peer.model, line)
        if (here is None or there is None) and peer.variant != line.variant:
            continue
        cost = Fraction(line.usage.cost_usd)
        if here and there is not None:
            found.append(cost * there / here)
        elif peer.usage.priced_tokens:
            found.append(Fraction(peer.usage.cost_usd) * line.usage.priced_tokens / peer.usage.priced_tokens)
    saving = [after for after in found if after <= Fraction(line.usage.cost_usd) * Fraction(9, 10)]
    return min(saving, default=None)


@pytest.mark.slow
@given(markets())
@hypothesis_settings(max_examples=400, deadline=None)
def test_the_target_is_the_cheapest_of_all(market: tuple[Pricing, list[Work]]) -> None:
    pricing, lines = market
    found = {(s.work.task, s.work.model, s.work.variant): s for s in switches(lines, pricing, DAY, NEEDED)}
    for line in lines:
        best = best_by_trying_all(line, lines, pricing)
        switch = found.get((line.task, line.model, line.variant))
        assert (switch is None) == (best is None)
        if switch and best is not None:
            assert abs(Fraction(switch.usd_after) - best) <= best * Fraction(1, 10**20) + Fraction(1, 10**20)


def test_work_that_costs_nothing_at_the_list_is_compared_by_what_per_token_costs() -> None:
    """All its tokens come from a cache that is free where it runs, yet it was billed; the other one costs less per token."""
    rates = {"a": ("1", "1", "0", "1"), "b": ("2", "2", "2", "2")}
    models = tuple(
        Model("p", name, "maker", "standard", (Price(date(2026, 1, 1), DAY, "page", *map(Decimal, rate)),))
        for name, rate in rates.items()
    )
    lines = [
        Work("qa", 2, "p", name, Usage(1, 1, Decimal(cost), 1000, 0, 1000, priced_tokens=1000))
        for name, cost in (("a", "5"), ("b", "4"))
    ]
    found = switches(lines, Pricing((), models, (), Offers((), (), (), ())), DAY, 1)
    assert [(move.work.model, move.model, move.usd_after) for move in found] == [("b", "a", 0), ("a", "b", 4)]


def test_work_of_another_size_class_is_priced_anew() -> None:
    """The same models do the same task: for long calls the other one is cheaper."""

    def model(name: str, rate: str, long_rate: str) -> Model:
        rows = tuple(
            Price(date(2026, 1, 1), DAY, "page", Decimal(each), Decimal(each), above_input_tokens=above)
            for each, above in ((rate, -1), (long_rate, 20_000))
        )
        return Model("p", name, "maker", "standard", rows)

    pricing = Pricing((), (model("a", "1", "9"), model("b", "2", "3")), (), Offers((), (), (), ()))

    def line(name: str, input_tokens: int, cost: str) -> Work:
        return Work(
            "qa", 2, "p", name, Usage(1, 1, Decimal(cost), input_tokens, 0, priced_tokens=input_tokens)
        )

    places = targets([line("a", 20_000, "1"), line("b", 20_000, "1")], pricing, DAY, 1)

    def move(work: Work) -> Switch | None:
        return next(iter(switches_to(places, [work])), None)

    assert move(line("a", 20_000, "0.02")) is None
    assert move(line("b", 20_000, "0.04")).model == "a"  # type: ignore[union-attr]
    assert move(line("a", 20_001, "0.18")).model == "b"  # type: ignore[union-attr]
    assert move(line("b", 20_001, "0.06")) is None


def variants(name: str, **rates: str) -> Model:
    """A model with these rates for input and output by tier."""
    rows = tuple(
        Price(
            date(2026, 1, 1), DAY, "page", Decimal(rate), Decimal(rate),
            service_tier="" if tier == "standard" else tier,
        )
        for tier, rate in rates.items()
    )  # fmt: skip
    return Model("p", name, "maker", "standard", rows)


def test_a_batch_is_compared_with_the_batch_of_a_target() -> None:
    """At standard rates b costs half of a; as a batch it costs nine tenths, and c has no batch."""
    models = (
        variants("a", standard="4", batch="2"),
        variants("b", standard="2", batch="1.8"),
        variants("c", standard="1"),
    )
    pricing = Pricing((), models, (), Offers((), (), (), ()))

    def line(name: str, cost: str, tier: str = "") -> Work:
        usage = Usage(1, 1, Decimal(cost), 1_000_000, 0, priced_tokens=1_000_000)
        return Work("qa", 2, "p", name, usage, tier)

    peers = [line("a", "4"), line("b", "2"), line("c", "1")]
    places = targets(peers, pricing, DAY, 1)

    def move(work: Work) -> tuple[str, Decimal] | None:
        return next(((found.model, found.usd_after) for found in switches_to(places, [work])), None)

    assert move(line("a", "4")) == ("c", Decimal(1))
    assert move(line("a", "2", "batch")) == ("b", Decimal(2) * Decimal("1.8") / 2)
    assert move(line("a", "8", "priority")) is None


def test_calls_that_only_name_their_tier_in_other_words_are_one_work(tmp_path: Path) -> None:
    tiers = ("", "default", "standard", "batch", "Batch")
    rows = [row(number, service_tier=tier, cost_usd="1") for number, tier in enumerate(tiers)]
    with open_calls(write(tmp_path / "calls.csv", rows, COLUMN_NAMES)) as calls:
        found = {line.service_tier: (line.usage.calls, line.usage.cost_usd) for line in work(calls)}
    assert found == {"": (3, 3), "batch": (2, 2)}
