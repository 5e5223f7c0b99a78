"""Charts and tables of a comparison."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.comparison.lines import Line, in_cents, lines
from analyzers.comparison.result import Comparison, Crossing, Difference, Part
from analyzers.comparison.words import chance_finding, moved
from analyzers.words.figures import counted, usd
from reporting.document import (
    Cell,
    Chart,
    ChartKind,
    Column,
    Number,
    Row,
    Series,
    Table,
    Unit,
    Value,
)

ROWS = 100
MOST_ROWS = 500
SHOWN = 12


def totals(result: Comparison) -> Table:
    """Every figure of both files side by side."""
    columns = (
        Column("figure", "Figure"),
        Column("before", result.before.name),
        Column("after", result.after.name),
        Column("change", "Change"),
        Column("relative", "Change, relative", Unit.SHARE),
    )
    rows = tuple(_totals_row(line) for line in lines(result))
    return Table("totals", "Both files side by side", columns, rows, method="totals")


def _totals_row(line: Line) -> Row:
    relative = Value(line.relative, Unit.SHARE, "nothing to compare with" if line.relative is None else "")
    return Row(
        (line.label, value(line.before, line), value(line.after, line), value(line.change, line), relative)
    )


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
        identity,
        ChartKind.WATERFALL,
        moved(what, before, after, steps).rstrip("."),
        f"From the {what.lower()} of {result.before.name} to that of {result.after.name}",
        "Step",
        (result.before.name, *(name for name, _ in shown), result.after.name),
        (Series(what, (before, *(amount for _, amount in shown), after)),),
        Unit.USD,
        method="bridge",
    )


def drivers(result: Comparison) -> Table:
    """The effects on the cost of each line."""
    names = ("volume", "mix", "tokens", "price", "coverage", "change")
    labels = ("Number of calls", "Mix", "Tokens a call", "Price", "Coverage", "Change")
    columns = (
        Column("line", "Provider / model / task"),
        *(Column(name, label, Unit.USD) for name, label in zip(names, labels, strict=True)),
    )
    listed = result.cost.lines[:ROWS]
    rows = [
        Row((" / ".join(filter(None, line.key or ())) or "(unallocated)", *(getattr(line, n) for n in names)))
        for line in listed
    ]
    rest = result.cost.lines[ROWS:]
    if rest:
        rows.append(Row(("Other", *(sum((getattr(r, n) for r in rest), Decimal(0)) for n in names))))
    total = Row(("Total", *(getattr(result.cost.total, name) for name in names)))
    note = "The largest change first; every row and every column adds up."
    return Table(
        "drivers", "The change of the cost, line by line", columns, tuple(rows), total, note, "bridge"
    )


def model_chart(result: Comparison) -> Chart:
    """The models whose cost changed most."""
    shown = result.by_model[:SHOWN]
    top = shown[0] if shown else None
    title = f"{top.name or '(unallocated)'} moves most: {usd(top.cost_change_usd)}" if top else "No model"
    return Chart(
        "models",
        ChartKind.BAR_HORIZONTAL,
        title,
        f"Cost by model, the {SHOWN} largest changes",
        "Model",
        tuple(part.name or "(unallocated)" for part in shown),
        (
            Series(result.before.name, tuple(part.before.cost_usd for part in shown)),
            Series(result.after.name, tuple(part.after.cost_usd for part in shown)),
        ),
        Unit.USD,
        method="totals",
    )


def parts_table(identity: str, title: str, label: str, parts: Sequence[Part], result: Comparison) -> Table:
    """Calls and cost of both files by one dimension."""
    columns = (
        Column("name", label),
        Column("calls-before", f"Calls, {result.before.name}", Unit.COUNT),
        Column("calls-after", f"Calls, {result.after.name}", Unit.COUNT),
        Column("before", f"Cost, {result.before.name}", Unit.USD),
        Column("after", f"Cost, {result.after.name}", Unit.USD),
        Column("change", "Change", Unit.USD),
    )
    shown, rest = parts[:ROWS], parts[ROWS:]
    rows = [Row((part.name or "(unallocated)", *_part_cells((part,)))) for part in shown]
    if rest:
        rows.append(Row(("Other", *_part_cells(rest))))
    return Table(identity, title, columns, tuple(rows), Row(("Total", *_part_cells(parts))), method="totals")


def _part_cells(parts: Sequence[Part]) -> tuple[Cell, ...]:
    before = sum((part.before.cost_usd for part in parts), Decimal(0))
    after = sum((part.after.cost_usd for part in parts), Decimal(0))
    return (
        sum(part.before.calls for part in parts),
        sum(part.after.calls for part in parts),
        Value(before, Unit.USD, at_least=any(part.before.at_least for part in parts)),
        Value(after, Unit.USD, at_least=any(part.after.at_least for part in parts)),
        after - before,
    )


def crossings(result: Comparison) -> Table:
    """Customers who crossed zero, the largest change first."""
    columns = (
        Column("customer", "Customer"),
        Column("plan", "Plan"),
        Column("before", f"Margin, {result.before.name}", Unit.USD),
        Column("after", f"Margin, {result.after.name}", Unit.USD),
        Column("change", "Change", Unit.USD),
        Column("direction", "Direction"),
    )
    rows = tuple(_crossing_row(each) for each in result.crossings[:MOST_ROWS])
    note = f"Of {counted(result.customers_in_both, 'customer')} in both files; the JSON lists all."
    return Table("crossings", "Customers who crossed zero", columns, rows, note=note, method="crossing")


def _crossing_row(each: Crossing) -> Row:
    direction = "into a loss" if each.into_loss else "out of a loss"
    margins = (each.margin_before_usd, each.margin_after_usd, each.change_usd)
    return Row((each.customer, each.plan, *margins, direction), key=each.customer)


def differences(result: Comparison) -> Table:
    """Every figure judged, the least likely by chance first."""
    columns = (
        Column("figure", "Figure"),
        Column("before", result.before.name),
        Column("after", result.after.name),
        Column("relative", "Change, relative", Unit.SHARE),
        Column("p", "p-value"),
        Column("verdict", "Verdict"),
    )
    ordered = sorted(
        result.chance.differences, key=lambda each: (each.p_value is None, each.p_value or 0.0, each.figure)
    )
    rows = tuple(_difference_row(each) for each in ordered[:MOST_ROWS])
    note = chance_finding(result)
    return Table("differences", "What exceeds chance", columns, rows, note=note, method="chance")


def _difference_row(each: Difference) -> Row:
    unit = Unit(each.unit)
    relative = Value(each.relative, Unit.SHARE, "from zero" if each.relative is None else "")
    values = (Value(each.before, unit), Value(each.after, unit), relative)
    return Row((each.figure, *values, _p_text(each.p_value), _verdict(each)))


def _verdict(each: Difference) -> str:
    if each.p_value is None:
        return "not judged"
    return "beyond chance" if each.significant else "within chance"


def _p_text(p_value: float | None) -> str:
    if p_value is None:
        return "too few"
    return "under 0.0001" if p_value < 0.0001 else f"{p_value:.4f}"


def value(amount: Number | None, line: Line) -> Value:
    """An amount of a line, or the reason why there is none."""
    return Value(amount, line.unit, line.reason if amount is None else "")
