"""Chargeback statements: direct usage, shared cost, markup and adjustments, in cents that tie out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import ZERO, Usage
from methods.allocation import CENT, largest_remainder, round_together
from settings import model


@dataclass(frozen=True)
class Statement:
    """The chargeback statement of one organization for the period; amounts in whole cents (USD).

    `direct_usd` is its known cost, rounded together with all others so that they add up to the total;
    `shared_usd` its part of the shared cost by the chosen method, beside it what each method gives
    (None: fixed shares are not set).
    """

    number: str
    organization: str
    usage: Usage
    direct_usd: Decimal
    shared_usd: Decimal
    markup_usd: Decimal
    adjustment_usd: Decimal
    shared_even_usd: Decimal
    shared_proportional_usd: Decimal
    shared_fixed_usd: Decimal | None

    @property
    def total_usd(self) -> Decimal:
        """What is charged."""
        return self.direct_usd + self.shared_usd + self.markup_usd + self.adjustment_usd

    @property
    def at_least(self) -> bool:
        """Whether calls of unknown cost are missing from the charge."""
        return self.usage.at_least


@dataclass(frozen=True)
class Chargeback:
    """All statements of the period. `unallocated_usd` is direct cost that nobody is charged for."""

    method: str
    shared_usd: Decimal
    markup: Decimal
    statements: tuple[Statement, ...]
    unallocated: Usage
    unallocated_usd: Decimal

    @property
    def total_usd(self) -> Decimal:
        """The sum of all statements."""
        return sum((entry.total_usd for entry in self.statements), Decimal(0))

    @property
    def direct_usd(self) -> Decimal:
        """The direct usage of all statements."""
        return sum((entry.direct_usd for entry in self.statements), Decimal(0))

    @property
    def at_least(self) -> bool:
        """Whether any statement misses calls of unknown cost."""
        return any(entry.at_least for entry in self.statements)


def shared_cost(monthly_usd: Decimal, days: int) -> Decimal:
    """Shared cost of a period, in cents: a month is 30 days, so that 45 days cost one month and a half."""
    return (monthly_usd * days / MONTH_DAYS).quantize(CENT)


def shared_split(
    method: str,
    names: Sequence[str],
    usages: Sequence[Usage],
    fixed: Mapping[str, Decimal],
    amount: Decimal,
) -> tuple[Decimal, ...]:
    """The parts of a shared cost in cents, adding up exactly.

    Args:
        method: even (among those with calls), proportional (to direct cost) or fixed. Where the direct cost
            or the fixed shares are all zero, even.
        names: who takes part.
        usages: what each used.
        fixed: share by name; who is not named takes none.
        amount: what is split, in cents.
    """
    even = [Decimal(1 if usage.calls else 0) for usage in usages]
    weights = {
        "even": even,
        "proportional": [max(usage.cost_usd, ZERO) for usage in usages],
        "fixed": [fixed.get(name, ZERO) for name in names],
    }[method]
    return largest_remainder(weights if any(weights) else even, amount)


def chargeback(
    usages: Mapping[str, Usage], settings: model.Chargeback, first_day: date, last_day: date
) -> Chargeback:
    """The statements of all organizations, by name.

    Who has an adjustment or a fixed share but no usage has a statement too. The unallocated usage ('' in
    `usages`) is charged to nobody. Without a named organization there are no statements.

    Args:
        usages: usage by organization.
        settings: method, shared cost, markup and adjustments.
        first_day: the period's first day.
        last_day: its last day, inclusive.
    """
    shared = shared_cost(settings.shared_monthly_usd, (last_day - first_day).days + 1)
    nobody = usages.get("", Usage())
    named = {name for name in usages if name}
    configured = {name for name in (*settings.adjustments_usd, *settings.fixed_shares) if name}
    names = sorted(named | configured) if named else []
    used = [usages.get(name, Usage()) for name in names]
    *direct, unallocated = round_together([*(usage.cost_usd for usage in used), nobody.cost_usd])
    statements = _statements(names, used, direct, shared, settings, _prefix(first_day, last_day))
    return Chargeback(settings.shared_method, shared, settings.markup, tuple(statements), nobody, unallocated)


def _prefix(first_day: date, last_day: date) -> str:
    return f"CB-{first_day:%Y%m%d}-{last_day:%Y%m%d}"


def _statements(
    names: Sequence[str],
    used: Sequence[Usage],
    direct: Sequence[Decimal],
    shared: Decimal,
    settings: model.Chargeback,
    prefix: str,
) -> list[Statement]:
    if not names:
        return []
    splits = {
        method: shared_split(method, names, used, settings.fixed_shares, shared)
        for method in ("even", "proportional", "fixed")
    }
    chosen, knows_fixed = splits[settings.shared_method], any(settings.fixed_shares.values())
    markups = round_together([settings.markup * (a + b) for a, b in zip(direct, chosen, strict=True)])
    adjustments = round_together([settings.adjustments_usd.get(name, ZERO) for name in names])
    return [
        Statement(
            number=f"{prefix}-{place + 1:03}",
            organization=name,
            usage=used[place],
            direct_usd=direct[place],
            shared_usd=chosen[place],
            markup_usd=markups[place],
            adjustment_usd=adjustments[place],
            shared_even_usd=splits["even"][place],
            shared_proportional_usd=splits["proportional"][place],
            shared_fixed_usd=splits["fixed"][place] if knows_fixed else None,
        )
        for place, name in enumerate(names)
    ]
