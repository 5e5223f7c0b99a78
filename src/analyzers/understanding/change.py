"""Section on what changed between two periods, and why: the cost bridge by model."""

from collections.abc import Callable, Container
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from analyzers.understanding.result import Understanding
from analyzers.usage.earlier_period import Compared, over_both_periods, relative
from analyzers.usage.sums import MEASURES, Breakdown, Usage, usage_of
from analyzers.usage.tables import shown_name
from analyzers.words.figures import counted, sentence, usd
from calls.engine import Calls
from methods.cost_bridge import CostBridge, CostEffects, LineUsage, cost_bridge
from reporting.document import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Method,
    Note,
    Row,
    Section,
    Series,
    Table,
    Unit,
    Value,
)
from reporting.filled_tables import Fields, field, filled_table, summed

USE_BETWEEN = f"""
select provider, model,
       {MEASURES}
from (select *, cast(local_hour as date) as local_day from hourly_use) as dated
where local_day between cast($first as date) and cast($last as date)
group by provider, model
order by provider, model
"""

METHOD = Method(
    id="bridge",
    title="Change explained",
    formula="volume + model mix + tokens per call + price per token = change, to the last digit",
    assumptions=(
        "Taken in this order: quantities change at old prices, then prices at new quantities.",
        "Price is the cost of a token within a model: list price and the split of input, output and cache.",
        "A model that is new or gone counts as mix.",
    ),
    exclusions=("Calls of unknown cost.",),
    source="price-volume-mix variance analysis: Horngren, Datar and Rajan, Cost Accounting",
)


def explained(calls: Calls, parts: Breakdown) -> tuple[CostBridge[str] | None, str]:
    """The change between the two periods by model, or why there is none."""
    if not parts.total.priced_calls:
        return None, "No call has a known cost, so a change of cost cannot be explained."
    lines = over_both_periods(calls, _lines_between)
    if lines is None:
        return None, (
            "Fewer than 14 complete days of history: explaining a change needs two full weeks to compare."
        )
    return cost_bridge(lines.before, lines.now), ""


def _lines_between(calls: Calls, first: date, last: date) -> list[LineUsage[str]]:
    return [_line(row) for row in calls.sql(USE_BETWEEN, first=first.isoformat(), last=last.isoformat())]


def _line(row: Any) -> LineUsage[str]:
    usage = usage_of(row)
    return LineUsage(
        key=f"{row.provider} {row.model}".strip(),
        calls=usage.priced_calls,
        tokens=usage.priced_tokens,
        cost=usage.cost_usd,
        unpriced_calls=usage.unpriced_calls,
        partial_calls=usage.partial_calls,
    )


def section(result: Understanding) -> Section:
    """The two periods side by side, and the bridge between them."""
    blocks: list[Block] = []
    if result.versus:
        blocks.append(_change_table(result.versus))
    if result.bridge and result.versus:
        blocks += [
            _bridge_chart(result.bridge, result.versus.periods.against),
            _bridge_table(result.bridge, _unpriced_models(result)),
        ]
    else:
        blocks.append(Note(result.bridge_reason))
    return Section("change", "What changed and why", blocks=tuple(blocks))


def _unpriced_models(result: Understanding) -> frozenset[str]:
    """The models of which no call has a known cost, as the bridge names them."""
    groups = result.by("provider", "model")
    return frozenset(" ".join(group.key).strip() for group in groups if group.usage.known_cost_usd is None)


Figure = tuple[str, Unit, Decimal | int | None, Decimal | int | None]
"""Its name and unit, before and now."""


def _change_table(versus: Compared[Usage]) -> Table:
    """The two periods side by side."""
    one, two = versus.before, versus.now
    figures: tuple[Figure, ...] = (
        ("Cost", Unit.USD, one.known_cost_usd, two.known_cost_usd),
        ("Calls", Unit.COUNT, one.calls, two.calls),
        ("Tokens", Unit.TOKENS, one.tokens, two.tokens),
        ("Cost per call", Unit.USD_RATE, one.cost_per_call_usd, two.cost_per_call_usd),
        ("Cost per 1,000 tokens", Unit.USD_RATE, one.cost_per_1k_tokens_usd, two.cost_per_1k_tokens_usd),
    )
    fields: Fields[Figure] = (
        field("figure", "Figure", lambda each: each[0]),
        field(
            "earlier",
            sentence(versus.periods.before),
            lambda each: Value(each[2], each[1], reason="no known cost"),
        ),
        field(
            "later",
            sentence(versus.periods.now),
            lambda each: Value(each[3], each[1], reason="no known cost"),
        ),
        field(
            "change",
            "Change",
            lambda each: Value(relative(each[2], each[3]), Unit.SHARE, reason="nothing to compare with"),
            Unit.SHARE,
        ),
    )
    return filled_table(
        "week-on-week", sentence(versus.periods.against), figures, fields, key=lambda each: each[0]
    )


def _bridge_chart(bridge: CostBridge[str], against: str) -> Chart:
    """The change of cost, effect by effect."""
    total = bridge.total
    steps = [
        ("Before", total.before),
        ("More calls" if total.volume > 0 else "Fewer calls", total.volume),
        ("Model mix", total.mix),
        ("Tokens per call", total.tokens),
        ("Price per token", total.price),
    ]
    if total.coverage:
        steps.append(("Cost became known or unknown", total.coverage))
    steps.append(("After", total.after))
    largest = max(steps[1:-1], key=lambda step: abs(step[1]))
    direction = "rose" if total.change > 0 else "fell"
    title = (
        f"Cost {direction} by {usd(abs(total.change))}; most of it: {largest[0].lower()}, {usd(largest[1])}"
        if total.change
        else "Cost did not change"
    )
    return Chart(
        id="change-explained",
        kind=ChartKind.WATERFALL,
        title=title,
        subject=f"Change of cost, {against}",
        label_title="Effect",
        labels=tuple(name for name, _ in steps),
        series=(Series("Cost", tuple(amount for _, amount in steps)),),
        unit=Unit.USD,
        method="bridge",
        rise_is_good=False,
    )


EFFECTS = (
    ("before", "Before"),
    ("volume", "Calls"),
    ("mix", "Model mix"),
    ("tokens", "Tokens per call"),
    ("price", "Price per token"),
    ("coverage", "Cost coverage"),
    ("after", "After"),
    ("change", "Change"),
)


def _left_out(bridge: CostBridge[str]) -> str:
    """What the effects do not cover; "" where they cover all."""
    unpriced = bridge.unpriced_before + bridge.unpriced_after
    words = "Some calls have no known cost; the change covers the others." if unpriced else ""
    if bridge.partial_calls:
        some = counted(bridge.partial_calls, "call")
        words += f" The cost of {some} is a lower bound, and no effect holds what that lacks."
    return words.strip()


def _bridge_table(bridge: CostBridge[str], unknown: Container[str]) -> Table:
    """The change by model and effect; of the models in `unknown` no call has a known cost."""

    def effect(name: str) -> Callable[[CostEffects[str]], Cell]:
        none = Value(None, Unit.USD, reason="no call has a known cost")
        amount = attrgetter(name)
        return lambda line: none if line.key is not None and line.key in unknown else amount(line)

    fields: Fields[CostEffects[str]] = (
        field("model", "Model", lambda line: shown_name(line.key or "")),
        *(summed(name, label, effect(name), Unit.USD, sparse=name == "coverage") for name, label in EFFECTS),
    )
    return filled_table(
        "change-by-model",
        "What changed, by model",
        bridge.lines,
        fields,
        key=lambda line: shown_name(line.key or ""),
        total=Row(("Total", *(getattr(bridge.total, name) for name, _ in EFFECTS)), key="Total"),
        note=_left_out(bridge),
        method="bridge",
    )
