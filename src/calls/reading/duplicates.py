"""Rows that stand in the file twice: identical ones count once, others that share an id are kept and flagged."""

import duckdb

_SHARED_IDS = """
    create temp table shared_ids as
    select call_id from accepted_calls where id_hash in (
        select id_hash from accepted_calls group by id_hash having count(*) > 1
    ) group by call_id having count(*) > 1
"""
_REPEATED = """
    delete from accepted_calls where rowid in (
        select row_id from (
            select rowid as row_id, row_number() over (partition by {columns} order by rowid) as copy
            from accepted_calls where call_id in (select call_id from shared_ids)
        ) as copies where copy > 1
    )
"""
_STILL_SHARED = """
    select coalesce(sum(calls), 0) from (
        select count(*) as calls from accepted_calls where call_id in (select call_id from shared_ids)
        group by call_id having count(*) > 1
    ) as ids
"""


def has_shared_ids(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether two rows may share an id; cheap, and right when it says no."""
    import numpy as np  # noqa: PLC0415  sorting an array is three times as fast as counting distinct values

    column = connection.execute("select id_hash from accepted_calls").fetchnumpy()["id_hash"]
    hashes = np.sort(np.asarray(column))
    return bool((hashes[1:] == hashes[:-1]).any())


def drop_repeated(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Keeps one of each set of identical rows.

    Returns:
        How many rows were dropped, and how many of those kept share their id with another one.
    """
    connection.execute(_SHARED_IDS)
    names = [row[0] for row in connection.execute("describe accepted_calls").fetchall()]
    columns = ", ".join(f'"{name}"' for name in names)
    dropped = connection.execute(_REPEATED.format(columns=columns)).fetchall()[0][0]
    shared = connection.execute(_STILL_SHARED).fetchall()[0][0]
    connection.execute("drop table shared_ids")
    return int(dropped), int(shared)
