"""What customers pay, by one rule for every report.

A customer pays the plan's monthly price for each 30-day block, counted from the first day of the period,
between the first and the last block in which the customer was active; a partial last block is prorated by its
days. So who churned stops paying, and who came late did not pay before. The price is `tier_price_usd` where
the file has it, else the price list's. Within a block the last call that names a plan decides; a block whose
calls name none takes the plan of the block before it (the first blocks: of the next one). A plan without a
price makes the customer's revenue unknown, never zero. Calls without a customer are unallocated: cost and no
revenue. A call whose time is not plausible belongs to no block: its customer pays for the others, and for none
where there is no other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import MEASURES, Usage, total_usage, usage_of
from calls.engine import Calls
from calls.source import Period
from settings.model import Settings

Key = TypeVar("Key", int, str)

NINE_DECIMALS = Decimal("0.000000001")

LINES = f"""
select customer_id, organization_id, subscription_tier, tier_price_usd,
       cast((age - age % {MONTH_DAYS}) / {MONTH_DAYS} as int) as month_number,
       min(local_day) as first_day,
       max(local_day) as last_day,
       max(last_call) as last_call,
       {MEASURES}
from (select *, date_diff('day', cast($first_day as date), local_day) as age from daily_customers) as aged
group by customer_id, organization_id, subscription_tier, tier_price_usd,
         cast((age - age % {MONTH_DAYS}) / {MONTH_DAYS} as int)
order by customer_id, organization_id, subscription_tier, tier_price_usd nulls last, month_number
"""


def prorated(monthly_usd: Decimal, days: int) -> Decimal:
    """The price of `days` days at a monthly price, in USD rounded once, half-even, to nine decimals."""
    return (monthly_usd * days / MONTH_DAYS).quantize(NINE_DECIMALS, ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Month:
    """One 30-day block of a customer.

    `number` counts from the period's start, `days` is 30 (fewer in the last), `monthly_usd` is the plan's
    price, None where it is unknown.
    """

    number: int
    days: int
    plan: str
    monthly_usd: Decimal | None

    @property
    def revenue_usd(self) -> Decimal | None:
        """The prorated price; None where the price is unknown."""
        return None if self.monthly_usd is None else prorated(self.monthly_usd, self.days)


@dataclass(frozen=True)
class Account:
    """A customer over the period: the months billed, and the use, in total and by organization."""

    customer: str
    months: tuple[Month, ...]
    use: Usage
    by_organization: tuple[tuple[str, Usage], ...]
    first_day: date
    last_day: date
    by_month: tuple[tuple[int, Usage], ...] = ()
    """The use of each month with a call, by its number."""

    @cached_property
    def used_months(self) -> tuple[tuple[Month, Usage], ...]:
        """Every month billed with its use: a silent month has none."""
        uses = dict(self.by_month)
        return tuple((month, uses.get(month.number, Usage())) for month in self.months)

    @property
    def plan(self) -> str:
        """The plan of the last month; '' where no call names one."""
        return self.months[-1].plan

    @property
    def monthly_usd(self) -> Decimal | None:
        """The monthly price of the last month; None where it is unknown."""
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
        """Revenue of the period; None where the price of any month is unknown."""
        parts = [month.revenue_usd for month in self.months]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) if len(known) == len(parts) else None

    @property
    def margin_usd(self) -> Decimal | None:
        """Revenue less cost; None where either is unknown."""
        revenue, cost = self.revenue_usd, self.use.known_cost_usd
        return None if revenue is None or cost is None else revenue - cost

    def plans_between(self, start: int, end: int) -> tuple[tuple[str, int, Decimal], ...]:
        """Plan, days and revenue of each month that overlaps the days `start` to `end` (exclusive).

        A month's part is the difference of two rounded running totals, so that adjoining ones add up to
        `revenue_usd` exactly. An unknown price counts as 0 here.
        """
        parts = []
        for month in self.months:
            begin = month.number * MONTH_DAYS
            low, high = (min(month.days, max(0, day - begin)) for day in (start, end))
            if high > low:
                price = month.monthly_usd or Decimal(0)
                parts.append((month.plan, high - low, prorated(price, high) - prorated(price, low)))
        return tuple(parts)


@dataclass(frozen=True)
class Billing:
    """All customers of a period, by id, and the use that belongs to no customer, by organization."""

    first_day: date
    period_days: int
    accounts: tuple[Account, ...]
    unallocated: tuple[tuple[str, Usage], ...]

    @property
    def last_month(self) -> int:
        """The number of the period's last 30-day block."""
        return (self.period_days - 1) // MONTH_DAYS

    @cached_property
    def monthly_usd(self) -> dict[int, Decimal]:
        """What all customers billed in a 30-day block pay a month, by its number; unknown prices count as 0."""
        paid: dict[int, Decimal] = defaultdict(Decimal)
        for account in self.accounts:
            for month in account.months:
                paid[month.number] += month.monthly_usd or Decimal(0)
        return paid

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
        """Whether a customer was active in the last month, and so is billed on."""
        return account.months[-1].number == self.last_month


def price_list(settings: Settings) -> dict[str, Decimal]:
    """Monthly price in USD by plan, as pricing.toml has it today."""
    return {plan.id: plan.monthly_usd for plan in settings.pricing.plan}


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
    for line in calls.sql(LINES, first_day=period.first_day.isoformat()):
        lines[line.customer_id].append(line)
    unallocated = lines.pop("", [])
    for customer in [name for name, own in lines.items() if not _dated(own)]:
        unallocated += lines.pop(customer)
    unallocated_use = _added_up(
        (line.organization_id for line in unallocated), [usage_of(line) for line in unallocated]
    )
    accounts = tuple(_account(customer, lines[customer], period, prices) for customer in sorted(lines))
    return Billing(period.first_day, period.days, accounts, unallocated_use)


def _account(customer: str, lines: list[Any], period: Period, prices: Mapping[str, Decimal]) -> Account:
    uses = [usage_of(line) for line in lines]
    dated = _dated(lines)
    by_organization = _added_up((line.organization_id for line in lines), uses)
    return Account(
        customer,
        _months(dated, period.days, prices),
        total_usage(use for _, use in by_organization),
        by_organization,
        min(line.first_day for line in dated),
        max(line.last_day for line in dated),
        _added_up((line.month_number for line in dated), [usage_of(line) for line in dated]),
    )


def _dated(lines: list[Any]) -> list[Any]:
    """The lines that belong to a month."""
    return [line for line in lines if line.month_number is not None]


def _added_up(keys: Iterable[Key], uses: Sequence[Usage]) -> tuple[tuple[Key, Usage], ...]:
    """The use by key, in the order of the keys."""
    sums: dict[Key, Usage] = {}
    for key, use in zip(keys, uses, strict=True):
        sums[key] = sums[key] + use if key in sums else use
    return tuple(sorted(sums.items(), key=itemgetter(0)))


def _months(lines: list[Any], period_days: int, prices: Mapping[str, Decimal]) -> tuple[Month, ...]:
    named = _last_named(lines)
    numbers = [line.month_number for line in lines]
    plans = _filled(range(min(numbers), max(numbers) + 1), named)
    return tuple(
        Month(
            number,
            min(MONTH_DAYS, period_days - number * MONTH_DAYS),
            plan,
            _price(plan, tier_price, prices),
        )
        for number, (plan, tier_price) in plans.items()
    )


Terms = tuple[str, Decimal | None]
"""A plan, and the price the file names for it."""


def _last_named(lines: list[Any]) -> dict[int, Terms]:
    """By month: the terms of the last call that names a plan or a price."""
    latest: dict[int, tuple[datetime, str, Decimal]] = {}
    terms: dict[int, Terms] = {}
    for line in lines:
        if not line.subscription_tier and line.tier_price_usd is None:
            continue
        rank = (line.last_call, line.subscription_tier, line.tier_price_usd or Decimal(0))
        if line.month_number not in latest or rank > latest[line.month_number]:
            latest[line.month_number] = rank
            terms[line.month_number] = (line.subscription_tier, line.tier_price_usd)
    return terms


def _filled(numbers: range, named: dict[int, Terms]) -> dict[int, Terms]:
    """Terms for every month: its own, else the month's before, else the first that is named at all."""
    current: Terms = named[min(named)] if named else ("", None)
    filled = {}
    for number in numbers:
        current = named.get(number, current)
        filled[number] = current
    return filled


def _price(plan: str, tier_price: Decimal | None, prices: Mapping[str, Decimal]) -> Decimal | None:
    return tier_price if tier_price is not None else prices.get(plan)
