"""How a format reaches the fields of a record: one parse a record, whatever the number of fields.

A format asks for fields by name and gets SQL expressions; which fields it asked for decides what the relation
must extract. `JsonFields` reads JSON records, `ColumnFields` the columns of CSV and Parquet, so that one
mapping serves both.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from interchange.importers.sql_text import NULL, identifier, json_path, listed


class Fields(Protocol):
    """The fields of a record, as SQL expressions of type VARCHAR that are NULL where a field is absent."""

    def text(self, *keys: str) -> str:
        """The value at a path of keys; objects and lists as JSON text."""

    def within(self, *keys: str) -> "Fields":
        """The fields of the object at a path, which may itself be JSON text (LiteLLM's `metadata`)."""

    def derived(self, sql: str) -> "Fields":
        """The fields of a JSON object that an expression makes of this record's fields."""

    def layers(self) -> Iterator[tuple[str, str]]:
        """(alias, SQL) of the extractions needed, in the order in which one builds on another."""


class JsonFields:
    """Fields of a JSON object that an SQL expression gives."""

    def __init__(self, source: str, alias: str) -> None:
        self._source = source
        self._alias = alias
        self._paths: list[str] = []
        self._children: list[JsonFields] = []

    def text(self, *keys: str) -> str:
        """The value at a path of keys."""
        path = json_path(keys)
        if path not in self._paths:
            self._paths.append(path)
        return f"{self._alias}[{self._paths.index(path) + 1}]"

    def within(self, *keys: str) -> "JsonFields":
        """The fields of the object at a path, or in the JSON text there."""
        return self.derived(self.text(*keys))

    def derived(self, sql: str) -> "JsonFields":
        """The fields of a JSON object that an expression makes."""
        for child in self._children:
            if child._source == sql:
                return child
        self._children.append(JsonFields(sql, f"{self._alias}_{len(self._children)}"))
        return self._children[-1]

    def layers(self) -> Iterator[tuple[str, str]]:
        """The extraction from this object, then those from objects within."""
        if self._paths:
            yield self._alias, f"try(json_extract_string({self._source}, [{listed(self._paths)}]))"
        for child in self._children:
            yield from child.layers()


class ColumnFields:
    """Fields of a table; a path goes on into a column that holds JSON text."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = {name.strip().lower(): identifier(name) for name in reversed(columns)}
        self._columns |= {name: identifier(name) for name in columns}
        self._children: dict[str, JsonFields] = {}

    def text(self, *keys: str) -> str:
        """The column of that name, or what its JSON text holds."""
        for name in (".".join(keys), ".".join(keys).lower()):
            if name in self._columns:
                return self._columns[name]
        return self.within(keys[0]).text(*keys[1:]) if len(keys) > 1 else NULL

    def within(self, *keys: str) -> "Fields":
        """The fields of the object whose JSON text a column holds."""
        column = self.text(*keys)
        if column == NULL:
            return NoFields()
        # Some exporters double the quotes of a JSON cell twice.
        return self.derived(
            f"""case when json_valid({column}) then {column} else replace({column}, '""', '"') end"""
        )

    def derived(self, sql: str) -> "JsonFields":
        """The fields of a JSON object that an expression makes."""
        if sql not in self._children:
            self._children[sql] = JsonFields(sql, f"c{len(self._children)}")
        return self._children[sql]

    def layers(self) -> Iterator[tuple[str, str]]:
        """The extractions from columns with JSON text."""
        for child in self._children.values():
            yield from child.layers()


class NoFields:
    """The fields of something that is not there."""

    def text(self, *keys: str) -> str:  # noqa: ARG002  has the shape of `Fields`
        """NULL."""
        return NULL

    def within(self, *keys: str) -> "NoFields":  # noqa: ARG002
        """Itself."""
        return self

    def derived(self, sql: str) -> "NoFields":  # noqa: ARG002
        """Itself."""
        return self

    def layers(self) -> Iterator[tuple[str, str]]:
        """None."""
        return iter(())


def with_layers(relation: str, fields: Fields) -> str:
    """A relation with the extractions that `fields` needs beside its own columns."""
    for alias, extraction in fields.layers():
        relation = f"(select *, {extraction} as {alias} from {relation})"
    return relation
