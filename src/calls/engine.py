"""How calls are asked: `open_calls` gives one relation, `calls`, and one verb, `sql`."""

from collections import namedtuple
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from calls.schema import COLUMNS, Kind
from calls.source import Filters, Period, Source, Unpriced


class Calls:
    """Calls as an SQL relation.

    The relation `calls` has every column of `calls.schema` (a column the file lacks is NULL if a number, ''
    if a text; an empty text is '', never NULL) and two more in the reporting time zone: `local_hour`
    (TIMESTAMP, the hour) and `local_day` (DATE).
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        self._connection = connection
        self.source = source

    def sql(self, query: str, **values: Any) -> list[Any]:
        """The rows of `query` as named tuples. `$name` in the query takes the value given for it."""
        cursor = self._connection.execute(query, values or None)
        row = namedtuple("Row", [entry[0] for entry in cursor.description or ()])  # type: ignore[misc]
        return [row(*entry) for entry in cursor.fetchall()]


def open_calls(
    path: Path | str,
    *,
    since: str | None = None,
    until: str | None = None,
    where: Iterable[tuple[str, str]] = (),
    timezone: str = "UTC",
) -> Calls:
    """Loads the calls of a CSV file (first version: well-formed files, no filters)."""
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order=false; SET TimeZone='UTC'")
    header = Path(path).open().readline().strip().split(",")
    types = {column.name: column.kind.value for column in COLUMNS}
    spec = {name: types.get(name, "varchar") for name in header}
    selected = []
    for column in COLUMNS:
        if column.name not in header:
            selected.append(f"cast({'NULL' if column.kind is not Kind.TEXT else repr('')} as {column.kind}) as {column.name}")
        elif column.kind is Kind.TEXT:
            selected.append(f"coalesce({column.name}, '') as {column.name}")
        else:
            selected.append(column.name)
    connection.execute(
        f"create table accepted_calls as select {', '.join(selected)} from read_csv($path, auto_detect=false, header=true, "
        f"delim=',', quote='\"', escape='\"', columns={spec!r})",
        {"path": str(path)},
    )
    connection.execute(
        "create view calls as select *, date_trunc('hour', timestamp) as local_hour, "
        "cast(timestamp as date) as local_day from accepted_calls"
    )
    rows, first, last = connection.execute('select count(*), min("timestamp"), max("timestamp") from calls').fetchall()[0]
    unpriced = connection.execute(
        "select provider, model, count(*) from calls where cost_usd is null group by all order by 1, 2"
    ).fetchall()
    stat = Path(path).stat()
    source = Source(
        path=str(path), size_bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, fingerprint="", data_lines=rows,
        accepted=rows, used=rows, duplicates=0, period=Period(first, last, first.date(), last.date()),
        filters=Filters(since, until, tuple(where), timezone), columns=frozenset(header),
        unpriced=tuple(Unpriced(*entry) for entry in unpriced),
    )
    return Calls(connection, source)
