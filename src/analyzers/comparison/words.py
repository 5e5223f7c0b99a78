"""What a comparison says in sentences, and the table that it prints on the console."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.comparison.lines import Line, in_cents, lines
from analyzers.comparison.result import Comparison
from analyzers.words.figures import counted, days, sentence, usd
from reporting.document import Number, Unit, Value
from reporting.number_format import change, shown


def finding(result: Comparison) -> str:
    """The one sentence that matters most."""
    if result.margin:
        return moved("Margin", result.margin.before, result.margin.after, result.margin_steps)
    return moved("Cost", result.cost.total.before, result.cost.total.after, result.cost_steps)


def cost_finding(result: Comparison) -> str:
    """How the cost moved, and its largest part."""
    return moved("Cost", result.cost.total.before, result.cost.total.after, result.cost_steps)


def chance_finding(result: Comparison) -> str:
    """What exceeds chance, in a sentence."""
    if result.chance.reason:
        return f"{sentence(result.chance.reason)}."
    found = result.chance.significant
    over = f"judged over {result.chance.clusters} {result.chance.kind}"
    if not found:
        return f"None of {len(result.chance.differences)} differences exceeds chance, {over}."
    verb = "exceeds" if len(found) == 1 else "exceed"
    return f"{len(found)} of {len(result.chance.differences)} differences {verb} chance, {over}."


def moved(what: str, before: Decimal, after: Decimal, steps: Sequence[tuple[str, Decimal]]) -> str:
    """A change in a sentence, with its largest step."""
    if before == after and not any(amount for _, amount in steps):
        return f"{what} is the same in both files: {usd(before)}."
    name, amount = max(in_cents(steps), key=lambda step: abs(step[1]))
    direction = "rises" if after > before else "falls" if after < before else "stays"
    return (
        f"{what} {direction} by {usd(abs(after - before))} from {usd(before)} to {usd(after)}; "
        f"the largest part is {name.lower()} ({usd(amount)})."
    )


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


def _texts(line: Line) -> tuple[str, str, str]:
    told = line.told
    return (
        _text(line.before, line.unit),
        _text(line.after, line.unit),
        "" if told.amount is None else change(told),
    )


def _text(amount: Number | None, unit: Unit) -> str:
    """In full, as a table of a page says it, with the unit that its heading would have."""
    text = shown(Value(amount, unit), prose=False).text
    return f"{text} ms" if unit is Unit.MILLISECONDS and amount is not None else text


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"…{name[-23:]}"


def period_note(result: Comparison) -> str:
    """Which days are compared where the files differ in length, '' where they do not."""
    whole = result.before.file_period.days, result.after.file_period.days
    if whole[0] == whole[1]:
        return ""
    lengths = f"The files cover {whole[0]:,} and {whole[1]:,} days"
    if result.before.days != result.after.days:
        return f"{lengths}: totals differ for that alone; compare the figures per day and per call."
    spans = " against ".join(days(side.first_day, side.last_day) for side in (result.before, result.after))
    return (
        f"{lengths}. Compared are the first {counted(result.before.days, 'day')} of each, {spans}, so that no day and "
        "no customer of days that one file has not reached counts as lost. --whole-files compares all days."
    )
