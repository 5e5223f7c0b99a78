"""Imports converge: calls of an import against those of the CSV; which are added, replaced, the same.

Tables: `priced` has the calls of the import, of which those are dropped that the target holds as fully. `gone`
names the calls of the target whose place a fuller record takes, `completed` those that get the cost that a record
of the import reports of them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from calls.file.snapshot import has_rows
from calls.reading.loading import load
from calls.schema import COLUMNS, Kind
from interchange.importers.counting_once import in_files
from interchange.importers.fullness import counted_sql, fullness_sql, reported_sql, total_sql, used_sql

SAME = "already_imported"
LESS = "fuller_there"
COMPLETED = "completed_there"
KEY = ("call_id", "request_id", "trace_id", "started")
"""What names a call of the target."""
_NEEDED = {"call_id", "request_id", "trace_id", "status", "cost_source", "provider", "model", "customer_id"}
_LEFT_OUT = frozenset(column.name for column in COLUMNS if column.kind is Kind.TEXT) - _NEEDED
_TYPES = {
    "timestamp": "timestamp", "latency_ms": "bigint", "cost_usd": "decimal(18,9)", **dict.fromkeys(_NEEDED, "varchar"),
    **dict.fromkeys(
        ("input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens", "reasoning_tokens"), "bigint"
    ),
}  # fmt: skip
_NO_CALLS = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in _TYPES.items())
_END = '{0}."timestamp" + to_milliseconds(coalesce({0}.latency_ms, 86400000))'
"""When a call ended; where it is not known, it may overlap with any other."""


@dataclass(frozen=True)
class Replaced:
    """Calls of the target whose place fuller records take, and what that moves; an unknown cost counts as nothing.

    `completed` calls keep their tokens and get a cost that the source of another record reports.
    """

    calls: int = 0
    tokens_before: int = 0
    tokens_after: int = 0
    usd_before: Decimal = Decimal(0)
    usd_after: Decimal = Decimal(0)
    completed: int = 0


@dataclass(frozen=True)
class Outranked:
    """Records left out because the target holds a fuller one of their call: its sums, and theirs."""

    calls: int = 0
    tokens_there: int = 0
    tokens_left_out: int = 0
    usd_there: Decimal = Decimal(0)
    usd_left_out: Decimal = Decimal(0)


@dataclass(frozen=True)
class KeptApart:
    """Calls added although another call looks like them: they share its id, or all that is known of a call."""

    same_id: int = 0
    same_id_usd: Decimal = Decimal(0)
    alike: int = 0
    alike_usd: Decimal = Decimal(0)
    alike_unknown_cost: int = 0


@dataclass(frozen=True)
class Convergence:
    """What became of records whose call the target holds, or seems to hold."""

    replaced: Replaced = field(default_factory=Replaced)
    outranked: Outranked = field(default_factory=Outranked)
    apart: KeptApart = field(default_factory=KeptApart)


def converge(
    connection: duckdb.DuckDBPyConnection, target: Path, ids_by_time: Collection[int] = ()
) -> Convergence:
    """Compares the calls of the import with the target, which is read as by everyone else.

    Raises:
        NoUsableData: the header of the target cannot be used.
    """
    if has_rows(target):
        load(connection, target, _LEFT_OUT, allow_credits=True)
    else:
        connection.execute(f"create table accepted_calls as select {_NO_CALLS} limit 0")
    _find_pairs(connection, ids_by_time)
    connection.execute(_JUDGED)
    _act(connection)
    found = Convergence(_replaced(connection), _outranked(connection), _kept_apart(connection))
    connection.execute("delete from priced where row_id in (select row_id from dropped)")
    for table in ("accepted_calls", "pairs", "judged"):
        connection.execute(f"drop table {table}")
    return found


def _find_pairs(connection: duckdb.DuckDBPyConnection, ids_by_time: Collection[int]) -> None:
    """Makes table `pairs`: a record of the import and a call of the target that are one call."""
    empty = f"not {used_sql('a')} or not {used_sql('t')}"
    start = (
        f'not {in_files(ids_by_time, "s.")} or epoch_us(t."timestamp") = epoch_us(a."timestamp") or {empty}'
    )
    request = (
        f"coalesce(s.request_id, '') = '' or coalesce(t.request_id, '') in ('', s.request_id) or {empty}"
    )
    trace = "s.span = '' or coalesce(t.trace_id, '') in ('', s.trace_id)"
    usage = "a.input_tokens = t.input_tokens and a.output_tokens = t.output_tokens"
    overlap = f'a."timestamp" <= {_END.format("t")} and t."timestamp" <= {_END.format("a")}'
    connection.execute("""
        create or replace temp view incoming as
        select p.*, s.latency_ms from priced as p join records as s using (row_id)
    """)
    connection.execute(f"""
        create temp table pairs as
        select a.row_id, t.rowid as there
        from incoming as a join records as s using (row_id) join accepted_calls as t on t.call_id = s.call_id
        where ({start}) and ({request}) and ({trace})
        union
        select a.row_id, t.rowid
        from incoming as a join (select row_id, answer from records where answer <> '') as s using (row_id)
        join accepted_calls as t on t.request_id = s.answer
        where ({overlap}) or ({usage})
    """)


_JUDGED = f"""
    create temp table judged as
    select row_id, there, is_fuller, is_counted_alike, is_same,
        case when is_counted_alike and own is null then other end as lent_here,
        case when is_counted_alike and other is null and not is_fuller then own end as lent_there
    from (
        select a.row_id, t.rowid as there, {fullness_sql("a")} > {fullness_sql("t")} as is_fuller,
            {counted_sql("a")} = {counted_sql("t")} as is_counted_alike,
            {reported_sql("a")} as own, {reported_sql("t")} as other,
            {total_sql("a")} = {total_sql("t")} and (
                a.cost_source <> 'reported' or a.cost_usd is not distinct from t.cost_usd
            ) as is_same
        from pairs join priced as a using (row_id) join accepted_calls as t on t.rowid = pairs.there
    )
"""
"""Each pair, with which one is fuller and what one can take over from the other."""


def _act(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops records that say no more than the target does, and names the calls of the target that change."""
    connection.execute(f"""
        insert into dropped
        select row_id, case when bool_or(lent_there is not null) then '{COMPLETED}'
            when bool_or(is_same) then '{SAME}' else '{LESS}' end
        from judged group by row_id having not bool_and(is_fuller)
    """)
    taken = "(select row_id from judged group by row_id having bool_and(is_fuller))"
    texts = ", ".join(f"coalesce(t.{name}, '') as {name}" for name in KEY[:-1])
    key = f"t.timestamp as started, {texts}"
    connection.execute(f"""
        create table gone as select distinct {key} from accepted_calls as t
        where rowid in (select there from judged where row_id in {taken})
    """)
    connection.execute(f"""
        create table completed as
        select {key}, max(j.lent_there) as cost_usd
        from judged as j join accepted_calls as t on t.rowid = j.there
        where j.lent_there is not null and j.row_id not in {taken} group by all
    """)
    connection.execute(f"""
        update priced set cost_usd = lent.cost, cost_source = 'reported', cost_gap = ''
        from (
            select row_id, max(lent_here) as cost from judged
            where lent_here is not null and row_id in {taken} group by row_id
        ) as lent
        where priced.row_id = lent.row_id
    """)


def _replaced(connection: duckdb.DuckDBPyConnection) -> Replaced:
    taken = "select row_id, there from judged where row_id not in (select row_id from dropped)"
    row = connection.execute(f"""
        with taken as ({taken}),
        before as (
            select count(*) as calls, sum({total_sql("t")}) as tokens, sum(t.cost_usd) as usd
            from accepted_calls as t where rowid in (select there from taken)
        ),
        after as (
            select sum({total_sql("a")}) as tokens, sum(a.cost_usd) as usd
            from priced as a where row_id in (select row_id from taken)
        ),
        filled as (
            select count(*) as calls, sum(c.cost_usd) as usd, sum(t.cost_usd) as before
            from completed as c join accepted_calls as t on t.call_id = c.call_id and t."timestamp" = c.started
                and coalesce(t.request_id, '') = c.request_id and coalesce(t.trace_id, '') = c.trace_id
        )
        select (select count(distinct row_id) from taken), coalesce(b.tokens, 0), coalesce(a.tokens, 0),
            coalesce(b.usd, 0) + coalesce(f.before, 0), coalesce(a.usd, 0) + coalesce(f.usd, 0), f.calls
        from before as b, after as a, filled as f
    """).fetchall()[0]
    return Replaced(int(row[0]), int(row[1]), int(row[2]), Decimal(row[3]), Decimal(row[4]), row[5])


def _outranked(connection: duckdb.DuckDBPyConnection) -> Outranked:
    row = connection.execute(f"""
        with less as (
            select row_id, max({total_sql("t")}) as tokens, max(t.cost_usd) as usd
            from judged join accepted_calls as t on t.rowid = judged.there
            where row_id in (select row_id from dropped where reason = '{LESS}') group by row_id
        )
        select count(*), coalesce(sum(l.tokens), 0), coalesce(sum({total_sql("a")}), 0),
            coalesce(sum(l.usd), 0), coalesce(sum(a.cost_usd), 0)
        from less as l join priced as a using (row_id)
    """).fetchall()[0]
    return Outranked(int(row[0]), int(row[1]), int(row[2]), Decimal(row[3]), Decimal(row[4]))


def _kept_apart(connection: duckdb.DuckDBPyConnection) -> KeptApart:
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
    return KeptApart(same_id[0], Decimal(same_id[1]), *_alike(connection, added))


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
