"""The page of a comparison of two files: its sections in order, verdict first."""

from analyzers.comparison.lines import Line, lines
from analyzers.comparison.methods import METHODS
from analyzers.comparison.result import COMPARED, Comparison, Part, Side
from analyzers.comparison.tables import (
    crossings,
    differences,
    drivers,
    model_chart,
    parts_table,
    totals,
    value,
    waterfall,
)
from analyzers.comparison.words import chance_finding, cost_finding, finding, period_note
from analyzers.words.figures import counted, days
from calls.cost_gaps import gap_sentences
from reporting.document import Block, Category, Change, Document, MetricCard, Note, Section, Unit, Value

ID = "comparison"
TITLE = "Scenario comparison"
QUESTION = "What changed from one file to the other, and why?"


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


def _cards(result: Comparison) -> tuple[MetricCard, ...]:
    found = {line.label: line for line in lines(result)}
    into = sum(crossing.into_loss for crossing in result.crossings)
    return (
        _card("margin", found["Margin"], result.before, good=True),
        _card("revenue", found["Revenue"], result.before, good=True),
        _card("cost", found["Cost"], result.before, good=False),
        _card("calls", found["Calls"], result.before, good=None),
        MetricCard(
            id="crossings",
            label="Customers who crossed zero",
            value=Value(len(result.crossings), Unit.COUNT),
            note=f"{into} into a loss, {len(result.crossings) - into} out of one",
        ),
        MetricCard(
            id="significant",
            label="Differences beyond chance",
            value=Value(
                None if result.chance.reason else len(result.chance.significant),
                Unit.COUNT,
                reason=result.chance.reason,
            ),
        ),
    )


def _card(identity: str, line: Line, before: Side, *, good: bool | None) -> MetricCard:
    told = line.told
    change = None
    if line.relative is not None:
        welcome = None if good is None or not line.relative else (line.relative > 0) == good
        change = Change(value=told, against=f"vs {before.name}", good=welcome)
    return MetricCard(id=identity, label=line.label, value=value(line.after, line), change=change)


def _totals(result: Comparison) -> Section:
    blocks: tuple[Block, ...] = (totals(result),)
    text = period_note(result)
    if text:
        blocks = (Note(text), *blocks)
    gaps = [
        Note(f"{side.name}: {' '.join(gap_sentences(side.gaps))}")
        for side in (result.before, result.after)
        if side.gaps
    ]
    blocks = (*gaps, *blocks)
    return Section("totals-section", "Totals", blocks=blocks)


def _by_dimension(result: Comparison) -> tuple[tuple[Part, ...], ...]:
    """What the dimensions that are compared are split into."""
    return result.by_provider, result.by_model, result.by_plan, result.by_feature


def _cost(result: Comparison) -> Section:
    total = result.cost.total
    chart = waterfall(
        identity="cost-bridge",
        what="Cost",
        before=total.before,
        after=total.after,
        steps=result.cost_steps,
        result=result,
    )
    parts = (
        parts_table(f"by-{each.id}", f"Cost by {each.title}", each.title.capitalize(), found, result)
        for each, found in zip(COMPARED, _by_dimension(result), strict=True)
    )
    return Section(
        "cost", "Why the cost changed", blocks=(chart, drivers(result), model_chart(result), *parts)
    )


def _margin(result: Comparison) -> Section:
    if result.margin is None:
        return Section("margin-section", "Why the margin changed", blocks=(Note(f"{result.margin_reason}."),))
    before, after = result.margin.before, result.margin.after
    chart = waterfall(
        identity="margin-bridge",
        what="Margin",
        before=before,
        after=after,
        steps=result.margin_steps,
        result=result,
    )
    return Section("margin-section", "Why the margin changed", blocks=(chart,))


def _customers(result: Comparison) -> Section:
    block: Block = crossings(result)
    if result.margin_reason:
        block = Note(f"{result.margin_reason}.")
    elif not result.crossings:
        block = Note(f"None of {counted(result.customers_in_both, 'customer')} in both files crosses zero.")
    moved = Note(
        f"{counted(result.customers_in_both, 'customer')} in both, {result.customers_won:,} in {result.after.name} "
        f"alone, {result.customers_lost:,} in {result.before.name} alone."
    )
    return Section("customers", "Customers who crossed zero", blocks=(moved, block))


def _chance(result: Comparison) -> Section:
    block = Note(chance_finding(result)) if result.chance.reason else differences(result)
    return Section("chance", "What exceeds chance", blocks=(block,))
