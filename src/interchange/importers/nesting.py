"""Calls nested in one another that came in different imports: a parent repeats what the calls below it count.

A row of the CSV says its span (`call_id`), its trace and its parent, and that is all there is to know of earlier
imports: a span that was no call, or that was left out as nested, is in no row. A parent whose calls hang below such a
span is found if that span is among the files of this import.
"""

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from interchange.importers.counting_once import USES_TOKENS, end_sql
from interchange.importers.fullness import total_sql, used_sql

NESTED_THERE = "nested_there"
_SPAN = """case when t.model <> '' and ends_with(t.call_id, '/' || t.model)
    then left(t.call_id, length(t.call_id) - length(t.model) - 1) else t.call_id end"""
"""The span of a row; an operation of Weave that called several models is a row of each."""


@dataclass(frozen=True)
class Nested:
    """Parents that do not count, since calls nested in them stand in the target or came; an unknown cost is nothing."""

    left_out: int = 0
    tokens_left_out: int = 0
    usd_left_out: Decimal = Decimal(0)
    removed: int = 0
    """Calls of the target."""
    tokens_removed: int = 0
    usd_removed: Decimal = Decimal(0)


def drop_parents(connection: duckdb.DuckDBPyConnection) -> Nested:
    """Drops records of the import that have a call of the target below them, and the reverse.

    Makes table `parents` of the rows of the target that go, and takes them from `accepted_calls`. A record without
    usage goes if any call is below it, as within one import. Needs view `incoming`, and `accepted_calls` with the
    parents of its calls.
    """
    connection.execute(_THERE)
    connection.execute(_AROUND)
    connection.execute(f"""
        create temp table left_out as
        select a.* from incoming as a join records as s using (row_id) where {_is_around("s", USES_TOKENS)}
    """)
    connection.execute(f"""
        create temp table parents as
        select t.*, s.id from accepted_calls as t join there as s on t.rowid = s.id
        where {_is_around("s", "s.used", "a.is_told_here")}
    """)
    found = Nested(*_sums(connection, "left_out"), *_sums(connection, "parents"))
    connection.execute("delete from accepted_calls where rowid in (select id from parents)")
    connection.execute(f"insert into dropped select row_id, '{NESTED_THERE}' from left_out")
    connection.execute("delete from priced where row_id in (select row_id from left_out)")
    connection.execute("drop table there; drop table around; drop table left_out")
    return found


_THERE = f"""
    create temp table there as
    select t.rowid as id, coalesce(t.trace_id, '') as trace_id, {_SPAN} as span, coalesce(t.parent_id, '') as parent_id,
        {used_sql("t")} as used, t."timestamp", t.latency_ms
    from accepted_calls as t
    where coalesce(t.trace_id, '') in (select trace_id from records where span <> '')
"""
"""Calls of the target that are of a trace of the import."""
_AROUND = f"""
    create temp table around as
    with recursive told as (
        select trace_id, span, parent_id, skip = '' as is_call, {USES_TOKENS} as used, "timestamp",
            span <> '' as is_here
        from records where parent_id not in ('', span)
        union all
        select trace_id, span, parent_id, true, used, "timestamp", false from there where parent_id not in ('', span)
    ),
    above(trace_id, span, used, is_told_here, began) as (
        select distinct trace_id, parent_id, used, is_here, case when trace_id = '' then "timestamp" end
        from told where is_call
        union
        select t.trace_id, t.parent_id, a.used, a.is_told_here or t.is_here, a.began
        from above as a join told as t on t.trace_id = a.trace_id and t.span = a.span
    )
    select * from above
"""
"""Spans around a call; `is_told_here` where a record of the import says so, and `began` where no trace is named."""


def _is_around(alias: str, used: str, told: str = "true") -> str:
    """SQL for whether a record repeats a call below it. Without a trace, ids may come again at another time."""
    within = f'a.began between {alias}."timestamp" and {end_sql(alias)}'
    return f"""exists (
        select 1 from around as a where a.trace_id = {alias}.trace_id and a.span = {alias}.span
            and (a.used or not {used}) and {told} and (a.began is null or {within})
    )"""


def _sums(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int, Decimal]:
    """Calls, tokens and dollars."""
    calls, tokens, usd = connection.execute(f"""
        select count(*), coalesce(sum({total_sql("x")}), 0), coalesce(sum(x.cost_usd), 0) from {table} as x
    """).fetchall()[0]
    return calls, int(tokens), Decimal(usd)
