"""Counting a call once among the files of an import: nested records, two records of one answer or of one id.

Table `dropped` gets the place of each record that repeats another, and why; table `lent` the cost that a source
reports of a call whose kept record reports none.
"""

from collections.abc import Collection

import duckdb

from interchange.importers.fullness import order_terms, outcome_sql

USES_TOKENS = "(coalesce(input, 0) + coalesce(output, 0) > 0 or coalesce(cost, 0) > 0)"
IDENTITY = "case when span <> '' then trace_id || '/' || call_id else call_id end"
NESTED = "nested"
SAME_ANSWER = "same_answer"
REPEATED = "repeated_in_file"


def drop_nested(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops records that have a record with usage below them: frameworks repeat what their clients measured.

    A record without usage (a failed call) is dropped if any call is below it, so that an error and the wrapper
    around it are one.
    """
    below = connection.execute("select 1 from records where skip = '' and parent_id <> '' limit 1")
    if below.fetchone() is None:
        return
    connection.execute(f"""
        insert into dropped
        with recursive above(trace_id, span, used) as (
            select distinct trace_id, parent_id, {USES_TOKENS} from records where skip = '' and parent_id <> ''
            union
            select s.trace_id, s.parent_id, a.used
            from above as a join records as s on s.trace_id = a.trace_id and s.span = a.span
            where s.parent_id <> ''
        ),
        around as (select trace_id, span, bool_or(used) as used from above group by trace_id, span)
        select s.row_id, '{NESTED}'
        from records as s join around as a on s.trace_id = a.trace_id and s.span = a.span
        where s.skip = '' and (a.used or not {USES_TOKENS})
    """)


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes tables `dropped` and `lent`, empty."""
    connection.execute("create table dropped (row_id bigint, reason varchar)")
    connection.execute("create table lent (row_id bigint, cost decimal(18,9))")


def drop_same_answer(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps one record of each provider's answer, wherever it was traced: the fullest.

    Frameworks give the calls of one run its id as the id of their answers: two that follow one another and differ
    in usage are two calls.
    """
    _drop_repeated(connection, "answer", SAME_ANSWER, _ISLANDS, "island")


def drop_repeated(connection: duckdb.DuckDBPyConnection, ids_by_time: Collection[int] = ()) -> None:
    """Keeps one record of each id: the fullest.

    The id of a span is unique within its trace only. Applications give their retries and all calls of a job one id:
    where each of them names its own request to the provider, these tell the calls apart, and in the files of
    `ids_by_time` so does the start.
    """
    start = f'case when {in_files(ids_by_time)} then epoch_us("timestamp") end'
    part = f"row(case when are_requests then request_id end, {start})"
    _drop_repeated(connection, IDENTITY, REPEATED, f"(select {_NEEDED} from records)", part)


def in_files(files: Collection[int], alias: str = "") -> str:
    """SQL for whether a record stands in one of these files."""
    return f"{alias}file in ({', '.join(map(str, files))})" if files else "false"


def end_sql(alias: str) -> str:
    """SQL for when a call ended; where that is not known, a day after it began, so that it may overlap with others."""
    return f'{alias}."timestamp" + to_milliseconds(coalesce({alias}.latency_ms, 86400000))'


_NEEDED = """row_id, file, skip, span, trace_id, call_id, request_id, "timestamp", latency_ms, time_to_first_token_ms,
    status, model, customer_id, cost, cost_source, input, output, cached, write, reasoning, convention,
    reasoning_convention"""
"""What records of one call are told apart and ordered by; the engine would hold every column that is named."""
_BEFORE = (
    'over (partition by answer order by "timestamp", row_id rows between unbounded preceding and 1 preceding)'
)
_ISLANDS = f"""(
    with several as (
        select answer from records
        where skip = '' and answer <> '' and row_id not in (select row_id from dropped)
        group by answer having count(*) > 1
    ),
    named as (
        select row_id, answer, input, output, "timestamp",
            coalesce("timestamp" >= max({end_sql("records")}) {_BEFORE}, false) as begins
        from records where skip = '' and answer in (from several)
    ),
    apart as (
        select row_id, answer, input, output,
            sum(cast(begins as integer)) over (partition by answer order by "timestamp", row_id) as place
        from named
    ),
    alike as (
        select answer, input, output, min(place) as same_usage from apart group by answer, input, output
    ),
    placed as (
        select row_id, answer, place, same_usage from apart as a join alike as l using (answer)
        where a.input is not distinct from l.input and a.output is not distinct from l.output
    ),
    islands as (select answer, place, min(same_usage) as island from placed group by answer, place)
    select {_NEEDED}, answer, island
    from records join (select row_id, island from placed join islands using (answer, place)) using (row_id)
)"""
"""Records of answers that several have; `island` parts those that follow one another and differ in usage."""
_TOTAL = """coalesce(input, 0) + coalesce(output, 0)
    + case when convention = 'exclusive' then coalesce(cached, 0) + coalesce(write, 0) else 0 end
    + case when reasoning_convention = 'exclusive' then coalesce(reasoning, 0) else 0 end"""


def _drop_repeated(
    connection: duckdb.DuckDBPyConnection, key: str, reason: str, relation: str, part: str
) -> None:
    """Keeps one record of each `key` and, among the records that share one, of each `part`.

    The order is that of `interchange.importers.fullness`, in terms of records that are not priced yet.
    """
    reported = "(case when coalesce(cost_source, '') in ('', 'reported') then cost end)"
    fullest = order_terms(
        "parted",
        used=USES_TOKENS,
        total="counted",
        split=("cached", "write", "reasoning"),
        reported=reported,
        output="output",
    )
    # Sums and a maximum by group, no windows: those hold all records of an id at once, which may be a million.
    connection.execute(f"""
        create or replace temp table repeated as
        with kept as (
            select *, {key} as same from {relation}
            where skip = '' and same <> '' and row_id not in (select row_id from dropped)
        ),
        shared as (
            select same, bool_or({USES_TOKENS}) as is_used,
                bool_and(request_id <> '' or not {USES_TOKENS}) as are_requests
            from kept group by same having count(*) > 1
        ),
        parted as (
            select kept.*, {part} as part, is_used and not {USES_TOKENS} as is_empty,
                {outcome_sql("status")} as outcome, {_TOTAL} as counted
            from kept join shared using (same)
        ),
        winners as (
            select same, part, arg_max(row_id, row(not is_empty, {", ".join(fullest)}, row_id)) as winner
            from parted group by same, part
        )
        select row_id, is_empty, outcome, counted, {reported} as cost, winner
        from parted join winners on parted.same = winners.same and parted.part is not distinct from winners.part
    """)
    connection.execute(
        f"insert into dropped select row_id, '{reason}' from repeated where row_id <> winner or is_empty"
    )
    connection.execute("""
        insert into lent
        select w.row_id, max(r.cost) from repeated as w join repeated as r on r.winner = w.row_id
        where w.row_id = w.winner and w.cost is null and r.row_id <> r.winner and r.cost is not null
            and r.outcome = w.outcome and r.counted = w.counted
        group by 1
    """)
    connection.execute("drop table repeated")
