"""Revenue: what customers pay, by one rule for every report, by the calendar and prorated by day.

A customer pays from the first day of the calendar month of its first call to the last day of that of its last;
whoever called in the last 30 days pays to the end of the file. A whole month brings one monthly price, part of a
month its share of the month's days. So who churned stops paying, and who came late did not pay before. The plan
of a day is the one that its calls name (`analyzers.revenue.named_plans`), at `tier_price_usd` where the file has
it, else at the price of the user's own price list. Dated plans of a customers file go before all that
(`analyzers.revenue.contracts`). A plan without a price makes the customer's revenue unknown,
never zero. Calls without a customer are unallocated: cost and no revenue. A call whose time is not plausible
belongs to no month: its customer pays for the others, and for none where there is no other.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from analyzers.ledger.windows import CALENDAR_MONTHS
from analyzers.revenue.contracts import contract_spans, contracts_of
from analyzers.revenue.named_plans import Named, Terms, span_of, spans_of
from analyzers.revenue.plan_lines import Month, Span, months_of, total_if_known
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import MEASURES, Usage, total_usage, usage_of
from calls.engine import Calls
from calls.source import Period
from settings.model import Settings

Key = TypeVar("Key", date, str)

LINES = f"""
select customer_id, organization_id, subscription_tier, tier_price_usd,
       cast(date_trunc('month', local_day) as date) as month_start,
       min(local_day) as first_day,
       max(local_day) as last_day,
       max(last_call) as last_call,
       {MEASURES}
from daily_customers
group by customer_id, organization_id, subscription_tier, tier_price_usd,
         cast(date_trunc('month', local_day) as date)
order by customer_id, organization_id, subscription_tier, tier_price_usd nulls last, month_start
"""
NAMES_TERMS = "local_day is not null and (subscription_tier <> '' or tier_price_usd is not null)"
CHANGES = f"""
select daily.customer_id, daily.local_day, daily.subscription_tier, daily.tier_price_usd,
       max(daily.last_call) as last_call
from daily_customers as daily
join (select customer_id
      from (select distinct customer_id, subscription_tier, tier_price_usd
            from daily_customers
            where customer_id <> '' and {NAMES_TERMS}) as terms
      group by customer_id
      having count(*) > 1) as changing on changing.customer_id = daily.customer_id
where {NAMES_TERMS}
group by daily.customer_id, daily.local_day, daily.subscription_tier, daily.tier_price_usd
order by daily.customer_id, daily.local_day, daily.subscription_tier, daily.tier_price_usd nulls last
"""
"""The days of each customer whose calls name more than one plan or price."""


@dataclass(frozen=True)
class Account:
    """A customer over the period: the calendar months billed, and the use, in total and by organization."""

    customer: str
    months: tuple[Month, ...]
    use: Usage
    by_organization: tuple[tuple[str, Usage], ...]
    first_day: date
    last_day: date
    by_month: tuple[tuple[date, Usage], ...] = ()
    """The use of each month with a call, by its first day."""

    @cached_property
    def used_months(self) -> tuple[tuple[Month, Usage], ...]:
        """Every month billed with its use: a silent month has none."""
        uses = dict(self.by_month)
        return tuple((month, uses.get(month.window.first, Usage())) for month in self.months)

    @property
    def plan(self) -> str:
        """The plan of the last day billed; '' where no call names one."""
        return self.months[-1].plan

    @property
    def monthly_usd(self) -> Decimal | None:
        """The monthly price of the last day billed; None where it is unknown."""
        return self.months[-1].monthly_usd

    @property
    def organization(self) -> str:
        """The organization of most of its calls; the first by name among equals."""
        return min(self.by_organization, key=lambda entry: (-entry[1].calls, entry[0]))[0]

    @property
    def billed_days(self) -> int:
        """Days of all months billed."""
        return sum(month.days for month in self.months)

    @cached_property
    def revenue_usd(self) -> Decimal | None:
        """Revenue of the period; None where the price of any day is unknown."""
        return total_if_known(month.revenue_usd for month in self.months)

    @property
    def margin_usd(self) -> Decimal | None:
        """Revenue less cost; None where either is unknown."""
        revenue, cost = self.revenue_usd, self.use.known_cost_usd
        return None if revenue is None or cost is None else revenue - cost

    def plans_between(self, first: date, last: date) -> tuple[tuple[str, Decimal, Decimal], ...]:
        """Plan, months (a part of a month as its share of the days) and revenue of each line within some days.

        The parts of adjoining days add up to `revenue_usd` exactly. An unknown price counts as 0 here.
        """
        parts = []
        for line in (line for month in self.months for line in month.lines):
            days, revenue = line.between(first, last)
            if days:
                parts.append((line.plan, days / Decimal(line.month_days), revenue))
        return tuple(parts)


@dataclass(frozen=True)
class Billing:
    """All customers of a period, by id, and the use that belongs to no customer, by organization."""

    first_day: date
    period_days: int
    accounts: tuple[Account, ...]
    unallocated: tuple[tuple[str, Usage], ...]

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return self.first_day + timedelta(days=self.period_days - 1)

    @property
    def unallocated_use(self) -> Usage:
        """The use that belongs to no customer."""
        return total_usage(use for _, use in self.unallocated)

    @property
    def use(self) -> Usage:
        """All use of the period."""
        return total_usage(account.use for account in self.accounts) + self.unallocated_use

    def pace_days(self, account: Account) -> int:
        """Days from the customer's first call to the end of the period."""
        return self.period_days - (account.first_day - self.first_day).days

    def is_current(self, account: Account) -> bool:
        """Whether a customer is billed to the end of the period, and so on."""
        return account.months[-1].last == self.last_day


def price_list(settings: Settings) -> dict[str, Decimal]:
    """Monthly price in USD by plan for calls that bring none: those of the user's own price list, else nothing.

    The plans shipped are those of the simulators, which write the price into each call.
    """
    return {plan.id: plan.monthly_usd for plan in settings.pricing.plan} if settings.own_plans else {}


HOW_TO_GIVE = (
    "Say what customers pay with --customers FILE (customer_id, subscription_tier, tier_price_usd), or with a price "
    "list of your own: [[plan]] in a TOML file, passed with --pricing FILE."
)
"""What a page says where revenue is unknown."""


def plan_prices(bill: Billing, settings: Settings) -> dict[str, Decimal]:
    """Monthly price in USD of the plans that customers are on, the most frequent one, and of the own price list."""
    found: dict[str, Counter[Decimal]] = defaultdict(Counter)
    for account in bill.accounts:
        if account.plan and account.monthly_usd is not None and len(account.months[-1].at_its_end) == 1:
            found[account.plan][account.monthly_usd] += 1
    frequent = {plan: max(prices, key=lambda price: (prices[price], price)) for plan, prices in found.items()}
    return frequent | price_list(settings)


_ANSWERS: WeakKeyDictionary[Calls, dict[tuple[tuple[str, Decimal], ...], Billing]] = WeakKeyDictionary()


def billing(calls: Calls, prices: Mapping[str, Decimal]) -> Billing:
    """What every customer used and pays, by the rule at the head of this module.

    Args:
        calls: the calls of the period.
        prices: monthly price in USD by plan, for calls without `tier_price_usd`.

    The answer is kept as long as the calls live, so that several reports ask once.
    """
    answers = _ANSWERS.setdefault(calls, {})
    key = tuple(sorted(prices.items()))
    if key not in answers:
        answers[key] = _billing(calls, prices)
    return answers[key]


def _billing(calls: Calls, prices: Mapping[str, Decimal]) -> Billing:
    period = calls.source.period
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in calls.sql(LINES):
        lines[line.customer_id].append(line)
    unallocated = lines.pop("", [])
    for customer in [name for name, own in lines.items() if not _dated(own)]:
        unallocated += lines.pop(customer)
    unallocated_use = _added_up(
        (line.organization_id for line in unallocated), [usage_of(line) for line in unallocated]
    )
    changes, contracts = _changes(calls), contracts_of(calls.source)

    def spans(customer: str, dated: list[Any]) -> list[Span]:
        if customer in contracts:
            return contract_spans(contracts[customer], period.first_day, period.last_day, prices)
        first, last = _paid_days(dated, period)
        if customer in changes:
            return spans_of(changes[customer], first, last, prices)
        return [span_of(_terms(dated), first, last, prices)]

    accounts = tuple(_account(customer, lines[customer], spans) for customer in sorted(lines))
    return Billing(period.first_day, period.days, accounts, unallocated_use)


def _changes(calls: Calls) -> dict[str, list[Named]]:
    found: dict[str, list[Named]] = defaultdict(list)
    for row in calls.sql(CHANGES):
        terms = row.subscription_tier, row.tier_price_usd
        found[row.customer_id].append(Named(row.local_day, terms, row.last_call))
    return found


def _account(customer: str, lines: list[Any], spans: Callable[[str, list[Any]], list[Span]]) -> Account:
    uses = [usage_of(line) for line in lines]
    dated = _dated(lines)
    by_organization = _added_up((line.organization_id for line in lines), uses)
    return Account(
        customer=customer,
        months=months_of(spans(customer, dated)),
        use=total_usage(use for _, use in by_organization),
        by_organization=by_organization,
        first_day=min(line.first_day for line in dated),
        last_day=max(line.last_day for line in dated),
        by_month=_added_up((line.month_start for line in dated), [usage_of(line) for line in dated]),
    )


def _paid_days(dated: list[Any], period: Period) -> tuple[date, date]:
    """The first and the last day that a customer pays for, by its first and its last call."""
    first_day, last_day = min(line.first_day for line in dated), max(line.last_day for line in dated)
    begin = max(CALENDAR_MONTHS.around(first_day).first, period.first_day)
    if (period.last_day - last_day).days < MONTH_DAYS:
        return begin, period.last_day
    return begin, min(CALENDAR_MONTHS.around(last_day).last, period.last_day)


def _terms(dated: list[Any]) -> Terms:
    """The one plan and price that all calls name, or nothing."""
    for line in dated:
        if line.subscription_tier or line.tier_price_usd is not None:
            return line.subscription_tier, line.tier_price_usd
    return "", None


def _dated(lines: list[Any]) -> list[Any]:
    """The lines that belong to a month."""
    return [line for line in lines if line.month_start is not None]


def _added_up(keys: Iterable[Key], uses: Sequence[Usage]) -> tuple[tuple[Key, Usage], ...]:
    """The use by key, in the order of the keys."""
    sums: dict[Key, Usage] = {}
    for key, use in zip(keys, uses, strict=True):
        sums[key] = sums[key] + use if key in sums else use
    return tuple(sorted(sums.items(), key=itemgetter(0)))
