"""The sums of an import's report: costs, unknown costs, models without a price, values."""

from decimal import Decimal

import duckdb

from interchange.importers.report import CostResult, Totals, UnpricedModel

WORDS_SHOWN = 10


def words(connection: duckdb.DuckDBPyConnection, label: str) -> dict[str, int]:
    """How many calls have which word where a value belongs, the most frequent first."""
    rows = connection.execute(f"""
        select {label}, count(*) from records join priced using (row_id) where {label} <> ''
        group by 1 order by 2 desc, 1 limit {WORDS_SHOWN}
    """).fetchall()
    return dict(rows)


def totals(connection: duckdb.DuckDBPyConnection) -> Totals:
    """Sums over the calls to be written."""
    row = connection.execute("""
        select count(*), count(*) filter (where status = 'error'),
            cast(coalesce(sum(input_tokens), 0) as bigint), cast(coalesce(sum(output_tokens), 0) as bigint),
            cast(coalesce(sum(cached_input_tokens), 0) as bigint),
            cast(coalesce(sum(cache_write_tokens), 0) as bigint),
            cast(coalesce(sum(reasoning_tokens), 0) as bigint)
        from priced
    """).fetchall()[0]
    return Totals(*row)


def cost(connection: duckdb.DuckDBPyConnection) -> CostResult:
    """Calls and dollars by where their cost comes from."""
    row = connection.execute("""
        select count(*) filter (where cost_source = 'reported'),
            coalesce(sum(cost_usd) filter (where cost_source = 'reported'), 0),
            count(*) filter (where cost_source = 'computed'),
            coalesce(sum(cost_usd) filter (where cost_source = 'computed'), 0),
            count(*) filter (where cost_source = 'partial'),
            coalesce(sum(cost_usd) filter (where cost_source = 'partial'), 0),
            count(*) filter (where cost_source = 'unknown')
        from priced
    """).fetchall()[0]
    zero = Decimal(0)
    return CostResult(
        reported_calls=row[0],
        reported_usd=row[1] or zero,
        computed_calls=row[2],
        computed_usd=row[3] or zero,
        partial_calls=row[4],
        partial_usd=row[5] or zero,
        unknown_calls=row[6],
    )


def unpriced(connection: duckdb.DuckDBPyConnection) -> tuple[UnpricedModel, ...]:
    """The models and terms without a price, those of most calls first."""
    rows = connection.execute("""
        select provider, model, cost_gap, count(*), cost_source = 'partial'
        from priced where cost_source in ('unknown', 'partial') group by all order by 4 desc, 1, 2, 3
    """).fetchall()
    return tuple(UnpricedModel(*row) for row in rows)
