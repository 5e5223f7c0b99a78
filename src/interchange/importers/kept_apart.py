"""Calls of an import that are added although others look like them, counted with their dollars."""

from dataclasses import dataclass
from decimal import Decimal

import duckdb


@dataclass(frozen=True)
class KeptApart:
    """Calls added although another call looks like them: they share its id, or all that is known of a call."""

    same_id: int = 0
    same_id_usd: Decimal = Decimal(0)
    alike: int = 0
    alike_usd: Decimal = Decimal(0)
    alike_unknown_cost: int = 0
    of_a_told_session: int = 0
    of_a_told_session_usd: Decimal = Decimal(0)
    """Events of sessions whose file is here too, without a record of the same tokens at that time."""


def find(connection: duckdb.DuckDBPyConnection, *, agents: bool) -> KeptApart:
    """Counts calls added beside calls with the same id, and records without an id that equal other calls."""
    added = "row_id not in (select row_id from dropped) and row_id not in (select row_id from judged)"
    same_id = connection.execute(f"""
        with added as (
            select p.row_id, s.call_id, p.cost_usd, s.span from priced as p join records as s using (row_id)
            where {added} and s.content = ''
        ),
        ranked as (
            select *, row_number() over (partition by call_id order by row_id) as place from added where span = ''
        )
        select count(*), coalesce(sum(cost_usd), 0) from ranked
        where place > 1 or call_id in (select call_id from accepted_calls)
    """).fetchall()[0]
    told = _of_a_told_session(connection, added) if agents else (0, Decimal(0))
    return KeptApart(same_id[0], Decimal(same_id[1]), *_alike(connection, added), *told)


def _of_a_told_session(connection: duckdb.DuckDBPyConnection, added: str) -> tuple[int, Decimal]:
    """Counts events without a partner among the records of the file of their session."""
    count, usd = connection.execute(f"""
        select count(*), coalesce(sum(cost_usd), 0) from priced
        where {added} and row_id in (
            select id from told where place = 'here' and is_event
                and session_id in (select session_id from told where not is_event)
                and id not in (select event_id from told_twice where event_place = 'here')
        )
    """).fetchall()[0]
    return count, Decimal(usd)


_TEXTS = ("provider", "model", "customer_id")
"""Texts by which calls without an id are compared, beside their time and their tokens."""
_TOKENS = ("input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens")


def _alike(connection: duckdb.DuckDBPyConnection, added: str) -> tuple[int, Decimal, int]:
    """Counts calls without an id beyond those of the one file, or of the target, that has them most often."""
    if not connection.execute("select 1 from records where content <> '' and skip = '' limit 1").fetchone():
        return 0, Decimal(0), 0
    key = ", ".join(('"timestamp"', *_TEXTS, *_TOKENS))
    texts = ", ".join(f"coalesce(cast({name} as varchar), '') as {name}" for name in _TEXTS)
    tokens = ", ".join(f"coalesce({name}, 0) as {name}" for name in _TOKENS)
    content = f'"timestamp", {texts}, {tokens}'
    row = connection.execute(f"""
        with added as (
            select row_id, file, cost_usd, {content} from (
                select p.*, s.customer_id from priced as p join records as s using (row_id)
                where s.content <> '' and {added}
            )
        ),
        standing as (
            select {key}, count(*) as standing from (
                select {content} from accepted_calls as t where t.rowid not in (
                    select there from judged where row_id in (select row_id from dropped)
                )
            ) group by all
        ),
        in_file as (select {key}, file, count(*) as calls from added group by all),
        most as (select {key}, max(calls) as most, sum(calls) as calls from in_file group by {key}),
        repeated as (
            select m.* exclude (calls, most), m.calls - greatest(m.most - coalesce(t.standing, 0), 0) as repeats
            from most as m left join standing as t using ({key})
        ),
        ranked as (
            select a.cost_usd, r.repeats, row_number() over (partition by {key} order by a.row_id desc) as place
            from added as a join repeated as r using ({key}) where r.repeats > 0
        )
        select count(*), coalesce(sum(cost_usd), 0), count(*) filter (where cost_usd is null)
        from ranked where place <= repeats
    """).fetchall()[0]
    return row[0], Decimal(row[1]), row[2]
