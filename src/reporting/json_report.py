"""The JSON report of a page: the same result as data, with its source, gaps and format number.

Made from the result dataclass alone: its fields and public properties. Decimals are strings (exact), dates
ISO 8601, mappings keep string keys; NaN and infinities cannot be written. Amounts are US dollars; `display_currency`
says in which currency the page, and sentences in the result, show them at which rate, null where in dollars.
"""

import dataclasses
import json
from collections.abc import Callable, Hashable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any

from reporting.provenance import Provenance

FORMAT = 2
"""Changes when a reader of JSON reports would have to change."""


SUMS = ("total_usd", "credits_usd")
"""The sums of money that stand beside what was read: fields of `Provenance`."""


def json_report(identity: str, title: str, result: Any, provenance: Provenance) -> str:
    """The JSON text of a result, with what it was made from.

    Raises:
        ValueError: the result holds NaN or an infinity.
        TypeError: the result holds something that has no JSON form.
    """
    payload = {
        "format": FORMAT,
        "id": identity,
        "title": title,
        "generated_at": provenance.generated_at.isoformat(),
        "tool_version": provenance.tool_version,
        "settings_digest": provenance.settings_digest,
        "display_currency": plain_data(provenance.currency),
        "source": source_json(provenance),
        "result": plain_data(result),
    }
    return dumps(payload)


def dumps(payload: Any) -> str:
    """JSON text on one line, in the order given, without NaN: indented, it takes three times as long."""
    return json.dumps(payload, ensure_ascii=False, allow_nan=False) + "\n"


def source_json(provenance: Provenance) -> dict[str, Any]:
    """What was read and what became of its lines; the rejected lines themselves are in data_quality.json."""
    source = plain_data(dataclasses.replace(provenance.source, rejected_lines=()))
    del source["rejected_lines"]
    source["path"] = provenance.source.path
    sums = {name: plain_data(getattr(provenance, name)) for name in SUMS}
    return dict(source) | sums


def quality_json(provenance: Provenance) -> str:
    """All that is known about the quality of the data, with every kept rejected line."""
    source = source_json(provenance)
    source["rejected_lines"] = plain_data(provenance.source.rejected_lines)
    return dumps({"format": FORMAT, "generated_at": provenance.generated_at.isoformat(), "source": source})


_AS_THEY_ARE = frozenset({type(None), bool, int, str})


def plain_data(value: Any) -> Any:
    """The value as what `json` can write.

    Raises:
        TypeError: it has no JSON form.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is Decimal:
        return _decimal_text(value)
    if _is_record(kind):  # type: ignore[arg-type]
        return _object(value)
    if isinstance(value, bool | int | str) and not isinstance(value, Enum):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Enum):
        return plain_data(value.value)
    if isinstance(value, Decimal):
        return _decimal_text(value)
    return _composite(value)


def _decimal_text(value: Decimal) -> str:
    """Digits without an exponent; `str` is three times as fast where it writes none."""
    if not value.is_finite():
        raise ValueError(f"{value} cannot be written as JSON")
    text = str(value)
    return format(value, "f") if "E" in text else text


def _composite(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {_key(key): plain_data(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain_data(entry) for entry in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain_data(getattr(value, name)) for name in value._fields}
    if isinstance(value, list | tuple):
        return [plain_data(entry) for entry in value]
    return _record(value)


def _record(value: Any) -> Any:
    if hasattr(value, "item"):  # a numpy scalar
        return plain_data(value.item())
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _key(key: Any) -> str:
    if isinstance(key, tuple):
        return "/".join(str(plain_data(part)) for part in key)
    return str(plain_data(key))


def _object(value: Any) -> dict[str, Any]:
    """Most of what a result holds is plain already, and is spared a call."""
    names, values = _reader(type(value))  # type: ignore[arg-type]
    return {
        name: entry if type(entry) in _AS_THEY_ARE else plain_data(entry)
        for name, entry in zip(names, values(value), strict=True)
    }


@cache
def _reader(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """What a dataclass becomes in JSON, and what reads it from one."""
    names = public_names(kind)
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda value: tuple(getattr(value, name) for name in names)


@cache
def _is_record(kind: Hashable) -> bool:
    return dataclasses.is_dataclass(kind)


@cache
def public_names(kind: type) -> tuple[str, ...]:
    """What a dataclass becomes in JSON: its fields and public properties, in order."""
    names = [entry.name for entry in dataclasses.fields(kind)] + _public_properties(kind)
    return tuple(name for name in names if not name.startswith("_"))


def _public_properties(kind: type) -> list[str]:
    found: dict[str, None] = {}
    for base in reversed(kind.__mro__):
        for name, member in vars(base).items():
            if isinstance(member, property) and not name.startswith("_"):
                found[name] = None
    return list(found)
