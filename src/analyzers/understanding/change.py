"""What changed between two periods, and why: the cost bridge by model."""

from collections.abc import Container
from datetime import date
from typing import Any

from analyzers.understanding.result import Understanding
from analyzers.usage.compared import Compared, over_spans, relative
from analyzers.usage.sums import MEASURES, Breakdown, Usage, usage_of
from analyzers.words.figures import sentence, usd
from calls.engine import Calls
from methods.bridge import CostBridge, CostEffects, cost_bridge
from methods.bridge import Usage as BridgeLine
from reporting.document import (
    Block,
    Chart,
    ChartKind,
    Column,
    Method,
    Note,
    Row,
    Section,
    Series,
    Table,
    Unit,
    Value,
)

ROWS = 500

USE_BETWEEN = f"""
select provider, model,
       {MEASURES}
from (select *, cast(local_hour as date) as local_day from hourly_use) as dated
where local_day between cast($first as date) and cast($last as date)
group by provider, model
order by provider, model
"""

METHOD = Method(
    "bridge",
    "Change explained",
    "volume + model mix + tokens a call + price a token = change, to the last digit",
    (
        "Taken in this order: quantities change at old prices, then prices at new quantities.",
        "Price is the cost of a token within a model: list price and the split of input, output and cache.",
        "A model that is new or gone counts as mix.",
    ),
    ("Calls of unknown cost.",),
    "price-volume-mix variance analysis: Horngren, Datar and Rajan, Cost Accounting",
)


def explained(calls: Calls, parts: Breakdown) -> tuple[CostBridge[str] | None, str]:
    """The change between the two spans by model, or why there is none."""
    if not parts.total.priced_calls:
        return None, "No call has a known cost, so a change of cost cannot be explained."
    lines = over_spans(calls, _lines_between)
    if lines is None:
        return None, (
            "Fewer than 14 complete days of history: explaining a change needs two full weeks to compare."
        )
    return cost_bridge(lines.before, lines.now), ""


def _lines_between(calls: Calls, first: date, last: date) -> list[BridgeLine[str]]:
    return [_line(row) for row in calls.sql(USE_BETWEEN, first=first.isoformat(), last=last.isoformat())]


def _line(row: Any) -> BridgeLine[str]:
    usage = usage_of(row)
    return BridgeLine(
        f"{row.provider} {row.model}".strip(),
        usage.priced_calls,
        usage.priced_tokens,
        usage.cost_usd,
        usage.unpriced_calls,
    )


def section(result: Understanding) -> Section:
    """The two periods side by side, and the bridge between them."""
    blocks: list[Block] = []
    if result.versus:
        blocks.append(_change_table(result.versus))
    if result.bridge and result.versus:
        blocks += [
            _bridge_chart(result.bridge, result.versus.spans.against),
            _bridge_table(result.bridge, _unpriced_models(result)),
        ]
    else:
        blocks.append(Note(result.bridge_reason))
    return Section("change", "What changed and why", tuple(blocks))


def _unpriced_models(result: Understanding) -> frozenset[str]:
    """The models of which no call has a known cost, as the bridge names them."""
    groups = result.by("provider", "model")
    return frozenset(" ".join(group.key).strip() for group in groups if group.usage.known_cost_usd is None)


def _change_table(versus: Compared[Usage]) -> Table:
    """The two spans side by side."""
    columns = (
        Column("figure", "Figure"),
        Column("earlier", sentence(versus.spans.before)),
        Column("later", sentence(versus.spans.now)),
        Column("change", "Change", Unit.SHARE),
    )
    one, two = versus.before, versus.now
    figures = (
        ("Cost", Unit.USD, one.known_cost_usd, two.known_cost_usd),
        ("Calls", Unit.COUNT, one.calls, two.calls),
        ("Tokens", Unit.TOKENS, one.tokens, two.tokens),
        ("Cost a call", Unit.USD_RATE, one.cost_per_call_usd, two.cost_per_call_usd),
        ("Cost per 1,000 tokens", Unit.USD_RATE, one.cost_per_1k_tokens_usd, two.cost_per_1k_tokens_usd),
    )
    rows = tuple(
        Row(
            (
                name,
                Value(before, unit, "no known cost"),
                Value(after, unit, "no known cost"),
                Value(relative(before, after), Unit.SHARE, "nothing to compare with"),
            ),
            key=name,
        )
        for name, unit, before, after in figures
    )
    return Table("week-on-week", sentence(versus.spans.against), columns, rows)


def _bridge_chart(bridge: CostBridge[str], against: str) -> Chart:
    """The change of cost, effect by effect."""
    total = bridge.total
    steps = [
        ("Before", total.before),
        ("More calls" if total.volume > 0 else "Fewer calls", total.volume),
        ("Model mix", total.mix),
        ("Tokens a call", total.tokens),
        ("Price a token", total.price),
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
        "change-explained",
        ChartKind.WATERFALL,
        title,
        f"Change of cost, {against}",
        "Effect",
        tuple(name for name, _ in steps),
        (Series("Cost", tuple(amount for _, amount in steps)),),
        Unit.USD,
        method="bridge",
        rise_is_good=False,
    )


def _bridge_table(bridge: CostBridge[str], unknown: Container[str]) -> Table:
    """The change by model and effect; of the models in `unknown` no call has a known cost."""
    columns = (
        Column("model", "Model"),
        Column("before", "Before", Unit.USD),
        Column("volume", "Calls", Unit.USD),
        Column("mix", "Model mix", Unit.USD),
        Column("tokens", "Tokens a call", Unit.USD),
        Column("price", "Price a token", Unit.USD),
        Column("coverage", "Cost coverage", Unit.USD, sparse=True),
        Column("after", "After", Unit.USD),
        Column("change", "Change", Unit.USD),
    )
    rows = tuple(
        _unknown_row(line.key, len(columns) - 1)
        if line.key is not None and line.key in unknown
        else _effects_row(line.key or "(unnamed)", line)
        for line in bridge.lines[:ROWS]
    )
    note = "Some calls have no known cost; the change covers the others." if bridge.at_least else ""
    total = _effects_row("Total", bridge.total)
    return Table("change-by-model", "What changed, by model", columns, rows, total, note, "bridge")


def _unknown_row(name: str, amounts: int) -> Row:
    none = Value(None, Unit.USD, "no call has a known cost")
    return Row((name or "(unnamed)", *[none] * amounts), key=name)


def _effects_row(name: str, line: CostEffects[str]) -> Row:
    return Row(
        (
            name, line.before, line.volume, line.mix, line.tokens, line.price, line.coverage, line.after,
            line.change,
        ),
        key=name,
    )  # fmt: skip
