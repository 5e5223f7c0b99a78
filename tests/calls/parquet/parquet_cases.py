"""Parquet files for the tests of both engines: good ones, and one with a row of each kind that is no call."""

from pathlib import Path

import duckdb

from calls.engine import open_calls
from tests.calls import call_files

FAULTS = {
    "input_tokens = -1": "bad_number",
    "latency_ms = -5": "bad_number",
    "input_tokens = null": "missing_value",
    "output_tokens = null": "missing_value",
    "call_id = ''": "missing_value",
    "call_id = null": "missing_value",
    '"timestamp" = null': "missing_value",
    "\"timestamp\" = timestamp '1999-12-31 23:59:59.999999'": "bad_timestamp",
    "\"timestamp\" = timestamp '2100-01-01 00:00:00'": "bad_timestamp",
    "cost_usd = -0.000000001": "negative_cost",
}
"""What is done to one row, and the reason it is counted under."""


def good(folder: Path, count: int = 20) -> tuple[Path, Path]:
    """The same calls as CSV and as Parquet."""
    csv = call_files.staged(folder / "good.csv", call_files.rows(count))
    with open_calls(csv) as calls:
        calls.write_parquet(folder / "good.parquet")
    return csv, folder / "good.parquet"


def faulty(folder: Path) -> Path:
    """Twenty calls, of which the first ones get a fault each; two more rows repeat the last, one of them changed."""
    connection = duckdb.connect()
    connection.execute(f"create table calls as select * from '{good(folder)[1]}'")
    connection.execute("insert into calls select * from calls where call_id = 'call_000019'")
    connection.execute(
        "insert into calls select * replace ('other' as model) from calls where call_id = 'call_000019' limit 1"
    )
    for number, fault in enumerate(FAULTS):
        connection.execute(f"update calls set {fault} where call_id = 'call_{number:06d}'")
    path = folder / "faulty.parquet"
    connection.execute(f"copy calls to '{path}' (format parquet)")
    return path


def retyped(source: Path, target: Path, replaced: str) -> Path:
    """A copy with some columns replaced by others: `cast(x as y) as x, ...`."""
    duckdb.execute(f"copy (select * replace ({replaced}) from '{source}') to '{target}' (format parquet)")
    return target
