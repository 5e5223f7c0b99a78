"""What calls cost where their file does not say: a join with the rates of their own day.

Money is computed in whole units of 1e-16 USD, in which half a price is whole too, and rounded half-even to nine
decimals once.
"""

from decimal import Decimal

import duckdb

from interchange.importers.naming import fill
from settings.pricing import PriceRow

TABLE = """
    create table prices (
        provider varchar, model varchar, valid_from date, valid_until date, above_input_tokens bigint,
        until_input_tokens bigint, input_rate bigint, output_rate bigint, cached_rate bigint,
        write_rate bigint, write_1h_rate bigint, source varchar
    )
"""
ON_DAY = """
    p.provider = {calls}.provider and p.model = {calls}.model
    and cast({calls}."timestamp" as date) >= p.valid_from and cast({calls}."timestamp" as date) < p.valid_until
    and {calls}.input_tokens > p.above_input_tokens and {calls}.input_tokens <= p.until_input_tokens
"""
RATE_UNIT = Decimal(10) ** 10
UNITS_A_NANO_USD = 10_000_000


def register(connection: duckdb.DuckDBPyConnection, rows: list[PriceRow], source: str) -> None:
    """Adds rates to table `prices`, in units of 1e-10 USD for a million tokens."""
    fill(connection, "prices", (_row(row, source) for row in rows))


def _row(row: PriceRow, source: str) -> tuple[object, ...]:
    rate = row.rate
    return (
        *row[:6],
        _units(rate.input_usd_per_mtok),
        _units(rate.output_usd_per_mtok),
        _units(rate.cached_input_usd_per_mtok),
        _units(rate.cache_write_usd_per_mtok),
        _units(rate.cache_write_1h_usd_per_mtok),
        source,
    )


def _units(rate: Decimal) -> int:
    return int((rate * RATE_UNIT).to_integral_value())


def units_sql(
    input_tokens: str = "input_tokens",
    output_tokens: str = "output_tokens",
    cached: str = "cached_input_tokens",
    write: str = "cache_write_tokens",
    write_1h: str = "0",
) -> str:
    """SQL for the cost of a call joined with a row `p` of `prices`, in 1e-16 USD; NULL without one."""
    read, written, hour = (f"coalesce({part}, 0)" for part in (cached, write, write_1h))
    return (
        f"(cast({input_tokens} - {read} - {written} as hugeint) * p.input_rate"
        f" + cast({read} as hugeint) * p.cached_rate"
        f" + cast({written} - {hour} as hugeint) * p.write_rate"
        f" + cast({hour} as hugeint) * p.write_1h_rate"
        f" + cast({output_tokens} as hugeint) * p.output_rate)"
    )


def cost_sql() -> str:
    """SQL for the cost in USD of a call with the columns of ours, joined with a row `p` of `prices`."""
    return rounded_sql(units_sql())


def rounded_sql(units: str) -> str:
    """SQL that rounds a whole number of 1e-16 USD half-even to DECIMAL with nine decimals."""
    whole = f"({units} // {UNITS_A_NANO_USD})"
    twice = f"2 * ({units} - {whole} * {UNITS_A_NANO_USD})"
    tie = f"{twice} = {UNITS_A_NANO_USD}"
    up = f"case when {twice} > {UNITS_A_NANO_USD} or ({tie} and {whole} % 2 = 1) then 1 else 0 end"
    return f"try_cast(cast({whole} + {up} as decimal(38, 0)) * cast('0.000000001' as decimal(9, 9)) as decimal(18, 9))"
