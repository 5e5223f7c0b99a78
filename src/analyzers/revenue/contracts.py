"""What `--customers` says that customers pay, where its lines are dated plans.

Such a plan is paid on each of its days, whether calls are made or not; a plan without `from` always was, one without
`until` still is. A customer without a line for a day pays nothing on it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from analyzers.revenue.plan_lines import Span
from calls.reading.customer_lines import CustomerLine, read_lines
from calls.source import Source

Contracts = Mapping[str, list[CustomerLine]]
"""The dated plans by customer."""


def contracts_of(source: Source) -> Contracts:
    """The dated plans of the customers file; none where there is no file, or its lines are not dated."""
    contracts: dict[str, list[CustomerLine]] = defaultdict(list)
    if source.filters.customers:
        found = read_lines(Path(source.filters.customers))
        for line in found.lines if found.dated else ():
            contracts[line.customer_id].append(line)
    return contracts


def contract_spans(
    lines: Iterable[CustomerLine], first: date, last: date, prices: Mapping[str, Decimal]
) -> list[Span]:
    """The plans of a customer from a first to a last day; a plan of $0 over all of them where there is none."""
    spans = [
        Span(
            line.subscription_tier,
            prices.get(line.subscription_tier) if line.monthly_usd is None else line.monthly_usd,
            max(first, line.first or first),
            min(last, line.until or last),
        )
        for line in lines
    ]
    held = sorted(
        (span for span in spans if span.first <= span.last), key=lambda span: (span.first, span.last)
    )
    return held or [Span("", Decimal(0), first, last)]
