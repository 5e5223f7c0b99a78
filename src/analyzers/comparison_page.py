"""The page of a comparison of two files, and the figures that its console table shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from analyzers.comparison_methods import METHODS
from analyzers.comparison_result import Comparison, Part, Side
from analyzers.wording import counted, days, percent, usd
from methods.allocation import round_together
from reporting.document import (
    Block,
    Category,
    Cell,
    Change,
    Chart,
    ChartKind,
    Column,
    Document,
    MetricCard,
    Note,
    Number,
    Row,
    Section,
    Series,
    Table,
    Unit,
    Value,
)

ID = "comparison"
TITLE = "Scenario comparison"
QUESTION = "What changed from one file to the other, and why?"
ROWS = 100
SHOWN = 12
STEP_NAMES = {
    "customers": "Customers won and lost",
    "plan price": "Plan price",
    "volume": "Number of calls",
    "model mix": "Model and task mix",
    "model and task mix": "Model and task mix",
    "tokens a call": "Tokens a call",
    "price": "Model price",
    "cost coverage": "Cost coverage",
}


@dataclass(frozen=True)
class Line:
    """One figure of both files; `reason` says why a missing one is missing."""

    label: str
    unit: Unit
    before: Number | None
    after: Number | None
    reason: str = "not known"

    @property
    def change(self) -> Number | None:
        """After less before; None where either is missing."""
        if self.before is None or self.after is None:
            return None
        return Decimal(self.after) - Decimal(self.before)

    @property
    def relative(self) -> Decimal | None:
        """Change over before; None from zero or where either is missing."""
        change = self.change
        return Decimal(change) / abs(Decimal(self.before)) if change is not None and self.before else None


def lines(result: Comparison) -> tuple[Line, ...]:
    """The figures of both files as they stand side by side."""
    a, b = result.before, result.after
    few = "too few calls with a latency"
    return (
        Line("Days", Unit.DAYS, a.days, b.days),
        Line("Calls", Unit.COUNT, a.usage.calls, b.usage.calls),
        Line("Customers", Unit.COUNT, a.customers, b.customers),
        Line("Organizations", Unit.COUNT, a.organizations, b.organizations),
        Line("Tokens", Unit.TOKENS, a.usage.tokens, b.usage.tokens),
        Line("Cost", Unit.USD, a.usage.known_cost_usd, b.usage.known_cost_usd, "no call has a known cost"),
        Line("Calls of unknown cost", Unit.COUNT, a.usage.unpriced_calls, b.usage.unpriced_calls),
        Line("Cost a day", Unit.USD, a.cost_per_day_usd, b.cost_per_day_usd),
        Line("Cost a call", Unit.USD_RATE, a.usage.cost_per_call_usd, b.usage.cost_per_call_usd),
        Line("Cost a call, median", Unit.USD_RATE, a.cost_p50_usd, b.cost_p50_usd, "too few priced calls"),
        Line("Cost a call, P95", Unit.USD_RATE, a.cost_p95_usd, b.cost_p95_usd, "too few priced calls"),
        Line("Tokens a call", Unit.TOKENS, a.usage.tokens_per_call, b.usage.tokens_per_call),
        Line("Revenue", Unit.USD, a.revenue_usd, b.revenue_usd, result.margin_reason),
        Line("Margin", Unit.USD, a.margin_usd, b.margin_usd, result.margin_reason),
        Line(
            "Margin of revenue",
            Unit.SHARE,
            a.margin_share,
            b.margin_share,
            result.margin_reason or "no revenue",
        ),
        Line("Latency, median", Unit.MILLISECONDS, a.latency_p50_ms, b.latency_p50_ms, few),
        Line("Latency, P95", Unit.MILLISECONDS, a.latency_p95_ms, b.latency_p95_ms, few),
        Line("Latency, P99", Unit.MILLISECONDS, a.latency_p99_ms, b.latency_p99_ms, few),
    )


def finding(result: Comparison) -> str:
    """The one sentence that matters most."""
    if result.margin:
        return _moved("Margin", result.margin.before, result.margin.after, result.margin_steps)
    return _moved("Cost", result.cost.total.before, result.cost.total.after, result.cost_steps)


def cost_finding(result: Comparison) -> str:
    """How the cost moved, and its largest part."""
    return _moved("Cost", result.cost.total.before, result.cost.total.after, result.cost_steps)


def chance_finding(result: Comparison) -> str:
    """What exceeds chance, in a sentence."""
    if result.chance.reason:
        return f"{result.chance.reason[:1].upper()}{result.chance.reason[1:]}."
    found = result.chance.significant
    over = f"judged over {result.chance.clusters} {result.chance.kind}"
    if not found:
        return f"None of {len(result.chance.differences)} differences exceeds chance, {over}."
    verb = "exceeds" if len(found) == 1 else "exceed"
    return f"{len(found)} of {len(result.chance.differences)} differences {verb} chance, {over}."


def page(result: Comparison) -> Document:
    """The document of a comparison."""
    cards = _cards(result)
    return Document(
        id=ID,
        title=TITLE,
        question=QUESTION,
        category=Category.FINOPS,
        summary=(_sides(result), cost_finding(result), *_margin_sentence(result), chance_finding(result)),
        headline=cards[0],
        finding=finding(result),
        cards=cards,
        sections=(_totals(result), _cost(result), _margin(result), _customers(result), _chance(result)),
        methods=METHODS,
    )


def _sides(result: Comparison) -> str:
    return (
        " against ".join(
            f"{side.name} ({days(side.first_day, side.last_day)}, {counted(side.usage.calls, 'call')})"
            for side in (result.before, result.after)
        )
        + "."
    )


def _margin_sentence(result: Comparison) -> tuple[str, ...]:
    if result.margin:
        return (finding(result),)
    return (f"Margin: {result.margin_reason}.",)


def _moved(what: str, before: Decimal, after: Decimal, steps: Sequence[tuple[str, Decimal]]) -> str:
    if before == after and not any(amount for _, amount in steps):
        return f"{what} is the same in both files: {usd(before)}."
    name, amount = max(steps, key=lambda step: abs(step[1]))
    direction = "rises" if after > before else "falls" if after < before else "stays"
    return (
        f"{what} {direction} by {usd(abs(after - before))} from {usd(before)} to {usd(after)}; "
        f"the largest part is {STEP_NAMES[name].lower()} ({usd(amount)})."
    )


def _cards(result: Comparison) -> tuple[MetricCard, ...]:
    found = {line.label: line for line in lines(result)}
    into = sum(crossing.into_loss for crossing in result.crossings)
    return (
        _card("margin", found["Margin"], result.before, good=True),
        _card("revenue", found["Revenue"], result.before, good=True),
        _card("cost", found["Cost"], result.before, good=False),
        _card("calls", found["Calls"], result.before, good=None),
        MetricCard(
            "crossings",
            "Customers who crossed zero",
            Value(len(result.crossings), Unit.COUNT),
            f"{into} into a loss, {len(result.crossings) - into} out of one",
        ),
        MetricCard(
            "significant",
            "Differences beyond chance",
            Value(
                None if result.chance.reason else len(result.chance.significant),
                Unit.COUNT,
                result.chance.reason,
            ),
        ),
    )


def _card(identity: str, line: Line, before: Side, *, good: bool | None) -> MetricCard:
    relative = line.relative
    change = None
    if relative is not None:
        welcome = None if good is None or not relative else (relative > 0) == good
        change = Change(Value(relative, Unit.SHARE), before.name, welcome)
    return MetricCard(identity, line.label, _value(line.after, line), change=change)


def _value(amount: Number | None, line: Line) -> Value:
    return Value(amount, line.unit, line.reason if amount is None else "")


def _totals(result: Comparison) -> Section:
    columns = (
        Column("figure", "Figure"),
        Column("before", result.before.name),
        Column("after", result.after.name),
        Column("change", "Change"),
        Column("relative", "Change, relative", Unit.SHARE),
    )
    rows = tuple(
        Row(
            (
                line.label,
                _value(line.before, line),
                _value(line.after, line),
                _value(line.change, line),
                Value(
                    line.relative, Unit.SHARE, "" if line.relative is not None else "nothing to compare with"
                ),
            ),
            key=line.label.lower().replace(" ", "-").replace(",", ""),
        )
        for line in lines(result)
    )
    blocks: list[Block] = []
    if result.before.days != result.after.days:
        blocks.append(
            Note(
                f"The files cover {result.before.days} and {result.after.days} days: totals differ for that "
                "alone; compare the figures a day and a call."
            )
        )
    blocks.append(Table("totals", "Both files side by side", columns, rows, method="totals"))
    return Section("totals-section", "Totals", tuple(blocks))


def _cost(result: Comparison) -> Section:
    total = result.cost.total
    chart = _waterfall("cost-bridge", "Cost", total.before, total.after, result.cost_steps, result)
    parts = (
        _parts_table("by-provider", "Cost by provider", "Provider", result.by_provider, result),
        _parts_table("by-model", "Cost by model", "Model", result.by_model, result),
        _parts_table("by-plan", "Cost by plan", "Plan", result.by_plan, result),
        _parts_table("by-feature", "Cost by feature", "Feature", result.by_feature, result),
    )
    return Section("cost", "Why the cost changed", (chart, _drivers(result), _model_chart(result), *parts))


def _margin(result: Comparison) -> Section:
    if result.margin is None:
        return Section("margin-section", "Why the margin changed", (Note(f"{result.margin_reason}."),))
    before, after = result.margin.before, result.margin.after
    chart = _waterfall("margin-bridge", "Margin", before, after, result.margin_steps, result)
    return Section("margin-section", "Why the margin changed", (chart,))


def _waterfall(
    identity: str,
    what: str,
    before: Decimal,
    after: Decimal,
    steps: Sequence[tuple[str, Decimal]],
    result: Comparison,
) -> Chart:
    shown = [(name, amount) for name, amount in in_cents(steps) if amount]
    return Chart(
        identity,
        ChartKind.WATERFALL,
        _moved(what, before, after, steps).rstrip("."),
        f"From the {what.lower()} of {result.before.name} to that of {result.after.name}",
        "Step",
        (result.before.name, *(name for name, _ in shown), result.after.name),
        (Series(what, (before, *(amount for _, amount in shown), after)),),
        Unit.USD,
        method="bridge",
    )


def _drivers(result: Comparison) -> Table:
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


def _model_chart(result: Comparison) -> Chart:
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


def _parts_table(identity: str, title: str, label: str, parts: Sequence[Part], result: Comparison) -> Table:
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


def _customers(result: Comparison) -> Section:
    title = "Customers who crossed zero"
    if result.margin_reason:
        return Section("customers", title, (Note(f"{result.margin_reason}."),))
    if not result.crossings:
        text = f"None of {counted(result.customers_in_both, 'customer')} in both files crosses zero."
        return Section("customers", title, (Note(text),))
    columns = (
        Column("customer", "Customer"),
        Column("plan", "Plan"),
        Column("before", f"Margin, {result.before.name}", Unit.USD),
        Column("after", f"Margin, {result.after.name}", Unit.USD),
        Column("change", "Change", Unit.USD),
        Column("direction", "Direction"),
    )
    rows = tuple(
        Row(
            (
                each.customer,
                each.plan,
                each.margin_before_usd,
                each.margin_after_usd,
                each.change_usd,
                "into a loss" if each.into_loss else "out of a loss",
            ),
            key=each.customer,
        )
        for each in result.crossings[: 5 * ROWS]
    )
    note = f"Of {counted(result.customers_in_both, 'customer')} in both files; the JSON lists all."
    return Section(
        "customers", title, (Table("crossings", title, columns, rows, note=note, method="crossing"),)
    )


def _chance(result: Comparison) -> Section:
    title = "What exceeds chance"
    if result.chance.reason:
        return Section("chance", title, (Note(chance_finding(result)),))
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
    rows = tuple(
        Row(
            (
                each.figure,
                Value(each.before, Unit(each.unit)),
                Value(each.after, Unit(each.unit)),
                Value(each.relative, Unit.SHARE, "" if each.relative is not None else "from zero"),
                _p_text(each.p_value),
                "beyond chance"
                if each.significant
                else "within chance"
                if each.p_value is not None
                else "not judged",
            )
        )
        for each in ordered[: 5 * ROWS]
    )
    table = Table("differences", title, columns, rows, note=chance_finding(result), method="chance")
    return Section("chance", title, (table,))


def _p_text(p_value: float | None) -> str:
    if p_value is None:
        return "too few"
    return "under 0.0001" if p_value < 0.0001 else f"{p_value:.4f}"


def console_lines(result: Comparison) -> tuple[str, ...]:
    """The comparison as a table of plain text."""
    rows = [(line.label, *_texts(line)) for line in lines(result)]
    names = ("", _short(result.before.name), _short(result.after.name), "change")
    widths = [max(len(row[place]) for row in (names, *rows)) for place in range(4)]
    table = ["  ".join(_aligned(row, widths)) for row in (names, *rows)]
    steps = [("Cost, step by step", result.cost_steps), ("Margin, step by step", result.margin_steps)]
    told = [text for title, parts in steps if parts for text in ("", title, *_step_lines(parts))]
    return (*table, *told)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        row[0].ljust(widths[0]),
        *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)),
    ]


def _step_lines(parts: Sequence[tuple[str, Decimal]]) -> list[str]:
    cents = in_cents(parts)
    total = sum((amount for _, amount in cents), Decimal(0))
    return [f"  {name:<24}{usd(amount):>14}" for name, amount in (*cents, ("Total", total))]


def in_cents(steps: Sequence[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Steps by the names a reader sees, in cents that add up as shown."""
    rounded = round_together([amount for _, amount in steps])
    return [(STEP_NAMES[name], amount) for (name, _), amount in zip(steps, rounded, strict=True)]


def _texts(line: Line) -> tuple[str, str, str]:
    relative = line.relative
    change = "" if relative is None else percent(relative)
    return _text(line.before, line.unit), _text(line.after, line.unit), change


def _text(amount: Number | None, unit: Unit) -> str:
    if amount is None:
        return "n/a"
    if unit is Unit.USD:
        return usd(amount)
    if unit is Unit.USD_RATE:
        return f"${Decimal(amount):.6f}"
    return percent(amount) if unit is Unit.SHARE else f"{Decimal(amount):,.0f}"


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"…{name[-23:]}"
