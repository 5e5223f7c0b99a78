"""What some customers' calls would cost on the cheapest model already used for the same work.

Work is the same where task type and length band of the input agree. A model's cost there is its mean cost a
token over all customers, if it has enough calls. Quality is not in the data: a saving is a reason to test.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from calls.engine import Calls

BAND = "case when input_tokens < 1000 then 1 when input_tokens < 10000 then 2 else 3 end"
"""Length bands of the input: below 1,000 tokens, below 10,000, and longer."""

WORK = """
select case when customer_id in ({customers}) then customer_id else '' end as customer,
       task_type, {band} as length_band, provider, model,
       count(*) as calls,
       sum(cost_usd) as cost,
       sum(input_tokens + output_tokens) as tokens
from calls
where cost_usd is not null
group by case when customer_id in ({customers}) then customer_id else '' end,
         task_type, {band}, provider, model
order by customer, task_type, length_band, provider, model
"""

Cell = tuple[str, int]
Model = tuple[str, str]


@dataclass(frozen=True)
class Switch:
    """What moving a customer's calls to cheaper models saves.

    `cost_usd` is the cost of all its priced calls, `saved_usd` what the moved ones would have saved, `model`
    what most of the saving comes from moving to, `source` what it moves from.
    """

    customer: str
    source: str
    model: str
    calls: int
    cost_usd: Decimal
    saved_usd: Decimal

    @property
    def saving_share(self) -> Decimal | None:
        """Saved over cost; None where nothing is spent or saved."""
        return self.saved_usd / self.cost_usd if self.cost_usd and self.saved_usd > 0 else None

    @property
    def words(self) -> str:
        """The move in words."""
        return f"{self.calls:,} calls, mainly {self.source} to {self.model}"


def switches(calls: Calls, customers: Sequence[str], calls_needed: int) -> dict[str, Switch]:
    """The switch of each customer whose work a cheaper model already does elsewhere.

    Args:
        calls: the calls of the period.
        customers: whom to look at.
        calls_needed: calls a model needs in a cell of task and length before it is compared.
    """
    if not customers:
        return {}
    names = {f"c{number}": customer for number, customer in enumerate(customers)}
    query = WORK.format(customers=", ".join(f"${name}" for name in names), band=BAND)
    lines = calls.sql(query, **names)
    rates = _rates(lines, calls_needed)
    by_customer: dict[str, list[Any]] = defaultdict(list)
    for line in lines:
        by_customer[line.customer].append(line)
    found = {customer: _switch(customer, by_customer[customer], rates) for customer in customers}
    return {customer: switch for customer, switch in found.items() if switch.saved_usd > 0}


def _rates(lines: Sequence[Any], calls_needed: int) -> dict[Cell, tuple[Decimal, Model]]:
    """By cell: the lowest mean cost a token among the models with enough calls there, and that model."""
    sums: dict[tuple[Cell, Model], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for line in lines:
        key = ((line.task_type, line.length_band), (line.provider, line.model))
        sums[key] = [a + b for a, b in zip(sums[key], (line.calls, line.cost, line.tokens), strict=True)]
    rates: dict[Cell, tuple[Decimal, Model]] = {}
    for (cell, model), (count, cost, tokens) in sorted(sums.items()):
        if count >= calls_needed and tokens:
            rates[cell] = min(rates.get(cell, (cost / tokens, model)), (cost / tokens, model))
    return rates


def _switch(customer: str, lines: Sequence[Any], rates: Mapping[Cell, tuple[Decimal, Model]]) -> Switch:
    moves: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    moved = 0
    for line in lines:
        rate, (_, model) = rates.get((line.task_type, line.length_band), (None, ("", "")))
        if rate is not None and line.cost > line.tokens * rate and model != line.model:
            moves[line.model, model] += line.cost - line.tokens * rate
            moved += line.calls
    source, target = max(moves, key=lambda move: (moves[move], move), default=("", ""))
    cost = sum((line.cost for line in lines), Decimal(0))
    return Switch(customer, source, target, moved, cost, sum(moves.values(), Decimal(0)))
