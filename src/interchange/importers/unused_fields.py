"""What a mapping leaves unused of a table, and what it names that no record has: so that nothing is lost unseen.

The first records are looked at, some thousands. Examples are cut, and what may be a secret is not shown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from calls.file.engine_paths import reader_sql
from calls.schema import COLUMN_NAMES
from interchange.importers.formats.table import CURRENCY
from interchange.importers.mapping import TAG, ColumnMapping
from interchange.importers.reading.containers import Container, Kind
from interchange.importers.reading.flat_fields import columns_of
from interchange.importers.reading.records import BadLines, csv_sql, parquet_columns, parquet_sql

RECORDS = 10_000
EXAMPLE_CHARS = 40
HIDDEN = "(hidden)"
_LINE_BYTES = 8 << 20
_SECRET_NAME = re.compile(
    r"(api|access|private|secret|virtual|auth)[_. -]?key|secret|passw|authori[sz]ation|credential|bearer|(auth|access|"
    r"refresh|id|api|session)[_. -]?token$|^(key|token|cookie)$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"(sk|pk|rk|hak|rev|ghp|gho|glpat|xox[abp]|AKIA|AIza|Bearer|Basic|eyJ)[-_ A-Za-z0-9]{8,}"
)


@dataclass(frozen=True)
class UnusedField:
    """A field that the mapping does not use: in how many of the records looked at it is filled, and an example."""

    name: str
    filled: int
    example: str


@dataclass(frozen=True)
class Unused:
    """What is unused of one file, by the first `records`; `missing` are fields that the mapping names and none has."""

    file: str
    records: int
    fields: tuple[UnusedField, ...]
    missing: tuple[str, ...] = ()


def look(connection: duckdb.DuckDBPyConnection, container: Container, mapping: ColumnMapping) -> Unused:
    """What is unused of a file that is read by the names of its columns and a mapping."""
    used = _used(mapping)
    if container.columns and all(any(_meet(name, each) for each in used) for name in container.columns):
        return Unused(container.name, 0, ())
    try:
        records, fields = _counted(connection, container)
    except duckdb.Error:  # a file that the engine reads only once it is repaired
        records, fields = _of_sample(container)
    rest = [
        UnusedField(name, filled, _shown(name, example))
        for name, filled, example in fields
        if not any(_meet(name, each) for each in used)
    ]
    filled = [name for name, count, _ in fields if count]
    named = dict.fromkeys(path for _, path in mapping.named_fields()) if records else ()
    missing = tuple(path for path in named if not any(_meet(name, path) for name in filled))
    return Unused(container.name, records, tuple(rest), missing)


def _used(mapping: ColumnMapping) -> set[str]:
    """The fields that are read: those that are named, and those of our own names which nothing else is read for."""
    own = {*COLUMN_NAMES, *CURRENCY} - mapping.paths.keys()
    tags = {"tags"} if any(path.startswith(TAG) for path in mapping.paths.values()) else set()
    return own | tags | {path for _, path in mapping.named_fields()}


def _meet(path: str, other: str) -> bool:
    """Whether two paths are one, or lead into each other."""
    return _is_within(path, other) or _is_within(other, path)


def _is_within(path: str, around: str) -> bool:
    path, around = path.strip().lower(), around.strip().lower()
    return path == around or path.startswith(f"{around}.")


Field = tuple[str, int, Any]


def _counted(connection: duckdb.DuckDBPyConnection, container: Container) -> tuple[int, list[Field]]:
    if container.kind is Kind.CSV:
        return _of_columns(connection, csv_sql(container, BadLines.LEFT_OUT), container.columns)
    if container.kind is Kind.PARQUET:
        columns = parquet_columns(connection, container)
        return _of_columns(connection, parquet_sql(container, columns), [name for name, _ in columns])
    return _of_json(connection, container)


def _of_columns(
    connection: duckdb.DuckDBPyConnection, rows: str, names: Iterable[str]
) -> tuple[int, list[Field]]:
    names = list(names)
    sums = ", ".join(
        f"count(cleaned(f{place})), min_by(cleaned(f{place}), n)" for place, _ in enumerate(names)
    )
    numbered = f"(select *, row_number() over () as n from (select * from {rows} limit {RECORDS}))"
    records, *found = connection.execute(f"select count(*), {sums} from {numbered}").fetchall()[0]
    return records, list(zip(names, found[::2], found[1::2], strict=True))


def _of_json(connection: duckdb.DuckDBPyConnection, container: Container) -> tuple[int, list[Field]]:
    """The fields of JSON records by their paths; lists are fields, objects are gone into."""
    format_ = "array" if container.kind is Kind.JSON_LIST else "newline_delimited"
    packing = f"compression='{'gzip' if container.compressed else 'none'}'"
    arguments = f"{packing}, maximum_object_size={_LINE_BYTES}, format='{format_}', ignore_errors={format_ != 'array'}"
    rows = reader_sql("read_json_objects", [container.path], arguments)
    objects = f"(select json from {rows} where json_type(json) = 'OBJECT' limit {RECORDS})"
    (records,) = connection.execute(f"select count(*) from {objects}").fetchall()[0]
    found = connection.execute(f"""
        select fullkey, count(*) filter (where value <> ''), min(value) filter (where value <> '') from (
            select e.fullkey, e.id, case e.type when 'NULL' then null when 'ARRAY' then cast(e.value as varchar)
                else json_extract_string(e.value, '$') end as value
            from {objects} as o, json_tree(o.json) as e
            where e.type <> 'OBJECT' and not contains(e.path, '[') and e.key is not null
                and not regexp_matches(e.fullkey, '\\[[0-9]+\\]$')
        ) group by fullkey order by min(id)
    """).fetchall()
    return records, [(_path(key), filled, example) for key, filled, example in found]


def _path(key: str) -> str:
    """A path as `--map` takes it, of one as the engine writes it."""
    return re.sub(r'\.?"((?:[^"\\]|\\.)*)"', r".\1", key.removeprefix("$")).lstrip(".")


def _of_sample(container: Container) -> tuple[int, list[Field]]:
    found = columns_of(container.sample)
    return len(container.sample), [
        (name, len(each), str(each[0]) if each else None) for name, each in found.items()
    ]


def _shown(name: str, example: Any) -> str:
    if example is None:
        return ""
    text = " ".join(str(example)[: 4 * EXAMPLE_CHARS].split())
    if _SECRET_NAME.search(name) or _SECRET_VALUE.match(text):
        return HIDDEN
    return text if len(text) <= EXAMPLE_CHARS else text[: EXAMPLE_CHARS - 1] + "…"
