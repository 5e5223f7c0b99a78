"""The fields of parsed records by their paths: keys joined by dots, as `--map` takes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

DEPTH = 4


def flat(record: Mapping[str, Any], before: str = "", depth: int = DEPTH) -> Iterator[tuple[str, Any]]:
    """(path, value) of each field; lists are values, objects are gone into."""
    for key, value in record.items():
        if isinstance(value, dict) and value and depth > 1:
            yield from flat(value, f"{before}{key}.", depth - 1)
        else:
            yield f"{before}{key}", value


def columns_of(sample: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The values of each field of some records that are neither None nor blank, fields in their order."""
    found: dict[str, list[Any]] = {}
    for record in sample:
        for path, value in flat(record):
            values = found.setdefault(path, [])
            if value is not None and str(value).strip():
                values.append(value)
    return found


def reached(sample: Iterable[Mapping[str, Any]], paths: Iterable[str]) -> int:
    """How many of some paths lead to a value, or to an object, in some record."""
    known = {path for path, values in columns_of(sample).items() if values}
    return sum(any(each == path or each.startswith(f"{path}.") for each in known) for path in set(paths))
