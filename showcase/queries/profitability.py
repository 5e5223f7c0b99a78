"""Who pays for themselves: what customers pay against what their calls cost.

Cost comes from the calls. Revenue comes from the plans, by the one rule that all reports share: a customer pays
the plan's price for each calendar month from that of its first call to that of its last. A plan without a price
makes a margin unknown, never zero.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from analyzers.revenue.paid import Account, Billing, billing, price_list
from calls.engine import Calls
from foundation.console import run
from settings.model import Settings
from showcase.printed import share, usd
from showcase.queries.asked import Answer, Question, answer

LINES = 10
HEADINGS = ("customers", "revenue (USD)", "cost (USD)", "margin (USD)", "margin")


def by_plan(bill: Billing) -> Answer:
    """Margin by plan, and in total."""
    plans: dict[str, list[Account]] = defaultdict(list)
    for account in bill.accounts:
        plans[account.plan].append(account)
    lines = [(plan or "(none)", *_together(plans[plan])) for plan in sorted(plans)]
    return ("plan", *HEADINGS), [*lines, ("all customers", *_together(bill.accounts))]


def least_profitable(bill: Billing) -> Answer:
    """The customers with the least margin."""
    known = [account for account in bill.accounts if account.margin_usd is not None]
    ranked = sorted(known, key=lambda account: (account.margin_usd, account.customer))
    return ("customer", "plan", *HEADINGS[1:]), [
        (account.customer, account.plan or "(none)", *_together([account])[1:]) for account in ranked[:LINES]
    ]


def losses(bill: Billing) -> Answer:
    """How many customers lose money, and how much of what the others earn they eat up."""
    margins = [account.margin_usd for account in bill.accounts if account.margin_usd is not None]
    lost = -_sum(margin for margin in margins if margin < 0)
    earned = _sum(margin for margin in margins if margin > 0)
    return (
        "customers",
        "losing",
        "of unknown margin",
        "lost (USD)",
        "earned by the others (USD)",
        "eaten up",
    ), [
        (
            len(bill.accounts),
            sum(margin < 0 for margin in margins),
            len(bill.accounts) - len(margins),
            usd(lost),
            usd(earned),
            share(lost, earned),
        )
    ]


def _together(accounts: Iterable[Account]) -> tuple[object, ...]:
    """Customers, revenue, cost and margin of accounts; a figure that one of them lacks is unknown."""
    accounts = list(accounts)
    revenues = [account.revenue_usd for account in accounts]
    costs = [account.use.known_cost_usd for account in accounts]
    revenue, cost = _known_sum(revenues), _known_sum(costs)
    margin = None if revenue is None or cost is None else revenue - cost
    return len(accounts), usd(revenue), usd(cost), usd(margin), share(margin, revenue)


def _known_sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return _sum(known) if len(known) == len(amounts) else None


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def questions(settings: Settings) -> list[Question]:
    """The questions, at the plan prices of the settings."""
    return [_of_bill(question, settings) for question in (by_plan, losses, least_profitable)]


def _of_bill(question: Callable[[Billing], Answer], settings: Settings) -> Question:
    def asked(calls: Calls) -> Answer:
        return question(billing(calls, price_list(settings)))

    asked.__doc__ = question.__doc__
    return asked


def main(argv: Sequence[str] | None = None) -> int:
    """Prints who pays for themselves in a CSV of calls."""
    return answer(__doc__, questions, argv)


if __name__ == "__main__":
    sys.exit(run(main))
