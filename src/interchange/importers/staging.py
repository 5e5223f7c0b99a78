"""The workbench of an import: a temporary database in which records become typed calls, set by set.

Whatever must be remembered lies on disk, so that memory stays bounded however large the files are. Table
`staged` has one row a record, with `skip` naming why it is not a call ('' if it is one).
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from calls.schema import FIELD_BYTES_LIMIT
from interchange.importers.containers import Container, Kind
from interchange.importers.draft import Draft
from interchange.importers.fields import ColumnFields, Fields, JsonFields, with_layers
from interchange.importers.sql_text import identifier, literal
from outcome import Misuse

MACROS = Path(__file__).with_name("macros.sql")
MEMORY_LIMIT = "320MB"
OBJECT_BYTES = 16 << 20
LARGE_OBJECT_BYTES = 256 << 20
LINE_BYTES = 8 << 20

TEXTS = (
    "call_id", "provider", "model", "customer_id", "subscription_tier", "organization_id", "product_id",
    "feature_id", "task_type", "environment", "request_id", "trace_id", "session_id", "user_agent", "status",
    "region", "cost_source", "span", "parent", "answer", "convention", "reasoning_convention",
)  # fmt: skip
COUNTS = ("input", "output", "cached", "write", "write_1h", "reasoning", "total")
BROKEN = "case when json is null then 'not_json' when json_type(json) <> 'OBJECT' then 'not_an_object' end as broken"
NO_LINE = "cast(null as bigint) as line, cast(null as varchar) as broken"
"""The engine reads in order, so that a record's place among those of its file tells its line."""
TABLE = (
    "create table staged (file integer, line bigint, skip varchar, timestamp timestamp, cost decimal(18,9), "
    "latency_ms bigint, time_to_first_token_ms bigint, tier_price_usd decimal(18,9), "
    + ", ".join(f"{name} bigint" for name in COUNTS)
    + ", "
    + ", ".join(f"{name} varchar" for name in TEXTS)
    + ")"
)


@contextlib.contextmanager
def workbench(workdir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own under `workdir`, with the macros and an empty table `staged`."""
    connection = duckdb.connect(str(workdir / "import.duckdb"))
    try:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"set temp_directory = {literal(str(workdir / 'spill'))}")
        connection.execute(
            "set TimeZone = 'UTC'; set enable_progress_bar = false; set force_compression = 'uncompressed'"
        )
        connection.execute(MACROS.read_text(encoding="utf-8"))
        connection.execute(TABLE)
        yield connection
    finally:
        connection.close()


def describe(connection: duckdb.DuckDBPyConnection, container: Container) -> list[tuple[str, str]]:
    """Name and type of each column of a Parquet file."""
    try:
        rows = connection.execute(
            f"describe select * from read_parquet({literal(str(container.path))})"
        ).fetchall()
    except duckdb.Error as error:
        raise Misuse(
            f"{container.name} cannot be read as Parquet ({_first_line(error)}); export it again."
        ) from None
    return [(row[0], row[1]) for row in rows]


def records_sql(
    connection: duckdb.DuckDBPyConnection, container: Container, object_bytes: int = OBJECT_BYTES
) -> str:
    """The relation of a file's records: `line`, and `record` (JSON) or the columns of a table as text."""
    path = literal(str(container.path))
    packed = ", compression='gzip'" if container.compressed else ""
    if container.kind is Kind.PARQUET:
        columns = ", ".join(_as_text(name, kind) for name, kind in describe(connection, container))
        return f"(select {NO_LINE}, {columns} from read_parquet({path}))"
    if container.kind is Kind.CSV:
        names = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in container.columns)
        return (
            f"(select {NO_LINE}, * from read_csv({path}{packed}, auto_detect=false, header=true, "
            f"delim={literal(container.delimiter)}, quote='\"', escape='\"', columns={{{names}}}, "
            f"max_line_size={LINE_BYTES}, store_rejects=true, rejects_limit=0, strict_mode=true))"
        )
    form = "newline_delimited" if container.kind is Kind.JSON_LINES else "array"
    return (
        f"(select cast(null as bigint) as line, json as record, {BROKEN} from read_json_objects({path}{packed}, "
        f"format='{form}', ignore_errors={str(form == 'newline_delimited').lower()}, "
        f"maximum_object_size={object_bytes}))"
    )


BLOCK_RECORDS = f"""(
    select line, json as record, {BROKEN} from (
        select unnest($lines) as text, unnest(range($first, $first + len($lines))) as line,
            try_cast(text as json) as json
    )
)"""
"""The records of one block of lines, for JSON lines so long that the engine must not take many at once."""


def fields_of(connection: duckdb.DuckDBPyConnection, container: Container) -> Fields:
    """How the fields of a file's records are reached."""
    if container.kind is Kind.CSV:
        return ColumnFields(container.columns)
    if container.kind is Kind.PARQUET:
        return ColumnFields([name for name, _ in describe(connection, container)])
    return JsonFields("record", "v")


def stage_sql(file: int, relation: str, fields: Fields, draft: Draft) -> str:
    """SQL that adds the records of a relation to `staged`, typed and judged one by one."""
    texts = ", ".join(f"nullif(trim({sql}), '') as {identifier(name)}" for name, sql in draft.items())
    layered = with_layers(relation, fields)
    return f"""
        insert into staged
        select {file}, line, {_skip_sql()} as skip, plausible_instant(started), money_of(cost),
            coalesce(milliseconds_of(latency_ms), {_elapsed_sql()}, milliseconds_of(latency_guess_ms)),
            milliseconds_of(time_to_first_token_ms), money_of(tier_price_usd),
            {", ".join(f"count_of({identifier(name)})" for name in COUNTS)},
            {", ".join(f"coalesce({identifier(name)}, '')" for name in TEXTS)}
        from (
            select *, instant("timestamp") as started, instant(ended) as stopped
            from (select line, broken, {texts} from {layered})
        )
    """


def _elapsed_sql() -> str:
    return "case when stopped >= started then cast(round(date_diff('us', started, stopped) / 1000.0) as bigint) end"


def _skip_sql() -> str:
    """The first reason why a record is not a call, '' if there is none."""
    numbers = [name for name in COUNTS if name != "total"]
    bad = " or ".join(
        f"({identifier(name)} is not null and count_of({identifier(name)}) is null)" for name in numbers
    )
    long = " or ".join(f"strlen({identifier(name)}) > {FIELD_BYTES_LIMIT}" for name in TEXTS)
    cases = [
        ("broken is not null", "broken"),
        ("skip is not null", "skip"),
        (f"{long}", "'field_too_large'"),
        ('"timestamp" is null', "'no_timestamp'"),
        ("plausible_instant(started) is null", "'bad_timestamp'"),
        (f"{bad} or (cost is not null and money_of(cost) is null)", "'bad_number'"),
        ("money_of(cost) < 0", "'negative_cost'"),
        (
            "input is null and output is null and cost is null and status is distinct from 'error'",
            "'no_usage'",
        ),
    ]
    return "case " + " ".join(f"when {test} then {reason}" for test, reason in cases) + " else '' end"


def _as_text(name: str, kind: str) -> str:
    column = identifier(name)
    nested = kind.startswith(("STRUCT", "MAP")) or kind.endswith("]")
    return f"cast({f'to_json({column})' if nested else column} as varchar) as {column}"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
