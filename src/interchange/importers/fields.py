"""How a format reaches the fields of a record, whatever the number of fields.

A format asks for fields by name and gets SQL expressions; which fields it asked for decides what is read from
the file. `RecordFields` reads JSON records, `ColumnFields` the columns of CSV and Parquet, so that one mapping
serves both; `PairFields` reads lists of names and values, such as tags.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from foundation.sql_text import literal
from interchange.importers.field_sql import NULL, first_of, joined_sql, json_path, listed


class Fields(Protocol):
    """Fields as SQL expressions of type VARCHAR that are NULL where a field is absent."""

    def text(self, *keys: str) -> str:
        """The value at a path of keys; objects and lists as JSON text."""

    def within(self, *keys: str) -> "Fields":
        """The fields of the object at a path, which may itself be JSON text (LiteLLM's `metadata`)."""


class Record(Fields, Protocol):
    """The fields of a record, and of what is made of them."""

    def first(self, *names: str) -> str:
        """The first of some fields that is neither NULL nor empty."""

    def has_any(self, *names: str) -> str:
        """Whether one of some fields is there; it may say so where none is."""

    def derived(self, sql: str) -> "JsonFields":
        """The fields of a JSON object that an expression makes of this record's fields."""

    def pairs(self, sql: str) -> "PairFields":
        """The fields of a list of structs `name` and `value` that an expression makes of this record's fields."""

    def named(self, sql: str) -> str:
        """A name for what an expression makes of this record's fields, so that it is computed once."""

    def layers(self) -> Iterator[tuple[str, str]]:
        """(alias, SQL) of the extractions needed, in the order in which one builds on another."""

    def shared(self) -> str:
        """SQL for what is found once for all records that have it in common; NULL where they have nothing."""

    def whole(self) -> str:
        """SQL for a text of all that stands in a record; NULL where that is not known."""


class FieldSet(ABC):
    """What fields of every kind share: the objects and lists that are reached through them."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._objects: dict[str, JsonFields] = {}
        self._lists: dict[str, PairFields] = {}
        self._children: list[JsonFields | PairFields | _Named] = []

    @abstractmethod
    def text(self, *keys: str) -> str:
        """The value at a path of keys."""

    def first(self, *names: str) -> str:
        """The first of some fields that is neither NULL nor empty."""
        return first_of(*(self.text(name) for name in names))

    def has_any(self, *names: str) -> str:  # noqa: ARG002  fields that can tell do so
        """True: whether a field is there costs as much as the field."""
        return "true"

    def derived(self, sql: str) -> "JsonFields":
        """The fields of a JSON object that an expression makes."""
        if sql not in self._objects:
            self._objects[sql] = JsonFields(sql, f"{self._alias}_{len(self._children)}")
            self._children.append(self._objects[sql])
        return self._objects[sql]

    def pairs(self, sql: str) -> "PairFields":
        """The fields of a list of structs `name` and `value` that an expression makes."""
        if sql not in self._lists:
            self._lists[sql] = PairFields(sql, f"{self._alias}_{len(self._children)}")
            self._children.append(self._lists[sql])
        return self._lists[sql]

    def named(self, sql: str) -> str:
        """A name for what an expression makes."""
        named = _Named(sql, f"{self._alias}_{len(self._children)}")
        self._children.append(named)
        return named.alias

    def shared(self) -> str:
        """Nothing."""
        return NULL

    def whole(self) -> str:
        """Nothing: only what is asked for is read."""
        return NULL

    def layers(self) -> Iterator[tuple[str, str]]:
        """The extractions from what is reached through these fields."""
        for child in self._children:
            yield from child.layers()


@dataclass(frozen=True)
class _Named:
    sql: str
    alias: str

    def layers(self) -> Iterator[tuple[str, str]]:
        yield self.alias, self.sql


class JsonFields(FieldSet):
    """Fields of a JSON object that an SQL expression gives: one parse, whatever the number of fields."""

    def __init__(self, source: str, alias: str) -> None:
        super().__init__(alias)
        self._source = source
        self._paths: list[str] = []

    def text(self, *keys: str) -> str:
        """The value at a path of keys."""
        path = json_path(keys)
        if path not in self._paths:
            self._paths.append(path)
        return f"{self._alias}[{self._paths.index(path) + 1}]"

    def within(self, *keys: str) -> "JsonFields":
        """The fields of the object at a path, or in the JSON text there."""
        return self.derived(self.text(*keys))

    def layers(self) -> Iterator[tuple[str, str]]:
        """The extraction from this object, then those from objects within."""
        if self._paths:
            yield (
                self._alias,
                f"try(json_extract_string(nullif({self._source}, ''), [{listed(self._paths)}]))",
            )
        yield from super().layers()


class PairFields(FieldSet):
    """Fields of a list of structs `name` and `value`; the name of a blank value must be NULL."""

    def __init__(self, source: str, alias: str) -> None:
        super().__init__(alias)
        self._source = source

    def text(self, *keys: str) -> str:
        """The value whose name is the keys joined by dots."""
        return self.first(".".join(keys))

    def first(self, *names: str) -> str:
        """The value of the first of some names that the list has."""
        return looked_up(f"{self._alias}n", f"{self._alias}v", names)

    def within(self, *keys: str) -> JsonFields:
        """The fields of the object whose JSON text a value is."""
        return self.derived(self.text(*keys))

    def total(self, test: str) -> str:
        """SQL for the sum of the values whose name (`e.name`) passes a test; NULL where none does."""
        chosen = f"list_filter({self._alias}, lambda e: ({test}) and e.value is not null)"
        return f"list_sum(list_transform({chosen}, lambda e: try_cast(e.value as decimal(38, 12))))"

    def layers(self) -> Iterator[tuple[str, str]]:
        """The list, its names and its values; then what is extracted from values."""
        yield self._alias, self._source
        yield f"{self._alias}n", f"list_transform({self._alias}, lambda e: e.name)"
        yield f"{self._alias}v", f"list_transform({self._alias}, lambda e: e.value)"
        yield from super().layers()


class ColumnFields(FieldSet):
    """Fields of a table; a path goes on into a column that holds JSON text.

    Columns are called `f0`, `f1`, ... in SQL, since a file may call them anything.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__("c")
        self._all = tuple(sorted((name, f"f{place}") for place, name in enumerate(columns)))
        self._columns = {name.strip().lower(): f"f{place}" for place, name in _last_first(columns)}
        self._columns |= {name: f"f{place}" for place, name in _last_first(columns)}

    def whole(self) -> str:
        """All columns, whatever their order."""
        return joined_sql(self._all)

    def has(self, path: str) -> bool:
        """Whether there is a column for a path of keys joined by dots, or for its beginning."""
        keys = path.split(".")
        starts = (".".join(keys[:end]) for end in range(1, len(keys) + 1))
        return any(start in self._columns or start.lower() in self._columns for start in starts)

    def text(self, *keys: str) -> str:
        """The column of that name, or what its JSON text holds."""
        for name in (".".join(keys), ".".join(keys).lower()):
            if name in self._columns:
                return self._columns[name]
        return self.within(keys[0]).text(*keys[1:]) if len(keys) > 1 else NULL

    def within(self, *keys: str) -> Fields:
        """The fields of the object whose JSON text a column holds."""
        column = self.text(*keys)
        if column == NULL:
            return NoFields()
        return self.derived(column)


class RecordFields(FieldSet):
    """Fields of JSON records; the reader parses a record once and keeps the keys that were asked for."""

    def __init__(self) -> None:
        super().__init__("c")
        self._keys: dict[str, str] = {}

    @property
    def columns(self) -> dict[str, str]:
        """What to read: the key of each column, by its name in SQL."""
        return {alias: key for key, alias in self._keys.items()}

    def text(self, *keys: str) -> str:
        """The value under a key, or at a path below it."""
        if not keys[0]:
            return NULL
        column = self._keys.setdefault(keys[0], f"f{len(self._keys)}")
        return self.derived(column).text(*keys[1:]) if len(keys) > 1 else column

    def within(self, *keys: str) -> JsonFields:
        """The fields of the object at a path, or in the JSON text there."""
        return self.derived(self.text(*keys))


class Inner:
    """The fields of an object within another; reached in the same parse, since it is never JSON text."""

    def __init__(self, around: Fields, *keys: str) -> None:
        self._around = around
        self._keys = keys

    def text(self, *keys: str) -> str:
        """The value at a path of keys."""
        return self._around.text(*self._keys, *keys)

    def within(self, *keys: str) -> Fields:
        """The fields of the object at a path, or in the JSON text there."""
        return self._around.within(*self._keys, *keys)


class NoFields:
    """The fields of something that is not there."""

    def text(self, *keys: str) -> str:  # noqa: ARG002  has the shape of `Fields`
        """NULL."""
        return NULL

    def within(self, *keys: str) -> "NoFields":  # noqa: ARG002
        """Itself."""
        return self


def looked_up(names: str, values: str, wanted: Sequence[str]) -> str:
    """SQL for the value of the first of some names in a list of names and one of values; NULL without one."""
    places = [f"list_position({names}, {literal(name)})" for name in wanted]
    return f"{values}[coalesce({', '.join(places)}, 0)]"


def with_layers(relation: str, fields: Record) -> str:
    """A relation with the extractions that `fields` needs beside its own columns."""
    for alias, extraction in fields.layers():
        relation = f"(select *, {extraction} as {alias} from {relation})"
    return relation


def _last_first(columns: Sequence[str]) -> list[tuple[int, str]]:
    """Places and names; where a name stands twice the first place is to win."""
    return list(reversed(list(enumerate(columns))))
