"""What `refresh_rates.py` compares and adds: published_rates.csv against the vendor prices of genai-prices.

Rates are history: one that changed becomes a new dated row, and of an old row nothing is touched but the day on
which it was last compared.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from calls.file.printing import csv_line
from interchange.importers.published_rates import PROVIDER_NAMES, published_price, rates_by_size
from interchange.rate_variants import (
    STANDARD_TERMS,
    Bands,
    Terms,
    dated,
    due_variants,
    in_force,
    rate_rows,
    terms_of,
    variants,
)
from settings.model_names import without_region
from settings.pricing import Pricing
from settings.published import COLUMNS, ORIGIN_COLUMN, Row, model_tables
from settings.rates import Model
from settings.toml_binding import Place, bind

STANDARD_USD_PER_MTOK = (Decimal(4), Decimal(10))
"""What a million output tokens of a standard model costs: below it is an economy model, above it a premium one."""


@dataclass
class Refresh:
    """What a comparison found: all rows as they should be, and which of them are new.

    `gone` are models that the collection no longer has, `by_hand` those of pricing.toml whose rates differ there.
    """

    rows: list[Row] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)


def compared(rows: Sequence[Row], pricing: Pricing, today: date) -> Refresh:
    """Compares rows, and the models that only pricing.toml has, with the collection."""
    refresh = Refresh()
    for (provider, model), group in groupby(rows, lambda row: (row["provider"], row["model"])):
        own = list(group)
        info = _collected(provider, own[-1][ORIGIN_COLUMN])
        if info is None:
            refresh.gone.append(f"{provider}/{model}")
            refresh.rows += own
        else:
            due = [*_due(own, info, today), *due_variants(own, info, today)]
            refresh.rows += [*_checked(own, info, today), *due]
            refresh.added += due
    refresh.by_hand = list(_differing_by_hand(rows, pricing, today))
    return refresh


def new_rows(provider: str, collected_as: str, today: date) -> list[Row]:
    """The rows of a model that the file does not have yet; its first one holds from the first of January.

    Raises:
        LookupError: the collection has no such model, or only prices of other things than tokens.
    """
    info = _collected(provider, collected_as)
    bands = _in_force(info, today) if info else {}
    if not bands:
        raise LookupError(f"{provider}/{collected_as}")
    identity = dict.fromkeys(COLUMNS, "") | {
        "provider": provider,
        "model": collected_as,
        "maker": without_region(collected_as).partition(".")[0] if provider == "bedrock" else provider,
        "grade": _grade(bands[-1].output_usd_per_mtok),
        "source": _providers(provider)[0].pricing_urls[0],
        ORIGIN_COLUMN: collected_as,
    }
    made = rate_rows(identity, bands, date(today.year, 1, 1), today)
    return [*made, *due_variants(made, info, today)]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes the file anew under its own comment, which names the collection's version."""
    comment = [line for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
    named = re.sub(r"genai-prices \d[\w.]*\d", f"genai-prices {version('genai-prices')}", "\n".join(comment))
    lines = [csv_line(COLUMNS), *(csv_line([row[name] for name in COLUMNS]) for row in rows)]
    path.write_text(f"{named}\n{''.join(lines)}", "utf-8")


def _due(own: list[Row], info: Any, today: date) -> list[Row]:
    """Rows for each day on which the collection's rates begin to differ from those that the rows say."""
    (table,) = model_tables(own)
    model = bind(Model, table, Place("published_rates.csv"))
    due: list[Row] = []
    for day in sorted({start for start, _ in dated(info) if start > model.price[0].valid_from} | {today}):
        theirs, ours = _in_force(info, day), _bands([*own, *due], day)
        if theirs and theirs != ours:
            due += rate_rows(_standard(own)[-1], theirs, day, today)
    return due


def _bands(rows: list[Row], day: date) -> Bands:
    """What rows of one model say about a day."""
    (table,) = model_tables(rows)
    prices = [p for p in bind(Model, table, Place("published_rates.csv")).price if p.is_standard]
    start = max(price.valid_from for price in prices if price.valid_from <= day)
    return {price.above_input_tokens: price.rate for price in prices if price.valid_from == start}


def _checked(own: list[Row], info: Any, today: date) -> list[Row]:
    """The rows with the day on which they were compared: those in force or to come, of terms that are collected."""
    compared = {STANDARD_TERMS, *(variant.terms for variant in variants(info))}
    begun: dict[Terms, str] = {}
    for row in own:
        if row["from"] <= today.isoformat():
            begun[terms_of(row)] = max(row["from"], begun.get(terms_of(row), ""))
    return [
        row | {"checked": today.isoformat()}
        if terms_of(row) in compared and row["from"] >= begun.get(terms_of(row), "")
        else row
        for row in own
    ]


def _standard(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if terms_of(row) == STANDARD_TERMS]


def _differing_by_hand(rows: Sequence[Row], pricing: Pricing, today: date) -> Iterator[str]:
    collected = {(row["provider"], row["model"]) for row in rows}
    for model in pricing.model:
        if (model.provider, model.model) not in collected:
            price = published_price(model.provider, model.model, today)
            theirs = dict(rates_by_size(price)) if price else {}
            standard = [entry for entry in model.price if entry.is_standard]
            day = max(entry.valid_from for entry in standard if entry.valid_from <= today)
            ours = {entry.above_input_tokens: entry.rate for entry in standard if entry.valid_from == day}
            is_free = not any(rate.input_usd_per_mtok or rate.output_usd_per_mtok for rate in ours.values())
            if theirs != ours and (theirs or not is_free):
                yield f"{model.provider}/{model.model}"


def _grade(output_usd_per_mtok: Decimal) -> str:
    if not output_usd_per_mtok:
        return "embedding"
    low, high = STANDARD_USD_PER_MTOK
    return (
        "economy" if output_usd_per_mtok < low else "standard" if output_usd_per_mtok <= high else "premium"
    )


def _providers(provider: str) -> list[Any]:
    """The collection's entry of a provider, or nothing."""
    from genai_prices import data  # noqa: PLC0415  an extra, and half a second to import

    name = PROVIDER_NAMES.get(provider, provider)
    return [entry for entry in data.providers if entry.id == name]


def _collected(provider: str, id_: str) -> Any:
    """The collection's entry of a model, or None."""
    models = (model for entry in _providers(provider) for model in entry.models)
    return next((model for model in models if model.id == id_), None)


def _in_force(info: Any, day: date) -> Bands:
    """The collection's standard rates of a day."""
    return dict(rates_by_size(in_force(info, day)))
