"""A call or an answer that a million records tell of is counted once, in little memory."""

from pathlib import Path

import duckdb
import pytest

from interchange.importers import counting_once
from interchange.importers.staging import AMOUNTS, COUNTS, LABELS, workbench

RECORDS = 600_000
LEFT_BY_OTHERS = "160MB"
"""For sums by group; a window would hold each record with all its columns."""


def _packed(names: tuple[str, ...], known: dict[str, str], none: str) -> str:
    return f"struct_pack({', '.join(f'{name} := {known.get(name, none)}' for name in names)})"


def _fill(connection: duckdb.DuckDBPyConnection, call_id: str) -> None:
    """Records of one answer a millisecond apart, the last of which counts most."""
    labels = _packed(LABELS, {"answer": "'one answer'", "model": "'m'", "request_id": "'r'"}, "''")
    counts = _packed(COUNTS, {"input": "10", "output": "place"}, "cast(null as bigint)")
    connection.execute(f"""
        insert into staged by name
        select 0 as file, place as line, '' as skip, timestamp '2026-03-01' + to_milliseconds(place) as timestamp,
            {_packed(AMOUNTS, {}, "cast(null as decimal(18,9))")} as amounts, {counts} as counts,
            {call_id} as call_id, {labels} as labels
        from range({RECORDS}) as r(place)
    """)


@pytest.mark.slow
@pytest.mark.parametrize("call_id", ["'one id'", "'id of ' || place"])
def test_c36_records_of_one_call_are_counted_once_in_little_memory(tmp_path: Path, call_id: str) -> None:
    with workbench(tmp_path) as connection:
        _fill(connection, call_id)
        connection.execute(f"set memory_limit = '{LEFT_BY_OTHERS}'")
        counting_once.make_tables(connection)
        counting_once.drop_repeated(connection)
        counting_once.drop_same_answer(connection)
        (kept,) = connection.execute(
            "select line from records where row_id not in (select row_id from dropped)"
        ).fetchall()
        assert kept == (RECORDS - 1,)
        assert connection.execute("select count(distinct row_id) from dropped").fetchone() == (RECORDS - 1,)
