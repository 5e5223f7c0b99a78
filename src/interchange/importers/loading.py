"""Loads the records of one file into `staged`: the engine streams it, and what it cannot read is read again.

The engine takes a line of JSON or leaves it. A line that it left may still hold a call: broken characters in
a prompt, or a number of a kind that it does not know. Such lines are read by the standard library, which also
tells what is no JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from calls.file.engine_errors import reason_of
from foundation.outcome import UsageError
from interchange.importers import notation
from interchange.importers.field_mapping import FieldMapping, Format, mapped_name
from interchange.importers.fields import ColumnFields, Record, RecordFields
from interchange.importers.formats.table import unguarded
from interchange.importers.mapping import ColumnMapping, apply
from interchange.importers.reading.containers import (
    Container,
    Kind,
    as_lines,
    has_long_line,
    line_ends,
    repaired,
    with_one_line_end,
)
from interchange.importers.reading.in_time import in_time
from interchange.importers.reading.records import (
    FEW_REJECTS,
    LARGE_OBJECT_BYTES,
    OBJECT_BYTES,
    TEXT,
    BadLines,
    Wanted,
    csv_sql,
    given_sql,
    lines_sql,
    list_sql,
    long_lines_sql,
    parquet_columns,
    parquet_sql,
)
from interchange.importers.reading.second_reading import Unequal, read_again, take_unread
from interchange.importers.staging import AMOUNTS, COUNTS, leave_out, planned_for, stage_sql

EXACT_USD = 1 << 23
"""The engine takes a number in JSON for a binary one, which keeps nine decimals of a dollar below this."""
SECOND_US = 1_000_000
LONG_RECORD_CHARS = 8_192
"""The engine parses 2,048 records of a list at once, and a parsed record takes ten times its bytes."""


@dataclass(frozen=True)
class Loading:
    """How one file of an import is loaded: `number` is its place among the files.

    `folder` takes a copy where the file must be cut anew.
    """

    connection: duckdb.DuckDBPyConnection
    format: Format
    mapping: ColumnMapping
    number: int
    folder: Path
    weighing: bool = False
    """Whether the notation of numbers is weighed, and nothing is staged."""

    def load(self, container: Container) -> None:
        """Adds the records of a file to `staged`.

        Raises:
            UsageError: the file cannot be read.
        """
        container = self._readable(container)
        try:
            with planned_for(self.connection, container.path.stat().st_size):
                self._load_well(container)
        except duckdb.OutOfMemoryException as error:
            raise UsageError(
                f"{container.name} takes more memory than an import has; split it into files of fewer records."
            ) from error
        except (duckdb.Error, Unequal, OSError, EOFError) as error:
            raise UsageError(
                f"{container.name} cannot be read as {container.kind} ({reason_of(error)})."
            ) from None

    def _load_well(self, container: Container) -> None:
        """In the file's own notation, in the order of its times, and to the digit."""
        self._load_either(container)
        if self._doubtful():
            self._with_notation(container)._load_either(container)
        if self.format.by_time and container.by_line and self._goes_back():
            self._forget()
            container = in_time(container, self.folder)
            self._load_either(container)
        self._load_exactly(container)

    def _load_either(self, container: Container) -> None:
        """As the file stands, or else cut anew."""
        if container.by_line and has_long_line(container):
            # The engine may leave out a line that is longer than it takes, and not say so.
            self._load_anew(container)
            return
        try:
            self._load(container)
        except (duckdb.Error, Unequal):
            if container.kind is Kind.PARQUET:
                raise
            self._forget()
            self._load_anew(container)

    def _doubtful(self) -> bool:
        """Whether records wait for the notation of their file."""
        query = f"select 1 from staged where file = {self.number} and skip = '{notation.DOUBTFUL}' limit 1"
        return self.connection.execute(query).fetchone() is not None

    def _goes_back(self) -> bool:
        """Whether lines stand before others that are older by more than a second, of which many share one time."""
        query = f"""
            select 1 from (
                select epoch_us("timestamp") as now, epoch_us(lag("timestamp") over ()) as before
                from staged where file = {self.number} and "timestamp" is not null
            ) where before - now > {SECOND_US} limit 1
        """
        return self.connection.execute(query).fetchone() is not None

    def _with_notation(self, container: Container) -> "Loading":
        """The same with the notation that the file's own numbers tell; nothing is staged."""
        self._forget()
        self.connection.execute(notation.TABLE)
        replace(self, weighing=True)._load_either(container)
        self._forget()
        rows = self.connection.execute(f"from {notation.EVIDENCE} order by all").fetchall()
        named = {mapped_name(column): path for column, path in self.mapping.paths.items()}
        decimal = notation.decided(container.name, rows, named)
        return replace(self, mapping=replace(self.mapping, decimal=decimal))

    def _readable(self, container: Container) -> Container:
        """A file that the engine would misread, written anew."""
        if container.kind is Kind.JSON_LIST and container.record_chars > LONG_RECORD_CHARS:
            return as_lines(container, self.folder)
        if container.dialect.skipped:
            # Behind blank lines that end otherwise than the others, nothing would be found.
            return with_one_line_end(container, self.folder)
        return container

    def _load_anew(self, container: Container) -> None:
        if container.kind is Kind.CSV:
            self._load(with_one_line_end(container, self.folder))
        else:
            # A list that breaks off, or a record too large to be taken with others.
            self._load(as_lines(container, self.folder), LARGE_OBJECT_BYTES)

    def _load_exactly(self, container: Container) -> None:
        """Loads JSON again where dollars may have been rounded."""
        if container.kind in (Kind.CSV, Kind.PARQUET):
            return
        rounded = self.connection.execute(
            f"select 1 from staged where file = {self.number} "
            f"and greatest({', '.join(f'amounts.{name}' for name in AMOUNTS)}) >= {EXACT_USD} limit 1"
        )
        if rounded.fetchone():
            self._forget()
            self._load(as_lines(container, self.folder, exact=True), LARGE_OBJECT_BYTES)

    def _forget(self) -> None:
        for table in ("staged", "left_out"):
            self.connection.execute(f"delete from {table} where file = {self.number}")

    def _load(self, container: Container, object_bytes: int = OBJECT_BYTES) -> None:
        if container.kind in (Kind.CSV, Kind.PARQUET) and self.format.shapes:
            raise UsageError(f"{container.name} has spans in a table; export them as OTLP JSON.")
        if container.kind is Kind.CSV:
            self._load_csv(container)
        elif container.kind is Kind.PARQUET:
            columns = parquet_columns(self.connection, container)
            fields = self._table(container, [name for name, _ in columns])
            self._stage(parquet_sql(container, columns), fields, self._field_mapping(fields))
        else:
            self._load_json(container, object_bytes)

    def _load_csv(self, container: Container) -> None:
        fields = self._table(container, container.columns)
        field_mapping = self._field_mapping(fields, guarded=container.for_spreadsheets)
        if has_long_line(container):
            # The engine skips one beyond its buffers, and rows behind it, without a word.
            self._load_repaired(container, fields, field_mapping)
            return
        try:
            self._stage(csv_sql(container, BadLines.REFUSED), fields, field_mapping)
        except duckdb.Error:  # the engine has many ways to refuse a line
            if not self._few_are_bad(container) or not self._loaded_without_few(
                container, fields, field_mapping
            ):
                self._load_repaired(container, fields, field_mapping)

    def _few_are_bad(self, container: Container) -> bool:
        """Whether the engine may keep the lines that are no records."""
        good = f"select count(*) from {csv_sql(container, BadLines.LEFT_OUT)}"
        try:
            (records,) = self.connection.execute(good).fetchall()[0]
        except duckdb.Error:
            return False
        return line_ends(container) - int(records) <= FEW_REJECTS

    def _loaded_without_few(
        self, container: Container, fields: ColumnFields, field_mapping: FieldMapping
    ) -> bool:
        """Loads a file of which few lines are bad; not if an open quote has made several lines one."""
        self.connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        self._stage(csv_sql(container, BadLines.KEPT), fields, field_mapping)
        swallowed, bad = self.connection.execute("""
            select count(*) filter (where contains(rtrim(csv_line, chr(13) || chr(10)), chr(10))),
                count(distinct (scan_id, file_id, line))
            from reject_errors
        """).fetchall()[0]
        if swallowed or bad >= FEW_REJECTS:
            self._forget()
            return False
        self._leave_out(int(bad))
        return True

    def _load_repaired(self, container: Container, fields: ColumnFields, field_mapping: FieldMapping) -> None:
        """Loads a file of which many lines are bad, or long."""
        before = self._staged()
        container, done = repaired(container, self.folder)
        self._stage(csv_sql(container, BadLines.LEFT_OUT), fields, field_mapping)
        refused = 0 if self.weighing else done.records - (self._staged() - before)
        self._leave_out(done.bad_lines + refused)

    def _staged(self) -> int:
        return int(self.connection.execute("select count(*) from staged").fetchall()[0][0])

    def _leave_out(self, lines: int) -> None:
        leave_out(self.connection, self.number, "bad_line", lines)

    def _load_json(self, container: Container, object_bytes: int) -> None:
        fields = self.format.fields()
        field_mapping = self._field_mapping(fields)
        wanted = self._wanted(fields)
        if container.kind is Kind.JSON_LIST:
            self._stage(list_sql(container, wanted), fields, field_mapping)
            return
        self._stage(lines_sql(container, wanted, object_bytes), fields, field_mapping)
        if left := take_unread(self.connection, self.number):
            with_text = long_lines_sql(container, wanted, object_bytes)
            sql = self._sql(given_sql(wanted), fields, field_mapping)
            bad = read_again(self.connection, left, with_text, sql)
            for reason, count in bad.items():
                leave_out(self.connection, self.number, reason, count)

    def _wanted(self, fields: Record) -> Wanted:
        if isinstance(fields, RecordFields):
            return Wanted({name: (key, TEXT) for name, key in fields.columns.items()})
        return Wanted({key.replace("$", "_"): (key, shape) for key, shape in self.format.shapes.items()})

    def _table(self, container: Container, columns: Sequence[str]) -> ColumnFields:
        fields = ColumnFields(columns)
        for flag, path in self.mapping.named_fields():
            if not fields.has(path):
                raise UsageError(
                    f"{container.name} has no column {path}, which {flag} names; "
                    f"it has {', '.join(columns[:12])}."
                )
        return fields

    def _field_mapping(self, fields: Record, *, guarded: bool = False) -> FieldMapping:
        field_mapping = self.format.field_mapping(fields)
        return apply(
            unguarded(field_mapping) if guarded else field_mapping, self.mapping, fields, self.format.tags
        )

    def _sql(self, records: str, fields: Record, field_mapping: FieldMapping) -> str:
        relation = (
            self.format.relation.format(records=records, shared=fields.shared())
            if self.format.shapes
            else records
        )
        if self.weighing:
            return notation.evidence_sql(relation, fields, field_mapping, COUNTS, AMOUNTS)
        return stage_sql(self.number, relation, fields, field_mapping, self.mapping.decimal)

    def _stage(self, records: str, fields: Record, field_mapping: FieldMapping) -> None:
        sql = self._sql(records, fields, field_mapping)
        try:
            self.connection.execute(sql)
        except duckdb.OutOfMemoryException:
            # Rows keep their order: while one thread waits for the processor, others hold what comes after its rows.
            self.connection.execute("set threads = 1")
            try:
                self.connection.execute(sql)
            finally:
                self.connection.execute("reset threads")
