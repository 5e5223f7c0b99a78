"""JSON Schemas of the manifest and the JSON reports, made from the same dataclasses that are written.

Follows `reporting.json_report.plain_data`: an object has a dataclass's fields and public properties, a decimal is a
string of digits, a date is ISO 8601, a tuple or set is an array. Draft 2020-12; `format` is the version.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from inspect import cleandoc
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from calls.source import RejectedLine, Source
from reporting.currency import DisplayCurrency
from reporting.json_report import FORMAT as JSON_REPORT_FORMAT
from reporting.json_report import SUMS, public_names
from reporting.manifest import FORMAT as MANIFEST_FORMAT
from reporting.manifest import Manifest
from reporting.provenance import Provenance

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

DECIMAL: Schema = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    Decimal: DECIMAL,
    datetime: INSTANT,
    date: {"type": "string", "format": "date"},
    timedelta: {"type": "number", "description": "seconds"},
    Any: {},
    object: {},
}


class _Definitions:
    """The dataclasses that a schema refers to, each defined once under `$defs`.

    `named` gives the names of a dataclass that are written: all public ones in a JSON report, fields in the manifest.
    """

    def __init__(self, named: Callable[[type], tuple[str, ...]] = public_names) -> None:
        self.found: dict[str, Schema] = {}
        self._owners: dict[str, Any] = {}
        self._names = named

    def schema(self, kind: Any, bound: Mapping[Any, Any]) -> Schema:
        """The schema of an annotation; `bound` says what its type variables stand for.

        Raises:
            TypeError: there is no JSON form for it.
        """
        if isinstance(kind, TypeVar):
            return self.schema(bound.get(kind, kind.__bound__ or Any), bound)
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        origin, inner = get_origin(kind), get_args(kind)
        if origin is None:
            return self._named(kind, kind, {})
        if origin in {Union, types.UnionType}:
            return {"anyOf": [self.schema(entry, bound) for entry in inner]}
        if origin is Annotated:
            return self.schema(inner[0], bound)
        return self._generic(kind, origin, inner, bound)

    def _generic(self, kind: Any, origin: Any, inner: tuple[Any, ...], bound: Mapping[Any, Any]) -> Schema:
        if dataclasses.is_dataclass(origin):
            given = [bound.get(entry, entry) for entry in inner]
            parameters = origin.__parameters__  # type: ignore[union-attr]  # a generic class has them
            return self._named(kind, origin, dict(zip(parameters, given, strict=True)))
        if issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.schema(inner[1], bound)}
        if issubclass(origin, tuple) and inner[-1] is not Ellipsis:
            items = [self.schema(entry, bound) for entry in inner]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "items": False}
        if issubclass(origin, Sequence | AbstractSet):
            return {"type": "array", "items": self.schema(inner[0], bound)}
        raise TypeError(f"{kind} has no JSON form")

    def _named(self, kind: Any, origin: Any, bound: Mapping[Any, Any]) -> Schema:
        if isinstance(origin, type) and issubclass(origin, Enum):
            return {"enum": [entry.value for entry in origin]}
        if not dataclasses.is_dataclass(origin):
            raise TypeError(f"{kind} has no JSON form")
        name = "_".join([_identity(origin), *(_identity(entry) for entry in bound.values())])
        if self._owners.setdefault(name, origin) is not origin:
            name = f"{origin.__module__}.{name}"
        if name not in self.found:
            self.found[name] = {}  # a class may refer to itself
            self.found[name] = self.members(origin, bound)
        return {"$ref": f"#/$defs/{name}"}

    def members(self, kind: Any, bound: Mapping[Any, Any]) -> Schema:
        """The object schema of a dataclass: fields and public properties, all of them there, no others."""
        hints = get_type_hints(kind)
        names = self._names(kind)
        properties = {
            name: self.schema(hints[name] if name in hints else _returned(kind, name), bound)
            for name in names
        }
        return {
            "type": "object",
            "description": cleandoc(kind.__doc__ or "").split("\n\n", maxsplit=1)[0].replace("\n", " "),
            "properties": properties,
            "required": list(names),
            "additionalProperties": False,
        }


def manifest_schema() -> Schema:
    """The schema of reports/html/manifest.json."""
    definitions = _Definitions(lambda kind: tuple(entry.name for entry in dataclasses.fields(kind)))
    body = definitions.members(Manifest, {})
    body["properties"]["format"] = {"const": MANIFEST_FORMAT}
    return _document(f"manifest-{MANIFEST_FORMAT}", body, definitions)


def json_report_schema(identity: str, result: type) -> Schema:
    """The schema of reports/json/IDENTITY.json, whose result is of this dataclass."""
    definitions = _Definitions()
    text: Schema = {"type": "string"}
    properties: dict[str, Schema] = {
        "format": {"const": JSON_REPORT_FORMAT},
        "id": {"const": identity},
        "title": text,
        "generated_at": INSTANT,
        "tool_version": text,
        "settings_digest": text,
        "display_currency": definitions.schema(DisplayCurrency | None, {}),
        "source": _source(definitions),
        "result": definitions.schema(result, {}),
    }
    return _document(f"{identity}-{JSON_REPORT_FORMAT}", _closed(properties), definitions)


def quality_schema() -> Schema:
    """The schema of reports/json/data_quality.json."""
    definitions = _Definitions()
    source = _source(definitions)
    lines = definitions.schema(tuple[RejectedLine, ...], {})
    source["properties"]["rejected_lines"] = lines
    source["required"].append("rejected_lines")
    properties: dict[str, Schema] = {
        "format": {"const": JSON_REPORT_FORMAT},
        "generated_at": INSTANT,
        "source": source,
    }
    return _document(f"data_quality-{JSON_REPORT_FORMAT}", _closed(properties), definitions)


def _source(definitions: _Definitions) -> Schema:
    """What was read, as `reporting.json_report.source_json` writes it: without the lines, with the total."""
    source = definitions.members(Source, {})
    del source["properties"]["rejected_lines"]
    for name in SUMS:
        source["properties"][name] = definitions.schema(get_type_hints(Provenance)[name], {})
    source["required"] = list(source["properties"])
    definitions.found.pop("RejectedLine", None)
    return source


def _closed(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _document(name: str, body: Schema, definitions: _Definitions) -> Schema:
    head = {"$schema": DIALECT, "$id": f"urn:revenium-finops:{name}", "title": name}
    return head | body | {"$defs": dict(sorted(definitions.found.items()))}


def _returned(kind: type, name: str) -> Any:
    """What a property returns."""
    getter = getattr(kind, name).fget
    return get_type_hints(getter)["return"]


def _identity(kind: Any) -> str:
    """A short name for an annotation."""
    if kind in {Any, Ellipsis}:
        return "any"
    origin = get_origin(kind)
    if origin is None:
        return str(kind.__name__)
    return "_".join([_identity(origin), *map(_identity, get_args(kind))])
