"""What a batch of calls costs: the rates of settings/pricing.toml as whole numbers, money as whole nano-dollars.

A rate in USD for a million tokens is a whole number of units of 10**-15 USD a token wherever it has nine
decimals or fewer, so that products and sums are exact in 64 bits; they are rounded once, half-even.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from foundation.outcome import Misuse
from settings.pricing import NO_LIMIT, PriceRow, Pricing
from simulator.sampling import Codes, Integers

NANO = 9
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
        rates: units a token of uncached input, cached input, cache write and output,
            shape (eras, bands, models, 4).
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
        units = (
            (usage.input - usage.cached - usage.cache_write) * rates[:, 0]
            + usage.cached * rates[:, 1]
            + usage.cache_write * rates[:, 2]
            + usage.output * rates[:, 3]
        )
        return half_even(units, _UNITS_PER_NANO)


def half_even(numbers: Integers, divisor: int) -> Integers:
    """`numbers` / `divisor`, rounded to whole numbers, ties to the even one; `divisor` is even."""
    quotient: Integers = numbers // divisor
    twice = 2 * (numbers - quotient * divisor)
    quotient += (twice > divisor) | ((twice == divisor) & (quotient % 2 == 1))
    return quotient


def rate_table(pricing: Pricing, models: Sequence[tuple[str, str]], first: date, days: int) -> RateTable:
    """The rates of `models` for each day; days before a model's first price have its first.

    Raises:
        Misuse: a model has no price.
    """
    rows = [_rows(pricing, provider, model) for provider, model in models]
    end = first + timedelta(days=days)
    starts = sorted(
        {first} | {row.valid_from for model in rows for row in model if first < row.valid_from < end}
    )
    bands = [[_in_force(model, start) for model in rows] for start in starts]
    depth = max(len(model) for era in bands for model in era)
    filled = [[model + model[-1:] * (depth - len(model)) for model in era] for era in bands]
    era = np.searchsorted([(start - first).days for start in starts], np.arange(days), side="right") - 1
    limits = np.array([[[row.until_input_tokens for row in model] for model in era] for era in filled])
    rates = np.array([[[_units(row) for row in model] for model in era] for era in filled])
    return RateTable(era, limits.transpose(0, 2, 1), rates.transpose(0, 2, 1, 3))


def _rows(pricing: Pricing, provider: str, model: str) -> list[PriceRow]:
    rows = pricing.price_rows([(provider, model)])
    if not rows:
        raise Misuse(f"The simulators call {provider}/{model}, which has no price; add it to the price file.")
    return rows


def _in_force(rows: list[PriceRow], day: date) -> list[PriceRow]:
    """The rows of a day, smallest calls first, the last of them without a limit."""
    start = max((row.valid_from for row in rows if row.valid_from <= day), default=rows[0].valid_from)
    found = [row for row in rows if row.valid_from == start]
    return [*found[:-1], found[-1]._replace(until_input_tokens=NO_LIMIT)]


def _units(row: PriceRow) -> list[int]:
    rate = row.rate
    return [
        _whole(row, value)
        for value in (
            rate.input_usd_per_mtok,
            rate.cached_input_usd_per_mtok,
            rate.cache_write_usd_per_mtok,
            rate.output_usd_per_mtok,
        )
    ]


def _whole(row: PriceRow, usd_per_mtok: Decimal) -> int:
    units = usd_per_mtok.scaleb(_UNIT_DECIMALS)
    if units != units.to_integral_value():
        raise Misuse(
            f"The rate {usd_per_mtok} of {row.provider}/{row.model} has more than nine decimals; round it."
        )
    return int(units)
