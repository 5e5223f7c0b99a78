"""The relation of a file's records: one row a record, with the columns that its format asks for.

The engine parses a record once and keeps only the keys wanted. Each relation has `line` and `broken` besides:
the place of the record where that is known, and why it cannot be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb

from calls.file.engine_errors import reason_of
from calls.file.engine_paths import reader_sql
from foundation.outcome import UsageError
from foundation.sql_text import identifier, literal
from interchange.importers.field_sql import json_path, listed
from interchange.importers.reading.containers import Container
from interchange.importers.reading.csv_files import check_width
from interchange.importers.reading.text_encodings import unpacked

OBJECT_BYTES = 2 << 20
"""The longest line that is read as it stands. Twice as much is read at a time, and then parsed."""
LARGE_OBJECT_BYTES = 32 << 20
"""A record of more bytes, without its long texts, cannot be read."""
LINE_BYTES = 8 << 20
LONG_LINE_BYTES = 4_096
FEW_REJECTS = 8
"""Lines that are none which the engine may keep; each takes twice its bytes of memory, and kilobytes more."""
UNREAD = "unread"
"""A record of which nothing was found: nothing is there, or the engine could not read it."""
TEXT = "VARCHAR"
NO_LINE = "cast(null as bigint) as line"
"""The engine reads in order, so that a record's place among those of its file tells its line."""
_NEVER = chr(1)
"""A character that does not stand in JSON, so that the CSV reader finds one field a line."""


@dataclass(frozen=True)
class Wanted:
    """The columns wanted of JSON records: name in SQL -> (key, type of the value)."""

    columns: Mapping[str, tuple[str, str]]

    def from_reader(self, path: Path, arguments: str) -> str:
        """SQL for the records that the engine's JSON reader finds in a file with `arguments`."""
        if self._alike():
            return self.from_text(
                f"(select {NO_LINE}, json as text from {reader_sql('read_json_objects', [path], arguments)})"
            )
        types = ", ".join(f"{literal(key)}: {literal(kind)}" for key, kind in self.columns.values())
        named = ", ".join(f"{identifier(key)} as {name}" for name, (key, _) in self.columns.items())
        rows = reader_sql("read_json", [path], f"{arguments}, columns={{{types}}}")
        return f"(select {NO_LINE}, {named} from {rows})"

    def from_text(self, relation: str) -> str:
        """SQL for the records of a relation with columns `line` and `text`, which is JSON."""
        if all(kind == TEXT for _, kind in self.columns.values()):
            parsed = (
                f"json_extract_string(text, [{listed(json_path([key]) for key, _ in self.columns.values())}])"
            )
            read = [f"parsed[{place}] as {name}" for place, name in enumerate(self.columns, start=1)]
        else:
            members = ", ".join(f"{identifier(key)} {kind}" for key, kind in self.columns.values())
            parsed = f"json_transform(text, {literal(json_string(f'STRUCT({members})'))})"
            read = [f"parsed.{identifier(key)} as {name}" for name, (key, _) in self.columns.items()]
        inner = f"(select line, text, try({parsed}) as parsed from {relation})"
        return f"(select line, text, {', '.join(read)} from {inner})"

    def nothing(self) -> str:
        """SQL for whether nothing was found of a record."""
        return " and ".join(f"{name} is null" for name in self.columns)

    def _alike(self) -> bool:
        """Whether two keys differ in letter case only, which columns of the engine must not."""
        return len({key.lower() for key, _ in self.columns.values()}) < len(self.columns)


def given_sql(wanted: Wanted) -> str:
    """The records of lines of JSON that are given as parameters, $lines with their $numbers."""
    relation = wanted.from_text("(select unnest($numbers) as line, unnest($lines) as text)")
    return f"(select *, cast(null as varchar) as broken from {relation})"


def list_sql(container: Container, wanted: Wanted) -> str:
    """The records of a list in JSON, which has to be whole."""
    relation = wanted.from_reader(
        container.path, f"{_packing(container)}, maximum_object_size={OBJECT_BYTES}, format='array'"
    )
    return f"(select *, cast(null as varchar) as broken from {relation})"


def lines_sql(container: Container, wanted: Wanted, object_bytes: int) -> str:
    """The records of a file of JSON lines; blank ones are left out.

    The engine's JSON reader parses 2,048 lines at once, and a parsed line takes ten times its bytes.
    """
    if _mean_line_bytes(container) > LONG_LINE_BYTES:
        return long_lines_sql(container, wanted, object_bytes)
    relation = wanted.from_reader(
        container.path,
        f"{_packing(container)}, maximum_object_size={object_bytes}, format='newline_delimited', ignore_errors=true",
    )
    return _marked(relation, wanted)


def long_lines_sql(container: Container, wanted: Wanted, object_bytes: int) -> str:
    """The same with the line as `text`; the CSV reader reads in small buffers."""
    lines = reader_sql(
        "read_csv",
        [container.path],
        f"{_packing(container)}, auto_detect=false, header=false, delim={literal(_NEVER)}, quote='', escape='', "
        f"strict_mode=false, columns={{'text': 'VARCHAR'}}, max_line_size={object_bytes}, "
        f"buffer_size={2 * object_bytes}",
    )
    relation = wanted.from_text(f"(select {NO_LINE}, text from {lines})")
    return _marked(relation, wanted)


def _marked(relation: str, wanted: Wanted) -> str:
    return f"(select *, case when {wanted.nothing()} then '{UNREAD}' end as broken from {relation})"


class BadLines(StrEnum):
    """What the engine does with lines of a CSV that are no records."""

    REFUSED = "ignore_errors=false"
    KEPT = f"store_rejects=true, rejects_limit={FEW_REJECTS}"
    """In its table reject_errors, where they are few."""
    LEFT_OUT = "ignore_errors=true"


def csv_sql(container: Container, bad_lines: BadLines) -> str:
    """The rows of a CSV file, with columns f0, f1, ..."""
    types = ", ".join(f"'f{place}': 'VARCHAR'" for place, _ in enumerate(container.columns))
    dialect = (
        f"delim={literal(container.dialect.delimiter)}, quote='\"', escape='\"', header=true, "
        f"skip={container.dialect.skipped}"
    )
    rows = reader_sql(
        "read_csv",
        [container.path],
        f"{_packing(container)}, auto_detect=false, {dialect}, columns={{{types}}}, max_line_size={LINE_BYTES}, "
        # Otherwise the engine takes buffers of sixteen longest lines, more than an import may have.
        f"buffer_size={2 * LINE_BYTES}, {bad_lines}, strict_mode=true",
    )
    return f"(select {NO_LINE}, cast(null as varchar) as broken, * from {rows})"


def parquet_sql(container: Container, columns: Sequence[tuple[str, str]]) -> str:
    """The rows of a Parquet file, with columns f0, f1, ... as text."""
    texts = ", ".join(_as_text(place, name, kind) for place, (name, kind) in enumerate(columns))
    return (
        f"(select {NO_LINE}, cast(null as varchar) as broken, {texts} "
        f"from {reader_sql('read_parquet', [container.path])})"
    )


def parquet_columns(connection: duckdb.DuckDBPyConnection, container: Container) -> list[tuple[str, str]]:
    """Name and type of each column of a Parquet file.

    Raises:
        UsageError: it is no Parquet file, or has too many columns.
    """
    try:
        rows = connection.execute(
            f"describe select * from {reader_sql('read_parquet', [container.path])}"
        ).fetchall()
    except duckdb.Error as error:
        raise UsageError(
            f"{container.name} cannot be read as Parquet ({reason_of(error)}); export it again."
        ) from None
    check_width(container.name, len(rows))
    return [(row[0], row[1]) for row in rows]


def json_string(text: str) -> str:
    """A text as a JSON string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _packing(container: Container) -> str:
    return f"compression='{'gzip' if container.compressed else 'none'}'"


def _mean_line_bytes(container: Container) -> float:
    """The mean length of the first lines."""
    with unpacked(container.path, container.compressed) as source:
        lengths = [len(source.readline(LINE_BYTES)) for _ in range(64)]
    found = [length for length in lengths if length]
    return sum(found) / max(len(found), 1)


def _as_text(place: int, name: str, kind: str) -> str:
    column = identifier(name)
    nested = kind.startswith(("STRUCT", "MAP")) or kind.endswith("]")
    text = f"cast({f'to_json({column})' if nested else column} as varchar)"
    if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
        # Zeros behind a point would be taken for thousands.
        text = f"rtrim(rtrim({text}, '0'), '.')"
    return f"{text} as f{place}"
