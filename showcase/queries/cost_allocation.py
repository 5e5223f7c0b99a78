"""Who causes which cost: the same calls, split along the dimensions that the metadata gave them.

A call without an organization is not dropped: it stands in a line of its own, so that every split adds up to
the same total. Unknown cost is counted beside it.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from calls.dimensions import UNALLOCATED, chosen
from calls.engine import Calls
from foundation.console import run
from showcase.printed import share, usd
from showcase.queries.asked import Answer, Question, answer

LINES = 15
BRANCHES = 3
DIMENSIONS = tuple(
    each.column for each in chosen("organization", "product", "feature", "customer", "provider", "model")
)


def by(dimension: str) -> Question:
    """The question of cost by one column."""

    def question(calls: Calls) -> Answer:
        rows = calls.sql(
            f"select {dimension} as name, count(*) as calls, count(*) - count(cost_usd) as unknown, "
            f"sum(cost_usd) as cost from calls group by {dimension} order by cost desc nulls last, name"
        )
        costs = [row.cost for row in rows if row.cost is not None]
        total = sum(costs) if costs else None
        lines = [
            (row.name or UNALLOCATED, row.calls, row.unknown, usd(row.cost), share(row.cost, total))
            for row in _shortened(rows)
        ]
        return (dimension, "calls", "of unknown cost", "cost (USD)", "share"), lines

    question.__doc__ = f"Cost by {dimension}."
    return question


def _shortened(rows: list[Any]) -> list[Any]:
    """The most expensive lines; the rest of them in one line, so that the table still adds up."""
    if len(rows) <= LINES:
        return rows
    rest = rows[LINES - 1 :]
    costs = [row.cost for row in rest if row.cost is not None]
    other = rows[0]._replace(
        name=f"(other: {len(rest):,})",
        calls=sum(row.calls for row in rest),
        unknown=sum(row.unknown for row in rest),
        cost=sum(costs) if costs else None,
    )
    return [*rows[: LINES - 1], other]


def hierarchy(calls: Calls) -> Answer:
    """Cost from the top down: organization, product, feature; the most expensive of each."""
    rows = calls.sql(
        """
        select organization_id, product_id, feature_id, count(*) as calls, sum(cost_usd) as cost,
               grouping(product_id) + grouping(feature_id) as above
        from calls
        group by grouping sets (
            (organization_id), (organization_id, product_id), (organization_id, product_id, feature_id)
        )
        """
    )
    tree: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in rows:
        levels = (row.organization_id, row.product_id, row.feature_id)[: 3 - row.above]
        tree[levels[:-1]].append((levels, row))
    return ("organization / product / feature", "calls", "cost (USD)", "share of the level above"), [
        ("  " * (len(levels) - 1) + (levels[-1] or UNALLOCATED), row.calls, usd(row.cost), part)
        for levels, row, part in _branches(tree, ())
    ]


def _branches(tree: dict[tuple[str, ...], list[Any]], above: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """The most expensive branches under one of the tree, each followed by its own."""
    ranked = sorted(tree[above], key=lambda entry: (-(entry[1].cost or 0), entry[0]))
    costs = [row.cost for _, row in ranked if row.cost is not None]
    total = sum(costs) if costs else None
    for levels, row in ranked[:BRANCHES]:
        yield levels, row, share(row.cost, total)
        yield from _branches(tree, levels) if levels in tree else ()


def allocation_coverage(calls: Calls) -> Answer:
    """How much of the cost can be given to somebody.

    A dimension that covers less than 90 % of the cost is not ready for chargeback.
    """
    columns = [each.column for each in chosen("organization", "product", "feature", "customer")]
    sums = ", ".join(f"sum(case when {name} <> '' then cost_usd end) as {name}" for name in columns)
    row = calls.sql(f"select sum(cost_usd) as total, {sums} from calls")[0]
    return ("dimension", "allocated (USD)", "coverage"), [
        (name, usd(getattr(row, name)), share(getattr(row, name), row.total)) for name in columns
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the splits of a CSV of calls."""
    return answer(__doc__, lambda _: [*map(by, DIMENSIONS), hierarchy, allocation_coverage], argv)


if __name__ == "__main__":
    sys.exit(run(main))
