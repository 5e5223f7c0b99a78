"""Which features earn their tokens: what each costs, how many use it, and what share of the revenue it carries.

Customers pay for a plan, not for a feature. So revenue is attributed: each customer's revenue is split over the
features it used, by its calls. Whoever reads the margin of a feature should know that rule; splitting in equal
parts, the other usual one, stands beside it.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from analyzers.feature_economics.attribution import Attribution, attribute
from analyzers.revenue.paid import billing, price_list
from calls.engine import Calls
from foundation.console import run
from settings.model import Settings
from showcase.printed import share, usd
from showcase.queries.asked import Answer, Question, answer

BY_FEATURE_AND_CUSTOMER = """
select feature_id, customer_id, count(*) as calls, sum(cost_usd) as cost
from calls group by feature_id, customer_id order by feature_id, customer_id
"""
NO_FEATURE = "(no feature)"


def adoption(calls: Calls) -> Answer:
    """Calls, customers and cost by feature."""
    (everybody,) = calls.sql(
        "select count(distinct customer_id) as customers, sum(cost_usd) as cost from calls where customer_id <> ''"
    )
    rows = calls.sql(
        """
        select feature_id, count(*) as calls, sum(cost_usd) as cost,
               count(distinct case when customer_id <> '' then customer_id end) as customers
        from calls group by feature_id order by cost desc nulls last, feature_id
        """
    )
    headings = ("feature", "calls", "customers", "adoption", "cost (USD)", "cost per customer (USD)")
    return headings, [
        (
            row.feature_id or NO_FEATURE,
            row.calls,
            row.customers,
            share(row.customers, everybody.customers),
            usd(row.cost),
            usd(row.cost / row.customers if row.cost is not None and row.customers else None),
        )
        for row in rows
    ]


def attributed(settings: Settings) -> Question:
    """The question of what features earn, at the plan prices of the settings."""

    def question(calls: Calls) -> Answer:
        """Attributed revenue and margin by feature, of customers whose margin is known."""
        known = {
            account.customer: account
            for account in billing(calls, price_list(settings)).accounts
            if account.margin_usd is not None
        }
        calls_of: dict[str, dict[str, int]] = defaultdict(dict)
        costs: dict[str, list[Decimal | None]] = defaultdict(list)
        for row in calls.sql(BY_FEATURE_AND_CUSTOMER):
            if row.customer_id in known:
                calls_of[row.customer_id][row.feature_id] = row.calls
            if row.customer_id in known or not row.customer_id:
                costs[row.feature_id].append(row.cost)
        found = attribute(known.values(), calls_of)
        headings = (
            "feature",
            "revenue by calls (USD)",
            "in equal parts (USD)",
            "cost (USD)",
            "margin (USD)",
            "return",
        )
        earnings = [_Earning(name, found, costs[name]) for name in sorted(costs)]
        return headings, [entry.line for entry in sorted(earnings, key=_largest_margin_first)]

    return question


class _Earning:
    """What a feature earns; its cost and margin are None where no call of it has a known cost."""

    def __init__(self, name: str, found: Attribution, costs: list[Decimal | None]) -> None:
        known = [cost for cost in costs if cost is not None]
        self.name = name
        self.revenue = found.by_calls.get(name, Decimal(0))
        self.equally = found.equally.get(name, Decimal(0))
        self.cost = sum(known, Decimal(0)) if known else None
        self.margin = None if self.cost is None else self.revenue - self.cost

    @property
    def line(self) -> tuple[object, ...]:
        amounts = map(usd, (self.revenue, self.equally, self.cost, self.margin))
        return (self.name or NO_FEATURE, *amounts, share(self.margin, self.cost))


def _largest_margin_first(earning: _Earning) -> tuple[bool, Decimal]:
    return earning.margin is None, -(earning.margin or Decimal(0))


def main(argv: Sequence[str] | None = None) -> int:
    """Prints which features of a CSV of calls earn their tokens."""
    return answer(__doc__, lambda settings: [adoption, attributed(settings)], argv)


if __name__ == "__main__":
    sys.exit(run(main))
