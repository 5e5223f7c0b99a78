"""Revenue of customers attributed to the features they use, so that the parts add up to the last digit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analyzers.revenue.paid import Account
from analyzers.revenue.plan_lines import NINE_DECIMALS


@dataclass(frozen=True)
class Attribution:
    """Revenue in USD by feature; '' holds what calls without a feature take."""

    by_calls: Mapping[str, Decimal]
    equally: Mapping[str, Decimal]


def attribute(accounts: Iterable[Account], calls_of: Mapping[str, Mapping[str, int]]) -> Attribution:
    """Splits the revenue of each account over its features, by its calls and in equal parts.

    Args:
        accounts: customers whose revenue is known; the others are left out by the caller.
        calls_of: calls by feature, by customer; '' stands among the features for calls that name none.
    """
    by_calls: dict[str, Decimal] = defaultdict(Decimal)
    equally: dict[str, Decimal] = defaultdict(Decimal)
    for account in accounts:
        weights = calls_of[account.customer]
        _add(by_calls, weights, account.revenue_usd)
        _add(equally, dict.fromkeys(weights, 1), account.revenue_usd)
    return Attribution(by_calls, equally)


def _add(into: dict[str, Decimal], weights: Mapping[str, int], revenue: Decimal | None) -> None:
    names = sorted(weights)
    units = int((revenue or Decimal(0)) / NINE_DECIMALS)
    for name, part in zip(names, split_units(units, [weights[name] for name in names]), strict=True):
        into[name] += part * NINE_DECIMALS


def split_units(units: int, weights: Sequence[int]) -> list[int]:
    """Splits whole units by largest remainder, on a tie to the earlier weight; the parts add up to them.

    The rule of `methods.allocation.largest_remainder` in plain integers, since it runs for every customer.

    Args:
        units: what is split.
        weights: at least one, all positive.
    """
    whole = sum(weights)
    parts = [units * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(units * weights[place] % whole), place))
    for place in by_remainder[: units - sum(parts)]:
        parts[place] += 1
    return parts
