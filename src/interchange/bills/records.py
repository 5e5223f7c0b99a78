"""The records of a bill with their numbers: CSV of any delimiter, JSON of pages and buckets, JSON lines, Parquet."""

import csv
import gzip
import io
import json
import re
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb

from calls.file.engine_errors import reason_of
from calls.file.engine_paths import reader_sql
from calls.file.spill import private_engine
from foundation.outcome import UsageError
from interchange.bills.charges import Rejected
from interchange.importers.reading.containers import Container, Kind, open_container
from interchange.importers.reading.text_encodings import unpacked

MORE_PAGES = "has_more"


@dataclass(frozen=True)
class Record:
    """The cells of a line or record by normal column name; `cells` are those that hold something."""

    number: int
    fields: dict[str, str]

    @property
    def cells(self) -> list[str]:
        """The cells that hold something."""
        return [cell for cell in self.fields.values() if cell]


@dataclass(frozen=True)
class Records:
    """All records of a file, the lines that are none, and the columns by normal name.

    `repeated` are columns of one normal name that do not say the same: "Cost ($)" and "Cost (€)".
    """

    columns: dict[str, str]
    records: list[Record]
    rejected: list[Rejected]
    digest: str
    has_more: bool = False
    repeated: dict[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def normal(name: str) -> str:
    """A column name in lower-case letters and digits: lineItem/UsageType and line_item_usage_type are one."""
    return re.sub(r"[\W_]", "", name.lower())


def read_records(name: str) -> Records:
    """Reads a file whole.

    Raises:
        UsageError: it cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        container = open_container(name, Path(folder))
        if container.kind is Kind.CSV:
            return _of_csv(container)
        if container.kind is Kind.PARQUET:
            return _of_values(_parquet(container), container.digest())
        return _of_json(container)


def _text(container: Container) -> str:
    try:
        with unpacked(container.path, container.compressed) as source:
            return source.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{container.name} is not UTF-8 text; save it as UTF-8.") from None
    except (EOFError, OSError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{container.name} cannot be read ({error}); download it again.") from None


def _of_csv(container: Container) -> Records:
    dialect = container.dialect
    rows = csv.reader(io.StringIO(_text(container), newline=None), delimiter=dialect.delimiter, strict=True)
    heads: Sequence[str] = dialect.columns
    records, rejected = [], []
    repeated: dict[str, tuple[str, ...]] = {}
    last = 0
    try:
        for row in rows:
            number, last = last + 1, rows.line_num
            cells = [cell.strip() for cell in row]
            if number == dialect.skipped + 1 and len(cells) == len(heads):
                heads = cells  # as the file writes them: of two alike the other reader renames one
            if number <= dialect.skipped + 1 or not any(cells):
                continue
            if any(cells[len(heads) :]):
                rejected.append(Rejected(number, f"has {len(cells)} cells where the header has {len(heads)}"))
                continue
            told = list(zip_longest(heads, cells[: len(heads)], fillvalue=""))
            repeated |= _contradictions(told)
            records.append(Record(number, _fields(told)))
    except csv.Error as error:
        raise UsageError(
            f"{container.name}: the record that begins in line {last + 1} cannot be read ({error}); "
            "a quote is open there."
        ) from None
    columns = _fields((column, column) for column in heads)
    return Records(columns, records, rejected, container.digest(), repeated=repeated)


def _fields(cells: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Cells by the normal names of their columns; of those of one name the first."""
    fields: dict[str, str] = {}
    for column, cell in cells:
        fields.setdefault(normal(column), cell)
    return fields


def _contradictions(cells: Collection[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Columns of one normal name whose cells in a record differ."""
    if len({normal(column) for column, _ in cells}) == len(cells):
        return {}
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for column, cell in cells:
        alike[normal(column)].append((column, cell))
    return {
        name: tuple(column for column, _ in found)
        for name, found in alike.items()
        if len({cell for _, cell in found}) > 1
    }


def _of_json(container: Container) -> Records:
    text = _text(container)
    try:
        parts = text.split("\n") if container.by_line else [text]
        values = [_parsed(part) for part in parts if part.strip()]
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{container.name} is not valid JSON ({error}); download it again.") from None
    found = _of_values([flat for value in values for flat in _flat(value)], container.digest())
    last = values[-1]
    more = isinstance(last, dict) and last.get(MORE_PAGES) is True
    return replace(found, has_more=more)


def _parsed(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=str)


def _of_values(values: list[dict[str, Any]], digest: str) -> Records:
    columns: dict[str, str] = {}
    repeated: dict[str, tuple[str, ...]] = {}
    records = []
    for number, value in enumerate(values, start=1):
        cells = [(name, _cell(entry)) for name, entry in _paths(value)]
        columns = _fields((name, name) for name, _ in cells) | columns
        repeated |= _contradictions(cells)
        if any(cell for _, cell in cells):
            records.append(Record(number, _fields(cells)))
    whole = [Record(entry.number, dict.fromkeys(columns, "") | entry.fields) for entry in records]
    return Records(columns, whole, [], digest, repeated=repeated)


def _flat(value: Any, outer: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Results of pages and buckets, each with the times of the bucket around it."""
    if isinstance(value, list):
        for entry in value:
            yield from _flat(entry, outer)
    elif isinstance(value, dict):
        inner = next((value[key] for key in ("data", "results") if isinstance(value.get(key), list)), None)
        if inner is None:
            yield {**(outer or {}), **value}
        else:
            around = {k: v for k, v in value.items() if not isinstance(v, list)}
            yield from _flat(inner, {**(outer or {}), **around})
    else:
        yield {**(outer or {}), "value": value}


def _paths(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, entry in value.items():
        if isinstance(entry, dict):
            yield from _paths(entry, f"{before}{key}.")
        else:
            yield f"{before}{key}", entry


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | bool):
        return json.dumps(value, default=str)
    return str(value).strip()


def _parquet(container: Container) -> list[dict[str, Any]]:
    try:
        with private_engine() as connection:
            rows = connection.execute(f"select * from {reader_sql('read_parquet', [container.path])}")
            names = [column[0] for column in rows.description or ()]
            return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    except duckdb.Error as error:
        raise UsageError(
            f"{container.name} cannot be read as Parquet ({reason_of(error)}); download it again."
        ) from None
