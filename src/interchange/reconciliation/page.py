"""The page of a reconciliation: the verdict, steps from the calls to the invoice, days, models, how bills were read."""

from collections.abc import Sequence
from decimal import Decimal

from interchange.bills.charges import Bill
from interchange.reconciliation.dollars import signed, usd
from interchange.reconciliation.result import CallsAndBill, Reconciliation, Verdict
from reporting.document import (
    Alert,
    Block,
    Category,
    Chart,
    ChartKind,
    Document,
    Level,
    Method,
    MetricCard,
    Note,
    Section,
    Series,
    Table,
    Unit,
    Value,
)
from reporting.filled_tables import Fields, field, filled_table, summed

ID = "reconciliation"
TITLE = "Calls against bills"
QUESTION = "Does the bill charge what the calls cost, and if not, what is it for?"
VERDICTS = {
    Verdict.AGREES: "The calls agree with the AI usage billed, in total.",
    Verdict.DIFFERS: "The calls differ from the AI usage billed.",
    Verdict.OPEN: "Nothing is concluded",
}
ABSENT = "nothing there"
METHODS = (
    Method(
        id="reconciliation",
        title="Calls against bills",
        formula="difference = AI usage billed − known cost of the calls, on the days that the bills cover",
        assumptions=(
            "Days are those of the bills, in UTC. Calls of other days are left out and counted.",
            "Only lines of AI usage are compared with calls; credits, refunds, taxes and other services stand apart.",
            "The steps add up to the invoice; the last one is what nothing explains.",
        ),
        exclusions=(
            "Lines that cannot be read are listed; while there are any, nothing is concluded.",
            "Calls of unknown cost: while there are any, nothing is concluded.",
        ),
    ),
)


def page(result: Reconciliation) -> Document:
    """The document of a reconciliation."""
    cards = _cards(result)
    return Document(
        id=ID,
        title=TITLE,
        question=QUESTION,
        category=Category.FINOPS,
        summary=(finding(result), _sides(result)),
        headline=cards[0],
        finding=finding(result),
        cards=cards,
        sections=(_steps(result), *_parts(result), _bills(result)),
        alerts=_alerts(result),
        methods=METHODS,
    )


def finding(result: Reconciliation) -> str:
    """The verdict, and why where there is none."""
    if result.verdict is Verdict.OPEN:
        return f"{VERDICTS[Verdict.OPEN]}: {' '.join(result.obstacles)}"
    share = result.difference_share
    if not result.total.difference_usd or share is None:
        return VERDICTS[result.verdict]
    return f"{VERDICTS[result.verdict]} Billed minus calls is {signed(result.total.difference_usd)} USD ({share:+.2%})."


def _sides(result: Reconciliation) -> str:
    days = ", ".join(f"{first} to {last}" for first, last in result.periods)
    outside = result.outside
    left_out = (
        f" {outside.calls:,} calls of other days, {usd(outside.calls_usd)}, are left out."
        if outside.calls
        else ""
    )
    return (
        f"{result.total.calls:,} calls{f' of {days}' if days else ''} cost {usd(result.total.calls_usd)}; "
        f"{usd(result.total.billed_usd)} of AI usage is billed.{left_out}"
    )


def _cards(result: Reconciliation) -> tuple[MetricCard, ...]:
    total = result.total
    share = result.difference_share
    amounts = (
        ("difference", "Billed minus calls", total.difference_usd),
        ("calls", "Known cost of the calls", total.calls_usd),
        ("billed", "AI usage billed", total.billed_usd),
        ("invoice", "Invoice", result.invoice_usd),
    )
    return tuple(
        MetricCard(
            id=id_,
            label=label,
            value=Value(amount, Unit.USD, reason=ABSENT),
            note=f"{share:+.2%} of the AI usage billed" if id_ == "difference" and share is not None else "",
        )
        for id_, label, amount in amounts
    )


def _alerts(result: Reconciliation) -> tuple[Alert, ...]:
    return tuple(
        Alert(level=Level.WARNING, title="Nothing is concluded", text=obstacle, target="bills")
        for obstacle in result.obstacles
    )


def _steps(result: Reconciliation) -> Section:
    first, *others = result.waterfall
    chart = Chart(
        id="steps",
        kind=ChartKind.WATERFALL,
        title=f"From {usd(first.usd)} of calls to an invoice of {usd(result.invoice_usd)}",
        subject="The steps from the calls to the invoice",
        label_title="Step",
        labels=(first.name, *(step.name for step in others), "invoice"),
        series=(Series("Dollars", (first.usd, *(step.usd for step in others), result.invoice_usd)),),
        unit=Unit.USD,
        method=ID,
    )
    notes = [Note(sentence) for sentence in result.explanations]
    return Section("waterfall", "From the calls to the invoice", blocks=(chart, *notes))


def _parts(result: Reconciliation) -> tuple[Section, ...]:
    sections = []
    for what, pairs in (("day", result.by_day), ("model", result.by_model)):
        block: Block = Note(f"The bill does not say the {what} of each charge, so no {what} can be compared.")
        if pairs:
            block = _table(what, pairs)
        sections.append(Section(f"by-{what}", f"By {what}", blocks=(block,)))
    return tuple(sections)


def _table(what: str, pairs: Sequence[CallsAndBill]) -> Table:
    fields: Fields[CallsAndBill] = (
        field("name", what.capitalize(), lambda each: each.name or "(none)"),
        summed("calls", "Calls", lambda each: each.calls, Unit.COUNT),
        summed("cost", "Cost of the calls", lambda each: _amount(each.calls_usd), Unit.USD),
        summed("billed", "AI usage billed", lambda each: _amount(each.billed_usd), Unit.USD),
        summed("difference", "Billed minus calls", lambda each: each.difference_usd, Unit.USD),
    )
    return filled_table(f"{what}s", f"Calls and bill by {what}", pairs, fields, total="Total", method=ID)


def _amount(usd_or_none: Decimal | None) -> Value:
    return Value(usd_or_none, Unit.USD, reason=ABSENT)


def _bills(result: Reconciliation) -> Section:
    fields: Fields[Bill] = (
        field("name", "File", lambda each: each.name),
        field("format", "Format", lambda each: each.format),
        summed("lines", "Lines", lambda each: each.line_count, Unit.COUNT),
        summed("read", "Read", lambda each: each.lines_read, Unit.COUNT),
        summed("rejected", "Not read", lambda each: len(each.rejected), Unit.COUNT),
        field("totals", "Rows of totals beside them", lambda each: len(each.totals), Unit.COUNT),
    )
    table = filled_table("bills", "How the bills were read", result.bills, fields, method=ID)
    said = [
        Note(f"{bill.name}, line {line.number}: {line.reason}")
        for bill in result.bills
        for line in bill.rejected[:10]
    ]
    notes = [Note(note) for bill in result.bills for note in bill.notes]
    return Section("how-bills-were-read", "How the bills were read", blocks=(table, *said, *notes))
