"""Finds the records of JSON that keeps them under a key of its own: the one list that is what the import looks for.

A list is looked for only where the records as they stand are of no known format, and, with a mapping, where they have
fewer of its fields than the list. Where several lists are alike, the user is asked.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foundation.outcome import UsageError
from foundation.places import typed as typed_command
from interchange.importers.aggregates import refusal
from interchange.importers.detection import FORMATS
from interchange.importers.mapping import ColumnMapping
from interchange.importers.reading.containers import LISTS_NAMED, Container, at_path, lists_in
from interchange.importers.reading.flat_fields import reached
from interchange.importers.suggested_mapping import suggested

SCRIPT = "src/import_usage.py"


def with_records(container: Container, mapping: ColumnMapping, folder: Path) -> Container:
    """A file with its records at the top: as they stand, or taken from the list that holds them.

    Raises:
        UsageError: the user names a list that is not there, or several lists may be meant.
    """
    if mapping.records:
        return at_path(container, folder, mapping.records)
    sample = list(container.sample)
    if _is_known(sample):
        return container
    least = _fitness(sample, mapping)
    scored = [(_fitness(each.sample, mapping), each) for each in lists_in(container)]
    most = max((score for score, _ in scored), default=0)
    best = [each for score, each in scored if score == most]
    if most <= least:
        return container
    if len(best) > 1:
        said = ", ".join(f"--records {each.path} ({each.records:,} records)" for each in best)
        raise UsageError(
            f"{container.name} has several lists that may be its calls; say which one is: {said}."
        )
    return at_path(container, folder, best[0].path)


def advice(container: Container, mapping: ColumnMapping, typed: Sequence[str]) -> str:
    """What to do with a file of no known format: the command that imports it, where names say it, else its lists.

    `typed` are the flags that the user gave.
    """
    given = {*mapping.paths, *mapping.constants}
    lists = [] if mapping.records else lists_in(container)
    places = [("", list(container.sample)), *((each.path, each.sample) for each in lists)]
    found = [(path, maps) for path, sample in places if (maps := suggested(sample, given))]
    if len(found) == 1 and container.name != "-":
        path, maps = found[0]
        flags = [word for entry in maps for word in ("--map", entry)] + ["--records", path] * bool(path)
        name = f"./{container.name}" if container.name.startswith("-") else container.name
        return f"Its fields suggest:\n{typed_command(SCRIPT, [name, *flags, *typed])}"
    said = ", ".join(f"--records {each.path} ({each.records:,})" for each in lists[:LISTS_NAMED])
    return f"It has lists of objects that --records can name: {said}." if said else ""


def _is_known(sample: list[dict[str, Any]]) -> bool:
    return bool(refusal(sample)) or any(entry.recognise(sample) for entry in FORMATS)


def _fitness(sample: list[dict[str, Any]], mapping: ColumnMapping) -> int:
    """How many mapped fields some records have; without a mapping, whether they are of a known format."""
    paths = [path for _, path in mapping.named_fields()]
    return reached(sample, paths) if paths else int(_is_known(sample))
