"""Rows of a file of calls replaced: the file is written anew beside it, then put in its place, whole or not at all.

Tables `gone` and `completed` of `interchange.importers.convergence` name the calls that change; every other row
keeps its fields, its place and its columns, also those that are not ours. New calls stand behind.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from calls.file.engine_errors import reason_of
from calls.file.engine_paths import path_sql, reader_sql
from calls.file.header import Header, read_header
from calls.file.snapshot import Snapshot
from calls.reading.whole_lines import take_whole_lines
from calls.schema import TERMS_NOT_RECORDED
from calls.writing.projection import filled_columns
from calls.writing.store import overwrite_staged
from calls.writing.widening import lacking
from foundation.outcome import UserError
from foundation.sql_text import identifier, literal

ATTEMPTS = 5
"""Who appends meanwhile, such as a metering server, makes the file be read again."""


def replace_rows(
    connection: duckdb.DuckDBPyConnection, target: Path, staged: Path, workdir: Path
) -> tuple[str, ...]:
    """Puts a file without the calls of `gone` and with those of a staged CSV file in the place of `target`.

    Returns:
        The columns that were dropped: none, since a file that is written anew gets all that hold values.

    Raises:
        UserError: the file has lines that cannot be read, or others write to it all the time; it stays as it was.
    """
    copy = workdir / "anew.csv"
    for attempt in range(ATTEMPTS):
        seen = take_whole_lines(target, lambda seen, name: _write(connection, seen, name, staged, copy))
        try:
            overwrite_staged(target, copy, since=seen.status)
        except UserError:
            if attempt + 1 == ATTEMPTS or not _changed(target, seen):
                raise
            continue
        return ()
    return ()


def _changed(target: Path, seen: Snapshot) -> bool:
    status = target.stat()
    return (status.st_size, status.st_mtime_ns) != (seen.status.st_size, seen.status.st_mtime_ns)


def _write(
    connection: duckdb.DuckDBPyConnection, seen: Snapshot, name: str, staged: Path, copy: Path
) -> None:
    with staged.open("rb") as rows:
        header = read_header(rows.fileno(), staged.stat().st_size)
    added = lacking(seen.header, filled_columns(staged, header, seen.header))
    names = [*seen.header.names, *added]
    # On one thread the rows keep their order without being sorted.
    connection.execute("set threads = 1")
    try:
        connection.execute(
            f"copy (select * from ({_kept_sql(seen.header.names, added, name)} union all "
            f"{_new_sql(header, names, staged)})) to {path_sql(copy)} "
            "(format csv, header true, delimiter ',', quote '\"', escape '\"')"
        )
    except duckdb.OperationalError:  # of the disk or the memory, not of the lines
        raise
    except duckdb.Error as error:
        raise UserError(
            f"{seen.path} has calls that this import replaces or takes out, and lines that cannot be read "
            f"({reason_of(error)}); nothing was written. Mend these lines, or import into a new file with "
            "--out."
        ) from None


def _kept_sql(names: Sequence[str], added: Sequence[str], source: str) -> str:
    """SQL for the rows that stay, with the columns that the file gets."""
    places = {name: f"f{place}" for place, name in reversed(list(enumerate(names)))}
    typed = ", ".join(f"'f{place}': 'VARCHAR'" for place, _ in enumerate(names))
    rows = reader_sql(
        "read_csv",
        [source],
        f"auto_detect=false, header=true, delim=',', quote='\"', escape='\"', strict_mode=true, "
        f"compression='none', columns={{{typed}}}",
    )
    key = {
        **{
            name: f"coalesce({places.get(name, 'null')}, '')"
            for name in ("call_id", "request_id", "trace_id")
        },
        "started": f"instant(trim({places['timestamp']}))",
    }

    def same(alias: str) -> str:
        return " and ".join(f"{alias}.{name} = r.key_{name}" for name in key)

    keys = ", ".join(f"{sql} as key_{name}" for name, sql in key.items())
    columns = [_kept_column(name, f"r.f{place}") for place, name in enumerate(names)]
    columns += [literal(TERMS_NOT_RECORDED) if name == "cost_gap" else "null" for name in added]
    selected = ", ".join(
        f"{sql} as {identifier(name)}" for sql, name in zip(columns, [*names, *added], strict=True)
    )
    return f"""
        select {selected} from (select *, {keys} from {rows}) as r
        left join completed as c on {same("c")}
        where not exists (select 1 from gone as g where {same("g")})
    """


def _kept_column(name: str, field: str) -> str:
    given = {"cost_usd": "cast(c.cost_usd as varchar)", "cost_source": "'reported'", "cost_gap": "null"}
    field = f"nullif({field}, '')"
    return f"case when c.cost_usd is not null then {given[name]} else {field} end" if name in given else field


def _new_sql(header: Header, names: Sequence[str], staged: Path) -> str:
    """SQL for the rows of the staged file under the columns of the target."""
    typed = ", ".join(f"{identifier(name)}: 'VARCHAR'" for name in header.names)
    rows = reader_sql(
        "read_csv",
        [staged],
        f"auto_detect=false, header=true, delim=',', quote='\"', escape='\"', strict_mode=true, "
        f"compression='none', columns={{{typed}}}",
    )
    return f"select {', '.join(identifier(name) if name in header.names else 'null' for name in names)} from {rows}"
