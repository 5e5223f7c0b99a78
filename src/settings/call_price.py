"""What one call costs, in Python: its row of rates, its counts, one rounding.

`settings.price_sql` does the same in SQL, for all calls at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from settings.meters import METERS
from settings.price_rows import WEB_SEARCH, PriceRow
from settings.rates import MTOK, NANO_USD, tokens_alone

COUNT_LIMIT = 10**12
"""Larger counts are no counts."""
USD_LIMIT = Decimal(10) ** 9
REASONING = "reasoning_tokens"
"""A part of `output_tokens` that costs what they do."""
TERM_STEP = Decimal("1e-10")


@dataclass(frozen=True)
class CallPrice:
    """What a call costs: `usd` is None where it is unknown, and a lower bound where `is_partial`.

    `gap` names the terms without a rate, as the column `cost_gap` does.
    """

    usd: Decimal | None
    gap: str = ""
    is_partial: bool = False

    @property
    def cost_source(self) -> str:
        """The column `cost_source` of a call that is priced here."""
        if self.usd is None:
            return "unknown"
        return "partial" if self.is_partial else "computed"


UNKNOWN = CallPrice(None)


def call_price(
    rows: Iterable[PriceRow],
    instant: datetime,
    counts: Mapping[str, int | None],
    units: Decimal | None = None,
) -> CallPrice:
    """What a call costs at the rates of its terms.

    Args:
        rows: those of its terms.
        instant: when it was made, UTC without a zone.
        counts: by column; unknown counts are none.
        units: how many of its `unit` it consumed.
    """
    minute = instant.weekday() * 1440 + instant.hour * 60 + instant.minute
    size = counts.get("input_tokens") or 0
    row = next((row for row in rows if row.holds(instant, size, minute)), None)
    return UNKNOWN if row is None else _priced(row, counts, units)


def _priced(row: PriceRow, counts: Mapping[str, int | None], units: Decimal | None) -> CallPrice:
    tokens, lacking = _tokens(row, counts)
    if row.gap or lacking:
        return CallPrice(None, row.gap or " ".join(lacking))
    others, unrated = _others(row, counts.get("web_search_requests") or 0, units or Decimal(0))
    terms = [*tokens, *others]
    usd = (sum(terms, Decimal(0)) / MTOK).quantize(NANO_USD, ROUND_HALF_EVEN)
    if (unrated and not terms) or usd >= USD_LIMIT:
        return CallPrice(None, " ".join(unrated))
    return CallPrice(usd, " ".join(unrated), bool(unrated))


def _tokens(row: PriceRow, counts: Mapping[str, int | None]) -> tuple[list[Decimal], list[str]]:
    """What the tokens of each meter cost, times a million, and the columns of those without a rate.

    Where the parts of a count are larger than it is, its tokens alone are below zero and have none.
    """
    terms, lacking = [], []
    for meter, usd in zip(METERS, row.rates, strict=True):
        tokens = tokens_alone(meter.name, counts)
        if tokens < 0 or tokens >= COUNT_LIMIT or (tokens and usd is None):
            lacking.append(meter.column)
        elif tokens and usd is not None:
            terms.append(tokens * usd)
    if (counts.get(REASONING) or 0) > (counts.get("output_tokens") or 0):
        lacking.append(REASONING)
    return terms, lacking


def _others(row: PriceRow, searches: int, units: Decimal) -> tuple[list[Decimal], list[str]]:
    """What is billed beside the tokens, times a million, and the names of what has no rate."""
    terms, unrated = [row.tools_usd] if row.tools_usd else [], row.partial_gap.split()
    if searches and row.search_usd is not None:
        terms.append((min(searches, 1) if row.search_once else searches) * row.search_usd)
    elif searches and WEB_SEARCH not in unrated:
        unrated.append(WEB_SEARCH)
    if units and row.unit_usd is not None:
        terms.append((max(units, row.unit_at_least) * row.unit_usd).quantize(TERM_STEP, ROUND_HALF_UP))
    elif units:
        unrated.append(f"unit={row.terms.unit}")
    return terms, unrated
