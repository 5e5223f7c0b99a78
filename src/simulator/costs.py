"""What a batch of calls costs: the rates of settings/pricing.toml as whole numbers, money as whole nano-dollars.

A rate in USD for a million tokens is a whole number of units of 10**-15 USD per token wherever it has nine
decimals or fewer, so that products and sums are exact in 64 bits; they are rounded once, half-even.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from foundation.outcome import UsageError
from settings.meters import BY_NAME, Meter, signs
from settings.price_rows import NO_LIMIT, PriceRow
from settings.pricing import Pricing
from settings.terms import Terms
from simulator.sampling import Codes, Integers

NANO = 9
USED = tuple(BY_NAME[name] for name in ("input", "output", "cached_input", "cache_write"))
"""The meters of simulated calls."""
_UNIT_DECIMALS = 9
_UNITS_PER_NANO = 10 ** (_UNIT_DECIMALS + 6 - NANO)


@dataclass(frozen=True)
class Usage:
    """Tokens of each call; reads and writes are parts of the input."""

    input: Integers
    output: Integers
    cached: Integers
    cache_write: Integers


@dataclass(frozen=True)
class RateTable:
    """Rates by day, size band and model.

    Attributes:
        era: the row of `limits` and `rates` by day of the simulation.
        limits: input tokens up to which a band holds, shape (eras, bands, models).
        rates: units per token of each meter of `USED`, shape (eras, bands, models, meters).
    """

    era: Integers
    limits: Integers
    rates: Integers

    def nano_usd(self, day: Integers, model: Codes, usage: Usage) -> Integers:
        """The exact cost of each call, rounded half-even to whole nano-dollars."""
        era, model_row = self.era[day], model.astype(np.int64)
        band = np.zeros(len(model), dtype=np.int64)
        for limit in range(self.limits.shape[1] - 1):
            band += usage.input > self.limits[era, limit, model_row]
        rates = self.rates[era, band, model_row]
        counts = {
            "input_tokens": usage.input, "output_tokens": usage.output, "cached_input_tokens": usage.cached,
            "cache_write_tokens": usage.cache_write,
        }  # fmt: skip
        parts = [_alone(meter, counts) * rates[:, place] for place, meter in enumerate(USED)]
        units = parts[0]
        for part in parts[1:]:
            units = units + part
        return half_even(units, _UNITS_PER_NANO)


def _alone(meter: Meter, counts: Mapping[str, Integers]) -> Integers:
    """The tokens of a meter that are in none within it."""
    first, *others = [(sign, counts[name]) for name, sign in signs(meter.name).items() if name in counts]
    tokens: Integers = first[1]
    for sign, count in others:
        tokens = tokens + count if sign > 0 else tokens - count
    return tokens


def half_even(numbers: Integers, divisor: int) -> Integers:
    """`numbers` / `divisor`, rounded to whole numbers, ties to the even one; `divisor` is even."""
    quotient: Integers = numbers // divisor
    twice = 2 * (numbers - quotient * divisor)
    quotient += (twice > divisor) | ((twice == divisor) & (quotient % 2 == 1))
    return quotient


def rate_table(pricing: Pricing, models: Sequence[tuple[str, str]], first: date, days: int) -> RateTable:
    """The rates of `models` for each day; days before a model's first price have its first.

    Raises:
        UsageError: a model has no price.
    """
    rows = [_rows(pricing, provider, model) for provider, model in models]
    end = first + timedelta(days=days)
    starts = sorted({first} | {_day(row) for model in rows for row in model if first < _day(row) < end})
    bands = [[_in_force(model, start) for model in rows] for start in starts]
    depth = max(len(model) for era in bands for model in era)
    filled = [[model + model[-1:] * (depth - len(model)) for model in era] for era in bands]
    era = np.searchsorted([(start - first).days for start in starts], np.arange(days), side="right") - 1
    limits = np.array([[[row.until_input_tokens for row in model] for model in era] for era in filled])
    rates = np.array([[[_units(row) for row in model] for model in era] for era in filled])
    return RateTable(era, limits.transpose(0, 2, 1), rates.transpose(0, 2, 1, 3))


def _rows(pricing: Pricing, provider: str, model: str) -> list[PriceRow]:
    rows = list(pricing.rows_of(Terms(provider, model)))
    if not rows:
        raise UsageError(
            f"The simulators call {provider}/{model}, which has no price; add it to the price file."
        )
    return rows


def _day(row: PriceRow) -> date:
    return row.starts.date()


def _in_force(rows: list[PriceRow], day: date) -> list[PriceRow]:
    """The rows of a day, smallest calls first, the last of them without a limit."""
    start = max((_day(row) for row in rows if _day(row) <= day), default=_day(rows[0]))
    found = [row for row in rows if _day(row) == start]
    return [*found[:-1], replace(found[-1], until_input_tokens=NO_LIMIT)]


def _units(row: PriceRow) -> list[int]:
    return [_whole(row, row.rate_by_key[meter.rate] or Decimal(0)) for meter in USED]


def _whole(row: PriceRow, usd_per_mtok: Decimal) -> int:
    units = usd_per_mtok.scaleb(_UNIT_DECIMALS)
    if units != units.to_integral_value():
        raise UsageError(
            f"The rate {usd_per_mtok} of {row.terms.provider}/{row.terms.model} has more than nine decimals; round it."
        )
    return int(units)
