"""Counting a call once among the files of an import: nested records, two records of one answer or of one id.

Table `dropped` gets the place of each record that repeats another, and why.
"""

import duckdb

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


def drop_same_answer(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps one record of each provider's answer, wherever it was traced: the one that says most."""
    _drop_repeated(connection, "answer", SAME_ANSWER)


def drop_repeated(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps one record of each id: a success before an error, then the later one.

    The id of a span is unique within its trace only. Applications give their retries and all calls of a job one id:
    where each of them names its own request to the provider, these tell the calls apart.
    """
    named = f"bool_and(request_id <> '' or not {USES_TOKENS}) over (partition by same)"
    of_request = f"case when {named} then request_id end"
    _drop_repeated(connection, IDENTITY, REPEATED, of_request)


def _drop_repeated(
    connection: duckdb.DuckDBPyConnection, key: str, reason: str, part: str = "cast(null as varchar)"
) -> None:
    """Keeps one record of each `key` and, among the records that share one, of each `part`."""
    connection.execute(f"""
        insert into dropped
        with kept as (
            select *, {key} as same from records
            where skip = '' and same <> '' and row_id not in (select row_id from dropped)
        ),
        shared as (select same from kept group by same having count(*) > 1),
        parted as (
            select *, {part} as part, bool_or({USES_TOKENS}) over (partition by same) and not {USES_TOKENS} as is_empty
            from kept where same in (select same from shared)
        )
        select row_id, '{reason}' from (
            select row_id, is_empty, row_number() over (
                partition by same, part
                order by status = 'error', {USES_TOKENS} desc, cached is null, output desc nulls last,
                    model = '', latency_ms is null, file desc, row_id desc
            ) as place
            from parted
        ) where place > 1 or is_empty
    """)
