"""Margins added up by plan, organization and band and along the whale curve; what a plan's price pays for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from analyzers.profitability.customer_margin import Band, CustomerMargin
from analyzers.profitability.result import BandCount, MarginGroup, PlanEconomics, WhalePoint
from analyzers.revenue.paid import Account, Billing
from analyzers.revenue.plan_lines import NINE_DECIMALS
from analyzers.usage.sums import ZERO, Usage, total_usage
from methods.allocation import largest_remainder
from methods.concentration import whale_curve


def by_plan(margins: Sequence[CustomerMargin], unallocated: Usage) -> tuple[MarginGroup, ...]:
    """Customers by the plan they ended on, the largest revenue first; unallocated calls are a group apart."""
    grouped: dict[str, list[CustomerMargin]] = defaultdict(list)
    for margin in margins:
        grouped[margin.plan].append(margin)
    groups = [_group(plan, entries, total_usage(e.use for e in entries)) for plan, entries in grouped.items()]
    if unallocated.calls:
        groups.append(_unallocated_group(unallocated))
    return _by_revenue(groups)


def by_organization(billing: Billing, margins: Sequence[CustomerMargin]) -> tuple[MarginGroup, ...]:
    """Margins by organization, the largest revenue first.

    Cost lies where the calls were made. A customer with calls in several organizations pays in each in
    proportion to its calls there; it is counted in the one of most of its calls.
    """
    parts = _Parts()
    for account, margin in zip(billing.accounts, margins, strict=True):
        parts.add_customer(account, margin)
    for organization, use in billing.unallocated:
        parts.add_unallocated(organization, use)
    return _by_revenue(parts.groups())


class _Parts:
    """Collects the parts of each organization."""

    def __init__(self) -> None:
        self._members: dict[str, list[CustomerMargin]] = defaultdict(list)
        self._uses: dict[str, Usage] = defaultdict(Usage)
        self._revenue: dict[str, Decimal] = defaultdict(Decimal)
        self._cost: dict[str, Decimal] = defaultdict(Decimal)

    def add_customer(self, account: Account, margin: CustomerMargin) -> None:
        self._members[account.organization].append(margin)
        known = margin.margin_usd is not None
        revenue = _split_revenue(account) if known else [ZERO] * len(account.by_organization)
        for (organization, use), paid in zip(account.by_organization, revenue, strict=True):
            self._uses[organization] += use
            self._revenue[organization] += paid
            self._cost[organization] += use.cost_usd if known else ZERO

    def add_unallocated(self, organization: str, use: Usage) -> None:
        self._uses[organization] += use
        self._cost[organization] += use.cost_usd

    def groups(self) -> list[MarginGroup]:
        return [
            MarginGroup(
                name=name,
                customers=len(self._members[name]),
                unprofitable=_unprofitable(self._members[name]),
                unknown=_unknown(self._members[name]),
                revenue_usd=self._revenue[name],
                matched_cost_usd=self._cost[name],
                loss_usd=sum((member.loss_usd for member in self._members[name]), ZERO),
                use=use,
            )
            for name, use in self._uses.items()
        ]


def _split_revenue(account: Account) -> Sequence[Decimal]:
    if len(account.by_organization) == 1:
        return [account.revenue_usd or ZERO]
    weights = [Decimal(use.calls) for _, use in account.by_organization]
    return largest_remainder(weights, account.revenue_usd or ZERO, NINE_DECIMALS)


def _group(name: str, margins: Sequence[CustomerMargin], use: Usage) -> MarginGroup:
    known = [margin for margin in margins if margin.margin_usd is not None]
    return MarginGroup(
        name=name,
        customers=len(margins),
        unprofitable=_unprofitable(margins),
        unknown=len(margins) - len(known),
        revenue_usd=sum((margin.revenue_usd or ZERO for margin in known), ZERO),
        matched_cost_usd=sum((margin.use.cost_usd for margin in known), ZERO),
        loss_usd=sum((margin.loss_usd for margin in known), ZERO),
        use=use,
    )


def _unallocated_group(use: Usage) -> MarginGroup:
    return MarginGroup(
        name="unallocated",
        customers=0,
        unprofitable=0,
        unknown=0,
        revenue_usd=ZERO,
        matched_cost_usd=use.cost_usd,
        loss_usd=ZERO,
        use=use,
    )


def _unprofitable(margins: Iterable[CustomerMargin]) -> int:
    return sum(1 for margin in margins if margin.band is Band.NEGATIVE)


def _unknown(margins: Iterable[CustomerMargin]) -> int:
    return sum(1 for margin in margins if margin.margin_usd is None)


def _by_revenue(groups: Iterable[MarginGroup]) -> tuple[MarginGroup, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.revenue_usd, -group.use.cost_usd, group.name)))


def by_band(margins: Sequence[CustomerMargin]) -> tuple[BandCount, ...]:
    """All bands in order, the empty ones too; the band of unknown margins only where there are some."""
    members: dict[Band, list[CustomerMargin]] = {band: [] for band in Band}
    for margin in margins:
        members[margin.band].append(margin)
    counts = [_band_count(band, entries) for band, entries in members.items()]
    return tuple(count for count in counts if count.customers or count.band is not Band.UNKNOWN)


def _band_count(band: Band, margins: Sequence[CustomerMargin]) -> BandCount:
    def add(part: Callable[[CustomerMargin], Decimal | None]) -> Decimal:
        return sum((part(margin) or ZERO for margin in margins), ZERO)

    return BandCount(
        band, len(margins), add(lambda entry: entry.revenue_usd), add(lambda entry: entry.use.cost_usd)
    )


def whale_points(margins: Sequence[CustomerMargin], points: int = 200) -> tuple[WhalePoint, ...]:
    """The whale curve over the customers of known margin.

    With more customers than `points` the curve is thinned evenly; its first and last point and its peak stay.
    """
    known = [entry.margin_usd for entry in margins if entry.margin_usd is not None]
    cumulative = (ZERO, *whale_curve(known).cumulative)
    peak = sum(1 for margin in known if margin > 0)
    kept = sorted({peak, *(index * len(known) // points for index in range(points + 1))})
    return tuple(WhalePoint(index, cumulative[index]) for index in kept)


def plan_economics(margins: Sequence[CustomerMargin]) -> tuple[PlanEconomics, ...]:
    """Break-even use of each plan and price that customers ended on, the cheapest first, less free ones."""
    grouped: dict[tuple[Decimal, str], list[CustomerMargin]] = defaultdict(list)
    for margin in margins:
        if margin.monthly_usd:
            grouped[margin.monthly_usd, margin.plan].append(margin)
    return tuple(_economics(plan, price, grouped[price, plan]) for price, plan in sorted(grouped))


def _economics(plan: str, price: Decimal, margins: Sequence[CustomerMargin]) -> PlanEconomics:
    above = sum(1 for margin in margins if (margin.pace_cost_usd_month or ZERO) > price)
    return PlanEconomics(plan, price, len(margins), above, total_usage(margin.use for margin in margins))
