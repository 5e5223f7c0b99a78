"""Prices of what is billed beside the tokens: web searches, tools and other units, and which one is in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase

from settings.terms import UnitPrice


@dataclass(frozen=True)
class UnitPrices:
    """The unit prices of one model of a provider.

    Args:
        provider: who sells the model.
        name: the model's name in the price list, or as it was called.
        listed: the unit prices of all models.
    """

    provider: str
    name: str
    listed: Sequence[UnitPrice]

    def of(self, unit: str) -> list[UnitPrice]:
        """All prices of a unit over time."""
        return [
            price
            for price in self.listed
            if price.unit == unit and price.provider == self.provider and is_named(price.models, self.name)
        ]

    def in_force(self, unit: str, instant: datetime) -> UnitPrice | None:
        """The price in force: one that names the model goes before one for many, then the latest."""
        begun = [price for price in self.of(unit) if price.valid_from <= instant.date()]
        return max(begun, key=self._preferred, default=None)

    def _preferred(self, price: UnitPrice) -> tuple[bool, bool, date]:
        return self.name in price.models, "*" not in price.models, price.valid_from

    def of_tools(self, tool_units: str, instant: datetime) -> tuple[Decimal, list[str]]:
        """What the tools of a call cost times a million, and those without a price."""
        total, unrated = Decimal(0), []
        for name, count in tools_of(tool_units):
            price = self.in_force(name, instant)
            if price is None or count is None:
                unrated.append(name)
            else:
                billed = min(count, Decimal(1)) if price.once_per_call else max(count, price.at_least)
                total += billed * price.usd_per_million
        return total, unrated


def tools_of(text: str) -> list[tuple[str, Decimal | None]]:
    """The tools that `tool_units` of a call names, each with its count; None where that is no number."""
    found = []
    for entry in text.split():
        name, _, count = entry.rpartition(":")
        counted = name and count.isascii() and count.isdigit() and len(count) < 10
        found.append((name or entry, Decimal(count) if counted else None))
    return found


def is_named(patterns: Iterable[str], name: str) -> bool:
    """Whether a model's name fits one of the patterns of a price or a factor."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
