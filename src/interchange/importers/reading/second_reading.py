"""Lines of JSON that the engine skipped: the standard library reads them and says why one is not JSON.

A line may hold a call that the engine cannot read, since a prompt has broken characters in it. And one may
hold nothing but keys that nobody asked for.
"""

import json
from collections import Counter
from typing import Any

import duckdb

from foundation.engine_interrupt import broken_off
from interchange.importers.reading.json_documents import cleaned
from interchange.importers.reading.json_window import has_too_many_parts
from interchange.importers.reading.record_lists import NO_RECORDS
from interchange.importers.reading.records import UNREAD

BLOCK_LINES = 200


class Unequal(Exception):
    """The two readings do not agree on which lines there are."""


def take_unread(connection: duckdb.DuckDBPyConnection, file: int) -> int:
    """Takes the records that were left out of `staged`, and counts them."""
    unread = f"from staged where file = {file} and skip = '{UNREAD}'"
    count = connection.execute(f"select count(*) {unread}").fetchall()[0][0]
    if count:
        connection.execute(f"delete {unread}")
    return int(count)


def read_again(connection: duckdb.DuckDBPyConnection, count: int, records: str, sql: str) -> dict[str, int]:
    """Adds the lines that were left to `staged`: those `broken` in a relation with their `text`.

    `sql` adds records that are given as $lines and $numbers. Lines are counted from 1, without blank ones.

    Returns:
        How many hold no record, by reason.

    Raises:
        Unequal: there are not `count` such lines.
    """
    reader = connection.cursor()
    broken_off(reader)
    reader.execute(f"""
        select place, text from (select row_number() over () as place, text, broken from {records})
        where broken is not null
    """)
    bad: Counter[str] = Counter()
    while rows := reader.fetchmany(BLOCK_LINES):
        count -= len(rows)
        read = {place: _record(text) for place, text in rows}
        bad.update(reason for _, reason in read.values() if reason)
        if good := {place: record for place, (record, reason) in read.items() if not reason}:
            connection.execute(sql, {"numbers": list(good), "lines": list(good.values())})
    if count:
        raise Unequal
    return dict(bad)


def _record(line: str) -> tuple[str, str]:
    """A line as JSON that the engine can read, or why it is not JSON."""
    if has_too_many_parts(line):
        return "", "too_deep"
    try:
        value: Any = json.loads(line.removeprefix("\ufeff"))
        if not isinstance(value, dict):
            return "", "no_records" if line == NO_RECORDS else "not_an_object"
        return json.dumps(cleaned(value), ensure_ascii=False), ""
    except RecursionError:
        return "", "too_deep"
    except ValueError:
        return "", "not_json"
