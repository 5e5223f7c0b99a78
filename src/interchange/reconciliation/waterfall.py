"""The steps from what calls cost to what the invoice says; the last is what nothing explains."""

from collections.abc import Iterator
from decimal import Decimal

from interchange.bills.charges import BillLine, Charge, exact_sum
from interchange.reconciliation.result import ZERO, CallsAndBill, Step, sum_of


def waterfall(
    total: CallsAndBill,
    by_model: tuple[CallsAndBill, ...],
    lines: list[BillLine],
    in_all: Decimal,
    invoice_usd: Decimal | None,
) -> Iterator[Step]:
    """Steps that sum to the invoice; those of nothing are left out, but the first and the last."""
    steps = [
        Step("models on the bill only", sum_of(entry for entry in by_model if entry.calls_usd is None)),
        Step("models in the calls only", sum_of(entry for entry in by_model if entry.billed_usd is None)),
    ]
    if by_model:
        nameless = (line.usd for line in lines if line.is_ai_usage and not line.model)
        steps.append(Step("usage billed without a model", exact_sum(nameless)))
    explained = exact_sum(step.usd for step in steps)
    steps += [
        Step(f"AI {kind}", exact_sum(line.usd for line in lines if line.ai and line.kind is kind))
        for kind in Charge
        if kind is not Charge.USAGE
    ]
    steps.append(Step("other services and taxes", exact_sum(line.usd for line in lines if not line.ai)))
    if invoice_usd is not None:
        steps.append(Step("on the invoice, in no line of the bill", exact_sum((invoice_usd, -in_all))))
    yield Step("calls", total.calls_usd or ZERO)
    yield from (step for step in steps if step.usd)
    yield Step("not explained", exact_sum((total.difference_usd, -explained)))
