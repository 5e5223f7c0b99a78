"""Customer profitability: who pays for themselves, who does not, and what to do about it."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from analysis.run import run_one
from analyzers.advice.cheaper_models import WORK_ROLLUPS
from analyzers.base import Analyzer
from analyzers.profitability.bridge import halves_bridge
from analyzers.profitability.customer_margin import CustomerMargin, Outlook
from analyzers.profitability.groups import (
    by_band,
    by_organization,
    by_plan,
    plan_economics,
    whale_points,
)
from analyzers.profitability.model_switch import CustomerSwitch, customer_switches
from analyzers.profitability.outlook import OUTLOOK_DAYS, outlooks
from analyzers.profitability.page import page
from analyzers.profitability.remedies import RemedyInputs, loss_makers, unprofitable
from analyzers.profitability.result import Profitability
from analyzers.revenue.daily_margin import daily_margins
from analyzers.revenue.paid import Account, Billing, billing, plan_prices, price_list
from analyzers.usage.earlier_period import Compared, daily_sums
from analyzers.usage.sums import breakdown
from analyzers.words.figures import counted
from calls.engine import Calls
from reporting.document import Category, Document
from settings.model import Settings

LOOKED_AT = 200
"""For how many loss-makers, the largest first, cheaper models are looked for."""


class CustomerProfitability(Analyzer[Profitability]):
    """Revenue, cost to serve and margin of each customer; losses and their remedies; the month ahead."""

    id: ClassVar[str] = "customer_profitability"
    title: ClassVar[str] = "Customer profitability"
    question: ClassVar[str] = "Who pays for themselves?"
    category: ClassVar[Category] = Category.UBR
    answers: ClassVar[tuple[tuple[str, str], ...]] = (("Which customer loses money, what to do?", "losses"),)
    description: ClassVar[str] = "Revenue, cost to serve and margin by customer, plan and organization"
    slow_rollups: ClassVar[tuple[str, ...]] = WORK_ROLLUPS

    def analyze(self, calls: Calls, settings: Settings) -> Profitability:
        """Margins of the period, the outlook for the next month, and what to do about losses."""
        prices = price_list(settings)
        bill = billing(calls, prices)
        outlook, replay = outlooks(calls, bill)
        margins = _margins(bill, outlook)
        means = RemedyInputs(
            plan_prices(bill, settings),
            _switches(calls, margins, settings),
            settings.profitability.target_margin,
        )
        daily = daily_margins(calls, bill)
        bridge, reason = halves_bridge(calls, bill)
        period = calls.source.period
        return Profitability(
            first_day=period.first_day,
            last_day=period.last_day,
            period_days=period.days,
            filtered=bool(calls.source.filters.where),
            target_margin=means.target_margin,
            shock_limit=settings.churn.bill_shock_share,
            margin_floors=_floors(settings),
            own_floors=settings.own_margin_floors,
            outlook_days=OUTLOOK_DAYS,
            replay=replay,
            use=breakdown(calls).total,
            unallocated=bill.unallocated_use,
            customers=tuple(sorted(margins, key=_least_margin_first)),
            by_plan=by_plan(margins, bill.unallocated_use),
            by_organization=by_organization(bill, margins),
            bands=by_band(margins),
            plans=plan_economics(margins),
            loss_makers=loss_makers(margins, means),
            whale=whale_points(margins),
            bridge=bridge,
            bridge_reason=reason,
            daily=daily,
            revenue_versus=_versus(calls, prices, "revenue_usd"),
            cost_versus=_versus(calls, prices, "cost_usd"),
            margin_versus=_versus(calls, prices, "margin_usd"),
            unpriced=calls.source.unpriced,
        )

    def steps(self, result: Profitability) -> tuple[str, ...]:
        """What was done for it."""
        return (
            f"Matching cost with revenue of {counted(len(result.customers), 'customer')}...",
            f"Compared: {counted(len(result.plans), 'plan')}, {counted(len(result.loss_makers), 'loss-maker')}",
        )

    def document(self, result: Profitability) -> Document:
        """The page."""
        return page(self, result)


def _versus(calls: Calls, prices: Mapping[str, Decimal], figure: str) -> Compared[Decimal] | None:
    def by_day(each: Calls) -> list[tuple[date, Decimal]]:
        return [(day.day, getattr(day, figure)) for day in daily_margins(each, billing(each, prices))]

    return daily_sums(calls, by_day)


def _floors(settings: Settings) -> dict[str, Decimal]:
    floors = settings.alerts
    return {"warning": floors.margin_floor_warning, "critical": floors.margin_floor_critical}


def _margins(bill: Billing, found: Mapping[str, Outlook]) -> list[CustomerMargin]:
    return [_margin(bill, account, found.get(account.customer)) for account in bill.accounts]


def _margin(bill: Billing, account: Account, outlook: Outlook | None) -> CustomerMargin:
    return CustomerMargin(
        customer=account.customer,
        organization=account.organization,
        organizations=len(account.by_organization),
        plan=account.plan,
        monthly_usd=account.monthly_usd,
        revenue_usd=account.revenue_usd,
        use=account.use,
        billed_days=account.billed_days,
        pace_days=bill.pace_days(account),
        current=bill.is_current(account),
        first_day=account.first_day,
        last_day=account.last_day,
        outlook=outlook,
    )


def _least_margin_first(margin: CustomerMargin) -> tuple[bool, Decimal, str]:
    known = margin.margin_usd
    return known is None, known or Decimal(0), margin.customer


def _switches(
    calls: Calls, margins: Sequence[CustomerMargin], settings: Settings
) -> dict[str, CustomerSwitch]:
    names = [margin.customer for margin in unprofitable(margins) if margin.current][:LOOKED_AT]
    return customer_switches(calls, names, settings)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(CustomerProfitability(), argv)


if __name__ == "__main__":
    sys.exit(main())
