"""Writes the FOCUS export, 1.2 to 1.4, of the FinOps Open Cost and Usage Specification.

What the file guarantees: the sum of BilledCost is the sum of the calls' known costs, the sum of
ConsumedQuantity the sum of their tokens, and the sum of x_CallCount their number, all exactly. A call of
unknown cost has no dollars in it, and its charge says so; a model without list price has no unit prices.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from calls.engine import Calls
from foundation.sql_text import identifier
from interchange.exporters.engine_copy import write_rows
from interchange.exporters.focus_charges import charges_sql
from interchange.exporters.focus_columns import ORDER, printed_sql, typed_sql
from interchange.exporters.focus_price_list import FURTHER, PriceList, price_list
from interchange.exporters.focus_versions import VERSIONS, columns_of
from settings.model import Settings
from settings.terms import Terms

_FROM = f"""
    from (
        select * from charges join sellers using (provider, model) order by {ORDER}
    ) as c
"""


@dataclass(frozen=True)
class UnlistedModel:
    """Calls of known cost without a list price on their day: their charges have a cost but no unit price."""

    provider: str
    model: str
    calls: int
    cost_usd: Decimal


def write_focus(
    calls: Calls,
    path: Path,
    settings: Settings,
    *,
    parquet: bool,
    period: str = "hour",
    version: str = VERSIONS[0],
) -> tuple[UnlistedModel, ...]:
    """Writes the charges as CSV (UTF-8, LF, a null is an empty field) or as typed Parquet.

    A charge covers a `period`: an hour or a day, in UTC. `version` is one of `focus_versions.VERSIONS`.

    Returns:
        The models that have calls of known cost without a list price.
    """
    prices = _prices(calls, settings)
    printed = typed_sql if parquet else printed_sql
    selected = ", ".join(
        f"{printed(column, period)} as {identifier(column.name)}" for column in columns_of(version)
    )
    options = (
        "format parquet, compression zstd"
        if parquet
        else "format csv, header true, delimiter ',', quote '\"', escape '\"', new_line '\\n'"
    )
    charges = charges_sql(prices, f"select {selected} {_FROM}", period)
    write_rows(calls, charges, path, options)
    return _unlisted(calls, prices)


def _prices(calls: Calls, settings: Settings) -> PriceList:
    named = "provider, model, service_tier, speed, inference_geo"
    tests = ", ".join(f"bool_or(coalesce({meter.column}, 0) > 0) as {meter.name}" for meter in FURTHER)
    [used] = calls.sql(f"select {tests} from calls")
    further = [meter.name for meter in FURTHER if getattr(used, meter.name)]
    terms = [Terms(*row) for row in calls.sql(f"select distinct {named} from calls")]
    return price_list(terms, settings, further)


def _unlisted(calls: Calls, prices: PriceList) -> tuple[UnlistedModel, ...]:
    query = (
        "select provider, model, cast(sum(calls) as bigint) as calls, sum(cast(cost_nano as decimal(29,0))) * "
        "cast('0.000000001' as decimal(9,9)) as cost_usd from usage where rate_id is null and not unknown_cost "
        "and category = 'Usage' "
        "group by provider, model order by cost_usd desc, provider, model"
    )
    return tuple(UnlistedModel(*row) for row in calls.sql(charges_sql(prices, query)))
