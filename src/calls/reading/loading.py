"""From a CSV file to the table of accepted calls: one typed scan; a check line by line where that scan refuses it."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import duckdb

from calls.file.byte_signs import ByteSigns, byte_signs
from calls.file.engine_paths import reader_sql
from calls.file.snapshot import Snapshot, copied, readable_name, snapshot
from calls.reading.bad_lines import RECORD_BYTES_LIMIT, reject_bad_lines
from calls.reading.duplicates import drop_repeated, has_shared_ids
from calls.reading.load_statistics import LoadStatistics, load_statistics
from calls.reading.rejects import Rejects
from calls.reading.vocabulary import KnownType, known_types
from calls.schema import COLUMN_BY_NAME, COLUMNS, TERM_NAMES, Column, Kind
from calls.values import CATEGORY, category_refused_sql, plain_sql, rounded_sql, typed_sql
from foundation.outcome import UserError
from foundation.sql_text import identifier

ATTEMPTS = 8
LINE_BYTES_LIMIT = 65_536
_NO_TEXT_IS_NULL = os.urandom(16).hex()
"""A scan must know some text as NULL: one that no file can hold but by chance."""


@dataclass(frozen=True)
class Loaded:
    """What became of the lines of a file; the accepted ones are in the table `accepted_calls`.

    `load_statistics` describe these; `duplicates` are further good lines, which repeat an accepted one.
    `excluded_columns` were not loaded.
    """

    snapshot: Snapshot
    load_statistics: LoadStatistics
    duplicates: int
    shared_ids: int
    rounded: int
    rejects: Rejects
    torn_tail: bool
    excluded_columns: frozenset[str]


@dataclass(frozen=True)
class Options:
    """How a file is loaded.

    `excluded_columns` are columns that nobody asks for, `types` the ENUM types of text columns whose values are known;
    another value there costs per second scan. With `one_line` no field may hold a line end: two stray quotes
    swallow the lines between them.
    """

    excluded_columns: frozenset[str] = frozenset()
    allow_credits: bool = False
    types: Mapping[str, KnownType] = field(default_factory=dict)
    one_line: bool = False


def nothing() -> None:
    """What is done at the start of the scan where nobody asks for anything."""


def load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    excluded_columns: frozenset[str],
    *,
    allow_credits: bool,
    use_enums: bool = False,
    on_scan_start: Callable[[], object] = nothing,
) -> Loaded:
    """Makes the table `accepted_calls` from one version of a file, even where the file changes during the scan.

    With `use_enums` text columns of few values may be of an ENUM type; `on_scan_start` is called once, when the long
    scan begins.

    Raises:
        NoUsableData: the file is missing or empty, or its header cannot be used.
        UserError: the file was rewritten again and again while it was read.
    """
    options = Options(excluded_columns, allow_credits)
    for attempt in range(ATTEMPTS):
        with snapshot(path) as seen:
            with ThreadPoolExecutor(1) as beside:
                looking = beside.submit(byte_signs, seen.file.fileno(), 0, seen.size)
                if use_enums and not options.types:
                    options = replace(options, types=known_types(connection, seen))
                signs = looking.result()
            if not attempt:
                on_scan_start()
            loaded = None if seen.torn_tail else load_file(connection, seen, seen.file, options, signs)
            if loaded and seen.unchanged():
                return loaded
            if seen.extended():
                with copied(seen.file, seen.size) as copy:
                    loaded = load_file(connection, seen, copy, options) if seen.extended() else None
                if loaded:
                    return loaded
    raise UserError(f"{path} is being rewritten all the time; try again when its writer has ended.")


def load_file(
    connection: duckdb.DuckDBPyConnection,
    seen: Snapshot,
    file: IO[bytes],
    options: Options,
    signs: ByteSigns | None = None,
) -> Loaded | None:
    """Makes `accepted_calls` of `file`, which is the snapshot's own or a copy; None if its own changed during the scan.

    The signs are those of its lines, found here where they are not given.

    Raises:
        UserError: there is not enough memory.
    """
    plain = replace(options, types={})
    signs = signs or byte_signs(file.fileno(), 0, seen.size)
    if not signs.nul:
        for tried in (options, plain) if options.types else (plain,):
            wary = replace(tried, one_line=signs.quotes > 0)
            if _typed_load(connection, seen, file, wary, LINE_BYTES_LIMIT):
                return _finished(
                    connection=connection,
                    seen=seen,
                    file=file,
                    options=plain,
                    rejects=Rejects(),
                    rounded=0,
                    torn=False,
                )
    options = plain
    if file is seen.file and not seen.unchanged():
        return None
    with TemporaryFile() as clean:
        file.seek(0)
        found = reject_bad_lines(file, seen.header, seen.size, clean, allow_credits=options.allow_credits)  # type: ignore[arg-type]
        clean.flush()
        if not _typed_load(connection, seen, clean, options, 4 * RECORD_BYTES_LIMIT):
            raise UserError(
                f"{seen.path}: the lines that look good could not be read; please report this file."
            )
        return _finished(
            connection=connection,
            seen=seen,
            file=clean,
            options=options,
            rejects=found.rejects,
            rounded=found.rounded,
            torn=found.torn_tail,
        )


def _finished(
    connection: duckdb.DuckDBPyConnection,
    seen: Snapshot,
    file: IO[bytes],
    options: Options,
    rejects: Rejects,
    rounded: int,
    *,
    torn: bool,
) -> Loaded:
    with ThreadPoolExecutor(1) as beside:
        sharing = beside.submit(has_shared_ids, connection.cursor())
        good = accepted = load_statistics(connection)
    excluded_columns = options.excluded_columns
    duplicates = shared_ids = 0
    if sharing.result():
        if excluded_columns:
            excluded_columns = frozenset()
            everything = Options(excluded_columns, options.allow_credits)
            _typed_load(connection, seen, file, everything, 4 * RECORD_BYTES_LIMIT)
        duplicates, shared_ids = drop_repeated(connection)
        accepted = load_statistics(connection)
    all_rounded = rounded + good.rounded
    torn |= seen.torn_tail
    return Loaded(
        snapshot=seen,
        load_statistics=accepted,
        duplicates=duplicates,
        shared_ids=shared_ids,
        rounded=all_rounded,
        rejects=rejects,
        torn_tail=torn,
        excluded_columns=excluded_columns,
    )


def _typed_load(
    connection: duckdb.DuckDBPyConnection, seen: Snapshot, file: IO[bytes], options: Options, longest: int
) -> bool:
    """Loads a file whose lines are all good; False if one is not."""
    try:
        connection.execute(_load_sql(seen.header.names, readable_name(file), options, longest))
    except duckdb.OutOfMemoryException as error:
        raise UserError(
            f"{seen.path}: not enough memory for these calls; narrow them or raise --memory-limit."
        ) from error
    except duckdb.Error:  # the scan has many ways to refuse a line
        return False
    return True


def _loaded_names(names: tuple[str, ...], options: Options) -> list[str]:
    return [name for name in names if name in COLUMN_BY_NAME and name not in options.excluded_columns]


def _load_sql(names: tuple[str, ...], source: str, options: Options, longest: int) -> str:
    columns = ", ".join(f"{identifier(name)}: 'varchar'" for name in _scan_names(names))
    plain = "".join(
        f", {plain_sql(name, allow_credits=_negative(names, options))} as plain_{name}"
        for name in _loaded_names(names, options)
        if COLUMN_BY_NAME[name].kind is not Kind.TEXT
    )
    # The engine keeps a column of nothing in memory like any other: terms that the file lacks are left to `calls`.
    absent = {name for name in TERM_NAMES if name not in names}
    selected = ", ".join(
        _column_sql(column, names, options)
        for column in COLUMNS
        if column.name not in options.excluded_columns | absent
    )
    rows = reader_sql(
        "read_csv",
        [source],
        "auto_detect=false, header=true, delim=',', quote='\"', escape='\"', strict_mode=true, "
        f"nullstr='{_NO_TEXT_IS_NULL}', max_line_size={longest}, columns={{{columns}}}",
    )
    return (
        f"create or replace table accepted_calls as select {selected}, "
        f"{_id_hash_sql(names, options)} as id_hash, {rounded_sql('cost_usd', 'plain_cost_usd')} as cost_rounded"
        f"{_other_sql(names)} from (select *{plain} "
        f"from {rows}) as scanned"
    )


def _scan_names(names: tuple[str, ...]) -> list[str]:
    """The file's columns as the scan names them: ours by name, others by position, since any text may stand there."""
    return [name if name in COLUMN_BY_NAME else f"other_{place}" for place, name in enumerate(names)]


def _column_sql(column: Column, names: tuple[str, ...], options: Options) -> str:
    if column.name in options.types:
        value = options.types[column.name].cast(column.name)
    elif column.name in names:
        value = typed_sql(column.name, f"plain_{column.name}", allow_credits=_negative(names, options))
    else:
        value = column.kind.nothing
    return f"{value} as {identifier(column.name)}"


def _negative(names: tuple[str, ...], options: Options) -> bool:
    """Whether a cost of the file may be negative: where the user allows it, or its row says what it is."""
    return options.allow_credits or CATEGORY in names


def _id_hash_sql(names: tuple[str, ...], options: Options) -> str:
    """The hash of a call's id; it raises where the id is missing, or a line end or a category refused."""
    bad = ["call_id = ''"]
    if CATEGORY in names:
        bad.append(category_refused_sql(allow_credits=options.allow_credits))
    if options.one_line:
        texts = [name for name in _scan_names(names) if _is_text(name)]
        bad += [f"contains({identifier(name)}, chr({sign}))" for name in texts for sign in (10, 13)]
    return f"case when {' or '.join(bad)} then error('bad value') else hash(call_id) end"


def _is_text(name: str) -> bool:
    return name not in COLUMN_BY_NAME or COLUMN_BY_NAME[name].kind is Kind.TEXT


def _other_sql(names: tuple[str, ...]) -> str:
    """What tells rows apart that differ only in columns unknown to us."""
    others = [name for name in _scan_names(names) if name.startswith("other_")]
    return f", hash({', '.join(others)}) as other_columns" if others else ""
