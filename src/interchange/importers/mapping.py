"""`--map`, `--set` and mapping files: which field is which column, and what holds for all rows.

`--map column=path` names a field (a path of keys joined by dots), `--map column=tag:prefix` the tag
`prefix:value` in the file's list of tags, `--set column=value` a constant. A mapping file in TOML holds the
same as tables [map] and [set], and optionally `format`, `start`, `unit`, `time_format`, `decimal`, and whether
`cached_tokens` and `reasoning_tokens` stand inside or outside the input and the output.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from dateutil.parser import isoparse

from calls.schema import COLUMN_NAMES
from foundation.outcome import UsageError
from foundation.places import text_of
from foundation.sql_text import literal
from interchange.importers.field_mapping import FieldMapping, mapped_name
from interchange.importers.field_sql import NULL, first_of
from interchange.importers.fields import Record
from interchange.importers.notation import DECIMAL_MARKS
from interchange.importers.tagged import in_tags

EXTRA = {
    "end_time": "ended",
    "total_tokens": "total",
    "latency_s": "latency_s",
    "uncached_input_tokens": "input",
    "text_output_tokens": "output",
}
"""What can be mapped beside our columns."""
APART = {"uncached_input_tokens": "convention", "text_output_tokens": "reasoning_convention"}
"""Counts without their parts, which are counted beside them."""
OURS = ("cost_source", "cost_gap")
"""Columns that say how we know a cost."""
UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
TAG = "tag:"
PLACES = {"inside": "'own'", "outside": "'exclusive'"}
"""Where cached or reasoning tokens stand, as the user says it, and the convention that holds whatever the data say."""
SETTINGS = ("format", "start", "unit", "time_format", "decimal", "cached_tokens", "reasoning_tokens")
"""What a mapping file may say beside its tables."""
TOKENS = {"input", "output", "cached", "write", "reasoning"}
"""Counts of which nothing is known where the user names them."""


@dataclass(frozen=True)
class ColumnMapping:
    """Columns that the user maps and sets.

    `start` and `unit` turn relative times (seconds, milliseconds or microseconds since the start of a trace)
    into instants; `time_format` reads times that are not ISO 8601, in the letters of strftime.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    start: datetime | None = None
    unit: str = "s"
    time_format: str = ""
    decimal: str = ""
    """The mark that parts decimals, where the file's own numbers are not to tell."""
    cached_tokens: str = ""
    """Whether they stand inside or outside the input, where the file's own counts are not to tell."""
    reasoning_tokens: str = ""
    """The same of the output."""

    def __bool__(self) -> bool:
        return bool(self.paths or self.constants)


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
    unknown = sorted(set(table) - {"map", "set", *SETTINGS})
    if unknown:
        raise UsageError(
            f"{path}: {unknown[0]} is not known; allowed are {', '.join(('map', 'set', *SETTINGS))}."
        )
    for section in ("map", "set"):
        if not isinstance(table.get(section, {}), dict):
            raise UsageError(f"{path}: [{section}] must be a table of column = value.")
    mapping = build_mapping(
        [f"{column}={value}" for column, value in table.get("map", {}).items()],
        [f"{column}={value}" for column, value in table.get("set", {}).items()],
        str(table.get("start", "")),
        str(table.get("unit", "s")),
        str(table.get("time_format", "")),
        str(table.get("decimal", "")),
        cached_tokens=str(table.get("cached_tokens", "")),
        reasoning_tokens=str(table.get("reasoning_tokens", "")),
    )
    return mapping, str(table.get("format", ""))


def build_mapping(
    maps: Iterable[str],
    constants: Iterable[str],
    start: str = "",
    unit: str = "s",
    time_format: str = "",
    decimal: str = "",
    *,
    cached_tokens: str = "",
    reasoning_tokens: str = "",
) -> ColumnMapping:
    """A mapping from `column=path` and `column=value` texts.

    Raises:
        UsageError: a text without '=', a column that does not exist, an impossible start or unit.
    """
    if unit not in UNITS:
        raise UsageError(f"{unit} is not a unit of time; allowed are {', '.join(UNITS)}.")
    if decimal not in ("", *DECIMAL_MARKS):
        raise UsageError(
            f"--decimal {decimal}: a point or a comma parts decimals; write --decimal , or --decimal ."
        )
    for name, place in (("cached_tokens", cached_tokens), ("reasoning_tokens", reasoning_tokens)):
        if place not in ("", *PLACES):
            raise UsageError(f"{name} {place}: they stand inside or outside; write one of the two.")
    return ColumnMapping(
        paths=dict(_pair(text, "--map", sorted(EXTRA)) for text in maps),
        constants=dict(_pair(text, "--set", []) for text in constants),
        start=_start(start),
        unit=unit,
        time_format=time_format,
        decimal=decimal,
        cached_tokens=cached_tokens,
        reasoning_tokens=reasoning_tokens,
    )


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
    )


def apply(
    field_mapping: FieldMapping, mapping: ColumnMapping, fields: Record, tags: tuple[str, ...]
) -> FieldMapping:
    """The field mapping of a format with the user's columns in it: a mapped field first, then a constant."""
    changes: dict[str, str] = {}
    for column, value in mapping.constants.items():
        said = field_mapping["timestamp"] if column == "timestamp" else NULL
        changes[_mapped_name(column)] = first_of(said, literal(value))
    for column, path in mapping.paths.items():
        name, sql = _mapped_name(column), _reach(path, fields, tags)
        fallback = changes.get(name, NULL)
        if name == "timestamp":
            sql = _instant(sql, mapping)
        if name == "latency_s":
            name, sql = "latency_ms", f"cast(try_cast({sql} as double) * 1000 as varchar)"
        changes[name] = first_of(sql, fallback)
    if mapping.start and "timestamp" not in mapping.paths:
        raise UsageError(
            "--start counts times from a moment; name the field of the time with --map timestamp=FIELD."
        )
    if TOKENS & changes.keys():
        changes |= {"convention": "'unknown'", "reasoning_convention": "'unknown'"}
    apart = {APART[column]: "'exclusive'" for column in mapping.paths if column in APART}
    changes |= apart | _stated(mapping)
    if mapping.paths.get("parent_id"):
        changes["span"] = changes.get("call_id", field_mapping["call_id"])
    return field_mapping.changed(**changes)


def _stated(mapping: ColumnMapping) -> dict[str, str]:
    said = {"convention": mapping.cached_tokens, "reasoning_convention": mapping.reasoning_tokens}
    return {name: PLACES[place] for name, place in said.items() if place}


def _instant(sql: str, mapping: ColumnMapping) -> str:
    if mapping.start:
        base = literal(mapping.start.isoformat(sep=" "))
        micros = f"try_cast(round(try_cast({sql} as double) * {UNITS[mapping.unit]}) as bigint)"
        moment = f"cast({base} as timestamp) + to_microseconds({micros})"
    elif mapping.time_format:
        moment = f"try_strptime({sql}, {literal(mapping.time_format)})"
    else:
        return sql
    # What cannot be read stays as it is, so that it is counted as a bad time.
    return f"coalesce(cast(try({moment}) as varchar), {sql})"


def _reach(path: str, fields: Record, tags: tuple[str, ...]) -> str:
    if path.startswith(TAG):
        return in_tags(fields, fields.text(*tags), path.removeprefix(TAG))
    keys = path.split(".")
    reached = [fields.text(path), fields.text(*keys)]
    # A key on the way may hold an object written as text.
    reached += [fields.within(*keys[:cut]).text(*keys[cut:]) for cut in range(1, len(keys))]
    # And a key within an object may have dots of its own, as the attributes of spans do.
    reached += [fields.text(*keys[:cut], ".".join(keys[cut:])) for cut in range(1, len(keys) - 1)]
    reached += [fields.within(*keys[:cut]).text(".".join(keys[cut:])) for cut in range(1, len(keys) - 1)]
    return first_of(*reached)


def _mapped_name(column: str) -> str:
    return EXTRA.get(column, mapped_name(column))


def _pair(text: str, flag: str, extra: list[str]) -> tuple[str, str]:
    column, found, value = text.partition("=")
    column = column.strip()
    if not found or not value:
        raise UsageError(f"{flag} {text}: write {flag} column={'path' if flag == '--map' else 'value'}.")
    allowed = [name for name in COLUMN_NAMES if name not in OURS] + extra
    if column not in allowed:
        raise UsageError(f"{flag} {text}: {column} is not a column; allowed are {', '.join(allowed)}.")
    return column, value


def _start(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = isoparse(text)
    except ValueError:
        raise UsageError(
            f"--start {text} is not an ISO date; write for example 2026-01-31T08:00:00Z."
        ) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
