"""Feature economics: which features earn their tokens, which are used together, and what to do about the rest."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from analysis.run import run_one
from analyzers.base import Analyzer
from analyzers.feature_economics.attribution import Attribution, attribute
from analyzers.feature_economics.page import page
from analyzers.feature_economics.periods import (
    FeatureSums,
    cost_cells,
    feature_sums,
    of_all,
    of_feature,
    return_versus,
)
from analyzers.feature_economics.result import (
    Bundle,
    Earning,
    Engagement,
    Feature,
    FeatureEconomics,
    Sharing,
    Standing,
)
from analyzers.feature_economics.verdict import standing
from analyzers.revenue.paid import Account, Billing, billing, price_list
from analyzers.usage.earlier_period import Compared, over_both_periods
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import ZERO, Group, breakdown
from analyzers.words.figures import counted
from calls.engine import Calls
from calls.rollups.shared import days_within
from methods.lift import feature_pairs
from reporting.document import Category, Document
from settings.model import Features, Settings

PAIRED = 60
"""Features, the most adopted first, among which bundles are looked for."""
LARGEST = 3
"""Profitable customers named for a shared feature."""

BY_CUSTOMER = """
select feature_id, customer_id,
       sum(calls) as calls,
       sum(priced_calls) as priced_calls,
       sum(known_cost) as known_cost_usd,
       coalesce(sum(bit_count(days)), 0) as active_days,
       min(product_low) as product_low,
       max(product_high) as product_high
from (select feature_id, customer_id, mask_number,
             sum(calls) as calls,
             sum(priced_calls) as priced_calls,
             sum(known_cost) as known_cost,
             min(product_id) as product_low,
             max(product_id) as product_high,
             bit_or(day_mask) & {window} as days
      from feature_customers
      group by feature_id, customer_id, mask_number) as by_mask
group by feature_id, customer_id
order by feature_id, customer_id
"""


class FeatureEconomicsReport(Analyzer[FeatureEconomics]):
    """Cost, adoption, attributed revenue and return of each feature; bundles; what to optimize or sunset."""

    id: ClassVar[str] = "feature_economics"
    title: ClassVar[str] = "Feature economics"
    question: ClassVar[str] = "Which features earn their tokens?"
    category: ClassVar[Category] = Category.UBR
    answers: ClassVar[tuple[tuple[str, str], ...]] = (("Which feature to stop?", "portfolio"),)
    description: ClassVar[str] = "Cost, adoption, attributed revenue and return by feature"

    def analyze(self, calls: Calls, settings: Settings) -> FeatureEconomics:
        """The features of the period, judged by the thresholds of settings.toml."""
        found, prices, period = breakdown(calls), price_list(settings), calls.source.period
        bill = billing(calls, prices)
        versus = over_both_periods(calls, feature_sums)
        window = min(MONTH_DAYS, period.days)
        by_feature = _by_feature(calls, period.last_day - timedelta(days=window - 1), period.last_day)
        book = _Book(bill, by_feature, settings.features, window)
        features = tuple(book.feature(group, versus) for group in found.by("feature_id"))
        return FeatureEconomics(
            first_day=period.first_day,
            last_day=period.last_day,
            period_days=period.days,
            filtered=bool(calls.source.filters.where),
            adoption_high=settings.features.adoption_high,
            return_high=settings.features.return_high,
            least_support=settings.features.lift_min_support,
            comparison_calls=settings.sample.comparison_calls,
            total=found.total,
            features=features,
            customers=len(bill.accounts),
            known_customers=len(book.known),
            unknown_revenue_cost_usd=book.unmatched_cost_usd,
            customer_revenue_usd=book.revenue_usd,
            bundles=_bundles(by_feature, len(bill.accounts), settings.features.lift_min_support),
            paired_features=PAIRED,
            cells=cost_cells(calls),
            cost_versus=of_all(versus),
            return_versus=return_versus(calls, prices),
            unpriced=calls.source.unpriced,
        )

    def steps(self, result: FeatureEconomics) -> tuple[str, ...]:
        """What was done for it."""
        return (
            f"Attributing revenue to {counted(len(result.named), 'feature')}...",
            f"Compared: {counted(len(result.bundles), 'pair')} of features",
        )

    def document(self, result: FeatureEconomics) -> Document:
        """The page."""
        return page(self, result)


class _Book:
    """The customers of each feature and what they pay, read together."""

    def __init__(
        self, bill: Billing, by_feature: dict[str, list[Any]], limits: Features, window_days: int
    ) -> None:
        self.customers = len(bill.accounts)
        self.known: dict[str, Account] = {
            account.customer: account for account in bill.accounts if account.margin_usd is not None
        }
        self.lines = by_feature
        self.limits = limits
        self.window_days = window_days
        self.attribution = self._attribution()
        self.unmatched_cost_usd = sum(
            (account.use.cost_usd for account in bill.accounts if account.customer not in self.known),
            ZERO,
        )

    @property
    def revenue_usd(self) -> Decimal | None:
        """Revenue of the customers whose margin is known; None without one."""
        revenues = (account.revenue_usd or ZERO for account in self.known.values())
        return sum(revenues, ZERO) if self.known else None

    def _attribution(self) -> Attribution:
        calls_of: dict[str, dict[str, int]] = defaultdict(dict)
        for feature, lines in self.lines.items():
            for line in lines:
                calls_of[line.customer_id][feature] = int(line.calls)
        return attribute(self.known.values(), calls_of)

    def feature(self, group: Group, versus: Compared[FeatureSums] | None) -> Feature:
        """One feature of the breakdown."""
        lines = self.lines[group.name]
        adopters = [line for line in lines if line.customer_id]
        earning = self._earning(group.name, lines) if self.known else None
        return Feature(
            name=group.name,
            products=_products(lines),
            usage=group.usage,
            customers=len(adopters),
            all_customers=self.customers,
            customer_cost_usd=sum((line.known_cost_usd or ZERO for line in adopters), ZERO),
            customer_priced_calls=sum(int(line.priced_calls) for line in adopters),
            engagement=_engagement(adopters, self.window_days),
            cost_versus=of_feature(versus, group.name, FeatureSums.cost),
            calls_versus=of_feature(versus, group.name, FeatureSums.count),
            earning=earning,
            standing=self._standing(len(adopters), earning) if group.name else None,
            sharing=self._sharing(adopters) if self.known else None,
        )

    def _standing(self, adopters: int, earning: Earning | None) -> Standing | None:
        return standing(adopters, self.customers, earning, self.limits) if earning else None

    def _earning(self, name: str, lines: Sequence[Any]) -> Earning:
        matched = [line for line in lines if not line.customer_id or line.customer_id in self.known]
        return Earning(
            self.attribution.by_calls.get(name, ZERO),
            self.attribution.equally.get(name, ZERO),
            sum((line.known_cost_usd or ZERO for line in matched), ZERO),
            sum(int(line.calls) for line in matched),
            sum(int(line.priced_calls) for line in matched),
        )

    def _sharing(self, adopters: Sequence[Any]) -> Sharing:
        users = (self.known.get(line.customer_id) for line in adopters)
        earners = [
            (account.margin_usd, account.revenue_usd or ZERO, account.customer)
            for account in users
            if account and account.margin_usd and account.margin_usd > 0
        ]
        earners.sort(key=lambda entry: (-entry[0], entry[2]))
        return Sharing(
            len(earners),
            sum((revenue for _, revenue, _ in earners), ZERO),
            sum((margin for margin, _, _ in earners), ZERO),
            tuple(customer for _, _, customer in earners[:LARGEST]),
        )


def _by_feature(calls: Calls, first: date, last: date) -> dict[str, list[Any]]:
    """The customers of each feature; their active days are those from `first` to `last`."""
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in calls.sql(BY_CUSTOMER.format(window=days_within(first, last))):
        lines[line.feature_id].append(line)
    return lines


def _products(lines: Sequence[Any]) -> tuple[str, ...]:
    names = {line.product_low for line in lines} | {line.product_high for line in lines}
    return tuple(sorted(names - {""}))


def _engagement(adopters: Sequence[Any], window_days: int) -> Engagement:
    ranked = sorted(adopters, key=lambda line: (-line.calls, line.customer_id))
    calls = [int(line.calls) for line in ranked]
    active = [int(line.active_days) for line in ranked]
    return Engagement(
        window_days=window_days,
        window_customers=sum(1 for number in active if number),
        active_days=sum(active),
        customer_calls=sum(calls),
        power_users=fewest_making_half(calls),
        top_customer=ranked[0].customer_id if ranked else "",
        top_calls=calls[0] if ranked else 0,
    )


def fewest_making_half(falling: Sequence[int]) -> int:
    """How many of the largest it takes to make at least half of the sum; `falling` is sorted so."""
    running, whole = 0, sum(falling)
    for number, value in enumerate(falling, start=1):
        running += value
        if 2 * running >= whole:
            return number
    return 0


def _bundles(by_feature: dict[str, list[Any]], customers: int, least_support: int) -> tuple[Bundle, ...]:
    users = {
        feature: {line.customer_id for line in lines if line.customer_id}
        for feature, lines in by_feature.items()
        if feature
    }
    names = sorted((name for name in users if users[name]), key=lambda name: (-len(users[name]), name))
    shown = {name: users[name] for name in names[:PAIRED]}
    return tuple(
        Bundle(
            first=pair.first,
            second=pair.second,
            first_customers=pair.first_users,
            second_customers=pair.second_users,
            both=pair.both,
            all_customers=customers,
            p_value=pair.p_value,
            significant=pair.significant,
        )
        for pair in feature_pairs(shown, customers, least_support=least_support)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(FeatureEconomicsReport(), argv)


if __name__ == "__main__":
    sys.exit(main())
