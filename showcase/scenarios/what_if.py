"""Writes the calls of a file as they would have been under a decision, so that both files can be compared.

A decision changes columns of some calls: another model at its price, another plan, another hour; or it takes
calls away. All else stays as it was, and so does how customers behave: what they would do differently is not in
the data.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from calls.engine import Calls
from calls.file.engine_paths import path_sql, reader_sql
from calls.file.spill import private_engine
from calls.schema import COLUMNS, Kind
from calls.writing.store import overwrite_staged, staging_folder
from foundation.sql_text import identifier
from interchange.importers import call_prices
from interchange.importers.naming import fill
from settings.pricing import Pricing

TEXT_OF_TIMESTAMP = "strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"


@dataclass(frozen=True)
class Move:
    """Work that goes to another model: all of it, or that of one `customer` or `feature`.

    `low` <= input tokens < `high` bounds the length of the calls. `share` is how much of the calls move,
    chosen by their id, so that the same calls move each time.
    """

    task: str
    provider: str
    model: str
    new_provider: str
    new_model: str
    low: int
    high: int
    share: Decimal = Decimal(1)
    customer: str | None = None
    feature: str | None = None


class WhatIf:
    """The calls of a file, to be changed and written. Each change says how many calls it touched."""

    def __init__(self, calls: Calls, pricing: Pricing) -> None:
        self._pricing = pricing
        self._connection = private_engine()
        self._connection.execute("set TimeZone='UTC'; set enable_progress_bar=false")
        with tempfile.TemporaryDirectory(prefix="what-if-") as folder:
            copied = Path(folder) / "calls.parquet"
            calls.write_parquet(copied)
            self._connection.execute(
                f"create table calls as select * from {reader_sql('read_parquet', [copied])}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def cost_usd(self) -> Decimal:
        """What all calls cost as they are now, as far as it is known."""
        return Decimal(self.sql("select coalesce(sum(cost_usd), 0) from calls")[0][0])

    def sql(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query over the calls as they are now."""
        return self._connection.execute(query, values or None).fetchall()

    def move(self, moves: Iterable[Move]) -> int:
        """Moves calls to other models and prices them there, at the rates of each call's own day.

        The answer is taken to be as long as it was. How long it would take is not known, so the latency is
        unknown afterwards. Calls whose new model has no rate on their day stay.
        """
        moves = list(moves)
        self._connection.execute(MOVES)
        fill(self._connection, "moves", ((number, *_row(move)) for number, move in enumerate(moves)))
        self._connection.execute(CHOSEN)
        priced = call_prices.register_rates(
            self._connection, self._pricing, "chosen as w", call_prices.column_of("w"), published=False
        )
        self._connection.execute(MOVED.format(cost=priced.usd, join=priced.join))
        return self._changed(APPLY_MOVED)

    def set_plan(self, customer: str, plan: str, monthly_usd: Decimal) -> int:
        """Puts a customer on another plan at its price, from its first call on."""
        return self._changed(
            "update calls set subscription_tier = $plan, tier_price_usd = $price where customer_id = $customer",
            plan=plan,
            price=monthly_usd,
            customer=customer,
        )

    def cap(self, customer: str, tokens_per_month: int) -> int:
        """Takes away a customer's calls beyond so many tokens in each 30-day block of the file's period."""
        return self._changed(CAP, customer=customer, tokens=tokens_per_month)

    def drop_feature(self, feature: str) -> int:
        """Takes a feature's calls away."""
        return self._changed("delete from calls where feature_id = $feature", feature=feature)

    def change(self, update: str, **values: Any) -> int:
        """Changes the table `calls` by an update or a delete of one's own."""
        return self._changed(update, **values)

    def write(self, target: Path) -> None:
        """Writes the calls, in order of time, in place of what stands at `target`."""
        target.parent.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(_printed(column.name, column.kind) for column in COLUMNS)
        with staging_folder(target) as folder:
            staged = folder / "calls.csv"
            self._connection.execute(
                f'copy (select {columns} from calls order by calls."timestamp", call_id) '
                f"to {path_sql(staged)} (format csv, header true, delimiter ',', quote '\"', escape '\"')"
            )
            overwrite_staged(target, staged)

    def _changed(self, update: str, **values: Any) -> int:
        rows = self._connection.execute(update, values or None).fetchall()
        return int(rows[0][0])


MOVES = """
create or replace table moves (
    number bigint, task varchar, provider varchar, model varchar, new_provider varchar, new_model varchar,
    low bigint, high bigint, permille bigint, customer varchar, feature varchar
)
"""
CHOSEN = """
create or replace view chosen as
select c.* exclude (provider, model), m.new_provider as provider, m.new_model as model
from calls as c join moves as m
    on c.task_type = m.task and c.provider = m.provider and c.model = m.model
    and c.input_tokens >= m.low and c.input_tokens < m.high
    and (m.customer = '' or c.customer_id = m.customer)
    and (m.feature = '' or c.feature_id = m.feature)
    and hash(c.call_id) % 1000 < m.permille
where c.cost_usd is not null
"""
MOVED = """
create or replace table moved as
select * from (
    select w.call_id, w."timestamp", w.provider, w.model, {cost} as cost from chosen as w join prices as p on {join}
) where cost is not null
"""
APPLY_MOVED = """
update calls set provider = moved.provider, model = moved.model, cost_usd = moved.cost, cost_source = 'computed',
                 latency_ms = null, time_to_first_token_ms = null
from moved where calls.call_id = moved.call_id and calls."timestamp" = moved."timestamp"
"""
CAP = """
delete from calls using (
    select call_id, "timestamp", sum(input_tokens + output_tokens) over (
        partition by (date_diff('day', first_day, cast("timestamp" as date)) // 30)
        order by "timestamp", call_id
    ) as used
    from calls, (select min(cast("timestamp" as date)) as first_day from calls) as period
    where customer_id = $customer
) as running
where calls.customer_id = $customer and calls.call_id = running.call_id
    and calls."timestamp" = running."timestamp" and running.used > $tokens
"""


def _row(move: Move) -> tuple[object, ...]:
    return (
        move.task,
        move.provider,
        move.model,
        move.new_provider,
        move.new_model,
        move.low,
        move.high,
        int(move.share * 1000),
        move.customer or "",
        move.feature or "",
    )


def _printed(name: str, kind: Kind) -> str:
    column = identifier(name)
    if kind is Kind.TIMESTAMP:
        return f"{TEXT_OF_TIMESTAMP.format(column=column)} as {column}"
    return f"nullif({column}, '') as {column}" if kind is Kind.TEXT else column
