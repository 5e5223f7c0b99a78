"""From a parsed TOML table to a frozen dataclass, strictly.

A key that no field knows, a value of the wrong type and a value out of bounds are refused in one sentence
that names file, key and what is allowed.
"""

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from foundation.outcome import UsageError
from settings.constraints import Dollars, Filled, Key, Means, OneOf, Within

T = TypeVar("T")
NANO_DECIMALS = 9
"""Money has so many decimals throughout."""


class Place(NamedTuple):
    """Where in which file a value stands, for messages."""

    file: str
    path: str = ""

    def at(self, key: str) -> "Place":
        """The place of a key below this one."""
        return Place(self.file, f"{self.path}.{key}" if self.path else key)

    def item(self, number: int) -> "Place":
        """The place of the n-th table of an array, counted from 1."""
        return Place(self.file, f"{self.path}[{number}]")

    def refuse(self, complaint: str) -> UsageError:
        """The exception for a value at this place."""
        return UsageError(f"{self.file}: {self.path or 'the file'} {complaint}.")


def bind(kind: type[T], table: object, place: Place) -> T:
    """An instance of dataclass `kind` made of a TOML table.

    Raises:
        UsageError: the table has an unknown key, lacks a needed one or holds an impossible value.
    """
    if not isinstance(table, Mapping):
        raise place.refuse(f"must be a table, not {_shown(table)}")
    fields = _fields(kind)  # type: ignore[arg-type]  # a class is hashable
    for key in table:
        if key not in fields:
            raise place.at(str(key)).refuse(f"is not a setting; allowed are {', '.join(sorted(fields))}")
    values = {}
    for key, field in fields.items():
        if key in table:
            values[field.name] = field.convert(table[key], field.rules, place.at(key))
        elif field.needed:
            raise place.at(key).refuse(f"is missing{field.meaning}")
    return kind(**values)


Convert = Callable[[Any, tuple[Any, ...], Place], Any]
"""What makes a value of a type, obeying rules, or refuses it by its place."""


class _Field(NamedTuple):
    """A field: what makes its values, the rules they obey, and what it means, as messages say it."""

    name: str
    convert: Convert
    rules: tuple[Any, ...]
    meaning: str
    needed: bool


@functools.cache
def _fields(kind: type) -> dict[str, _Field]:
    """The fields of a dataclass by their TOML key."""
    hints = typing.get_type_hints(kind, include_extras=True)
    found = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        marks = hint.__metadata__ if typing.get_origin(hint) is typing.Annotated else ()
        key = next((mark.name for mark in marks if isinstance(mark, Key)), field.name)
        found[key] = _Field(
            field.name,
            _converter(typing.get_args(hint)[0] if marks else hint),
            tuple(mark for mark in marks if not isinstance(mark, Key | Means)),
            next((f" ({mark.text})" for mark in marks if isinstance(mark, Means)), ""),
            field.default is dataclasses.MISSING,
        )
    return found


def _converter(kind: Any) -> Convert:
    if isinstance(kind, types.UnionType):
        return _converter(typing.get_args(kind)[0])
    origin = typing.get_origin(kind)
    if origin is tuple:
        return functools.partial(_items, _converter(typing.get_args(kind)[0]))
    if origin is dict:
        return functools.partial(_table, _converter(typing.get_args(kind)[1]))
    if dataclasses.is_dataclass(kind):
        record = typing.cast("type[Any]", kind)
        return lambda value, _, place: bind(record, value, place)
    return functools.partial(_scalar, kind)


def _items(convert: Convert, value: Any, rules: tuple[Any, ...], place: Place) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise place.refuse(f"must be a list, not {_shown(value)}")
    return tuple(convert(item, rules, place.item(number)) for number, item in enumerate(value, start=1))


def _table(convert: Convert, value: Any, rules: tuple[Any, ...], place: Place) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise place.refuse(f"must be a table, not {_shown(value)}")
    return {key: convert(item, rules, place.at(key)) for key, item in value.items()}


def _scalar(kind: type, value: Any, rules: tuple[Any, ...], place: Place) -> Any:
    if kind is Decimal and type(value) is int:
        value = Decimal(value)
    if type(value) is not kind or isinstance(value, datetime):
        raise place.refuse(f"must be {_KIND_NAMES[kind]}, not {_shown(value)}")
    for rule in rules:
        _obey(rule, value, place)
    return value


def _obey(rule: Any, value: Any, place: Place) -> None:
    if isinstance(rule, Within):
        _check_bounds(rule, value, place)
    if isinstance(rule, Dollars) and value != round(value, NANO_DECIMALS):
        raise place.refuse(f"is {value}; allowed are {NANO_DECIMALS} decimals")
    if isinstance(rule, Filled) and not value.strip():
        raise place.refuse("is empty; write a text")
    if isinstance(rule, OneOf) and value not in rule.allowed:
        raise place.refuse(f"is {_shown(value)}; allowed are {', '.join(rule.allowed)}")


def _check_bounds(bounds: Within, value: Any, place: Place) -> None:
    # NaN compares false with everything, so "not inside" catches it where "outside" would not.
    if (isinstance(value, Decimal) and not value.is_finite()) or not bounds.low <= value <= bounds.high:
        raise place.refuse(f"is {value}; allowed is {bounds.low} to {bounds.high}")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    return "a list" if isinstance(value, list) else str(value)


_KIND_NAMES: dict[type, str] = {
    int: "a whole number",
    Decimal: "a number",
    str: "a text in quotes",
    bool: "true or false",
    date: "a date such as 2026-01-31",
}
