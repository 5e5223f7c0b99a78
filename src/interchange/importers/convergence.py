"""Imports converge: calls of an import against those of the CSV; which are added, replaced, the same.

Tables: `priced` has the calls of the import, of which those are dropped that the target holds as fully. `gone`
names the calls of the target whose place a fuller record takes, or calls nested in them, `completed` those that get
the cost that a record of the import reports of them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from calls.file.snapshot import has_rows
from calls.reading.loading import load
from calls.schema import COLUMNS, Kind
from interchange.importers import kept_apart, nesting, told_twice
from interchange.importers.counting_once import SAME_ANSWER, end_sql, in_files
from interchange.importers.fullness import counted_sql, fullness_sql, reported_sql, total_sql, used_sql
from interchange.importers.kept_apart import KeptApart
from interchange.importers.nesting import Nested

SAME = "already_imported"
LESS = "fuller_there"
COMPLETED = "completed_there"
KEY = ("call_id", "request_id", "trace_id", "started")
"""What names a call of the target."""
_NEEDED = {"call_id", "request_id", "trace_id", "status", "cost_source", "provider", "model", "customer_id"}
_LEFT_OUT = frozenset(column.name for column in COLUMNS if column.kind is Kind.TEXT) - _NEEDED
_TYPES = {
    "timestamp": "timestamp", "latency_ms": "bigint", "time_to_first_token_ms": "bigint", "cost_usd": "decimal(18,9)",
    **dict.fromkeys((*_NEEDED, "session_id", "parent_id"), "varchar"),
    **dict.fromkeys(
        ("input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens", "reasoning_tokens"), "bigint"
    ),
}  # fmt: skip
_NO_CALLS = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in _TYPES.items())


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
class Convergence:
    """What became of records whose call the target holds, or seems to hold."""

    replaced: Replaced = field(default_factory=Replaced)
    outranked: Outranked = field(default_factory=Outranked)
    nested: Nested = field(default_factory=Nested)
    apart: KeptApart = field(default_factory=KeptApart)

    @property
    def rewrites(self) -> bool:
        """Whether rows of the target change or go."""
        return self.replaced != Replaced() or self.nested.removed > 0


def converge(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    ids_by_time: Collection[int] = (),
    *,
    agents: bool = False,
    nested: bool = False,
) -> Convergence:
    """Compares the calls of the import with the target, which is read as by everyone else.

    With `agents`, calls that a coding agent's file and its telemetry both tell of are found without an id in common;
    with `nested`, calls around calls that came in another import do not count.

    Raises:
        NoUsableData: the header of the target cannot be used.
    """
    if has_rows(target):
        asked = {"session_id"} if agents else set()
        asked |= {"parent_id"} if nested else set()
        load(connection, target, _LEFT_OUT - asked, allow_credits=True)
    else:
        connection.execute(f"create table accepted_calls as select {_NO_CALLS} limit 0")
    connection.execute("""
        create or replace temp view incoming as
        select p.*, s.latency_ms, s.time_to_first_token_ms, s.customer_id, s.call_id, s.session_id
        from priced as p join records as s using (row_id)
    """)
    around = Nested()
    if nested:
        around = nesting.drop_parents(connection)
    else:
        connection.execute("create temp table parents as from accepted_calls limit 0")
    if agents:
        told_twice.find(connection)
        _drop_told_twice(connection)
    _find_pairs(connection, ids_by_time, agents=agents)
    connection.execute(_JUDGED)
    _act(connection)
    found = Convergence(
        _replaced(connection), _outranked(connection), around, kept_apart.find(connection, agents=agents)
    )
    connection.execute("delete from priced where row_id in (select row_id from dropped)")
    for table in ("accepted_calls", "parents", "pairs", "judged", "told", "told_twice"):
        connection.execute(f"drop table if exists {table}")
    return found


def _drop_told_twice(connection: duckdb.DuckDBPyConnection) -> None:
    """Of two records of the import that are one call, drops the one that says less."""
    connection.execute(f"""
        create temp table in_both as
        select event_id, file_id, {fullness_sql("e")} > {fullness_sql("f")} as is_event_fuller,
            {counted_sql("e")} = {counted_sql("f")} as is_counted_alike,
            {reported_sql("e")} as of_event, {reported_sql("f")} as of_file
        from told_twice join incoming as e on e.row_id = event_id
            join incoming as f on f.row_id = file_id
        where event_place = 'here' and file_place = 'here'
    """)
    connection.execute("""
        update priced set cost_usd = cost, cost_source = 'reported', cost_gap = ''
        from (
            select case when is_event_fuller then event_id else file_id end as row_id,
                case when is_event_fuller then of_file else of_event end as cost
            from in_both
            where is_counted_alike and case when is_event_fuller then of_event else of_file end is null
        ) as lent
        where priced.row_id = lent.row_id and cost is not null
    """)
    connection.execute(f"""
        insert into dropped
        select case when is_event_fuller then file_id else event_id end, '{SAME_ANSWER}' from in_both
    """)
    connection.execute("delete from priced where row_id in (select row_id from dropped)")
    connection.execute("drop table in_both")


def _find_pairs(connection: duckdb.DuckDBPyConnection, ids_by_time: Collection[int], *, agents: bool) -> None:
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
    overlap = f'a."timestamp" <= {end_sql("t")} and t."timestamp" <= {end_sql("a")}'
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
        {_TOLD_TWICE if agents else ""}
    """)


_TOLD_TWICE = """
        union
        select case when event_place = 'here' then event_id else file_id end,
            case when event_place = 'here' then file_id else event_id end
        from told_twice join priced on priced.row_id = case when event_place = 'here' then event_id else file_id end
        where event_place <> file_place
"""
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
        from pairs join incoming as a using (row_id) join accepted_calls as t on t.rowid = pairs.there
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
        union select {key} from parents as t
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
