"""Fills unknown costs of a CSV of calls at the rates of the calls' own days."""

import os
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from calls.file.engine_paths import path_sql, reader_sql
from calls.file.snapshot import Snapshot
from calls.reading.whole_lines import take_whole_lines
from calls.writing.disk_errors import reason_of
from calls.writing.store import check_target, overwrite_staged, staging_folder
from foundation.outcome import Misuse, NoUsableData, Problem
from interchange.importers import published_rates
from interchange.importers.call_prices import ON_DAY, TABLE, cost_sql, register
from interchange.importers.staging import workbench
from interchange.sql_text import identifier, literal
from settings.pricing import Pricing


@dataclass(frozen=True)
class Change:
    """What repricing does to the calls of one model; calls that stay unknown have no rate on their day."""

    provider: str
    model: str
    calls: int
    filled: int
    before_usd: Decimal
    after_usd: Decimal
    still_unknown: int


@dataclass(frozen=True)
class Repricing:
    """What repricing a file does, by model."""

    changes: tuple[Change, ...]
    written: bool
    torn_tail: bool = False
    """Whether the file ends within a line, which is then no call: it is moved aside where the file is written."""

    @property
    def filled(self) -> int:
        """Calls whose cost was unknown, or computed before, and is now computed."""
        return sum(change.filled for change in self.changes)

    @property
    def still_unknown(self) -> int:
        """Calls without a rate."""
        return sum(change.still_unknown for change in self.changes)

    @property
    def added_usd(self) -> Decimal:
        """Dollars added to the known cost."""
        return sum((change.after_usd - change.before_usd for change in self.changes), Decimal(0))


def reprice(path: Path, pricing: Pricing, *, computed_too: bool = False, dry_run: bool = False) -> Repricing:
    """Prices the calls of unknown cost; with `computed_too` also those priced before. Reported costs stay.

    Raises:
        Misuse: the file is not a CSV of calls, or has lines that cannot be read.
        NoUsableData: nothing is in the file.
        Problem: the file was written to meanwhile.
    """
    if not path.exists():
        raise Misuse(f"There is no file {path}; import_usage.py makes one.")
    try:
        check_target(path, append=True)
    except (Misuse, NoUsableData) as error:
        raise Misuse(f"{path} is not a CSV of calls; import_usage.py makes one.") from error
    with staging_folder(path) as workdir, workbench(workdir) as connection:
        seen = take_whole_lines(
            path, lambda seen, name: _load(connection, seen, name, computed_too=computed_too)
        )
        _price(connection, pricing)
        result = Repricing(_changes(connection), written=not dry_run, torn_tail=seen.torn_tail)
        if result.filled and not dry_run:
            _replace(connection, path, workdir, seen.status)
    return result


def _replace(
    connection: duckdb.DuckDBPyConnection, path: Path, workdir: Path, before: os.stat_result
) -> None:
    """Puts the repriced rows in the place of the file, unless others wrote to it since it was read."""
    staged = workdir / "calls.csv"
    try:
        _write(connection, staged)
    except duckdb.IOException as error:
        raise Problem(f"{path} could not be repriced: {reason_of(error)}; it stays as it was.") from error
    overwrite_staged(path, staged, since=before)


def _load(connection: duckdb.DuckDBPyConnection, seen: Snapshot, name: str, *, computed_too: bool) -> None:
    """Makes the table `file_rows` of the whole lines of a file, which the engine reads under `name`."""
    columns = seen.header.names
    typed = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    computed = "cost_source = 'computed'" if computed_too and "cost_source" in columns else "false"
    optional = {
        column: f"count_of({column})" if column in columns else "cast(null as bigint)"
        for column in ("cached_input_tokens", "cache_write_tokens")
    }
    lines = reader_sql(
        "read_csv",
        [name],
        f"auto_detect=false, header=true, delim=',', quote='\"', escape='\"', columns={{{typed}}}",
    )
    try:
        connection.execute(f"""
            create or replace table file_rows as
            select *, coalesce(trim(cost_usd), '') = '' or {computed} as wanted,
                instant(trim("timestamp")) as started, count_of(trim(input_tokens)) as in_tokens,
                count_of(trim(output_tokens)) as out_tokens, {optional["cached_input_tokens"]} as read_tokens,
                {optional["cache_write_tokens"]} as written_tokens
            from {lines}
        """)
    except duckdb.Error as error:
        raise Misuse(
            f"{seen.path} has lines that cannot be read ({str(error).splitlines()[0]}); mend them first."
        ) from None
    connection.execute(
        f"create or replace table header as select unnest([{', '.join(map(literal, columns))}]) as name"
    )


def _price(connection: duckdb.DuckDBPyConnection, pricing: Pricing) -> None:
    connection.execute(TABLE)
    pairs = connection.execute(
        "select distinct coalesce(provider, ''), coalesce(model, '') from file_rows where wanted order by all"
    ).fetchall()
    register(connection, pricing.price_rows(pairs), "pricing.toml")
    connection.execute("""
        create view wanted_calls as select rowid as row_id, coalesce(provider, '') as provider,
            coalesce(model, '') as model, started as "timestamp", in_tokens as input_tokens,
            out_tokens as output_tokens, read_tokens as cached_input_tokens, written_tokens as cache_write_tokens
        from file_rows where wanted
    """)
    if published_rates.installed():
        open_days = connection.execute(f"""
            select distinct provider, model, provider, model, cast("timestamp" as date) from wanted_calls as w
            where w."timestamp" is not null and w.model <> ''
                and not exists (select 1 from prices as p where {ON_DAY.format(calls="w")}) order by all
        """).fetchall()
        register(connection, published_rates.rows(open_days), "genai-prices")
    connection.execute(f"""
        create table found as select w.row_id, {cost_sql()} as cost
        from wanted_calls as w join prices as p on {ON_DAY.format(calls="w")}
    """)


def _changes(connection: duckdb.DuckDBPyConnection) -> tuple[Change, ...]:
    rows = connection.execute("""
        select coalesce(r.provider, ''), coalesce(r.model, ''), count(*), count(f.cost),
            cast(coalesce(sum(money_of(trim(r.cost_usd))), 0) as decimal(38, 9)),
            cast(coalesce(sum(coalesce(f.cost, money_of(trim(r.cost_usd)))), 0) as decimal(38, 9)),
            count(*) filter (where f.cost is null and money_of(trim(r.cost_usd)) is null)
        from file_rows as r left join found as f on r.rowid = f.row_id
        where r.wanted group by 1, 2 order by 6 desc, 1, 2
    """).fetchall()
    return tuple(Change(*row) for row in rows)


def _write(connection: duckdb.DuckDBPyConnection, staged: Path) -> None:
    header = [row[0] for row in connection.execute("select name from header").fetchall()]
    columns = ", ".join(_column(name) for name in header)
    connection.execute(
        f"copy (select {columns} from file_rows as r left join found as f on r.rowid = f.row_id order by r.rowid) "
        f"to {path_sql(staged)} (format csv, header true, delimiter ',', quote '\"', escape '\"')"
    )


def _column(name: str) -> str:
    column = f"r.{identifier(name)}"
    if name == "cost_usd":
        return f"coalesce(cast(f.cost as varchar), {column}) as cost_usd"
    if name == "cost_source":
        return f"case when f.cost is not null then 'computed' else nullif({column}, '') end as cost_source"
    return f"nullif({column}, '') as {identifier(name)}"
