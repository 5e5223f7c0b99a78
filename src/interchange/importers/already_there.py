"""Calls of an import against those that its target holds: equal ones are left out, and differences are reported.

It works on table `priced`, whose rows are the calls of the import, and on table `dropped`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from calls.file.snapshot import has_rows
from calls.reading.loading import load
from calls.schema import COLUMNS, Kind
from calls.sql_text import literal
from interchange.importers.counting_once import IDENTITY, USES_TOKENS

ALREADY_THERE = "already_imported"
_ALIKE = ("provider", "model", "customer_id")
"""Texts by which calls without an id are compared, beside their time and their tokens."""
_LEFT_OUT = frozenset(column.name for column in COLUMNS if column.kind is Kind.TEXT) - {
    "call_id", "request_id", "trace_id", *_ALIKE,
}  # fmt: skip
_TOKENS = ("input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens")
_NO_CALLS = ", ".join(
    f"cast(null as {kind}) as {name}"
    for name, kind in (
        ("timestamp", "timestamp"),
        *((name, "varchar") for name in _ALIKE),
        *((name, "bigint") for name in _TOKENS),
    )
)


@dataclass(frozen=True)
class DifferingCalls:
    """Calls left out because their id is there already, although their tokens or their reported cost are others.

    A cost that is not known counts as nothing in the sums of dollars.
    """

    calls: int = 0
    tokens_there: int = 0
    tokens_left_out: int = 0
    usd_there: Decimal = Decimal(0)
    usd_left_out: Decimal = Decimal(0)


@dataclass(frozen=True)
class EqualCalls:
    """Calls added whose record has no id, and which equal a call that is there or in another file of the import."""

    calls: int = 0
    usd: Decimal = Decimal(0)
    unknown_cost: int = 0


def drop_already_there(
    connection: duckdb.DuckDBPyConnection, target: Path, *, by_answer: bool, made_ids: Collection[str]
) -> tuple[DifferingCalls, EqualCalls]:
    """Drops calls whose id, or whose answer, stands in the target file.

    The target is read as for reports: rows of an append that died do not count. `made_ids` are the beginnings of the
    ids that records without one were given.

    Returns:
        What was left out and differs, and what was added and looks the same.

    Raises:
        NoUsableData: the header of the target cannot be used.
    """
    there = has_rows(target)
    if there:
        load(connection, target, _LEFT_OUT if made_ids else _LEFT_OUT | {*_ALIKE}, allow_credits=True)
        _drop(connection, by_answer=by_answer)
    else:
        connection.execute(f"create table accepted_calls as select {_NO_CALLS} limit 0")
    told = _differing(connection, by_answer=by_answer) if there else None
    connection.execute("delete from priced where row_id in (select row_id from dropped)")
    alike = _equal(connection, made_ids) if len(made_ids) > 1 or (made_ids and there) else None
    connection.execute("drop table accepted_calls")
    return told or DifferingCalls(), alike or EqualCalls()


def _drop(connection: duckdb.DuckDBPyConnection, *, by_answer: bool) -> None:
    same = f"""(
        ({IDENTITY}, request_id) in (select (identity, request_id) from there)
        or {IDENTITY} in (select identity from there where request_id = '')
        or ((request_id = '' or not {USES_TOKENS}) and {IDENTITY} in (select identity from there))
    )"""
    if by_answer:
        same += " or (answer <> '' and answer in (select request_id from there))"
    connection.execute(f"""
        create temp table there as
        select call_id as identity, coalesce(request_id, '') as request_id from accepted_calls
        union all select trace_id || '/' || call_id, '' from accepted_calls where {str(by_answer).lower()}
    """)
    connection.execute(f"""
        insert into dropped
        select row_id, '{ALREADY_THERE}' from records
        where skip = '' and ({same}) and row_id not in (select row_id from dropped)
    """)
    connection.execute("drop table there")


def _differing(connection: duckdb.DuckDBPyConnection, *, by_answer: bool) -> DifferingCalls:
    """Compares the calls just dropped with the calls that they are; one that says nothing of usage differs from none.

    Costs are compared where the source reports them: a computed one follows the prices of its day.
    """
    request = "(a.request_id = '' or coalesce(t.request_id, '') in ('', a.request_id))"
    pairs = [f"t.call_id = a.identity and {request}"]
    if by_answer:
        pairs += ["t.trace_id || '/' || t.call_id = a.identity", "a.answer <> '' and t.request_id = a.answer"]
    same = " and ".join(f"coalesce(a.{name}, 0) = coalesce(t.{name}, 0)" for name in _TOKENS)
    found = " union all ".join(
        f"""select a.row_id, t.input_tokens + t.output_tokens as tokens_there, t.cost_usd as usd_there,
            a.input_tokens + a.output_tokens as tokens, a.cost_usd as usd,
            {same} and (a.cost_source <> 'reported' or a.cost_usd is not distinct from t.cost_usd) as same
        from again as a join accepted_calls as t on {pair}"""
        for pair in pairs
    )
    row = connection.execute(f"""
        with again as (
            select p.*, {IDENTITY} as identity, s.request_id, s.answer
            from priced as p join records as s using (row_id) join dropped as d using (row_id)
            where d.reason = '{ALREADY_THERE}' and {USES_TOKENS}
        ),
        compared as (
            select row_id, bool_or(same) as same, max(tokens_there) as tokens_there, max(usd_there) as usd_there,
                any_value(tokens) as tokens, any_value(usd) as usd
            from ({found}) group by row_id
        )
        select count(*), cast(coalesce(sum(tokens_there), 0) as bigint), cast(coalesce(sum(tokens), 0) as bigint),
            coalesce(sum(usd_there), 0), coalesce(sum(usd), 0)
        from compared where not same
    """).fetchall()[0]
    return DifferingCalls(*row[:3], *map(Decimal, row[3:]))


def _equal(connection: duckdb.DuckDBPyConnection, made_ids: Collection[str]) -> EqualCalls:
    """Counts calls without an id beyond those of the one file, or of the target, that has them most often."""
    length = len(next(iter(made_ids)))
    listed = ", ".join(literal(start) for start in made_ids)
    key = ", ".join(('"timestamp"', *_ALIKE, *_TOKENS))
    texts = ", ".join(f"coalesce(cast({name} as varchar), '') as {name}" for name in _ALIKE)
    tokens = ", ".join(f"coalesce({name}, 0) as {name}" for name in _TOKENS)
    content = f'"timestamp", {texts}, {tokens}'
    row = connection.execute(f"""
        with added as (
            select row_id, file, cost_usd, {content} from (
                select p.*, s.customer_id from priced as p join records as s using (row_id)
                where left(s.call_id, {length}) in ({listed})
            )
        ),
        standing as (select {key}, count(*) as standing from (select {content} from accepted_calls) group by all),
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
    return EqualCalls(row[0], Decimal(row[1]), row[2])
