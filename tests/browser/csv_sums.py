"""What a page must show under a filter, added up from the CSV of calls without the program's help."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

COLUMNS = {
    "provider": "provider",
    "model": "model",
    "organization": "organization_id",
    "feature": "feature_id",
}
MEASURES = ("calls", "priced_calls", "tokens", "priced_tokens", "cost")


@dataclass(frozen=True)
class Sums:
    """What some calls used; `figure` is what a page forms of it, None where it cannot be told."""

    calls: int
    priced_calls: int
    tokens: int
    priced_tokens: int
    cost: Decimal

    def figure(self, formed: Mapping[str, Any], whole: Sums) -> Decimal | None:
        measure = formed["measure"]
        if measure == "cost" and self.calls and not self.priced_calls:
            return None
        above = Decimal(getattr(self, measure)) * formed.get("times", 1)
        if formed.get("whole"):
            below = getattr(whole, measure)
        elif formed.get("per"):
            below = getattr(self, formed["per"])
        else:
            return above
        return above / below if below else None


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def added(rows: Sequence[Mapping[str, str]]) -> Sums:
    known = [row for row in rows if row["cost_usd"] != ""]

    def tokens(some: Sequence[Mapping[str, str]]) -> int:
        return sum(int(row["input_tokens"]) + int(row["output_tokens"]) for row in some)

    cost = sum((Decimal(row["cost_usd"]) for row in known), Decimal(0))
    return Sums(len(rows), len(known), tokens(rows), tokens(known), cost)


def name_of(row: Mapping[str, str], dimension: str) -> str:
    return row["timestamp"][:10] if dimension == "period" else row[COLUMNS[dimension]]


def chosen(rows: Sequence[Mapping[str, str]], filters: Mapping[str, str]) -> list[Mapping[str, str]]:
    def fits(row: Mapping[str, str]) -> bool:
        for name, wanted in filters.items():
            value = name_of(row, name)
            if name == "period":
                first, last = wanted.split("..")
                if not first <= value <= last:
                    return False
            elif (value or "(unallocated)") != wanted:
                return False
        return True

    return [row for row in rows if fits(row)]


def narrowed(rows: Sequence[Mapping[str, str]], formed: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The calls of a sum that asks for less than all of its row or label."""
    kept = list(rows)
    for axis, value in formed.get("at", ()):
        kept = [row for row in kept if on_axis(row, axis) == value]
    if formed.get("besides"):
        dimension, names = formed["besides"]
        kept = [row for row in kept if name_of(row, dimension) not in names]
    return kept


def on_axis(row: Mapping[str, str], axis: str) -> str:
    kind, _, first = axis.partition(" from ")
    if kind == "month":
        month = row["timestamp"][:7]
        return month if not first or month >= first else ""
    if kind == "weekday":
        return str(date.fromisoformat(row["timestamp"][:10]).isoweekday())
    return name_of(row, kind)


def grouped(rows: Sequence[Mapping[str, str]], by: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Sums]]:
    groups: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for row in rows:
        groups.setdefault(tuple(on_axis(row, name) for name in by), []).append(row)
    for key, some in groups.items():
        yield key, added(some)


LATE_HOUR = 22


def complete_days(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """All days from the first call to the last, less a first that starts after two and a last that ends before eleven."""
    times = sorted(row["timestamp"] for row in rows)
    first, last = (date.fromisoformat(times[place][:10]) for place in (0, -1))
    days = [(first + timedelta(number)).isoformat() for number in range((last - first).days + 1)]
    days = days[1:] if int(times[0][11:13]) > 1 else days
    return days[:-1] if int(times[-1][11:13]) < LATE_HOUR else days
