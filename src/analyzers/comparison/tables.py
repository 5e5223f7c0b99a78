"""Charts and tables of a comparison: totals, waterfall, drivers, models, customers who crossed zero, chance."""

from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter

from analyzers.comparison.lines import Line, in_cents, lines
from analyzers.comparison.result import Comparison, Crossing, Difference, LineKey, Part
from analyzers.comparison.words import chance_finding, moved
from analyzers.usage.sums import Usage
from analyzers.usage.tables import shown_name
from analyzers.words.figures import counted, usd
from methods.cost_bridge import CostEffects
from reporting.document import (
    Chart,
    ChartKind,
    Number,
    Row,
    Series,
    Table,
    Unit,
    Value,
)
from reporting.filled_tables import Fields, field, filled_table, summed

ROWS = 100
SHOWN = 12


def totals(result: Comparison) -> Table:
    """Every figure of both files side by side."""
    fields: Fields[Line] = (
        field("figure", "Figure", lambda line: line.label),
        field("before", result.before.name, lambda line: value(line.before, line)),
        field("after", result.after.name, lambda line: value(line.after, line)),
        field("change", "Change", lambda line: value(line.change, line, line.change_unit)),
        field(
            "relative",
            "Change, relative",
            lambda line: Value(
                line.relative, Unit.SHARE, reason=_without_relative(line) if line.relative is None else ""
            ),
            Unit.SHARE,
        ),
    )
    return filled_table("totals", "Both files side by side", lines(result), fields, method="totals")


def waterfall(
    identity: str,
    what: str,
    before: Decimal,
    after: Decimal,
    steps: Sequence[tuple[str, Decimal]],
    result: Comparison,
) -> Chart:
    """From one total to the other, in steps of whole cents."""
    shown = [(name, amount) for name, amount in in_cents(steps) if amount]
    return Chart(
        id=identity,
        kind=ChartKind.WATERFALL,
        title=moved(what, before, after, steps).rstrip("."),
        subject=f"From the {what.lower()} of {result.before.name} to that of {result.after.name}",
        label_title="Step",
        labels=(result.before.name, *(name for name, _ in shown), result.after.name),
        series=(Series(what, (before, *(amount for _, amount in shown), after)),),
        unit=Unit.USD,
        method="bridge",
    )


EFFECTS = (
    ("volume", "Number of calls"),
    ("mix", "Mix"),
    ("tokens", "Tokens per call"),
    ("price", "Price"),
    ("coverage", "Coverage"),
    ("change", "Change"),
)


def drivers(result: Comparison) -> Table:
    """The effects on the cost of each line."""
    fields: Fields[CostEffects[LineKey]] = (
        field(
            "line",
            "Provider / model / task",
            lambda line: shown_name(" / ".join(filter(None, line.key or ()))),
        ),
        *(summed(name, label, attrgetter(name), Unit.USD) for name, label in EFFECTS),
    )
    return filled_table(
        "drivers",
        "The change of the cost, line by line",
        result.cost.lines,
        fields,
        limit=ROWS,
        total=Row(("Total", *(each.cell(result.cost.total) for each in fields[1:]))),
        note="The largest change first; every row and every column adds up.",
        method="bridge",
    )


def model_chart(result: Comparison) -> Chart:
    """The models whose cost changed most."""
    shown = result.by_model[:SHOWN]
    top = shown[0] if shown else None
    title = f"{shown_name(top.name)} moves most: {usd(top.cost_change_usd)}" if top else "No model"
    return Chart(
        id="models",
        kind=ChartKind.BAR_HORIZONTAL,
        title=title,
        subject=f"Cost by model, the {SHOWN} largest changes",
        label_title="Model",
        labels=tuple(shown_name(part.name) for part in shown),
        series=(
            Series(result.before.name, tuple(part.before.cost_usd for part in shown)),
            Series(result.after.name, tuple(part.after.cost_usd for part in shown)),
        ),
        unit=Unit.USD,
        method="totals",
    )


def parts_table(identity: str, title: str, label: str, parts: Sequence[Part], result: Comparison) -> Table:
    """Calls and cost of both files by one dimension."""
    one, two = result.before.name, result.after.name
    fields: Fields[Part] = (
        field("name", label, lambda part: shown_name(part.name)),
        summed("calls-before", f"Calls, {one}", lambda part: part.before.calls, Unit.COUNT),
        summed("calls-after", f"Calls, {two}", lambda part: part.after.calls, Unit.COUNT),
        summed("before", f"Cost, {one}", lambda part: _cost(part.before), Unit.USD),
        summed("after", f"Cost, {two}", lambda part: _cost(part.after), Unit.USD),
        summed("change", "Change", lambda part: part.cost_change_usd, Unit.USD),
    )
    return filled_table(identity, title, parts, fields, limit=ROWS, total="Total", method="totals")


def _cost(usage: Usage) -> Value:
    return Value(usage.cost_usd, Unit.USD, at_least=usage.at_least)


def crossings(result: Comparison) -> Table:
    """Customers who crossed zero, the largest change first."""
    fields: Fields[Crossing] = (
        field("customer", "Customer", lambda each: each.customer),
        field("plan", "Plan", lambda each: each.plan),
        summed("before", f"Margin, {result.before.name}", lambda each: each.margin_before_usd, Unit.USD),
        summed("after", f"Margin, {result.after.name}", lambda each: each.margin_after_usd, Unit.USD),
        summed("change", "Change", lambda each: each.change_usd, Unit.USD),
        field("direction", "Direction", lambda each: "into a loss" if each.into_loss else "out of a loss"),
    )
    return filled_table(
        "crossings",
        "Customers who crossed zero",
        result.crossings,
        fields,
        key=lambda each: each.customer,
        note=f"Of {counted(result.customers_in_both, 'customer')} in both files; the JSON lists all.",
        method="crossing",
    )


def differences(result: Comparison) -> Table:
    """Every figure judged, the least likely by chance first."""
    fields: Fields[Difference] = (
        field("figure", "Figure", lambda each: each.figure),
        field("before", result.before.name, lambda each: Value(each.before, Unit(each.unit))),
        field("after", result.after.name, lambda each: Value(each.after, Unit(each.unit))),
        field(
            "relative",
            "Change, relative",
            lambda each: Value(
                each.relative, Unit.SHARE, reason="from zero" if each.relative is None else ""
            ),
            Unit.SHARE,
        ),
        field("p", "p-value", lambda each: _p_text(each.p_value)),
        field("verdict", "Verdict", _verdict),
    )
    ordered = sorted(
        result.chance.differences, key=lambda each: (each.p_value is None, each.p_value or 0.0, each.figure)
    )
    return filled_table(
        "differences",
        "What exceeds chance",
        ordered,
        fields,
        note=chance_finding(result),
        method="chance",
    )


def _verdict(each: Difference) -> str:
    if each.p_value is None:
        return "not judged"
    return "beyond chance" if each.significant else "within chance"


def _p_text(p_value: float | None) -> str:
    if p_value is None:
        return "too few"
    return "under 0.0001" if p_value < 0.0001 else f"{p_value:.4f}"


def value(amount: Number | None, line: Line, unit: Unit | None = None) -> Value:
    """An amount of a line, in its unit or another, or the reason why there is none."""
    return Value(amount, unit or line.unit, reason=line.reason if amount is None else "")


def _without_relative(line: Line) -> str:
    return "a share changes by points" if line.unit is Unit.SHARE else "nothing to compare with"
