"""Loads the records of one file into `staged`: streamed by the engine, or block by block where lines are long."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from interchange.importers.containers import Container, Kind, as_lines, unpacked
from interchange.importers.draft import Format
from interchange.importers.mapping import ColumnMapping, apply
from interchange.importers.staging import BLOCK_RECORDS, fields_of, records_sql, stage_sql
from interchange.importers.table import unguarded
from outcome import Misuse

LONG_LINE_BYTES = 4_096
"""The engine parses 2,048 records at once, and a parsed record takes ten times its bytes."""
BLOCK_BYTES = 4 << 20
WORKERS = 2


@dataclass(frozen=True)
class Loading:
    """How one file of an import is loaded: `number` is its place among the files."""

    connection: duckdb.DuckDBPyConnection
    format: Format
    mapping: ColumnMapping
    number: int

    def load(self, container: Container) -> None:
        """Adds the records of a file to `staged`.

        Raises:
            duckdb.Error: the engine cannot read the file; some records may have been added.
        """
        if container.kind is Kind.JSON_LINES and _line_bytes(container) > LONG_LINE_BYTES:
            self._load_blocks(container)
            return
        self.connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        self.connection.execute(self._sql(container, records_sql(self.connection, container)))
        if container.kind is Kind.CSV:
            self.connection.execute(
                f"insert into staged (file, line, skip) select {self.number}, -cast(min(line) as bigint), 'bad_line' "
                "from reject_errors group by scan_id, file_id, line"
            )

    def load_again(self, container: Container, folder: Path) -> None:
        """The same in the slower way that takes any JSON.

        Raises:
            Misuse: the file cannot be read this way either.
        """
        try:
            if container.kind in (Kind.CSV, Kind.PARQUET):
                self.load(container)
            elif container.kind is Kind.JSON_LIST:
                self._load_blocks(as_lines(container, folder))
            else:
                self._load_blocks(container)
        except (duckdb.Error, OSError, EOFError) as error:
            sentence = (str(error) or type(error).__name__).splitlines()[0]
            raise Misuse(f"{container.name} cannot be read as {container.kind} ({sentence}).") from None

    def _sql(self, container: Container, records: str) -> str:
        in_json = container.kind in (Kind.JSON_LINES, Kind.JSON_LIST)
        relation = self.format.relation.replace("{records}", records) if in_json else ""
        return self._stage_sql(container, relation or records, in_json=in_json)

    def _stage_sql(self, container: Container, relation: str, *, in_json: bool) -> str:
        own = self.format.fields if in_json else None
        fields = own() if own else fields_of(self.connection, container)
        own_draft = self.format.draft(fields)
        if container.for_spreadsheets:
            own_draft = unguarded(own_draft)
        draft = apply(own_draft, self.mapping, fields, self.format.tags)
        return stage_sql(self.number, relation, fields, draft)

    def _load_blocks(self, container: Container) -> None:
        """Loads lines by blocks; what a line nests is first unfolded to a table, then mapped in one go."""
        if not self.format.relation:
            self._each_block(container, self._sql(container, BLOCK_RECORDS))
            return
        unfolded = self.format.relation.replace("{records}", BLOCK_RECORDS)
        nothing = {"lines": [], "first": 1}
        self.connection.execute(
            f"create or replace table unfolded as select * from {unfolded} limit 0", nothing
        )
        self._each_block(container, f"insert into unfolded select * from {unfolded}")
        self.connection.execute(self._stage_sql(container, "unfolded", in_json=True))
        self.connection.execute("drop table unfolded")

    def _each_block(self, container: Container, sql: str) -> None:
        """Two blocks at a time; the number of a line is given along, since they may overtake each other."""

        def load(block: tuple[int, list[str]]) -> None:
            first, lines = block
            self.connection.cursor().execute(sql, {"lines": lines, "first": first})

        with ThreadPoolExecutor(WORKERS) as pool:
            waiting: list[Future[None]] = []
            for block in _blocks(container):
                waiting.append(pool.submit(load, block))
                if len(waiting) > WORKERS:
                    waiting.pop(0).result()
            for future in waiting:
                future.result()


def _blocks(container: Container) -> Iterator[tuple[int, list[str]]]:
    """Lines by blocks, each with the number of its first line; blank lines are left out."""
    lines: list[str] = []
    size, first = 0, 1
    with unpacked(container.path, container.compressed) as source:
        for line in source:
            if not line.strip():
                continue
            lines.append(line.decode("utf-8", errors="replace").replace("\0", "\ufffd"))
            size += len(line)
            if size >= BLOCK_BYTES:
                yield first, lines
                first, lines, size = first + len(lines), [], 0
    if lines:
        yield first, lines


def _line_bytes(container: Container) -> float:
    """The mean length of the first lines."""
    with unpacked(container.path, container.compressed) as source:
        lengths = [len(line) for line, _ in zip(source, range(64), strict=False)]
    return sum(lengths) / max(len(lengths), 1)
