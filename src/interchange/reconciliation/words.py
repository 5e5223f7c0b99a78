"""A reconciliation as lines for a terminal, and as an object for machines."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from interchange.bills.charges import Bill
from interchange.reconciliation.dollars import amount, signed, usd
from interchange.reconciliation.result import CallsAndBill, Reconciliation, Verdict

SHOWN = 10
"""Rejected lines that a terminal shows of a bill."""


def as_lines(result: Reconciliation) -> list[str]:
    """The comparison as lines for a terminal."""
    return [
        *_heading(result),
        *_verdict(result),
        *_waterfall(result),
        *_table("By day", result.by_day),
        *_table("By model", result.by_model),
        *(f"- {sentence}" for sentence in result.explanations),
    ]


def bill_lines(bill: Bill) -> Iterator[str]:
    """How a bill was read: lines read and rejected, totals, and each rejected line with its reason."""
    said = [f"{bill.lines_read:,} of {bill.line_count:,} lines read"]
    if bill.totals:
        said.append(f"{len(bill.totals):,} total row{'s' if len(bill.totals) > 1 else ''} beside them")
    yield f"{bill.name} ({bill.format}): {', '.join(said)}."
    yield from (f"  {note}" for note in bill.notes)
    yield from (f"  line {line.number}: {line.reason}" for line in bill.rejected[:SHOWN])
    if len(bill.rejected) > SHOWN:
        yield f"  and {len(bill.rejected) - SHOWN:,} more lines"


def _heading(result: Reconciliation) -> Iterator[str]:
    for bill in result.bills:
        yield from bill_lines(bill)
    days = ", ".join(f"{first} to {last}" for first, last in result.periods)
    share = result.difference_share
    yield f"Calls{f' of {days}' if days else ''}: {result.total.calls:,}, {usd(result.total.calls_usd)}"
    if result.outside.calls:
        yield (f"Calls of other days, left out: {result.outside.calls:,}, {usd(result.outside.calls_usd)}")
    yield f"AI usage billed: {usd(result.total.billed_usd)}"
    yield f"Difference: {signed(result.total.difference_usd)} USD" + (
        f" ({share:+.2%} of the AI usage billed)" if share is not None else ""
    )
    if result.ai_usage_net_usd is not None and result.ai_usage_net_usd != result.total.billed_usd:
        yield f"AI usage after discounts, as the bill says: {usd(result.ai_usage_net_usd)}"


def _verdict(result: Reconciliation) -> Iterator[str]:
    words = {
        Verdict.AGREES: "The calls agree with the AI usage billed, in total.",
        Verdict.DIFFERS: "The calls differ from the AI usage billed.",
        Verdict.OPEN: "Nothing is concluded:",
    }
    yield words[result.verdict]
    yield from (f"  {obstacle}" for obstacle in result.obstacles)


def _waterfall(result: Reconciliation) -> Iterator[str]:
    steps = [(step.name, signed(step.usd)) for step in result.waterfall]
    steps = [
        (steps[0][0], amount(result.waterfall[0].usd)),
        *steps[1:],
        ("invoice", amount(result.invoice_usd)),
    ]
    names, amounts = (max(len(step[part]) for step in steps) for part in (0, 1))
    yield "From the calls to the invoice, in dollars:"
    yield from (f"  {name:{names}}  {amount:>{amounts}}" for name, amount in steps)


def _table(title: str, pairs: tuple[CallsAndBill, ...]) -> Iterator[str]:
    if pairs:
        yield f"{title}:"
    for entry in pairs:
        yield (
            f"  {entry.name or '(none)'}: {usd(entry.calls_usd)} here, {usd(entry.billed_usd)} billed, "
            f"{signed(entry.difference_usd)}"
        )


def payload(result: Reconciliation) -> dict[str, Any]:
    """The comparison for `--json`; of a bill's charges the sums stand in the waterfall."""
    found = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    plain = {
        name: [dataclasses.asdict(entry) for entry in found[name]]
        for name in ("waterfall", "by_day", "by_model")
    }
    return {
        **found,
        **plain,
        "total": dataclasses.asdict(result.total),
        "outside": dataclasses.asdict(result.outside),
        "bills": [bill_payload(bill) for bill in result.bills],
        "difference_usd": result.total.difference_usd,
        "difference_share": result.difference_share,
    }


def bill_payload(bill: Bill) -> dict[str, Any]:
    """How a bill was read, for `--json`."""
    return {
        "name": bill.name,
        "format": bill.format,
        "lines": bill.line_count,
        "accepted": bill.lines_read,
        "rejected": [dataclasses.asdict(line) for line in bill.rejected],
        "totals": [dataclasses.asdict(total) for total in bill.totals],
        "notes": bill.notes,
    }
