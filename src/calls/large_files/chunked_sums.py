"""Rollups of a large file read chunk by chunk: memory for one chunk, whatever the file's size.

A chunk is loaded like a file of its own, its sums are added, and its calls are dropped. Three things do not stop
at the end of a chunk; where they cannot be told, the whole file must be loaded instead (`Inseparable`): a
quoted line end across it, an id that stands on both sides, and a call that may repeat one that failed in a
later chunk.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import duckdb

from calls.file.byte_signs import blocks
from calls.file.header import whole_lines
from calls.file.snapshot import Snapshot, chunk
from calls.reading.line_counts import LineCounts, line_counts_of
from calls.reading.load_statistics import FUTURE, PAST
from calls.reading.loading import Options, load_file
from calls.reading.relation import make_relation
from calls.reading.vocabulary import KnownType
from calls.rollups.definition import SingleCalls
from calls.rollups.shared import HOURLY_CUSTOMERS, ROLLUPS
from calls.source import RejectedLine

CHUNK_BYTES = 384 << 20
OVERLAP = timedelta(days=1)
TIMES = frozenset({"local_hour", "local_day"})
EMPTY = LineCounts(0, 0, None, None)
STORED = tuple(name for name, rollup in ROLLUPS.items() if "calls" in rollup.needs)
"""Rollups of calls; the others are made of these when they are asked for."""

FOLLOWED_EARLIER = f"""
select count(*)
from ({ROLLUPS["failed_calls"].sql}) as failed
semi join daily_customers as earlier
  on earlier.customer_id = failed.customer_id and earlier.last_call > failed.failed_at
  and earlier.local_day <= cast(failed.failed_at as date) + interval '2' day
where hash(failed.session_id) in (select id from all_sessions)
"""
"""Failed calls of a chunk after which a call of the same session in an earlier chunk may have come."""


class Inseparable(Exception):
    """Chunks of the file cannot be summed one by one; the message says why."""


@dataclass(frozen=True)
class Checked:
    """A chunk of a file that was summed, and the checksum (CRC-32) of its bytes."""

    start: int
    end: int
    checksum: int


@dataclass
class Sums:
    """What has been summed so far; the rollups are tables `new_<name>` of the connection."""

    line_counts: LineCounts = EMPTY
    chunks: list[Checked] = field(default_factory=list)
    by_customer_hour: bool = True
    in_order: bool = True
    """Whether each chunk begins about where the one before ends, so that few hours and days are in both."""

    def add(self, line_counts: LineCounts) -> None:
        """Adds a chunk."""
        last, first = self.line_counts.last, line_counts.first
        self.in_order &= not (last and first and first < last - OVERLAP)
        self.line_counts += line_counts


@dataclass(frozen=True)
class Reading:
    """How the calls of a file are read: see `calls.engine.open_calls`."""

    excluded_columns: frozenset[str]
    allow_credits: bool
    timezone: str
    late_after_ms: int


def chunks(seen: Snapshot, start: int, chunk_bytes: int = CHUNK_BYTES) -> Iterator[tuple[int, int]]:
    """The offsets between which the chunks of a file lie, from `start` on; each ends with a whole line."""
    while start < seen.size:
        end = min(start + chunk_bytes, seen.size)
        if end < seen.size:
            end = whole_lines(seen.file.fileno(), end, seen.header)
        if end <= start:
            raise Inseparable("a line is longer than a chunk")
        yield start, end
        start = end


def add_chunks(
    connection: duckdb.DuckDBPyConnection,
    seen: Snapshot,
    chunks: Iterable[tuple[int, int]],
    reading: Reading,
    types: Mapping[str, KnownType],
    sums: Sums,
) -> None:
    """Adds the lines of some chunks of a file to the sums.

    The relations named like rollups hold all that is summed so far; `all_ids` and `all_sessions` hold hashes of
    the ids of those calls and of their sessions.

    Raises:
        Inseparable: they cannot be summed by themselves.
    """
    options = Options(reading.excluded_columns, reading.allow_credits, types)
    for start, end in chunks:
        with chunk(seen, start, end) as (part, signs, checksum):
            if signs.quotes % 2:
                raise Inseparable("a quoted field goes on over the end of a chunk")
            loaded = load_file(connection, part, part.file, options, signs)
            if loaded is None or loaded.torn_tail or loaded.excluded_columns != reading.excluded_columns:
                raise Inseparable("two calls have the same id, or a line does not end where it should")
            sums.chunks.append(Checked(start, end, checksum))
        if loaded.load_statistics.wide or any(
            loaded.load_statistics.flagged[name] for name in (FUTURE, PAST)
        ):
            raise Inseparable("a count or a time is beyond all others")
        line_counts = line_counts_of(loaded)
        if line_counts.rejected:
            line_counts = _placed(line_counts, seen, start)
        _add_ids(connection)
        make_relation(
            connection, "accepted_calls", reading.excluded_columns, reading.timezone, reading.late_after_ms
        )
        _add_rollups(connection, sums)
        _add_sessions(connection)
        sums.add(line_counts)


def _placed(line_counts: LineCounts, seen: Snapshot, start: int) -> LineCounts:
    """The line counts of a chunk with its rejected lines where they stand in the whole file."""
    sign = seen.header.line_end[-1:]
    before = sum(block.count(sign) for block in blocks(seen.file.fileno(), seen.header.length, start))
    moved = start - seen.header.length
    lines = tuple(
        RejectedLine(line.line + before, line.byte_offset + moved, line.reason, line.text)
        for line in line_counts.lines
    )
    return LineCounts(
        rows=line_counts.rows,
        duplicates=line_counts.duplicates,
        first=line_counts.first,
        last=line_counts.last,
        flagged=line_counts.flagged,
        rejected=line_counts.rejected,
        lines=lines,
    )


def _add_ids(connection: duckdb.DuckDBPyConnection) -> None:
    """Notes the ids of the chunk, unless one of them is known."""
    connection.execute("create or replace table chunk_ids as select id_hash as id from accepted_calls")
    query = "select count(*) from chunk_ids semi join all_ids on all_ids.id = chunk_ids.id"
    if connection.execute(query).fetchall()[0][0]:
        raise Inseparable("a call id stands in two places of the file")
    connection.execute("insert into new_ids select id from chunk_ids")


def _add_sessions(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "insert into new_sessions select distinct hash(session_id) from accepted_calls where session_id <> ''"
    )


def _add_rollups(connection: duckdb.DuckDBPyConnection, sums: Sums) -> None:
    if connection.execute(FOLLOWED_EARLIER).fetchall()[0][0]:
        raise Inseparable("calls are not in the order of time")
    for name in STORED:
        if name != "hourly_customers" or sums.by_customer_hour:
            connection.execute(f"insert into new_{name} {ROLLUPS[name].sql}")
    customers = "select count(distinct customer_id) from daily_customers"
    if sums.by_customer_hour and connection.execute(customers).fetchall()[0][0] > HOURLY_CUSTOMERS:
        sums.by_customer_hour = False
        connection.execute("delete from new_hourly_customers")


def add_up(connection: duckdb.DuckDBPyConnection, *, in_order: bool) -> None:
    """Makes one row of the rows of each rollup that agree in the keys.

    With chunks `in_order`, rollups by hour or day are left as they are: there is nothing to gain.
    """
    for name in STORED:
        rollup = ROLLUPS[name]
        if not isinstance(rollup, SingleCalls) and not (in_order and TIMES & rollup.keys.keys()):
            connection.execute(f"create or replace table added_up as {rollup.added_up(f'new_{name}')}")
            connection.execute(f"delete from new_{name}; insert into new_{name} select * from added_up")
