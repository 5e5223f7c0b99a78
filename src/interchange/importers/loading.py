"""Loads the records of one file into `staged`: the engine streams it, and what it cannot read is read again.

The engine takes a line of JSON or leaves it. A line that it left may still hold a call: broken characters in
a prompt, or a number of a kind that it does not know. Such lines are read by the standard library, which also
tells what is no JSON.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from interchange.importers.containers import Container, Kind, as_lines
from interchange.importers.draft import Draft, Format
from interchange.importers.fields import ColumnFields, Record, RecordFields
from interchange.importers.mapping import ColumnMapping, apply
from interchange.importers.records import (
    LARGE_OBJECT_BYTES,
    OBJECT_BYTES,
    TEXT,
    Wanted,
    csv_sql,
    given_sql,
    lines_sql,
    list_sql,
    long_lines_sql,
    parquet_columns,
    parquet_sql,
)
from interchange.importers.second_reading import Unequal, read_again, take_unread
from interchange.importers.staging import stage_sql
from interchange.importers.table import unguarded
from outcome import Misuse

LONG_RECORD_CHARS = 8_192
"""The engine parses 2,048 records of a list at once, and a parsed record takes ten times its bytes."""


@dataclass(frozen=True)
class Loading:
    """How one file of an import is loaded: `number` is its place among the files."""

    connection: duckdb.DuckDBPyConnection
    format: Format
    mapping: ColumnMapping
    number: int

    def load(self, container: Container, folder: Path) -> None:
        """Adds the records of a file to `staged`; `folder` takes a copy where the file must be cut anew.

        Raises:
            Misuse: the file cannot be read.
        """
        if container.kind is Kind.JSON_LIST and container.record_chars > LONG_RECORD_CHARS:
            container = as_lines(container, folder)
        try:
            try:
                self._load(container)
            except (duckdb.Error, Unequal):
                # A list that breaks off, or a record too large to be taken with others.
                if container.kind not in (Kind.JSON_LINES, Kind.JSON_LIST):
                    raise
                self.connection.execute(f"delete from staged where file = {self.number}")
                self._load(as_lines(container, folder), LARGE_OBJECT_BYTES)
        except (duckdb.Error, Unequal, OSError, EOFError) as error:
            sentence = (str(error) or type(error).__name__).splitlines()[0]
            raise Misuse(f"{container.name} cannot be read as {container.kind} ({sentence}).") from None

    def _load(self, container: Container, object_bytes: int = OBJECT_BYTES) -> None:
        if container.kind in (Kind.CSV, Kind.PARQUET) and self.format.shapes:
            raise Misuse(f"{container.name} has spans in a table; export them as OTLP JSON.")
        if container.kind is Kind.CSV:
            self._load_csv(container)
        elif container.kind is Kind.PARQUET:
            columns = parquet_columns(self.connection, container)
            fields = ColumnFields([name for name, _ in columns])
            self._stage(parquet_sql(container, columns), fields, self._draft(fields))
        else:
            self._load_json(container, object_bytes)

    def _load_csv(self, container: Container) -> None:
        fields = ColumnFields(container.columns)
        self.connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        draft = self._draft(fields, guarded=container.for_spreadsheets)
        self._stage(csv_sql(container), fields, draft)
        self.connection.execute(
            f"insert into staged (file, line, skip) select {self.number}, -cast(min(line) as bigint), 'bad_line' "
            "from reject_errors group by scan_id, file_id, line"
        )

    def _load_json(self, container: Container, object_bytes: int) -> None:
        fields = self.format.fields()
        draft = self._draft(fields)
        wanted = self._wanted(fields)
        if container.kind is Kind.JSON_LIST:
            self._stage(list_sql(container, wanted), fields, draft)
            return
        self._stage(lines_sql(container, wanted, object_bytes), fields, draft)
        if left := take_unread(self.connection, self.number):
            with_text = long_lines_sql(container, wanted, object_bytes)
            sql = self._sql(given_sql(wanted), fields, draft)
            read_again(self.connection, self.number, left, with_text, sql)

    def _wanted(self, fields: Record) -> Wanted:
        if isinstance(fields, RecordFields):
            return Wanted({name: (key, TEXT) for name, key in fields.columns.items()})
        return Wanted({key: (key, shape) for key, shape in self.format.shapes.items()})

    def _draft(self, fields: Record, *, guarded: bool = False) -> Draft:
        draft = self.format.draft(fields)
        return apply(unguarded(draft) if guarded else draft, self.mapping, fields, self.format.tags)

    def _sql(self, records: str, fields: Record, draft: Draft) -> str:
        relation = self.format.relation.replace("{records}", records) if self.format.shapes else records
        return stage_sql(self.number, relation, fields, draft)

    def _stage(self, records: str, fields: Record, draft: Draft) -> None:
        self.connection.execute(self._sql(records, fields, draft))
