"""What `reprice.py` does: fills unknown costs at the rates of the calls' own days; `--computed` prices again."""

import os
from collections.abc import Set
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from calls.file.engine_errors import reason_of
from calls.file.engine_paths import path_sql, reader_sql
from calls.file.snapshot import Snapshot
from calls.reading.whole_lines import take_whole_lines
from calls.schema import COLUMNS, TERM_NAMES, TERMS_NOT_RECORDED, Column, Kind
from calls.writing.store import check_target, overwrite_staged, staging_folder
from foundation.outcome import NoUsableData, UsageError, UserError
from foundation.sql_text import identifier, literal
from interchange.importers import published_rates
from interchange.importers.call_prices import column_of, register_rates
from interchange.importers.staging import workbench
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
    kept: int
    """Calls that were computed before and have no rate now: their cost stays."""
    gaps: tuple[str, ...]
    """The terms without a rate, as `cost_gap` names them."""


@dataclass(frozen=True)
class Repricing:
    """What repricing a file does, by model."""

    changes: tuple[Change, ...]
    written: bool
    torn_tail: bool = False
    """Whether the file ends within a line, which is then no call: it is moved aside where the file is written."""
    passed_over: int = 0
    """Computed calls of which the file does not say their terms: they are not priced anew."""
    assumed_standard: int = 0
    """Calls that are priced at standard rates since the file does not say their terms."""

    @property
    def filled(self) -> int:
        """Calls whose cost was unknown, or computed before, and is now computed."""
        return sum(change.filled for change in self.changes)

    @property
    def still_unknown(self) -> int:
        """Calls without a rate."""
        return sum(change.still_unknown for change in self.changes)

    @property
    def kept(self) -> int:
        """Calls that were computed before and have no rate now: their cost stays."""
        return sum(change.kept for change in self.changes)

    @property
    def added_usd(self) -> Decimal:
        """Dollars added to the known cost."""
        return sum((change.after_usd - change.before_usd for change in self.changes), Decimal(0))


def reprice(
    path: Path,
    pricing: Pricing,
    *,
    computed_too: bool = False,
    assume_standard: bool = False,
    dry_run: bool = False,
) -> Repricing:
    """Prices the calls of unknown cost; with `computed_too` also those priced before. Reported costs stay.

    A lower bound is priced again as soon as nothing lacks a rate.

    A computed call of which the file does not say its terms (tier, speed, lifetime of cache writes) may have been
    priced by them: it stays as it is unless `assume_standard`.

    Raises:
        UsageError: the file is not a CSV of calls, or has lines that cannot be read.
        NoUsableData: nothing is in the file.
        UserError: the file was written to meanwhile.
    """
    if not path.exists():
        raise UsageError(f"There is no file {path}; import_usage.py makes one.")
    try:
        check_target(path, append=True)
    except (UsageError, NoUsableData) as error:
        raise UsageError(f"{path} is not a CSV of calls; import_usage.py makes one.") from error
    try:
        return _repriced(
            path, pricing, computed_too=computed_too, assume_standard=assume_standard, dry_run=dry_run
        )
    except duckdb.OperationalError as error:
        raise UserError(f"{path} could not be repriced: {reason_of(error)}; it stays as it was.") from error


def _repriced(
    path: Path, pricing: Pricing, *, computed_too: bool, assume_standard: bool, dry_run: bool
) -> Repricing:
    with staging_folder(path) as workdir, workbench(workdir) as connection:
        seen = take_whole_lines(
            path,
            lambda seen, name: _load(
                connection, seen, name, computed_too=computed_too, assume_standard=assume_standard
            ),
        )
        _price(connection, pricing, computed_too=computed_too)
        passed_over, assumed = _without_terms(connection)
        result = Repricing(
            _changes(connection),
            written=not dry_run,
            torn_tail=seen.torn_tail,
            passed_over=passed_over,
            assumed_standard=assumed,
        )
        if result.filled and not dry_run:
            _replace(connection, path, workdir, seen.status)
    return result


def _replace(
    connection: duckdb.DuckDBPyConnection, path: Path, workdir: Path, before: os.stat_result
) -> None:
    """Puts the repriced rows in the place of the file, unless others wrote to it since it was read."""
    staged = workdir / "calls.csv"
    _write(connection, staged)
    overwrite_staged(path, staged, since=before)


def _load(
    connection: duckdb.DuckDBPyConnection,
    seen: Snapshot,
    name: str,
    *,
    computed_too: bool,
    assume_standard: bool,
) -> None:
    """Makes the table `file_rows` of the whole lines of a file, which the engine reads under `name`."""
    columns = seen.header.names
    typed = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    priced_here = "coalesce(cost_source, '') in ('computed', 'partial')"
    computed = priced_here if computed_too and "cost_source" in columns else "false"
    bound = "coalesce(cost_source, '') = 'partial'" if "cost_source" in columns else "false"
    recorded = set(TERM_NAMES) <= set(columns)
    has_terms = f"coalesce(cost_gap, '') <> '{TERMS_NOT_RECORDED}'" if recorded else "false"
    lines = reader_sql(
        "read_csv",
        [name],
        f"auto_detect=false, header=true, delim=',', quote='\"', escape='\"', columns={{{typed}}}",
    )
    try:
        connection.execute(f"""
            create or replace table file_rows as
            select *, is_unknown or (({computed} or is_bound) and known) as wanted,
                {computed} and not is_unknown and not known as passed_over
            from (
                select *, coalesce(trim(cost_usd), '') = '' as is_unknown, {bound} as is_bound,
                    {has_terms} as has_terms, {has_terms} or {assume_standard} as known
                from {lines}
            )
        """)
    except duckdb.OperationalError:  # of the disk or the memory, not of the lines
        raise
    except duckdb.Error as error:
        raise UsageError(
            f"{seen.path} has lines that cannot be read ({reason_of(error)}); mend them first."
        ) from None
    connection.execute(
        f"create or replace table header as select unnest([{', '.join(map(literal, columns))}]) as name"
    )


def _price(connection: duckdb.DuckDBPyConnection, pricing: Pricing, *, computed_too: bool) -> None:
    """Makes the table `found`: what each wanted call costs, where it comes from and what has no rate.

    Unless computed costs are priced again, what stays a lower bound keeps the one that it has.
    """
    columns = {row[0] for row in connection.execute("select name from header").fetchall()}
    typed = ", ".join(f"{_typed(column, columns)} as {identifier(column.name)}" for column in COLUMNS)
    connection.execute(
        f"create view wanted_calls as select rowid as row_id, is_bound, {typed} from file_rows where wanted"
    )
    sql = register_rates(
        connection, pricing, "wanted_calls as w", column_of("w"), published=published_rates.installed()
    )
    cost = sql.usd if computed_too else f"case when not w.is_bound or {sql.gap} = '' then {sql.usd} end"
    connection.execute(f"""
        create table found as select row_id, cost, gap, {sql.source("cost", "gap")} as source from (
            select w.row_id, {cost} as cost, coalesce({sql.gap}, '') as gap
            from wanted_calls as w left join prices as p on {sql.join}
        )
    """)


def _typed(column: Column, present: Set[str]) -> str:
    """A column of the file, which is text, as what it is; what cannot be read is unknown."""
    if column.name not in present:
        return column.kind.nothing
    text = f"trim({identifier(column.name)})"
    readers = {
        Kind.TEXT: f"coalesce({text}, '')",
        Kind.COUNT: f"count_of({text})",
        Kind.DECIMAL: f"money_of({text})",
        Kind.TIMESTAMP: f"instant({text})",
    }
    return readers[column.kind]


def _changes(connection: duckdb.DuckDBPyConnection) -> tuple[Change, ...]:
    rows = connection.execute("""
        select coalesce(r.provider, ''), coalesce(r.model, ''), count(*), count(f.cost),
            cast(coalesce(sum(money_of(trim(r.cost_usd))), 0) as decimal(38, 9)),
            cast(coalesce(sum(coalesce(f.cost, money_of(trim(r.cost_usd)))), 0) as decimal(38, 9)),
            count(*) filter (where f.cost is null and money_of(trim(r.cost_usd)) is null),
            count(*) filter (where f.cost is null and money_of(trim(r.cost_usd)) is not null),
            coalesce(list_sort(list(distinct f.gap) filter (where f.gap <> '')), [])
        from file_rows as r left join found as f on r.rowid = f.row_id
        where r.wanted group by 1, 2 order by 6 desc, 1, 2
    """).fetchall()
    return tuple(Change(*(*row[:-1], tuple(row[-1]))) for row in rows)


def _without_terms(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many computed calls are passed over, and how many are priced as standard ones, for want of terms."""
    row = connection.execute("""
        select count(*) filter (where r.passed_over), count(*) filter (where f.cost is not null and not r.has_terms)
        from file_rows as r left join found as f on r.rowid = f.row_id
    """).fetchall()[0]
    return int(row[0]), int(row[1])


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
        return f"case when f.cost is not null then f.source else nullif({column}, '') end as cost_source"
    if name == "cost_gap":
        found = "f.cost is not null or (f.row_id is not null and coalesce(trim(r.cost_usd), '') = '')"
        return f"case when {found} then nullif(f.gap, '') else nullif({column}, '') end as cost_gap"
    return f"nullif({column}, '') as {identifier(name)}"
