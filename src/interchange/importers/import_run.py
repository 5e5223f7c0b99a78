"""One import: files in, calls appended to the CSV, and a report of what became of every record."""

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from calls.file.engine_errors import reason_of
from calls.file.locking import beside, exclusive
from calls.writing.store import append_staged, check_target, staging_folder
from foundation.outcome import NoUsableData, TooManyBadRows, UsageError, UserError
from interchange.importers import (
    assembly,
    convergence,
    counting_once,
    csv_rows,
    foreign_costs,
    inputs,
    published_rates,
    report_queries,
    token_semantics,
    unused_fields,
)
from interchange.importers.customers import load_customers
from interchange.importers.detection import UnknownFormat, choose
from interchange.importers.field_mapping import Format
from interchange.importers.formats import table
from interchange.importers.loading import Loading
from interchange.importers.mapping import ColumnMapping
from interchange.importers.naming import resolve
from interchange.importers.reading.containers import Container, Kind, as_lines, open_container
from interchange.importers.reading.flat_fields import columns_of, reached
from interchange.importers.reading.records import parquet_columns, parquet_sql
from interchange.importers.reading.text_encodings import UTF_8, is_utf8
from interchange.importers.report import FileResult, ImportReport, PassedOver
from interchange.importers.report_text import REASON_TEXT
from interchange.importers.rewriting import replace_rows
from interchange.importers.staging import workbench
from interchange.importers.unfolding import advice, with_records
from settings.currency_rates import Rates
from settings.pricing import Pricing


@dataclass(frozen=True)
class Order:
    """What to import, and how."""

    files: Sequence[str]
    target: Path
    pricing: Pricing
    format: str = "auto"
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    customers: str | None = None
    published_rates: bool = True
    dry_run: bool = False
    currency_rates: Rates | None = None
    encoding: str = UTF_8
    max_bad_rows: float = 1.0
    typed: Sequence[str] = ()
    """The flags that the user gave, for a command that goes on from there."""


@dataclass(frozen=True)
class _Source:
    container: Container
    format: Format


def run_import(order: Order) -> ImportReport:
    """Imports files; nothing is written unless all can be read.

    Raises:
        UsageError: a file of no known format, of totals instead of calls, or an impossible mapping.
        NoUsableData: a file is empty.
        TooManyBadRows: more records than allowed cannot be read.
    """
    # Beside the target, since /tmp may be small or in memory.
    folder = order.target.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; create it or name another file with --out.")
    if order.target.is_dir():
        raise UsageError(
            f"--out {order.target} is a folder; name a CSV file in it, such as {order.target / 'calls.csv'}."
        )
    check_target(order.target, append=True)
    with staging_folder(order.target) as workdir, workbench(workdir) as connection:
        try:
            return _imported(order, connection, workdir)
        except duckdb.OutOfMemoryException as error:
            raise UserError(
                f"The import into {order.target} takes more memory than an import has; nothing was written there. "
                "Split the files and import the parts one after the other: calls in several of them count once."
            ) from error
        except (duckdb.Error, OSError) as error:
            if isinstance(error, OSError) and error.filename:
                raise
            raise UserError(
                f"The import into {order.target} failed ({reason_of(error)}); nothing was written there."
            ) from error


def _imported(order: Order, connection: duckdb.DuckDBPyConnection, workdir: Path) -> ImportReport:
    load_customers(connection, order.customers)
    sources, passed_over = _sources(order, connection, workdir)
    foreign_costs.convert(connection, [source.container.name for source in sources], order.currency_rates)
    doubtful = any(source.format.provider_doubtful for source in sources)
    names = resolve(connection, order.pricing, doubtful=doubtful)
    token_semantics.decide(connection)
    assembly.make_ids(connection)
    by_time = [number for number, source in enumerate(sources) if source.format.ids_by_time]
    counting_once.make_tables(connection)
    nested = any(source.format.nested for source in sources) or "parent_id" in order.mapping.paths
    if nested:
        counting_once.drop_nested(connection)
    counting_once.drop_repeated(connection, by_time)
    counting_once.drop_same_answer(connection)
    with _alone(order):
        published = order.published_rates and published_rates.installed()
        assembly.price(connection, names, order.pricing, published=published)
        agents = any(source.format.of_agent for source in sources)
        found = convergence.converge(connection, order.target, by_time, agents=agents, nested=nested)
        report = replace(
            _report(order, connection, sources), convergence=found, passed_over=tuple(passed_over)
        )
        if order.dry_run or not (report.calls or found.rewrites):
            return report
        _refuse_bad(order, report, sources)
        return replace(report, lost_columns=_written(order, connection, workdir, found))


def _refuse_bad(order: Order, report: ImportReport, sources: Sequence[_Source]) -> None:
    """Refuses to import what is left of files that are mostly unreadable.

    Raises:
        TooManyBadRows: with the reasons, and the encoding where it is another one.
    """
    lost = sum(report.lost.values())
    if lost <= order.max_bad_rows * report.rows_read:
        return
    files = (source.container for source in sources)
    other = next((file.name for file in files if not is_utf8(file.path, file.compressed)), None)
    helps = (
        f"{other} is not in UTF-8: name its encoding, such as --encoding windows-1252, or save it as UTF-8."
        if other
        else "Correct the files, or allow it with --max-bad-rows 1."
    )
    reasons = ", ".join(f"{count:,} for {REASON_TEXT[reason]}" for reason, count in report.lost.items())
    raise TooManyBadRows(
        f"{lost:,} of {report.rows_read:,} records cannot be read ({reasons}), more than the "
        f"share of {order.max_bad_rows:g} that --max-bad-rows allows; nothing was written. {helps}"
    )


def _alone(order: Order) -> contextlib.AbstractContextManager[None]:
    """Lets one import at a time look at what the target holds and add to it, so that two add nothing twice."""
    return contextlib.nullcontext() if order.dry_run else exclusive(beside(order.target, ".import"))


def _sources(
    order: Order, connection: duckdb.DuckDBPyConnection, workdir: Path
) -> tuple[list[_Source], list[PassedOver]]:
    """Loads all files, and names those of folders that are no export.

    Raises:
        UsageError: a file that the user names is of no known format, or folders hold none of one.
    """
    sources: list[_Source] = []
    passed_over: list[PassedOver] = []
    for number, entry in enumerate(inputs.meant(order.files)):
        folder = workdir / str(number)
        folder.mkdir()
        try:
            source = _opened(order, connection, folder, entry.name)
        except (UsageError, NoUsableData) as error:
            if not entry.is_found:
                raise
            is_unknown = isinstance(error, UnknownFormat)
            reason = f"{entry.name} is not of a known format." if is_unknown else str(error)
            passed_over.append(PassedOver(entry.name, reason))
            shutil.rmtree(folder)  # a document of something else may be as large as the disk
            continue
        Loading(connection, source.format, order.mapping, len(sources), folder).load(source.container)
        sources.append(source)
    if not sources:
        raise UsageError(
            f"{', '.join(order.files)}: none of {len(passed_over):,} files is an export of a known format, "
            f"such as the first: {passed_over[0].reason}"
        )
    return sources, passed_over


def _opened(order: Order, connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> _Source:
    container = with_records(open_container(name, folder, order.encoding), order.mapping, folder)
    if container.kind in (Kind.JSON_DOCUMENT, Kind.JSON_PAGES):
        container = as_lines(container, folder)
    container = replace(container, sample=tuple(_sample(connection, container)))
    try:
        format_ = choose(container, container.sample, order.format, mapped=bool(order.mapping))
        _require_a_time(container, format_, order.mapping)
    except UnknownFormat as error:
        help_ = advice(container, order.mapping, order.typed)
        raise UnknownFormat(f"{error} {help_}".rstrip()) from None
    _require_time(container, format_, order.mapping)
    return _Source(container, format_)


def _require_a_time(container: Container, format_: Format, mapping: ColumnMapping) -> None:
    """Refuses a table of which neither its columns nor the mapping name a time.

    Raises:
        UnknownFormat: with the flag that names it.
    """
    named = "timestamp" in {**mapping.paths, **mapping.constants}
    if format_.name == table.FORMAT.name and not named and not reached(container.sample, ["timestamp"]):
        fields = ", ".join(list(columns_of(container.sample))[:12])
        raise UnknownFormat(
            f"{container.name} has no timestamp, and the mapping names none; name its field with "
            f"--map timestamp=FIELD, or one time for all with --set timestamp=TIME (its fields: {fields})."
        )


def _require_time(container: Container, format_: Format, mapping: ColumnMapping) -> None:
    """Refuses records without a time where the user names none.

    Raises:
        UsageError: with the flag that names it.
    """
    if format_.lacks_time and "timestamp" not in {**mapping.paths, **mapping.constants}:
        raise UsageError(
            f"{container.name} has {format_.lacks_time}; say when they ran with --set timestamp=TIME, such as "
            "--set timestamp=2026-08-05T10:00:00Z."
        )


def _sample(connection: duckdb.DuckDBPyConnection, container: Container) -> list[dict[str, object]]:
    if container.kind is not Kind.PARQUET:
        return list(container.sample)
    columns = parquet_columns(connection, container)
    places = ", ".join(f"f{place}" for place, _ in enumerate(columns))
    rows = connection.execute(f"select {places} from {parquet_sql(container, columns)} limit 20").fetchall()
    return [dict(zip((name for name, _ in columns), row, strict=True)) for row in rows]


def _written(
    order: Order, connection: duckdb.DuckDBPyConnection, workdir: Path, found: convergence.Convergence
) -> tuple[str, ...]:
    staged = workdir / "calls.csv"
    csv_rows.write_staged(connection, staged)
    if found.rewrites:
        return replace_rows(connection, order.target, staged, workdir)
    return append_staged(order.target, staged)


def _report(order: Order, connection: duckdb.DuckDBPyConnection, sources: list[_Source]) -> ImportReport:
    skipped = connection.execute("""
        select reason, cast(sum(records) as bigint) from (
            select skip as reason, count(*) as records from staged where skip <> '' group by all
            union all select reason, count(*) from dropped group by all
            union all select reason, records from left_out
        ) group by reason order by 2 desc, 1
    """).fetchall()
    per_file = dict(
        connection.execute("""
            select file, cast(sum(records) as bigint) from (
                select file, count(*) as records from staged group by file
                union all select file, records from left_out
            ) group by file
        """).fetchall()
    )
    calls = dict(connection.execute("select file, count(*) from priced group by file").fetchall())
    first, last = connection.execute('select min("timestamp"), max("timestamp") from priced').fetchall()[0]
    return ImportReport(
        target=str(order.target),
        written=not order.dry_run,
        files=tuple(
            FileResult(
                source.container.name,
                source.format.title,
                per_file.get(number, 0),
                calls.get(number, 0),
                source.format.remark,
            )
            for number, source in enumerate(sources)
        ),
        rows_read=sum(per_file.values()),
        skipped=dict(skipped),
        totals=report_queries.totals(connection),
        cost=report_queries.cost(connection),
        unpriced=report_queries.unpriced(connection),
        token_semantics=token_semantics.findings(connection),
        first=first,
        last=last,
        lost_columns=(),
        cost_words=report_queries.words(connection, "cost_word"),
        status_words=report_queries.words(connection, "status_word"),
        converted=foreign_costs.findings(connection),
        unused=tuple(
            unused_fields.look(connection, source.container, order.mapping)
            for source in sources
            if source.format.name == table.FORMAT.name
        ),
        timezone=order.mapping.timezone or "UTC",
        unzoned=report_queries.words(connection, "zone_doubt"),
    )
