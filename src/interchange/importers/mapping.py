"""What the user says about a file, as the SQL of its field mapping: which field is which column, what holds for all.

`--map column=path` names a field (a path of keys joined by dots), `--map column=tag:prefix` the tag `prefix:value` in
the file's list of tags, `--set column=value` a constant; `--keep` and `--drop` choose records by their own fields.
How this is written in flags and files is said in `mapping_text`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from calls.filters import zone_of
from foundation.outcome import UsageError
from foundation.sql_text import literal
from interchange.importers.field_mapping import FieldMapping, mapped_name
from interchange.importers.field_sql import NULL, first_of, listed
from interchange.importers.fields import Record
from interchange.importers.tagged import in_tags
from interchange.importers.time_zones import doubt_sql, in_zone_sql

EXTRA = {
    "end_time": "ended",
    "total_tokens": "total",
    "latency_s": "latency_s",
    "uncached_input_tokens": "input",
    "text_output_tokens": "output",
    "currency": "currency",
}
"""What can be mapped beside our columns."""
APART = {"uncached_input_tokens": "convention", "text_output_tokens": "reasoning_convention"}
"""Counts without their parts, which are counted beside them."""
UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
TAG = "tag:"
PLACES = {"inside": "'own'", "outside": "'exclusive'"}
"""Where cached or reasoning tokens stand, as the user says it, and the convention that holds whatever the data say."""
TOKENS = {"input", "output", "cached", "write", "reasoning"}
"""Counts of which nothing is known where the user names them."""
NOT_KEPT, DROPPED = "not_kept", "dropped"
"""Why a record is left out by its own fields; the field follows behind a colon."""


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
    timezone: str = ""
    """The zone of times that name none, by its name of IANA; '' is UTC."""
    records: str = ""
    """The path of the list that holds the records of a JSON document."""
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields of the source, and the values of which each must have one; '' is an empty or missing one."""
    dropped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields of the source, and the values that leave a record out."""

    def __bool__(self) -> bool:
        return bool(self.paths or self.constants)

    def named_fields(self) -> Iterator[tuple[str, str]]:
        """(flag, path) of each field of the source that is named, but for tags."""
        yield from (
            (f"--map {column}", path) for column, path in self.paths.items() if path[: len(TAG)] != TAG
        )
        yield from (("--keep", path) for path in self.kept)
        yield from (("--drop", path) for path in self.dropped)


def apply(
    field_mapping: FieldMapping, mapping: ColumnMapping, fields: Record, tags: tuple[str, ...]
) -> FieldMapping:
    """The field mapping of a format with the user's columns in it: a mapped field first, then a constant."""
    if mapping.start and "timestamp" not in mapping.paths:
        raise UsageError(
            "--start counts times from a moment; name the field of the time with --map timestamp=FIELD."
        )
    changes = _constants(field_mapping, mapping, fields)
    for column, path in mapping.paths.items():
        for name, sql in _mapped(_mapped_name(column), _reach(path, fields, tags), mapping, fields):
            changes[name] = first_of(sql, changes.get(name, NULL))
    if field_mapping["zone_doubt"] != NULL and "timestamp" not in mapping.paths:
        changes |= _own_time(
            field_mapping, changes.get("timestamp", field_mapping["timestamp"]), mapping, fields
        )
    if TOKENS & changes.keys():
        changes |= {"convention": "'unknown'", "reasoning_convention": "'unknown'"}
    apart = {APART[column]: "'exclusive'" for column in mapping.paths if column in APART}
    changes |= apart | _stated(mapping)
    if mapping.paths.get("parent_id"):
        changes["span"] = changes.get("call_id", field_mapping["call_id"])
    if mapping.kept or mapping.dropped:
        changes["skip"] = first_of(_chosen(mapping, fields, tags), field_mapping["skip"])
    return field_mapping.changed(**changes)


def _constants(field_mapping: FieldMapping, mapping: ColumnMapping, fields: Record) -> dict[str, str]:
    """What is set for all rows; a time holds where a record has none."""
    changes = {}
    for column, value in mapping.constants.items():
        said, constant = NULL, literal(value)
        if column == "timestamp":
            said, constant = field_mapping["timestamp"], _zoned(constant, mapping, fields)
        changes[_mapped_name(column)] = first_of(said, constant)
    return changes


def _mapped(name: str, sql: str, mapping: ColumnMapping, fields: Record) -> Iterator[tuple[str, str]]:
    """What a mapped field says: its column, and of a time what there is to say of its zone."""
    if name == "timestamp":
        sql = fields.named(_instant(sql, mapping))
        yield "zone_doubt", NULL if mapping.start else doubt_sql(sql, mapping.timezone)
    if name == "latency_s":
        yield "latency_ms", f"cast(try_cast({sql} as double) * 1000 as varchar)"
    else:
        yield name, _zoned(sql, mapping, fields) if name in ("timestamp", "ended") else sql


def _own_time(
    field_mapping: FieldMapping, sql: str, mapping: ColumnMapping, fields: Record
) -> dict[str, str]:
    """The time of a table by its own name, whose zone nothing documents."""
    return {
        "timestamp": _zoned(sql, mapping, fields),
        "zone_doubt": doubt_sql(field_mapping["timestamp"], mapping.timezone),
    }


def _zoned(sql: str, mapping: ColumnMapping, fields: Record) -> str:
    return fields.named(in_zone_sql(sql, mapping.timezone)) if mapping.timezone and sql != NULL else sql


def _chosen(mapping: ColumnMapping, fields: Record, tags: tuple[str, ...]) -> str:
    """SQL for why a record is left out by its own fields; NULL where it is not."""
    tests = []
    for flagged, reason, test in ((mapping.kept, NOT_KEPT, "not in"), (mapping.dropped, DROPPED, "in")):
        for path, values in flagged.items():
            value = f"coalesce(cleaned({_reach(path, fields, tags)}), '')"
            tests.append(f"when {value} {test} ({listed(values)}) then {literal(f'{reason}:{path}')}")
    return f"case {' '.join(tests)} end"


def _stated(mapping: ColumnMapping) -> dict[str, str]:
    said = {"convention": mapping.cached_tokens, "reasoning_convention": mapping.reasoning_tokens}
    return {name: PLACES[place] for name, place in said.items() if place}


def _instant(sql: str, mapping: ColumnMapping) -> str:
    if mapping.start:
        base = literal(_in_utc(mapping.start, mapping.timezone).isoformat(sep=" "))
        micros = f"try_cast(round(try_cast({sql} as double) * {UNITS[mapping.unit]}) as bigint)"
        moment = f"cast(cast({base} as timestamp) + to_microseconds({micros}) as varchar) || 'Z'"
    elif mapping.time_format:
        moment = f"try_strptime({sql}, {literal(mapping.time_format)})"
    else:
        return sql
    # What cannot be read stays as it is, so that it is counted as a bad time.
    return f"coalesce(cast(try({moment}) as varchar), {sql})"


def _in_utc(moment: datetime, timezone: str) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone_of(timezone or "UTC"))
    return aware.astimezone(UTC).replace(tzinfo=None)


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
