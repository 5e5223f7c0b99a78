"""Rates of tiers and speeds (batch, flex, priority, fast) of genai-prices, as rows of published_rates.csv.

The collection says what differs from a model's standard prices; a row says all rates, so that a later change of the
standard ones changes no history. A variant without sizes of its own, of a model that has some, ends where they begin:
it is not sold for long context.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from interchange.importers.published_rates import rates_by_size
from settings.published import COLUMNS, MODEL_COLUMNS, ORIGIN_COLUMN, RATE_COLUMNS, Row
from settings.rates import Price, Rate

Bands = dict[int, Rate]
"""Rates by the input tokens above which they hold."""
Terms = tuple[str, str]
"""A service tier and a speed."""
STANDARD_TERMS: Terms = ("", "")
NAMES = {"processing": 0, "service_tier": 0, "speed": 1}
"""What selects a variant in the collection, by its place among the terms here."""
STANDARD = ("default", "standard")
COLLECTED_SINCE = date(2026, 10, 12)
"""The day on which the collection checked its first variants: those that it gives no day begin there."""
BATCH_SINCE = {"openai": date(2024, 4, 15), "anthropic": date(2024, 10, 8)}
"""Since when vendors sell batches at half of every price."""


@dataclass(frozen=True)
class Variant:
    """The rates of a tier or speed from a day on.

    `until_input_tokens` is the size beyond which it is not sold; 0 is none.
    """

    terms: Terms
    day: date
    bands: Bands
    until_input_tokens: int

    def rows(self, identity: Row, day: date, today: date) -> list[Row]:
        """The rows that say so from a day on, of the model that `identity` names."""
        service_tier, speed = self.terms
        until = str(self.until_input_tokens or "")
        named = {"service_tier": service_tier, "speed": speed, "until_input_tokens": until}
        return [row | named for row in rate_rows(identity, self.bands, day, today)]


def variants(info: Any) -> list[Variant]:
    """The variants of a model of the collection, each again on a day on which its own or the standard prices change."""
    entries: dict[Terms, list[Any]] = {}
    for entry in info.price_variants or ():
        if terms := _terms(entry.when):
            entries.setdefault(terms, []).append(entry)
    return [found for terms, same in entries.items() for found in _expanded(info, terms, same)]


def due_variants(own: Sequence[Row], info: Any, today: date) -> list[Row]:
    """Rows for each day on which the rates of a tier or speed begin to differ from those that the rows say.

    Of most variants the collection only knows the day on which they were checked, and there they begin; a batch at half
    of prices that never changed begins with its model, since its vendor has sold batches so from the first day on.
    """
    standard = [row for row in own if terms_of(row) == STANDARD_TERMS]
    first = date.fromisoformat(min(row["from"] for row in standard))
    grouped: dict[Terms, list[Variant]] = {}
    for variant in variants(info):
        grouped.setdefault(variant.terms, []).append(variant)
    due: list[Row] = []
    for terms, theirs in grouped.items():
        starts = [max(first, variant.day) for variant in theirs]
        since = BATCH_SINCE.get(own[0]["provider"])
        if terms == ("batch", "") and since and len({row["from"] for row in standard}) == 1:
            whole = dict(rates_by_size(in_force(info, first)))
            starts[0] = max(first, since) if _is_half(theirs[0].bands, whole) else starts[0]
        ours = [row for row in own if terms_of(row) == terms]
        due += _due(own[-1], ours, dict(zip(starts, theirs, strict=True)), today)
    return due


def _is_half(bands: Bands, whole: Bands) -> bool:
    """Whether input and output cost half of what they cost otherwise."""
    return all(
        above in whole
        and 2 * rate.input_usd_per_mtok == whole[above].input_usd_per_mtok
        and 2 * rate.output_usd_per_mtok == whole[above].output_usd_per_mtok
        for above, rate in bands.items()
    )


def _due(identity: Row, ours: list[Row], theirs: Mapping[date, Variant], today: date) -> Iterator[Row]:
    """The rows that lack, of variants by the day on which they begin."""
    known = min((row["from"] for row in ours), default="")
    for day in sorted({start for start in theirs if start.isoformat() > known} | {today}):
        begun = [start for start in theirs if start <= day]
        if begun:
            due = theirs[max(begun)].rows(identity, day, today)
            if _rates(due) != _rates(_begun(ours, day)):
                ours += due
                yield from due


def _begun(rows: Sequence[Row], day: date) -> list[Row]:
    """The rows of the latest day that is not after a day."""
    latest = max((row["from"] for row in rows if row["from"] <= day.isoformat()), default="")
    return [row for row in rows if row["from"] == latest]


def _rates(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    names = ("above_input_tokens", "until_input_tokens", *RATE_COLUMNS)
    return sorted(tuple(row[name] for name in names) for row in rows)


def _terms(when: Mapping[str, str]) -> Terms | None:
    """What selects a variant; None where that is something else, or the standard one."""
    if not when.keys() <= NAMES.keys() or set(when.values()) & set(STANDARD):
        return None
    found = {NAMES[name]: value for name, value in when.items()}
    return found.get(0, ""), found.get(1, "")


def _expanded(info: Any, terms: Terms, entries: Sequence[Any]) -> Iterator[Variant]:
    starts = [getattr(entry.constraint, "start_date", COLLECTED_SINCE) for entry in entries]
    changes = [start for start, _ in dated(info) if start > min(starts)]
    for day in sorted({*starts, *changes}):
        standard = vars(in_force(info, day))
        begun = [entry.prices for entry, start in zip(entries, starts, strict=True) if start <= day]
        own: dict[str, Any] = {}
        for prices in begun:  # of several, the first that names a price does
            own = {name: value for name, value in vars(prices).items() if value is not None} | own
        bands = dict(rates_by_size(SimpleNamespace(**{**standard, **own})))
        yield Variant(terms, day, bands, _limit(standard, own))


def _limit(standard: Mapping[str, Any], own: Mapping[str, Any]) -> int:
    starts = {tier.start for value in standard.values() for tier in getattr(value, "tiers", ())}
    is_sized = any(hasattr(value, "tiers") for value in own.values())
    return 0 if is_sized else min(starts, default=0)


def terms_of(row: Row) -> Terms:
    """The tier and speed of a row."""
    return row["service_tier"], row["speed"]


def dated(info: Any) -> list[tuple[date, Any]]:
    """Standard prices of a model with the day on which they begin; those of a time of day are left out."""
    if not isinstance(info.prices, list):
        return [(date.min, info.prices)]
    return [
        (getattr(entry.constraint, "start_date", date.min), entry.prices)
        for entry in info.prices
        if entry.constraint is None or hasattr(entry.constraint, "start_date")
    ]


def in_force(info: Any, day: date) -> Any:
    """The collection's standard prices of a day."""
    _, price = max((entry for entry in dated(info) if entry[0] <= day), key=lambda entry: entry[0])
    return price


def rate_rows(identity: Row, bands: Bands, day: date, today: date) -> list[Row]:
    """One row a size of call; a cache rate that is no other than its default stays empty."""
    kept = {name: identity[name] for name in (*MODEL_COLUMNS, "source", ORIGIN_COLUMN)}
    return [
        dict.fromkeys(COLUMNS, "")
        | kept
        | _cells(rate)
        | {
            "from": day.isoformat(),
            "above_input_tokens": str(above) if above >= 0 else "",
            "checked": today.isoformat(),
        }
        for above, rate in sorted(bands.items())
    ]


def _cells(rate: Rate) -> Row:
    """The rates of a row; those that the row has without naming them stay empty."""
    named = {name: getattr(rate, name) for name in RATE_COLUMNS}
    brief = Price(date.min, date.min, "", rate.input_usd_per_mtok, rate.output_usd_per_mtok)
    for name, value in named.items():
        if getattr(brief.rate, name) != value:
            brief = replace(brief, **{name: value})
    return {name: _cell(getattr(brief, name)) for name in RATE_COLUMNS}


def _cell(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
