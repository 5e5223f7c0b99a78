"""Chargeback statements of calendar months: direct usage, shared cost, markup, adjustments, in cents that tie out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analyzers.ledger.windows import CALENDAR_MONTHS, Window
from analyzers.usage.sums import ZERO, Usage, total_usage
from methods.allocation import CENT, largest_remainder, round_together
from settings import model


@dataclass(frozen=True)
class Statement:
    """The chargeback statement of one organization for one calendar month; amounts in whole cents (USD).

    `days` are the days of the month that the file has; None for calls whose time is not plausible.
    `direct_usd` is its known cost, rounded together with all others so that they add up to the total;
    `shared_usd` its part of the shared cost by the chosen method, beside it what each method gives
    (None: fixed shares are not set).
    """

    number: str
    days: Window | None
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
        """Whether cost that is not known is missing from the charge."""
        return self.usage.at_least


@dataclass(frozen=True)
class Chargeback:
    """All statements, the latest month first. `unallocated_usd` is direct cost that nobody is charged for.

    `shared_usd` is the shared cost of all months.
    """

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


def shared_cost(monthly_usd: Decimal, days: Window | None) -> Decimal:
    """Shared cost of some days of a calendar month, in cents: their share of the month's days."""
    if days is None:
        return Decimal("0.00")
    return (monthly_usd * days.days / CALENDAR_MONTHS.around(days.first).days).quantize(CENT)


def month_days(first_day: date, last_day: date) -> tuple[Window, ...]:
    """The days of each calendar month from a first to a last day."""
    return tuple(
        Window(max(month.first, first_day), min(month.last, last_day))
        for month in CALENDAR_MONTHS.between(first_day, last_day)
    )


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


def chargeback(usages: Mapping[Window | None, Mapping[str, Usage]], settings: model.Chargeback) -> Chargeback:
    """The statements of all organizations for each month, by name.

    Who has a fixed share but no usage has a statement too; so has who has an adjustment, in the last month. The
    unallocated usage ('' in `usages`) is charged to nobody. A month without a named organization has no statements.

    Args:
        usages: usage by organization, by the days of each month; those of calls without a plausible time under None.
        settings: method, shared cost, markup and adjustments.
    """
    cells = [(days, name, usage) for days, used in usages.items() for name, usage in used.items()]
    cents = round_together([usage.cost_usd for _, _, usage in cells])
    direct = {(days, name): amount for (days, name, _), amount in zip(cells, cents, strict=True)}
    numbered = {name: place for place, name in enumerate(_names(usages.values(), settings), start=1)}
    last = max((days for days in usages if days), key=lambda days: days.first, default=None)
    months = sorted(usages, key=lambda days: days.first if days else date.min, reverse=True)
    statements: list[Statement] = []
    shared = ZERO
    for days in months:
        terms = _Terms(settings, days, adjusted=days == last)
        found = terms.statements(usages[days], direct, numbered)
        shared += terms.shared_usd if found else ZERO
        statements += found
    nobody = total_usage(used.get("", Usage()) for used in usages.values())
    unallocated = sum((amount for (_, name), amount in direct.items() if not name), Decimal("0.00"))
    return Chargeback(
        method=settings.shared_method,
        shared_usd=shared,
        markup=settings.markup,
        statements=tuple(statements),
        unallocated=nobody,
        unallocated_usd=unallocated,
    )


def _names(usages: Iterable[Mapping[str, Usage]], settings: model.Chargeback) -> list[str]:
    """All names that may have a statement, in order."""
    named = {name for used in usages for name in used}
    return sorted(name for name in {*named, *settings.adjustments_usd, *settings.fixed_shares} if name)


class _Terms:
    """What holds for the statements of one month."""

    def __init__(self, settings: model.Chargeback, days: Window | None, *, adjusted: bool) -> None:
        self.settings, self.days = settings, days
        self.shared_usd = shared_cost(settings.shared_monthly_usd, days)
        self.adjustments = settings.adjustments_usd if adjusted else {}

    def statements(
        self,
        usages: Mapping[str, Usage],
        direct_usd: Mapping[tuple[Window | None, str], Decimal],
        numbered: Mapping[str, int],
    ) -> list[Statement]:
        """The statements of the month, by name."""
        if not any(usages):
            return []
        settings = self.settings
        fixed = settings.fixed_shares if self.days else {}
        names = sorted(name for name in {*usages, *self.adjustments, *fixed} if name)
        used = [usages.get(name, Usage()) for name in names]
        direct = [direct_usd.get((self.days, name), Decimal("0.00")) for name in names]
        splits = {
            method: shared_split(method, names, used, settings.fixed_shares, self.shared_usd)
            for method in ("even", "proportional", "fixed")
        }
        chosen, knows_fixed = splits[settings.shared_method], any(settings.fixed_shares.values())
        markups = round_together([settings.markup * (a + b) for a, b in zip(direct, chosen, strict=True)])
        adjustments = round_together([self.adjustments.get(name, ZERO) for name in names])
        month = f"{self.days.first:%Y%m}" if self.days else "undated"
        return [
            Statement(
                number=f"CB-{month}-{numbered[name]:03}",
                days=self.days,
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
