"""How calls are opened: `open_calls` gives one relation, `calls`, and two verbs, `sql` for rows, `columns` for arrays.

Loading, checking and asking are kept apart: `calls.reading.loading` makes the table of accepted calls, this room
narrows it and says what it is, and a query sees only relations, so that another engine can stand behind the
same verbs: `calls.protocol` says what each must answer.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from calls import filters
from calls.duckdb_calls import DuckDBCalls
from calls.file.spill import private_engine
from calls.protocol import Calls
from calls.reading import customers_file
from calls.reading.applied_filters import refuse_unmet, with_applied_filters
from calls.reading.line_counts import line_counts_of
from calls.reading.loading import Loaded, load, nothing
from calls.reading.relation import make_relation
from calls.schema import COLUMNS, TERM_NAMES
from calls.selection import ALL_CALLS, Selection
from calls.source import Filters, Source
from foundation.outcome import TooManyBadRows, UsageError
from foundation.places import existing_file
from foundation.sql_text import identifier

__all__ = ["Calls", "DuckDBCalls", "check_memory", "connect", "open_calls", "refuse_bad"]


def open_calls(
    path: Path | str,
    selection: Selection = ALL_CALLS,
    *,
    use_enums: bool = False,
    on_scan_start: Callable[[], object] = nothing,
) -> DuckDBCalls:
    """Loads the calls of a CSV file; bad lines are kept aside and counted in `source`.

    Args:
        path: The file; a bare name that does not exist here is looked for under data/.
        selection: Which of its calls.
        use_enums: Let text columns of few values be of an ENUM type in `calls`: faster to group by, slower to read.
        on_scan_start: Starts what can be done while the file is read; called once, when its long scan begins.

    Raises:
        NoUsableData: the file is missing or empty, its header is unusable, or no call is left.
        UsageError: a filter that cannot be understood, or a file that cannot be read or fits no call.
        TooManyBadRows: the share of rejected lines is above `max_bad_rows`.
    """
    wanted = filters.wanted_filters(selection)
    conditions = filters.value_conditions(wanted.where)
    connection = connect(selection.memory_limit)
    file = existing_file(str(path))
    needed = customers_file.COLUMNS if wanted.customers else ()
    excluded_columns = frozenset(selection.excluded_columns).difference(needed)
    may_use_enums = use_enums and not (wanted.customers or wanted.where)
    loaded = load(
        connection,
        file,
        excluded_columns,
        allow_credits=selection.allow_credits,
        use_enums=may_use_enums,
        on_scan_start=on_scan_start,
    )
    source = _source_of(connection, loaded, wanted, selection.max_bad_rows)
    _narrow(connection, source, conditions)
    make_relation(
        connection=connection,
        table="used_calls",
        excluded_columns=loaded.excluded_columns,
        timezone=selection.timezone,
        late_after_ms=selection.late_after_ms,
        dated=loaded.load_statistics.dated,
    )

    def reopen(since: str, until: str) -> DuckDBCalls:
        return open_calls(file, selection.of_period(since, until), use_enums=use_enums)

    before = filters.period_before(wanted, source.period.first, source.period.last)
    used = replace(
        with_applied_filters(lambda query: connection.execute(query).fetchall(), source), period_before=before
    )
    return DuckDBCalls(
        connection, used, loaded.rejects, selection.late_after_ms, reopen, wide=loaded.load_statistics.wide
    )


def _source_of(
    connection: duckdb.DuckDBPyConnection, loaded: Loaded, wanted: Filters, max_bad_rows: float | None
) -> Source:
    """What was read, with the columns that the customers file fills in; refused where too many lines are bad."""
    source = line_counts_of(loaded).source(loaded.snapshot, wanted, torn_tail=loaded.torn_tail)
    refuse_bad(source, max_bad_rows)
    if not wanted.customers:
        return source
    filled = customers_file.fill_in(connection, Path(wanted.customers))
    return replace(source, columns=source.columns | filled)


def connect(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """An engine of its own, which goes to disk beyond `memory_limit`.

    Raises:
        UsageError: the limit is no size.
    """
    connection = private_engine()
    connection.execute(
        "set preserve_insertion_order=false; set TimeZone='UTC'; "
        "set autoinstall_known_extensions=false; set autoload_known_extensions=false; "
        "set enable_progress_bar=false"
    )
    if memory_limit:
        limit = check_memory(memory_limit)
        try:
            connection.execute(f"set memory_limit='{limit}'")
        except duckdb.Error as error:
            raise UsageError(
                f"--memory-limit {limit!r} is too large; write a size such as 500MB or 2GB."
            ) from error
    return connection


def check_memory(limit: str) -> str:
    """Refuses what is no size of memory.

    Raises:
        UsageError: naming how one is written.
    """
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", limit):
        raise UsageError(f"--memory-limit {limit!r} is not understood; write a size such as 500MB or 2GB.")
    return limit


def refuse_bad(source: Source, max_bad_rows: float | None) -> None:
    """Refuses a file with more rejected lines than allowed.

    Raises:
        TooManyBadRows: with their reasons.
    """
    bad = source.rejected | ({"torn_tail": 1} if source.torn_tail else {})
    lines = source.data_lines + source.torn_tail
    if max_bad_rows is None or sum(bad.values()) <= max_bad_rows * lines:
        return
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in bad.items())
    raise TooManyBadRows(
        f"{source.path}: {sum(bad.values()):,} of {lines:,} lines were rejected ({reasons}), "
        f"more than the share of {max_bad_rows:g} that --max-bad-rows allows.{_what_helps(bad)}"
    )


def _what_helps(bad: Mapping[str, int]) -> str:
    """What to do where most lines are lost for one reason."""
    if 2 * bad.get("encoding", 0) <= sum(bad.values()):
        return ""
    return (
        " They are not in UTF-8: `import_usage.py FILE --encoding windows-1252` reads a file of that encoding, "
        "or save it as UTF-8."
    )


def _narrow(
    connection: duckdb.DuckDBPyConnection, source: Source, conditions: list[filters.Condition]
) -> None:
    """Makes `used_calls` of the accepted calls that pass the filters."""
    conditions = conditions + filters.period_conditions(source.filters, source.period.last)
    if not conditions:
        connection.execute("alter table accepted_calls rename to used_calls")
        return
    values = {name: value for condition in conditions for name, value in condition.values.items()}
    passed = " and ".join(f"({condition.sql})" for condition in conditions)
    present = {row[0] for row in connection.execute("describe accepted_calls").fetchall()}
    lacking = (column for column in COLUMNS if column.name in TERM_NAMES and column.name not in present)
    empty = "".join(
        f", {column.kind.nothing} as {identifier(column.name)}"
        for column in lacking
        if identifier(column.name) in passed
    )
    connection.execute(
        f"create table used_calls as select * from (select *{empty} from accepted_calls) where {passed}",
        values,
    )
    if not connection.execute("select count(*) from used_calls").fetchall()[0][0]:
        refuse_unmet(lambda query: connection.execute(query).fetchall(), "accepted_calls", present, source)
    connection.execute("drop table accepted_calls")
