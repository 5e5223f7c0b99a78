"""What `reconcile.py` compares: the cost of calls with what bills charge, on the days that the bills cover."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from calls.cost_gaps import IS_PARTIAL
from calls.engine import Calls
from interchange.bills.charges import Bill, BillLine, Charge, exact_sum
from interchange.bills.model_matching import matcher
from interchange.reconciliation.dollars import amount, usd
from interchange.reconciliation.explanations import explained
from interchange.reconciliation.result import ZERO, CallsAndBill, Reconciliation, Row, Tolerance, Verdict
from interchange.reconciliation.waterfall import waterfall


def reconcile(
    calls: Calls,
    bills: Sequence[Bill],
    *,
    tolerance: Tolerance | None = None,
    invoice_usd: Decimal | None = None,
) -> Reconciliation:
    """Compares the calls of a selection with the AI usage of bills, on the days that the bills cover.

    Args:
        calls: the calls.
        bills: what was read.
        tolerance: how far the two may differ and still agree; by default not at all.
        invoice_usd: what the invoice says in all, which the lines of the bills must sum to.
    """
    lines = [line for bill in bills for line in bill.lines]
    usage = [line for line in lines if line.is_ai_usage]
    periods = _periods(bills)
    everything = _rows(calls)
    rows = [row for row in everything if _within(row.day, periods)]
    left_out = [row for row in everything if not _within(row.day, periods)]
    total = _sides("total", rows, exact_sum(line.usd for line in usage))
    by_model = _by_model(rows, usage)
    by_day = _by_day(rows, usage)
    unknown = sum(row.unknown for row in rows)
    partial = sum(row.partial for row in rows)
    in_all = exact_sum(line.usd for line in lines)
    obstacles = tuple(_obstacles(bills, usage, (unknown, partial), in_all, invoice_usd))
    near = (tolerance or Tolerance()).allows(total.difference_usd, total.billed_usd or ZERO)
    return Reconciliation(
        verdict=Verdict.OPEN if obstacles else Verdict.AGREES if near else Verdict.DIFFERS,
        total=total,
        invoice_usd=in_all if invoice_usd is None else invoice_usd,
        waterfall=tuple(waterfall(total, by_model, lines, in_all, invoice_usd)),
        periods=periods,
        outside=_sides("other days", left_out, None),
        unknown_calls=unknown,
        partial_calls=partial,
        by_day=by_day,
        by_model=by_model,
        bills=tuple(bills),
        ai_usage_net_usd=_net(usage),
        obstacles=obstacles,
        explanations=tuple(explained(rows, calls.source.gaps, by_day, by_model)),
    )


def _rows(calls: Calls) -> list[Row]:
    return [
        Row(*row)
        for row in calls.sql(f"""
        select cast("timestamp" as date) as day, model, count(*) as calls,
            coalesce(sum(cost_usd), 0) as usd, count(*) - count(cost_usd) as unknown,
            coalesce(sum(case when cost_source in ('computed', 'partial') then cost_usd end), 0) as computed_usd,
            count(case when {IS_PARTIAL} then 1 end) as partial
        from calls group by cast("timestamp" as date), model order by 1, 2
    """)
    ]


def _sides(name: str, rows: Iterable[Row], billed: Decimal | None) -> CallsAndBill:
    rows = list(rows)
    return CallsAndBill(name, sum(row.calls for row in rows), exact_sum(row.usd for row in rows), billed)


def _periods(bills: Sequence[Bill]) -> tuple[tuple[date, date], ...]:
    """The days that each bill covers; none if a bill does not tell its days.

    Charges of every kind say where a bill begins and how far it has come, but only usage says that it covers each day
    of its period: a month's tax stands on bills of half the month.
    """
    found = []
    for bill in bills:
        days = [line.day for line in bill.lines if line.day]
        ends = [line.last_day for line in bill.lines if line.kind is Charge.USAGE and line.last_day]
        if not days:
            return ()
        found.append((min(days), max(days + ends)))
    return tuple(found)


def _within(day: date, periods: tuple[tuple[date, date], ...]) -> bool:
    return not periods or any(first <= day <= last for first, last in periods)


def _net(usage: list[BillLine]) -> Decimal | None:
    """AI usage after discounts, where every line says it."""
    nets = [line.net_usd for line in usage if line.net_usd is not None]
    return exact_sum(nets) if nets and len(nets) == len(usage) else None


def _by_day(rows: list[Row], usage: list[BillLine]) -> tuple[CallsAndBill, ...]:
    """Days of lines that name one day; none if a line spans several, which no day could be held against."""
    if any(line.day and line.last_day and line.last_day > line.day for line in usage):
        return ()
    return _both_sides(
        ((row.day.isoformat(), row) for row in rows),
        ((line.day.isoformat(), line.usd) for line in usage if line.day),
    )


def _by_model(rows: list[Row], usage: list[BillLine]) -> tuple[CallsAndBill, ...]:
    """Models under the name of the calls, wherever the bill's name is one of theirs."""
    named = matcher(row.model for row in rows)
    return _both_sides(
        ((row.model, row) for row in rows), ((named(line.model), line.usd) for line in usage if line.model)
    )


def _both_sides(
    ours: Iterable[tuple[str, Row]], billed: Iterable[tuple[str, Decimal]]
) -> tuple[CallsAndBill, ...]:
    """Both sides by name; empty where the bill does not tell names."""
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for name, dollars in billed:
        amounts[name].append(dollars)
    if not amounts:
        return ()
    rows: dict[str, list[Row]] = defaultdict(list)
    for name, row in ours:
        rows[name].append(row)
    return tuple(
        CallsAndBill(
            name,
            sum(row.calls for row in rows[name]) if name in rows else 0,
            exact_sum(row.usd for row in rows[name]) if name in rows else None,
            exact_sum(amounts[name]) if name in amounts else None,
        )
        for name in sorted(set(amounts) | set(rows))
    )


def _obstacles(
    bills: Sequence[Bill],
    usage: list[BillLine],
    unknown_and_partial: tuple[int, int],
    in_all: Decimal,
    invoice_usd: Decimal | None,
) -> Iterator[str]:
    for bill in bills:
        if bill.rejected:
            yield f"{len(bill.rejected):,} of {bill.line_count:,} lines of {bill.name} are not read."
        for total in bill.wrong_totals:
            yield (
                f"{bill.name}: line {total.number} gives a total of {amount(total.stated)}, "
                f"the lines before it sum to {amount(total.lines)}."
            )
        if bill.has_more:
            yield f"{bill.name} says that more pages follow; download them all."
    if invoice_usd is not None and invoice_usd != in_all:
        yield f"The invoice says {usd(invoice_usd)}, the lines of the bill sum to {usd(in_all)}."
    if not usage:
        yield "No line of the bill is AI usage."
    words = ("no known cost", "a cost of at least what is counted")
    yield from (
        f"{calls:,} calls have {what}."
        for calls, what in zip(unknown_and_partial, words, strict=True)
        if calls
    )
