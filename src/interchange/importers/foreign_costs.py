"""Costs that are not in dollars: converted by the user's rates, day by day, or refused with the flag that names these.

A cost is multiplied as it is written and rounded once. Where no rate holds on its day, the cost of a call is unknown: a
price of its tokens would be another number than the one its source knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from foundation.outcome import UsageError
from foundation.sql_text import literal
from interchange.importers.naming import fill
from settings.currency_codes import CODES
from settings.currency_rates import FLAG, Rates

GAP = "exchange_rate"
"""What `cost_gap` names where a cost cannot be converted, with the currency behind an equals sign."""
UNSAID = "?"
"""The currency of a cost that names none in a file of others."""
_FOREIGN = "skip = '' and cost <> 0 and currency not in ('', 'USD')"
_TABLE = """
    create table converted as
    select r.row_id, r.currency, r.cost as amount,
        round_even(try_cast(r.foreign_cost as decimal(28, 14)) * f.usd, 9) as usd
    from staged_records as r
    left join exchange as f on r.currency = f.currency and cast(r."timestamp" as date) = f.day
    where r.skip = '' and r.cost <> 0 and r.currency <> 'USD' and (r.currency <> '' or r.file in ({files}))
"""
"""Fourteen decimals of an amount and sixteen of a rate are thirty of dollars, which leaves eight digits before them."""
_VIEW = f"""
    create or replace view records as
    select r.* replace (
        case when c.row_id is null then r.cost else cast(c.usd as decimal(18,9)) end as cost,
        case when c.usd is null and c.row_id is not null then '{GAP}=' || coalesce(nullif(c.currency, ''), '{UNSAID}')
            else r.cost_gap end as cost_gap
    )
    from staged_records as r left join converted as c on r.row_id = c.row_id
"""


@dataclass(frozen=True)
class Converted:
    """The costs of one currency: what they sum to in it and in dollars, and how many could not be converted."""

    currency: str
    calls: int
    amount: Decimal
    usd: Decimal
    unknown_calls: int
    first_unknown_day: date | None


def convert(connection: duckdb.DuckDBPyConnection, names: Sequence[str], rates: Rates | None) -> None:
    """Lets view `records` show dollars, and makes table `converted`; nothing where all costs are in dollars.

    Args:
        connection: has the records.
        names: the files, in their order.
        rates: the user's, if there are any.

    Raises:
        UsageError: costs are not in dollars, and there are no rates.
    """
    found = connection.execute(f"""
        select file, currency, cast("timestamp" as date) from records where {_FOREIGN} group by all order by all
    """).fetchall()
    if not found:
        return
    if rates is None:
        file, currency, _ = found[0]
        raise UsageError(_refusal(names[file], currency))
    days = {(currency, day): rates.usd_for_one(currency, day) for _, currency, day in found}
    connection.execute("create table exchange (currency varchar, day date, usd decimal(24, 16))")
    fill(connection, "exchange", [(*key, usd) for key, usd in days.items() if usd is not None])
    files = sorted({file for file, _, _ in found})
    connection.execute(_TABLE.format(files=", ".join(map(str, files))))
    connection.execute(_VIEW)


def _refusal(name: str, currency: str) -> str:
    if currency not in CODES:
        return (
            f"{name} gives costs in {currency}, which is no currency of ISO 4217; name its column with "
            "--map currency=FIELD, or say what they are in with --set currency=USD."
        )
    return (
        f"{name} gives costs in {currency}; say what a unit of it is in dollars with {FLAG} FILE "
        f"(columns date, currency, usd), or, if they are in dollars, --set currency=USD."
    )


def findings(connection: duckdb.DuckDBPyConnection) -> tuple[Converted, ...]:
    """What was converted of the calls to be written, by currency; needs `priced`."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'converted'").fetchone():
        return ()
    rows = connection.execute(f"""
        select coalesce(nullif(c.currency, ''), {literal(UNSAID)}), count(*), cast(sum(amount) as decimal(38, 9)),
            cast(coalesce(sum(usd), 0) as decimal(38, 9)), count(*) filter (where usd is null),
            min(cast(p."timestamp" as date)) filter (where usd is null)
        from converted as c join priced as p using (row_id) group by 1 order by 1
    """).fetchall()
    return tuple(Converted(*row) for row in rows)
