"""From JSON to frozen dataclasses, strictly: what has another shape or type is refused."""

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, cast

T = TypeVar("T")


class ShapeError(ValueError):
    """JSON that is not the record it should be; the message says where."""


def record(kind: type[T], raw: object) -> T:
    """An instance of dataclass `kind` from a JSON object with just its fields.

    Raises:
        ShapeError: a field is missing, unknown or of another type.
    """
    if not isinstance(raw, Mapping):
        raise ShapeError(f"{kind.__name__} is no object")
    hints = _hints(kind)  # type: ignore[arg-type]  # a class is hashable
    unknown = raw.keys() - hints.keys()
    if unknown:
        raise ShapeError(f"{kind.__name__} has no field {min(unknown)}")
    needed = [field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]  # type: ignore[arg-type]
    missing = [name for name in needed if name not in raw]
    if missing:
        raise ShapeError(f"{kind.__name__} lacks {missing[0]}")
    return kind(**{name: _value(hints[name], raw[name], name) for name in raw})


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _value(kind: Any, raw: object, name: str) -> Any:
    if isinstance(kind, types.UnionType):
        return _one_of(typing.get_args(kind), raw, name)
    if typing.get_origin(kind) is dict:
        return _entries(typing.get_args(kind)[1], raw, name)
    if typing.get_origin(kind) is tuple:
        return _items(typing.get_args(kind), raw, name)
    if dataclasses.is_dataclass(kind):
        return record(cast("type[Any]", kind), raw)
    if issubclass(kind, Enum) and raw in list(kind):
        return kind(raw)
    if type(raw) is not kind:
        raise ShapeError(f"{name} is {type(raw).__name__}, not {kind.__name__}")
    return raw


def _one_of(kinds: tuple[Any, ...], raw: object, name: str) -> Any:
    if raw is None and types.NoneType in kinds:
        return None
    matching = (kind for kind in kinds if type(raw) is kind)
    return _value(next(matching, kinds[0]), raw, name)


def _entries(kind: Any, raw: object, name: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ShapeError(f"{name} is no object")
    return {key: _value(kind, entry, f"{name}.{key}") for key, entry in raw.items()}


def _items(kinds: tuple[Any, ...], raw: object, name: str) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise ShapeError(f"{name} is no list")
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(raw)
    return tuple(_value(kind, entry, name) for kind, entry in zip(kinds, raw, strict=True))
