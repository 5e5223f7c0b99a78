"""Which format a file has (`--format auto`): told by its content, never by its name."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from foundation.outcome import NoUsableData, UsageError
from interchange.importers import formats
from interchange.importers.aggregates import refusal
from interchange.importers.field_mapping import Format
from interchange.importers.formats import (
    table,
)
from interchange.importers.reading.containers import Container

PLAIN = ("csv", "jsonl", "parquet")
"""Names for `table`: what a user calls a file that no tool named."""


class UnknownFormat(UsageError):
    """Nothing tells what a file is. Its message names the fields, which in a file of something else can be anything."""


def sources() -> list[ModuleType]:
    """The modules of `interchange.importers.formats`, by name."""
    names = [found.name for found in iter_modules(formats.__path__) if not found.name.startswith("_")]
    return [import_module(f"{formats.__name__}.{name}") for name in sorted(names)]


FORMATS: tuple[Format, ...] = tuple(
    sorted((entry for source in sources() for entry in source.FORMATS), key=lambda entry: entry.precedence)
)
NAMES = ("auto", *sorted({entry.name for entry in FORMATS} - {table.FORMAT.name}), *PLAIN)


def choose(container: Container, sample: Sequence[dict[str, object]], wanted: str, *, mapped: bool) -> Format:
    """The format of a file: the one wanted, or the one its first records show.

    Raises:
        UsageError: the file holds totals, not calls.
        UnknownFormat: nothing tells what it is.
        NoUsableData: it has no records.
    """
    records = list(sample)
    # A mapping does not make calls of totals.
    if reason := refusal(records):
        raise UsageError(f"{container.name} {reason}.")
    if mapped and (wanted in PLAIN or (wanted == "auto" and not _recognised(records))):
        return table.FORMAT if table.recognise(records) else table.SOME_COLUMNS
    wanted = "auto" if wanted in PLAIN else wanted
    candidates = [entry for entry in FORMATS if wanted in ("auto", entry.name)]
    found = next((entry for entry in candidates if entry.recognise(records)), None)
    if found:
        return found
    if not any(records):
        raise NoUsableData(f"{container.name} has no records; export it again.")
    if wanted != "auto":
        raise UsageError(f"{container.name} does not look like {wanted}; leave --format out, or see --help.")
    raise UnknownFormat(
        f"{container.name} is not of a known format; say which fields hold what a call needs: --map timestamp=FIELD "
        f"--map input_tokens=FIELD --map output_tokens=FIELD --map model=FIELD, or --set model=NAME where no field "
        f"holds it (its fields: {', '.join(list(records[0])[:12])})."
    )


def _recognised(records: list[dict[str, object]]) -> bool:
    return any(entry.recognise(records) for entry in FORMATS)
