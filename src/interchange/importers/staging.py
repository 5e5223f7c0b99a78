"""The workbench of an import: a temporary database in which records become typed calls, set by set.

Whatever must be remembered lies on disk, so that memory stays bounded however large the files are. Table
`staged` has one row a record, in the order of the files, with `skip` naming why it is not a call ('' if it is
one); table `left_out` counts those of which nothing can be read. View `records` shows `staged` with a column for
each text and `row_id` for the record's place.
"""

import contextlib
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

import duckdb

from calls.file.engine_paths import path_sql
from calls.file.spill import private_engine
from calls.schema import CHARGE_CATEGORIES, COLUMNS, FIELD_BYTES_LIMIT, NEGATIVE_CATEGORIES, Kind
from foundation.sql_text import identifier, literal
from interchange.importers.field_mapping import FieldMapping, mapped_name
from interchange.importers.field_sql import NULL, joined_sql
from interchange.importers.fields import Record, with_layers
from interchange.importers.notation import DOUBTFUL, doubtful_sql, read_as

MACROS = Path(__file__).with_name("macros.sql")
MEMORY_LIMIT = "345MB"
_IN_ORDER = "in_clause"
"""A long list after IN would become a join, and joins lose the order of the rows."""
_SMALL_BYTES = 1 << 20
"""To look for what stands twice in the SQL takes a third of its planning, and pays where rows are many."""
_ALWAYS = {
    "timestamp", "call_id", "input", "output", "cost", "units", "currency", "status", "charge_category", "skip",
}  # fmt: skip
"""What the SQL below speaks of by name, whether it is mapped or not."""
JUDGED_HERE = ("cost_word", "status_word", "foreign_cost", "content")
"""What a cell of cost or of status says that is neither an amount nor a known word, a cost that is not in dollars as
it is written, and the digest of a record without an id; of no field mapping."""
LABELS = (
    *(column.name for column in COLUMNS if column.kind is Kind.TEXT and column.name != "call_id"),
    "span", "answer", "convention", "reasoning_convention", "currency", "zone_doubt", *JUDGED_HERE,
)  # fmt: skip
TEXTS = ("call_id", *LABELS)
DURATIONS = tuple(column.name for column in COLUMNS if column.kind is Kind.COUNT and column.unit == "ms")
COUNTS = (
    *(
        mapped_name(column.name)
        for column in COLUMNS
        if column.kind is Kind.COUNT and column.name not in DURATIONS
    ),
    "total",
)
AMOUNTS = tuple(mapped_name(column.name) for column in COLUMNS if column.kind is Kind.DECIMAL)
# Rows that are to keep their order are inserted by as many threads as have 4 MiB for each column in a quarter of
# the memory limit: labels are one column, and so are counts and amounts, so that two threads can.
TABLE = f"""
    create table staged (
        file integer, line bigint, skip varchar, timestamp timestamp,
        {", ".join(f"{name} bigint" for name in DURATIONS)},
        amounts struct({", ".join(f"{name} decimal(18,9)" for name in AMOUNTS)}),
        counts struct({", ".join(f"{name} bigint" for name in COUNTS)}),
        call_id varchar, labels struct({", ".join(f"{name} varchar" for name in LABELS)})
    )
"""
VIEW = f"""
    create view staged_records as
    select rowid as row_id, * exclude (labels, counts, amounts),
        {", ".join(f"amounts.{name} as {name}" for name in AMOUNTS)},
        {", ".join(f"counts.{name} as {name}" for name in COUNTS)},
        {", ".join(f"labels.{name} as {name}" for name in LABELS)}
    from staged
"""
LEFT_OUT = "create table left_out (file integer, reason varchar, records bigint)"
"""Records that nothing can be read of, counted."""


@contextlib.contextmanager
def workbench(workdir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own that spills to `workdir`, with the macros, an empty table `staged` and its view."""
    connection = private_engine()
    try:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"set temp_directory = {path_sql(workdir / 'spill')}")
        connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
        connection.execute(f"set disabled_optimizers = '{_IN_ORDER}'")
        connection.execute(MACROS.read_text(encoding="utf-8"))
        connection.execute(TABLE)
        connection.execute(VIEW)
        connection.execute("create view records as from staged_records")
        connection.execute(LEFT_OUT)
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def planned_for(connection: duckdb.DuckDBPyConnection, size: int) -> Iterator[None]:
    """Lets the engine plan the staging of a file of `size` bytes no longer than that pays."""
    if size >= _SMALL_BYTES:
        yield
        return
    connection.execute(f"set disabled_optimizers = '{_IN_ORDER},common_subexpressions'")
    try:
        yield
    finally:
        connection.execute(f"set disabled_optimizers = '{_IN_ORDER}'")


def leave_out(connection: duckdb.DuckDBPyConnection, file: int, reason: str, records: int) -> None:
    """Counts records of a file of which nothing can be read."""
    if records:
        connection.execute("insert into left_out values (?, ?, ?)", [file, reason, records])


def stage_sql(
    file: int, relation: str, fields: Record, field_mapping: FieldMapping, decimal: str = ""
) -> str:
    """SQL that adds the records of a relation to `staged`, typed and judged one by one.

    `decimal` is the mark of decimals in this file; where it is '', numbers that it decides are left out.
    What a format does not map is left out of the SQL, most of which would be about it: the engine plans it anew for
    each file.
    """
    known = {name: sql for name, sql in field_mapping.items() if sql != NULL or name in _ALWAYS}
    # What is not mapped tells records apart, too; a mapping that says more must not make other records of them.
    whole = f"case when real_id(cleaned({field_mapping['call_id']})) is null then {fields.whole()} end"
    found = ", ".join(f"{sql} as {identifier(name)}" for name, sql in known.items())
    texts = ", ".join(f"{_text(name, decimal)} as {identifier(name)}" for name in known)
    counts = [f"count_of({identifier(name)}) as {name}_count" for name in COUNTS if name in known]
    amounts = [f"money_of({identifier(name)}) as {name}_amount" for name in AMOUNTS if name in known]
    packed_counts = _packed(COUNTS, known, "count", "bigint")
    packed_amounts = _packed(AMOUNTS, known, "amount", "decimal(18,9)")
    labels = ", ".join(f"{identifier(name)} := {_label(name, known)}" for name in LABELS)
    return f"""
        insert into staged
        select {file}, line, {_skip_sql(known, decided=bool(decimal))} as skip, plausible_instant(started),
            {", ".join(_duration_sql(name, known) for name in DURATIONS)},
            struct_pack({packed_amounts}), struct_pack({packed_counts}), coalesce(real_id(call_id), ''),
            struct_pack({labels})
        from (
            select *, {", ".join([*_instants(known), *amounts, *counts])},
                case when not regexp_matches(cost, '[0-9]') then cost end as cost_word,
                case when currency <> 'USD' and cost_amount <> 0 then cost end as foreign_cost,
                case when status_of(status) is null then status end as status_word,
                case when real_id(call_id) is null then left(md5({_content(field_mapping)}), 20) end as content
            from (
                select line, broken, whole, {texts}
                from (select line, broken, {whole} as whole, {found} from {with_layers(relation, fields)})
            )
        )
    """


def _packed(names: Sequence[str], known: Container[str], suffix: str, kind: str) -> str:
    """The members of a struct of numbers; those that are not mapped are NULL."""
    return ", ".join(
        f"{name} := {f'{name}_{suffix}' if name in known else f'cast(null as {kind})'}" for name in names
    )


def _instants(known: Container[str]) -> list[str]:
    """The times of a record as instants."""
    times = {"timestamp": "started", "ended": "stopped", "first_token_at": "first_token"}
    return [f"instant({identifier(name)}) as {alias}" for name, alias in times.items() if name in known]


def _content(field_mapping: FieldMapping) -> str:
    """SQL for all that a record says: its columns, or what is mapped of one that has none."""
    mapped = joined_sql((name, identifier(name)) for name, sql in field_mapping.items() if sql != NULL)
    return f"coalesce(whole, {mapped})"


def _duration_sql(name: str, known: Container[str]) -> str:
    """A duration as the source says it, or from two times that it says."""
    ways = {name: f"milliseconds_of({identifier(name)})"}
    if name == "latency_ms":
        ways |= {"ended": _elapsed_sql(), "latency_guess_ms": "milliseconds_of(latency_guess_ms)"}
    if name == "time_to_first_token_ms":
        ways["first_token_at"] = _first_token_sql(known)
    found = [sql for mapped, sql in ways.items() if mapped in known]
    return f"coalesce({', '.join(found)}, null)" if found else "cast(null as bigint)"


def _text(name: str, decimal: str) -> str:
    text = f"cleaned({identifier(name)})"
    if name == "currency":
        # A cost that is marked says its currency itself.
        return f"currency_said({text}, currency_mark(cleaned(cost)))"
    if name in AMOUNTS:
        text = f"without_mark({text})"
    return (
        read_as(text, decimal)
        if decimal and name in (*COUNTS, *AMOUNTS, *DURATIONS, "latency_guess_ms")
        else text
    )


def _label(name: str, known: Container[str]) -> str:
    if name not in known and name not in JUDGED_HERE:
        return "''"
    judged = {"status": "coalesce(status_of(status), status)", "model": "real_model(model)"}
    return f"coalesce({judged.get(name, identifier(name))}, '')"


def _elapsed_sql() -> str:
    return f"case when stopped >= started then {_milliseconds_between('started', 'stopped')} end"


def _first_token_sql(known: Container[str]) -> str:
    """Without streaming, tools write the end as the time of the first token: then nothing is known."""
    ended = "first_token is distinct from stopped" if "ended" in known else "true"
    return f"case when first_token >= started and {ended} then {_milliseconds_between('started', 'first_token')} end"


def _milliseconds_between(first: str, last: str) -> str:
    return f"cast(round(date_diff('us', {first}, {last}) / 1000.0) as bigint)"


def _skip_sql(known: Container[str], *, decided: bool) -> str:
    """The first reason why a record is not a call, '' if there is none."""
    counts = [name for name in COUNTS if name in known]
    amounts = [name for name in AMOUNTS if name in known]
    doubtful = "false" if decided else doubtful_sql(counts, amounts)
    bad = " or ".join(
        f"({identifier(name)} is not null and {name}_count is null)" for name in counts if name != "total"
    )
    long = " or ".join(
        f"strlen({identifier(name)}) > {FIELD_BYTES_LIMIT}"
        for name in TEXTS
        if name in known or name in JUDGED_HERE
    )
    cases = [
        ("broken is not null", "broken"),
        ("skip is not null", "skip"),
        (f"{long}", "'field_too_large'"),
        ('"timestamp" is null', "'no_timestamp'"),
        ("plausible_instant(started) is null", "'bad_timestamp'"),
        (doubtful, f"'{DOUBTFUL}'"),
        (
            f"{bad} or (cost is not null and cost_word is null and cost_amount is null) "
            "or (units is not null and units_amount is null)",
            "'bad_number'",
        ),
        (f"lower(trim(charge_category)) not in ({_words('', *CHARGE_CATEGORIES)})", "'bad_charge_category'"),
        (
            f"cost_amount < 0 and lower(trim(coalesce(charge_category, ''))) not in ({_words(*NEGATIVE_CATEGORIES)})",
            "'negative_cost'",
        ),
        (
            "input is null and output is null and cost_amount is null and units is null "
            "and status_of(status) is distinct from 'error'",
            "'no_usage'",
        ),
    ]
    return "case " + " ".join(f"when {test} then {reason}" for test, reason in cases) + " else '' end"


def _words(*words: str) -> str:
    """Words in lower case as a list in SQL: tools write categories in any."""
    return ", ".join(literal(word.lower()) for word in words)
