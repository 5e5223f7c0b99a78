"""Who causes which cost: the same calls, split along the dimensions that the metadata gave them.

A call without an organization is not dropped: it stands in a line of its own, so that every split adds up to
the same total. Unknown cost is counted beside it.
"""

import sys
from collections.abc import Callable, Iterable, Sequence

try:
    from calls.engine import Calls
    from console import run
    from showcase.printed import share, usd
    from showcase.queries.asked import answer
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is missing here: run `pip install -e .` in the project folder or use its .venv."
    )

Answer = tuple[Sequence[str], Iterable[Sequence[object]]]
LINES = 15


def by(dimension: str) -> Callable[[Calls], Answer]:
    """The question of cost by one column."""

    def question(calls: Calls) -> Answer:
        rows = calls.sql(
            f"select {dimension} as name, count(*) as calls, count(*) - count(cost_usd) as unknown, "
            f"sum(cost_usd) as cost from calls group by {dimension} order by cost desc nulls last, name"
        )
        total = sum(row.cost for row in rows if row.cost is not None)
        lines = [
            (row.name or "(unallocated)", row.calls, row.unknown, usd(row.cost), share(row.cost, total))
            for row in rows[:LINES]
        ]
        return (dimension, "calls", "of unknown cost", "cost (USD)", "share"), lines

    question.__doc__ = f"Cost by {dimension}."
    return question


def allocation_coverage(calls: Calls) -> Answer:
    """How much of the cost can be given to somebody.

    A dimension that covers less than 90 % of the cost is not ready for chargeback.
    """
    columns = ("organization_id", "product_id", "feature_id", "customer_id")
    sums = ", ".join(f"sum(case when {name} <> '' then cost_usd end) as {name}" for name in columns)
    row = calls.sql(f"select sum(cost_usd) as total, {sums} from calls")[0]
    return ("dimension", "allocated (USD)", "coverage"), [
        (name, usd(getattr(row, name)), share(getattr(row, name), row.total)) for name in columns
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the splits of a CSV of calls."""
    questions = [by(name) for name in ("organization_id", "product_id", "feature_id", "provider", "model")]
    return answer("Who causes which cost.", [*questions, allocation_coverage], argv)


if __name__ == "__main__":
    sys.exit(run(main))
