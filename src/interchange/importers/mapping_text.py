"""A mapping as flags and files write it: texts `column=path` and `column=value`, or a file in TOML.

A mapping file holds tables [map], [set], [keep] and [drop] and, beside them, what flags of the same names say.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast

from dateutil.parser import isoparse

from calls.filters import zone_of
from calls.schema import COLUMN_NAMES
from foundation.outcome import UsageError
from foundation.places import text_of
from interchange.importers.mapping import EXTRA, PLACES, UNITS, ColumnMapping
from interchange.importers.notation import DECIMAL_MARKS

OURS = ("cost_source", "cost_gap")
"""Columns that say how we know a cost."""
TABLES = ("map", "set", "keep", "drop")


class Said(TypedDict, total=False):
    """What is said beside fields and constants, each as a text; see `ColumnMapping`."""

    start: str
    unit: str
    time_format: str
    timezone: str
    decimal: str
    cached_tokens: str
    reasoning_tokens: str
    records: str


def read_mapping(path: str) -> tuple[ColumnMapping, str]:
    """The mapping of a file, and the format it names ('' if none).

    Raises:
        UsageError: the file cannot be read, or names a column that does not exist.
    """
    try:
        table = tomllib.loads(text_of(Path(path), f"--mapping {path}"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"--mapping {path} is not valid TOML ({error}); write tables [map] and [set] of column = value."
        ) from None
    allowed = (*TABLES, "format", *Said.__annotations__)
    unknown = sorted(set(table) - set(allowed))
    if unknown:
        raise UsageError(f"{path}: {unknown[0]} is not known; allowed are {', '.join(allowed)}.")
    for section in TABLES:
        if not isinstance(table.get(section, {}), dict):
            raise UsageError(f"{path}: [{section}] must be a table of {_pairs_are(section)}.")
    said = cast("Said", {name: str(table[name]) for name in Said.__annotations__ if name in table})
    mapping = build_mapping(
        [f"{column}={value}" for column, value in table.get("map", {}).items()],
        [f"{column}={value}" for column, value in table.get("set", {}).items()],
        keep=list(_choices(table.get("keep", {}))),
        drop=list(_choices(table.get("drop", {}))),
        **said,
    )
    return mapping, str(table.get("format", ""))


def _pairs_are(section: str) -> str:
    return "column = value" if section in ("map", "set") else "field = value, or field = [value, value]"


def _choices(table: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Texts `field=value`; a key with dots that is not quoted is a table within a table."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _choices(value, f"{before}{key}.")
            continue
        for each in value if isinstance(value, list) else [value]:
            yield f"{before}{key}={str(each).lower() if isinstance(each, bool) else each}"


def build_mapping(
    maps: Iterable[str],
    constants: Iterable[str],
    *,
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
    **said: Unpack[Said],
) -> ColumnMapping:
    """A mapping from `column=path`, `column=value` and `field=value` texts.

    Raises:
        UsageError: a text without '=', a column that does not exist, an impossible start, zone or unit.
    """
    _check(said)
    return ColumnMapping(
        paths=dict(_pair(text, "--map", sorted(EXTRA)) for text in maps),
        constants=dict(_pair(text, "--set", ["currency"]) for text in constants),
        start=_start(said.get("start", "")),
        unit=said.get("unit", "s"),
        time_format=said.get("time_format", ""),
        decimal=said.get("decimal", ""),
        cached_tokens=said.get("cached_tokens", ""),
        reasoning_tokens=said.get("reasoning_tokens", ""),
        timezone=said.get("timezone", ""),
        records=said.get("records", ""),
        kept=_values(keep, "--keep"),
        dropped=_values(drop, "--drop"),
    )


def _check(said: Said) -> None:
    unit, decimal = said.get("unit", "s"), said.get("decimal", "")
    if unit not in UNITS:
        raise UsageError(f"{unit} is not a unit of time; allowed are {', '.join(UNITS)}.")
    if decimal not in ("", *DECIMAL_MARKS):
        raise UsageError(
            f"--decimal {decimal}: a point or a comma parts decimals; write --decimal , or --decimal ."
        )
    for name, place in (
        ("cached_tokens", said.get("cached_tokens", "")),
        ("reasoning_tokens", said.get("reasoning_tokens", "")),
    ):
        if place not in ("", *PLACES):
            raise UsageError(f"{name} {place}: they stand inside or outside; write one of the two.")
    if timezone := said.get("timezone", ""):
        zone_of(timezone)


def merged(file: ColumnMapping, flags: ColumnMapping) -> ColumnMapping:
    """The mapping of a file with what the flags say over it."""
    return replace(
        file,
        paths={**file.paths, **flags.paths},
        constants={**file.constants, **flags.constants},
        start=flags.start or file.start,
        unit=flags.unit if flags.unit != "s" else file.unit,
        time_format=flags.time_format or file.time_format,
        decimal=flags.decimal or file.decimal,
        cached_tokens=flags.cached_tokens or file.cached_tokens,
        reasoning_tokens=flags.reasoning_tokens or file.reasoning_tokens,
        timezone=flags.timezone or file.timezone,
        records=flags.records or file.records,
        kept={**file.kept, **flags.kept},
        dropped={**file.dropped, **flags.dropped},
    )


def _pair(text: str, flag: str, extra: list[str]) -> tuple[str, str]:
    column, found, value = text.partition("=")
    column = column.strip()
    if not found or not value:
        raise UsageError(f"{flag} {text}: write {flag} column={'path' if flag == '--map' else 'value'}.")
    allowed = [name for name in COLUMN_NAMES if name not in OURS] + extra
    if column not in allowed:
        raise UsageError(f"{flag} {text}: {column} is not a column; allowed are {', '.join(allowed)}.")
    return column, value


def _values(texts: Iterable[str], flag: str) -> dict[str, tuple[str, ...]]:
    """The values named for each field; an empty one stands for a field that is empty or missing."""
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, said, value = text.partition("=")
        if not said or not name.strip():
            raise UsageError(f"{flag} {text}: write {flag} field=value, with a field of the file.")
        found[name.strip()] = (*found.get(name.strip(), ()), value.strip())
    return found


def _start(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return isoparse(text)
    except ValueError:
        raise UsageError(
            f"--start {text} is not an ISO date; write for example 2026-01-31T08:00:00Z."
        ) from None
